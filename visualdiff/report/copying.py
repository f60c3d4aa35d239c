"""The pictures of a report → the folder of another report.

Each is named by the hash of its content, so that files of the same name are the same.
"""

from collections.abc import Iterable
from pathlib import Path

from visualdiff.errors import ReportError
from visualdiff.files import write_atomically
from visualdiff.model import PairResult
from visualdiff.report.assets import list_paths


def list_assets(results: Iterable[PairResult], folder: Path) -> tuple[str, ...]:
    """Return the paths of the pictures in a report's folder; raise `ReportError` if one lacks."""
    paths = list_paths(results)
    for path in paths:
        if not (folder / path).is_file():
            raise ReportError(
                f"{folder} lacks {path}: copy or download the whole folder of a report, "
                "not results.json alone"
            )
    return paths


def copy_assets(results: Iterable[PairResult], folder: Path, target: Path) -> None:
    """Copy the pictures of results from their report's folder to another report's.

    Raises `ReportError` where one lacks or cannot be copied.
    """
    for path in list_assets(results, folder):
        try:
            if not (target / path).is_file():
                write_atomically(target / path, (folder / path).read_bytes())
        except OSError as error:
            raise ReportError(f"report: cannot copy {path} to {target}: {error}") from error
