"""Where two images differ, and the tiles that cover it, so that work is done only there."""

from collections.abc import Iterator
from functools import reduce
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

# uint8 or uint16.
Pixels: TypeAlias = NDArray[np.unsignedinteger]
PixelMask: TypeAlias = NDArray[np.bool_]

Scalar = TypeVar("Scalar", bound=np.generic)

# Tiles of this size keep every temporary in the processor's second cache: temporaries of a whole
# page cost ten times as much, those of strips as wide as a large screen twice as much.
TILE_ROWS: Final = 64
TILE_COLUMNS: Final = 512
# Many small steps on narrow temporaries take a quarter less time in tiles that are larger by these
# factors: each step has a fixed overhead, and what leaves the second cache costs less than that.
_MORE_ROWS: Final = 2
_MORE_COLUMNS: Final = 4
# Two column ranges closer than this become one: each range costs a fixed overhead.
_JOIN_COLUMNS: Final = 64
_SQUARE: Final = np.ones((3, 3), np.uint8)
# What OpenCV makes of a black pixel when it adds an alpha channel, as one number.
_OPAQUE_BLACK: Final = np.array([0, 0, 0, 255], np.uint8).view(np.uint32)[0]


class SparseMask(NamedTuple):
    """A mask, `(H, W)`, and which of its rows have a set pixel, `(H,)`.

    Most pages differ in a few rows only: nobody needs to look through the others.
    """

    pixels: PixelMask
    rows: PixelMask


class Tile(NamedTuple):
    """A half-open rectangle of an image, in pixels."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def area(self) -> int:
        """The number of pixels."""
        return (self.bottom - self.top) * (self.right - self.left)

    def crop(self, array: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return the view of `array`, `(H, W)` or `(H, W, C)`, that the tile covers."""
        return array[self.top : self.bottom, self.left : self.right]

    def grow(self, margin: int, height: int, width: int, sideways: int | None = None) -> "Tile":
        """Return the tile with `margin` pixels more on each side, clipped to the image.

        With `sideways` it has so many more at the left and the right.
        """
        beside = margin if sideways is None else sideways
        return Tile(
            max(self.top - margin, 0),
            min(self.bottom + margin, height),
            max(self.left - beside, 0),
            min(self.right + beside, width),
        )

    def move(self, rows: int, columns: int) -> "Tile":
        """Return the tile moved down and to the right."""
        return Tile(self.top + rows, self.bottom + rows, self.left + columns, self.right + columns)

    def unite(self, other: "Tile") -> "Tile":
        """Return the smallest tile that holds both."""
        return Tile(
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            min(self.left, other.left),
            max(self.right, other.right),
        )

    def overlaps(self, other: "Tile") -> bool:
        """Return whether the two have a pixel in common."""
        rows = max(self.top, other.top) < min(self.bottom, other.bottom)
        return rows and max(self.left, other.left) < min(self.right, other.right)


def to_8_bits(pixels: Pixels) -> NDArray[np.uint8]:
    """Return uint8 pixels as they are, and the upper 8 bits of uint16 pixels."""
    return np.asarray(pixels if pixels.dtype == np.uint8 else pixels >> 8, np.uint8)


