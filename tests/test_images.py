import io
import os
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import cv2
import kornia_rs.io
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from visualdiff.errors import ImageError
from visualdiff.images import (
    decode,
    encode_indexed_png,
    encode_png,
    encode_webp,
    open_image,
    parse_image,
)
from visualdiff.tiles import Pixels

LIMIT = 1_000_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
# What the PNG standard allows.
DEPTHS = {
    GRAY: (1, 2, 4, 8, 16),
    RGB: (8, 16),
    PALETTE: (1, 2, 4, 8),
    GRAY_ALPHA: (8, 16),
    RGBA: (8, 16),
}
LAYOUTS = [(kind, depth) for kind, depths in DEPTHS.items() for depth in depths]
NAMES = {GRAY: "gray", RGB: "RGB", PALETTE: "palette", GRAY_ALPHA: "gray+alpha", RGBA: "RGBA"}
LAYOUT_IDS = [f"{NAMES[kind]}-{depth}" for kind, depth in LAYOUTS]
ALL_FILTERS = (0, 1, 2, 3, 4)
# First row, first column, row step and column step of the seven passes of Adam7.
ADAM7 = [
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
]
COLOURS = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)

Samples = NDArray[np.int64]


# --- A PNG encoder of its own, after the standard: the oracle for every decoder. ---


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def pack_row(row: Samples, depth: int) -> bytes:
    bits = "".join(f"{value:0{depth}b}" for value in row.ravel().tolist())
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def predict(kind: int, left: int, above: int, corner: int) -> int:
    if kind < 4:
        return (0, left, above, (left + above) // 2)[kind]
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


def filter_rows(rows: list[bytes], step: int, filters: Sequence[int]) -> Iterator[bytes]:
    """Yield rows filtered in turn by each of `filters`; `step` is the bytes of a pixel."""
    before = bytes(len(rows[0]))
    for kind, row in zip(cycle(filters), rows, strict=False):
        left, corner = bytes(step) + row[:-step], bytes(step) + before[:-step]
        yield bytes([kind]) + bytes(
            (value - predict(kind, *known)) % 256
            for value, *known in zip(
                row, left[: len(row)], before, corner[: len(row)], strict=True
            )
        )
        before = row


def make_png(
    samples: Samples,
    kind: int,
    depth: int,
    *,
    interlaced: bool = False,
    extra: bytes = b"",
    filters: Sequence[int] = ALL_FILTERS,
    piece: int = 1 << 20,
) -> bytes:
    """Return a PNG file of `(H, W, C)` samples as they are stored, palette indices unexpanded.

    The pixels are cut into IDAT chunks of at most `piece` bytes; if several, each second is empty.
    """
    height, width = samples.shape[:2]
    parts = [samples]
    if interlaced:
        parts = [samples[top::down, left::right] for top, left, down, right in ADAM7]
    step = max(depth * CHANNELS[kind] // 8, 1)
    raw = b"".join(
        b"".join(filter_rows([pack_row(row, depth) for row in part], step, filters))
        for part in parts
        if part.size
    )
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    if kind == PALETTE:
        extra = chunk(b"PLTE", COLOURS[: 2**depth].tobytes()) + extra
    compressed = zlib.compress(raw)
    pieces = [compressed[at : at + piece] for at in range(0, len(compressed), piece)]
    pixels = chunk(b"IDAT").join(chunk(b"IDAT", content) for content in pieces)
    return SIGNATURE + chunk(b"IHDR", header) + extra + pixels + chunk(b"IEND")


def draw_samples(
    kind: int, depth: int, size: tuple[int, int] = (13, 11), seed: int = 1
) -> Samples:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2**depth, (*size, CHANNELS[kind]))


def expand(samples: Samples, kind: int, depth: int) -> Pixels:
    """Return the pixels that samples stand for."""
    if kind == PALETTE:
        return COLOURS[samples[..., 0]]
    values = samples.astype(np.uint16) if depth == 16 else samples * 255 // (2**depth - 1)
    values = values.astype(np.uint16 if depth == 16 else np.uint8)
    if kind == GRAY:
        return values[..., 0]
    return values[..., [0, 0, 0, 1]] if kind == GRAY_ALPHA else values


def read(data: bytes) -> Pixels:
    return decode(parse_image(data, LIMIT))


def check_equal(found: Pixels, expected: Pixels) -> None:
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    assert np.array_equal(found, expected)


# --- PNG ---


class Sort(NamedTuple):
    """A sort of PNG: its layout, whether a tRNS chunk makes something transparent, Adam7."""

    kind: int
    depth: int
    transparent: bool
    interlaced: bool

    @property
    def name(self) -> str:
        words = ["transparent"] * self.transparent + ["interlaced"] * self.interlaced
        return "-".join([f"{NAMES[self.kind]}-{self.depth}", *words])

    @property
    def decoder(self) -> str:
        """The decoder that the project has proven right for this sort."""
        fast = self.depth == 8 and self.kind in (GRAY, RGB, RGBA) and not self.transparent
        return "kornia" if fast else "OpenCV"


SORTS = [
    Sort(kind, depth, transparent, interlaced)
    for kind, depth in LAYOUTS
    for transparent in (False, True)[: 1 if kind in (GRAY_ALPHA, RGBA) else 2]
    for interlaced in (False, True)
]
any_sort = pytest.mark.parametrize("sort", SORTS, ids=[sort.name for sort in SORTS])


@contextmanager
def watch_decoders() -> Iterator[list[str]]:
    """Give the list of decoders that are called meanwhile."""
    used: list[str] = []

    def watch(owner: object, function: str, name: str) -> Any:
        original = getattr(owner, function)

        def call(*arguments: Any) -> Any:
            used.append(name)
            return original(*arguments)

        return mock.patch.object(owner, function, call)

    with (
        watch(kornia_rs.io, "decode_image_png_u8", "kornia"),
        watch(cv2, "imdecode", "OpenCV"),
    ):
        yield used


def make_transparent(sort: Sort, samples: Samples) -> tuple[bytes, Pixels]:
    """Return a tRNS chunk, and the alpha channel that it gives the samples."""
    highest = 2 ** max(sort.depth, 8) - 1
    if sort.kind == PALETTE:
        # One entry fewer than the palette has: the last is opaque.
        opacities = np.linspace(0, 255, 2**sort.depth).astype(np.uint8)
        return chunk(b"tRNS", opacities[:-1].tobytes()), opacities[samples[..., 0]]
    colour = samples[-1, -1].tolist()
    alpha = np.where((samples == colour).all(axis=2), 0, highest)
    return chunk(b"tRNS", struct.pack(f">{len(colour)}H", *colour)), alpha


def check_decoding(
    sort: Sort,
    size: tuple[int, int],
    filters: Sequence[int] = ALL_FILTERS,
    piece: int = 1 << 20,
    seed: int = 1,
) -> None:
    """Check the pixels of a drawn file, and by which decoder they were read."""
    samples = draw_samples(sort.kind, sort.depth, size, seed)
    expected, extra = expand(samples, sort.kind, sort.depth), b""
    if sort.transparent:
        extra, alpha = make_transparent(sort, samples)
        colours = np.dstack([expected] * 3) if sort.kind == GRAY else expected
        expected = np.dstack((colours, alpha.astype(expected.dtype)))
    data = make_png(
        samples, *sort[:2], interlaced=sort.interlaced, extra=extra, filters=filters, piece=piece
    )
    with watch_decoders() as used:
        check_equal(read(data), expected)
    assert used == [sort.decoder]
    if sort.decoder == "kornia":
        check_equal(decode_with_opencv(data), expected)


def decode_with_opencv(data: bytes) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    found = np.asarray(pixels, np.uint8)
    return found if found.ndim == 2 else found[..., [2, 1, 0, 3][: found.shape[2]]]


@pytest.mark.parametrize(
    "filters",
    [(0,), (1,), (2,), (3,), (4,), ALL_FILTERS, (4, 3, 2, 1, 0)],
    ids=["none", "sub", "up", "average", "paeth", "all", "all reversed"],
)
@any_sort
def test_every_sort_of_png_gives_its_very_pixels(sort: Sort, filters: Sequence[int]) -> None:
    check_decoding(sort, (13, 11), filters)


# Of one pixel, one row or column, smaller than the grid of Adam7 in one direction or both, so that
# some of its passes are empty, exactly of its size, just above, and wide.
@pytest.mark.parametrize(
    "size",
    [
        *((1, 1), (1, 5), (5, 1), (1, 9), (9, 1), (2, 2), (3, 5), (5, 3), (4, 4)),
        *((8, 8), (9, 17), (3, 700), (700, 3)),
    ],
    ids=lambda size: f"{size[1]}x{size[0]}",
)
@any_sort
def test_a_png_of_any_size_gives_its_very_pixels(sort: Sort, size: tuple[int, int]) -> None:
    check_decoding(sort, size)


@pytest.mark.parametrize("piece", [1, 7, 100])
@any_sort
def test_a_png_in_many_pieces_some_empty_gives_its_very_pixels(sort: Sort, piece: int) -> None:
    check_decoding(sort, (13, 11), piece=piece)


@pytest.mark.parametrize(
    "sort", [sort for sort in SORTS if sort.decoder == "kornia"], ids=lambda sort: sort.name
)
def test_a_png_larger_than_a_decoders_buffers_gives_its_very_pixels(sort: Sort) -> None:
    # Noise: more than 64 KB compressed, in pieces as libpng writes them.
    check_decoding(sort, (150, 500), piece=8192)


@given(
    sort=st.sampled_from(SORTS),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    filters=st.lists(st.integers(0, 4), min_size=1, max_size=7),
    piece=st.integers(1, 300),
    seed=st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=200)
def test_any_png_gives_its_very_pixels(
    sort: Sort, size: tuple[int, int], filters: list[int], piece: int, seed: int
) -> None:
    check_decoding(sort, size, filters, piece, seed)


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"gAMA", struct.pack(">I", 100_000)),
        chunk(b"sRGB", b"\0"),
        chunk(b"cHRM", struct.pack(">8I", *[30_000] * 8)),
        chunk(b"iCCP", b"profile\0\0" + zlib.compress(b"not a profile")),
        chunk(b"cICP", b"\1\2\0\1"),
        chunk(b"sBIT", b"\5\6\5"),
        chunk(b"bKGD", bytes(6)),
        chunk(b"PLTE", bytes(9)),
        # Turned by a quarter.
        chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
        # One frame, which is the image itself.
        chunk(b"acTL", struct.pack(">II", 1, 0)),
        chunk(b"teXt", b"a chunk that nobody knows"),
    ],
    ids=lambda extra: extra[4:8].decode(),
)
def test_what_a_png_says_beside_its_pixels_changes_none(extra: bytes) -> None:
    samples = draw_samples(RGB, 8)
    data = make_png(samples, RGB, 8, extra=extra)
    with watch_decoders() as used:
        check_equal(read(data), expand(samples, RGB, 8))
    assert used == ["kornia"]
    check_equal(decode_with_opencv(data), expand(samples, RGB, 8))


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(chunk(b"acTL", struct.pack(">II", 2, 0)), id="of two"),
        pytest.param(chunk(b"acTL", b"\xe5" * 8), id="of too many"),
        pytest.param(chunk(b"acTL", b"abc"), id="of no number"),
        pytest.param(
            chunk(b"acTL", struct.pack(">II", 1, 0))
            + chunk(b"fcTL", struct.pack(">5I2H2B", 0, 11, 9, 0, 0, 1, 1, 0, 0)),
            id="of one",
        ),
    ],
)
@pytest.mark.parametrize(("kind", "depth"), [(RGB, 16), (GRAY_ALPHA, 8), (RGBA, 16)])
def test_a_still_image_that_says_to_be_a_frame_is_neither_black_nor_refused(
    extra: bytes, kind: int, depth: int
) -> None:
    samples = draw_samples(kind, depth)
    with watch_decoders() as used:
        found = read(make_png(samples, kind, depth, extra=extra))
    check_equal(found, expand(samples, kind, depth))
    assert used == ["OpenCV"]


