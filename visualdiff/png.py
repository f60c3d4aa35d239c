"""The structure of a PNG file, read before any pixel is decoded.

A decoder says only that it failed. Walking the chunks says where and why, finds damage that costs
memory or goes unnoticed (a forged chunk length makes libpng allocate 2 GB; the fast decoder takes
a file that ends inside its last chunk), and tells which decoder is right for the file.
"""

import struct
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import deflate

from visualdiff.errors import DamagedImageError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# Chunks that a reader must know; the other critical ones nobody knows.
_CRITICAL: Final = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND"))
# What tells how an animation is shown; its frames are in chunks fdAT.
_FRAMES: Final = frozenset((b"acTL", b"fcTL"))
# By colour type: samples of a pixel, and the bits each may have (PNG specification, table 11.1).
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {
    0: (1, 2, 4, 8, 16),
    2: (8, 16),
    3: (1, 2, 4, 8),
    4: (8, 16),
    6: (8, 16),
}
_PALETTE: Final = 3
# First column and row of each pass, and how far apart the others are (section 8.1).
_ADAM7: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_HIGHEST_FILTER: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PngHeader:
    """What a PNG file says of itself. Sizes in pixels, `depth` in bits per sample.

    `transparent_gray` is the one level of a gray image that is transparent, if there is one.
    `parts` are where the compressed pixels are in the file: start and end of each piece.
    `frames` are where chunks say that the file is an animation, which it is not.
    """

    width: int
    height: int
    depth: int
    colour_type: int
    transparent_colour: bool
    animated: bool
    interlaced: bool
    parts: tuple[tuple[int, int], ...]
    frames: tuple[tuple[int, int], ...] = ()
    transparent_gray: int | None = None

    @property
    def passes(self) -> tuple[tuple[int, int], ...]:
        """Number of rows, and bytes of each with its filter, of one image after the other.

        There is one, or the seven of Adam7, some of which may be empty.
        """
        bits = self.depth * _SAMPLES[self.colour_type]
        steps = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        sizes = (
            (-(-(self.height - top) // down), -(-(self.width - left) // right))
            for left, top, right, down in steps
        )
        return tuple((h, 1 + -(-w * bits // 8)) for h, w in sizes if h > 0 and w > 0)

    @property
    def gray(self) -> bool:
        """Whether the pixels have one channel: neither colour nor any transparency."""
        return self.colour_type == 0 and not self.transparent_colour


def read_png_header(data: bytes) -> PngHeader:
    """Walk all chunks of a PNG file and return its header.

    Raises `DamagedImageError` when a chunk is cut off, damaged (by its CRC) or missing.
    """
    fields: _Fields | None = None
    # Where each kind of chunk was last seen.
    kinds: dict[bytes, int] = {}
    parts, frames = [], []
    for kind, start, stop in _walk_chunks(data):
        if fields is None:
            fields = _read_ihdr(data, start, kind, stop - start - 12)
        if kind == b"IDAT":
            parts.append((start + 8, stop - 4))
        if kind in _FRAMES:
            frames.append((start, stop))
        if kind != b"tRNS" or not parts:  # behind the pixels decoders ignore it
            kinds[kind] = start
    if fields is None or not parts:
        raise DamagedImageError("PNG is damaged: it holds no pixels (no IDAT chunk)")
    _refuse_unreadable(fields, kinds)
    colour_type, depth = fields.colour_type, fields.depth
    return PngHeader(
        width=fields.width,
        height=fields.height,
        depth=depth,
        colour_type=colour_type,
        transparent_colour=b"tRNS" in kinds,
        animated=b"fdAT" in kinds,
        interlaced=fields.interlace == 1,
        parts=tuple(parts),
        frames=tuple(frames),
        transparent_gray=(
            _read_transparent_gray(data, kinds[b"tRNS"], depth)
            if b"tRNS" in kinds and colour_type == 0
            else None
        ),
    )


def _walk_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each chunk up to the last, and where it starts and stops in the file."""
    kind = b""
    position, end = len(SIGNATURE), len(data)
    view = memoryview(data)
    while kind != b"IEND":
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
        yield kind, position, stop
        position = stop


def holds_all_pixels(data: bytes, header: PngHeader) -> bool:
    """Return whether the compressed pixels of a PNG are sure to be whole, and as they were made.

    No checksum of a chunk tells that: a writer that was stopped may have closed the file well. So
    they are inflated, counted and summed up (Adler-32), which costs a quarter of decoding them;
    fast decoders do not. False where that is not sure: where there are too many, say.
    """
    passes = header.passes
    size = sum(height * length for height, length in passes)
    parts = [data[start:end] for start, end in header.parts]
    try:
        rows = deflate.zlib_decompress(parts[0] if len(parts) == 1 else b"".join(parts), size)
    except deflate.DeflateError:
        return False
    if len(rows) != size:
        return False
    start = 0
    for height, length in passes:
        if max(rows[start : start + height * length : length]) > _HIGHEST_FILTER:
            return False
        start += height * length
    return True


def leave_out(data: bytes, places: Sequence[tuple[int, int]]) -> bytes:
    """Return a file without some places of it, each a start and an end, in their order."""
    starts = (0, *(stop for _, stop in places))
    stops = (*(start for start, _ in places), len(data))
    return b"".join(data[start:stop] for start, stop in zip(starts, stops, strict=True))


def join_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return the PNG file of chunks, each a name of four letters and its content."""
    parts = [SIGNATURE]
    for kind, content in chunks:
        checksum = zlib.crc32(content, zlib.crc32(kind))
        parts += [struct.pack(">I", len(content)), kind, content, struct.pack(">I", checksum)]
    return b"".join(parts)


class _Fields(NamedTuple):
    """The chunk IHDR."""

    width: int
    height: int
    depth: int
    colour_type: int
    compression: int
    filtering: int
    interlace: int


def _read_ihdr(data: bytes, position: int, kind: bytes, length: int) -> _Fields:
    if kind != b"IHDR" or length != 13:
        raise DamagedImageError("PNG is damaged: it does not begin with an IHDR chunk")
    return _Fields(*struct.unpack_from(">IIBBBBB", data, position + 8))


def _refuse_unreadable(fields: _Fields, kinds: Collection[bytes]) -> None:
    """Raise `DamagedImageError` for what nobody can read, though its checksums are right."""
    if fields.depth not in _DEPTHS.get(fields.colour_type, ()):
        raise DamagedImageError(
            f"PNG is damaged: colour type {fields.colour_type} with {fields.depth} bits per sample"
        )
    if fields.compression or fields.filtering or fields.interlace > 1 or not min(fields[:2]):
        raise DamagedImageError(
            f"PNG is damaged: its IHDR chunk says {', '.join(map(str, fields))}"
        )
    for kind in kinds:
        if kind[:1].isupper() and kind not in _CRITICAL:
            raise DamagedImageError(
                f"PNG is damaged: it needs chunk {_show(kind)}, which nobody knows"
            )
    if fields.colour_type == _PALETTE and b"PLTE" not in kinds:
        raise DamagedImageError("PNG is damaged: it has no palette (no PLTE chunk)")


def _read_transparent_gray(data: bytes, position: int, depth: int) -> int | None:
    length, level = struct.unpack_from(">I4xH", data, position)
    # Decoders ignore a chunk of another length, and bits that the samples do not have.
    return level & (1 << depth) - 1 if length == 2 else None


def _show(kind: bytes) -> str:
    return kind.decode("ascii", "backslashreplace")
