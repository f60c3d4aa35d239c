"""Which differing pixels a person would see, and why the others are ignored."""

from functools import reduce
from math import sqrt
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import to_luma
from visualdiff.colour import bound_luma, measure_colour_difference
from visualdiff.model import IgnoredPixels
from visualdiff.perceived import Perceived
from visualdiff.settings import Settings
from visualdiff.ssim import K1, K2
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

# Anti-aliasing is told from change after Playwright's "ssim-cie94" comparator: a pixel whose 3×3
# neighbourhood is flat in either image is a change; elsewhere it is anti-aliasing when the two
# images are alike in the surroundings. Playwright looks at 31×31 pixels around each pixel; here
# it is 28×28 around each cell of 4×4, which needs a fifth of the time; on 127 labelled pairs of
# real pages both flag the same ones, and ignore as many pixels within half a percent.
_CELL: Final = 4
_AA_CELLS: Final = 7
_AA_DEFICIT: Final = 1 - 0.99
_AA_COUNT: Final = (_AA_CELLS * _CELL) ** 2
_AA_C1: Final = _AA_COUNT**2 * (K1 * 255) ** 2
_AA_C2: Final = _AA_COUNT * (_AA_COUNT - 1) * (K2 * 255) ** 2


def perceive(
    baseline: Pixels, candidate: Pixels, differing: SparseMask, settings: Settings
) -> Perceived:
    """Sort the differing pixels of two `(H, W, C)` images by what a person sees.

    `differing` marks the pixels that differ. Each ignored pixel is counted under the first reason
    that applies: transparent in both images, below the tolerance, anti-aliasing.
    """
    ignored = antialiased = make_empty_mask(differing.pixels.shape)
    counts, largest = np.zeros(3, int), 0.0
    for tile in cover_pixels(differing):
        marked = tile.crop(differing.pixels)
        left = marked.copy()
        found, smooth, strongest = _sort_tile(baseline, candidate, left, tile, settings)
        largest = max(largest, strongest)
        if any(found):
            counts += found
            ignored = make_writable(ignored)
            np.not_equal(marked, left, out=tile.crop(ignored))
        if smooth is not None:
            antialiased = make_writable(antialiased)
            tile.crop(antialiased)[...] = smooth
    transparent, faint, smoothed = counts.tolist()
    return Perceived(
        _remove(ignored, differing) if counts.any() else differing,
        ignored,
        antialiased,
        IgnoredPixels(transparent=transparent, tolerance=faint, antialiasing=smoothed),
        {"tolerance": largest} if faint else {},
    )


def _remove(ignored: PixelMask, differing: SparseMask) -> SparseMask:
    """Return the differing pixels without the ignored ones."""
    pixels, rows = np.zeros(ignored.shape, np.bool_), np.zeros_like(differing.rows)
    for tile in cover_pixels(differing):
        left = tile.crop(pixels)
        np.greater(tile.crop(differing.pixels), tile.crop(ignored), out=left)
        rows[tile.top : tile.bottom] |= left.any(axis=1)
    return SparseMask(pixels, rows)


def _sort_tile(
    baseline: Pixels, candidate: Pixels, left: PixelMask, tile: Tile, settings: Settings
) -> tuple[list[int], PixelMask | None, float]:
    """Clear the pixels of a tile that are ignored; return how many that were, by reason.

    Those that differ by anti-aliasing, if there are any, and the largest ΔE below the tolerance
    are returned too.
    """
    first, second = (np.ascontiguousarray(tile.crop(image)) for image in (baseline, candidate))
    counts, largest = [0, 0, 0], 0.0
    if first.shape[2] == 4 and settings.transparent == "ignore":
        counts[0] = _clear(left, (first[:, :, 3] | second[:, :, 3]) == 0)
    if settings.tolerance > 0:
        faint, largest = _find_faint(first, second, left, settings.tolerance)
        counts[1] = _clear(left, faint)
    if settings.antialiasing == "ignore":
        antialiased = _find_antialiased(baseline, candidate, left, tile)
        counts[2] = _clear(left, antialiased)
        return counts, antialiased if counts[2] else None, largest
    return counts, None, largest


