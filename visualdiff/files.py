"""Names and paths of files, and files that are written whole or not at all."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Final

from visualdiff.errors import NotAFileError
from visualdiff.urls import is_stand_in, is_url, place, show

# The folder of the pictures, in that of the report.
ASSETS: Final = "assets"
# Beside it: the candidates of tests that did not pass, by name.
CANDIDATES: Final = "candidates"
# How the names of unfinished files begin and end.
TEMPORARY: Final = ".visualdiff-"
UNFINISHED: Final = ".tmp"
# Whoever writes to a folder has locked this file in it.
LOCK: Final = ".visualdiff-lock"
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
    leads_away = is_stand_in(path) and not is_stand_in(folder)  # even if it is below the folder
    if text.startswith(start) and ".." not in text and not leads_away:
        return text.removeprefix(start)  # most are, and `relpath` takes ten times as long
    if is_stand_in(path) and path != folder:
        return show(path, folder)
    if is_stand_in(folder):  # from a store, no path leads here
        return "." if path.is_dir() else text
    return Path(os.path.relpath(path, folder)).as_posix()


def to_path(text: str, base: Path | None = None) -> Path:
    """Return a path that a file of others tells, that of a URL being its stand-in.

    Archives are relative to a folder, `base`. Raises `ValueError` for what none can be.
    """
    if b"\0" in os.fsencode(text) or is_stand_in(Path(text)):
        raise ValueError(f"got {text!a}, wanted a path")
    return place(text, base, listed=True) if is_url(text) else Path(text)


def locate(folder: Path, text: str) -> Path:
    """Return the path of which `relative_to` told this; raise `ValueError` as `to_path`."""
    return Path(os.path.normpath(folder / to_path(text, folder)))


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path is a folder or below it, wherever links lead to."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that lead to one another
        return False


def list_names(folder: Path) -> list[str]:
    """Return the names of all that is in a folder, as text; none where there is none."""
    if is_stand_in(folder):
        from visualdiff.remote.traffic import explore  # noqa: PLC0415 - most runs need no driver

        with suppress(FileNotFoundError):
            return sorted({path.relative_to(folder).parts[0] for path in explore(folder)})
        return []
    try:
        return os.listdir(folder)  # noqa: PTH208 - paths of thousands take ten times as long
    except FileNotFoundError:
        return []


def open_file(path: Path, *, links: bool = True) -> BufferedReader:
    """Open a file to be read; a pipe is not waited for, and without `links` no link is followed.

    What stands for an object is fetched. Raises `NotAFileError` for what is none, `OSError` for
    what cannot be opened.
    """
    if is_stand_in(path):
        from visualdiff.remote.traffic import bring  # noqa: PLC0415 - most runs need no driver

        bring(path)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags if links else flags | getattr(os, "O_NOFOLLOW", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFileError(errno.EINVAL, "not a file", str(path))
    return os.fdopen(descriptor, "rb")


def read_file(path: Path) -> bytes:
    """Return what a file holds; raise `OSError`, also for what is none."""
    with open_file(path) as file:
        return file.read()


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that its place holds either what was there before or all of `data`.

    Missing folders are made. Raises `OSError`, naming `path`, when that is impossible.
    """
    write_together({path: (data,)})


def write_durably(path: Path, data: bytes) -> None:
    """Write a file as `write_atomically` does; once this returns, a power cut does not undo it.

    What stands for an object is written to its store, if it is still as it was seen.
    """
    if is_stand_in(path):
        _exchange(path, data)
        return
    _write_all({path: (data,)}, durable=True)
    with _naming(path):
        _sync_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file, if it is there; once this returns, a power cut does not undo it."""
    if is_stand_in(path):
        _exchange(path, None)
        return
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def write_together(contents: Mapping[Path, Iterable[bytes]]) -> None:
    """Write files piece by piece, each as `write_atomically` does, and none before all are there.

    Only then do they take their places, one right after the other. Raises `OSError`, naming the
    path, and leaves all as they were when one of them cannot be written.
    """
    _write_all(contents)


def _write_all(contents: Mapping[Path, Iterable[bytes]], *, durable: bool = False) -> None:
    staged: dict[Path, Path] = {}
    try:
        for path, pieces in contents.items():
            with _naming(path):
                staged[path] = _stage(path, pieces, durable=durable)
        for path, temporary in staged.items():
            with _naming(path):
                temporary.replace(path)
    except BaseException:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
        raise


def _exchange(path: Path, data: bytes | None) -> None:
    from visualdiff.remote.traffic import exchange  # noqa: PLC0415 - most runs need no driver

    exchange(path, data)


def list_unfinished(folder: Path) -> Iterator[Path]:
    """Yield the files that whoever was killed has left unfinished in a folder."""
    for name in list_names(folder):
        if name.startswith(TEMPORARY) and name.endswith(UNFINISHED):
            yield folder / name


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let an `OSError` name the file that was meant, not a temporary one."""
    try:
        yield
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


def _stage(path: Path, pieces: Iterable[bytes], *, durable: bool) -> Path:
    """Write a file beside its place, and return where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(UNFINISHED, TEMPORARY, path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            if durable:
                file.flush()
                os.fsync(descriptor)
        temporary.chmod(0o644)  # mkstemp gives 0600, which a web server could not read
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
