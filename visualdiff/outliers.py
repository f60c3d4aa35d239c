"""Which differences another rasteriser cannot have made: pixels of one tile, nothing of the page.

Another font renderer, other hinting, LCD against gray smoothing or text a part of a pixel further
move ink by less than a pixel along its row, and by up to two across it, as baselines snap to whole
rows. So each value must lie among those near it in the other image, apart from a little.
"""

from collections.abc import Sequence
from functools import cache, reduce
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import Levels, as_levels, split_colours
from visualdiff.tiles import PixelMask, Tile, any_channel, measure_range

# How far from a pixel all of this looks.
REACH: Final = 10

# A pixel is an outlier where what exceeds the range of the other image's neighbours is, on average
# of 5×5 pixels, more than this share of the contrast around. On 60 re-rasterised pages the most is
# 0.073; where single characters changed on such pages, the least is 0.11. Narrower ranges take
# snapped baselines for changes, wider ones (5×5 neighbours) miss single digits.
EXCESS: Final = 0.08
_WINDOW: Final = 5
_AROUND: Final = np.ones((9, 9), np.uint8)
# Added to the contrast: where there is next to none, rounding must not be an outlier.
LEAST_CONTRAST: Final = 16
# Along so many pixels the coloured fringes of LCD smoothing cancel out.
_FRINGES: Final = (9, 3)
# Near the image's border ink may have come from outside.
_INK_BORDER: Final = 3
_COLOUR_BORDER: Final = 6
BORDER: Final = max(_INK_BORDER, _COLOUR_BORDER)

# Up to so many levels no difference of colour is an outlier, whatever the contrast.
_LEAST_COLOUR: Final = 1

_SIGMA: Final = 0.7
_CROSS: Final = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
_SQUARE: Final = np.ones((3, 3), np.uint8)
_WIDE: Final = np.ones((5, 5), np.uint8)


class Outliers(NamedTuple):
    """Visible pixels that are no other rasteriser's work, and those of them in flat areas."""

    outlying: PixelMask
    flat: PixelMask


def find_outliers(
    baseline: Levels, candidate: Levels, visible: PixelMask, inside: Tile, share: float = EXCESS
) -> Outliers:
    """Return which visible pixels are outliers, `(H, W)`.

    Images are gray `(H, W, 1)` or RGB `(H, W, 3)`. `inside` is the whole image in the coordinates
    of these crops: near its border nothing is judged but flat areas.
    """
    flat = _find_flat(baseline, candidate, visible)
    planes = split_planes(baseline), split_planes(candidate)
    return Outliers(find_unlike(*planes, visible, inside, share) | flat, flat)


def split_planes(image: Levels) -> tuple[Levels, ...]:
    """Return the luma of an image, slightly blurred, and its differences of colour."""
    luma, *chromas = split_colours(image)
    return as_levels(cv2.GaussianBlur(luma, (5, 5), _SIGMA)), *chromas


def find_unlike(
    baseline: Sequence[Levels],
    candidate: Sequence[Levels],
    visible: PixelMask,
    inside: Tile,
    share: float = EXCESS,
) -> PixelMask:
    """Return which visible pixels are outliers, `(H, W)`, given the planes of both images.

    Flat areas are none by themselves.
    """
    (first, second), *chromas = zip(baseline, candidate, strict=True)
    contrast = measure_contrast(first, second)
    outlying = visible.copy()
    _keep_excessive_ink(outlying, first, second, _allow(contrast, share), inside)
    for old, new in chromas:
        if cv2.norm(old, new, cv2.NORM_INF) > _LEAST_COLOUR:
            outlying |= visible & _find_colour(old, new, contrast, inside, share)
    return outlying


def _find_flat(baseline: Levels, candidate: Levels, visible: PixelMask) -> PixelMask:
    """Return the visible pixels of areas that have one colour in both images, 5×5 or larger.

    The strokes of most glyphs are narrower.
    """
    flat = _open(visible.view(np.uint8))
    for image in (baseline, candidate):
        if flat.any():
            flat = _open(flat & ~any_channel(measure_range(image)))
    return flat.view(np.bool_)


