"""Baselines are replaced, and an approval can be taken back byte for byte.

What is to be replaced is saved before anything is: whoever is killed on the way leaves every
baseline whole, old or new, and a journal by which all become old again. An approval that follows
one which did not come to its end is taken back together with it; so is all of a review, which
accepts one pair after the other.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from visualdiff.approval.plan import Replacement, hash_bytes, hash_file
from visualdiff.approval.saving import (
    Entry,
    end_journal,
    load_journal,
    remove_journal,
    save_old,
    write_journal,
)
from visualdiff.errors import BaselineError, ReportError, ReviewError
from visualdiff.files import is_inside, read_file, remove_durably, write_durably
from visualdiff.locking import lock_folder
from visualdiff.remote.stores import require_store
from visualdiff.remote.traffic import do_each
from visualdiff.urls import is_stand_in

# In the folder of the report: what the last approval has replaced.
UNDO: Final = "undo"


@contextmanager
def hold_journal(report: Path) -> Iterator[None]:
    """Let no other approval begin until the context ends: a review may take hours.

    Raises `ReportError` where another has begun, and where nothing can be written, and
    `ConfigError` where that is an archive.
    """
    folder = report / UNDO
    if folder.is_symlink():  # of a report that was downloaded: it may lead anywhere
        raise ReportError(f"report: {folder} is a link, through which nothing is written")
    if is_stand_in(folder):
        require_store(folder, writes=True)
    try:
        folder.mkdir(parents=is_stand_in(folder), exist_ok=True)
    except OSError as error:
        raise ReportError(f"report: cannot write to {report}: {error.strerror}") from error
    with lock_folder(folder, advice="wait for the end of that approval or review, or stop it"):
        yield


def replace_baselines(
    report: Path, replacements: Sequence[Replacement], *, last: bool = True
) -> Iterator[tuple[Replacement, str]]:
    """Write and remove baselines, and yield each with why it was refused, "" once it is done.

    One in a store is refused that others have written since it was read. What they were is saved
    below the report's folder before the first. Unless these are the `last`, the approval goes on
    until `end_approval`. Raises `BaselineError` at the first that cannot be written; the journal
    tells of all.
    """
    folder = report / UNDO
    before, entries = save_old(folder, replacements)
    left, failed = dict(entries), None
    for item, outcome in _write_each(replacements, at_once=last):
        if isinstance(outcome, OSError):
            failed = failed or (item, outcome)
            continue
        if outcome:
            _forget(item.path, left, before)
        yield item, outcome
    if failed:
        raise BaselineError(
            f"baseline {failed[0].path} cannot be written: {failed[1].strerror}; --undo takes "
            "back what was written before it"
        ) from failed[1]
    if last:
        end_journal(folder, left)
    elif left != entries:
        write_journal(folder, left)


def _write_each(
    items: Sequence[Replacement], *, at_once: bool
) -> Iterator[tuple[Replacement, str | OSError]]:
    """Yield baselines with what `_write_baseline` returns or raises; after that, none is begun.

    Unless many may be written `at_once`, where they are in a store, each is when it is asked for:
    a review tells what it has done before it does more.
    """
    errors: list[OSError] = []

    def write(item: Replacement) -> str | OSError | None:
        if errors:
            return None
        try:
            return _write_baseline(item)
        except OSError as error:
            errors.append(error)
            return error

    place = items[0].path if at_once and items else None
    for item, outcome in zip(items, do_each(write, items, place), strict=True):
        if outcome is not None:
            yield item, outcome


def end_approval(report: Path) -> None:
    """Say of the approval that goes on, if there is one, that it has come to its end."""
    folder = report / UNDO
    entries, finished = load_journal(folder)
    if finished:
        return
    if entries:
        end_journal(folder, entries)
    else:  # all of it was taken back
        remove_journal(folder)


def count_unfinished(report: Path) -> int:
    """Return how many baselines are of an approval that was stopped, and will go on."""
    entries, finished = load_journal(report / UNDO)
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
    entries, _ = load_journal(folder)
    if not entries:
        raise ReviewError(f"{report}: no approval that could be undone")
    restored, refused = _restore_each(folder, entries, baselines, dry_run=dry_run)
    if not refused and not dry_run:
        remove_journal(folder)
    return restored, refused


def take_back_some(report: Path, baselines: Path, paths: Collection[Path]) -> dict[Path, str]:
    """Undo some baselines of the approval that goes on; return why others are left alone."""
    folder = report / UNDO
    entries, finished = load_journal(folder)
    if finished:  # that is another's
        entries = {}
    wanted = {path: entry for path, entry in entries.items() if path in paths}
    _, refused = _restore_each(folder, wanted, baselines, dry_run=False)
    left = {
        path: entry for path, entry in entries.items() if path not in wanted or path in refused
    }
    if left != entries:
        write_journal(folder, left)
    before = {path: "was accepted before this review" for path in paths if path not in wanted}
    return before | refused


def _restore_each(
    folder: Path, entries: Mapping[Path, Entry], baselines: Path, *, dry_run: bool
) -> tuple[dict[Path, str], dict[Path, str]]:
    def restore(path: Path) -> str | None:
        try:
            is_new = _is_new(path, entries[path], baselines)
            if is_new and not dry_run:
                _restore(folder, path, entries[path].old)
        except BaselineError as reason:
            return str(reason)
        return "" if is_new else None

    refusals = dict(zip(entries, do_each(restore, list(entries), baselines), strict=True))
    restored = {path: entries[path].old for path, why in refusals.items() if why == ""}
    return restored, {path: why for path, why in refusals.items() if why}


def _is_new(path: Path, entry: Entry, baselines: Path) -> bool:
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


def _write_baseline(item: Replacement) -> str:
    """Write or remove a baseline; return why it was refused, "" if it was not.

    Raises `OSError` where it cannot be written.
    """
    try:
        if item.data is None:
            remove_durably(item.path)
        else:
            write_durably(item.path, item.data)
    except FileExistsError as error:
        if not is_stand_in(item.path):
            raise
        # That of a store which encrypts may be our own: then its answer was lost.
        if hash_file(item.path) != item.new:
            return f"its baseline {item.path} {error.strerror}; run `visualdiff run` again"
    return ""


def _restore(folder: Path, path: Path, old: str) -> None:
    try:
        if not old:
            remove_durably(path)
            return
        data = read_file(folder / old)
        if hash_bytes(data) != old:
            raise BaselineError(f"is left alone: {folder / old} is not what was saved")
        write_durably(path, data)
    except OSError as error:
        raise BaselineError(f"cannot be restored: {error.strerror}") from error


def _forget(path: Path, entries: dict[Path, Entry], before: Mapping[Path, Entry]) -> None:
    """Let the journal tell of a baseline as it did before."""
    del entries[path]
    if path in before:
        entries[path] = before[path]
