from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from visualdiff import Settings
from visualdiff.api import load_image
from visualdiff.colour import measure_colour_difference
from visualdiff.noise import judge_noise
from visualdiff.perceived import Perceived
from visualdiff.perception import perceive
from visualdiff.rasterising import Explained
from visualdiff.tiles import find_differing_pixels

CASES = Path(__file__).parent / "cases"
SIDES = ("baseline", "candidate")
PAIRS = [
    "should_match/text-rasterised-anew",
    "should_match/picture-encoded-again",
    "should_match/icon-a-quarter-of-a-pixel-further",
    "should_fail/corners-squared-on-a-page-rasterised-anew",
    "should_fail/all-text-a-little-bluer",
    "should_fail/rasterised-anew-with-another-digit",
    "should_fail/one-digit",
]


def judge(
    pair: str, *, opaque: bool = True, **chosen: object
) -> tuple[Perceived, Perceived, Explained | None]:
    """Return what is visible at first, and what after noise was judged."""
    settings = Settings(**chosen)  # type: ignore[arg-type]  # what a test chose, by name
    sides = (load_image(CASES / pair / f"{side}.png") for side in ("baseline", "candidate"))
    baseline, candidate = sides
    differing = find_differing_pixels(baseline, candidate)
    first = perceive(baseline, candidate, differing, settings)
    return first, *judge_noise(
        (baseline, candidate), first, differing.rows, settings, opaque=opaque
    )


@pytest.mark.parametrize("pair", PAIRS)
def test_each_differing_pixel_is_either_visible_or_counted_once(pair: str) -> None:
    first, left, _ = judge(pair)
    differing = first.visible.pixels | first.ignored
    assert np.array_equal(left.visible.pixels | left.ignored, differing)
    assert not (left.visible.pixels & left.ignored).any()
    assert np.array_equal(left.visible.rows, left.visible.pixels.any(axis=1))
    assert left.counts.total == np.count_nonzero(left.ignored)
    told = {reason for reason, pixels in asdict(left.counts).items() if pixels}
    assert set(left.largest) == told


def test_the_largest_difference_told_is_of_what_stayed_ignored() -> None:
    baseline, candidate = (load_image(CASES / PAIRS[3] / f"{side}.png") for side in SIDES)
    _, left, explained = judge(PAIRS[3])
    assert explained is not None
    rasterised = explained.pixels & left.ignored
    differences = measure_colour_difference(baseline[rasterised], candidate[rasterised])
    assert left.largest["rasterising"] == float(differences.max())


def test_each_kind_of_noise_is_counted_under_its_own_reason() -> None:
    first, anew, explained = judge(PAIRS[0])
    assert explained is not None
    assert anew.counts.rasterising == np.count_nonzero(explained.pixels) > 1000
    first, grain, explained = judge(PAIRS[1])
    assert explained is None
    assert grain.counts.tolerance == first.counts.tolerance
    assert grain.counts.grain > 0 == first.counts.grain
    first, redrawn, explained = judge(PAIRS[2])
    assert explained is None
    assert redrawn.counts.antialiasing > first.counts.antialiasing


def test_corners_are_restored_on_a_page_rasterised_anew() -> None:
    _, left, explained = judge(PAIRS[3])
    assert explained is not None
    assert left.visible.rows.any()
    assert left.counts.rasterising <= np.count_nonzero(explained.pixels)


@pytest.mark.parametrize("pair", [PAIRS[0], PAIRS[2], PAIRS[4]])
def test_nothing_is_taken_for_redrawn_where_it_shall_not_be(pair: str) -> None:
    for chosen in ({"antialiasing": "count"}, {"opaque": False}):
        first, left, explained = judge(pair, **chosen)
        assert explained is None
        assert left.counts.rasterising == 0
        assert left.counts.antialiasing == first.counts.antialiasing


def test_without_tolerance_there_is_no_grain() -> None:
    first, left, _ = judge(PAIRS[1], tolerance=0.0)
    assert left.counts.tolerance == first.counts.tolerance == left.counts.grain == 0
