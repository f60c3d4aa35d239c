"""Targets: images, whole and damaged."""

import io
import struct
import tempfile
import warnings
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from fuzzing.taking import Taker
from visualdiff.errors import ImageError
from visualdiff.images import _decode_with_opencv, decode, is_sound, parse_image
from visualdiff.model import Pair
from visualdiff.png import join_chunks, read_png_header
from visualdiff.tiles import Pixels
from visualdiff.weighing import weigh_pair

_MOST: Final = 1_000_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "AVIF")
_KINDS: Final = (b"tRNS", b"PLTE", b"tEXt", b"gAMA", b"acTL", b"fcTL", b"fdAT", b"eXIf", b"IDAT")
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# What Pillow gives as the very samples of the file.
_PLAIN_MODES: Final = {"L", "RGB", "RGBA"}


def read_image(data: bytes) -> None:
    """Read a file of any format, as it is."""
    _read(data)


def read_png(data: bytes) -> None:
    """Read a PNG file whose checksums are right, whatever else of it is not."""
    _read(make_png(Taker(data)))


def weigh_image(data: bytes) -> None:
    """Weigh a file, which never fails, and is no more than what decoding would refuse."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(data)
        file.flush()
        path = Path(file.name)
        weight = weigh_pair(Pair(name="a.png", baseline=path, candidate=None), _MOST)
    assert 1 <= weight <= _MOST, weight


def make_png(taker: Taker) -> bytes:
    """Return a PNG file with right checksums of chunks; most of them hold all of their pixels."""
    width, height = taker.number(0, 40), taker.number(0, 40)
    colour_type = taker.choose((0, 2, 3, 4, 6, 6, 2, 1))
    depth = taker.choose((8, 8, 16, 4, 2, 1, 3))
    interlace = taker.choose((0, 0, 1, 2))
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlace)
    extra = taker.several(_make_chunk, 3)
    palette = [(b"PLTE", bytes(range(96)))] if colour_type == 3 else []
    packed = _compress(taker, width * depth * _SAMPLES.get(colour_type, 1), height)
    split = taker.number(0, len(packed))
    pieces = [(b"IDAT", packed[:split]), (b"IDAT", packed[split:])]
    end = taker.several(_make_chunk, 1)
    return join_chunks((b"IHDR", header), *palette, *extra, *pieces, *end, (b"IEND", b""))


def _make_chunk(taker: Taker) -> tuple[bytes, bytes]:
    return taker.choose(_KINDS), taker.piece(taker.number(0, 12))


def _compress(taker: Taker, bits: int, height: int) -> bytes:
    """Return rows as they are compressed, some with a row too many, a flaw or a cut."""
    length = -(-bits // 8)
    rows = b"".join(
        bytes([taker.choose((0, 0, 1, 2, 3, 4, 5))]) + taker.piece(length).ljust(length, b"\7")
        for _ in range(height + taker.choose((0, 0, 0, 0, 1, -1)))
    )
    packed = bytearray(zlib.compress(rows, taker.choose((1, 0, 9))))
    if taker.choose((False, False, True)):
        packed[taker.number(0, len(packed) - 1)] ^= taker.number(1, 255)
    return bytes(packed[: len(packed) - taker.choose((0, 0, 0, 1, 5))])


def _read(data: bytes) -> None:
    try:
        file = parse_image(data, _MOST)
        pixels = decode(file)
    except ImageError:
        return
    header = file.header
    assert pixels.shape[:2] == (header.height, header.width), (pixels.shape, header)
    assert pixels.ndim == 2 or pixels.shape[2] in (3, 4), pixels.shape
    if header.format == "PNG":
        assert read_png_header(data) == header.png
        assert np.array_equal(pixels, _decode_with_opencv(file)), "OpenCV sees other pixels"
        if is_sound(file):
            _ask_pillow(data, pixels)


def _ask_pillow(data: bytes, pixels: Pixels) -> None:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
            same = image.mode in _PLAIN_MODES and "transparency" not in image.info
            same = same and pixels.dtype == np.uint8  # it halves 16 bits
            seen = np.asarray(image) if same else pixels
    except Exception:  # noqa: BLE001 - it refuses what it does not know, in any way
        return
    assert np.array_equal(seen, pixels), "Pillow sees other pixels"


def draw_images() -> list[bytes]:
    """Return a small image in each format."""
    ramp = np.arange(12 * 9 * 3, dtype=np.uint8).reshape(9, 12, 3)
    found = []
    for kind in _FORMATS:
        stream = io.BytesIO()
        Image.fromarray(ramp).save(stream, kind)
        found.append(stream.getvalue())
    return found
