"""`RunResult` → annotations, which GitHub Actions shows above the log and beside the files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from visualdiff.concluding import list_failures
from visualdiff.files import relative_to
from visualdiff.model import PairResult, RunResult, Status
from visualdiff.printable import to_printable
from visualdiff.report.entries import list_first_regions
from visualdiff.report.urgency import list_urgent, read_policies
from visualdiff.settings import Policy
from visualdiff.urls import is_url

# GitHub shows no more errors, and no more warnings, of one step.
_MOST: Final = 10


class _Annotation(NamedTuple):
    title: str
    lines: tuple[str, ...]
    file: str = ""


def render_github(result: RunResult, workspace: Path | None = None) -> Iterator[bytes]:
    """Yield a line for each annotation: at most ten errors and ten warnings, the worst first.

    Files are named relative to `workspace`, where the repository was checked out; without one, to
    the folder of the configuration.
    """
    policies, root = read_policies(result), workspace or result.config.folder
    urgent = list_urgent(result)
    failed = [item for item in urgent if policies[item.status] is Policy.FAIL]
    allowed = [item for item in urgent if policies[item.status] is Policy.WARN]
    passed = [item for item in result.results if item.status is Status.PASSED and item.warnings]
    failures = set(list_failures(result))
    told = {text: _Annotation("visualdiff", (text,)) for text in result.warnings}
    warnings = [annotation for text, annotation in told.items() if text not in failures]
    warnings += [_annotate(item, result, root) for item in (*allowed, *passed)]
    errors = [annotation for text, annotation in told.items() if text in failures]
    errors += [_annotate(item, result, root) for item in failed]
    yield from _write_all("error", errors)
    yield from _write_all("warning", warnings)


def _annotate(item: PairResult, result: RunResult, root: Path) -> _Annotation:
    path = item.baseline or item.candidate
    lines = [*item.reasons, *item.warnings]
    if item.status is not Status.PASSED:
        lines += list_first_regions(item, lambda region: region.description)
    return _Annotation(
        title=f"{item.name} {item.status.value}",
        lines=tuple(dict.fromkeys(lines)),  # inserted rows are reason and region
        file="" if not path or is_url(path) else relative_to(root, result.config.folder / path),
    )


def _write_all(kind: str, annotations: Sequence[_Annotation]) -> Iterator[bytes]:
    """Yield the lines of a kind; where not all are shown, the last one tells it."""
    shown = annotations
    if len(annotations) > _MOST:
        left = len(annotations) - _MOST + 1
        more = _Annotation("visualdiff", (f"... and {left:,} more: see the report",))
        shown = [*annotations[: _MOST - 1], more]
    yield from (_write(kind, annotation) for annotation in shown)


def _write(kind: str, annotation: _Annotation) -> bytes:
    properties = {"file": annotation.file, "title": annotation.title}
    told = ",".join(f"{key}={_escape(text)}" for key, text in properties.items() if text)
    lines = (_escape_data(to_printable(line)) for line in annotation.lines)
    return f"::{kind} {told}::{'%0A'.join(lines)}\n".encode()


def _escape(text: str) -> str:
    """Return the value of a property, in which a colon or a comma would end it."""
    return _escape_data(to_printable(text)).replace(":", "%3A").replace(",", "%2C")


def _escape_data(text: str) -> str:
    return text.replace("%", "%25")
