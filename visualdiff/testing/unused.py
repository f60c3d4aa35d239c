"""Baselines that no test has used: found, and removed if that is asked for."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from visualdiff.errors import BaselineError
from visualdiff.model import PairResult
from visualdiff.pairing import list_images
from visualdiff.settings import Config

# What unused baselines mean.
UNUSED: Final = ("ignore", "warn", "fail", "delete")


def find_unused(config: Config, results: Iterable[PairResult]) -> list[Path]:
    """Return the baselines, sorted, that no result has used; raise `ConfigError` if unreadable."""
    if not config.baselines.is_dir():
        return []
    used = {result.name for result in results}
    images = list_images(config.baselines, config)
    return sorted(path for name, path in images.items() if name not in used)


def delete_baselines(paths: Iterable[Path]) -> None:
    """Delete baselines; raise `BaselineError` for one that cannot be."""
    for path in paths:
        try:
            path.unlink()
        except OSError as error:
            raise BaselineError(f"baseline {path} cannot be deleted: {error.strerror}") from error
