"""Which faint differences are grain: dithering, or a picture that was encoded again.

Such differences come and go from pixel to pixel, so that hardly anything of them is left on
average of a neighbourhood. Of a recoloured area, a shadow or a line something is.
"""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import Levels, as_levels, crop_levels, to_luma
from visualdiff.colour import bound_luma, measure_colour_difference
from visualdiff.scene import find_extent
from visualdiff.tiles import (
    PixelMask,
    Pixels,
    SparseMask,
    Tile,
    any_channel,
    cover_pixels,
    make_empty_mask,
    make_writable,
    measure_range,
    to_8_bits,
)

Indices: TypeAlias = NDArray[np.intp]

# All bounds are multiples of the tolerance, up to this one: ten times 10 would be any text.
_HIGHEST: Final = 2.0
# Grain differs by no more in any pixel, ...
_FAINT: Final = 10
# ... nor does any beside it by more levels of luma: that is the edge of a change; ...
_GLARING: Final = 48
_BESIDE: Final = np.ones((9, 9), np.uint8)
# ... and on average of a neighbourhood by no more than one colour may, ...
_SIGMA: Final = 2.0
_AREA: Final = 1.0
# ... nor along a row or a column: a line of one pixel is nearly gone from an average of an area.
_LINE_PIXELS: Final = 25
_LINE: Final = 1.4
# Where many pixels of a texture differ, a picture was encoded again. JPEG and WebP keep colour in
# blocks, so more is left of their grain; and a texture hides more, apart from flat spots in it.
_DENSE_PIXELS: Final = 21
_DENSE: Final = 0.25
_DENSE_AREA: Final = 2.5
_ONE_SIDED: Final = 0.9
_FLAT_AREA: Final = 1.5
_DENSE_LINE: Final = 5.0

# How far from a pixel all of this looks.
_REACH: Final = 12


def find_grain(
    baseline: Pixels, candidate: Pixels, visible: SparseMask, tolerance: float
) -> PixelMask:
    """Return which visible pixels, `(H, W)`, are grain.

    Images are `(H, W, C)`; what is translucent is taken to have none.
    """
    grain = make_empty_mask(visible.pixels.shape)
    tolerance = min(tolerance, _HIGHEST)
    for tile in cover_pixels(visible):
        old, new = (to_luma(crop_levels(image, tile)) for image in (baseline, candidate))
        # Most changes glare, which is told without what lies around the tile and any average.
        unsure = tile.crop(visible.pixels) & _is_dull(old, new, tolerance)
        extent = find_extent(unsure)
        if extent is None or any(_is_translucent(image, tile) for image in (baseline, candidate)):
            continue
        box = extent.move(tile.top, tile.left)
        places = np.flatnonzero(extent.crop(unsure))
        found = _find_in_box(baseline, candidate, box, places, tolerance)
        if found.size:
            grain = make_writable(grain)
            box.crop(grain)[np.divmod(found, box.right - box.left)] = True
    return grain


def _is_translucent(image: Pixels, tile: Tile) -> bool:
    """Return whether something in or around a tile is."""
    if image.shape[2] < 4:
        return False
    alpha = _widen(tile, *image.shape[:2]).crop(image)[:, :, 3]
    return bool(to_8_bits(alpha).min() < 255)


def _find_in_box(
    baseline: Pixels, candidate: Pixels, box: Tile, unsure: Indices, tolerance: float
) -> Indices:
    """Return which of some pixels of a box, counted row by row, are grain."""
    wide = _widen(box, *baseline.shape[:2])
    inner = box.move(-wide.top, -wide.left)
    first, second = (crop_levels(image, wide) for image in (baseline, candidate))
    # The cheapest first: of most changes more is left than of any grain.
    unsure = _select_faint(first, second, inner, unsure, tolerance)
    if not unsure.size:
        return unsure
    left = inner.crop(_measure_areas(first, second)).reshape(-1)[unsure] / np.float32(tolerance)
    unsure, left = unsure[left <= _DENSE_AREA], left[left <= _DENSE_AREA]
    if not unsure.size:
        return unsure
    is_dense = _find_dense(first, second, inner).reshape(-1)[unsure]
    is_flat = ~np.logical_or(*(any_channel(measure_range(block)) for block in (first, second)))
    area = np.where(inner.crop(is_flat).reshape(-1)[unsure], _FLAT_AREA, _DENSE_AREA)
    may_be = left <= np.where(is_dense, area, _AREA)
    unsure, line = unsure[may_be], np.where(is_dense, _DENSE_LINE, _LINE)[may_be]
    for window in ((1, 1), (_LINE_PIXELS, 1), (1, _LINE_PIXELS)):
        if not unsure.size:
            break
        old, new = (inner.crop(_average(block, window)) for block in (first, second))
        left = _measure(old, new, unsure)
        may_be = left <= tolerance * (_FAINT if window == (1, 1) else line)
        unsure, line = unsure[may_be], line[may_be]
    return unsure


