import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualdiff.blocks import (
    BLOCK,
    cover_blocks,
    crop_levels,
    reduce_blocks,
    to_luma,
)
from visualdiff.tiles import Tile


@given(st.integers(1, 200), st.integers(1, 1200), st.integers(0, 2**32 - 1))
def test_tiles_cover_each_marked_block_once(height: int, width: int, seed: int) -> None:
    shape = -(-height // BLOCK), -(-width // BLOCK)
    blocks = np.random.default_rng(seed).random(shape) < 0.2
    covered = np.zeros((height, width), np.int64)
    for tile in cover_blocks(blocks, height, width):
        assert tile.top % BLOCK == tile.left % BLOCK == 0
        tile.crop(covered)[...] += 1
    assert covered.max(initial=0) <= 1
    marked = np.repeat(np.repeat(blocks, BLOCK, axis=0), BLOCK, axis=1)[:height, :width]
    assert covered[marked].all()


def test_blocks_at_the_edge_are_as_large_as_what_is_left() -> None:
    areas = reduce_blocks(np.add, np.ones((40, 65), np.int64))
    assert areas.tolist() == [[1024, 1024, 32], [256, 256, 8]]


def test_a_mark_is_found_in_its_block_only() -> None:
    mask = np.zeros((64, 96), np.bool_)
    mask[31, 64] = True
    assert np.argwhere(reduce_blocks(np.logical_or, mask)).tolist() == [[0, 2]]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_crop_is_gray_or_colour_in_8_bits(channels: int) -> None:
    image = np.full((10, 12, channels), 0x80FF, np.uint16)
    crop = crop_levels(image, Tile(2, 6, 3, 12))
    assert crop.dtype == np.uint8
    assert crop.shape == (4, 9, min(channels, 3))
    assert (crop == 0x80).all()


def test_luma_weighs_green_most() -> None:
    colours = np.array([[(100, 0, 0), (0, 100, 0), (0, 0, 100)]], np.uint8)
    assert to_luma(colours).tolist() == [[30, 59, 11]]
    assert to_luma(colours[:, :, :1]).tolist() == [[100, 0, 0]]
