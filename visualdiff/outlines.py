"""Where colours meet in a box, and whether they still meet there."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.scene import Scene
from visualdiff.tiles import PixelMask, Tile, any_channel, measure_range

# Levels between two colours that make an outline.
_CLEAR: Final = 24
# So many outlines stay where only colours change. A border of so many pixels may melt into the
# page, if there are so many outlines inside and so much of the box changed.
_KEPT_OUTLINES: Final = 0.9
_INSET: Final = 6
_LEAST_OUTLINES: Final = 32
_MOST: Final = 0.5


def keeps_outlines(scene: Scene) -> bool:
    """Return whether outlines are where they were, in all of a box or in all but its border."""
    images = scene.wide_baseline, scene.wide_candidate
    before, after = (find_outlines(image) for image in images)
    if _keeps_most(before, after):
        return True
    # A border melts into the page with what it surrounds: of corners the inside tells nothing.
    inside = _find_inside(before | after)
    if inside is None or np.count_nonzero(scene.visible) < _MOST * scene.visible.size:
        return False
    return _keeps_most(inside.crop(before), inside.crop(after))


def _find_inside(outlines: PixelMask) -> Tile | None:
    """Return a frame without its border, if there are outlines in it."""
    height, width = outlines.shape
    inside = Tile(_INSET, height - _INSET, _INSET, width - _INSET)
    if min(height, width) <= 2 * _INSET:
        return None
    return inside if np.count_nonzero(inside.crop(outlines)) >= _LEAST_OUTLINES else None


def _keeps_most(before: PixelMask, after: PixelMask) -> bool:
    either = np.count_nonzero(before | after)
    return bool(np.count_nonzero(before & after) >= _KEPT_OUTLINES * either)


def find_outlines(image: NDArray[np.uint8]) -> PixelMask:
    """Return which pixels of `(H, W, C)` have a 3×3 neighbourhood of clearly different colours."""
    span = measure_range(np.ascontiguousarray(image))
    # Saturating: what does not exceed the range becomes 0.
    return any_channel(cv2.subtract(span, np.full_like(span, _CLEAR)))
