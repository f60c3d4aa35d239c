"""Pixels and regions → the pictures a person looks at: boxes, thumbnails."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.hatching import draw_masked, shrink_mask
from visualdiff.model import Region
from visualdiff.tiles import PixelMask, Pixels, Tile, to_8_bits

Picture: TypeAlias = NDArray[np.uint8]

THUMBNAIL_WIDTH: Final = 480
THUMBNAIL_HEIGHT: Final = 360
_BOX_COLOUR: Final = (225, 29, 72)
_CHECKER: Final = (204, 255)
_TAG_HEIGHT: Final = 13
# Strips keep temporaries small and cached. A multiple of 16 keeps the checkerboard whole.
_STRIP_ROWS: Final = 64


def to_picture(pixels: Pixels) -> Picture:
    """Return pixels as 8-bit RGB, `(H, W, 3)`; what is transparent shows a checkerboard."""
    image = to_8_bits(pixels)
    if image.ndim == 2:
        image = image[:, :, np.newaxis]
    if image.shape[2] == 1:
        return np.repeat(image, 3, axis=2)
    if image.shape[2] == 3:
        return image
    picture = np.empty((*image.shape[:2], 3), np.uint8)
    for rows in _cut(len(image)):
        picture[rows] = _blend(image[rows])
    return picture


def draw_boxes(picture: Picture, regions: Iterable[Region], thickness: int = 2) -> Picture:
    """Return a copy of a picture with a red box around each region, outside its pixels."""
    drawn = np.ascontiguousarray(picture).copy()
    for region in regions:
        _draw_box(drawn, region.x, region.y, region.width, region.height, thickness)
    return drawn


def choose_view(height: int, width: int, regions: tuple[Region, ...]) -> Tile:
    """Return the part of an image that its thumbnails show.

    The whole image where that is at most twice as tall as a thumbnail, else a thumbnail's share of
    it around the first region, the largest change: a page of 8,000 rows squeezed into 360 shows
    nothing.
    """
    fitting = max(width * THUMBNAIL_HEIGHT // THUMBNAIL_WIDTH, 1)
    if height <= 2 * fitting:
        return Tile(0, height, 0, width)
    if not regions:
        return Tile(0, fitting, 0, width)
    region = regions[0]
    top = region.y + region.height // 2 - fitting // 2
    if region.height > fitting:
        # It begins a little below the upper edge of the view.
        top = region.y - fitting // 8
    top = min(max(top, 0), height - fitting)
    return Tile(top, top + fitting, 0, width)


def draw_thumbnail(
    pixels: Pixels, view: Tile, regions: tuple[Region, ...], masked: PixelMask | None = None
) -> Picture:
    """Return the pixels that a view shows, scaled to fit 480×360, with boxes at the final scale.

    `pixels` and the part of them that is `masked` are already cropped to the view.
    """
    height, width = pixels.shape[:2]
    if not height or not width:
        return np.full((1, 1, 3), 255, np.uint8)
    scale = min(THUMBNAIL_WIDTH / width, THUMBNAIL_HEIGHT / height, 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = _shrink(to_picture(pixels), size)
    if masked is not None:
        small = draw_masked(small, shrink_mask(masked, size))
    for number, region in enumerate(regions, 1):
        left, top = int((region.x - view.left) * scale), int((region.y - view.top) * scale)
        right = int(np.ceil((region.x + region.width - view.left) * scale))
        bottom = int(np.ceil((region.y + region.height - view.top) * scale))
        _draw_box(small, left, top, right - left, bottom - top, 2)
        if len(regions) > 1 and top < size[1] and bottom > 0:
            _draw_number(small, number, left - 2, top - 2)
    return small


def _cut(height: int) -> Iterator[slice]:
    """Yield the strips of an image as slices of its rows."""
    return (slice(top, top + _STRIP_ROWS) for top in range(0, height, _STRIP_ROWS))


def _blend(image: Picture) -> Picture:
    """Return RGBA pixels as RGB, on a checkerboard where they are not opaque."""
    alpha = image[:, :, 3:]
    if (alpha == 255).all():
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGBA2RGB), np.uint8)
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    board = np.where((rows // 8 + columns // 8) % 2, *_CHECKER).astype(np.uint16)
    opacity = alpha.astype(np.uint16)
    blended = (image[:, :, :3] * opacity + board[:, :, np.newaxis] * (255 - opacity) + 127) // 255
    return blended.astype(np.uint8)


def _shrink(picture: Picture, size: tuple[int, int]) -> Picture:
    """Return a picture scaled to a `(width, height)` that is not larger.

    Halved as often as possible, which is ten times as fast as any other area averaging. Of what
    little remains, linear interpolation makes the same picture five times as fast; above a factor
    of 4/3 it could lose a line of one pixel, which may be all that differs.
    """
    width, height = size
    while picture.shape[1] >= 2 * width and picture.shape[0] >= 2 * height:
        half = ((picture.shape[1] + 1) // 2, (picture.shape[0] + 1) // 2)
        picture = np.asarray(cv2.resize(picture, half, interpolation=cv2.INTER_AREA), np.uint8)
    small = 3 * picture.shape[1] <= 4 * width and 3 * picture.shape[0] <= 4 * height
    method = cv2.INTER_LINEAR if small else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, size, interpolation=method), np.uint8)


def _draw_number(picture: Picture, number: int, x: int, y: int) -> None:
    """Draw a region's number above the upper left corner of its box, or inside at the border."""
    width = 8 * len(str(number)) + 5
    top = y - _TAG_HEIGHT if y >= _TAG_HEIGHT else max(y, 0)
    left = min(max(x, 0), max(picture.shape[1] - width, 0))
    picture[top : top + _TAG_HEIGHT, left : left + width] = _BOX_COLOUR
    place = (left + 3, top + _TAG_HEIGHT - 3)
    white = (255, 255, 255)
    cv2.putText(picture, str(number), place, cv2.FONT_HERSHEY_SIMPLEX, 0.36, white, 1, cv2.LINE_AA)


def _draw_box(picture: Picture, x: int, y: int, width: int, height: int, thickness: int) -> None:
    """Draw a box just outside a rectangle, or at the image's border just inside it."""
    rows, columns = picture.shape[:2]
    top, left = max(y - thickness, 0), max(x - thickness, 0)
    bottom, right = min(y + height + thickness, rows), min(x + width + thickness, columns)
    if top >= bottom or left >= right:
        return
    picture[top : top + thickness, left:right] = _BOX_COLOUR
    picture[max(bottom - thickness, 0) : bottom, left:right] = _BOX_COLOUR
    picture[top:bottom, left : left + thickness] = _BOX_COLOUR
    picture[top:bottom, max(right - thickness, 0) : right] = _BOX_COLOUR
