"""Whether a page as a whole was rasterised anew, and which differences that explains.

It was where ink differs all over the page as another rasteriser makes it differ, and in nothing
else. Then the page has a noise floor of its own, and a change is what stands out of it.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.outliers import (
    EXCESS,
    REACH,
    Levels,
    Outliers,
    find_outliers,
    measure_range,
    to_luma,
)
from visualdiff.tiles import PixelMask, Pixels, SparseMask, Tile, to_8_bits

# A page is judged in blocks of 32×32 pixels, about the size of a word; a block holds ink where
# a 3×3 neighbourhood in it spans more than 48 levels.
_BLOCK: Final = 32
_INK_RANGE: Final = 48
# A page was re-rasterised when at least this many blocks, and this share of those with ink, differ
# in nothing else.
_LEAST_BLOCKS: Final = 32
_LEAST_COVERAGE: Final = 0.15
# With outliers in a larger share of its differing blocks a page was changed.
_MOST_OUTLYING: Final = 0.5
# How much ink may come or go in all: LCD against gray smoothing makes up to 6.5 %, a text colour
# or a weight that anybody would notice 9 % and more.
_INK_CHANGE: Final = 0.08
# A page whose ink lies, to a tenth, where a move by whole pixels takes it was moved, unless this
# share of the blocks among the moved ones stayed: text alone moves when its baselines snap.
_MOVED: Final = 0.1
_LEAST_STAYED: Final = 0.1
_FURTHEST: Final = 3
_MOST_MOVED: Final = 24

# Outliers nearer than this belong together: (rows, columns).
_NEAR: Final = (9, 13)

# Tiles are larger than elsewhere, as they need a margin; in blocks.
_TILE_ROWS: Final = 4
_TILE_COLUMNS: Final = 16
# A page is examined in so many samples of its tiles, and given up after any of them.
_SAMPLES: Final = 4


class Explained(NamedTuple):
    """Visible pixels, `(H, W)`, that re-rasterising explains.

    `coverage` is the share of the page's inked blocks that differ in nothing else, `flat_pixels`
    how many pixels of flat areas changed: no rasteriser does that.
    """

    pixels: PixelMask
    coverage: float
    flat_pixels: int


class _Page(NamedTuple):
    """Both images, `(H, W, C)`, and the `(H, W)` mask of the visible pixels."""

    baseline: Pixels
    candidate: Pixels
    visible: PixelMask


class _Blocks(NamedTuple):
    """What is known of the blocks of a page, `(rows, columns)` each."""

    inked: PixelMask
    differing: PixelMask
    examined: PixelMask
    outlying: PixelMask
    # In the baseline and in the candidate, `(2, rows, columns)`.
    ink: NDArray[np.float64]


def explain_by_rasterising(
    baseline: Pixels, candidate: Pixels, visible: SparseMask
) -> Explained | None:
    """Return which visible pixels re-rasterising explains, or None if the page was not.

    Images are `(H, W, C)`, gray, RGB or opaque RGBA. Little is computed where few blocks differ.
    """
    differing = _find_differing(visible)
    if _count(differing) < _LEAST_BLOCKS:
        return None
    inked = _find_inked(baseline)
    if _count(differing) < _LEAST_COVERAGE * _count(inked):
        return None
    page = _Page(baseline, candidate, visible.pixels)
    nothing = np.zeros_like(inked), np.zeros_like(inked), np.zeros((2, *inked.shape))
    blocks = _Blocks(inked, differing, *nothing)
    outliers, flat_pixels = np.zeros(visible.pixels.shape, np.bool_), 0
    tiles = list(_cover(differing, *outliers.shape))
    for sample in range(_SAMPLES):
        for tile in tiles[sample::_SAMPLES]:
            flat_pixels += _examine(page, tile, blocks, outliers)
        # A page that was changed all over shows it everywhere.
        if _count(blocks.outlying) > _MOST_OUTLYING * _count(blocks.examined):
            return None
    plain = differing & ~blocks.outlying
    if not _is_rerasterised(blocks, plain) or _was_moved(page, blocks, plain):
        return None
    if blocks.outlying.any():
        outliers = _grow(page, blocks, outliers)
    return Explained(visible.pixels & ~outliers, _share(plain, inked), flat_pixels)


def _count(mask: PixelMask) -> int:
    return int(np.count_nonzero(mask))


def _find_differing(visible: SparseMask) -> PixelMask:
    """Return which blocks hold a visible pixel."""
    blocks = [
        _reduce(np.logical_or, visible.pixels[top : top + _BLOCK])
        if visible.rows[top : top + _BLOCK].any()
        else np.zeros((1, -(-visible.pixels.shape[1] // _BLOCK)), np.bool_)
        for top in range(0, len(visible.rows), _BLOCK)
    ]
    return np.concatenate(blocks)


def _find_inked(image: Pixels) -> PixelMask:
    """Return which blocks of an image hold ink."""
    height, width = image.shape[:2]
    strips = [
        _crop(image, Tile(top, min(top + _BLOCK, height), 0, width))
        for top in range(0, height, _BLOCK)
    ]
    return np.concatenate([_hold_ink(strip) for strip in strips])


def _hold_ink(image: Levels) -> PixelMask:
    return _reduce(np.logical_or, measure_range(to_luma(image)) > _INK_RANGE)


def _reduce(ufunc: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
    """Return what a function makes of the values of each block."""
    rows = [ufunc.reduce(values[top : top + _BLOCK]) for top in range(0, len(values), _BLOCK)]
    starts = np.arange(0, values.shape[1], _BLOCK)
    return np.asarray(ufunc.reduceat(np.stack(rows), starts, axis=1))


def _cover(blocks: PixelMask, height: int, width: int) -> Iterator[Tile]:
    """Yield disjoint tiles of whole blocks that cover the marked ones."""
    for top in range(0, len(blocks), _TILE_ROWS):
        marked = np.flatnonzero(blocks[top : top + _TILE_ROWS].any(axis=0))
        bottom = min((top + _TILE_ROWS) * _BLOCK, height)
        for group in np.split(marked, np.flatnonzero(np.diff(marked // _TILE_COLUMNS)) + 1):
            if not group.size:
                continue
            yield Tile(
                top * _BLOCK,
                bottom,
                int(group[0]) * _BLOCK,
                min(int(group[-1] + 1) * _BLOCK, width),
            )


def _crop(image: Pixels, tile: Tile) -> Levels:
    """Return a tile of an image in 8 bits, gray or RGB."""
    block = np.ascontiguousarray(to_8_bits(tile.crop(image)))
    if image.shape[2] < 4:
        return block
    return np.asarray(cv2.cvtColor(block, cv2.COLOR_RGBA2RGB), np.uint8)


def _examine(page: _Page, tile: Tile, blocks: _Blocks, outliers: PixelMask) -> int:
    """Find out all about the blocks of a tile; return how many flat pixels changed."""
    found, first, second = _look_at(page, tile)
    tile.crop(outliers)[...] = found.outlying
    cells = Tile(*(-(-edge // _BLOCK) for edge in tile))
    cells.crop(blocks.examined)[...] = cells.crop(blocks.differing)
    cells.crop(blocks.outlying)[...] = _reduce(np.logical_or, found.outlying)
    cells.crop(blocks.inked)[...] |= _hold_ink(second)
    inks = blocks.ink[:, cells.top : cells.bottom, cells.left : cells.right]
    inks[...] = _measure_ink(to_luma(first), to_luma(second))
    return _count(found.flat)


def _look_at(page: _Page, tile: Tile, **closer: float) -> tuple[Outliers, Levels, Levels]:
    """Return the outliers of a tile, and the tile of both images."""
    height, width = page.visible.shape
    wide = tile.grow(REACH, height, width)
    up, left = -wide.top, -wide.left
    images = [_crop(image, wide) for image in (page.baseline, page.candidate)]
    inside = Tile(0, height, 0, width).move(up, left)
    found = find_outliers(*images, wide.crop(page.visible), inside, **closer)
    inner = tile.move(up, left)
    first, second = (inner.crop(image) for image in images)
    return Outliers(inner.crop(found.outlying), inner.crop(found.flat)), first, second


def _grow(page: _Page, blocks: _Blocks, outliers: PixelMask) -> PixelMask:
    """Return the outliers and what near them is half as far out: all of a word, not a stroke."""
    near = np.asarray(
        cv2.dilate(blocks.outlying.view(np.uint8), np.ones((3, 3), np.uint8)), np.bool_
    )
    grown = outliers.copy()
    for tile in _cover(near & blocks.differing, *outliers.shape):
        tile.crop(grown)[...] |= _look_at(page, tile, share=EXCESS / 2)[0].outlying
    joined = cv2.dilate(grown.view(np.uint8), np.ones(_NEAR, np.uint8))
    count, labels = cv2.connectedComponents(joined)
    kept = np.zeros(count, np.bool_)
    kept[labels[outliers]] = True
    return grown & kept[labels]


def _measure_ink(first: Levels, second: Levels) -> NDArray[np.float64]:
    """Return how much ink each block holds in both images, `(2, rows, columns)`.

    That is how far the sum of all levels is from that of the paper, which is the darkest or the
    lightest level, whichever is nearer to the mean.
    """
    areas = _reduce(np.add, np.ones(first.shape, np.int32))
    lowest = _reduce(np.minimum, np.minimum(first, second)).astype(np.int32)
    highest = _reduce(np.maximum, np.maximum(first, second)).astype(np.int32)
    sums = np.stack([_reduce(np.add, luma.astype(np.int32)) for luma in (first, second)])
    is_light = sums.sum(axis=0) > areas * (lowest + highest)
    paper = areas * np.where(is_light, highest, lowest)
    return np.abs(sums - paper).astype(np.float64)


def _is_rerasterised(blocks: _Blocks, plain: PixelMask) -> bool:
    """Return whether the differing blocks without outliers make up a re-rasterised page."""
    if _count(plain) < _LEAST_BLOCKS or _share(plain, blocks.inked) < _LEAST_COVERAGE:
        return False
    before, after = blocks.ink[:, plain].sum(axis=1).tolist()
    return bool(abs(after - before) <= _INK_CHANGE * before)


def _share(plain: PixelMask, inked: PixelMask) -> float:
    """Return the share of the blocks with ink that differ as re-rasterised ones do."""
    return _count(plain & inked) / max(_count(inked), 1)


def _was_moved(page: _Page, blocks: _Blocks, plain: PixelMask) -> bool:
    """Return whether all between the first and the last differing row moved by whole pixels."""
    move = _find_move(page, plain)
    if move == (0, 0):
        return False
    rows = np.flatnonzero(plain.any(axis=1))
    still = blocks.inked & ~blocks.differing
    still[: rows[0]] = still[rows[-1] + 1 :] = False
    # A line along the move, or an even fill, stays as it is when it is moved.
    stayed = sum(
        float(errors[move]) > _BLOCK**2
        for errors in _compare_moves(page.baseline, page.baseline, still)
    )
    return stayed < _LEAST_STAYED * (stayed + _count(plain))


def _find_move(page: _Page, blocks: PixelMask) -> tuple[int, int]:
    """Return by how many rows and columns the ink of blocks moved, (0, 0) if it was not moved."""
    every = -(-_count(blocks) // _MOST_MOVED)
    sample = np.zeros_like(blocks)
    sample.reshape(-1)[np.flatnonzero(blocks)[::every]] = True
    errors: Counter[tuple[int, int]] = Counter()
    for found in _compare_moves(page.baseline, page.candidate, sample):
        errors.update(found)
    best = min(errors, key=lambda move: errors[move], default=(0, 0))
    return best if errors[best] < _MOVED * errors[0, 0] else (0, 0)


def _compare_moves(
    first: Pixels, second: Pixels, blocks: PixelMask
) -> Iterator[dict[tuple[int, int], float]]:
    """Yield, for each block not at the border, how much the two differ after each move."""
    height, width = first.shape[:2]
    for row, column in np.argwhere(blocks).tolist():
        tile = Tile(row, row + 1, column, column + 1)
        tile = Tile(*(edge * _BLOCK for edge in tile))
        wide = tile.grow(_FURTHEST, height, width)
        if wide.area < (_BLOCK + 2 * _FURTHEST) ** 2:
            continue
        source, target = to_luma(_crop(first, wide)), to_luma(_crop(second, tile))
        yield {
            (-down, -right): cv2.norm(
                source[_FURTHEST + down :][:_BLOCK, _FURTHEST + right :][:, :_BLOCK],
                target,
                cv2.NORM_L1,
            )
            for down in range(-_FURTHEST, _FURTHEST + 1)
            for right in range(-_FURTHEST, _FURTHEST + 1)
        }
