"""What earlier runs have left in the folder of a report is removed from it."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from visualdiff.files import ASSETS, CANDIDATES, list_names, list_unfinished, locate
from visualdiff.model import RunResult
from visualdiff.remote.traffic import discard, list_known
from visualdiff.report.assets import list_paths
from visualdiff.urls import is_stand_in

# What lies unfinished for longer is nobody's work any more.
_ABANDONED_SECONDS: Final = 3600


def remove_leftovers(result: RunResult, outputs: Sequence[Path]) -> None:
    """Remove pictures, unfinished files, candidates of tests, and `outputs` of earlier runs."""
    folder = result.config.report
    pictures = set(list_paths(result.results))
    start = result.config.folder
    candidates = {locate(start, item.candidate) for item in result.results if item.candidate}
    if is_stand_in(folder):
        _remove_objects(folder, {folder / path for path in pictures} | candidates, outputs)
        return
    _remove(outputs)
    _remove(path for place in (folder, folder / ASSETS) for path in _list_abandoned(place))
    for name in list_names(folder / ASSETS):
        path = folder / ASSETS / name
        if f"{ASSETS}/{name}" not in pictures and path.is_file():
            path.unlink(missing_ok=True)
    for path in sorted((folder / CANDIDATES).rglob("*"), reverse=True):
        if path.is_dir():
            with suppress(OSError):  # not empty
                path.rmdir()
        elif path not in candidates:
            path.unlink(missing_ok=True)


def _remove_objects(folder: Path, kept: set[Path], outputs: Sequence[Path]) -> None:
    owned = [path for place in (ASSETS, CANDIDATES) for path in list_known(folder / place)]
    gone = [path for path in owned if path not in kept]
    gone += [path for path in list_known(folder) if path in outputs]
    with suppress(OSError):  # they only take room, and the next run tries again
        discard(folder, gone)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):  # what cannot be removed is no file that was written
            path.unlink()


def _list_abandoned(folder: Path) -> Iterator[Path]:
    for path in list_unfinished(folder):
        with suppress(OSError):  # its process has just finished it
            if path.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                yield path
