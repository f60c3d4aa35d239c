"""Which small things were only drawn anew, a part of a pixel further.

An icon, a round corner or a word can be rasterised otherwise while the rest of the page is not.
Then ink moves by less than a pixel: what one edge of a stroke loses the other gains, and little is
left on average of a few pixels. A thing that moved by whole pixels is found at its new place.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import Levels, crop_levels, to_luma
from visualdiff.clusters import CELL, to_cells
from visualdiff.outliers import BORDER, find_outliers
from visualdiff.tiles import PixelMask, Pixels, SparseMask, Tile, make_empty_mask, make_writable

# Cells of 4×4 pixels nearer than this are one thing: (rows, columns).
_NEAR: Final = (4, 5)
# Around a thing all of what differs is looked at, wherever the outliers of its pixels come from.
_MARGIN: Final = 12
# More or larger things than these are no detail of a page.
_MOST_THINGS: Final = 64
_LARGEST: Final = 1 << 16

# Of fewer pixels nobody can tell that they were redrawn: a point that became a comma has nine.
_LEAST_PIXELS: Final = 16
# No more than this share of what differs in luma may go one way. Of things that were redrawn it is
# up to 78 %, of text that faded or was recoloured 92 % and more.
_ONE_SIDED: Final = 0.8
# What is left of a difference on average of a few pixels, as a share of the contrast around: up to
# 21 % where a thing was redrawn, 32 % and more where a digit is another one.
_SIGMA: Final = 1.0
_LEFT: Final = 0.22
# One move by up to so many pixels leaves no more than this share of the squared difference. Before
# this was asked, every sixth digit that changed in text of 9 to 16 px passed: 8 for 6, 9 for 0.
_FURTHEST_PART: Final = 0.6
_UNEXPLAINED: Final = 0.5
_AROUND: Final = np.ones((9, 9), np.uint8)
_LEAST_CONTRAST: Final = 16
# A thing that moved by so many pixels leaves less than this share of its difference when it is
# moved back; of what was redrawn any such move makes at least nine tenths of it.
_FURTHEST: Final = 2
_MOVED: Final = 0.5


class _Thing(NamedTuple):
    """The luma of one thing before and after, and which of its pixels differ, `(H, W)` each."""

    old: Levels
    new: Levels
    differing: PixelMask


def find_redrawn(
    baseline: Pixels, candidate: Pixels, visible: SparseMask, antialiased: PixelMask
) -> PixelMask:
    """Return the visible pixels, `(H, W)`, of things that were only drawn anew.

    Images are `(H, W, C)`, gray, RGB or opaque RGBA; `antialiased` are pixels that differ too.
    """
    redrawn = make_empty_mask(visible.pixels.shape)
    for box, mine in _find_things(visible):
        seen = mine & box.crop(visible.pixels)
        if _touches_border(seen, box, *redrawn.shape):
            continue
        old, new = crop_levels(baseline, box), crop_levels(candidate, box)
        differing = seen | (mine & box.crop(antialiased))
        inside = Tile(0, redrawn.shape[0], 0, redrawn.shape[1]).move(-box.top, -box.left)
        if _is_redrawn(_Thing(to_luma(old), to_luma(new), differing)) and not np.any(
            find_outliers(old, new, seen, inside).outlying
        ):
            redrawn = make_writable(redrawn)
            box.crop(redrawn)[seen] = True
    return redrawn


def _touches_border(seen: PixelMask, box: Tile, height: int, width: int) -> bool:
    """Return whether something seen in a box is too near to the image's border to be judged."""
    known = Tile(BORDER, height - BORDER, BORDER, width - BORDER).move(-box.top, -box.left)
    edges = (max(edge, 0) for edge in known)
    return bool(np.count_nonzero(Tile(*edges).crop(seen)) < np.count_nonzero(seen))


