"""Bytes → pixels and back; the only module that decodes or encodes.

Pixels are `(H, W)`, `(H, W, 3)` RGB or `(H, W, 4)` RGBA, uint8 or uint16, everywhere else. Colour
profiles and EXIF orientation are not applied: two screenshots are compared as they were stored.
"""

import io
import os
import struct
import warnings
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import kornia_rs.io
import numpy as np
from numpy.typing import NDArray

from visualdiff.errors import DamagedImageError, ImageError, NotAFileError
from visualdiff.files import FORMAT_OF_SUFFIX, open_file
from visualdiff.lfs import explain_pointer, is_pointer
from visualdiff.png import (
    SIGNATURE,
    PngHeader,
    holds_all_pixels,
    join_chunks,
    leave_out,
    read_png_header,
)
from visualdiff.tiles import Pixels

# `pillow_name: what people call it`; the first of each pair is what Pillow is allowed to open.
_FORMATS: Final = {
    "JPEG": "JPEG",
    "WEBP": "WebP",
    "BMP": "BMP",
    "TIFF": "TIFF",
    "GIF": "GIF",
    "AVIF": "AVIF",
}
_HIGHEST_SIDE: Final = 100_000
_HIGHEST_BYTES: Final = 1 << 29
# For files that are kept: 9 takes five times as long to save another tenth.
COMPACT: Final = 6
_FAST_PNG_MODES: Final = {0: "mono", 2: "rgb", 6: "rgba"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file says of itself, known without decoding: size in pixels, format, colour."""

    format: str
    width: int
    height: int
    gray: bool
    png: PngHeader | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFile:
    """An image as it is stored, not decoded."""

    data: bytes
    header: Header
    warning: str = ""


def open_image(path: Path, max_pixels: int, twin: ImageFile | None = None) -> ImageFile:
    """Return the file at a path, its header read, its pixels not yet decoded.

    Where it holds the same bytes as `twin`, an earlier one, these are neither parsed nor kept
    twice. Raises `ImageError` for what is no file, cannot be read, or `parse_image` refuses.
    """
    data = _read_file(path)
    if is_pointer(data):
        raise ImageError(explain_pointer(path))
    if twin and data == twin.data:
        file = replace(twin, warning="")
    else:
        file = parse_image(data, max_pixels)
    expected = FORMAT_OF_SUFFIX.get(path.suffix.lower(), file.header.format)
    if expected == file.header.format:
        return file
    return replace(file, warning=f"{path.name} holds {file.header.format}, not {expected}")


def parse_image(data: bytes, max_pixels: int) -> ImageFile:
    """Return the bytes of an image file with what they say of themselves.

    Raises `ImageError` for what is not an image, is cut off, is animated, or declares more than
    `max_pixels` pixels or 100,000 px a side: before memory is taken for them.
    """
    if is_pointer(data):
        raise ImageError(explain_pointer())
    header = _read_png(data) if data.startswith(SIGNATURE) else _read_other(data)
    width, height = header.width, header.height
    if width * height > max_pixels or max(width, height) > _HIGHEST_SIDE:
        raise ImageError(
            f"too large: {width:,}×{height:,} px, wanted at most {max_pixels:,} px in all "
            f"(max_image_pixels) and {_HIGHEST_SIDE:,} px a side"
        )
    return ImageFile(data=data, header=header)


def decode(file: ImageFile) -> Pixels:
    """Return the pixels of an image file; raise `ImageError` when it is damaged."""
    png = file.header.png
    if png and png.depth == 8 and not png.transparent_colour:
        mode = _FAST_PNG_MODES.get(png.colour_type)
        # The fast decoder would not tell; OpenCV's does, and knows what can be read all the same.
        if mode and holds_all_pixels(file.data, png):
            return _decode_png_fast(file, mode)
    return _decode_with_opencv(file)


def is_sound(file: ImageFile) -> bool:
    """Return whether a file is sure to hold an image, without decoding it.

    No format but PNG has checksums: a JPEG that was cut off must be decoded to be found out.
    """
    return file.header.png is not None and holds_all_pixels(file.data, file.header.png)


def encode_png(pixels: Pixels, compression: int = 1) -> bytes:
    """Return pixels as a PNG file; `compression` is 1, fast, to 9, small."""
    return _encode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, compression])


def encode_indexed_png(
    indices: NDArray[np.uint8], palette: NDArray[np.uint8], opacity: bytes = b""
) -> bytes:
    """Return `(H, W)` indices into a palette, `(256, 3)` RGB, as a PNG file, a byte a pixel.

    `opacity` are the alpha values of the first colours; the others are opaque.
    Pillow, which does it too, takes a fifth longer and as much again to be imported.
    """
    height, width = indices.shape
    # Each row begins with the number of its filter: none, which suits indices best.
    rows = np.pad(indices, ((0, 0), (1, 0)))
    return join_chunks(
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        *([(b"tRNS", opacity)] if opacity else []),
        (b"IDAT", zlib.compress(rows.data, 1)),
        (b"IEND", b""),
    )


def encode_webp(picture: NDArray[np.uint8], quality: int) -> bytes:
    """Return an RGB picture as a WebP file; `quality` is 1 to 100."""
    from PIL import Image  # noqa: PLC0415 - a run that finds nothing needs no picture

    stream = io.BytesIO()
    # The least effort takes a third of the time of OpenCV's, which knows no other than its own.
    Image.fromarray(picture).save(stream, "WEBP", quality=quality, method=0)
    return stream.getvalue()


def _read_file(path: Path) -> bytes:
    try:
        # Never hand OpenCV a path: it hangs or crashes on odd ones.
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > _HIGHEST_BYTES:
                raise ImageError(f"file of {size:,} bytes, wanted at most {_HIGHEST_BYTES:,}")
            return file.read()
    except NotAFileError as error:
        raise ImageError("not a file") from error
    except OSError as error:
        raise ImageError(f"cannot be read: {error.strerror}") from error


def _read_png(data: bytes) -> Header:
    png = read_png_header(data)
    if png.animated:
        raise ImageError("animated PNG, wanted a still image")
    return Header(format="PNG", width=png.width, height=png.height, gray=png.gray, png=png)


def _read_other(data: bytes) -> Header:
    """Read the header of any other format with Pillow, which decodes no pixel for that."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - most files are PNG

    # Our own limit follows; Pillow's is lower than some settings, and speaks of decompression.
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # odd metadata says nothing of the pixels
            Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as image,
        ):
            frames = getattr(image, "n_frames", 1)
            kind = _FORMATS[str(image.format)]
            header = Header(
                format=kind, width=image.width, height=image.height, gray=image.mode in {"1", "L"}
            )
    except UnidentifiedImageError:
        raise DamagedImageError(_name_content(data)) from None
    except Exception as error:  # its plugins raise whatever damage leads to
        raise DamagedImageError(f"damaged: {error}") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    if frames > 1:
        raise ImageError(f"{kind} with {frames} frames or pages, wanted a single image")
    return header