@pytest.mark.parametrize("kind", [GRAY_ALPHA, RGBA], ids=["gray+alpha", "RGBA"])
def test_a_transparent_colour_beside_an_alpha_channel_means_nothing(kind: int) -> None:
    samples = draw_samples(kind, 8)
    colour = chunk(b"tRNS", struct.pack(">3H", *samples[0, 0, [0, 0, 0]].tolist()))
    with watch_decoders() as used:
        check_equal(read(make_png(samples, kind, 8, extra=colour)), expand(samples, kind, 8))
    assert used == ["OpenCV"]


@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_rgb_colour_becomes_alpha(depth: int) -> None:
    samples = draw_samples(RGB, depth)
    transparent = samples[4, 5].tolist()
    samples[7, 2] = transparent
    data = make_png(samples, RGB, depth, extra=chunk(b"tRNS", struct.pack(">3H", *transparent)))
    pixels = read(data)
    alpha = np.where((samples == transparent).all(axis=2), 0, 2**depth - 1)
    assert np.count_nonzero(alpha == 0) >= 2
    assert np.array_equal(pixels[..., 3], alpha)
    assert np.array_equal(pixels[..., :3], expand(samples, RGB, depth))


@pytest.mark.parametrize("depth", DEPTHS[GRAY])
def test_a_transparent_gray_level_becomes_alpha(depth: int) -> None:
    samples = draw_samples(GRAY, depth)
    level = int(samples[4, 5, 0])
    pixels = read(make_png(samples, GRAY, depth, extra=chunk(b"tRNS", struct.pack(">H", level))))
    gray = expand(samples, GRAY, depth)
    opaque = np.iinfo(gray.dtype).max
    assert np.array_equal(pixels[..., 3], np.where(samples[..., 0] == level, 0, opaque))
    assert np.array_equal(pixels[..., :3], np.repeat(gray[..., None], 3, axis=2))
    assert pixels.dtype == gray.dtype