def _find_things(visible: SparseMask) -> Iterator[tuple[Tile, PixelMask]]:
    """Yield a box around each thing that differs, and which of its pixels belong to the thing.

    Where there are too many or too large ones, none.
    """
    rows = np.flatnonzero(visible.rows)
    if not rows.size:
        return
    height, width = visible.pixels.shape
    strip = Tile(int(rows[0]), int(rows[-1]) + 1, 0, width).grow(_MARGIN, height, width)
    grown = cv2.dilate(to_cells(strip.crop(visible.pixels)), np.ones(_NEAR, np.uint8))
    count, found, boxes, _ = cv2.connectedComponentsWithStats(grown)
    labels = np.asarray(found, np.int32)
    areas = boxes[1:, 2:4].prod(axis=1) * CELL**2
    if count - 1 > _MOST_THINGS or areas.max() > _LARGEST:
        return
    for label, cells in enumerate(boxes[1:, :4].tolist(), start=1):
        left, top, columns, lines = (CELL * side for side in cells)
        extent = Tile(top, top + lines, left, left + columns).move(strip.top, 0)
        box = extent.grow(_MARGIN, height, width)
        yield box, _label_pixels(labels, box.move(-strip.top, 0)) == label


def _label_pixels(labels: NDArray[np.int32], box: Tile) -> NDArray[np.int32]:
    """Return the label of each pixel of a box, given those of the cells."""
    rows, columns = (
        np.clip(np.arange(start, end) // CELL, 0, side - 1)
        for start, end, side in zip(box[::2], box[1::2], labels.shape, strict=True)
    )
    return labels[rows][:, columns]


def _is_redrawn(thing: _Thing) -> bool:
    """Return whether ink only moved by a part of a pixel, as far as luma tells."""
    if np.count_nonzero(thing.differing) < _LEAST_PIXELS:
        return False
    difference = np.subtract(thing.new, thing.old, dtype=np.float32) * thing.differing
    in_all = np.abs(difference).sum()
    if abs(difference.sum()) > _ONE_SIDED * in_all:
        return False
    highest = cv2.dilate(cv2.max(thing.old, thing.new), _AROUND)
    lowest = cv2.erode(cv2.min(thing.old, thing.new), _AROUND)
    contrast = cv2.subtract(highest, lowest).astype(np.float32) + _LEAST_CONTRAST
    left = np.abs(cv2.GaussianBlur(difference, (0, 0), _SIGMA))
    if (left > _LEFT * contrast).any() or not _is_shifted(thing, difference):
        return False
    return not _was_moved(thing)


def _is_shifted(thing: _Thing, difference: NDArray[np.float32]) -> bool:
    """Return whether one move by a part of a pixel explains most of the difference.

    To first order a move changes luma by its distance times the slope (Lucas and Kanade 1981,
    equation 2): the move is found by least squares.
    """
    mean = cv2.addWeighted(thing.old, 0.5, thing.new, 0.5, 0, dtype=cv2.CV_32F)
    slopes = np.stack([np.gradient(mean, axis=axis) for axis in (0, 1)], axis=-1)
    slopes, changes = slopes[thing.differing], difference[thing.differing]
    move, *_ = np.linalg.lstsq(slopes, changes, rcond=None)
    left = changes - slopes @ move
    is_explained = left @ left <= _UNEXPLAINED * (changes @ changes)
    return bool(is_explained and np.abs(move).max() <= _FURTHEST_PART)


def _was_moved(thing: _Thing) -> bool:
    """Return whether a move by whole pixels takes most of the ink to its new place."""
    inner = np.s_[_FURTHEST:-_FURTHEST, _FURTHEST:-_FURTHEST]
    target = thing.new[inner].astype(np.float32)
    counted = thing.differing[inner]
    size = 2 * _FURTHEST + 1
    height, width = target.shape

    def measure(row: int, column: int) -> float:
        moved: NDArray[np.uint8] = thing.old[row : row + height, column : column + width]
        return float((np.abs(moved - target) * counted).sum())

    stayed = measure(_FURTHEST, _FURTHEST)
    return any(
        measure(row, column) < _MOVED * stayed
        for row, column in np.ndindex(size, size)
        if (row, column) != (_FURTHEST, _FURTHEST)
    )
