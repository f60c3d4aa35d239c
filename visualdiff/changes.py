"""What changed in a region → an id, the same wherever the same pixels changed in the same way.

The id is the beginning of a hash of bytes from which the change could be drawn again: what it is,
its size, which pixels of it differ visibly, and their colours before and after. So changes that
differ in any of it hash other bytes. Nothing else is hashed, neither the place nor what lies
around or between these pixels, nor a smooth rim, as round corners have: on another background it
has other colours, and at another place of a page browsers smooth it otherwise.

Everything else errs on the side of two ids for what a person may call one change, as text on
another background, or what shares a box with another change nearby. To hash the parts of a box was
rejected: every letter of a new text would be a change.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.bands import SIDES, select_bands
from visualdiff.canvas import Canvas
from visualdiff.model import Region, RegionKind
from visualdiff.rim import RIM, leave_out_rim
from visualdiff.scene import find_extent
from visualdiff.tiles import TILE_ROWS, PixelMask, Pixels, Tile, to_8_bits

# 48 bits: of 10,000 changes in one run, two share an id by chance once in five million runs.
_DIGITS: Final = 12
# A box of more pixels is hashed with its rim: to find it would take as long as all the rest.
_MOST_PIXELS: Final = 1 << 18
_TO_RGBA: Final = {1: cv2.COLOR_GRAY2RGBA, 3: cv2.COLOR_RGB2RGBA}

# Red, green, blue and alpha of a pixel as one number of 32 bits, of which only the bytes matter.
_Colours: TypeAlias = NDArray[np.uint32]


def identify_changes(
    regions: Iterable[Region],
    images: tuple[Pixels, Pixels],
    canvas: Canvas,
    visible: PixelMask,
) -> tuple[Region, ...]:
    """Return regions with the id of what changed in each.

    `images` are `(H, W, C)`, each of its own size, as they were before they were laid on the
    `canvas`, of which `visible`, `(H, W)`, are the pixels that differ visibly.
    """
    return tuple(
        replace(region, change=_identify(region, images, canvas, visible)) for region in regions
    )


def _identify(
    region: Region, images: tuple[Pixels, Pixels], canvas: Canvas, visible: PixelMask
) -> str:
    box = Tile(region.y, region.y + region.height, region.x, region.x + region.width)
    if select_bands([region]):
        rows = box.crop(images[SIDES.index(region.space)])
        return _hash(region.kind.value, [_narrow(_to_colours(rows))])
    if canvas.unpaired is not None and canvas.unpaired[box.top, box.left]:
        owner = _find_owner(images, box)
        return _hash(f"only in the {SIDES[owner]}", [_to_colours(box.crop(images[owner]))])
    extent = find_extent(np.ascontiguousarray(box.crop(visible)))
    if extent is None:
        return ""
    # The pixels of an old place alone do not tell how far away the new one is: words do.
    what = region.description if region.kind is RegionKind.MOVED else "pixels"
    window = extent.move(box.top, box.left).grow(RIM, *visible.shape)
    pictures = [window.crop(picture) for picture in canvas.pictures]
    seen = window.crop(visible)
    if window.area <= _MOST_PIXELS:
        before, after = map(_to_rgba, pictures)
        seen = leave_out_rim(before, after, seen)
    return _hash(what, _list_pixels(pictures, seen))


def _hash(what: str, parts: Iterable[NDArray[np.generic]]) -> str:
    """Return the id of a change by the arrays that show it, which say how many there are."""
    digest = hashlib.sha256(what.encode())
    for part in parts:
        digest.update(f"\n{'×'.join(map(str, part.shape))}\n".encode())
        digest.update(part.tobytes())
    return digest.hexdigest()[:_DIGITS]


def _list_pixels(pictures: Sequence[Pixels], visible: PixelMask) -> Iterator[NDArray[np.generic]]:
    """Yield which pixels are visible, and their colours before and after, by strips.

    Of large boxes, temporaries of a strip stay in the cache.
    """
    rows, columns = (np.flatnonzero(visible.any(axis=axis)).tolist() for axis in (1, 0))
    box = Tile(rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
    for top in range(box.top, box.bottom, TILE_ROWS):
        strip = box._replace(top=top, bottom=min(top + TILE_ROWS, box.bottom))
        mask = strip.crop(visible)
        yield mask
        yield from (_to_colours(strip.crop(picture))[mask] for picture in pictures)


def _to_colours(pixels: Pixels) -> _Colours:
    """Return `(H, W, C)` pixels as colours, `(H, W)`."""
    return _to_rgba(pixels).view(np.uint32)[:, :, 0]


def _to_rgba(pixels: Pixels) -> NDArray[np.uint8]:
    """Return pixels as 8-bit RGBA, alike for files of any layout.

    Gray is repeated, and what has no alpha is opaque. 16 bits lose their lower byte: a file of 8
    bits may show the same, and nobody sees the difference.
    """
    values = np.ascontiguousarray(to_8_bits(pixels))
    channels = values.shape[2]
    if channels == 4:
        return values
    return np.asarray(cv2.cvtColor(values, _TO_RGBA[channels]), np.uint8)


def _narrow(rows: _Colours) -> _Colours:
    """Return rows of a page with columns counted once that repeat the first or the last one.

    A banner is the same on pages of two widths, with more of its ground beside it.
    """
    other = np.flatnonzero((rows[:, 1:] != rows[:, :-1]).any(axis=0))
    return rows[:, other[0] : other[-1] + 2] if other.size else rows[:, :1]


def _find_owner(images: tuple[Pixels, Pixels], box: Tile) -> int:
    """Return which image holds a box that the other one lacks."""
    height, width = images[1].shape[:2]
    return int(box.top < height and box.left < width)
