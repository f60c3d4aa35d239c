"""The assertion for unittest and other runners: a function, and one report for a process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from drawing import draw_png
from jsonschema import Draft202012Validator

from visualdiff.errors import BaselineNameError, ConfigError, UnsupportedImageError
from visualdiff.model import Status
from visualdiff.report.results import load_results_schema
from visualdiff.testing import assert_images_match

BLUE, GREEN = draw_png(), draw_png((37, 160, 60))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("VISUALDIFF_UPDATE", raising=False)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "home.png").write_bytes(BLUE)
    return tmp_path


def read_results(folder: Path) -> list[dict[str, Any]]:
    document = json.loads((folder / "results.json").read_text("utf-8"))
    Draft202012Validator(load_results_schema()).validate(document)
    results: list[dict[str, Any]] = document["results"]
    return results


def complain(*arguments: Any, **settings: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_images_match(*arguments, **settings)
    return str(caught.value)


def test_an_image_that_matches_passes_and_says_how() -> None:
    result = assert_images_match(BLUE, "old/home.png", threshold=1)
    assert result.status is Status.PASSED
    assert result.comparison
    assert result.comparison.threshold == 1


def test_a_baseline_may_lie_beside_the_report(folder: Path) -> None:
    (folder / "home.png").write_bytes(BLUE)
    assert assert_images_match(BLUE, "home.png").status is Status.PASSED


def test_an_image_that_differs_fails_with_all_that_is_needed(folder: Path) -> None:
    message = complain(GREEN, Path("old/home.png"))
    assert message.startswith("home.png differs from its baseline: ")
    assert "accept:    run it again with VISUALDIFF_UPDATE=changed" in message
    assert (folder / "visualdiff-report" / "index.html").is_file()
    assert (folder / "old" / "home.png").read_bytes() == BLUE


def test_a_missing_baseline_fails_and_names_the_way_to_accept_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "VISUALDIFF_UPDATE=missing" in complain(BLUE, "old/menu.png")
    monkeypatch.setenv("VISUALDIFF_UPDATE", "missing")
    assert assert_images_match(BLUE, "old/menu.png").updated
    assert Path("old/menu.png").read_bytes() == BLUE


def test_the_report_holds_all_that_was_compared_before(folder: Path) -> None:
    assert_images_match(BLUE, "old/home.png", report="all")
    complain(GREEN, "old/home.png", report="all")
    complain(GREEN, "old/menu.png", report="all")
    results = read_results(folder / "all")
    assert [(item["test"], item["status"]) for item in results] == [
        ("call 1", "passed"),
        ("call 2", "failed"),
        ("call 3", "new"),
    ]


def test_a_configuration_counts_less_than_the_call(folder: Path) -> None:
    (folder / "lax.yaml").write_text("max_diff_pixels: 9999\nthreshold: 0\n")
    assert assert_images_match(GREEN, "old/home.png", config="lax.yaml").settings
    complain(GREEN, "old/home.png", config="lax.yaml", max_diff_pixels=0)


@pytest.mark.parametrize("mode", ["missing", "changed", "all"])
def test_baselines_are_not_rewritten_in_ci(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("CI", "true")
    assert assert_images_match(BLUE, "old/home.png").status is Status.PASSED
    monkeypatch.setenv("VISUALDIFF_UPDATE", mode)
    with pytest.raises(ConfigError, match="VISUALDIFF_UPDATE is refused, as CI is set"):
        assert_images_match(GREEN, "old/home.png")
    assert Path("old/home.png").read_bytes() == BLUE


def test_wrong_words_are_told_without_our_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="only the pytest fixture") as caught:
        assert_images_match(BLUE, "old/home.png", soft=True)
    assert len(caught.traceback) == 2  # the call, and what it calls
    with pytest.raises(BaselineNameError):
        assert_images_match(BLUE, "old/.home.png")
    with pytest.raises(UnsupportedImageError):
        assert_images_match(None, "old/home.png")
    monkeypatch.setenv("VISUALDIFF_UPDATE", "yes")
    with pytest.raises(ConfigError, match="got 'yes', wanted none or missing or changed or all"):
        assert_images_match(BLUE, "old/home.png")


SUITE = """
import unittest
from visualdiff.testing import assert_images_match

class Pages(unittest.TestCase):
    def test_home(self):
        with open("home.png", "rb") as file:
            assert_images_match(file.read(), "old/home.png")

    def test_menu(self):
        assert_images_match("green.png", "old/home.png")
"""


def test_unittest_shows_the_test_and_the_message_and_none_of_our_frames(folder: Path) -> None:
    (folder / "home.png").write_bytes(BLUE)
    (folder / "green.png").write_bytes(GREEN)
    (folder / "test_pages.py").write_text(SUITE)
    command = [sys.executable, "-m", "unittest", "test_pages"]

    def run(**variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, env=os.environ | variables, capture_output=True, text=True, check=False
        )

    failed = run()
    assert failed.returncode == 1
    assert "FAILED (failures=1)" in failed.stderr
    assert "AssertionError: home.png differs from its baseline" in failed.stderr
    assert failed.stderr.count('  File "') == 1
    (passed, differs) = read_results(folder / "visualdiff-report")
    assert (passed["status"], differs["status"]) == ("passed", "failed")
    accepted = run(VISUALDIFF_UPDATE="changed")
    assert accepted.returncode == 0, accepted.stderr
    assert (folder / "old" / "home.png").read_bytes() == GREEN


def test_the_type_of_the_fixture_is_there_for_annotations() -> None:
    import visualdiff.testing
    from visualdiff.testing.fixture import AssertImagesMatch

    assert visualdiff.testing.AssertImagesMatch is AssertImagesMatch
    with pytest.raises(AttributeError, match="no attribute 'AssertImages'"):
        visualdiff.testing.AssertImages  # noqa: B018


@pytest.mark.parametrize("name", ["baseline", "report"])
def test_a_url_is_refused(name: str) -> None:
    places = {"baseline": "old/home.png", "report": "out", name: "s3://bucket/home.png"}
    with pytest.raises(ConfigError, match=f"^{name}: got s3://bucket/home.png, wanted a path"):
        assert_images_match(BLUE, **places)
