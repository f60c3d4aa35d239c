"""How much ink the blocks of a page hold, and how much of what differs in them goes one way."""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import (
    BLOCK,
    Levels,
    cover_blocks,
    crop_levels,
    reduce_blocks,
    split_colours,
    to_luma,
)
from visualdiff.tiles import PixelMask, Pixels, Tile, measure_range

# A block holds ink where a 3×3 neighbourhood in it spans more than this.
_INK_RANGE: Final = 48


class Ink(NamedTuple):
    """Which blocks of a page hold ink, `(rows, columns)`, and how it changed in those that differ.

    `amounts` are those of the baseline and of the candidate, `(2, rows, columns)`. `balance` is by
    how much luma and colour differ, with its sign and without: `(2, 2, rows, columns)`.
    """

    held: PixelMask
    amounts: NDArray[np.float64]
    balance: NDArray[np.float64]


def survey_ink(
    baseline: Pixels, candidate: Pixels, differing: PixelMask, blocks: PixelMask
) -> Ink:
    """Return what is known of the ink of a page.

    Images are `(H, W, C)`; `differing`, `(H, W)`, marks pixels, and `blocks` those that hold one.
    """
    held = find_inked(baseline)
    amounts, balance = np.zeros((2, *held.shape)), np.zeros((2, 2, *held.shape))
    for tile in cover_blocks(blocks, *differing.shape):
        first, second = (crop_levels(image, tile) for image in (baseline, candidate))
        cells = Tile(*(-(-edge // BLOCK) for edge in tile))
        cells.crop(held)[...] |= hold_ink(second)
        place = np.s_[..., cells.top : cells.bottom, cells.left : cells.right]
        amounts[place] = measure_ink(to_luma(first), to_luma(second))
        balance[place] = measure_balance(first, second, tile.crop(differing))
    return Ink(held, amounts, balance)


def find_inked(image: Pixels) -> PixelMask:
    """Return which blocks of an image hold ink."""
    height, width = image.shape[:2]
    strips = [
        crop_levels(image, Tile(top, min(top + BLOCK, height), 0, width))
        for top in range(0, height, BLOCK)
    ]
    return np.concatenate([hold_ink(strip) for strip in strips])


def hold_ink(image: Levels) -> PixelMask:
    """Return which blocks of an image in 8 bits hold ink."""
    return reduce_blocks(np.logical_or, measure_range(to_luma(image)) > _INK_RANGE)


def measure_ink(first: Levels, second: Levels) -> NDArray[np.float64]:
    """Return how much ink each block holds in both images, `(2, rows, columns)`.

    That is how far the sum of all levels is from that of the paper, which is the darkest or the
    lightest level, whichever is nearer to the mean.
    """
    areas = reduce_blocks(np.add, np.ones(first.shape, np.int32))
    lowest = reduce_blocks(np.minimum, np.minimum(first, second)).astype(np.int32)
    highest = reduce_blocks(np.maximum, np.maximum(first, second)).astype(np.int32)
    sums = np.stack([reduce_blocks(np.add, luma.astype(np.int32)) for luma in (first, second)])
    is_light = sums.sum(axis=0) > areas * (lowest + highest)
    paper = areas * np.where(is_light, highest, lowest)
    return np.asarray(np.abs(sums - paper), np.float64)


def measure_balance(first: Levels, second: Levels, differing: PixelMask) -> NDArray[np.float64]:
    """Return by how much luma and colour of each block differ: `(2, 2, rows, columns)`.

    First the absolute sum of all differences, then the sum of all absolute ones, of the pixels
    that are `differing`: a photo that is darker by one level says nothing. Both differences of
    colour, of which a gray image has none, count together.
    """
    planes = zip(split_colours(first), split_colours(second), strict=True)
    differences = [cv2.subtract(new, old, dtype=cv2.CV_16S) * differing for old, new in planes]
    summed = [
        [np.abs(reduce_blocks(np.add, plane)) for plane in differences],
        [reduce_blocks(np.add, np.abs(plane)) for plane in differences],
    ]
    return np.array(
        [[luma, np.add(*colours) if colours else 0 * luma] for luma, *colours in summed]
    )
