"""Several accepted baselines: which one is tried first, which one is closest, and the words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visualdiff import compare_images
from visualdiff.accepted import find_closest, list_choices, tell_baseline, warn_of_unreadable
from visualdiff.model import Comparison, Pair, PairResult, RegionKind, Status


def compare(square: int) -> Comparison:
    """Return the comparison of a white page with one that has a black square of this size."""
    page = np.full((60, 60, 3), 255, np.uint8)
    changed = page.copy()
    changed[10 : 10 + square, 10 : 10 + square] = 0
    return compare_images(page, changed)


def make_result(
    comparison: Comparison | None = None,
    *reasons: str,
    baseline: str | None = "old/a.png",
    alternates: tuple[str, ...] = (),
) -> PairResult:
    return PairResult(
        name="a.png",
        status=comparison.status if comparison else Status.ERROR,
        reasons=reasons,
        baseline=baseline,
        candidate="new/a.png",
        comparison=comparison,
        alternates=alternates,
    )


def test_each_baseline_is_a_choice_and_the_others_are_its_alternates(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.png", "a@2.png", "a@3.png")]
    pair = Pair(name="a", baseline=paths[0], candidate=tmp_path, alternates=tuple(paths[1:]))
    choices = list_choices(pair)
    assert [choice.baseline for choice in choices] == paths
    assert [choice.alternates for choice in choices] == [
        (paths[1], paths[2]),
        (paths[0], paths[2]),
        (paths[0], paths[1]),
    ]


def test_files_as_large_as_the_candidate_come_first(tmp_path: Path) -> None:
    sizes = {"a.png": 3, "a@2.png": 5, "a@4.png": 5, "new.png": 5}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)
    names = ("a@2.png", "gone.png", "a@4.png")
    pair = Pair(
        name="a",
        baseline=tmp_path / "a.png",
        candidate=tmp_path / "new.png",
        alternates=tuple(tmp_path / name for name in names),
    )
    tried = [choice.baseline.name for choice in list_choices(pair) if choice.baseline]
    assert tried == ["a@2.png", "a@4.png", "a.png", "gone.png"]


def test_the_closest_has_the_fewest_visible_pixels_and_what_passed_is_closer() -> None:
    far, near, passed = (make_result(compare(square)) for square in (20, 10, 0))
    broken = make_result(None, "baseline cannot be compared: empty")
    assert find_closest([far, near]) == 1
    assert find_closest([broken, far, near]) == 2
    assert find_closest([near, passed, far]) == 1
    assert find_closest([broken, broken]) == 0


def test_of_as_many_pixels_the_higher_score_is_closer() -> None:
    low = compare(10)
    high = replace(low, score=low.score + 0.001)
    assert find_closest([make_result(low), make_result(high)]) == 1
    assert find_closest([make_result(high), make_result(high)]) == 0


def test_inserted_rows_count_as_pixels() -> None:
    square = compare(10)
    band = replace(square.regions[0], kind=RegionKind.INSERTED_ROWS, diff_pixels=101)
    rows = replace(square, diff_pixels=0, regions=(band,))
    assert find_closest([make_result(rows), make_result(square)]) == 1


def test_only_what_is_wrong_with_other_baselines_is_warned_of() -> None:
    results = [
        make_result(compare(0), baseline="old/a.png"),
        make_result(compare(9), "score", baseline="old/a@2.png"),
        make_result(None, "baseline cannot be compared: empty", baseline="old/a@3.png"),
        make_result(
            None, "baseline cannot be compared: x", "candidate cannot be compared: y", baseline="b"
        ),
    ]
    assert list(warn_of_unreadable(results, 0)) == [
        "old/a@3.png: baseline cannot be compared: empty",
        "b: baseline cannot be compared: x",
    ]
    assert list(warn_of_unreadable(results[2:], 0)) == ["b: baseline cannot be compared: x"]


@pytest.mark.parametrize(
    ("comparison", "baseline", "others", "told"),
    [
        (0, "old/a.png", 0, ""),
        (9, "old/a.png", 0, ""),
        (0, None, 0, ""),
        (0, "old/linux/a.png", 0, ""),
        (0, "old/a-linux.png", 0, "matches old/a-linux.png"),
        (9, "old/a-linux.png", 0, "old/a-linux.png"),
        (0, "old/a.png", 2, "matches old/a.png, one of 3 baselines"),
        (9, "old/a@2.png", 2, "old/a@2.png, the closest of 3"),
        (None, "old/a@2.png", 1, "old/a@2.png, one of 2"),
    ],
)
def test_the_file_that_was_compared_is_told_where_the_name_does_not(
    comparison: int | None, baseline: str | None, others: int, told: str
) -> None:
    found = None if comparison is None else compare(comparison)
    result = make_result(found, baseline=baseline, alternates=("x",) * others)
    assert tell_baseline(result) == told
