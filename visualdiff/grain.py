"""Which faint differences are grain: dithering, or a picture that was encoded again.

Such differences come and go from pixel to pixel, so that hardly anything of them is left on
average of a neighbourhood. Of a recoloured area, a shadow or a line something is.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import Levels
from visualdiff.colour import measure_colour_difference
from visualdiff.tiles import (
    PixelMask,
    Pixels,
    SparseMask,
    Tile,
    any_channel,
    cover,
    make_empty_mask,
    make_writable,
    measure_range,
    to_8_bits,
)

Indices: TypeAlias = NDArray[np.intp]

# All bounds are multiples of the tolerance. Grain differs by no more in any pixel, ...
FAINT: Final = 10
# ... and on average of a neighbourhood by no more than one colour may, ...
_SIGMA: Final = 2.0
_AREA: Final = 1.0
# ... nor along a row or a column: a line of one pixel is nearly gone from an average of an area.
_LINE_PIXELS: Final = 25
_LINE: Final = 2.0
# Where many pixels of a texture differ, a picture was encoded again. JPEG and WebP keep colour in
# blocks, so more is left of their grain; and a texture hides more, apart from flat spots in it.
_DENSE_PIXELS: Final = 21
_DENSE: Final = 0.25
_DENSE_AREA: Final = 2.5
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
    for tile in cover(visible, 0):
        unsure = np.flatnonzero(tile.crop(visible.pixels))
        found = _find_in_tile(baseline, candidate, tile, unsure, tolerance)
        if found.size:
            grain = make_writable(grain)
            tile.crop(grain)[np.divmod(found, tile.right - tile.left)] = True
    return grain


def _find_in_tile(
    baseline: Pixels, candidate: Pixels, tile: Tile, unsure: Indices, tolerance: float
) -> Indices:
    """Return which of some pixels of a tile, counted row by row, are grain."""
    wide = tile.grow(_REACH, *baseline.shape[:2])
    inner = tile.move(-wide.top, -wide.left)
    first, second = (_crop(image, wide) for image in (baseline, candidate))
    if first is None or second is None:
        return unsure[:0]

    def measure(average: Callable[[Levels], Any]) -> NDArray[np.float32]:
        colours = (
            inner.crop(np.asarray(average(block)).reshape(block.shape))
            .reshape(-1, block.shape[2])
            .take(unsure, axis=0)
            for block in (first, second)
        )
        return measure_colour_difference(*colours) / np.float32(tolerance)

    # The cheapest first: of most changes more is left than of any grain.
    left = measure(lambda block: cv2.GaussianBlur(block, (0, 0), _SIGMA))
    unsure, left = unsure[left <= _DENSE_AREA], left[left <= _DENSE_AREA]
    if not unsure.size:
        return unsure
    is_dense = _find_dense(first, second, inner).reshape(-1)
    is_flat = ~np.logical_or(*(any_channel(measure_range(block)) for block in (first, second)))
    area = np.where(inner.crop(is_flat).reshape(-1), _FLAT_AREA, _DENSE_AREA)
    area, line = np.where(is_dense, area, _AREA), np.where(is_dense, _DENSE_LINE, _LINE)
    unsure = unsure[left <= area[unsure]]
    unsure = unsure[measure(lambda block: block) <= FAINT]
    unsure = unsure[measure(lambda block: cv2.blur(block, (_LINE_PIXELS, 1))) <= line[unsure]]
    return unsure[measure(lambda block: cv2.blur(block, (1, _LINE_PIXELS))) <= line[unsure]]


def _crop(image: Pixels, tile: Tile) -> Levels | None:
    """Return a tile in 8 bits, gray or RGB, or None where it is translucent."""
    block = np.ascontiguousarray(to_8_bits(tile.crop(image)))
    if image.shape[2] < 4:
        return block
    if block[:, :, 3].min() < 255:
        return None
    return np.asarray(cv2.cvtColor(block, cv2.COLOR_RGBA2RGB), np.uint8)


def _find_dense(first: Levels, second: Levels, inner: Tile) -> PixelMask:
    """Return around which pixels of an inner tile many differ, in texture in both images."""
    differing = any_channel(cv2.absdiff(first, second).reshape(first.shape)).astype(np.float32)
    window = (_DENSE_PIXELS, _DENSE_PIXELS)
    dense = inner.crop(cv2.blur(differing, window)) >= _DENSE
    around = np.ones(window, np.uint8)
    for block in (first, second):
        if dense.any():
            spread = cv2.subtract(cv2.dilate(block, around), cv2.erode(block, around))
            dense &= inner.crop(any_channel(spread.reshape(block.shape)))
    return dense
