"""Mask images: files → what they ignore. White is ignored, black is compared."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visualdiff.errors import ImageError, MaskError
from visualdiff.files import relative_to
from visualdiff.images import decode, open_image
from visualdiff.masks import MaskImage, find_colour
from visualdiff.tiles import PixelMask, Pixels


def read_mask_images(
    paths: Sequence[Path], max_pixels: int, folder: Path | None = None
) -> tuple[MaskImage, ...]:
    """Return the masks that image files hold, named relative to `folder` in messages.

    Raises `MaskError`, which names the file, where one cannot be read, or is no mask.
    """
    return tuple(
        _read(path, f"mask_images[{number}]", max_pixels, folder)
        for number, path in enumerate(paths)
    )


def find_white(pixels: Pixels) -> PixelMask:
    """Return which pixels of a black and white image are white; raise `ImageError` for others.

    Images are gray, RGB or RGBA. What is transparent counts as black: nothing was painted there.
    Any other colour is refused rather than cut off at half: where a screenshot is named by
    mistake, most of a page would be ignored, and the pair pass.
    """
    white = find_colour(pixels, "#ffffff")
    wrong = ~(white | find_colour(pixels, "#000000"))
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        wrong &= pixels[:, :, 3] != 0
    if wrong.any():
        row, column = divmod(int(wrong.argmax()), wrong.shape[1])
        raise ImageError(
            f"{np.count_nonzero(wrong):,} px are neither black nor white, the first at "
            f"({column}, {row}); draw it without smoothing, and save it as PNG"
        )
    return white


def _read(path: Path, name: str, max_pixels: int, folder: Path | None) -> MaskImage:
    shown = relative_to(folder, path) if folder else str(path)
    try:
        stamp = path.stat()
        bits, width = _read_once(path, max_pixels, stamp.st_mtime_ns, stamp.st_size)
        ignored = np.unpackbits(bits, axis=1, count=width).view(np.bool_)
        return MaskImage(shown, ignored)
    except OSError as error:
        raise MaskError(f"{name} ({shown}) cannot be read: {error.strerror}") from error
    except ImageError as error:
        raise MaskError(f"{name} ({shown}): {error}") from error


# A worker goes through pages in no order; a bit a pixel is little to keep.
@lru_cache(maxsize=16)
def _read_once(
    path: Path, max_pixels: int, _modified: int, _size: int
) -> tuple[NDArray[np.uint8], int]:
    """Return the rows of a mask in bits, and its width; read a file again when it has changed."""
    white = find_white(decode(open_image(path, max_pixels)))
    return np.packbits(white, axis=1), white.shape[1]
