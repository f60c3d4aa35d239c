"""Masked areas in pictures: hatched, outlined and pale, at any scale. Ignored pixels: speckled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.difference import DIFFERENCE_PALETTE, hatch_bands, mark_ignored
from visualdiff.hatching import (
    IGNORED_OPACITY,
    IGNORED_PALETTE,
    MASK_COLOUR,
    MASK_OPACITY,
    MASK_PALETTE,
    draw_masked,
    find_lines,
    find_specks,
    index_ignored,
    index_masked,
    shrink_mask,
)
from visualdiff.heat import IGNORED_COLOUR, IGNORED_SPECK
from visualdiff.model import Region, RegionKind
from visualdiff.tiles import PixelMask, Pixels


def mark(shape: tuple[int, int] = (200, 150)) -> PixelMask:
    masked = np.zeros(shape, np.bool_)
    masked[30:170, 20:120] = True
    return masked


def collect(masked: PixelMask) -> PixelMask:
    drawn = np.zeros_like(masked)
    for rows, lines in find_lines(masked):
        drawn[rows] = lines
    return drawn


def test_lines_cross_a_mask_and_its_outline_is_closed() -> None:
    lines = collect(mark())
    assert not lines[~mark()].any()
    inner = lines[31:169, 21:119]
    assert inner.mean() == pytest.approx(2 / 12, abs=0.01)
    # They fall to the right, also from one strip of rows to the next.
    assert np.array_equal(inner[1:, 1:], inner[:-1, :-1])
    assert lines[30, 20:120].all()
    assert lines[169, 20:120].all()
    assert lines[30:170, [20, 119]].all()


def test_a_mask_at_the_border_is_outlined_there() -> None:
    lines = collect(np.ones((20, 30), np.bool_))
    assert lines[[0, -1]].all()
    assert lines[:, [0, -1]].all()


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_only_masked_pixels_are_drawn_over(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (90, 70, 3), np.uint8)
    masked = rng.random((90, 70)) < rng.choice([0, 0.01, 0.5, 1])
    drawn = draw_masked(picture, masked)
    assert np.array_equal(drawn[~masked], picture[~masked])
    assert (drawn[collect(masked)] == MASK_COLOUR).all()
    rest = masked & ~collect(masked)
    pale = picture[rest] / 2 + 127
    assert np.abs(drawn[rest] - pale).max(initial=0) <= 1


def test_laid_over_a_picture_a_mask_looks_as_it_is_drawn() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (200, 150, 3), np.uint8)
    indices = index_masked(mark())
    opacity = np.array([*MASK_OPACITY, *[255] * 253])[indices][..., None] / 255
    laid = picture * (1 - opacity) + MASK_PALETTE[indices] * opacity
    assert np.abs(laid - draw_masked(picture, mark())).max() <= 2


def test_without_a_mask_a_picture_stays_as_it_is() -> None:
    picture = np.zeros((9, 9, 3), np.uint8)
    assert draw_masked(picture, None) is picture


def test_what_is_masked_shows_at_any_scale() -> None:
    masked = np.zeros((400, 300), np.bool_)
    masked[201, 77] = True
    assert shrink_mask(masked, (30, 40)).sum() == 1
    assert np.array_equal(shrink_mask(mark(), (150, 200)), mark())


def test_bands_and_masks_are_hatched_in_other_ways() -> None:
    region = Region(
        x=20,
        y=30,
        width=100,
        height=140,
        diff_pixels=1,
        kind=RegionKind.INSERTED_ROWS,
        space="candidate",
        channel="red",
        description="",
    )
    bands, masks = np.full((2, 200, 150), 255, np.uint8)
    hatch_bands(bands, [region])
    band = (bands != 255)[31:169, 21:119]
    mark_ignored(masks, np.zeros((200, 150), np.bool_), mark())
    lines = masks != 255
    assert np.array_equal(lines, collect(mark()))
    assert (DIFFERENCE_PALETTE[masks[lines]] == MASK_COLOUR).all()
    # One rises where the other falls.
    assert np.array_equal(band[1:, :-1], band[:-1, 1:])
    assert not np.array_equal(band[1:, 1:], band[:-1, :-1])


# --- Ignored pixels ---


def lay_over(picture: Pixels, ignored: PixelMask) -> Pixels:
    indices = index_ignored(ignored)
    opacity = np.array([*IGNORED_OPACITY, *[255] * 252])[indices][..., None] / 255
    return np.rint(picture * (1 - opacity) + IGNORED_PALETTE[indices] * opacity).astype(np.uint8)


@pytest.mark.parametrize("ground", [IGNORED_COLOUR, IGNORED_SPECK, (0, 0, 0), (255, 255, 255)])
@pytest.mark.parametrize("place", [(0, 0), (63, 20), (64, 21), (99, 39)], ids=str)
def test_a_single_ignored_pixel_can_be_seen_on_any_ground(
    ground: tuple[int, int, int], place: tuple[int, int]
) -> None:
    picture = np.full((100, 40, 3), ground, np.uint8)
    ignored = np.zeros((100, 40), np.bool_)
    ignored[place] = True
    change = np.abs(lay_over(picture, ignored).astype(int) - picture).max(axis=2) > 60
    row, column = place
    assert change[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].any()
    assert change.sum() <= 9


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_ignored_pixels_are_covered_their_neighbours_shaded_and_all_else_is_left(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    ignored = rng.random((150, 40)) < rng.choice([0, 0.005, 0.3, 1])
    indices = index_ignored(ignored)
    assert np.array_equal((indices == 1) | (indices == 2), ignored)
    assert not find_specks(ignored)[~ignored].any()
    around = np.pad(ignored, 1)
    near = np.any([around[y : y + 150, x : x + 40] for y in range(3) for x in range(3)], axis=0)
    assert np.array_equal(indices == 3, near & ~ignored)
