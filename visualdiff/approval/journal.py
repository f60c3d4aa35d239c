"""Baselines are replaced, and an approval can be taken back byte for byte.

What is to be replaced is saved before anything is: whoever is killed on the way leaves every
baseline whole, old or new, and a journal by which all become old again. An approval that follows
one which did not come to its end is taken back together with it; so is all of a review, which
accepts one pair after the other.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from visualdiff.approval.plan import Replacement, hash_bytes, hash_file
from visualdiff.errors import BaselineError, NotAFileError, ReportError, ReviewError
from visualdiff.files import LOCK, is_inside, open_file, remove_durably, to_path, write_durably
from visualdiff.locking import lock_folder

# In the folder of the report: what the last approval has replaced.
UNDO: Final = "undo"
_JOURNAL: Final = "journal.json"
_HASH: Final = re.compile("(?:[0-9a-f]{64})?")


class _Entry(NamedTuple):
    """The hashes of a baseline before and after, "" where there was none."""

    old: str
    new: str


@contextmanager
def hold_journal(report: Path) -> Iterator[None]:
    """Let no other approval begin until the context ends: a review may take hours.

    Raises `ReportError` where another has begun, and where nothing can be written.
    """
    folder = report / UNDO
    if folder.is_symlink():  # of a report that was downloaded: it may lead anywhere
        raise ReportError(f"report: {folder} is a link, through which nothing is written")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ReportError(f"report: cannot write to {report}: {error.strerror}") from error
    with lock_folder(folder, advice="wait for the end of that approval or review, or stop it"):
        yield


def replace_baselines(
    report: Path, replacements: Sequence[Replacement], *, last: bool = True
) -> Iterator[Replacement]:
    """Write and remove baselines, and yield each that is done.

    What they were is saved below the report's folder before the first. Unless these are the
    `last`, the approval goes on until `end_approval`. Raises `BaselineError` at the first that
    cannot be written; the journal tells of all.
    """
    folder = report / UNDO
    entries = _save(folder, replacements)
    for item in replacements:
        try:
            if item.data is None:
                remove_durably(item.path)
            else:
                write_durably(item.path, item.data)
        except OSError as error:
            raise BaselineError(
                f"baseline {item.path} cannot be written: {error.strerror}; --undo takes back "
                "what was written before it"
            ) from error
        yield item
    if last:
        _end(folder, entries)


def end_approval(report: Path) -> None:
    """Say of the approval that goes on, if there is one, that it has come to its end."""
    folder = report / UNDO
    entries, finished = _load(folder)
    if finished:
        return
    if entries:
        _end(folder, entries)
    else:  # all of it was taken back
        remove_durably(folder / _JOURNAL)


def count_unfinished(report: Path) -> int:
    """Return how many baselines are of an approval that was stopped, and will go on."""
    entries, finished = _load(report / UNDO)
    return 0 if finished else len(entries)


def take_back(
    report: Path, baselines: Path, *, dry_run: bool = False
) -> tuple[dict[Path, str], dict[Path, str]]:
    """Undo the last approval; return the baselines that are old again, and why others are not.

    The former come with the hash of what they are again, "" where there is none any more.

    With `dry_run`, return the same and do nothing. A baseline that was changed since is left
    alone, and so is whatever is not in the folder `baselines`. Raises `ReviewError` where there is
    nothing to undo.
    """
    folder = report / UNDO
    entries, _ = _load(folder)
    if not entries:
        raise ReviewError(f"{report}: no approval that could be undone")
    restored, refused = _restore_each(folder, entries, baselines, dry_run=dry_run)
    if not refused and not dry_run:
        remove_durably(folder / _JOURNAL)
    return restored, refused


def take_back_some(report: Path, baselines: Path, paths: Collection[Path]) -> dict[Path, str]:
    """Undo some baselines of the approval that goes on; return why others are left alone."""
    folder = report / UNDO
    entries, finished = _load(folder)
    if finished:  # that is another's
        entries = {}
    wanted = {path: entry for path, entry in entries.items() if path in paths}
    _, refused = _restore_each(folder, wanted, baselines, dry_run=False)
    left = {
        path: entry for path, entry in entries.items() if path not in wanted or path in refused
    }
    if left != entries:
        _write(folder, left, finished=False)
    before = {path: "was accepted before this review" for path in paths if path not in wanted}
    return before | refused


def _restore_each(
    folder: Path, entries: Mapping[Path, _Entry], baselines: Path, *, dry_run: bool
) -> tuple[dict[Path, str], dict[Path, str]]:
    restored, refused = {}, {}
    for path, entry in entries.items():
        try:
            if _is_new(path, entry, baselines):
                if not dry_run:
                    _restore(folder, path, entry.old)
                restored[path] = entry.old
        except BaselineError as reason:
            refused[path] = str(reason)
    return restored, refused


def _is_new(path: Path, entry: _Entry, baselines: Path) -> bool:
    """Return whether a baseline was replaced; raise `BaselineError` if it is to be left alone."""
    if not is_inside(path.parent, baselines):
        raise BaselineError(f"is outside of {baselines}")
    try:
        found = hash_file(path)
    except OSError as error:
        raise BaselineError(f"cannot be read: {error.strerror}") from error
    # It was not replaced before somebody stopped the approval.
    if found == entry.old:
        return False
    if found != entry.new:
        raise BaselineError("was changed since it was approved")
    return True


def _save(folder: Path, replacements: Sequence[Replacement]) -> dict[Path, _Entry]:
    """Save what is to be replaced, and return the journal."""
    try:
        entries, finished = _load(folder)
        if finished:
            entries = {}
        for item in replacements:
            if item.path in entries:  # it was replaced by one that was stopped
                entries[item.path] = entries[item.path]._replace(new=item.new)
                continue
            if item.old:
                write_durably(folder / item.old, item.path.read_bytes())
            entries[item.path] = _Entry(item.old, item.new)
        _write(folder, entries, finished=False)
    except OSError as error:
        raise BaselineError(
            f"{folder}: baselines cannot be saved there before they are replaced, "
            f"so none was: {error.strerror}"
        ) from error
    kept = {entry.old for entry in entries.values()}
    for path in folder.iterdir():  # what earlier approvals have saved
        if path.name not in {*kept, _JOURNAL, LOCK}:
            with suppress(OSError):  # it only takes room
                path.unlink()
    return entries


def _end(folder: Path, entries: dict[Path, _Entry]) -> None:
    try:
        _write(folder, entries, finished=True)
    except OSError as error:
        raise BaselineError(
            f"{folder}: all is approved, but that cannot be written there: {error.strerror}; "
            "--undo takes it back together with the next approval"
        ) from error


def _write(folder: Path, entries: dict[Path, _Entry], *, finished: bool) -> None:
    told = [{"path": str(path), "old": old, "new": new} for path, (old, new) in entries.items()]
    text = json.dumps({"finished": finished, "replaced": told}, indent=1, ensure_ascii=False)
    write_durably(folder / _JOURNAL, text.encode("utf-8", "surrogateescape"))


def _load(folder: Path) -> tuple[dict[Path, _Entry], bool]:
    """Return what the last approval has replaced, and whether it came to its end."""
    try:
        with open_file(folder / _JOURNAL) as file:
            document = json.loads(file.read().decode("utf-8", "surrogateescape"))
        entries = {to_path(item["path"]): _read_entry(item) for item in document["replaced"]}
        return entries, bool(document["finished"])
    except FileNotFoundError:
        return {}, True
    except (NotAFileError, KeyError, TypeError, ValueError, RecursionError):
        raise ReviewError(f"{folder / _JOURNAL}: cannot be read as a journal") from None


def _read_entry(told: Mapping[str, str]) -> _Entry:
    """Return an entry; raise `ValueError` where a hash is none, as it names a file, too."""
    entry = _Entry(told["old"], told["new"])
    if not all(_HASH.fullmatch(text) for text in entry):
        raise ValueError("a hash that is none")
    return entry


def _restore(folder: Path, path: Path, old: str) -> None:
    try:
        if not old:
            remove_durably(path)
            return
        data = (folder / old).read_bytes()
        if hash_bytes(data) != old:
            raise BaselineError(f"is left alone: {folder / old} is not what was saved")
        write_durably(path, data)
    except OSError as error:
        raise BaselineError(f"cannot be restored: {error.strerror}") from error
