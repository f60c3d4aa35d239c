"""Baselines are replaced, and an approval can be taken back byte for byte.

What is to be replaced is saved before anything is: whoever is killed on the way leaves every
baseline whole, old or new, and a journal by which all become old again. An approval that follows
one which did not come to its end is taken back together with it.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from visualdiff.approval.plan import Replacement, hash_bytes, hash_file
from visualdiff.errors import BaselineError, ReviewError
from visualdiff.files import is_inside, remove_durably, write_durably

# In the folder of the report: what the last approval has replaced.
UNDO: Final = "undo"
_JOURNAL: Final = "journal.json"


class _Entry(NamedTuple):
    """The hashes of a baseline before and after, "" where there was none."""

    old: str
    new: str


def replace_baselines(report: Path, replacements: Sequence[Replacement]) -> Iterator[Replacement]:
    """Write and remove baselines, and yield each that is done.

    What they were is saved below the report's folder before the first. Raises `BaselineError`
    at the first that cannot be written; the journal tells of all.
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
    try:
        _write(folder, entries, finished=True)
    except OSError as error:
        raise BaselineError(
            f"{folder}: all is approved, but that cannot be written there: {error.strerror}; "
            "--undo takes it back together with the next approval"
        ) from error


def take_back(
    report: Path, baselines: Path, *, dry_run: bool = False
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Undo the last approval; return the baselines that are old again, and what is refused.

    With `dry_run`, return the same and do nothing. A baseline that was changed since is left
    alone, and so is whatever is not in the folder `baselines`. Raises `ReviewError` where there is
    nothing to undo, and `BaselineError` where a baseline cannot be written.
    """
    folder = report / UNDO
    entries, _ = _load(folder)
    if not entries:
        raise ReviewError(f"{report}: no approval that could be undone")
    restored, refused = [], []
    for path, entry in entries.items():
        if not is_inside(path.parent, baselines):
            refused.append(f"{path}: is outside of {baselines}")
            continue
        found = _hash_file(path)
        if found == entry.old:
            continue  # it was not replaced before somebody stopped the approval
        if found != entry.new:
            refused.append(f"{path}: was changed since it was approved")
            continue
        if not dry_run:
            _restore(folder, path, entry.old)
        restored.append(path)
    if not refused and not dry_run:
        remove_durably(folder / _JOURNAL)
    return tuple(restored), tuple(refused)


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
        if path.name not in kept and path.name != _JOURNAL:
            path.unlink(missing_ok=True)
    return entries


def _write(folder: Path, entries: dict[Path, _Entry], *, finished: bool) -> None:
    told = [{"path": str(path), "old": old, "new": new} for path, (old, new) in entries.items()]
    text = json.dumps({"finished": finished, "replaced": told}, indent=1, ensure_ascii=False)
    write_durably(folder / _JOURNAL, text.encode("utf-8", "surrogateescape"))


def _load(folder: Path) -> tuple[dict[Path, _Entry], bool]:
    """Return what the last approval has replaced, and whether it came to its end."""
    try:
        document = json.loads((folder / _JOURNAL).read_bytes().decode("utf-8", "surrogateescape"))
        entries = {
            Path(item["path"]): _Entry(item["old"], item["new"]) for item in document["replaced"]
        }
        return entries, bool(document["finished"])
    except FileNotFoundError:
        return {}, True
    except (KeyError, TypeError, ValueError):
        raise ReviewError(f"{folder / _JOURNAL}: cannot be read as a journal") from None


def _restore(folder: Path, path: Path, old: str) -> None:
    try:
        if not old:
            remove_durably(path)
            return
        data = (folder / old).read_bytes()
        if hash_bytes(data) != old:
            raise BaselineError(f"{folder / old}: is not what was saved; {path} is left alone")
        write_durably(path, data)
    except OSError as error:
        raise BaselineError(f"baseline {path} cannot be restored: {error.strerror}") from error


def _hash_file(path: Path) -> str:
    try:
        return hash_file(path)
    except OSError as error:
        raise BaselineError(f"baseline {path} cannot be read: {error.strerror}") from error
