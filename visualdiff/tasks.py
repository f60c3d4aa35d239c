"""A pair with all of the configuration that concerns it, and what its result calls its files."""

from pathlib import Path
from typing import NamedTuple, TypedDict

from visualdiff.files import relative_to
from visualdiff.model import Pair
from visualdiff.settings import Config, Settings


class Task(NamedTuple):
    """A pair, with all of the configuration that concerns it."""

    pair: Pair
    settings: Settings
    folder: Path
    report: Path
    max_image_pixels: int
    show_passed: bool = False


class FileNames(TypedDict):
    """The files of a pair, relative to the folder of the configuration."""

    baseline: str | None
    candidate: str | None
    alternates: tuple[str, ...]
    target: str | None


def make_task(pair: Pair, settings: Settings, config: Config) -> Task:
    """Return the task of a pair, with the settings that are its own."""
    return Task(
        pair,
        settings,
        config.folder,
        config.report,
        config.max_image_pixels,
        show_passed=config.passed_in_report == "thumbnails",
    )


def name_files(pair: Pair, folder: Path) -> FileNames:
    """Return what a result says of the files of its pair, by the fields of `PairResult`."""
    target = pair.baseline or pair.target
    return FileNames(
        baseline=relative_to(folder, pair.baseline) if pair.baseline else None,
        candidate=relative_to(folder, pair.candidate) if pair.candidate else None,
        alternates=tuple(relative_to(folder, path) for path in pair.alternates),
        target=relative_to(folder, target) if target else None,
    )
