"""Where this process runs. Standard library only."""

import os
from pathlib import Path
from typing import Final

_NO: Final = ("", "0", "false", "no")


def is_ci() -> bool:
    """Return whether this is a CI job, as the variable CI says by a custom of all services."""
    return os.environ.get("CI", "").lower() not in _NO


def is_github() -> bool:
    """Return whether this is a job of GitHub Actions, or of a service that does as it does."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def find_step_summary() -> Path | None:
    """Return the file to which GitHub Actions wants the summary of a step to be appended."""
    return _read_path("GITHUB_STEP_SUMMARY")


def find_step_outputs() -> Path | None:
    """Return the file to which GitHub Actions wants the outputs of a step to be appended."""
    return _read_path("GITHUB_OUTPUT")


def find_workspace() -> Path | None:
    """Return the folder into which GitHub Actions has checked the repository out."""
    return _read_path("GITHUB_WORKSPACE")


def _read_path(variable: str) -> Path | None:
    text = os.environ.get(variable)
    return Path(text) if text else None
