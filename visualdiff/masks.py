"""What is left out of a comparison: rectangles, images and a colour → masks of the baseline.

A masked pixel counts for nothing: no difference there is visible, and no SSIM window around it is
part of a score.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import cv2
import numpy as np

from visualdiff.errors import MaskError
from visualdiff.settings import Length, Mask, Settings
from visualdiff.tiles import PixelMask, Pixels, Tile

_NO_COLOUR: Final = "none"


class MaskImage(NamedTuple):
    """A mask image that was read: what people call it, and what it ignores, `(H, W)`."""

    name: str
    ignored: PixelMask


class FocusArea(NamedTuple):
    """A rectangle of the baseline, its own threshold, and the pixels of an image that it means."""

    box: Tile
    threshold: float | None
    pixels: PixelMask


class Masking(NamedTuple):
    """The masked pixels of an image, `(H, W)`, None where nothing is masked.

    Where there is a focus, all pixels outside are masked.
    """

    masked: PixelMask | None
    focus: tuple[FocusArea, ...] = ()

    def change(self, change: Callable[[PixelMask], PixelMask]) -> "Masking":
        """Return what a function makes of all masks; raise `MaskError` if nothing is left."""
        if self.masked is None:
            return self
        focus = tuple(area._replace(pixels=change(area.pixels)) for area in self.focus)
        masked = change(self.masked)
        if focus:
            # What came in from elsewhere is not in focus either.
            masked |= ~np.logical_or.reduce([area.pixels for area in focus])
        if masked.all() or any(masked[area.pixels].all() for area in focus):
            raise MaskError("all that is not masked was removed: nothing is left to compare")
        return Masking(masked, focus)


def find_masking(
    size: tuple[int, int],
    settings: Settings,
    images: Sequence[MaskImage] = (),
    baseline: Pixels | None = None,
) -> Masking:
    """Return what is masked of a baseline of a size, (width, height).

    `images` are those of `settings.mask_images`; `baseline` is looked at for `mask_colour` only.
    Raises `MaskError` for a mask that lies outside the baseline, or has another size, and where
    nothing is left to compare.
    """
    masks = [_place(mask, f"masks[{n}]", size) for n, mask in enumerate(settings.masks)]
    boxes = [_place(area, f"focus[{n}]", size) for n, area in enumerate(settings.focus)]
    if not (masks or boxes or images or settings.mask_colour != _NO_COLOUR):
        return Masking(None)
    masked = _paint(masks, size)
    for number, image in enumerate(images):
        masked |= _fit(image, number, size)
    if baseline is not None and settings.mask_colour != _NO_COLOUR:
        masked |= find_colour(baseline, settings.mask_colour)
    _refuse_all(masked, boxes, settings, size)
    if boxes:
        masked |= ~_paint(boxes, size)
    focus = (
        FocusArea(box, area.threshold, _paint([box], size))
        for box, area in zip(boxes, settings.focus, strict=True)
    )
    return Masking(masked, tuple(focus))


def find_colour(image: Pixels, colour: str) -> PixelMask:
    """Return which pixels of an image have exactly a colour, `#rgb` or `#rrggbb`, and are opaque.

    Images are gray, RGB or RGBA, `(H, W)` or `(H, W, C)`, uint8 or uint16.
    """
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    levels = [int(digits[place : place + 2], 16) for place in (0, 2, 4)]
    planes = image[:, :, np.newaxis] if image.ndim == 2 else image
    scale = np.iinfo(image.dtype).max // 255
    if planes.shape[2] == 1:
        wanted = levels[:1] if len(set(levels)) == 1 else None
    else:
        wanted = [*levels, 255][: planes.shape[2]]
    if wanted is None:
        return np.zeros(planes.shape[:2], np.bool_)
    bound = tuple(float(level * scale) for level in wanted)
    return np.asarray(cv2.inRange(planes, bound, bound), np.bool_)


def _place(mask: Mask, name: str, size: tuple[int, int]) -> Tile:
    """Return the part of an image that a rectangle covers: every pixel that it touches."""
    width, height = size
    left, right = _resolve(mask.x, mask.width, width)
    top, bottom = _resolve(mask.y, mask.height, height)
    if min(right, width) <= max(left, 0) or min(bottom, height) <= max(top, 0):
        raise MaskError(
            f"{_tell(mask, name)} lies outside the baseline of {width}×{height} px: "
            "wanted a rectangle that covers some of it"
        )
    return Tile(max(top, 0), min(bottom, height), max(left, 0), min(right, width))


def _resolve(start: Length, length: Length, side: int) -> tuple[int, int]:
    """Return the half-open range of whole pixels that a range touches; `side` is 100 %."""
    first = _to_pixels(start, side)
    if first < 0:
        first += side
    end = first + _to_pixels(length, side)
    return int(first // 1), int(-(-end // 1))


def _to_pixels(length: Length, side: int) -> Fraction:
    if isinstance(length, int):
        return Fraction(length)
    return Fraction(length.removesuffix("%")) * side / 100


def _tell(mask: Mask, name: str) -> str:
    return f"{name} (x {mask.x}, y {mask.y}, width {mask.width}, height {mask.height})"


def _paint(boxes: Sequence[Tile], size: tuple[int, int]) -> PixelMask:
    painted = np.zeros((size[1], size[0]), np.bool_)
    for box in boxes:
        box.crop(painted)[...] = True
    return painted


def fit_mask(mask: PixelMask, shape: tuple[int, int]) -> PixelMask:
    """Return a mask on a canvas of a shape, (rows, columns), from the same corner."""
    if mask.shape == shape:
        return mask
    fitted = np.zeros(shape, np.bool_)
    part = mask[: shape[0], : shape[1]]
    fitted[: part.shape[0], : part.shape[1]] = part
    return fitted


def _fit(image: MaskImage, number: int, size: tuple[int, int]) -> PixelMask:
    """Return what a mask image ignores, if it has the size of the baseline."""
    height, width = image.ignored.shape
    if (width, height) != size:
        raise MaskError(
            f"mask_images[{number}] ({image.name}) has {width}×{height} px, "
            f"wanted {size[0]}×{size[1]}, the size of the baseline"
        )
    return image.ignored


def _refuse_all(
    masked: PixelMask, boxes: Sequence[Tile], settings: Settings, size: tuple[int, int]
) -> None:
    """Raise `MaskError` where masks leave nothing of an image, or of a rectangle of its focus."""
    for number, (area, box) in enumerate(zip(settings.focus, boxes, strict=True)):
        if box.crop(masked).all():
            name = _tell(area, f"focus[{number}]")
            raise MaskError(f"{name} is masked as a whole: nothing of it is left to compare")
    if masked.all():
        raise MaskError(
            f"the whole baseline of {size[0]}×{size[1]} px is masked: nothing is left to compare"
        )
