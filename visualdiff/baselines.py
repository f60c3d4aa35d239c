"""A candidate becomes a baseline: written whole or not at all, and only if it is another."""

from pathlib import Path
from typing import Final

from visualdiff.errors import BaselineError
from visualdiff.files import write_atomically
from visualdiff.model import PairResult, Status

# What each mode writes: no baseline, those that are absent, also those that do not match, and
# also those that match but are other bytes.
UPDATES: Final = ("none", "missing", "changed", "all")


def wants_update(mode: str, result: PairResult) -> bool:
    """Return whether a mode of `UPDATES` writes the baseline of a pair with this result."""
    needed = {Status.NEW: "missing", Status.PASSED: "all"}.get(result.status, "changed")
    return UPDATES.index(mode) >= UPDATES.index(needed)


def write_baseline(path: Path, data: bytes) -> bool:
    """Write a baseline and return True, or False for one that holds the same bytes already.

    That one is left untouched, its time of change too. Raises `BaselineError`.
    """
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        write_atomically(path, data)
    except OSError as error:
        raise BaselineError(f"baseline {path} cannot be written: {error.strerror}") from error
    return True
