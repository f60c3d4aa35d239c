"""Where two images differ, and the tiles that cover it, so that work is done only there."""

from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

# uint8 or uint16.
Pixels: TypeAlias = NDArray[np.unsignedinteger]
PixelMask: TypeAlias = NDArray[np.bool_]

Scalar = TypeVar("Scalar", bound=np.generic)

# Strips of 64 rows keep every temporary of a screenshot-wide strip in the processor's cache;
# temporaries of a whole page cost ten times as much.
_STRIP_ROWS = 64
# Two column ranges closer than this become one: each range costs a fixed overhead.
_JOIN_COLUMNS = 64


class Tile(NamedTuple):
    """A half-open rectangle of an image, in pixels."""

    top: int
    bottom: int
    left: int
    right: int

    def crop(self, array: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return the view of `array`, `(H, W)` or `(H, W, C)`, that the tile covers."""
        return array[self.top : self.bottom, self.left : self.right]

    def grow(self, margin: int, height: int, width: int) -> "Tile":
        """Return the tile with `margin` pixels more on each side, clipped to the image."""
        return Tile(
            max(self.top - margin, 0),
            min(self.bottom + margin, height),
            max(self.left - margin, 0),
            min(self.right + margin, width),
        )


def to_8_bits(pixels: Pixels) -> NDArray[np.uint8]:
    """Return uint8 pixels as they are, and the upper 8 bits of uint16 pixels."""
    return np.asarray(pixels if pixels.dtype == np.uint8 else pixels >> 8, np.uint8)


def find_differing_pixels(baseline: Pixels, candidate: Pixels) -> PixelMask:
    """Return the `(H, W)` mask of pixels that differ in any channel.

    Both images are `(H, W, C)` of the same shape and dtype. Equal strips are only compared, and
    their part of the mask is never written, so that it takes no memory.
    """
    mask = np.zeros(baseline.shape[:2], np.bool_)
    for top in range(0, len(mask), _STRIP_ROWS):
        strip = slice(top, top + _STRIP_ROWS)
        if not np.array_equal(baseline[strip], candidate[strip]):
            mask[strip] = any_channel(baseline[strip] != candidate[strip])
    return mask


def any_channel(marks: PixelMask) -> PixelMask:
    """Return the `(H, W)` mask of pixels that are set in any channel of `(H, W, C)`.

    The same as `marks.any(axis=2)`, which takes ten times as long over an axis of three.
    """
    return reduce(np.logical_or, np.moveaxis(marks, 2, 0))


def cover(mask: PixelMask, halo: int) -> Iterator[Tile]:
    """Yield disjoint tiles that cover every pixel at most `halo` away from a set pixel of `mask`.

    Distance is the larger of the row and column distances, that of a square window.
    """
    height, width = mask.shape
    rows = np.asarray(mask.any(axis=1))
    for top in range(0, height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, height)
        first = max(top - halo, 0)
        marked = np.flatnonzero(rows[first : bottom + halo])
        if not marked.size:
            continue
        marked += first
        columns = np.asarray(mask[marked[0] : marked[-1] + 1].any(axis=0))
        for left, right in _ranges(columns, halo, width):
            yield Tile(
                max(top, int(marked[0]) - halo),
                min(bottom, int(marked[-1]) + 1 + halo),
                left,
                right,
            )


def _ranges(columns: PixelMask, halo: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges around the set columns, grown by `halo`, near ones joined."""
    marked = np.flatnonzero(columns)
    gaps = np.flatnonzero(np.diff(marked) > _JOIN_COLUMNS + 2 * halo)
    starts = marked[np.concatenate(([0], gaps + 1))]
    ends = marked[np.concatenate((gaps, [marked.size - 1]))]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield max(start - halo, 0), min(end + 1 + halo, width)
