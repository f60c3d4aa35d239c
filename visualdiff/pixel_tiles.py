"""The pixels around differences → a style sheet, from which the report reads them.

A page that was opened from a file may read neither the pixels of an image nor another file, but it
may read a custom property of a style sheet. This one holds, in base64, a zlib stream of

- `flags`, of which bit 0 says that something was left out, and the number of tiles;
- for each tile x, y, width and height on the candidate's canvas: all these are uint32;
- for all pixels, tile by tile and row by row: RGBA of the baseline as it was laid over the
  candidate; then, for all again, RGBA of the candidate; then the ΔE in hundredths as uint16; then
  a byte that says what became of the pixel: 0 equal, 1 ignored, 2 visible, 3 masked.

Numbers are little-endian. Tiles are disjoint. Where an image has no pixel, RGBA is 0 throughout,
and the ΔE 65535.
"""

import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.aspect import Size
from visualdiff.bands import select_bands
from visualdiff.compare import Compared
from visualdiff.difference import Hundredths
from visualdiff.tiles import PixelMask, Pixels, Tile, cover, make_sparse, to_8_bits

# A page that changed all over would make a file of many megabytes.
MOST_PIXELS: Final = 2_000_000
MARGIN: Final = 8
# 1 takes as long and leaves some percents more, 6 takes three times as long to save a fifth.
_LEVEL: Final = 2
_TRUNCATED: Final = 1
_START: Final = b':root{--visualdiff-pixels:"'
_END: Final = b'"}'


def encode_pixels(compared: Compared, measured: Hundredths) -> bytes:
    """Return the style sheet of a comparison, or nothing where no pixel differs.

    `measured` is the ΔE of all differing pixels, `(H, W)` in hundredths.
    """
    differing = np.asarray(compared.visible | compared.ignored)
    tiles = _choose_tiles(compared, differing)
    if not tiles:
        return b""
    kept = _cut_off(tiles)
    stream = zlib.compressobj(_LEVEL)
    flags = _TRUNCATED if len(kept) < len(tiles) else 0
    parts = [stream.compress(_list_tiles(flags, kept))]
    parts += [stream.compress(part) for part in _list_pixels(compared, measured, kept)]
    return _START + b64encode(b"".join([*parts, stream.flush()])) + _END


def _choose_tiles(compared: Compared, differing: PixelMask) -> list[Tile]:
    """Return the tiles that are worth to be kept, with the surroundings if they are affordable."""
    boxes = list(_list_boxes(compared))
    shown = differing.copy()
    for box in boxes:
        box.crop(shown)[:] = True
    tiles = list(cover(make_sparse(shown), 0))
    if _measure_area(tiles) > MOST_PIXELS:
        tiles = list(cover(make_sparse(differing), 0))
    if _measure_area(tiles) > MOST_PIXELS:
        tiles = _order(tiles, boxes, compared.visible)
    return tiles


def _list_boxes(compared: Compared) -> Iterator[Tile]:
    """Yield the boxes of regions with a margin; in bands of rows no pixel has a counterpart."""
    bands = select_bands(compared.comparison.regions)
    for region in compared.comparison.regions:
        if region not in bands:
            box = Tile(region.y, region.y + region.height, region.x, region.x + region.width)
            yield box.grow(MARGIN, *compared.visible.shape)


def _measure_area(tiles: Iterable[Tile]) -> int:
    return sum(tile.area for tile in tiles)


def _order(tiles: Sequence[Tile], boxes: Sequence[Tile], visible: PixelMask) -> list[Tile]:
    """Return tiles with visible pixels first, in the order of the boxes that they are part of."""
    height, width = visible.shape
    edges = np.array([*boxes, (0, height, 0, width)])

    def rank(tile: Tile) -> tuple[bool, int]:
        rows = (edges[:, 0] < tile.bottom) & (tile.top < edges[:, 1])
        columns = (edges[:, 2] < tile.right) & (tile.left < edges[:, 3])
        return not tile.crop(visible).any(), int(np.argmax(rows & columns))

    return sorted(tiles, key=rank)


def _cut_off(tiles: Sequence[Tile]) -> list[Tile]:
    """Return as many of the first tiles as are affordable."""
    areas = np.cumsum([tile.area for tile in tiles])
    return list(tiles[: int(np.searchsorted(areas, MOST_PIXELS, side="right"))])


def _list_tiles(flags: int, tiles: Sequence[Tile]) -> bytes:
    boxes = [
        (tile.left, tile.top, tile.right - tile.left, tile.bottom - tile.top) for tile in tiles
    ]
    numbers = [flags, len(tiles), *(number for box in boxes for number in box)]
    return np.array(numbers, "<u4").tobytes()


def _list_pixels(
    compared: Compared, measured: Hundredths, tiles: Sequence[Tile]
) -> Iterator[bytes]:
    """Yield what is to be told of the pixels of all tiles, kind by kind."""
    found, height, width = compared.comparison, *compared.visible.shape
    padded = compared.unpaired is not None
    sizes = (found.baseline_size, found.candidate_size) if padded else ((width, height),) * 2
    for pixels, size in zip((compared.overlaid, compared.candidate), sizes, strict=True):
        yield from (_to_rgba(tile, pixels, size).tobytes() for tile in tiles)
    yield from (tile.crop(measured).astype("<u2").tobytes() for tile in tiles)
    yield from (_classify(tile, compared).tobytes() for tile in tiles)


def _to_rgba(tile: Tile, pixels: Pixels, size: Size) -> NDArray[np.uint8]:
    """Return a tile of an image in 8 bits, with nothing beyond its (width, height)."""
    shown = to_8_bits(tile.crop(pixels))
    convert = {1: cv2.COLOR_GRAY2RGBA, 3: cv2.COLOR_RGB2RGBA}.get(shown.shape[2])
    rgba = shown.copy() if convert is None else np.asarray(cv2.cvtColor(shown, convert), np.uint8)
    rgba[max(size[1] - tile.top, 0) :] = 0
    rgba[:, max(size[0] - tile.left, 0) :] = 0
    return rgba


def _classify(tile: Tile, compared: Compared) -> NDArray[np.uint8]:
    kinds = tile.crop(compared.ignored).astype(np.uint8)
    kinds[tile.crop(compared.visible)] = 2
    if compared.masked[1] is not None:
        kinds[tile.crop(compared.masked[1])] = 3
    return kinds
