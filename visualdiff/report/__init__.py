"""`RunResult` → the report folder: index.html, results.json and the pictures they name.

Outputs for other readers, such as junit.xml, are written with them.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from visualdiff.errors import ConfigError, ReportError
from visualdiff.files import (
    ASSETS,
    TEMPORARY,
    list_names,
    open_file,
    write_atomically,
    write_together,
)
from visualdiff.listing import refuse_overlap
from visualdiff.locking import PATIENCE, lock_folder
from visualdiff.model import RunResult
from visualdiff.remote.stores import require_store
from visualdiff.remote.traffic import recall, send
from visualdiff.report.leftovers import remove_leftovers
from visualdiff.report.outputs import FILES, NOWHERE, place_outputs, render_output
from visualdiff.settings import Output
from visualdiff.urls import is_stand_in

_MARKER: Final = ".visualdiff-report"
INDEX: Final = FILES["html"]
RESULTS: Final = FILES["json"]
# Bytes of a page that hold its title.
_HEAD: Final = 4096


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
    if is_stand_in(folder):
        require_store(folder, writes=True)
    try:
        if _is_foreign(folder):
            raise ConfigError(
                f"report: {folder} is not empty and was not written by visualdiff; "
                "choose another folder or empty this one"
            )
        write_atomically(folder / _MARKER, b"visualdiff replaces the report in this folder.\n")
        _send(folder, (folder / _MARKER,))
    except OSError as error:
        raise ReportError(f"report: cannot write to {folder}: {error.strerror}") from error


def write_report(result: RunResult, paths: Mapping[Output, Path] = NOWHERE) -> None:
    """Write the outputs of a run, then remove pictures and outputs of earlier ones.

    `paths` are files of further outputs, or where those of the configuration are to be instead.
    All are complete before the first takes its place: where one cannot be written, on a full disk
    say, the earlier report stays as it was, and `ReportError` is raised.
    """
    folder = result.config.report
    if is_stand_in(folder):  # the page tells how large its pictures are
        list_names(folder / ASSETS)
    placed = place_outputs(result.config, paths)
    owned = {folder / name for name in FILES.values()}
    contents = {path: render_output(name, result, path.parent) for name, path in placed.items()}
    with lock_folder(folder, PATIENCE):
        _write(folder, contents)
        # An option may name a file of the report's folder in another way.
        kept = {path.resolve() for path in placed.values()}
        remove_leftovers(result, [path for path in owned if path.resolve() not in kept])


def rewrite_page(result: RunResult, paths: Mapping[Output, Path] = NOWHERE) -> None:
    """Write index.html beside the results.json that `result` was loaded from, and `paths`.

    Raises `ReportError` where it cannot be written, and where one of somebody else's stands: a
    downloaded report may lack the marker, as hidden files are often left out.
    """
    folder = result.config.report
    with lock_folder(folder):
        if _MARKER not in list_names(folder) and not _is_page(folder / INDEX):
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
    earlier = _has_earlier(folder)
    try:
        write_together(contents)
        _send(folder, contents)
    except OSError as error:
        path = Path(error.filename or folder)
        place = folder if path.parent == folder else path
        left = "; the report there is of an earlier run" if earlier else ""
        if earlier and not _has_earlier(folder):  # it was replaced
            left = f"; the page there is of an earlier run, {RESULTS} of this one"
        raise ReportError(f"report: cannot write to {place}: {error.strerror}{left}") from error


def _has_earlier(folder: Path) -> bool:
    results = folder / RESULTS
    return bool(recall([results])) if is_stand_in(folder) else results.exists()


def _send(folder: Path, paths: Iterable[Path]) -> None:
    """Write objects as the files are that stand for them, the results first, the page last.

    What is decided on a page of another run than the results is refused.
    """
    if is_stand_in(folder):
        order = {RESULTS: 0, INDEX: 2}
        for path in sorted(filter(is_stand_in, paths), key=lambda path: order.get(path.name, 1)):
            send(path)


def _is_page(path: Path) -> bool:
    """Return whether a file is a report's page, or does not exist."""
    try:
        with open_file(path) as file:
            return b"<title>visualdiff report</title>" in file.read(_HEAD)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise ReportError(f"report: cannot read {path}: {error.strerror}") from error


def _is_foreign(folder: Path) -> bool:
    """Return whether a folder holds anything, but no earlier report."""
    names = list_names(folder)
    # Another process may be writing the marker at this moment.
    return _MARKER not in names and any(not name.startswith(TEMPORARY) for name in names)
