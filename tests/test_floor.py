"""What stands out of a page's own noise."""

import numpy as np
import pytest
from drawing import draw_glyphs
from numpy.typing import NDArray

from visualdiff.blocks import BLOCK
from visualdiff.floor import find_standing_out
from visualdiff.tiles import PixelMask

Levels = NDArray[np.uint8]


def draw_noise(amount: float) -> tuple[Levels, Levels]:
    """Draw a page, and the same with its ink fainter by a share that differs a little."""
    page = draw_glyphs()
    random = np.random.default_rng(1)
    share = amount * random.uniform(0.8, 1.2, (page.shape[0] // BLOCK, page.shape[1] // BLOCK))
    shares = np.kron(share, np.ones((BLOCK, BLOCK)))[..., None]
    return page, np.rint(page + (255.0 - page) * shares).astype(np.uint8)


def find(baseline: Levels, candidate: Levels) -> PixelMask:
    differing = (baseline != candidate).any(axis=2)
    plain = np.ones((baseline.shape[0] // BLOCK, baseline.shape[1] // BLOCK), np.bool_)
    return find_standing_out(baseline, candidate, differing, plain)


@pytest.mark.parametrize("amount", [0.01, 0.05, 0.3])
def test_nothing_stands_out_of_noise_that_is_the_same_all_over(amount: float) -> None:
    assert not find(*draw_noise(amount)).any()


def paint(candidate: Levels) -> tuple[slice, slice]:
    place = np.s_[100:104, 200:204]
    candidate[place] = np.where(candidate[place] > 128, 60, 200)
    return place


def test_a_stroke_that_turned_stands_out_of_little_noise() -> None:
    baseline, candidate = draw_noise(0.05)
    place = paint(candidate)
    standing = find(baseline, candidate)
    assert standing[place].any()
    standing[96:108, 196:208] = False
    assert not standing.any()


def test_the_same_does_not_stand_out_of_much_noise() -> None:
    baseline, candidate = draw_noise(0.3)
    paint(candidate)
    assert not find(baseline, candidate).any()


def test_a_single_pixel_does_not_stand_out() -> None:
    baseline = np.full((320, 320, 3), 255, np.uint8)
    baseline[::8] = 0
    candidate = baseline.copy()
    candidate[100, 200] = 128
    differing = np.zeros((320, 320), np.bool_)
    differing[100, 200] = True
    plain = np.ones((10, 10), np.bool_)
    assert not find_standing_out(baseline, candidate, differing, plain).any()


def test_only_blocks_that_are_asked_for_are_looked_at() -> None:
    baseline, candidate = draw_noise(0.05)
    for row in (100, 164):
        candidate[row : row + 8, 200:208] = 255 - candidate[row : row + 8, 200:208]
    differing = (baseline != candidate).any(axis=2)
    plain = np.ones((15, 20), np.bool_)
    both = find_standing_out(baseline, candidate, differing, plain)
    assert both[96:128].any()
    assert both[160:192].any()
    plain[3] = False
    one = find_standing_out(baseline, candidate, differing, plain)
    assert not one[96:128].any()
    assert np.array_equal(one[160:192], both[160:192])
