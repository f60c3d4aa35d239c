"""Images shrunk, and laid at other places than their own."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualdiff.affine import Affine
from visualdiff.resampling import find_covered, shrink, shrink_mask, warp, warp_mask
from visualdiff.tiles import Pixels

RANDOM = np.random.default_rng(3)
IMAGE: Pixels = RANDOM.integers(0, 256, (30, 40, 3), np.uint8)


def enlarge(image: Pixels, factor: int) -> Pixels:
    return np.repeat(np.repeat(image, factor, axis=0), factor, axis=1)


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_an_enlarged_image_is_shrunk_to_what_it_was(
    factor: int, dtype: type[np.unsignedinteger], channels: int
) -> None:
    image = RANDOM.integers(0, np.iinfo(dtype).max, (12, 17, channels), dtype, endpoint=True)
    if channels == 4:
        image[:, :, 3] |= np.iinfo(dtype).max // 2 + 1
    small = shrink(enlarge(image, factor), 17, 12)
    assert small.dtype == dtype
    assert np.array_equal(small, image)


def test_a_pixel_is_the_mean_of_its_block() -> None:
    large = RANDOM.integers(0, 256, (8, 6, 1), np.uint8)
    means = large.reshape(4, 2, 3, 2).mean(axis=(1, 3))
    assert np.abs(shrink(large, 3, 4)[:, :, 0] - means).max() <= 0.5


@pytest.mark.parametrize("spare", [(1, 0), (0, 1), (-1, 0), (0, -1), (-1, 1)])
def test_a_pixel_too_many_or_too_few_does_not_blur_the_rest(spare: tuple[int, int]) -> None:
    rows, columns = spare
    large = enlarge(IMAGE, 2)
    large = np.pad(large, ((0, max(rows, 0)), (0, max(columns, 0)), (0, 0)), mode="edge")
    large = large[: 60 + rows, : 80 + columns]
    assert np.array_equal(shrink(large, 40, 30)[:-1, :-1], IMAGE[:-1, :-1])


def test_what_is_hidden_does_not_shine_through() -> None:
    image = np.zeros((4, 4, 4), np.uint8)
    image[:, ::2] = (10, 20, 30, 255)
    image[:, 1::2] = (255, 255, 255, 0)
    assert (shrink(image, 2, 2) == (10, 20, 30, 128)).all()


def test_a_shrunk_mask_keeps_every_pixel_that_it_touches() -> None:
    mask = np.zeros((9, 9), np.bool_)
    mask[4, 7] = True
    assert np.argwhere(shrink_mask(mask, 3, 3)).tolist() == [[1, 2]]
    assert np.argwhere(shrink_mask(mask, 6, 6)).tolist() == [[2, 4], [2, 5], [3, 4], [3, 5]]


@pytest.mark.parametrize("spare", [(2, 1), (-2, 1), (1, -2), (-1, -1)])
def test_a_mask_is_cut_as_its_image_is(spare: tuple[int, int]) -> None:
    rows, columns = spare
    mask = np.zeros((90 + rows, 120 + columns), np.bool_)
    mask[60:63, 90:93] = True
    # Beyond the last whole block: no pixel of the result.
    mask[90:], mask[:, 120:] = True, True
    image = mask[:, :, np.newaxis] * np.uint8(255)
    assert np.argwhere(shrink_mask(mask, 40, 30)).tolist() == [[20, 30]]
    assert np.argwhere(shrink(image, 40, 30)[:, :, 0]).tolist() == [[20, 30]]


def test_a_whole_pixel_too_many_is_not_cut_off() -> None:
    large = np.zeros((90, 123, 1), np.uint8)
    large[:, 120:] = 255
    assert shrink(large, 40, 30)[:, -1].any()


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_a_move_by_whole_pixels_keeps_them(right: int, down: int) -> None:
    moved = warp(IMAGE, Affine(1, 0, right, down))
    covered = find_covered((30, 40), Affine(1, 0, right, down))
    places = np.argwhere(covered)
    assert len(places)
    before, after = IMAGE[tuple((places - (down, right)).T)], moved[tuple(places.T)]
    assert np.array_equal(before, after)


def test_a_turn_by_half_a_circle_is_exact() -> None:
    turned = warp(IMAGE, Affine(-1, 0, 40, 30))
    assert np.array_equal(turned, IMAGE[::-1, ::-1])


def test_a_scale_by_two_puts_each_corner_at_twice_its_place() -> None:
    ramp = np.arange(40, dtype=np.uint8)[np.newaxis, :, np.newaxis].repeat(30, axis=0) * 4
    wide = warp(ramp, Affine(2, 0, 0, 0))
    # The middle of column c of the result is at (c + 0.5) / 2, that of column x before at x + 0.5.
    for column in (5, 10, 21):
        assert wide[10, column, 0] == pytest.approx(4 * ((column + 0.5) / 2 - 0.5), abs=1)


def test_what_an_image_does_not_cover_is_told_with_a_margin() -> None:
    covered = find_covered((30, 40), Affine(1, 0, 10, 0))
    assert not covered[:, :12].any()
    assert covered[2:-2, 12:].all()


def test_warping_respects_transparency() -> None:
    image = np.zeros((20, 20, 4), np.uint8)
    image[:, :10] = (200, 0, 0, 255)
    image[:, 10:] = (0, 255, 0, 0)
    moved = warp(image, Affine(1, 0, 0.5, 0))
    seen = moved[:, :, 3] > 0
    assert (moved[seen][:, 0] == 200).all()
    assert not moved[seen][:, 1].any()


def test_a_warped_mask_is_as_large_as_what_it_covers() -> None:
    mask = np.zeros((30, 40), np.bool_)
    mask[10:20, 10:20] = True
    angle = math.radians(10)
    affine = Affine(math.cos(angle), math.sin(angle), 3.3, -2.7)
    image = np.zeros((30, 40, 1), np.uint8)
    image[mask] = 255
    seen = warp(image, affine)[:, :, 0] > 128
    assert (warp_mask(mask, affine) >= seen).all()
    assert np.count_nonzero(warp_mask(mask, affine)) < 1.6 * np.count_nonzero(mask)
