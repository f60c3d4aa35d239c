"""Boxes with the fainter differences around them that belong to what they hold."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.clusters import CELL, to_cells
from visualdiff.scene import find_extent
from visualdiff.tiles import PixelMask, Pixels, Tile, any_channel, to_8_bits

# A visible difference has faint surroundings that belong to it, as where a shadow fades out:
# pixels that differ by at most so many levels of 255, connected to it, and no further away than
# this. Not every ignored pixel will do: smoothing differs more, and connects lines of text.
_FAINT: Final = 8
_REACH: Final = 128
# Rows further than this from any difference may be undefined: nothing in a comparison looks there.
_REACH_ROWS: Final = 32
_MOST_RIM: Final = 0.1
# Pixels that are looked at for that, of one box and of all boxes. Larger boxes gain little.
_MOST_PIXELS: Final = 1 << 18
_MOST_PIXELS_OF_ALL: Final = 1 << 20


def grow_to_faint(
    baseline: Pixels, candidate: Pixels, visible: PixelMask, box: Tile, boxes: int
) -> Tile:
    """Return a box with the faint differences that are connected to its visible pixels."""
    wide = box.grow(_REACH, *visible.shape)
    window = box.grow(_REACH_ROWS, *visible.shape)._replace(left=wide.left, right=wide.right)
    most = min(_MOST_PIXELS, _MOST_PIXELS_OF_ALL // boxes)
    if window.area > most or not _differs_beside(baseline, candidate, box):
        return box
    images = (to_8_bits(np.ascontiguousarray(window.crop(each))) for each in (baseline, candidate))
    difference = cv2.absdiff(*images)
    seen = np.ascontiguousarray(window.crop(visible))
    faint = any_channel(difference) & ~seen
    strong = any_channel(cv2.subtract(difference, np.full_like(difference, _FAINT))) & ~seen
    inside = box.move(-window.top, -window.left)
    own = _find_own_cells(to_cells(seen), to_cells(faint), to_cells(strong), inside)
    mask = np.repeat(np.repeat(own, CELL, axis=0), CELL, axis=1)[: len(seen), : seen.shape[1]]
    mask &= seen | faint
    extent = find_extent(mask)
    return box.unite(extent.move(window.top, window.left)) if extent else box


def _differs_beside(baseline: Pixels, candidate: Pixels, box: Tile) -> bool:
    """Return whether anything differs so near to a box that it can be connected to it."""
    outer = box.grow(2 * CELL, *baseline.shape[:2])
    rims = (
        outer._replace(bottom=box.top),
        outer._replace(top=box.bottom),
        outer._replace(right=box.left),
        outer._replace(left=box.right),
    )
    return any(
        rim.area and cv2.norm(rim.crop(baseline), rim.crop(candidate), cv2.NORM_INF)
        for rim in rims
    )


def _find_own_cells(
    seen: NDArray[np.uint8], faint: NDArray[np.uint8], strong: NDArray[np.uint8], box: Tile
) -> PixelMask:
    """Return the cells that are connected to the visible ones of a box, through faint ones.

    None where faint differences are noise: most of them are connected to nothing visible, or they
    flow out of the window. A border may leave it, but in few places.
    """
    _, clusters = cv2.connectedComponents(seen | (faint & ~strong), connectivity=8)
    inside = np.s_[
        box.top // CELL : -(-box.bottom // CELL), box.left // CELL : -(-box.right // CELL)
    ]
    own = np.isin(clusters, np.unique(clusters[inside][seen[inside] > 0]))
    lone = ~np.isin(clusters, np.unique(clusters[seen > 0]))
    is_noise = np.count_nonzero(lone & (faint > 0)) > np.count_nonzero(own & (faint > 0))
    rim = np.concatenate((own[0], own[-1], own[:, 0], own[:, -1]))
    if is_noise or np.count_nonzero(rim) > _MOST_RIM * rim.size:
        return np.zeros_like(own)
    return own