def _name_content(data: bytes) -> str:
    """Say what a file that is not an image is, without quoting it: it may be anybody's secret."""
    start = data[:512].lstrip().lower()
    if not data:
        return "empty file (0 bytes)"
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page, not an image"
    if start.startswith((b"<svg", b"<?xml")):
        return "SVG or XML, not a raster image"
    if not any(data[:4096]):
        return "only zero bytes: a file that was never written to the end"
    return "not an image of a known format (PNG, JPEG, WebP, BMP, TIFF, GIF, AVIF)"


def _decode_png_fast(file: ImageFile, mode: str) -> Pixels:
    shape = file.header.height, file.header.width
    try:
        pixels = kornia_rs.io.decode_image_png_u8(file.data, shape, mode)
    except Exception as error:  # kornia raises the bare class
        raise DamagedImageError(f"PNG is damaged: {error}") from error
    return np.asarray(pixels[:, :, 0] if mode == "mono" else pixels)


def _decode_with_opencv(file: ImageFile) -> Pixels:
    kind, png = file.header.format, file.header.png
    # It turns a still image black, or refuses it, that says to be the first frame of several.
    data = leave_out(file.data, png.frames) if png and png.frames else file.data
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise DamagedImageError(f"{kind} cannot be decoded: {error.err}") from error
    if pixels is None:
        raise DamagedImageError(f"{kind} is damaged or truncated: its pixels cannot be decoded")
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ImageError(f"{kind} with {pixels.dtype} samples, wanted 8 or 16 bits")
    if pixels.ndim == 3:
        swap = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
        pixels = cv2.cvtColor(pixels, swap)
    found: Pixels = np.asarray(pixels, pixels.dtype)
    if png and png.transparent_gray is not None:
        return _make_transparent(found, png.transparent_gray, png.depth)
    return found


def _make_transparent(gray: Pixels, level: int, depth: int) -> Pixels:
    """Return gray pixels as RGBA with one level transparent, which OpenCV does not do."""
    highest = np.iinfo(gray.dtype).max
    stretched = level * int(highest) // ((1 << depth) - 1)
    alpha = np.where(gray == stretched, 0, highest).astype(gray.dtype)
    return np.dstack((gray, gray, gray, alpha))


def _encode(extension: str, pixels: Pixels, options: list[int]) -> bytes:
    stored = pixels
    if pixels.ndim == 3:
        swap = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
        stored = np.asarray(cv2.cvtColor(pixels, swap), pixels.dtype)
    done, data = cv2.imencode(extension, stored, options)
    if not done:
        raise ImageError(f"cannot be encoded as {extension}: {pixels.shape} {pixels.dtype}")
    return data.tobytes()
