"""`RunResult` → the report folder: index.html, results.json and the pictures they name.

Outputs for other readers, such as junit.xml, are written with them.
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from visualdiff.errors import ConfigError, ReportError
from visualdiff.files import (
    ASSETS,
    CANDIDATES,
    TEMPORARY,
    list_names,
    list_unfinished,
    write_atomically,
    write_together,
)
from visualdiff.listing import refuse_overlap
from visualdiff.locking import PATIENCE, lock_folder
from visualdiff.model import RunResult
from visualdiff.report.assets import list_paths
from visualdiff.report.outputs import FILES, NOWHERE, place_outputs, render_output
from visualdiff.settings import Output

_MARKER: Final = ".visualdiff-report"
INDEX: Final = FILES["html"]
RESULTS: Final = FILES["json"]
# Bytes of a page that hold its title.
_HEAD: Final = 4096
# What lies unfinished for longer is nobody's work any more.
_ABANDONED_SECONDS: Final = 3600


@contextmanager
def hold_report(folder: Path, others: Mapping[str, Path]) -> Iterator[None]:
    """Prepare the report folder as `prepare_report` does, and have it alone until all is done.

    Raises `ReportError` where another run has it.
    """
    prepare_report(folder, others)
    with lock_folder(folder):
        yield


def prepare_report(folder: Path, others: Mapping[str, Path]) -> None:
    """Make the report folder, or raise `ConfigError` when visualdiff must not write there.

    A folder that holds anything but an earlier report is refused: a mistyped `--report .` shall
    overwrite nothing. So is one that shares its place with `others`, folders by their key in the
    configuration: among images, its pictures would be compared next time. Raises `ReportError`
    where the folder is right but cannot be written.
    """
    refuse_overlap("report", folder, others)
    try:
        if _is_foreign(folder):
            raise ConfigError(
                f"report: {folder} is not empty and was not written by visualdiff; "
                "choose another folder or empty this one"
            )
        write_atomically(folder / _MARKER, b"visualdiff replaces the report in this folder.\n")
    except OSError as error:
        raise ReportError(f"report: cannot write to {folder}: {error.strerror}") from error


def write_report(result: RunResult, paths: Mapping[Output, Path] = NOWHERE) -> None:
    """Write the outputs of a run, then remove pictures and outputs of earlier ones.

    `paths` are files of further outputs, or where those of the configuration are to be instead.
    All are complete before the first takes its place: where one cannot be written, on a full disk
    say, the earlier report stays as it was, and `ReportError` is raised.
    """
    folder = result.config.report
    placed = place_outputs(result.config, paths)
    owned = {folder / name for name in FILES.values()}
    contents = {path: render_output(name, result, path.parent) for name, path in placed.items()}
    with lock_folder(folder, PATIENCE):
        _write(folder, contents)
        # An option may name a file of the report's folder in another way.
        kept = {path.resolve() for path in placed.values()}
        _remove(path for path in owned if path.resolve() not in kept)
        _remove_earlier(result)


def rewrite_page(result: RunResult, paths: Mapping[Output, Path] = NOWHERE) -> None:
    """Write index.html beside the results.json that `result` was loaded from, and `paths`.

    Raises `ReportError` where it cannot be written, and where one of somebody else's stands: a
    downloaded report may lack the marker, as hidden files are often left out.
    """
    folder = result.config.report
    with lock_folder(folder):
        if not (folder / _MARKER).exists() and not _is_page(folder / INDEX):
            raise ReportError(
                f"report: {folder / INDEX} was not written by visualdiff; "
                "name another folder by --report"
            )
        placed = {"html": folder / INDEX, **paths}
        _write(
            folder,
            {path: render_output(name, result, path.parent) for name, path in placed.items()},
        )


def _write(folder: Path, contents: Mapping[Path, Iterable[bytes]]) -> None:
    try:
        write_together(contents)
    except OSError as error:
        path = Path(error.filename or folder)
        place = folder if path.parent == folder else path
        left = "; the report there is of an earlier run" if (folder / RESULTS).exists() else ""
        raise ReportError(f"report: cannot write to {place}: {error.strerror}{left}") from error


def _is_page(path: Path) -> bool:
    """Return whether a file is a report's page, or does not exist."""
    if not path.exists():
        return True
    try:
        with path.open("rb") as file:
            return b"<title>visualdiff report</title>" in file.read(_HEAD)
    except OSError as error:
        raise ReportError(f"report: cannot read {path}: {error.strerror}") from error


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):  # what cannot be removed is no file that was written
            path.unlink()


def _list_abandoned(folder: Path) -> Iterator[Path]:
    for path in list_unfinished(folder):
        with suppress(OSError):  # its process has just finished it
            if path.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                yield path


def _remove_earlier(result: RunResult) -> None:
    """Remove what earlier runs left: pictures, unfinished files, and candidates of tests."""
    folder = result.config.report
    _remove(path for place in (folder, folder / ASSETS) for path in _list_abandoned(place))
    pictures = set(list_paths(result.results))
    for name in list_names(folder / ASSETS):
        path = folder / ASSETS / name
        if f"{ASSETS}/{name}" not in pictures and path.is_file():
            path.unlink(missing_ok=True)
    start = result.config.folder
    candidates = {
        os.path.normpath(start / item.candidate) for item in result.results if item.candidate
    }
    for path in sorted((folder / CANDIDATES).rglob("*"), reverse=True):
        if path.is_dir():
            with suppress(OSError):  # not empty
                path.rmdir()
        elif str(path) not in candidates:
            path.unlink(missing_ok=True)


def _is_foreign(folder: Path) -> bool:
    """Return whether a folder holds anything, but no earlier report."""
    if not folder.is_dir() or (folder / _MARKER).exists():
        return False
    # Another process may be writing the marker at this moment.
    return any(not path.name.startswith(TEMPORARY) for path in folder.iterdir())