def _clear(left: PixelMask, ignored: PixelMask) -> int:
    """Clear the ignored ones of the pixels that are left; return how many that were."""
    ignored &= left
    left ^= ignored
    return int(np.count_nonzero(ignored))


def _find_faint(
    first: Pixels, second: Pixels, left: PixelMask, tolerance: float
) -> tuple[PixelMask, float]:
    """Return which of the pixels that are left differ too little to be seen, and by how much."""
    unsure = np.flatnonzero(left & ~_is_obvious(first, second, tolerance))
    colours = (block.reshape(-1, block.shape[2]).take(unsure, axis=0) for block in (first, second))
    faint = np.zeros_like(left)
    differences = measure_colour_difference(*colours)
    is_faint = differences <= tolerance
    faint.reshape(-1)[unsure] = is_faint
    # What was told from the tolerance in single precision must not exceed it in double.
    return faint, min(float(differences.max(where=is_faint, initial=0)), tolerance)


def _is_obvious(first: Pixels, second: Pixels, tolerance: float) -> PixelMask:
    """Return which opaque pixels differ so in luma that their ΔE must exceed the tolerance."""
    old, new = (to_luma(to_8_bits(block)) for block in (first, second))
    # Compared with a float, each level would become one.
    obvious = np.asarray(cv2.absdiff(old, new) > int(bound_luma(tolerance)))
    if first.shape[2] == 4:
        obvious &= (first[:, :, 3] & second[:, :, 3]) == np.iinfo(first.dtype).max
    return obvious


def _find_antialiased(
    baseline: Pixels, candidate: Pixels, left: PixelMask, tile: Tile
) -> PixelMask:
    """Return which of the pixels that are left differ by anti-aliasing only."""
    if not left.any():
        return np.zeros_like(left)
    # Cells lie on one grid for the whole image: tiles must not show in the result.
    grid = _align(tile, *baseline.shape[:2])
    inner = tile.move(-grid.top, -grid.left)
    first, second = (_crop_around(image, grid) for image in (baseline, candidate))
    # The cheapest first: most surroundings differ too much for any structure.
    cells = _may_be_alike(first, second)
    if not cells.any():
        return np.zeros_like(left)
    found = left & inner.crop(_expand(cells))
    for image in (baseline, candidate):
        if found.any():
            found &= ~_is_flat(image, tile)
    if found.any():
        found &= inner.crop(_expand(_is_alike(first, second)))
    return found