def test_a_transparent_gray_level_of_wrong_length_is_no_level() -> None:
    samples = draw_samples(GRAY, 8)
    data = make_png(samples, GRAY, 8, extra=chunk(b"tRNS", b"\0"))
    check_equal(read(data), expand(samples, GRAY, 8))


def test_a_palette_with_opacities_becomes_rgba() -> None:
    samples = draw_samples(PALETTE, 2)
    data = make_png(samples, PALETTE, 2, extra=chunk(b"tRNS", bytes([0, 128])))
    opacity = np.array([0, 128, 255, 255], np.uint8)
    expected = np.dstack((COLOURS[samples[..., 0]], opacity[samples[..., 0]]))
    check_equal(read(data), expected)


def test_the_header_is_known_before_pixels_are() -> None:
    file = parse_image(make_png(draw_samples(RGB, 8, (4, 9)), RGB, 8), LIMIT)
    assert (file.header.format, file.header.width, file.header.height) == ("PNG", 9, 4)
    assert not file.header.gray
    assert file.warning == ""
    assert parse_image(make_png(draw_samples(GRAY, 8), GRAY, 8), LIMIT).header.gray


@pytest.mark.parametrize(("kind", "depth"), LAYOUTS, ids=LAYOUT_IDS)
def test_a_png_cut_off_anywhere_is_refused(kind: int, depth: int) -> None:
    data = make_png(draw_samples(kind, depth), kind, depth)
    for length in range(len(SIGNATURE), len(data), 7):
        with pytest.raises(ImageError, match="truncated"):
            read(data[:length])