def _average(block: Levels, window: tuple[int, int]) -> Levels:
    return as_levels(cv2.blur(block, window)).reshape(block.shape)


def _measure(first: Levels, second: Levels, places: Indices) -> NDArray[np.float32]:
    """Return the ΔE of some pixels, counted row by row."""
    colours = (block.reshape(-1, block.shape[2]).take(places, axis=0) for block in (first, second))
    return measure_colour_difference(*colours)


def _widen(box: Tile, height: int, width: int) -> Tile:
    """Return a box with what lies around it, from even rows and columns."""
    wide = box.grow(_REACH, height, width)
    return wide._replace(top=wide.top - wide.top % 2, left=wide.left - wide.left % 2)


def _measure_areas(first: Levels, second: Levels) -> NDArray[np.float32]:
    """Return the ΔE between the averages around each pixel, `(H, W)`.

    They change so little from pixel to pixel that a quarter is measured, the others between.
    """
    height, width = first.shape[:2]
    halved = []
    for block in (first, second):
        even = cv2.copyMakeBorder(block, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        half = cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        halved.append(as_levels(cv2.GaussianBlur(half, (0, 0), _SIGMA / 2)))
    colours = (block.reshape(-1, first.shape[2]) for block in halved)
    left = measure_colour_difference(*colours).reshape(halved[0].shape[:2])
    return np.asarray(cv2.resize(left, None, fx=2, fy=2), np.float32)[:height, :width]


def _is_dull(old: Levels, new: Levels, tolerance: float) -> PixelMask:
    """Return beside which pixels of two blocks of luma, `(H, W)`, nothing in them glares."""
    change = cv2.dilate(cv2.absdiff(old, new), _BESIDE)
    return np.asarray(change <= int(_GLARING * tolerance))


def _select_faint(
    first: Levels, second: Levels, inner: Tile, unsure: Indices, tolerance: float
) -> Indices:
    """Return the pixels that may be grain as far as luma tells, which costs little."""
    old, new = to_luma(first), to_luma(second)
    unsure = unsure[inner.crop(_is_dull(old, new, tolerance)).reshape(-1)[unsure]]
    if not unsure.size:
        return unsure
    change = cv2.subtract(new, old, dtype=cv2.CV_32F)
    left = np.abs(cv2.GaussianBlur(change, (0, 0), _SIGMA))
    # Averages of colours are rounded too.
    most = bound_luma(_DENSE_AREA * tolerance) + 2
    return unsure[inner.crop(left).reshape(-1)[unsure] <= most]


def _find_dense(first: Levels, second: Levels, inner: Tile) -> PixelMask:
    """Return around which pixels of an inner tile many differ, in texture in both images."""
    differing = any_channel(cv2.absdiff(first, second).reshape(first.shape)).astype(np.float32)
    window = (_DENSE_PIXELS, _DENSE_PIXELS)
    dense = inner.crop(cv2.blur(differing, window)) >= _DENSE
    change = cv2.subtract(to_luma(second), to_luma(first), dtype=cv2.CV_32F)
    one_way, in_all = (cv2.blur(part, window) for part in (change, np.abs(change)))
    dense &= inner.crop(np.abs(one_way) <= _ONE_SIDED * in_all)
    around = np.ones(window, np.uint8)
    for block in (first, second):
        if dense.any():
            spread = cv2.subtract(cv2.dilate(block, around), cv2.erode(block, around))
            dense &= inner.crop(any_channel(spread.reshape(block.shape)))
    return dense
