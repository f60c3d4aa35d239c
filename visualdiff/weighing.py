"""What a pair weighs, before anything is decoded: as many pixels as its files declare.

Pixels are what a comparison takes time and memory for, and they stay when a file is encoded anew,
which bytes do not. Reading 24 bytes of each takes 20 µs a file, three times as long as asking for
its size, and is still nothing beside comparing.
"""

import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

from visualdiff.files import FORMAT_OF_SUFFIX
from visualdiff.model import Pair
from visualdiff.png import SIGNATURE
from visualdiff.remote.traffic import recall
from visualdiff.urls import is_stand_in

# Of an object that is not fetched, the size is known only. Screenshots have 2 to 30 pixels a byte.
_PIXELS_OF_A_BYTE: Final = 10
# As Pillow calls them.
_FORMATS: Final = tuple({name.upper() for name in FORMAT_OF_SUFFIX.values()})


def weigh_pair(pair: Pair, most: int) -> int:
    """Return the pixels of a pair's files, at least 1; what is refused unread has none."""
    paths = (pair.baseline, pair.candidate, *pair.alternates)
    found = (_count_pixels(path) for path in paths if path)
    return sum(pixels for pixels in found if pixels <= most) or 1


def count_bytes(pair: Pair) -> int:
    """Return the bytes of a pair's files."""
    total = 0
    for path in (pair.baseline, pair.candidate, *pair.alternates):
        with suppress(OSError):  # the check will say why
            total += _measure(path) if path else 0
    return total


def _measure(path: Path) -> int:
    """Return the bytes of a file, or of an object that is not fetched; raise `OSError`."""
    if is_stand_in(path) and not path.exists():
        seen = recall([path])
        return seen[path].size if seen else 0
    return path.stat().st_size


def _count_pixels(path: Path) -> int:
    """Return the pixels that a file declares; 0 where it declares none, the check will say why."""
    if is_stand_in(path) and not path.exists():
        return _measure(path) * _PIXELS_OF_A_BYTE
    try:
        if not path.is_file():  # a pipe would be waited for
            return 0
        with path.open("rb", buffering=0) as file:
            head = file.read(24)
    except OSError:
        return 0
    if not head.startswith(SIGNATURE):
        return _count_other_pixels(path)
    width, height = struct.unpack(">II", head[16:24]) if len(head) == 24 else (0, 0)
    return int(width * height)


def _count_other_pixels(path: Path) -> int:
    import warnings  # noqa: PLC0415 - most images are PNGs

    from PIL import Image  # noqa: PLC0415

    # Its own limit is lower than some settings; and of other formats not even a header is read.
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=_FORMATS) as image:
            return image.width * image.height
    except Exception:  # noqa: BLE001 - decoders raise anything on a damaged file
        return 0
    finally:
        Image.MAX_IMAGE_PIXELS = limit
