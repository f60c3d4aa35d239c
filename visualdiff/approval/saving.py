"""What an approval is about to replace, kept in a folder: old baselines, and a journal of them.

The journal of a report in a store is written only if nobody else has written it meanwhile: there,
no lock keeps two approvals apart.
"""

import json
import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from visualdiff.approval.plan import Replacement
from visualdiff.errors import BaselineError, NotAFileError, ReviewError
from visualdiff.files import LOCK, list_names, read_file, remove_durably, to_path, write_durably
from visualdiff.remote.traffic import discard, do_each, overwrite
from visualdiff.urls import is_stand_in, show

_JOURNAL: Final = "journal.json"
_HASH: Final = re.compile("(?:[0-9a-f]{64})?")


class Entry(NamedTuple):
    """The hashes of a baseline before and after, "" where there was none."""

    old: str
    new: str


def load_journal(folder: Path) -> tuple[dict[Path, Entry], bool]:
    """Return what the last approval has replaced, and whether it came to its end."""
    try:
        text = read_file(folder / _JOURNAL).decode("utf-8", "surrogateescape")
        document = json.loads(text)
        entries = {to_path(item["path"]): _read_entry(item) for item in document["replaced"]}
        return entries, bool(document["finished"])
    except FileNotFoundError:
        return {}, True
    except (NotAFileError, KeyError, TypeError, ValueError, RecursionError):
        raise ReviewError(f"{folder / _JOURNAL}: cannot be read as a journal") from None
    except OSError as error:
        raise ReviewError(f"{folder / _JOURNAL}: cannot be read: {error.strerror}") from error


def save_old(
    folder: Path, replacements: Sequence[Replacement]
) -> tuple[dict[Path, Entry], dict[Path, Entry]]:
    """Save what is to be replaced; return the journal as it was, and as it is then.

    Raises `BaselineError`, and `ReviewError` where the journal cannot be read.
    """
    try:
        # Before others may save something for another approval, and before the journal is read:
        # it is written only if it is still what a store has told of it last.
        stale = list_names(folder)
        found, finished = load_journal(folder)
        before = {} if finished else found
        entries = dict(before)
        for item in replacements:
            # Another was replaced by an approval that was stopped.
            old = before[item.path].old if item.path in before else item.old
            entries[item.path] = Entry(old, item.new)
        saved = {item.old: item.path for item in replacements if item.path not in before}
        saved.pop("", None)

        def save(name: str) -> None:
            data = read_file(saved[name])
            if is_stand_in(folder):  # the name tells the content, whoever has written it
                overwrite(folder / name, data)
            else:
                write_durably(folder / name, data)

        deque(do_each(save, list(saved), folder), maxlen=0)
        _write(folder, entries, finished=False)
    except OSError as error:
        raise BaselineError(
            f"{folder}: baselines cannot be saved there before they are replaced, "
            f"so none was: {_explain(error)}"
        ) from error
    _remove_stale(folder, set(stale) - {entry.old for entry in entries.values()})
    return before, entries


def write_journal(folder: Path, entries: Mapping[Path, Entry]) -> None:
    """Say which baselines an approval that goes on has replaced; raise `ReviewError`."""
    try:
        _write(folder, entries, finished=False)
    except OSError as error:
        raise ReviewError(f"{folder / _JOURNAL}: cannot be written: {_explain(error)}") from error


def end_journal(folder: Path, entries: Mapping[Path, Entry]) -> None:
    """Say which baselines an approval has replaced that has come to its end.

    Raises `BaselineError`.
    """
    try:
        _write(folder, entries, finished=True)
    except OSError as error:
        raise BaselineError(
            f"{folder}: all is approved, but that cannot be written there: {_explain(error)}; "
            "--undo takes it back together with the next approval"
        ) from error


def remove_journal(folder: Path) -> None:
    """Say that there is nothing to be taken back; raise `ReviewError`."""
    try:
        remove_durably(folder / _JOURNAL)
    except OSError as error:
        raise ReviewError(f"{folder / _JOURNAL}: cannot be removed: {_explain(error)}") from error


def _remove_stale(folder: Path, names: Collection[str]) -> None:
    """Remove what earlier approvals have saved."""
    paths = [folder / name for name in names if name not in (_JOURNAL, LOCK)]
    if is_stand_in(folder):
        with suppress(OSError):  # they only take room
            discard(folder, paths)
        return
    for path in paths:
        with suppress(OSError):
            path.unlink()


def _explain(error: OSError) -> str:
    """Return why a journal cannot be written: that of a store has no lock, but a condition."""
    if isinstance(error, FileExistsError):
        return f"{error.strerror}, by another approval or review; wait for its end, and try again"
    return error.strerror or str(error)


def _write(folder: Path, entries: Mapping[Path, Entry], *, finished: bool) -> None:
    told = [{"path": show(path), "old": old, "new": new} for path, (old, new) in entries.items()]
    text = json.dumps({"finished": finished, "replaced": told}, indent=1, ensure_ascii=False)
    write_durably(folder / _JOURNAL, text.encode("utf-8", "surrogateescape"))


def _read_entry(told: Mapping[str, str]) -> Entry:
    """Return an entry; raise `ValueError` where a hash is none, as it names a file, too."""
    entry = Entry(told["old"], told["new"])
    if not all(_HASH.fullmatch(text) for text in entry):
        raise ValueError("a hash that is none")
    return entry
