"""The pictures of a report → the folder of another report.

Each is named by the hash of its content, so that files of the same name are the same.
"""

from collections import deque
from collections.abc import Collection, Iterable
from pathlib import Path

from visualdiff.errors import ReportError
from visualdiff.files import ASSETS, list_names, read_file, write_atomically
from visualdiff.model import PairResult
from visualdiff.remote.traffic import convey, do_each
from visualdiff.report.assets import list_paths
from visualdiff.urls import is_stand_in


def list_assets(results: Iterable[PairResult], folder: Path) -> tuple[str, ...]:
    """Return the paths of the pictures in a report's folder; raise `ReportError` if one lacks."""
    paths = list_paths(results)
    there = _list_objects(folder)
    for path in paths:
        if not (folder / path in there if is_stand_in(folder) else (folder / path).is_file()):
            raise ReportError(
                f"{folder} lacks {path}: copy or download the whole folder of a report, "
                "not results.json alone"
            )
    return paths


def copy_assets(results: Iterable[PairResult], folder: Path, target: Path) -> None:
    """Copy the pictures of results from their report's folder to another report's.

    Raises `ReportError` where one lacks or cannot be copied.
    """
    there = _list_objects(target)

    def copy(path: str) -> None:
        try:
            _copy(folder / path, target / path, there)
        except OSError as error:
            raise ReportError(f"report: cannot copy {path} to {target}: {error}") from error

    # As many at once as the store can take.
    store = target if is_stand_in(target) else folder
    deque(do_each(copy, list_assets(results, folder), store), maxlen=0)


def _copy(path: Path, target: Path, there: Collection[Path]) -> None:
    if is_stand_in(target):
        if target not in there:
            convey(path, target)
    elif not target.is_file():
        write_atomically(target, read_file(path))
        if is_stand_in(path):
            path.unlink()


def _list_objects(folder: Path) -> Collection[Path]:
    """Return the pictures of a report in a store."""
    if not is_stand_in(folder):
        return ()
    try:
        return {folder / ASSETS / name for name in list_names(folder / ASSETS)}
    except OSError as error:
        raise ReportError(f"{folder}: cannot be listed: {error.strerror}") from error
