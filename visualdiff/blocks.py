"""Pages in 8 bits and in blocks of 32×32 pixels, about the size of a word."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.tiles import PixelMask, Pixels, Tile, to_8_bits

Levels: TypeAlias = NDArray[np.uint8]

BLOCK: Final = 32
# Tiles of blocks are larger than others, as what is done in them needs a wide margin.
_TILE_ROWS: Final = 4
_TILE_COLUMNS: Final = 16


def reduce_blocks(ufunc: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
    """Return what a function makes of the values of each block."""
    rows = [ufunc.reduce(values[top : top + BLOCK]) for top in range(0, len(values), BLOCK)]
    starts = np.arange(0, values.shape[1], BLOCK)
    return np.asarray(ufunc.reduceat(np.stack(rows), starts, axis=1))


def cover_blocks(blocks: PixelMask, height: int, width: int) -> Iterator[Tile]:
    """Yield disjoint tiles of whole blocks that cover the marked ones."""
    for top in range(0, len(blocks), _TILE_ROWS):
        strip = blocks[top : top + _TILE_ROWS]
        marked = np.flatnonzero(strip.any(axis=0))
        for group in np.split(marked, np.flatnonzero(np.diff(marked // _TILE_COLUMNS)) + 1):
            if not group.size:
                continue
            rows = np.flatnonzero(strip[:, group].any(axis=1))
            yield Tile(
                (top + int(rows[0])) * BLOCK,
                min((top + int(rows[-1]) + 1) * BLOCK, height),
                int(group[0]) * BLOCK,
                min(int(group[-1] + 1) * BLOCK, width),
            )


def crop_levels(image: Pixels, tile: Tile) -> Levels:
    """Return a tile of an image in 8 bits, gray or RGB."""
    block = np.ascontiguousarray(to_8_bits(tile.crop(image)))
    if image.shape[2] < 4:
        return block
    return np.asarray(cv2.cvtColor(block, cv2.COLOR_RGBA2RGB), np.uint8)


def to_luma(image: Levels) -> Levels:
    """Return the luma, `(H, W)`, of a gray, RGB or RGBA image (ITU-R BT.601)."""
    if image.shape[2] == 1:
        return image[:, :, 0]
    to_gray = cv2.COLOR_RGBA2GRAY if image.shape[2] == 4 else cv2.COLOR_RGB2GRAY
    return as_levels(cv2.cvtColor(image, to_gray))


def split_colours(image: Levels) -> tuple[Levels, ...]:
    """Return the luma and, of a colour image, both differences of colour (ITU-R BT.601)."""
    if image.shape[2] == 1:
        return (image[:, :, 0],)
    return tuple(map(as_levels, cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb))))


def as_levels(image: Any) -> Levels:
    """Return what OpenCV returned, whose types say nothing of depth, as what it is."""
    return np.asarray(image, np.uint8)
