"""What a box shows before and after: its pixels, its background, and what stands out from it."""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.tiles import PixelMask, Pixels, Tile, to_8_bits

# How far outside a box one looks for its background, in pixels: smoothing reaches one pixel.
_MARGIN: Final = 2
# Ink differs from the background by more than this, in any channel (levels of 255). A line is so
# small that less will do: nobody takes a line for a shade.
_INK: Final = 8
_LINE_INK: Final = 4
_LINE: Final = 3
# A background is calm when so many of the pixels around the box have nearly the same colour.
_CALM_SHARE: Final = 0.7
_CALM_LEVELS: Final = 16


class Scene(NamedTuple):
    """A box of both images, `(h, w, C)` in 8 bits; every `step`th row and column of it."""

    baseline: NDArray[np.uint8]
    candidate: NDArray[np.uint8]
    visible: PixelMask
    # Both images again, with the margin in which the background begins.
    wide_baseline: NDArray[np.uint8]
    wide_candidate: NDArray[np.uint8]
    # Where the box is in these, in their rows and columns.
    inside: Tile
    # What stands out from its background.
    ink_before: PixelMask
    ink_after: PixelMask
    # Whether the box is so thin that it holds a line at most.
    is_line: bool
    # The commonest colour around the box, and whether most of the surroundings have it.
    paper: NDArray[np.uint8]
    is_calm: bool
    step: int


def look(
    baseline: Pixels, candidate: Pixels, visible: PixelMask, box: Tile, most_pixels: int
) -> Scene:
    """Return what a box of two `(H, W, C)` images shows, with few enough rows and columns."""
    step = max(int(np.ceil(np.sqrt(box.area / most_pixels))), 1)
    before, after = (_sample(image, box, step) for image in (baseline, candidate))
    old_sides, new_sides = (_find_sides(image, box, step) for image in (baseline, candidate))
    around = np.concatenate([side.reshape(-1, side.shape[2]) for side in old_sides])
    paper = find_commonest(around)[0]
    is_line = _is_line(box)
    margin = box.grow(_MARGIN * step, *visible.shape)
    return Scene(
        baseline=before,
        candidate=after,
        visible=np.ascontiguousarray(box.crop(visible)[::step, ::step]),
        wide_baseline=_view(baseline, margin, step),
        wide_candidate=_view(candidate, margin, step),
        inside=Tile(*(edge // step for edge in box.move(-margin.top, -margin.left))),
        ink_before=_find_ink(before, old_sides, is_line=is_line),
        ink_after=_find_ink(after, new_sides, is_line=is_line),
        is_line=is_line,
        paper=paper,
        is_calm=_is_calm(around, paper),
        step=step,
    )


def _sample(image: Pixels, box: Tile, step: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(_view(image, box, step))


def _view(image: Pixels, box: Tile, step: int) -> NDArray[np.uint8]:
    return to_8_bits(box.crop(image)[::step, ::step])


def _is_line(box: Tile) -> bool:
    return min(box.bottom - box.top, box.right - box.left) <= _LINE


def _find_sides(image: Pixels, box: Tile, step: int) -> list[NDArray[np.uint8]]:
    """Return the rows and columns just beyond the sides of a box, as far as the image has them.

    Of a line only the long sides count: it may go on at its ends.
    """
    height, width = image.shape[:2]
    above, below = box.top - _MARGIN, box.bottom - 1 + _MARGIN
    left, right = box.left - _MARGIN, box.right - 1 + _MARGIN
    rows = [box._replace(top=row, bottom=row + 1) for row in (above, below) if 0 <= row < height]
    columns = [
        box._replace(left=column, right=column + 1)
        for column in (left, right)
        if 0 <= column < width
    ]
    tiles = rows + columns
    if _is_line(box) and rows and columns:
        tiles = rows if box.bottom - box.top <= _LINE else columns
    # Of a whole page, its own edges are the background.
    edges = [box._replace(bottom=box.top + 1), box._replace(right=box.left + 1)]
    return [_sample(image, tile, step) for tile in tiles or edges]


def _find_ink(
    inner: NDArray[np.uint8], sides: list[NDArray[np.uint8]], *, is_line: bool
) -> PixelMask:
    """Return which pixels stand out from what lies straight beyond the sides of the box.

    Background is what continues beyond two sides: a gradient does, and stripes do. With one side
    alone, a neighbour that the box touches would count; a line has hardly two.
    """
    least = _LINE_INK if is_line else _INK
    pixels = np.concatenate([side.reshape(-1, side.shape[2]) for side in sides])
    if (np.ptp(pixels, axis=0) <= least).all():
        sides = [pixels[:1, np.newaxis]]
    enough = 1 if is_line else min(len(sides), 2)
    alike = np.zeros(inner.shape[:2], np.uint8)
    for side in sides:
        times = inner.shape[0] // side.shape[0], inner.shape[1] // side.shape[1]
        span = np.full_like(side, least)
        lowest, highest = (
            cv2.repeat(bound, *times).reshape(inner.shape)
            for bound in (cv2.subtract(side, span), cv2.add(side, span))
        )
        alike += cv2.inRange(inner, lowest, highest) != 0
    return np.asarray(alike < enough)


def _is_calm(around: NDArray[np.uint8], paper: NDArray[np.uint8]) -> bool:
    near = (np.abs(around.astype(np.int16) - paper) <= _CALM_LEVELS).all(axis=1)
    return bool(np.count_nonzero(near) >= _CALM_SHARE * len(near))


def find_commonest(colours: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Return the commonest of colours `(N, K)`, K at most 8, and which share has it."""
    padded = np.zeros((len(colours), 8), np.uint8)
    padded[:, : colours.shape[1]] = colours
    # Eight bytes are a number.
    unique, counts = np.unique(padded.view(np.uint64), return_counts=True)
    commonest = unique[counts.argmax()].reshape(1).view(np.uint8)[: colours.shape[1]]
    return commonest, float(counts.max() / len(colours))


def find_extent(mask: PixelMask) -> Tile | None:
    """Return the box around the set pixels of a mask, if there are any."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    return Tile(top, top + height, left, left + width) if width else None


def sum_difference(
    first: NDArray[np.uint8], second: NDArray[np.uint8], mask: PixelMask | None = None
) -> float:
    """Return the sum of the differences of two pictures, over all channels, within a mask."""
    difference = cv2.absdiff(*(np.ascontiguousarray(picture) for picture in (first, second)))
    if mask is not None:
        difference = cv2.copyTo(difference, np.ascontiguousarray(mask).view(np.uint8))
    return float(sum(cv2.sumElems(difference)))
