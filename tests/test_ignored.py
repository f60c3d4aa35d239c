"""What was ignored, in words."""

from dataclasses import replace

import numpy as np
import pytest

from visualdiff import compare_images
from visualdiff.ignored import format_delta_e, list_ignored, sum_up_ignored
from visualdiff.model import Comparison, IgnoredPixels, PairResult, Status


@pytest.fixture
def comparison() -> Comparison:
    image = np.zeros((20, 20, 3), np.uint8)
    return compare_images(image, image)


def describe(name: str, comparison: Comparison | None) -> PairResult:
    return PairResult(
        name=name,
        status=Status.PASSED,
        reasons=(),
        baseline=None,
        candidate=None,
        comparison=comparison,
    )


def test_each_reason_is_told_with_its_largest_difference(comparison: Comparison) -> None:
    assert list_ignored(comparison) == []
    found = replace(
        comparison,
        ignored_pixels=IgnoredPixels(masked=3, antialiasing=1204, small=2),
        largest_ignored={"antialiasing": 4.13, "small": 60.0},
    )
    assert list_ignored(found) == [
        "3 px under masks ignored",
        "1,204 px of anti-aliasing ignored, largest ΔE 4.1",
        "2 px in places too small to count ignored, largest ΔE 60.0",
    ]
    assert list_ignored(found, verb="")[1] == "1,204 px of anti-aliasing, largest ΔE 4.1"


def test_a_run_is_summed_up_in_a_line(comparison: Comparison) -> None:
    some = replace(comparison, ignored_pixels=IgnoredPixels(tolerance=1000, small=2))
    more = replace(comparison, ignored_pixels=IgnoredPixels(tolerance=500))
    items = [describe("a", comparison), describe("b", None), describe("c", some)]
    assert sum_up_ignored(items[:2]) == ""
    words = "ignored in 1 pair: 1,000 px below the tolerance, 2 px in places too small to count"
    assert sum_up_ignored(items) == words
    assert sum_up_ignored([*items, describe("d", more)]).startswith(
        "ignored in 2 pairs: 1,500 px below the tolerance, "
    )


@pytest.mark.parametrize(
    ("value", "tolerance", "shown"),
    [
        (4.13, 1, "4.1"),
        (1.0, 1, "1.0"),
        (0.9996, 1, "1.0"),
        (1.04, 1, "1.04"),
        (1.0004, 1, "1.0004"),
        (0.97, 0.98, "0.97"),
        (0.02, 0, "0.02"),
        (0.0, 0, "0.0"),
        (1 + 1e-9, 1, "1.000000001"),
    ],
)
def test_a_difference_is_shown_on_its_side_of_the_tolerance(
    value: float, tolerance: float, shown: str
) -> None:
    assert format_delta_e(value, tolerance) == shown


def test_what_is_ignored_below_the_tolerance_never_exceeds_it() -> None:
    baseline = np.full((20, 20, 3), 200, np.uint8)
    candidate = baseline + np.uint8(2)
    largest = compare_images(baseline, candidate).largest_ignored["tolerance"]
    assert 0 < largest <= 1
    again = compare_images(baseline, candidate, tolerance=largest)
    assert again.passed
    assert again.largest_ignored == {"tolerance": largest}
