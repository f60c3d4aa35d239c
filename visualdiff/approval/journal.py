"""Baselines are replaced, and an approval can be taken back byte for byte.

What is to be replaced is saved before anything is: whoever is killed on the way leaves every
baseline whole, old or new, and a journal by which all become old again.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from visualdiff.approval.plan import Replacement, hash_bytes
from visualdiff.errors import BaselineError, ReviewError
from visualdiff.files import remove_durably, write_durably

# In the folder of the report: what the last approval has replaced.
UNDO: Final = "undo"
_JOURNAL: Final = "journal.json"


def replace_baselines(report: Path, replacements: Sequence[Replacement]) -> None:
    """Write and remove baselines, after what they were is saved below the report's folder.

    Raises `BaselineError` at the first that cannot be written; the journal tells of all.
    """
    _save(report / UNDO, replacements)
    for item in replacements:
        try:
            if item.data is None:
                remove_durably(item.path)
            else:
                write_durably(item.path, item.data)
        except OSError as error:
            raise BaselineError(
                f"baseline {item.path} cannot be written: {error.strerror}; "
                "`visualdiff approve --undo` takes back what was written before"
            ) from error


def take_back(report: Path, *, dry_run: bool = False) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Undo the last approval; return the baselines that are old again, and what is refused.

    With `dry_run`, return the same and do nothing. A baseline that was changed since is left
    alone. Raises `ReviewError` where there is nothing to undo, and `BaselineError` where a
    baseline cannot be written.
    """
    folder = report / UNDO
    restored, refused = [], []
    for entry in _load(folder):
        path, old, new = Path(entry["path"]), entry["old"], entry["new"]
        found = _hash_file(path)
        if found == old:
            continue  # it was not replaced before somebody stopped the approval
        if found != new:
            refused.append(f"{path}: was changed since it was approved")
            continue
        if not dry_run:
            _restore(folder, path, old)
        restored.append(path)
    if not refused and not dry_run:
        remove_durably(folder / _JOURNAL)
    return tuple(restored), tuple(refused)


def _save(folder: Path, replacements: Iterable[Replacement]) -> None:
    entries = []
    try:
        for item in replacements:
            if item.old:
                write_durably(folder / item.old, item.path.read_bytes())
            entries.append({"path": str(item.path), "old": item.old, "new": item.new})
        text = json.dumps({"replaced": entries}, indent=1, ensure_ascii=False)
        write_durably(folder / _JOURNAL, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise BaselineError(
            f"{folder}: baselines cannot be saved there before they are replaced, "
            f"so none was: {error.strerror}"
        ) from error
    _forget(folder, {entry["old"] for entry in entries})


def _forget(folder: Path, kept: set[str]) -> None:
    """Remove what earlier approvals have saved."""
    for path in folder.iterdir():
        if path.name not in kept and path.name != _JOURNAL:
            path.unlink(missing_ok=True)


def _load(folder: Path) -> list[dict[str, str]]:
    try:
        text = (folder / _JOURNAL).read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        raise ReviewError(f"{folder.parent}: no approval that could be undone") from None
    entries: list[dict[str, str]] = json.loads(text)["replaced"]
    return entries


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
        return hash_bytes(path.read_bytes())
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise BaselineError(f"baseline {path} cannot be read: {error.strerror}") from error
