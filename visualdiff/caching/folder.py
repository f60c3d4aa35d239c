"""The folder of the cache: one that is ours, and in which nothing stays that nobody uses."""

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from visualdiff.errors import ConfigError, NotAFileError
from visualdiff.files import TEMPORARY, list_names, open_file, write_atomically
from visualdiff.remote.stores import read_object, replace_object, require_store
from visualdiff.urls import is_stand_in

DAY: Final = 86_400.0
_UNUSED: Final = 30 * DAY
_ENTRY: Final = re.compile(r"[0-9a-f]{64}\.entry")
# Backups leave out a folder with a file of this name that begins so: https://bford.info/cachedir/
_TAG: Final = "CACHEDIR.TAG"
_SIGNATURE: Final = b"Signature: 8a477f597d28d172789f06886806bc55\n"
_TEXT: Final = _SIGNATURE + b"# Results that visualdiff need not find again. It may be removed.\n"


def open_folder(folder: Path) -> None:
    """Make the folder if it is not there; raise `ConfigError` for one that is somebody else's.

    Raises `OSError` where it cannot be made or seen.
    """
    if is_stand_in(folder):
        _open_store(folder)
        return
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"cache: {folder} is a file, wanted a folder")
    if _is_ours(folder):
        return
    # Another process may be making it at this moment, and writes the tag first.
    filled = any(not name.startswith(TEMPORARY) for name in list_names(folder))
    if filled and not _is_ours(folder):
        raise ConfigError(
            f"cache: {folder} is not empty and holds no {_TAG} of visualdiff; "
            "choose another folder or empty this one"
        )
    write_atomically(folder / _TAG, _TEXT)
    write_atomically(folder / ".gitignore", b"*\n")


def _is_ours(folder: Path) -> bool:
    try:
        with open_file(folder / _TAG) as file:
            return file.read() == _TEXT
    except (FileNotFoundError, NotAFileError):
        return False


def _open_store(folder: Path) -> None:
    """Look at the tag alone: a cache of a million entries takes a thousand requests to list."""
    tag = folder / _TAG
    require_store(tag, writes=True)
    try:
        found = read_object(tag)
    except FileNotFoundError:
        found = _write_tag(tag)
    if found != _TEXT:
        raise ConfigError(f"cache: {tag} is not of visualdiff; choose another folder")


def _write_tag(tag: Path) -> bytes:
    """Write the tag of a store, and return it; if another process was faster, what that wrote."""
    try:
        replace_object(tag, _TEXT, None)
    except FileExistsError:
        return read_object(tag)
    return _TEXT


def place_entry(folder: Path, key: str) -> Path:
    """Return where the entry of a key is."""
    return folder / f"{key}.entry"


def note_use(path: Path) -> None:
    """Note that an entry was used today; of objects, their store may."""
    with suppress(OSError):  # it was removed meanwhile, or is another user's
        if time.time() - path.stat().st_mtime > DAY:
            os.utime(path)


def remove_unused(folder: Path) -> None:
    """Remove entries that were not used for 30 days, and what killed processes left.

    A store has rules of its own for that.
    """
    if is_stand_in(folder):
        return
    oldest = time.time() - _UNUSED
    with suppress(OSError), os.scandir(folder) as found:
        for item in found:
            ours = _ENTRY.fullmatch(item.name) or item.name.startswith(TEMPORARY)
            with suppress(OSError):  # another process was faster
                if ours and item.stat(follow_symlinks=False).st_mtime < oldest:
                    Path(item.path).unlink()
