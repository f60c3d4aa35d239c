"""Baselines that no test has used."""

from pathlib import Path

import pytest

from visualdiff.errors import BaselineError
from visualdiff.model import PairResult, Status
from visualdiff.settings import Config
from visualdiff.testing.project import load_project
from visualdiff.testing.unused import delete_baselines, find_unused


@pytest.fixture
def config(tmp_path: Path) -> Config:
    config = load_project(tmp_path).config
    for name in ("shop/cart.png", "home.png", "notes.txt", ".hidden.png"):
        path = config.baselines / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"any")
    return config


def use(name: str) -> PairResult:
    return PairResult(name=name, status=Status.PASSED, reasons=(), baseline=None, candidate=None)


def test_images_that_no_result_names_are_unused(config: Config) -> None:
    home, cart = config.baselines / "home.png", config.baselines / "shop" / "cart.png"
    assert find_unused(config, []) == [home, cart]
    assert find_unused(config, [use("home.png")]) == [cart]
    assert find_unused(config, [use("home.png"), use("shop/cart.png")]) == []


def test_what_the_configuration_leaves_out_is_not_judged(tmp_path: Path, config: Config) -> None:
    (tmp_path / "visualdiff.yaml").write_text("exclude: [shop/**]\n")
    found = find_unused(load_project(tmp_path).config, [])
    assert found == [config.baselines / "home.png"]


def test_where_there_are_no_baselines_none_is_unused(tmp_path: Path) -> None:
    assert find_unused(load_project(tmp_path).config, [use("home.png")]) == []


def test_baselines_are_deleted_and_nothing_else(config: Config) -> None:
    delete_baselines([config.baselines / "home.png"])
    left = {path.name for path in config.baselines.rglob("*") if path.is_file()}
    assert left == {"cart.png", "notes.txt", ".hidden.png"}


def test_a_baseline_that_cannot_be_deleted_is_told_with_its_path(config: Config) -> None:
    with pytest.raises(BaselineError, match=r"shop cannot be deleted: [A-Z]"):
        delete_baselines([config.baselines / "shop"])