def replace_pixels(data: bytes, compressed: bytes) -> bytes:
    """Return a PNG with other compressed pixels, all its checksums right."""
    start = data.index(b"IDAT") - 4
    return data[:start] + chunk(b"IDAT", compressed) + chunk(b"IEND")


@pytest.mark.parametrize("damage", ["cut", "rows missing", "bad filter", "not compressed"])
@pytest.mark.parametrize(("kind", "depth"), LAYOUTS, ids=LAYOUT_IDS)
def test_damage_under_right_checksums_is_noticed(kind: int, depth: int, damage: str) -> None:
    # Noise, so that half of the compressed bytes are about half of the pixels.
    data = make_png(draw_samples(kind, depth, (40, 40)), kind, depth)
    assert read(data).shape[0] == 40
    start = data.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", data[start - 8 : start - 4])
    compressed = data[start : start + length]
    raw = zlib.decompress(compressed)
    damaged = {
        "cut": compressed[: length // 2],
        "rows missing": zlib.compress(raw[: len(raw) // 40 * 39]),
        "bad filter": zlib.compress(b"\x09" + raw[1:]),
        "not compressed": raw,
    }
    with pytest.raises(ImageError, match="PNG is damaged"):
        read(replace_pixels(data, damaged[damage]))


@pytest.mark.parametrize("kind", [GRAY, PALETTE], ids=["fast", "OpenCV"])
@pytest.mark.parametrize("size", [(0, 5), (5, 0), (0, 0)], ids=str)
def test_a_png_without_rows_or_columns_is_refused(kind: int, size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match="PNG is damaged"):
        read(make_png(np.zeros((*size, 1), np.int64), kind, 8))


def declare(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, RGB, 0, 0, 0))
    return SIGNATURE + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND")


@pytest.mark.parametrize(
    ("width", "height"),
    [(1001, 1000), (100_001, 1), (1, 100_001), (2**31 - 1, 2**31 - 1)],
    ids=["area", "width", "height", "both"],
)
def test_an_image_that_declares_too_many_pixels_is_refused_unread(width: int, height: int) -> None:
    with pytest.raises(ImageError, match=f"too large: {width:,}×{height:,} px.*1,000,000 px"):
        parse_image(declare(width, height), LIMIT)


@pytest.mark.parametrize(("width", "height"), [(1000, 1000), (100_000, 1), (10, 100_000)])
def test_an_image_of_the_highest_size_is_read(width: int, height: int) -> None:
    assert parse_image(declare(width, height), LIMIT).header.width == width


def test_an_animated_png_is_refused() -> None:
    data = make_png(draw_samples(RGB, 8), RGB, 8)
    frame = chunk(b"fdAT", struct.pack(">I", 1) + zlib.compress(b"\0"))
    with pytest.raises(ImageError, match="animated PNG, wanted a still image"):
        parse_image(data[:-12] + frame + data[-12:], LIMIT)


# --- What is not an image ---


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", r"^empty file \(0 bytes\)$"),
        (bytes(5000), "only zero bytes"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "run `git lfs pull`"),
        (b"\n <!DOCTYPE html><title>404</title>", "an HTML page, not an image"),
        (b"<HTML><body>no</body></html>", "an HTML page, not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG or XML"),
        (b"<?xml version='1.0'?><Error/>", "SVG or XML"),
        (b"PASSWORD=hunter2", "^not an image of a known format"),
        (b"\x89PNG\n\x1a\n", "^not an image of a known format"),
        (SIGNATURE, "truncated"),
        (b"II*\0", "damaged|not an image"),
    ],
    ids=["empty", "zeros", "LFS", "doctype", "html", "svg", "xml", "text", "crlf", "bare", "tiff"],
)
def test_what_is_not_an_image_is_named(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        parse_image(data, LIMIT)


def test_the_content_of_a_file_that_is_not_an_image_is_never_quoted() -> None:
    with pytest.raises(ImageError) as caught:
        parse_image(b"PASSWORD=hunter2", LIMIT)
    assert "hunter2" not in str(caught.value)


def test_zeros_with_something_behind_them_are_not_called_zeros() -> None:
    with pytest.raises(ImageError, match="not an image of a known format"):
        parse_image(bytes(4000) + b"x", LIMIT)


# --- Other formats ---


def save(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


NOISE = np.random.default_rng(2).integers(0, 256, (23, 31, 4), np.uint8)
# Smooth, so that lossy formats come close.
RAMP = np.dstack(np.meshgrid(np.arange(32) * 8, np.arange(24) * 8, [90])).astype(np.uint8)


@pytest.mark.parametrize(
    ("kind", "channels", "options"),
    [
        ("WEBP", 3, {"lossless": True}),
        ("WEBP", 4, {"lossless": True, "exact": True}),
        ("BMP", 3, {}),
        ("TIFF", 1, {}),
        ("TIFF", 3, {}),
        ("TIFF", 3, {"compression": "tiff_lzw"}),
        ("TIFF", 3, {"compression": "tiff_adobe_deflate"}),
        ("PNG", 4, {"optimize": True}),
    ],
)
def test_a_lossless_format_gives_the_very_pixels(kind: str, channels: int, options: Any) -> None:
    pixels = NOISE[..., 0] if channels == 1 else NOISE[..., :channels]
    data = save(Image.fromarray(np.ascontiguousarray(pixels)), kind, **options)
    file = parse_image(data, LIMIT)
    assert (file.header.width, file.header.height) == (31, 23)
    assert file.header.gray is (channels == 1)
    check_equal(decode(file), pixels)


def test_a_gif_gives_the_colours_of_its_palette() -> None:
    pixels = COLOURS[np.random.default_rng(3).integers(0, 16, (23, 31))]
    image = Image.fromarray(pixels).quantize(16)
    data = save(image, "GIF")
    check_equal(read(data), np.asarray(image.convert("RGB")))


def test_a_tiff_of_sixteen_bits_stays_one() -> None:
    pixels = np.random.default_rng(4).integers(0, 65_536, (9, 7), np.uint16)
    check_equal(read(save(Image.fromarray(pixels), "TIFF")), pixels)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_a_lossy_format_gives_nearly_the_pixels(kind: str) -> None:
    file = parse_image(save(Image.fromarray(RAMP), kind, quality=95), LIMIT)
    pixels = decode(file)
    assert file.header.format == {"WEBP": "WebP"}.get(kind, kind)
    assert pixels.shape == RAMP.shape
    # Swapped channels would be off by a hundred.
    assert np.abs(pixels.astype(int) - RAMP).mean() < 6


def test_a_gray_jpeg_is_gray() -> None:
    file = parse_image(save(Image.fromarray(RAMP[..., 0]), "JPEG"), LIMIT)
    assert file.header.gray
    assert decode(file).shape == RAMP.shape[:2]


def test_orientation_is_not_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90°
    data = save(Image.fromarray(RAMP), "JPEG", exif=exif)
    file = parse_image(data, LIMIT)
    assert decode(file).shape == RAMP.shape
    assert (file.header.width, file.header.height) == (32, 24)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "BMP", "GIF", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_other_formats_cut_off_are_refused(kind: str, share: float) -> None:
    data = save(Image.fromarray(NOISE[..., :3].copy()), kind)
    with pytest.raises(ImageError, match=r"damaged|truncated|cannot be decoded|not an image"):
        read(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    ("kind", "words"),
    [("GIF", "GIF with 2 frames or pages"), ("TIFF", "TIFF with 2"), ("WEBP", "WebP with 2")],
)
def test_several_frames_or_pages_are_refused(kind: str, words: str) -> None:
    first, second = Image.fromarray(RAMP), Image.fromarray(255 - RAMP)
    data = save(first, kind, save_all=True, append_images=[second])
    with pytest.raises(ImageError, match=f"^{words}.*wanted a single image"):
        parse_image(data, LIMIT)


def test_samples_that_are_neither_8_nor_16_bits_are_refused() -> None:
    data = save(Image.fromarray(np.ones((9, 7), np.float32)), "TIFF")
    with pytest.raises(ImageError, match="TIFF with float32 samples, wanted 8 or 16 bits"):
        read(data)


def test_other_formats_that_declare_too_much_are_refused_unread() -> None:
    data = bytearray(save(Image.fromarray(RAMP), "BMP"))
    data[18:26] = struct.pack("<ii", 1001, 1000)
    with pytest.raises(ImageError, match="too large: 1,001×1,000 px"):
        parse_image(bytes(data), LIMIT)
    data[18:26] = struct.pack("<ii", 32_000, 32_000)
    with pytest.raises(ImageError, match="too large"):
        parse_image(bytes(data), LIMIT)


def test_odd_metadata_and_large_sizes_cause_no_warnings() -> None:
    # In a test session that turns warnings into errors they would be crashes.
    bitmap = bytearray(save(Image.fromarray(RAMP), "BMP"))
    bitmap[18:26] = struct.pack("<ii", 9_500, 9_500)
    tiff = bytearray(save(Image.fromarray(RAMP), "TIFF"))
    # Claims far more values for its first tag than the file holds.
    (directory,) = struct.unpack_from("<I", tiff, 4)
    struct.pack_into("<I", tiff, directory + 2 + 4, 1 << 20)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert parse_image(bytes(bitmap), 10**8).header.width == 9_500
        with pytest.raises(ImageError):
            read(bytes(tiff))
    assert not caught


ENCODED = {
    "PNG": make_png(draw_samples(RGB, 8), RGB, 8),
    "PNG palette": make_png(draw_samples(PALETTE, 4), PALETTE, 4),
    "JPEG": save(Image.fromarray(RAMP), "JPEG"),
    "WebP": save(Image.fromarray(RAMP), "WEBP", lossless=True),
    "BMP": save(Image.fromarray(RAMP), "BMP"),
    "TIFF": save(Image.fromarray(RAMP), "TIFF", compression="tiff_lzw"),
    "GIF": save(Image.fromarray(RAMP), "GIF"),
    "AVIF": save(Image.fromarray(RAMP), "AVIF"),
}


@pytest.mark.parametrize("kind", ENCODED)
@given(data=st.data())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.differing_executors])
def test_a_damaged_file_gives_pixels_or_an_image_error_and_nothing_else(
    kind: str, data: st.DataObject
) -> None:
    damaged = bytearray(ENCODED[kind])
    places = st.integers(0, min(len(damaged), 300) - 1) | st.integers(0, len(damaged) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=4)):
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        pixels = read(bytes(damaged))
    except ImageError:
        return
    assert pixels.dtype in (np.uint8, np.uint16)
    assert pixels.ndim == 2 or pixels.shape[2] in (3, 4)


