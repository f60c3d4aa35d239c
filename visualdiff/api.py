"""The Python API: compare two images."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from visualdiff.annotate import draw_boxes, to_picture
from visualdiff.bands import SIDES, place_regions, select_bands
from visualdiff.compare import Compared, compare_arrays
from visualdiff.config import parse_settings
from visualdiff.difference import draw_difference
from visualdiff.errors import ConfigError, ImageError
from visualdiff.files import write_atomically
from visualdiff.hatching import draw_masked
from visualdiff.images import decode, encode_png, open_image, parse_image
from visualdiff.mask_images import read_mask_images
from visualdiff.model import Comparison
from visualdiff.settings import MAX_IMAGE_PIXELS
from visualdiff.tiles import Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

ImageSource: TypeAlias = "str | Path | bytes | Pixels | Image"


def compare_images(
    baseline: ImageSource, candidate: ImageSource, **settings: object
) -> Comparison:
    """Compare two images and judge the result.

    An image is a path, the bytes of an image file, a numpy array, `(H, W)`, `(H, W, 3)` RGB or
    `(H, W, 4)` RGBA, uint8 or uint16, or a Pillow image. `settings` are those of `Settings`, such
    as `threshold=0.97`. Raises `ImageError` for what cannot be read as an image and for masks that
    do not fit, `ConfigError` for wrong settings and `TypeError` for any other object.
    """
    return _compare(baseline, candidate, settings).comparison


def compare_files(
    baseline: Path, candidate: Path, *, output: Path | None = None, **settings: object
) -> Comparison:
    """Compare two image files, and write four pictures to the folder `output`.

    These are both images with red boxes, the difference, and the mask of visible differences.
    """
    compared = _compare(baseline, candidate, settings)
    if output:
        _write_pictures(compared, output)
    return compared.comparison


def _compare(
    baseline: ImageSource, candidate: ImageSource, settings: Mapping[str, object]
) -> Compared:
    chosen = parse_settings(settings)
    masks = read_mask_images(chosen.mask_images, MAX_IMAGE_PIXELS)
    return compare_arrays(load_image(baseline), load_image(candidate), chosen, masks)


def load_image(source: ImageSource) -> Pixels:
    """Return the pixels of any supported source, `(H, W)`, `(H, W, 3)` or `(H, W, 4)`."""
    if isinstance(source, np.ndarray):
        return _check_array(source)
    if isinstance(source, bytes):
        return decode(parse_image(source, MAX_IMAGE_PIXELS))
    if isinstance(source, (str, Path)):
        try:
            return decode(open_image(Path(source), MAX_IMAGE_PIXELS))
        except ImageError as error:
            raise ImageError(f"{source}: {error}") from error
    return _check_array(_from_pillow(source))


def _write_pictures(compared: Compared, folder: Path) -> None:
    before, after = (
        place_regions(compared.comparison.regions, side, compared.comparison.motion)
        for side in SIDES
    )
    baseline, candidate = (
        draw_masked(to_picture(image), masked)
        for image, masked in zip(
            (compared.baseline, compared.candidate), compared.masked, strict=True
        )
    )
    pictures = {
        "baseline.png": draw_boxes(baseline, before),
        "candidate.png": draw_boxes(candidate, after),
        "diff.png": draw_difference(compared, select_bands(after)),
        "mask.png": compared.visible.astype(np.uint8) * 255,
    }
    try:
        for name, picture in pictures.items():
            write_atomically(folder / name, encode_png(picture))
    except OSError as error:
        raise ConfigError(f"--output: cannot write to {folder}: {error.strerror}") from error


def _check_array(array: "np.ndarray[Any, Any]") -> Pixels:
    shape_fits = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))
    native = array.dtype.newbyteorder("=")
    if native not in (np.uint8, np.uint16) or not shape_fits or not array.size:
        raise TypeError(
            f"got an array of shape {array.shape} and dtype {array.dtype}, wanted (H, W), "
            "(H, W, 3) RGB or (H, W, 4) RGBA, not empty, of uint8 or uint16"
        )
    return array.astype(native, copy=False)


def _from_pillow(source: object) -> "np.ndarray[Any, Any]":
    # Only someone who has imported Pillow can hold one of its images.
    pillow = sys.modules.get("PIL.Image")
    if pillow is None or not isinstance(source, pillow.Image):
        raise TypeError(
            f"got {type(source).__name__}, wanted a path, the bytes of an image file, a numpy "
            "array or a Pillow image"
        )
    mode = source.mode
    if mode.startswith("I;16"):
        return np.asarray(source).astype(np.uint16)
    if mode in ("I", "F"):
        raise TypeError(f"got a Pillow image of mode {mode}, wanted 8 or 16 bits per channel")
    if mode in ("1", "L"):
        return np.asarray(source.convert("L"))
    transparent = mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in source.info
    return np.asarray(source.convert("RGBA" if transparent else "RGB"))
