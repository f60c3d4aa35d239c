"""Which outliers are letters that another rasteriser set a little further along their line.

Other hinting, or none, and smoothing that is switched off round the widths of letters, so that all
that follows on a line drifts, by several pixels at its end. A letter that drifted is found in the
other image at one distance along its row, with all that is around it; another letter, or one that
is gone, is found at none.
"""

from typing import Final

import cv2
import numpy as np

from visualdiff.blocks import Levels, as_levels
from visualdiff.outliers import REACH, find_unlike, split_planes
from visualdiff.tiles import PixelMask, Tile, any_channel

# Ink is looked for up to so many pixels further: about the width of a letter.
_FURTHEST: Final = 8
# What is found again must fit a little better than what only another rasteriser drew, as there are
# many places to look at. Of 71 letters that changed on pages whose letters drift 8 were lost with
# the same bound of 0.08, with this one none.
_EXCESS: Final = 0.06
# No distance explains a pixel unless it explains all of some rectangle around it of about four
# letters: a part of another letter may well be found somewhere. Of 15 pages whose letters drift a
# rectangle of 15×11 explains hardly more, and loses one more of 30 letters that changed.
_LETTERS: Final = np.ones((13, 29), np.uint8)
# Of a letter that changed some strokes are found: all of it is told.
_LETTER: Final = np.ones((9, 9), np.uint8)

# How far from a pixel all of this looks: (rows, columns).
DRIFT_REACH: Final = (REACH + _LETTERS.shape[0], REACH + _FURTHEST + _LETTERS.shape[1])


def find_drifted(
    baseline: Levels, candidate: Levels, outlying: PixelMask, inside: Tile
) -> PixelMask:
    """Return which outliers, `(H, W)`, are found further along their row.

    Images are gray `(H, W, 1)` or RGB `(H, W, 3)`; `inside` is the whole image in the coordinates
    of these crops. What one image shows must be found in the other, and the other way round: all
    around an icon that is gone there is paper in both.
    """
    first, second = split_planes(baseline), split_planes(candidate)
    forth, back = np.zeros((2, *outlying.shape), np.uint8)
    left = outlying
    # The nearest first: most letters drift by little, and nothing is left to look for.
    for further in sorted(range(-_FURTHEST, _FURTHEST + 1), key=abs):
        moved = [_move(plane, further) for plane in first]
        differing = any_channel(cv2.absdiff(_move(baseline, further), candidate))
        like = ~find_unlike(moved, second, differing, inside, _EXCESS)
        alike = as_levels(cv2.morphologyEx(like.view(np.uint8), cv2.MORPH_OPEN, _LETTERS))
        forth |= alike
        back |= _move(alike, -further)
        left = outlying & ((forth & back) == 0)
        if not left.any():
            break
    return outlying & ~np.asarray(cv2.dilate(left.view(np.uint8), _LETTER), np.bool_)


def _move(image: Levels, columns: int) -> Levels:
    """Return an image, `(H, W)` or `(H, W, C)`, moved to the right; its edge is repeated."""
    kept = image[:, max(-columns, 0) : image.shape[1] - max(columns, 0)]
    edges = (0, 0, max(columns, 0), max(-columns, 0))
    return as_levels(cv2.copyMakeBorder(kept, *edges, cv2.BORDER_REPLICATE)).reshape(image.shape)