def test_a_failure_of_any_kind_inside_pillow_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its AVIF plugin, for one, raises RuntimeError.
    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("Missing or empty image item")

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(ImageError, match="damaged: Missing or empty image item"):
        parse_image(ENCODED["AVIF"], LIMIT)


def test_a_failure_inside_opencv_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise cv2.error("Unknown C++ exception from OpenCV code")

    file = parse_image(ENCODED["BMP"], LIMIT)
    monkeypatch.setattr(cv2, "imdecode", fail)
    monkeypatch.setattr(cv2.error, "err", "out of memory", raising=False)
    with pytest.raises(ImageError, match="BMP cannot be decoded: out of memory"):
        decode(file)


# --- Files ---


def test_a_file_is_opened_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "ü 画 %20.png"
    path.write_bytes(ENCODED["PNG"])
    file = open_image(path, LIMIT)
    assert file.data == ENCODED["PNG"]
    assert file.warning == ""
    assert decode(file).shape == (13, 11, 3)


@pytest.mark.parametrize(
    ("name", "kind", "warning"),
    [
        ("a.png", "JPEG", "a.png holds JPEG, not PNG"),
        ("a.jpg", "PNG", "a.jpg holds PNG, not JPEG"),
        ("a.PNG", "WebP", "a.PNG holds WebP, not PNG"),
        ("a.jpeg", "JPEG", ""),
        ("a.JPG", "JPEG", ""),
        ("a.tif", "TIFF", ""),
        ("a.webp", "WebP", ""),
        ("a.gif", "GIF", ""),
        ("a.bmp", "BMP", ""),
        ("a.avif", "AVIF", ""),
        ("a.screenshot", "PNG", ""),
    ],
)
def test_a_file_named_after_another_format_is_read_with_a_warning(
    tmp_path: Path, name: str, kind: str, warning: str
) -> None:
    path = tmp_path / name
    path.write_bytes(ENCODED[kind])
    file = open_image(path, LIMIT)
    assert file.warning == warning
    assert decode(file).size


