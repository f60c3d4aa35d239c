from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from visualdiff.tiles import (
    Tile,
    any_channel,
    count,
    cover,
    cover_pixels,
    find_differing_pixels,
    make_empty_mask,
    make_sparse,
    measure_range,
    to_8_bits,
)


@st.composite
def sparse_masks(draw: st.DrawFn) -> NDArray[np.bool_]:
    height, width = draw(st.integers(1, 200)), draw(st.integers(1, 260))
    points = st.tuples(st.integers(0, height - 1), st.integers(0, width - 1))
    mask = np.zeros((height, width), np.bool_)
    for row, column in draw(st.lists(points, max_size=6)):
        mask[row, column] = True
    return mask


def count_coverage(mask: NDArray[np.bool_], halo: int) -> NDArray[np.int64]:
    times = np.zeros(mask.shape, np.int64)
    for tile in cover(make_sparse(mask), halo):
        tile.crop(times)[...] += 1
    return times


@given(mask=sparse_masks(), halo=st.sampled_from([0, 1, 3, 5, 15]))
@settings(deadline=None, max_examples=150)
def test_tiles_are_disjoint_and_hold_every_pixel_near_a_set_one(
    mask: NDArray[np.bool_], halo: int
) -> None:
    near = np.zeros(mask.shape, np.bool_)
    for row, column in np.argwhere(mask).tolist():
        near[max(row - halo, 0) : row + halo + 1, max(column - halo, 0) : column + halo + 1] = True
    times = count_coverage(mask, halo)
    assert times.max(initial=0) <= 1
    assert times[near].all()


@given(mask=sparse_masks(), halo=st.sampled_from([0, 3, 15]))
@settings(deadline=None, max_examples=100)
def test_tiles_lie_inside_the_image_and_are_not_empty(mask: NDArray[np.bool_], halo: int) -> None:
    height, width = mask.shape
    for tile in cover(make_sparse(mask), halo):
        assert 0 <= tile.top < tile.bottom <= height
        assert 0 <= tile.left < tile.right <= width


def test_nothing_differs_so_there_is_no_tile() -> None:
    assert list(cover(make_sparse(np.zeros((300, 300), np.bool_)), 3)) == []


@pytest.mark.parametrize("halo", [0, 3, 15])
def test_one_pixel_costs_no_more_than_its_own_halo(halo: int) -> None:
    mask = np.zeros((400, 400), np.bool_)
    mask[30, 200] = True
    assert list(cover(make_sparse(mask), halo)) == [
        Tile(30 - halo, 30 + halo + 1, 200 - halo, 200 + halo + 1),
    ]


def test_distant_columns_do_not_pay_for_what_lies_between() -> None:
    mask = np.zeros((40, 2000), np.bool_)
    mask[20, [10, 1990]] = True
    assert np.count_nonzero(count_coverage(mask, 3)) == 2 * 7 * 7


def test_near_columns_share_a_tile() -> None:
    mask = np.zeros((40, 2000), np.bool_)
    mask[20, [100, 100 + 64 + 6]] = True
    assert list(cover(make_sparse(mask), 3)) == [Tile(17, 24, 97, 174)]
    mask[20, :] = False
    mask[20, [100, 100 + 64 + 7]] = True
    assert list(cover(make_sparse(mask), 3)) == [Tile(17, 24, 97, 104), Tile(17, 24, 168, 175)]


@given(mask=sparse_masks())
@settings(deadline=None, max_examples=50)
def test_larger_tiles_hold_every_set_pixel_once(mask: NDArray[np.bool_]) -> None:
    times = np.zeros(mask.shape, np.int64)
    for tile in cover_pixels(make_sparse(mask)):
        tile.crop(times)[...] += 1
    assert times.max(initial=0) <= 1
    assert times[mask].all()


def test_a_page_takes_an_eighth_of_the_tiles_where_they_may_be_larger() -> None:
    mask = make_sparse(np.ones((1024, 4096), np.bool_))
    assert 8 * len(list(cover_pixels(mask))) == len(list(cover(mask, 0)))


