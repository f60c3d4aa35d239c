"""The smooth rim of a change, whose pixels blend with whatever lies around it."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.tiles import PixelMask

# How many pixels a smooth rim is wide, where an edge is nearly upright.
RIM: Final = 2
# Of so large a share of a change it is no rim: text is smooth all over.
_MOST_SMOOTH: Final = 1 / 8
_AROUND: Final = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.uint8)
_NEAR: Final = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)


def leave_out_rim(
    before: NDArray[np.uint8], after: NDArray[np.uint8], visible: PixelMask
) -> PixelMask:
    """Return the visible pixels, `(H, W)`, without those of a smooth rim around all of them.

    Images are RGBA. A pixel of the rim is at most two pixels from what lies around, no neighbour
    in its row or column is like it, and its colours lie between those around it, before and
    after. So a border is none, nor is a dot, but the pixels of a round corner are.
    """
    smooth = visible & _find_near_outside(visible) & ~_find_flat(before, after)
    smooth &= _lies_between(before) & _lies_between(after)
    if np.count_nonzero(smooth) > _MOST_SMOOTH * np.count_nonzero(visible):
        return visible
    return visible & ~smooth


def _find_near_outside(visible: PixelMask) -> PixelMask:
    """Return what is near to the outside; a hole, as of a letter on a button, is inside."""
    others = np.pad(~visible, RIM, constant_values=True).view(np.uint8)
    _, parts = cv2.connectedComponents(others, connectivity=4)
    outside = (parts == parts[0, 0]).view(np.uint8)
    return cv2.dilate(outside, _NEAR)[RIM:-RIM, RIM:-RIM] > 0


def _find_flat(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> PixelMask:
    """Return the pixels that one beside, above or below is like, both before and after."""
    both = np.concatenate((before, after), axis=2).view(np.uint64)[:, :, 0]
    beside, below = both[:, 1:] == both[:, :-1], both[1:] == both[:-1]
    flat = np.zeros(both.shape, np.bool_)
    flat[:, 1:] |= beside
    flat[:, :-1] |= beside
    flat[1:] |= below
    flat[:-1] |= below
    return flat


def _lies_between(image: NDArray[np.uint8]) -> PixelMask:
    lowest, highest = cv2.erode(image, _AROUND), cv2.dilate(image, _AROUND)
    return np.asarray(((lowest <= image) & (image <= highest)).all(axis=2))