def test_a_missing_file_is_told() -> None:
    with pytest.raises(ImageError, match=r"^cannot be read: No such file or directory$"):
        open_image(Path("nowhere/at/all.png"), LIMIT)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"^not a file$"):
        open_image(tmp_path, LIMIT)


def test_no_descriptor_stays_open_whatever_is_opened(tmp_path: Path) -> None:
    good = tmp_path / "a.png"
    good.write_bytes(ENCODED["PNG"])
    # A descriptor is the lowest number that is free.
    before = os.open(good, os.O_RDONLY)
    os.close(before)
    for path in (good, tmp_path, tmp_path / "missing.png"):
        with suppress(ImageError):
            open_image(path, LIMIT)
    after = os.open(good, os.O_RDONLY)
    os.close(after)
    assert after == before


def test_a_fifo_is_refused_and_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "pipe.png"
    os.mkfifo(path)
    with pytest.raises(ImageError, match="not a file"):
        open_image(path, LIMIT)


def test_a_file_of_half_a_gigabyte_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate((1 << 29) + 1)  # a hole: it takes no room
    with pytest.raises(ImageError, match="file of 536,870,913 bytes, wanted at most 536,870,912"):
        open_image(path, LIMIT)


# --- Encoding ---


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 3), (9, 7, 4), (1, 1, 3)], ids=str)
def test_what_is_encoded_as_png_comes_back_the_same(shape: tuple[int, ...], depth: Any) -> None:
    highest = np.iinfo(depth).max
    pixels = np.random.default_rng(5).integers(0, highest, shape, depth, endpoint=True)
    check_equal(read(encode_png(pixels)), pixels)


