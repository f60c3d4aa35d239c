"""Whether the content of a box moved or changed its size: the same ink at another place."""

from itertools import product
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.scene import Scene, find_extent, sum_difference
from visualdiff.tiles import Tile

# Most of what changed is explained by a move when so little of it is left.
_MOVE_ERROR: Final = 0.15
_LEAST_INSIDE: Final = 0.9
# At another place there may be other things below it.
_PLACE_ERROR: Final = 0.25
# Scaled text has other glyph images, so more is left. Flat areas fit any size: what is left is
# held against the contrast, too.
_SCALE_ERROR: Final = 0.35
_SCALE_ERROR_OF_CONTRAST: Final = 0.25
# Text that was rasterised anew has its ink where it was, but for a pixel: smoothed alike, little
# of its contrast is left as a difference: 0.12 in the median on real pages, of a digit 0.67.
_NEW_INK: Final = 0.2
# The least that is looked for elsewhere, in pixels: a speck is found anywhere.
_LEAST_INK: Final = 24


def may_have_moved(scene: Scene) -> bool:
    """Return whether ink left some pixels and reached others, which takes one look."""
    left = np.count_nonzero(scene.visible & scene.ink_before & ~scene.ink_after)
    reached = np.count_nonzero(scene.visible & scene.ink_after & ~scene.ink_before)
    # What only grew or shrank left nothing, or reached nothing.
    return bool(min(left, reached) > 0.2 * max(left, reached))


def find_move(scene: Scene) -> tuple[int, int] | None:
    """Return how many rows down and columns to the right the ink moved, if that is all it did."""
    before, after = find_extent(scene.ink_before), find_extent(scene.ink_after)
    if scene.step > 1 or not before or not after or not may_have_moved(scene):
        return None
    # Either edge tells; something that stays may hide the other one.
    rows = (after.top - before.top, after.bottom - before.bottom)
    columns = (after.left - before.left, after.right - before.right)
    ways = sorted(set(product(rows, columns)) - {(0, 0)})
    ways.sort(key=lambda way: abs(way[0]) + abs(way[1]))
    return next((way for way in ways if _is_moved(scene, *way)), None)


def _is_moved(scene: Scene, rows: int, columns: int) -> bool:
    """Return whether changed ink of either image is found in the other one, so far away."""
    height, width = scene.visible.shape
    if abs(rows) >= height or abs(columns) >= width:
        return False
    old = Tile(max(-rows, 0), height - max(rows, 0), max(-columns, 0), width - max(columns, 0))
    new = old.move(rows, columns)
    for tile, ink in ((old, scene.ink_before), (new, scene.ink_after)):
        everything = scene.visible & ink
        changed = tile.crop(everything)
        # Ink that such a move would take out of the box was removed, or is another thing.
        if np.count_nonzero(changed) < _LEAST_INSIDE * np.count_nonzero(everything):
            return False
        error = sum_difference(old.crop(scene.baseline), new.crop(scene.candidate), changed)
        change = sum_difference(tile.crop(scene.baseline), tile.crop(scene.candidate), changed)
        if error > _MOVE_ERROR * change:
            return False
    return True


def has_received(new: Scene, old: Scene) -> bool:
    """Return whether a box shows now what is gone from another one of the same size."""
    if old.baseline.shape != new.candidate.shape or max(old.step, new.step) > 1:
        return False
    ink = old.visible & old.ink_before
    if np.count_nonzero(ink) < _LEAST_INK:
        return False
    contrast = sum_difference(old.baseline, old.candidate, ink)
    return sum_difference(old.baseline, new.candidate, ink) <= _PLACE_ERROR * contrast


def has_new_ink(scene: Scene) -> bool:
    """Return whether ink came or went further than another smoothing of the same ink moves it."""
    before, after = (
        np.asarray(cv2.blur(image, (3, 3)), np.uint8).reshape(image.shape)
        for image in (scene.wide_baseline, scene.wide_candidate)
    )
    paper = np.broadcast_to(scene.paper, before.shape)
    contrast = max(sum_difference(paper, image) for image in (before, after))
    return sum_difference(before, after) >= _NEW_INK * contrast


def find_sizes(scene: Scene) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return (width, height) of the ink before and after, if it is the same ink, scaled."""
    before, after = find_extent(scene.ink_before), find_extent(scene.ink_after)
    if scene.step > 1 or scene.is_line or not before or not after:
        return None
    old = np.ascontiguousarray(before.crop(scene.baseline))
    new = np.ascontiguousarray(after.crop(scene.candidate))
    if old.shape == new.shape:
        return None
    change = sum_difference(scene.baseline, scene.candidate)
    # Three squares, shrunk, are nearly one; one square, stretched, is not nearly three.
    if not all(_is_scaled(*pair, scene.paper, change) for pair in ((old, new), (new, old))):
        return None
    return (old.shape[1], old.shape[0]), (new.shape[1], new.shape[0])


def _is_scaled(
    first: NDArray[np.uint8], second: NDArray[np.uint8], paper: NDArray[np.uint8], change: float
) -> bool:
    size = second.shape[1], second.shape[0]
    scaled = np.asarray(cv2.resize(first, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    error = sum_difference(scaled.reshape(second.shape), second)
    contrast = sum_difference(np.broadcast_to(paper, second.shape), second)
    return error <= min(_SCALE_ERROR * change, _SCALE_ERROR_OF_CONTRAST * contrast)
