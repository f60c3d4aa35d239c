"""`RunResult` → the report folder: index.html, results.json and the pictures they name."""

from typing import Final

from visualdiff.files import write_atomically
from visualdiff.model import Config, ConfigError, RunResult
from visualdiff.report.html import render_page
from visualdiff.report.page import build_page
from visualdiff.report.results import render_results

INDEX: Final = "index.html"
RESULTS: Final = "results.json"
_MARKER: Final = ".visualdiff-report"
_ASSETS: Final = "assets"


def prepare_report(config: Config) -> None:
    """Make the report folder, or raise `ConfigError` when visualdiff must not write there.

    A folder that holds anything but an earlier report is refused: a mistyped `--report .` shall
    overwrite nothing.
    """
    folder = config.report
    for key, images in (("baselines", config.baselines), ("candidates", config.candidates)):
        if folder.resolve() == images.resolve() or folder.resolve() in images.resolve().parents:
            raise ConfigError(f"report: {folder} holds the {key}; choose a folder of its own")
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARKER).exists():
            raise ConfigError(
                f"report: {folder} is not empty and was not written by visualdiff; "
                "choose another folder or empty this one"
            )
        write_atomically(
            folder / _MARKER, b"This folder is written, and emptied, by visualdiff.\n"
        )
    except OSError as error:
        raise ConfigError(f"report: cannot write to {folder}: {error.strerror}") from error


def write_report(result: RunResult) -> None:
    """Write index.html and results.json, then remove pictures of earlier runs."""
    folder = result.config.report
    write_atomically(folder / RESULTS, render_results(result))
    write_atomically(folder / INDEX, render_page(build_page(result)))
    wanted = {path for item in result.results for path in item.artifacts.values()}
    for path in sorted((folder / _ASSETS).glob("*")):
        if f"{_ASSETS}/{path.name}" not in wanted:
            path.unlink(missing_ok=True)