def _open(mask: Levels) -> Levels:
    """Return what of a mask is covered by squares of 3×3 set pixels."""
    return as_levels(cv2.morphologyEx(mask, cv2.MORPH_OPEN, _SQUARE))


def measure_contrast(first: Levels, second: Levels) -> Levels:
    """Return by how much the values around each pixel differ, in both images together."""
    highest = cv2.dilate(cv2.max(first, second), _AROUND)
    lowest = cv2.erode(cv2.min(first, second), _AROUND)
    return as_levels(cv2.subtract(highest, lowest))


def _keep_excessive_ink(
    outlying: PixelMask, first: Levels, second: Levels, most: NDArray[np.uint16], inside: Tile
) -> None:
    """Clear where luma is that of the other image's neighbours, wherever its row snapped to."""
    planes = [(plane, *_find_bounds(plane, _CROSS)) for plane in (first, second)]
    for rows in (0, -1, 1):
        if not outlying.any():
            return
        moved = [plane[1 + rows : len(first) - 1 + rows] for plane in planes[0]]
        # The rows left out at the top and the bottom are within the margin of a tile.
        excess = np.zeros_like(first)
        excess[1:-1] = _measure_excess(moved, [plane[1:-1] for plane in planes[1]])
        outlying &= _sum_up(excess, inside, _INK_BORDER) > most


def _find_colour(
    first: Levels, second: Levels, contrast: Levels, inside: Tile, share: float
) -> PixelMask:
    """Return where a difference of colour is not that of the other image's neighbours."""
    first, second = (as_levels(cv2.blur(plane, _FRINGES)) for plane in (first, second))
    if cv2.norm(first, second, cv2.NORM_INF) <= _LEAST_COLOUR:
        return np.zeros(contrast.shape, np.bool_)
    both = as_levels(cv2.add(contrast, measure_contrast(first, second)))
    planes = [(plane, *_find_bounds(plane, _WIDE)) for plane in (first, second)]
    excess = _sum_up(_measure_excess(*planes), inside, _COLOUR_BORDER)
    return np.asarray(excess > _allow(both, share))


def _find_bounds(plane: Levels, around: Levels) -> tuple[Levels, Levels]:
    """Return the lowest and the highest of the values around each pixel."""
    return as_levels(cv2.erode(plane, around)), as_levels(cv2.dilate(plane, around))


def _measure_excess(first: Sequence[Levels], second: Sequence[Levels]) -> Levels:
    """Return by how much values leave the other plane's bounds: planes with both bounds each."""
    (one, one_low, one_high), (other, other_low, other_high) = first, second
    beyond = (
        cv2.subtract(one, other_high),
        cv2.subtract(other_low, one),
        cv2.subtract(other, one_high),
        cv2.subtract(one_low, other),
    )
    return as_levels(reduce(cv2.max, beyond))


def _sum_up(excess: Levels, inside: Tile, border: int) -> NDArray[np.uint16]:
    """Return the sum over the window around each pixel, without what is near the border."""
    known = inside.grow(-border, inside.bottom, inside.right)
    excess[: known.top] = 0
    excess[max(known.bottom, 0) :] = 0
    excess[:, : known.left] = 0
    excess[:, max(known.right, 0) :] = 0
    sums = cv2.boxFilter(excess, cv2.CV_16U, (_WINDOW, _WINDOW), normalize=False)
    return np.asarray(sums, np.uint16)


def _allow(contrast: Levels, share: float) -> NDArray[np.uint16]:
    """Return how large the sum over the window may be."""
    return np.asarray(cv2.LUT(contrast, _allow_levels(share)), np.uint16)


@cache
def _allow_levels(share: float) -> NDArray[np.uint16]:
    """Return how large the sum over the window may be for every contrast from 0 to 255."""
    scale, levels = share * _WINDOW**2, np.arange(256, dtype=np.uint8)
    most = cv2.addWeighted(levels, scale, levels, 0, scale * LEAST_CONTRAST, dtype=cv2.CV_16U)
    return np.asarray(most, np.uint16)
