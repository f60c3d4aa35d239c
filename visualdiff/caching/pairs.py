"""The result of a pair ↔ one that names no file, and may be that of any pair of its key."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from visualdiff.accepted import list_accepted
from visualdiff.caching.entries import Entry, is_named, write_entry
from visualdiff.caching.keys import Look
from visualdiff.files import ASSETS, read_file, write_atomically
from visualdiff.model import Pair, PairResult, Status
from visualdiff.remote.traffic import bring_all
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
    if _tells_names(task, result):
        raise ValueError("what it says holds for these names only")
    names = [name_files(choice, task.folder)["baseline"] for choice in _list_choices(task.pair)]
    choice = names.index(result.baseline)
    copies = _name_copies(_list_files(result, choice, task.pair, look))
    drawn = [name for name in _list_pictures(result) if name.partition(".")[0] not in copies]
    # A worker elsewhere may have sent them.
    bring_all(task.report / ASSETS / name for name in drawn)
    pictures = {}
    for name in sorted(drawn):
        pictures[name] = read_file(task.report / ASSETS / name)
        if not is_named(name, pictures[name]):
            raise ValueError("a picture was changed")
    entry = Entry(
        key=look.seen.key,
        choice=choice,
        result=replace(result, **_NAMELESS),
        pictures=tuple((name, len(data)) for name, data in pictures.items()),
    )
    return [write_entry(entry), *pictures.values()]


def match_entry(entry: Entry, task: Task, look: Look) -> Mapping[str, Path]:
    """Return the files of a pair, as an entry knows them, by the SHA-256 of what they hold.

    Raises `ValueError` where its result cannot be that of the pair.
    """
    found = entry.result
    if not 0 <= entry.choice < len(_list_choices(task.pair)):
        raise ValueError("of no pair")
    if found.status is Status.ERROR or replace(found, **_NAMELESS) != found:
        raise ValueError("of no pair")
    return _list_files(found, entry.choice, task.pair, look)


def name_result(entry: Entry, task: Task, seconds: float) -> PairResult:
    """Return the result of an entry that matches as that of a pair."""
    files = name_files(_list_choices(task.pair)[entry.choice], task.folder)
    return replace(entry.result, name=task.pair.name, seconds=seconds, **files)


def list_lacking(result: PairResult, present: Collection[str]) -> list[str]:
    """Return the names of a result's pictures that are not present."""
    return [name for name in _list_pictures(result) if name not in present]


def write_pictures(
    names: Collection[str], report: Path, files: Mapping[str, Path], pictures: Mapping[str, bytes]
) -> None:
    """Write pictures into a report: copies of the pair's files, and those of an entry.

    Raises `ValueError` where one is neither, `OSError` where it cannot be written.
    """
    copies = _name_copies(files)
    for name in names:
        path = copies.get(name.partition(".")[0])
        data = read_file(path) if path else pictures.get(name, b"")
        if not is_named(name, data):
            raise ValueError("a picture lacks, or was changed")
        write_atomically(report / ASSETS / name, data)


def _list_pictures(result: PairResult) -> set[str]:
    return {path.removeprefix(f"{ASSETS}/") for path in result.artifacts.values()}


def _list_files(result: PairResult, choice: int, pair: Pair, look: Look) -> Mapping[str, Path]:
    """Return the files of a pair by the SHA-256 of what they hold.

    That of an object which was not read is what the result says of it: an object that is as it was
    seen holds what was compared. Raises `ValueError` for the result of other files.
    """
    chosen = _list_choices(pair)[choice]
    sides = {"baseline": chosen.baseline, "candidate": chosen.candidate}
    files = dict(look.files)
    for side, digest in result.hashes.items():
        path = sides.get(side)
        if path in look.unread:
            files[digest] = path
        elif digest not in files:
            raise ValueError("of other files")
    return files


def _name_copies(files: Mapping[str, Path]) -> dict[str, Path]:
    """Return the files of a pair by what their pictures are called."""
    return {digest[:_DIGITS]: path for digest, path in files.items()}


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