def measure_range(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return by how much the values in the 3×3 around each pixel differ, of the same shape.

    Beyond the border OpenCV looks at nothing, here as good as a mirror.
    """
    spread = cv2.subtract(cv2.dilate(image, _SQUARE), cv2.erode(image, _SQUARE))
    return np.asarray(spread, np.uint8).reshape(image.shape)


def find_differing_pixels(baseline: Pixels, candidate: Pixels) -> SparseMask:
    """Return the mask of pixels that differ in any channel.

    Both images are `(H, W, C)` of the same shape and dtype. Equal strips are only compared.
    """
    pixels, rows = make_empty_mask(baseline.shape[:2]), np.zeros(len(baseline), np.bool_)
    for top in range(0, len(rows), TILE_ROWS):
        strip = slice(top, top + TILE_ROWS)
        first, second = baseline[strip], candidate[strip]
        # A norm writes nothing: it takes a third of the time that an array of equalities takes.
        if cv2.norm(first, second, cv2.NORM_INF):
            pixels = make_writable(pixels)
            pixels[strip] = any_channel(cv2.absdiff(first, second))
            rows[strip] = pixels[strip].any(axis=1)
    return SparseMask(pixels, rows)


def make_empty_mask(shape: tuple[int, ...]) -> PixelMask:
    """Return a mask of nothing that takes no memory and cannot be written.

    Of two equal pages a mask would take a tenth of the time that decoding them takes.
    """
    return np.broadcast_to(np.False_, shape)


def make_writable(mask: PixelMask) -> PixelMask:
    """Return a mask itself, or where it is one of `make_empty_mask`, one that can be written."""
    return mask if mask.flags.writeable else np.zeros(mask.shape, np.bool_)


def count(mask: PixelMask) -> int:
    """Return how many pixels of a mask are set.

    One of `make_empty_mask` is not looked through, which would take longer than for any other.
    """
    return int(np.count_nonzero(mask)) if any(mask.strides) else 0


def make_sparse(pixels: PixelMask) -> SparseMask:
    """Return a mask, `(H, W)`, of whose rows nothing is known yet."""
    return SparseMask(pixels, np.asarray(pixels.any(axis=1)))


def any_channel(values: NDArray[Any]) -> PixelMask:
    """Return the `(H, W)` mask of pixels of `(H, W)` or `(H, W, C)` with a channel other than 0.

    The same as `(values != 0).any(axis=2)`. An operation along an axis of three takes ten times as
    long, so the channels of 8-bit pixels are looked at as one number of 32 bits.
    """
    if values.ndim == 2:
        return np.asarray(values != 0)
    if values.dtype == np.uint8 and values.shape[2] == 3:
        return np.asarray(_pack(cv2.cvtColor(values, cv2.COLOR_RGB2RGBA)) != _OPAQUE_BLACK)
    if values.dtype == np.uint8 and values.shape[2] == 4:
        return np.asarray(_pack(values) != 0)
    return reduce(np.logical_or, np.moveaxis(values != 0, 2, 0))


def _pack(pixels: NDArray[Any]) -> NDArray[np.uint32]:
    return np.ascontiguousarray(pixels).view(np.uint32)[:, :, 0]


def cover_pixels(mask: SparseMask) -> Iterator[Tile]:
    """Yield disjoint tiles that cover every set pixel of a mask, larger ones than `cover` does."""
    return cover(mask, 0, _MORE_ROWS * TILE_ROWS, _MORE_COLUMNS * TILE_COLUMNS)


def cover(
    mask: SparseMask, halo: int, most_rows: int = TILE_ROWS, most_columns: int = TILE_COLUMNS
) -> Iterator[Tile]:
    """Yield disjoint tiles that cover every pixel at most `halo` away from a set pixel of `mask`.

    Distance is the larger of the row and column distances, that of a square window.
    """
    height, width = mask.pixels.shape
    rows = np.flatnonzero(mask.rows)
    tops = np.arange(0, height, most_rows)
    # To look through each strip of a page of 8,000 rows took 0.2 ms, and that for each step.
    firsts, lasts = np.searchsorted(rows, (tops - halo, tops + most_rows + halo))
    for top, first, last in zip(tops.tolist(), firsts.tolist(), lasts.tolist(), strict=True):
        if first == last:
            continue
        bottom = min(top + most_rows, height)
        upper, lower = int(rows[first]), int(rows[last - 1]) + 1
        columns = np.asarray(mask.pixels[upper:lower].any(axis=0))
        upper, lower = upper - halo, lower + halo
        for start, end in _ranges(columns, halo, width):
            for left in range(start, end, most_columns):
                right = min(left + most_columns, end)
                yield Tile(max(top, upper), min(bottom, lower), left, right)


def _ranges(columns: PixelMask, halo: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges around the set columns, grown by `halo`, near ones joined."""
    marked = np.flatnonzero(columns)
    gaps = np.flatnonzero(np.diff(marked) > _JOIN_COLUMNS + 2 * halo)
    starts = marked[np.concatenate(([0], gaps + 1))]
    ends = marked[np.concatenate((gaps, [marked.size - 1]))]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield max(start - halo, 0), min(end + 1 + halo, width)