def test_no_tile_is_so_tall_that_its_temporaries_leave_the_cache() -> None:
    tiles = list(cover(make_sparse(np.ones((1000, 50), np.bool_)), 3))
    assert max(tile.bottom - tile.top for tile in tiles) <= 64
    assert len(tiles) == -(-1000 // 64)


def test_no_tile_is_so_wide_that_its_temporaries_leave_the_cache() -> None:
    tiles = list(cover(make_sparse(np.ones((5, 3840), np.bool_)), 3))
    assert max(tile.right - tile.left for tile in tiles) <= 512
    assert [tile.left for tile in tiles[1:]] == [tile.right for tile in tiles[:-1]]


def test_a_tile_grows_up_to_the_border_of_the_image() -> None:
    tile = Tile(5, 8, 2, 9)
    assert tile.grow(2, 100, 100) == Tile(3, 10, 0, 11)
    assert tile.grow(50, 12, 10) == Tile(0, 12, 0, 10)
    assert tile.grow(0, 100, 100) == tile


def test_a_tile_moves_without_changing_its_size() -> None:
    tile = Tile(5, 8, 2, 9)
    assert tile.move(-4, 10) == Tile(1, 4, 12, 19)
    assert tile.area == tile.move(-4, 10).area == 21


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)], ids=["mask", "image"])
def test_a_crop_is_a_view_of_what_the_tile_covers(shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    crop = Tile(3, 7, 10, 30).crop(array)
    assert crop.shape[:2] == (4, 20)
    assert np.array_equal(crop, array[3:7, 10:30])
    assert np.shares_memory(crop, array)


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 200),
    channels=st.sampled_from([1, 3, 4]),
    depth=st.sampled_from([np.uint8, np.uint16]),
)
@settings(deadline=None, max_examples=60)
def test_differing_pixels_are_those_that_differ_in_any_channel(
    seed: int, height: int, channels: int, depth: Any
) -> None:
    rng = np.random.default_rng(seed)
    baseline = rng.integers(0, 4, (height, 9, channels)).astype(depth)
    candidate = baseline.copy()
    for _ in range(int(rng.integers(0, 4))):
        row, column, channel = rng.integers(0, baseline.shape)
        # One level apart, in the lowest bit: what a comparison in 8 bits would not see.
        candidate[row, column, channel] ^= 1
    expected = [
        [bool(list(old) != list(new)) for old, new in zip(*rows, strict=True)]
        for rows in zip(baseline.tolist(), candidate.tolist(), strict=True)
    ]
    found = find_differing_pixels(baseline, candidate)
    assert found.pixels.tolist() == expected
    assert found.rows.tolist() == [any(row) for row in expected]
    assert found.rows.tolist() == make_sparse(found.pixels).rows.tolist()


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_one_channel_is_enough_to_mark_a_pixel(channels: int, dtype: Any) -> None:
    marks = np.random.default_rng(channels).random((9, 11, channels)) < 0.3
    # A value in the upper half of 16 bits only, which 8 bits would lose.
    values = marks.astype(dtype) * (
        np.iinfo(dtype).max // 2 + 1 if dtype != np.bool_ else dtype(1)
    )
    found = any_channel(values)
    assert found.dtype == np.bool_
    assert found.tolist() == [[any(pixel) for pixel in row] for row in marks.tolist()]
    assert any_channel(values[:, ::-1]).tolist() == found[:, ::-1].tolist()


def test_a_mask_of_one_channel_needs_no_third_axis() -> None:
    assert any_channel(np.array([[0, 3], [255, 0]], np.uint8)).tolist() == [
        [False, True],
        [True, False],
    ]


def test_eight_bits_stay_the_same_array() -> None:
    pixels = np.arange(256, dtype=np.uint8)
    assert to_8_bits(pixels) is pixels


def test_sixteen_bits_lose_the_lower_half() -> None:
    pixels = np.array([0, 255, 256, 0x1234, 0xFEFF, 0xFFFF], np.uint16)
    eight = to_8_bits(pixels)
    assert eight.tolist() == [0, 0, 1, 0x12, 0xFE, 0xFF]
    assert eight.dtype == np.uint8


def test_the_range_of_an_edge_is_its_height() -> None:
    image = np.full((5, 6, 1), 40, np.uint8)
    image[:, 3:] = 100
    assert measure_range(image)[2, :, 0].tolist() == [0, 0, 60, 60, 0, 0]
    assert measure_range(image).shape == image.shape


def test_set_pixels_are_counted_in_masks_of_any_kind() -> None:
    mask = np.zeros((5, 7), np.bool_)
    mask[1:3, 2:6] = True
    assert count(mask) == count(mask[:, ::-1]) == 8
    assert count(mask[1:2, 2:3]) == 1
    assert count(make_empty_mask((5, 7))) == count(make_empty_mask((5, 7))[1:3]) == 0