def test_an_encoded_png_has_its_colours_in_the_right_order() -> None:
    pixels = np.full((2, 2, 4), (10, 20, 30, 40), np.uint8)
    for image in (pixels, np.ascontiguousarray(pixels[..., :3])):
        stored = Image.open(io.BytesIO(encode_png(image)))
        assert np.asarray(stored).tolist() == image.tolist()


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 300), (300, 1), (63, 65), (64, 64), (65, 63), (200, 130)], ids=str
)
def test_an_indexed_png_shows_its_palettes_colours(size: tuple[int, int]) -> None:
    indices = np.random.default_rng(6).integers(0, 256, size, np.uint8)
    data = encode_indexed_png(indices, COLOURS)
    check_equal(read(data), COLOURS[indices])
    # A second opinion: OpenCV's decoder is lenient.
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "P"
        assert np.array_equal(np.asarray(image), indices)


def test_a_part_of_an_image_can_be_encoded_as_indexed_png() -> None:
    indices = np.random.default_rng(6).integers(0, 256, (90, 80), np.uint8)
    part = indices[5:85:2, 7:70]
    check_equal(read(encode_indexed_png(part, COLOURS)), COLOURS[part])


def test_an_indexed_png_is_smaller_than_the_same_picture_in_rgb() -> None:
    indices = np.random.default_rng(6).integers(0, 60, (100, 100), np.uint8)
    assert len(encode_indexed_png(indices, COLOURS)) < len(encode_png(COLOURS[indices])) / 2


def test_webp_is_near_and_smaller_at_lower_quality() -> None:
    lossy = encode_webp(RAMP, 60)
    assert parse_image(lossy, LIMIT).header.format == "WebP"
    assert len(lossy) < len(encode_webp(RAMP, 95))
    assert np.abs(read(lossy).astype(int) - RAMP).mean() < 6


def test_what_cannot_be_encoded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imencode", lambda *_: (False, None))
    with pytest.raises(ImageError, match=r"cannot be encoded as .png: \(2, 3\) uint8"):
        encode_png(np.zeros((2, 3), np.uint8))
