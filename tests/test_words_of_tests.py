"""What a tester reads of a result, without opening anything."""

from dataclasses import replace
from pathlib import Path

import pytest
from drawing import BLUE_600, Box, draw, rectangle

from visualdiff.images import encode_png
from visualdiff.model import PairResult, Region, RegionKind
from visualdiff.testing.judging import Judge
from visualdiff.testing.project import choose_settings, load_project
from visualdiff.testing.words import (
    describe_region,
    explain_failure,
    explain_failures,
    show_path,
)

BOXES: tuple[Box, ...] = tuple((20 + 100 * number, 40, 40, 30) for number in range(5))
PAGE = encode_png(draw(*(rectangle(*box, (90, 90, 90)) for box in BOXES)))
OTHER = encode_png(draw(*(rectangle(*box, BLUE_600) for box in BOXES)))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "baselines").mkdir()
    return tmp_path


def judge(baseline: bytes | None, candidate: bytes, **settings: object) -> PairResult:
    if baseline is not None:
        Path("baselines/home.png").write_bytes(baseline)
    project = load_project(Path.cwd())
    chosen = choose_settings(project, "home.png", [settings])
    judge = Judge(config=project.config, name="home.png", settings=chosen, update="none")
    return judge.judge(candidate, None, 0)


def explain(result: PairResult, *, verbose: bool = False) -> list[str]:
    text = explain_failure(result, load_project(Path.cwd()).config, "ACCEPT", verbose=verbose)
    return [line.strip() for line in text.splitlines()]


def test_a_difference_is_told_in_few_lines() -> None:
    lines = explain(judge(PAGE, OTHER))
    assert lines[0].startswith("home.png differs from its baseline: ")
    assert "6,000 px differ visibly" in lines[0]
    assert [line.partition(" ")[0] for line in lines[1:]] == [
        *("region", "region", "region", "and"),
        *("baseline:", "candidate:", "diff:", "report:", "accept:"),
    ]
    assert lines[1] == "region 1: recoloured #5a5a5a → #2563eb, 40×30 px at (20, 40)"
    assert lines[4] == "and 2 more: all with -v, or in the report"
    assert lines[-1] == "accept:    ACCEPT"


def test_the_score_of_the_worst_channel_and_the_threshold_are_always_told() -> None:
    below = explain(judge(PAGE, OTHER, threshold=0.9999))
    assert "score 0.9658 < threshold 0.9999 (blue)" in below[0]
    above = explain(judge(PAGE, OTHER, threshold=0.1))
    assert "score 0.9658 (blue), wanted ≥ 0.1" in above


def test_the_differing_pixels_are_told_even_if_they_are_not_the_reason() -> None:
    lines = explain(judge(PAGE, OTHER, max_diff_pixels=9999, threshold=1))
    assert "6,000 px differ visibly" in lines


def test_a_number_of_pixels_is_not_taken_for_the_end_of_another_one() -> None:
    failed = judge(PAGE, OTHER)
    assert failed.comparison
    few = replace(failed, comparison=replace(failed.comparison, diff_pixels=0))
    assert "0 px differ visibly" in explain(few)


def test_all_is_told_if_that_is_asked_for() -> None:
    lines = explain(
        judge(PAGE, OTHER, masks=[{"x": 0, "y": 0, "width": 9, "height": 9}]), verbose=True
    )
    assert sum(line.startswith("region ") for line in lines) == 5
    assert not any(line.startswith("and ") for line in lines)
    assert sum(line.endswith("with nothing ignored") for line in lines) == 3
    assert any("mask" in line for line in lines)


def test_the_files_that_are_told_are_there() -> None:
    lines = explain(judge(PAGE, OTHER))
    places = dict(line.split(maxsplit=1) for line in lines if line.partition(" ")[0].endswith(":"))
    for label in ("baseline:", "candidate:", "diff:"):
        assert Path(places[label]).is_file(), label
    assert places["report:"] == "visualdiff-report/index.html"


def test_a_missing_baseline_is_told_with_the_way_to_accept_it() -> None:
    lines = explain(judge(None, PAGE))
    assert lines == [
        "home.png has no baseline",
        "candidate: visualdiff-report/candidates/home.png",
        "report:    visualdiff-report/index.html",
        "accept:    ACCEPT",
    ]


def test_an_error_is_told_with_no_way_to_accept_it() -> None:
    lines = explain(judge(PAGE[:100], PAGE))
    assert lines[0].startswith("home.png could not be compared: baseline cannot be compared: PNG")
    assert not any(line.startswith("accept:") for line in lines)


def test_warnings_are_told_too() -> None:
    result = replace(judge(None, PAGE), warnings=("did not come to rest",))
    assert "warning: did not come to rest" in explain(result)


def test_soft_failures_are_counted() -> None:
    assert explain_failures(["a", "b"], 3) == "2 of 3 images do not match (soft)\na\nb"
    assert explain_failures(["a"], 2) == "1 of 2 images does not match (soft)\na"
    assert explain_failures(["a"], 1) == "1 image does not match (soft)\na"


def test_a_region_that_only_the_baseline_has_is_told_so() -> None:
    region = Region(
        x=1,
        y=2,
        width=3,
        height=4,
        diff_pixels=5,
        kind=RegionKind.REMOVED_ROWS,
        space="baseline",
        channel="red",
        description="4 rows removed",
    )
    assert describe_region(region) == "4 rows removed, 3×4 px at (1, 2) of the baseline"


def test_paths_are_as_short_as_they_can_be(folder: Path) -> None:
    assert show_path(folder / "a" / ".." / "b.png") == "b.png"
    assert show_path(folder.parent / "b.png") == str(folder.parent / "b.png")
