"""`RunResult` → the report folder: index.html, results.json and the pictures they name."""

from pathlib import Path
from typing import Final

from visualdiff.errors import ConfigError, ReportError
from visualdiff.files import ASSETS, write_atomically, write_pieces
from visualdiff.model import RunResult
from visualdiff.report.build import build_page
from visualdiff.report.html import render_page
from visualdiff.report.results import render_results
from visualdiff.settings import Config

INDEX: Final = "index.html"
RESULTS: Final = "results.json"
_MARKER: Final = ".visualdiff-report"


def prepare_report(config: Config) -> None:
    """Make the report folder, or raise `ConfigError` when visualdiff must not write there.

    A folder that holds anything but an earlier report is refused: a mistyped `--report .` shall
    overwrite nothing. So is one among the images, where its pictures would be compared next time.
    """
    folder = config.report
    for key, images in (("baselines", config.baselines), ("candidates", config.candidates)):
        if _holds(folder, images):
            raise ConfigError(f"report: {folder} holds the {key}; choose a folder of its own")
        if _holds(images, folder):
            raise ConfigError(f"report: {folder} is inside the {key}; choose a folder of its own")
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARKER).exists():
            raise ConfigError(
                f"report: {folder} is not empty and was not written by visualdiff; "
                "choose another folder or empty this one"
            )
        write_atomically(folder / _MARKER, b"visualdiff replaces the report in this folder.\n")
    except OSError as error:
        raise ConfigError(f"report: cannot write to {folder}: {error.strerror}") from error


def write_report(result: RunResult) -> None:
    """Write index.html and results.json, then remove pictures of earlier runs.

    Where that fails, on a full disk say, or is interrupted, both files are removed: one of them
    would be of an earlier run, and show what this one has not found. Raises `ReportError` where
    they cannot be written.
    """
    folder = result.config.report
    try:
        write_pieces(folder / RESULTS, render_results(result))
        write_pieces(folder / INDEX, render_page(build_page(result)))
    except BaseException as error:
        for name in (RESULTS, INDEX):
            (folder / name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ReportError(f"report: cannot write to {folder}: {error.strerror}") from error
        raise
    wanted = {path for item in result.results for path in item.artifacts.values()}
    for path in sorted((folder / ASSETS).glob("*")):
        if f"{ASSETS}/{path.name}" not in wanted and path.is_file():
            path.unlink(missing_ok=True)


def _holds(folder: Path, other: Path) -> bool:
    return other.resolve().is_relative_to(folder.resolve())
