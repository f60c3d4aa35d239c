"""The result of a pair ↔ one that names no file, and may be that of any pair of its key."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from visualdiff.accepted import list_accepted
from visualdiff.caching.entries import Entry, is_named, write_entry
from visualdiff.caching.keys import Look
from visualdiff.files import ASSETS, write_atomically
from visualdiff.model import Pair, PairResult, Status
from visualdiff.tasks import Task, name_files

# Digits of a hash that name a picture.
_DIGITS: Final = 20
# What is not in an entry: names, and what only tests have.
_NAMELESS: Final[Mapping[str, Any]] = {
    "name": "",
    "baseline": None,
    "candidate": None,
    "alternates": (),
    "target": None,
    "settings": None,
    "test": "",
    "attempts": 1,
    "updated": False,
    "seconds": None,
}


def pack_result(task: Task, result: PairResult, look: Look) -> list[bytes]:
    """Return the pieces of an entry, with the pictures that are no copies of the pair's files.

    Raises `ValueError` for a result that is that of other files, or cannot be another pair's, and
    `OSError` where a picture is gone.
    """
    if not set(result.hashes.values()) <= look.files.keys():
        raise ValueError("other files were compared")
    if _tells_names(task, result):
        raise ValueError("what it says holds for these names only")
    names = [name_files(choice, task.folder)["baseline"] for choice in _list_choices(task.pair)]
    copies = _list_copies(look)
    pictures = {}
    for name in sorted(_list_pictures(result)):
        if name.partition(".")[0] not in copies:
            pictures[name] = (task.report / ASSETS / name).read_bytes()
            if not is_named(name, pictures[name]):
                raise ValueError("a picture was changed")
    entry = Entry(
        key=look.seen.key,
        choice=names.index(result.baseline),
        result=replace(result, **_NAMELESS),
        pictures=tuple((name, len(data)) for name, data in pictures.items()),
    )
    return [write_entry(entry), *pictures.values()]


def name_result(entry: Entry, task: Task, look: Look, seconds: float) -> PairResult:
    """Return the result of an entry as that of a pair; raise `ValueError` if it cannot be that."""
    found, choices = entry.result, _list_choices(task.pair)
    if not 0 <= entry.choice < len(choices) or replace(found, **_NAMELESS) != found:
        raise ValueError("of no pair")
    if found.status is Status.ERROR or not set(found.hashes.values()) <= look.files.keys():
        raise ValueError("of other files")
    files = name_files(choices[entry.choice], task.folder)
    return replace(found, name=task.pair.name, seconds=seconds, **files)


def list_lacking(result: PairResult, present: Collection[str]) -> list[str]:
    """Return the names of a result's pictures that are not present."""
    return [name for name in _list_pictures(result) if name not in present]


def write_pictures(
    names: Collection[str], report: Path, look: Look, pictures: Mapping[str, bytes]
) -> None:
    """Write pictures into a report: copies of the pair's files, and those of an entry.

    Raises `ValueError` where one is neither, `OSError` where it cannot be written.
    """
    copies = _list_copies(look)
    for name in names:
        path = copies.get(name.partition(".")[0])
        data = path.read_bytes() if path else pictures.get(name, b"")
        if not is_named(name, data):
            raise ValueError("a picture lacks, or was changed")
        write_atomically(report / ASSETS / name, data)


def _list_pictures(result: PairResult) -> set[str]:
    return {path.removeprefix(f"{ASSETS}/") for path in result.artifacts.values()}


def _list_copies(look: Look) -> dict[str, Path]:
    """Return the files of a pair by what their pictures are called."""
    return {digest[:_DIGITS]: path for digest, path in look.files.items()}


def _list_choices(pair: Pair) -> list[Pair]:
    return list_accepted(pair) if pair.alternates else [pair]


def _tells_names(task: Task, result: PairResult) -> bool:
    """Return whether a result speaks of a file, as of one whose extension is wrong."""
    pair, found = task.pair, result.comparison
    texts = (*result.reasons, *result.warnings)
    if found:
        texts += (*found.reasons, *found.warnings)
    paths = (pair.baseline, pair.candidate, *pair.alternates, *task.settings.mask_images)
    return any(path.name in text for path in paths if path for text in texts)
