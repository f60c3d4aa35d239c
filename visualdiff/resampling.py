"""Pixels between pixels: an image shrunk, or laid at other places than its own."""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.affine import Affine
from visualdiff.aspect import find_whole_factor
from visualdiff.tiles import PixelMask, Pixels

# OpenCV counts rows and columns of what it warps in 16 bits, with a sign.
MOST_WARPED_SIDE: Final = 32_000
_MARGIN: Final = 2


def shrink(image: Pixels, width: int, height: int) -> Pixels:
    """Return an image, `(H, W, C)`, resampled to a smaller size; each pixel is a mean of an area.

    Where the sizes are multiples of each other but for less than a pixel of the result, these are
    the exact means of whole blocks: what is too much is cut off, what is missing repeats the edge.
    """
    image = _fit_blocks(image, width, height)
    small = cv2.resize(_weigh(image), (width, height), interpolation=cv2.INTER_AREA)
    return _weigh_back(small, image, (height, width))


def shrink_mask(mask: PixelMask, width: int, height: int) -> PixelMask:
    """Return a mask, `(H, W)`, resampled to a smaller size: a pixel is set where any part was.

    What `shrink` cuts off an image of that size is cut off the mask as well.
    """
    mask = _fit_blocks(mask, width, height)
    share = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(share > 0)


def warp(image: Pixels, affine: Affine) -> Pixels:
    """Return an image, `(H, W, C)`, moved within its frame, interpolated by bicubic splines.

    Beyond its border it goes on with the colour at the border: see `find_covered`.
    """
    warped = _warp(_weigh(image), affine, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
    return _weigh_back(warped, image, image.shape[:2])


def warp_mask(mask: PixelMask, affine: Affine) -> PixelMask:
    """Return a mask, `(H, W)`, moved within its frame, with each pixel that a set one touches."""
    levels = mask.astype(np.uint8) * 255
    return np.asarray(_warp(levels, affine, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT) > 0)


def find_covered(shape: tuple[int, int], affine: Affine) -> PixelMask:
    """Return which pixels of a frame, `(H, W)`, an image of its size covers once it was moved.

    Not those next to its border, in which a scan mixes what lies beyond.
    """
    inside = np.zeros(shape, np.uint8)
    inside[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = 255
    return np.asarray(_warp(inside, affine, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT) == 255)


def _fit_blocks(image: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    """Return an image or a mask cut, or its edge repeated, to whole blocks of a whole factor."""
    factor = find_whole_factor((image.shape[1], image.shape[0]), (width, height))
    if not factor:
        return image
    image = image[: factor * height, : factor * width]
    missing = [(0, factor * height - image.shape[0]), (0, factor * width - image.shape[1])]
    return np.pad(image, missing + [(0, 0)] * (image.ndim - 2), mode="edge")


def _warp(image: NDArray[Any], affine: Affine, method: int, border: int) -> NDArray[Any]:
    a, b, dx, dy = affine
    # Places are those of corners of pixels, OpenCV's those of their middles.
    dx, dy = dx + (a - b - 1) / 2, dy + (a + b - 1) / 2
    matrix = np.array([[a, -b, dx], [b, a, dy]])
    size = image.shape[1], image.shape[0]
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=method, borderMode=border))


def _weigh(image: Pixels) -> NDArray[Any]:
    """Return colours weighted by their opacity: what is hidden must not shine through."""
    if image.shape[2] < 4:
        return image
    weighed = image.astype(np.float32)
    weighed[:, :, :3] *= weighed[:, :, 3:] / np.iinfo(image.dtype).max
    return weighed


def _weigh_back(weighed: NDArray[Any], like: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Return the pixels that `_weigh` was given, in the depth and channels of an image."""
    pixels = weighed.reshape(*shape, like.shape[2])
    if like.shape[2] == 4:
        most = np.iinfo(like.dtype).max
        # Splines overshoot: colours are divided by the very opacity that they were weighed with.
        alpha = pixels[:, :, 3:]
        colours = pixels[:, :, :3] * (most / np.maximum(alpha, 1e-3))
        pixels = np.rint(np.clip(np.concatenate((colours, alpha), axis=2), 0, most))
    return np.asarray(pixels, like.dtype)
