import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.errors import ImageError
from visualdiff.png import (
    SIGNATURE,
    PngHeader,
    holds_all_pixels,
    join_chunks,
    leave_out,
    read_png_header,
)


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + checksum(kind + content)


def checksum(content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(content))


def ihdr(width: int = 3, height: int = 2, depth: int = 8, colour_type: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))


IDAT = chunk(b"IDAT", zlib.compress(b"\0abc\0def"))
IEND = chunk(b"IEND")
PALETTE = chunk(b"PLTE", bytes(6))
# Several chunks of each sort: text before the pixels, the pixels in pieces.
FILE = SIGNATURE + ihdr() + chunk(b"tEXt", b"Title\0x") + IDAT + chunk(b"IDAT") + IEND


def test_chunks_are_joined_to_the_file_that_holds_them() -> None:
    contents = (IDAT[8:-4], b"", b"Title\0x")
    kinds = (b"IDAT", b"IEND", b"tEXt")
    expected = b"".join(map(chunk, kinds, contents))
    assert join_chunks(*zip(kinds, contents, strict=True)) == SIGNATURE + expected


def test_a_header_says_what_the_file_declares() -> None:
    data = SIGNATURE + ihdr(70_000, 3, 16, 6) + IDAT + IEND
    assert read_png_header(data) == PngHeader(
        width=70_000,
        height=3,
        depth=16,
        colour_type=6,
        transparent_colour=False,
        animated=False,
        interlaced=False,
        parts=((41, 41 + len(IDAT) - 12),),
    )


