"""What all tests of a session share: where the configuration is, and which settings count."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from visualdiff.errors import ConfigError, ReportError
from visualdiff.testing.project import Project, choose_settings, load_project

FILE = """
threshold: 0.91
max_diff_pixels: 10
overrides:
  - {match: "shop/**", threshold: 0.92, max_diff_pixels: 20}
  - {match: "shop/cart.png", preset: lenient}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "visualdiff.yaml").write_text(FILE)
    return tmp_path


def test_nothing_needs_to_be_configured(tmp_path: Path) -> None:
    config = load_project(tmp_path).config
    assert config.baselines == tmp_path / "baselines"
    assert config.candidates == tmp_path / "visualdiff-report" / "candidates"
    assert choose_settings(load_project(tmp_path), "home.png", []).threshold == 0.99


def test_candidates_come_from_tests_whatever_the_file_says(folder: Path) -> None:
    (folder / "visualdiff.yaml").write_text("candidates: shots\nreport: out\nbaselines: old\n")
    config = load_project(folder).config
    assert config.candidates == folder / "out" / "candidates"
    assert config.baselines == folder / "old"


def test_another_file_is_named_and_must_exist(folder: Path) -> None:
    other = folder / "other.yaml"
    with pytest.raises(ConfigError, match=r"other.yaml: cannot be read"):
        load_project(folder, other)
    other.write_text("threshold: 0.5\n")
    assert load_project(folder, other).config.threshold == 0.5


def test_mistakes_of_the_file_are_told_with_their_places(folder: Path) -> None:
    (folder / "visualdiff.yaml").write_text("thresold: 1\n")
    with pytest.raises(ConfigError, match=r"visualdiff.yaml:1:1: thresold: unknown key"):
        load_project(folder)


@pytest.mark.parametrize(
    ("name", "changes", "layers", "wanted"),
    [
        ("home.png", {}, [], 0.91),
        ("shop/menu.png", {}, [], 0.92),
        ("shop/menu.png", {"threshold": 0.93}, [], 0.93),
        ("shop/menu.png", {"threshold": 0.93}, [{"threshold": 0.94}], 0.94),
        ("shop/menu.png", {"threshold": 0.93}, [{"threshold": 0.94}, {"threshold": 0.95}], 0.95),
        ("shop/menu.png", {}, [{"threshold": 0.94}, {}], 0.94),
    ],
)
def test_what_is_nearer_to_the_call_counts_more(
    folder: Path,
    name: str,
    changes: Mapping[str, object],
    layers: list[Mapping[str, object]],
    wanted: float,
) -> None:
    assert choose_settings(load_project(folder, None, changes), name, layers).threshold == wanted


def choose(folder: Path, changes: Mapping[str, object], *layers: Mapping[str, object]) -> object:
    settings = choose_settings(load_project(folder, None, changes), "shop/cart.png", layers)
    return settings.preset, settings.tolerance, settings.max_diff_pixels


def test_a_preset_takes_back_what_layers_below_it_have_set(folder: Path) -> None:
    assert choose(folder, {}) == ("lenient", 2.0, None)
    assert choose(folder, {"preset": "strict"}) == ("strict", 0.0, None)
    assert choose(folder, {"preset": "strict"}, {"tolerance": 3}) == ("strict", 3.0, None)
    assert choose(folder, {"preset": "strict"}, {"tolerance": 3}, {"preset": "default"}) == (
        ("default", 1.0, None)
    )
    both = {"preset": "strict", "max_diff_pixels": 7}
    assert choose(folder, {}, both) == ("strict", 0.0, 7)


def test_paths_of_a_call_are_relative_to_the_configuration(folder: Path) -> None:
    project = load_project(folder)
    chosen = choose_settings(project, "home.png", [{"mask_images": ["mask.png"]}])
    assert chosen.mask_images == (folder / "mask.png",)


def test_all_mistakes_of_a_call_are_told(folder: Path) -> None:
    wrong = {"thresold": 1, "max_diff_pixels": -1}
    with pytest.raises(ConfigError) as caught:
        choose_settings(load_project(folder), "home.png", [wrong])
    assert caught.value.mistakes == (
        "max_diff_pixels: got -1, wanted at least 0",
        "thresold: unknown key, did you mean `threshold`?",
    )


def block(path: Path) -> Path:
    """Make a file where a folder would have to be."""
    path.write_text("a file")
    return path / "report"


def load(folder: Path, report: Path, substitute: Path | None = None) -> Project:
    return load_project(folder, None, {"report": report}, substitute=substitute)


def test_a_report_that_cannot_be_written_goes_elsewhere_and_says_so(tmp_path: Path) -> None:
    blocked, other = block(tmp_path / "blocked"), tmp_path / "other"
    project = load(tmp_path, blocked, other)
    assert project.config.report == other
    assert project.config.candidates == other / "candidates"
    assert str(blocked) in project.warning
    assert project.warning.endswith(f"; it is in {other} instead")
    assert other.is_dir()


def test_a_report_that_can_be_written_nowhere_is_an_error(tmp_path: Path) -> None:
    blocked = block(tmp_path / "blocked")
    with pytest.raises(ReportError, match="blocked"):
        load(tmp_path, blocked)
    with pytest.raises(ReportError, match="blocked"):
        load(tmp_path, blocked, blocked.parent / "too")


def test_a_report_never_replaces_something_else(tmp_path: Path) -> None:
    (tmp_path / "visualdiff-report").mkdir()
    (tmp_path / "visualdiff-report" / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="was not written by visualdiff"):
        load_project(tmp_path, substitute=tmp_path / "other")
