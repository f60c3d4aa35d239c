"""The structure of a PNG file, read before any pixel is decoded.

A decoder says only that it failed. Walking the chunks says where and why, finds damage that costs
memory or goes unnoticed (a forged chunk length makes libpng allocate 2 GB; the fast decoder takes
a file that ends inside its last chunk), and tells which decoder is right for the file.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from visualdiff.errors import DamagedImageError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class PngHeader:
    """What a PNG file says of itself. Sizes in pixels, `depth` in bits per sample.

    `transparent_gray` is the one level of a gray image that is transparent, if there is one.
    """

    width: int
    height: int
    depth: int
    colour_type: int
    transparent_colour: bool
    animated: bool
    transparent_gray: int | None = None

    @property
    def gray(self) -> bool:
        """Whether the pixels have one channel: neither colour nor any transparency."""
        return self.colour_type == 0 and not self.transparent_colour


def read_png_header(data: bytes) -> PngHeader:
    """Walk all chunks of a PNG file and return its header.

    Raises `DamagedImageError` when a chunk is cut off, damaged (by its CRC) or missing.
    """
    fields: tuple[int, ...] | None = None
    # Where each kind of chunk was last seen.
    kinds: dict[bytes, int] = {}
    position, end = len(SIGNATURE), len(data)
    view = memoryview(data)
    while b"IEND" not in kinds:
        if position + 12 > end:
            raise DamagedImageError(
                f"PNG is truncated: it ends at byte {end:,}, before its last chunk"
            )
        length, kind = struct.unpack_from(">I4s", data, position)
        stop = position + 12 + length
        if stop > end:
            raise DamagedImageError(
                f"PNG is damaged or truncated: chunk {_show(kind)} at byte {position:,} says it "
                f"has {length:,} bytes, {stop - end:,} more than the file holds"
            )
        (crc,) = struct.unpack_from(">I", data, stop - 4)
        if zlib.crc32(view[position + 4 : stop - 4]) != crc:
            raise DamagedImageError(
                f"PNG is damaged: wrong checksum of {_show(kind)} at byte {position:,}"
            )
        if fields is None:
            fields = _read_ihdr(data, position, kind, length)
        kinds[kind] = position
        position = stop
    if b"IDAT" not in kinds or fields is None:
        raise DamagedImageError("PNG is damaged: it holds no pixels (no IDAT chunk)")
    width, height, depth, colour_type = fields
    return PngHeader(
        width=width,
        height=height,
        depth=depth,
        colour_type=colour_type,
        transparent_colour=b"tRNS" in kinds,
        animated=b"fdAT" in kinds,
        transparent_gray=(
            _read_transparent_gray(data, kinds[b"tRNS"], depth)
            if b"tRNS" in kinds and colour_type == 0
            else None
        ),
    )


def join_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return the PNG file of chunks, each a name of four letters and its content."""
    parts = [SIGNATURE]
    for kind, content in chunks:
        checksum = zlib.crc32(content, zlib.crc32(kind))
        parts += [struct.pack(">I", len(content)), kind, content, struct.pack(">I", checksum)]
    return b"".join(parts)


def _read_ihdr(data: bytes, position: int, kind: bytes, length: int) -> tuple[int, ...]:
    if kind != b"IHDR" or length != 13:
        raise DamagedImageError("PNG is damaged: it does not begin with an IHDR chunk")
    width, height, depth, colour_type = struct.unpack_from(">IIBB", data, position + 8)
    return width, height, depth, colour_type


def _read_transparent_gray(data: bytes, position: int, depth: int) -> int | None:
    length, level = struct.unpack_from(">I4xH", data, position)
    # Decoders ignore a chunk of another length, and bits that the samples do not have.
    return level & (1 << depth) - 1 if length == 2 else None


def _show(kind: bytes) -> str:
    return kind.decode("ascii", "backslashreplace")
