"""Whether all of a page, or all between two of its rows, was moved by whole pixels."""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import BLOCK, crop_levels, to_luma
from visualdiff.tiles import PixelMask, Pixels, Tile

# A page whose ink lies, to a tenth, where a move by whole pixels takes it was moved, unless this
# share of the blocks amid the moved ones stayed; on pages that were moved none did.
_MOVED: Final = 0.1
_LEAST_STAYED: Final = 0.03
_FURTHEST: Final = 3
_NOWHERE: Final = (_FURTHEST, _FURTHEST)
# So many blocks, evenly spread, tell where all of them went.
_MOST_MOVED: Final = 12


def was_moved(baseline: Pixels, candidate: Pixels, differing: PixelMask, alike: PixelMask) -> bool:
    """Return whether all that differs moved by whole pixels, and nothing amid it stayed.

    Images are `(H, W, C)`; `differing` marks the blocks that differ, `alike` the other ones with
    ink. Text alone moves when its baselines snap to other rows, but then boxes and images stay.
    """
    move = _find_move(baseline, candidate, differing) if differing.any() else _NOWHERE
    if move == _NOWHERE:
        return False
    still = alike & _lie_amid(differing)
    # A line along the move, or an even fill, stays as it is when it is moved.
    stayed = sum(errors[move] > BLOCK**2 for errors in _compare_moves(baseline, baseline, still))
    return bool(stayed < _LEAST_STAYED * (stayed + np.count_nonzero(differing)))


def _lie_amid(blocks: PixelMask) -> PixelMask:
    """Return what lies between two blocks; a header or a sidebar that stays does not."""
    amid = np.zeros_like(blocks)
    for axis in (0, 1):
        before = np.logical_or.accumulate(blocks, axis=axis)
        after = np.flip(np.logical_or.accumulate(np.flip(blocks, axis), axis=axis), axis)
        amid |= before & after
    return amid


def _find_move(baseline: Pixels, candidate: Pixels, blocks: PixelMask) -> tuple[int, int]:
    """Return the index of the move that takes the ink of blocks where it is now, if any does."""
    every = -(-np.count_nonzero(blocks) // _MOST_MOVED)
    sample = np.zeros_like(blocks)
    sample.reshape(-1)[np.flatnonzero(blocks)[::every]] = True
    errors = np.zeros((2 * _FURTHEST + 1, 2 * _FURTHEST + 1))
    for found in _compare_moves(baseline, candidate, sample):
        errors += found
    row, column = divmod(int(errors.argmin()), errors.shape[1])
    return (row, column) if errors[row, column] < _MOVED * errors[_NOWHERE] else _NOWHERE


def _compare_moves(
    first: Pixels, second: Pixels, blocks: PixelMask
) -> Iterator[NDArray[np.float64]]:
    """Yield, for each block not at the border, the summed difference of luma after each move.

    Moves are by up to three rows and columns: seven by seven of them, the one in the middle none.
    """
    height, width = first.shape[:2]
    for row, column in np.argwhere(blocks).tolist():
        tile = Tile(row, row + 1, column, column + 1)
        tile = Tile(*(edge * BLOCK for edge in tile))
        wide = tile.grow(_FURTHEST, height, width)
        if wide.area < (BLOCK + 2 * _FURTHEST) ** 2:
            continue
        source, target = to_luma(crop_levels(first, wide)), to_luma(crop_levels(second, tile))
        size = 2 * _FURTHEST + 1
        moved = (
            source[row : row + BLOCK, column : column + BLOCK]
            for row, column in np.ndindex(size, size)
        )
        errors = [cv2.norm(source, target, cv2.NORM_L1) for source in moved]
        yield np.array(errors).reshape(size, size)
