"""A candidate becomes a baseline: written whole or not at all, and only if it is another."""

from pathlib import Path
from typing import Final

from visualdiff.errors import BaselineError
from visualdiff.files import read_file, write_atomically, write_durably
from visualdiff.model import PairResult, Status
from visualdiff.remote.traffic import recall, remember
from visualdiff.urls import is_stand_in

# What each mode writes: no baseline, those that are absent, also those that do not match, and
# also those that match but are other bytes.
UPDATES: Final = ("none", "missing", "changed", "all")


def wants_update(mode: str, result: PairResult) -> bool:
    """Return whether a mode of `UPDATES` writes the baseline of a pair with this result."""
    needed = {Status.NEW: "missing", Status.PASSED: "all"}.get(result.status, "changed")
    return UPDATES.index(mode) >= UPDATES.index(needed)


def write_baseline(path: Path, data: bytes) -> bool:
    """Write a baseline and return True, or False for one that holds the same bytes already.

    That one is left untouched, its time of change too. One in a store is written only if it is
    still what was compared. Raises `BaselineError`.
    """
    try:
        if is_stand_in(path):
            return _write_object(path, data)
        if path.is_file() and path.read_bytes() == data:
            return False
        write_atomically(path, data)
    except OSError as error:
        raise BaselineError(f"baseline {path} cannot be written: {error.strerror}") from error
    return True


def _write_object(path: Path, data: bytes) -> bool:
    if not recall([path]):
        remember({path: None})  # it was compared with nothing
    elif read_file(path) == data:
        return False
    write_durably(path, data)
    return True