def _align(tile: Tile, height: int, width: int) -> Tile:
    """Return the cells that a tile touches.

    Of an image's last cells there are always two: what the border mirrors must lie inside.
    """
    top, left = min(tile.top, max(height - _CELL, 0)), min(tile.left, max(width - _CELL, 0))
    return Tile(
        top // _CELL * _CELL,
        -(-tile.bottom // _CELL) * _CELL,
        left // _CELL * _CELL,
        -(-tile.right // _CELL) * _CELL,
    )


def _expand(cells: PixelMask) -> PixelMask:
    """Return the pixels of cells."""
    return np.repeat(np.repeat(cells, _CELL, axis=0), _CELL, axis=1)


def _is_flat(image: Pixels, tile: Tile) -> PixelMask:
    """Return which pixels of a tile have a 3×3 neighbourhood of one colour."""
    wide = tile.grow(1, *image.shape[:2])
    block = to_8_bits(wide.crop(image))
    return ~tile.move(-wide.top, -wide.left).crop(any_channel(measure_range(block)))


def _crop_around(image: Pixels, grid: Tile) -> NDArray[np.uint8]:
    """Return cells and their surroundings in 8 bits; beyond the image's border it is mirrored."""
    margin = _AA_CELLS // 2 * _CELL
    height, width = image.shape[:2]
    around = grid.grow(margin, height, width)
    block = to_8_bits(around.crop(image))
    missing = (
        around.top - (grid.top - margin),
        grid.bottom + margin - around.bottom,
        around.left - (grid.left - margin),
        grid.right + margin - around.right,
    )
    if any(missing):
        bordered = cv2.copyMakeBorder(block, *missing, cv2.BORDER_REFLECT)
        return np.asarray(bordered, np.uint8).reshape(*bordered.shape[:2], image.shape[2])
    return block


def _may_be_alike(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> PixelMask:
    """Return which cells are not certain to fail `_is_alike`, by their squared differences alone.

    With the names of `_is_alike`, 1 - SSIM is p + q - p q, where p = d1 / (a1 + d1) and
    q = d2 / b2. Neither denominator exceeds 2 N² 255² + c1, so p + q is at least N Sdd divided by
    that, and p q at most a quarter of its square. So the sum over the channels is at least
    s - s² / 4, where s is N Sdd of all channels divided by the same. (Above 2, where that falls
    again, 1 - SSIM is above 1 anyway.)
    """
    height, _, channels = first.shape
    difference = cv2.absdiff(first, second).reshape(height, -1).astype(np.uint16)
    most = (
        2 * (1 - sqrt(1 - _AA_DEFICIT * channels)) * (2 * _AA_COUNT * 255**2 + _AA_C1 / _AA_COUNT)
    )
    return _sum_around_cells(difference * difference, _CELL * channels) <= most


def _is_alike(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> PixelMask:
    """Return which inner cells lie in surroundings of equal structure, on average of channels.

    With sums S over the N pixels of the surroundings, all multiplied by N² or N(N - 1):

        a1 = 2 Sx Sy + N² C1     d1 = (Sx - Sy)²      SSIM = a1 a2 / ((a1 + d1)(a2 + d2))
        a2 = 2 (N Sxy - Sx Sy) + N(N-1) C2            d2 = N Sdd - d1       b2 = a2 + d2
    """
    x, y = first.astype(np.uint16), second.astype(np.uint16)
    difference = cv2.absdiff(first, second).reshape(first.shape).astype(np.uint16)
    sum_x, sum_y = _sum_around_cells(x), _sum_around_cells(y)
    sum_xy, sum_dd = _sum_around_cells(x * y), _sum_around_cells(difference * difference)
    product, d1 = sum_x * sum_y, (sum_x - sum_y) ** 2
    d2 = _AA_COUNT * sum_dd - d1
    a1 = 2 * product + _AA_C1
    b2 = 2 * (_AA_COUNT * sum_xy - product) + _AA_C2 + d2
    deficits = (d1 * b2 + a1 * d2) / ((a1 + d1) * b2)
    return _is_small(deficits)


def _is_small(deficits: NDArray[np.float64]) -> PixelMask:
    """Return which cells have a 1 - SSIM that is small on average of their channels."""
    # The mean of an axis of three takes four times as long.
    return np.asarray(
        reduce(np.add, np.moveaxis(deficits, 2, 0)) <= _AA_DEFICIT * deficits.shape[2]
    )


def _sum_around_cells(values: NDArray[np.uint16], columns: int = _CELL) -> NDArray[np.float64]:
    """Return the sum over the surroundings of each inner cell, `(rows, columns, C)`.

    Values are `(H, W, C)`, or `(H, W)` with so many `columns` for each cell.
    """
    # Rows of cells first: what follows has a quarter of the work.
    rows = values[::_CELL].astype(np.int32)
    for row in range(1, _CELL):
        rows += values[row::_CELL]
    width, height = _AA_CELLS * columns, _AA_CELLS
    sums = cv2.boxFilter(rows, cv2.CV_32S, (width, height), anchor=(0, 0), normalize=False)
    inner = sums.reshape(rows.shape)[: 1 - height, : 1 - width : columns]
    return inner.astype(np.float64)
