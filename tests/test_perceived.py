"""Visible pixels that are ignored for one more reason."""

import numpy as np

from visualdiff.colour import measure_colour_difference
from visualdiff.model import IgnoredPixels
from visualdiff.perceived import Perceived
from visualdiff.tiles import PixelMask, make_empty_mask, make_sparse


def make_visible(pixels: PixelMask) -> Perceived:
    nothing = make_empty_mask(pixels.shape)
    return Perceived(make_sparse(pixels), nothing, nothing, IgnoredPixels(masked=1), {})


def test_ignoring_moves_pixels_and_keeps_count() -> None:
    chosen = np.random.default_rng(1).random((150, 700)) < 0.1
    found = make_visible(np.ones_like(chosen)).ignore(chosen, "small")
    assert found.counts == IgnoredPixels(masked=1, small=int(chosen.sum()))
    assert np.array_equal(found.ignored, chosen)
    assert not found.antialiased.any()
    assert np.array_equal(found.visible.pixels, ~chosen)
    assert np.array_equal(found.visible.rows, (~chosen).any(axis=1))


def test_what_is_ignored_as_anti_aliasing_is_known_as_such() -> None:
    chosen = np.eye(5, dtype=np.bool_)
    found = make_visible(np.ones_like(chosen)).ignore(chosen, "antialiasing")
    assert np.array_equal(found.antialiased, chosen)


def test_the_largest_difference_is_that_of_the_ignored_pixels() -> None:
    rng = np.random.default_rng(2)
    baseline, candidate = rng.integers(0, 256, (2, 150, 700, 3), np.uint8)
    chosen = rng.random((150, 700)) < 0.01
    differences = measure_colour_difference(baseline[chosen], candidate[chosen])
    found = make_visible(np.ones_like(chosen)).ignore(chosen, "small")
    measured = found.measure(chosen, "small", (baseline, candidate))
    assert measured.largest == {"small": float(differences.max())}


def test_ignoring_nothing_changes_nothing() -> None:
    nothing = make_empty_mask((5, 5))
    start = make_visible(np.eye(5, dtype=np.bool_))
    images = np.zeros((5, 5, 1), np.uint8), np.ones((5, 5, 1), np.uint8)
    assert start.ignore(nothing, "rasterising") is start
    assert start.measure(nothing, "rasterising", images) is start