@pytest.mark.parametrize("shape", [(5, 9), (5, 9, 3), (5, 9, 4)], ids=["gray", "RGB", "RGBA"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_files_of_another_encoder_are_read(shape: tuple[int, ...], depth: type) -> None:
    done, data = cv2.imencode(".png", np.zeros(shape, depth))
    assert done
    header = read_png_header(data.tobytes())
    assert (header.width, header.height) == (9, 5)
    assert header.depth == 8 * np.dtype(depth).itemsize
    assert header.colour_type == {2: 0, 3: 2, 4: 6}[shape[2] if len(shape) == 3 else 2]


@pytest.mark.parametrize(
    ("colour_type", "gray"), [(0, True), (2, False), (3, False), (4, False), (6, False)]
)
def test_gray_is_told_from_colour(colour_type: int, gray: bool) -> None:
    data = SIGNATURE + ihdr(colour_type=colour_type) + PALETTE + IDAT + IEND
    assert read_png_header(data).gray is gray


def test_a_transparent_colour_is_noticed() -> None:
    header = read_png_header(SIGNATURE + ihdr() + chunk(b"tRNS", b"\0\7") + IDAT + IEND)
    assert header.transparent_colour
    assert header.transparent_gray == 7
    assert not header.animated


@pytest.mark.parametrize(
    ("depth", "colour_type", "content", "level"),
    [(16, 0, b"\1\2", 258), (4, 0, b"\xff\xf3", 3), (8, 0, b"\7", None), (8, 3, b"\0\7", None)],
    ids=["deep", "bits that samples lack", "short", "palette"],
)
def test_the_transparent_gray_level_is_read(
    depth: int, colour_type: int, content: bytes, level: int | None
) -> None:
    start = SIGNATURE + ihdr(depth=depth, colour_type=colour_type)
    header = read_png_header(start + PALETTE + chunk(b"tRNS", content) + IDAT + IEND)
    assert header.transparent_colour
    assert header.transparent_gray == level


def test_an_animation_is_one_only_if_it_has_a_second_frame() -> None:
    control = chunk(b"acTL", struct.pack(">II", 1, 0))
    frame = chunk(b"fdAT", struct.pack(">I", 1) + zlib.compress(b"\0abc\0def"))
    assert not read_png_header(SIGNATURE + ihdr() + control + IDAT + IEND).animated
    assert read_png_header(SIGNATURE + ihdr() + control + IDAT + frame + IEND).animated


def test_chunks_that_tell_of_frames_are_found_and_left_out() -> None:
    control, frame = chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", bytes(26))
    still = SIGNATURE + ihdr() + IDAT + IEND
    data = SIGNATURE + ihdr() + control + IDAT + frame + IEND
    assert leave_out(data, read_png_header(data).frames) == still
    assert leave_out(still, read_png_header(still).frames) == still


def test_a_transparent_colour_behind_the_pixels_is_none() -> None:
    colour = chunk(b"tRNS", bytes(6))
    assert read_png_header(SIGNATURE + ihdr() + colour + IDAT + IEND).transparent_colour
    assert not read_png_header(SIGNATURE + ihdr() + IDAT + colour + IEND).transparent_colour


def test_what_follows_the_last_chunk_does_not_matter() -> None:
    assert read_png_header(FILE + b"trailing rubbish") == read_png_header(FILE)


@pytest.mark.parametrize("length", range(len(SIGNATURE), len(FILE)))
def test_a_file_cut_off_anywhere_is_refused(length: int) -> None:
    with pytest.raises(ImageError, match="truncated"):
        read_png_header(FILE[:length])


def test_a_truncation_is_told_with_numbers() -> None:
    with pytest.raises(ImageError, match=f"it ends at byte {len(FILE) - 12}, before its last"):
        read_png_header(FILE[:-12])
    large = SIGNATURE + ihdr() + chunk(b"IDAT", bytes(5000)) + IEND
    with pytest.raises(
        ImageError,
        match="chunk IDAT at byte 33 says it has 5,000 bytes, 1,024 more than the file holds",
    ):
        read_png_header(large[: -1024 - len(IEND)])


@given(position=st.integers(len(SIGNATURE), len(FILE) - 1), flip=st.integers(1, 255))
@settings(deadline=None, max_examples=300)
def test_any_damaged_byte_is_noticed(position: int, flip: int) -> None:
    data = bytearray(FILE)
    data[position] ^= flip
    with pytest.raises(ImageError, match=r"truncated|checksum|IHDR"):
        read_png_header(bytes(data))


def test_a_wrong_checksum_names_its_chunk() -> None:
    data = SIGNATURE + ihdr() + IDAT[:-1] + bytes([IDAT[-1] ^ 1]) + IEND
    with pytest.raises(ImageError, match="wrong checksum of IDAT at byte 33"):
        read_png_header(data)


def test_a_wrong_checksum_of_the_last_chunk_is_noticed() -> None:
    with pytest.raises(ImageError, match="wrong checksum of IEND"):
        read_png_header(FILE[:-1] + b"?")


def test_a_forged_length_is_refused_before_memory_is_taken_for_it() -> None:
    data = SIGNATURE + ihdr() + struct.pack(">I", 2**31 - 1) + b"IDAT" + IEND
    with pytest.raises(ImageError, match=r"says it has 2,147,483,647 bytes"):
        read_png_header(data)


def test_a_name_that_is_not_text_is_shown_escaped() -> None:
    data = SIGNATURE + ihdr() + b"\0\0\1\0" + b"\xff\xfeAB" + IEND
    with pytest.raises(ImageError, match=r"chunk \\xff\\xfeAB at byte 33"):
        read_png_header(data)


@pytest.mark.parametrize(
    "start",
    [
        IDAT + ihdr(),
        chunk(b"CgBI", b"\x50\0\x20\2") + ihdr() + IDAT,
        chunk(b"ABCD", bytes(13)) + ihdr() + IDAT,
        chunk(b"IHDR", struct.pack(">IIBBBB", 3, 2, 8, 0, 0, 0)) + IDAT,
        chunk(b"IHDR", struct.pack(">IIBBBBBB", 3, 2, 8, 0, 0, 0, 0, 0)) + IDAT,
        b"",
    ],
    ids=[
        "pixels first",
        "Apple's variant",
        "another of its length",
        "short IHDR",
        "long IHDR",
        "only IEND",
    ],
)
def test_a_file_must_begin_with_its_header(start: bytes) -> None:
    with pytest.raises(ImageError, match="does not begin with an IHDR chunk"):
        read_png_header(SIGNATURE + start + IEND)


def test_a_file_without_pixels_is_refused() -> None:
    with pytest.raises(ImageError, match="it holds no pixels"):
        read_png_header(SIGNATURE + ihdr() + chunk(b"tEXt", b"Title\0x") + IEND)


def test_thousands_of_chunks_are_walked() -> None:
    data = SIGNATURE + ihdr() + chunk(b"tEXt", b"k\0v") * 5000 + IDAT + IEND
    assert read_png_header(data).width == 3


def png(rows: bytes, *, interlace: int = 0, colour_type: int = 0, **changes: int) -> bytes:
    """Return a PNG of 3×2 gray pixels, or what `changes` say, that holds these rows."""
    told = {"width": 3, "height": 2, "depth": 8, "compression": 0, "filtering": 0} | changes
    fields = [told[key] for key in ("width", "height", "depth")]
    fields += [colour_type, told["compression"], told["filtering"], interlace]
    return join_chunks(
        (b"IHDR", struct.pack(">IIBBBBB", *fields)), (b"IDAT", rows), (b"IEND", b"")
    )


ROWS = b"\0abc\4def"
ADAM7 = b"\0a\0c\1b\0def"  # the passes of 3×2 pixels: 1st, 4th, 6th and 7th


@pytest.mark.parametrize(
    ("rows", "interlace", "sound"),
    [
        pytest.param(zlib.compress(ROWS), 0, True, id="whole"),
        pytest.param(zlib.compress(ROWS, 0), 0, True, id="stored"),
        pytest.param(zlib.compress(ADAM7), 1, True, id="interlaced"),
        pytest.param(zlib.compress(ADAM7[:-1]), 1, False, id="interlaced, a pixel short"),
        pytest.param(zlib.compress(ROWS[:-4]), 0, False, id="a row short"),
        pytest.param(zlib.compress(ROWS + b"\0ghi"), 0, False, id="a row too many"),
        pytest.param(zlib.compress(b"\0abc\5def"), 0, False, id="no such filter"),
        pytest.param(zlib.compress(b"\0a\0c\1b\5def"), 1, False, id="interlaced, no such filter"),
        pytest.param(zlib.compress(ROWS)[:-4], 0, False, id="no checksum"),
        pytest.param(zlib.compress(ROWS)[:-1] + b"?", 0, False, id="wrong checksum"),
        pytest.param(zlib.compress(ROWS, 0).replace(b"b", b"B"), 0, False, id="another pixel"),
        pytest.param(b"", 0, False, id="nothing"),
    ],
)
def test_pixels_are_all_there_or_not(rows: bytes, interlace: int, *, sound: bool) -> None:
    data = png(rows, interlace=interlace)
    assert holds_all_pixels(data, read_png_header(data)) is sound


def test_pixels_in_pieces_are_taken_together() -> None:
    header = read_png_header(FILE)
    assert len(header.parts) == 2
    assert holds_all_pixels(FILE, header)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (png(b"", colour_type=5), "colour type 5 with 8 bits per sample"),
        (png(b"", depth=3), "colour type 0 with 3 bits per sample"),
        (png(b"", colour_type=2, depth=4), "colour type 2 with 4 bits per sample"),
        (png(b"", compression=9), "IHDR chunk says 3, 2, 8, 0, 9, 0, 0"),
        (png(b"", filtering=1), "IHDR chunk says 3, 2, 8, 0, 0, 1, 0"),
        (png(b"", interlace=7), "IHDR chunk says 3, 2, 8, 0, 0, 0, 7"),
        (png(b"", width=0), "IHDR chunk says 0, 2"),
        (png(b"", colour_type=3), "no palette"),
        (FILE.replace(chunk(b"tEXt", b"Title\0x"), chunk(b"NEWs")), "chunk NEWs, which nobody"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nobody_can_read_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(ImageError, match=told):
        read_png_header(data)
