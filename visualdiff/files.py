"""Names and paths of files, and files that are written whole or not at all."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path
from typing import Final

from visualdiff.errors import NotAFileError

# The folder of the pictures, in that of the report.
ASSETS: Final = "assets"
# Beside it: the candidates of tests that did not pass, by name.
CANDIDATES: Final = "candidates"
# How the names of unfinished files begin.
TEMPORARY: Final = ".visualdiff-"
# What is compared, by file-name extension in lower case.
FORMAT_OF_SUFFIX: Final = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WebP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".gif": "GIF",
    ".avif": "AVIF",
}


def relative_to(folder: Path, path: Path) -> str:
    """Return a path relative to a folder, with forward slashes."""
    text, start = path.as_posix(), f"{folder.as_posix()}/"
    if text.startswith(start) and ".." not in text:
        return text.removeprefix(start)  # most are, and `relpath` takes ten times as long
    return Path(os.path.relpath(path, folder)).as_posix()


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path is a folder or below it, wherever links lead to."""
    return path.resolve().is_relative_to(folder.resolve())


def list_names(folder: Path) -> list[str]:
    """Return the names of all that is in a folder, as text; none where there is none."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - paths of thousands take ten times as long
    except FileNotFoundError:
        return []


def open_file(path: Path, *, links: bool = True) -> BufferedReader:
    """Open a file to be read; a pipe is not waited for, and without `links` no link is followed.

    Raises `NotAFileError` for what is none, `OSError` for what cannot be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags if links else flags | getattr(os, "O_NOFOLLOW", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFileError(errno.EINVAL, "not a file", str(path))
    return os.fdopen(descriptor, "rb")


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that its place holds either what was there before or all of `data`.

    Missing folders are made. Raises `OSError`, naming `path`, when that is impossible.
    """
    write_pieces(path, (data,))


def write_durably(path: Path, data: bytes) -> None:
    """Write a file as `write_atomically` does; once this returns, a power cut does not undo it."""
    try:
        _replace(path, (data,), durable=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def remove_durably(path: Path) -> None:
    """Remove a file, if it is there; once this returns, a power cut does not undo it."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece, as `write_atomically` does it with a whole one."""
    try:
        _replace(path, pieces)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _sync_folder(folder: Path) -> None:
    """Make sure that names in a folder survive a power cut, where a system can promise it."""
    if os.name == "nt":  # pragma: no cover - a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(path: Path, pieces: Iterable[bytes], *, durable: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            if durable:
                file.flush()
                os.fsync(descriptor)
        temporary.chmod(0o644)  # mkstemp gives 0600, which a web server could not read
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
