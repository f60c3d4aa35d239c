"""A result and its pictures ↔ an entry of the cache, one file.

A line with the checksum of the next one; a line of JSON; the pictures, one after another, each of
which is named by the hash of its content. What does not fit together is no entry.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import TypeAdapter

from visualdiff.files import open_file
from visualdiff.model import PairResult
from visualdiff.remote.stores import read_object
from visualdiff.soundness import require_sound
from visualdiff.urls import is_stand_in

# A result is a few kilobytes; its regions may be thousands.
_LONGEST: Final = 1 << 26
_LINE: Final = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A result without names, as the pair of the key had it.

    `choice` is the place of its baseline among the accepted ones. `pictures` are the names and
    sizes of those that are no copy of the pair's files.
    """

    key: str
    choice: int
    result: PairResult
    pictures: tuple[tuple[str, int], ...]


def write_entry(entry: Entry) -> bytes:
    """Return the lines of an entry, behind which its pictures belong.

    Raises `ValueError` for a text that is not UTF-8.
    """
    line = _entries().dump_json(entry) + b"\n"
    return _hash(line).encode("ascii") + b"\n" + line


@contextmanager
def open_entry(path: Path, key: str) -> Iterator[tuple[Entry, BinaryIO]]:
    """Open an entry for a key, and its file where its pictures begin.

    Raises `OSError` where there is none, `ValueError` for what is none.
    """
    with _open(path) as file:
        checksum, line = file.readline(_LINE), file.readline(_LONGEST)
        if checksum != _hash(line).encode("ascii") + b"\n":
            raise ValueError("damaged")
        entry = _entries().validate_json(line, strict=True)
        # Other keys, infinite numbers: nothing of that would be written again.
        if entry.key != key or _entries().dump_json(entry) + b"\n" != line:
            raise ValueError("foreign")
        require_sound(entry.result)
        yield entry, file


def _open(path: Path) -> BinaryIO:
    """Open a file, through no link; an object is read whole, and is nowhere but in memory."""
    return BytesIO(read_object(path)) if is_stand_in(path) else open_file(path, links=False)


def read_pictures(entry: Entry, file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of an entry by name, whatever it is that they hold."""
    for name, size in entry.pictures:
        yield name, file.read(max(size, 0))


def is_named(name: str, data: bytes) -> bool:
    """Return whether a picture is called by the hash of its content."""
    stem = name.partition(".")[0]
    return len(stem) >= 20 and _hash(data).startswith(stem)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@cache
def _entries() -> TypeAdapter[Entry]:
    return TypeAdapter(Entry)
