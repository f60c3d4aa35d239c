"""What differs under masks is hidden from all that looks for changes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.canvas import lay_out
from visualdiff.masks import Masking
from visualdiff.tiles import PixelMask, Pixels
from visualdiff.veil import Veiled, veil


def draw(seed: int, channels: int, depth: Any = np.uint8) -> tuple[Pixels, Pixels, PixelMask]:
    """Return two images that differ here and there, and a mask."""
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(1, 150)), int(rng.integers(1, 90))
    baseline = rng.integers(0, 256, (*shape, channels)).astype(depth)
    if channels == 4:
        baseline[..., 3] = np.iinfo(depth).max
    candidate = baseline.copy()
    candidate[rng.random(shape) < rng.choice([0, 0.001, 0.3]), 0] ^= 9
    return baseline, candidate, rng.random(shape) < rng.choice([0, 0.01, 0.5])


def cover(baseline: Pixels, candidate: Pixels, masked: PixelMask | None) -> Veiled:
    return veil(lay_out(baseline, candidate, opaque=True), Masking(masked))


@given(
    seed=st.integers(0, 2**32 - 1),
    channels=st.sampled_from([1, 3, 4]),
    depth=st.sampled_from([np.uint8, np.uint16]),
)
@settings(deadline=None, max_examples=100)
def test_only_what_differs_under_the_mask_is_hidden(seed: int, channels: int, depth: Any) -> None:
    baseline, candidate, masked = draw(seed, channels, depth)
    copy = candidate.copy()
    page = cover(baseline, candidate, masked)
    differing = (baseline != candidate).any(axis=2)
    assert np.array_equal(candidate, copy)
    hidden = np.zeros_like(masked) if page.hidden is None else page.hidden
    assert np.array_equal(hidden, differing & masked)
    assert np.array_equal(page.shown.differing.pixels, differing & ~masked)
    assert np.array_equal(page.shown.differing.rows, (differing & ~masked).any(axis=1))
    expected = np.where(masked[..., None], baseline, candidate)[..., :3]
    assert np.array_equal(page.shown.pictures[1], expected)
    assert np.array_equal(page.canvas.pictures[1], candidate[..., :3])
    # Of RGBA, only what is near a difference is defined.
    rows = page.canvas.differing.rows if channels == 4 else np.ones(len(baseline), np.bool_)
    assert np.array_equal(page.shown.compared[1][rows], expected[rows])


@pytest.mark.parametrize("masked", [None, np.zeros((9, 9), np.bool_)], ids=["no mask", "beside"])
def test_where_nothing_is_hidden_nothing_is_copied(masked: PixelMask | None) -> None:
    baseline = np.zeros((9, 9, 3), np.uint8)
    candidate = baseline.copy()
    candidate[3, 3] = 9
    page = cover(baseline, candidate, masked)
    assert page.hidden is None
    assert page.shown is page.canvas


@pytest.mark.parametrize("height", [5, 20])
def test_what_only_one_image_has_is_never_masked(height: int) -> None:
    baseline, candidate = np.zeros((12, 9, 3), np.uint8), np.zeros((height, 9, 3), np.uint8)
    masked = np.zeros((12, 9), np.bool_)
    masked[2:] = True
    page = cover(baseline, candidate, masked)
    expected = np.zeros((max(12, height), 9), np.bool_)
    expected[2 : min(12, height)] = True
    assert page.masking.masked is not None
    assert np.array_equal(page.masking.masked, expected)
    assert page.hidden is None
