"""What a job of GitHub Actions is told beside the report: summary, annotations, outputs."""

import uuid
from collections.abc import Collection, Iterator
from typing import Final

from visualdiff.environment import (
    find_step_outputs,
    find_step_summary,
    find_workspace,
    is_github,
)
from visualdiff.model import RunResult, Status
from visualdiff.report.github import render_github
from visualdiff.report.markdown import MOST_BYTES, render_markdown
from visualdiff.settings import Config, Output
from visualdiff.urls import show

_AUTOMATIC: Final[tuple[Output, ...]] = ("markdown", "github")
_GAP: Final = b"\n\n"


def choose_outputs(config: Config, asked: Collection[Output]) -> set[Output]:
    """Return the outputs of a run: those of its configuration, those asked for by an option.

    In GitHub Actions there are more, unless the configuration says which it wants.
    """
    automatic = _AUTOMATIC if config.reports == "auto" and is_github() else ()
    return {*config.outputs, *asked, *automatic}


def list_annotations(result: RunResult) -> Iterator[str]:
    """Yield the lines to be printed, each with its end."""
    workspace = find_workspace()
    # The folder of a configuration has no links in its path either.
    yield from map(bytes.decode, render_github(result, workspace and workspace.resolve()))


def append_summary(result: RunResult) -> str:
    """Append a run to the summary of this step, if there is one; return what went wrong, or "".

    A summary that cannot be written shall not turn a green job red. Others may have written to it
    before; what is too much for GitHub in all is left out.
    """
    path = find_step_summary()
    if path is None:
        return ""
    place = result.config.url_prefix or None
    try:
        with path.open("ab") as file:
            room = MOST_BYTES - file.tell() - len(_GAP)
            text = b"".join(render_markdown(result, place, room))
            file.write(_GAP + text if text and file.tell() else text)
    except OSError as error:
        return f"GITHUB_STEP_SUMMARY: cannot append to {path}: {error.strerror}"
    return "" if text else f"GITHUB_STEP_SUMMARY: {path} has no room left"


def append_outputs(result: RunResult) -> str:
    """Append what later steps may ask for to the outputs of this step; return as above.

    These are `report`, a folder, `total`, and the number of pairs with each status.
    """
    path = find_step_outputs() if is_github() else None
    if path is None:
        return ""
    # A name of a folder may hold a line of its own; nobody can guess where it ends here.
    end = uuid.uuid4().hex
    lines = [
        f"report<<{end}\n{show(result.config.report)}\n{end}",
        f"total={len(result.results)}",
        *(f"{status}={result.count(status)}" for status in Status),
    ]
    try:
        with path.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        return f"GITHUB_OUTPUT: cannot append to {path}: {error.strerror}"
    return ""
