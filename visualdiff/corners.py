"""Whether the four corners of a box changed: its border has another radius.

Each corner may be as small as anti-aliasing, and on a page that was rasterised anew it is. But
four that are alike, at the corners of an upright rectangle, are no accident.
"""

from collections.abc import Iterator
from itertools import permutations
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import crop_levels, to_luma
from visualdiff.tiles import PixelMask, Pixels, Tile, make_empty_mask, make_writable

# Differing pixels up to so many pixels apart are one speck, ...
_NEAR: Final = np.ones((5, 5), np.uint8)
# ... which is no corner when it is larger than this, or has fewer pixels, or more are on the page.
_LARGEST: Final = 16
_LEAST_PIXELS: Final = 3
_MOST_SPECKS: Final = 256
# A corner gains or loses ink: at least so many pixels of the full contrast around, as a radius of
# two pixels does, mostly in one direction, and one pixel gains or loses a good part of it.
_LEAST_INK: Final = 0.8
_ONE_SIDED: Final = 0.6
_LEAST_PEAK: Final = 0.3
_LEAST_CONTRAST: Final = 8
_CONTRAST_OFFSET: Final = 16
# Corners are alike when their ink differs by no more than this share, ...
_ALIKE: Final = 0.2
# ... and lie so far apart at least, on one line up to a pixel.
_LEAST_SIDE: Final = 12
_ASKEW: Final = 1


class _Speck(NamedTuple):
    """Differing pixels: their box, their label, how many they are, and the ink they gained."""

    box: Tile
    label: int
    pixels: int
    ink: float


def find_corners(baseline: Pixels, candidate: Pixels, differing: PixelMask) -> PixelMask:
    """Return the pixels, `(H, W)`, of boxes of which all four corners changed alike.

    Images are `(H, W, C)`, gray, RGB or opaque RGBA; `differing` marks the pixels looked at.
    """
    corners = make_empty_mask(differing.shape)
    rows = np.flatnonzero(differing.any(axis=1))
    if not rows.size:
        return corners
    # What lies at its edge shall not be cut: corners are compared by the size of their boxes.
    strip = Tile(int(rows[0]), int(rows[-1]) + 1, 0, differing.shape[1])
    strip = strip.grow(len(_NEAR), *differing.shape)
    marked = np.ascontiguousarray(strip.crop(differing))
    found = cv2.connectedComponentsWithStats(cv2.dilate(marked.view(np.uint8), _NEAR))
    old, new = strip.crop(baseline), strip.crop(candidate)
    labels, boxes = (np.asarray(part, np.int32) for part in found[1:3])
    specks = [
        speck
        for label, pixels, ink in _find_specks(old, new, marked, labels, boxes)
        if (speck := _measure(old, new, boxes[label].tolist(), label, pixels, ink))
    ]
    if len(specks) > _MOST_SPECKS:
        return corners
    for speck in _find_rectangles(specks):
        corners = make_writable(corners)
        own = (speck.box.crop(labels) == speck.label) & speck.box.crop(marked)
        speck.box.move(strip.top, 0).crop(corners)[own] = True
    return corners


def _find_specks(
    old: Pixels,
    new: Pixels,
    marked: PixelMask,
    labels: NDArray[np.int32],
    boxes: NDArray[np.int32],
) -> Iterator[tuple[int, int, float]]:
    """Yield the label, the pixels and the luma gained of what is small and differs one way."""
    sides = boxes[:, 2:4]
    # The feet of an H that moved by a row are lines: a corner is no line.
    is_small: PixelMask = np.all((sides <= _LARGEST) & (sides > len(_NEAR)), axis=1)
    places = np.flatnonzero(marked)
    places = places[is_small[labels.reshape(-1)[places]]]
    if not places.size:
        return
    pair = (image.reshape(-1, image.shape[2])[places][None] for image in (old, new))
    before, after = (to_luma(crop_levels(line, Tile(0, 1, 0, len(places))))[0] for line in pair)
    changes = after.astype(np.float64) - before
    owners = labels.reshape(-1)[places]
    ink, in_all = np.bincount(owners, changes), np.bincount(owners, np.abs(changes))
    pixels = np.bincount(owners)
    least = np.maximum(_ONE_SIDED * in_all, _LEAST_INK * (_LEAST_CONTRAST + _CONTRAST_OFFSET))
    for label in np.flatnonzero((pixels >= _LEAST_PIXELS) & (np.abs(ink) >= least)).tolist():
        yield label, int(pixels[label]), float(ink[label])


def _measure(
    old: Pixels, new: Pixels, box: list[int], label: int, pixels: int, gained: float
) -> _Speck | None:
    """Return a speck whose ink is a good part of the contrast around it, or None."""
    left, top, width, height, _ = box
    tile = Tile(top, top + height, left, left + width)
    before, after = (to_luma(crop_levels(image, tile)) for image in (old, new))
    contrast = max(int(np.ptp(before)), int(np.ptp(after)))
    scale = contrast + _CONTRAST_OFFSET
    peak = int(cv2.absdiff(before, after).max())
    if (
        contrast < _LEAST_CONTRAST
        or abs(gained) < _LEAST_INK * scale
        or peak < _LEAST_PEAK * scale
    ):
        return None
    return _Speck(tile, label, pixels, gained / scale)


def _find_rectangles(specks: list[_Speck]) -> set[_Speck]:
    """Return the specks that are alike and lie at the four corners of a rectangle."""
    sides = [
        (first, second)
        for first, second in permutations(specks, 2)
        if second.box.top >= first.box.top + _LEAST_SIDE
        and abs(second.box.left - first.box.left) <= _ASKEW
        and _is_alike(first, second)
    ]
    return {
        corner
        for left, right in permutations(sides, 2)
        if right[0].box.left >= left[0].box.left + _LEAST_SIDE
        and all(
            abs(one.box.top - other.box.top) <= _ASKEW
            for one, other in zip(left, right, strict=True)
        )
        and _is_alike(left[0], right[0])
        for corner in (*left, *right)
    }


def _is_alike(first: _Speck, second: _Speck) -> bool:
    """Return whether two specks could be corners of one box."""
    sizes = ((box.bottom - box.top, box.right - box.left) for box in (first.box, second.box))
    return (
        all(abs(one - other) <= _ASKEW for one, other in zip(*sizes, strict=True))
        and abs(first.pixels - second.pixels) <= max(1, _ALIKE * first.pixels)
        and abs(first.ink - second.ink) <= _ALIKE * max(abs(first.ink), abs(second.ink))
    )
