"""Assertions outside of pytest: all that one process has compared, and the report of it."""

import shlex
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from visualdiff.baselines import UPDATES
from visualdiff.environment import is_ci
from visualdiff.errors import ConfigError
from visualdiff.model import PairResult, RunResult, Status
from visualdiff.report import write_report
from visualdiff.testing.asserting import ImageAsserter
from visualdiff.testing.keeping import Keeper
from visualdiff.testing.project import Project, load_project
from visualdiff.testing.words import explain_failure

_VARIABLE: Final = "VISUALDIFF_UPDATE"
_started: Final = time.time()
_keeper: Final = Keeper(_started)
# By the folder of the report, in the order of the calls.
_compared: Final[dict[Path, list[PairResult]]] = {}


def check_image(
    image: object,
    baseline: Path,
    report: Path,
    config: str | Path | None,
    update: str,
    settings: Mapping[str, Any],
) -> tuple[PairResult, str]:
    """Compare an image with a baseline; return the result, and why it failed or "".

    Raises what the fixture raises, and `ConfigError` for an unknown `update` or one in CI.
    """
    _check(update, settings)
    changes = {"baselines": baseline.absolute().parent, "report": report.absolute()}
    path = Path(config) if config else None
    # Nobody lists the folder of a baseline that is named by its path.
    project = load_project(Path.cwd(), path, changes, update=update, report_apart=False)
    project = replace(project, keeper=_keeper)
    results = _compared.setdefault(report.absolute(), [])
    asserter = ImageAsserter(project, f"call {len(results) + 1}", lambda _: baseline.name)
    result = asserter.check(image, baseline.name, settings)
    results.append(result)
    if not asserter.is_failure(result):
        return result, ""
    write_report(_conclude(project, results))
    mode = "missing" if result.status is Status.NEW else "changed"
    accept = f"run it again with {_VARIABLE}={mode}"
    return result, explain_failure(result, project.config, accept)


def _check(update: str, settings: Mapping[str, Any]) -> None:
    if "soft" in settings:
        raise ConfigError("soft: only the pytest fixture knows when a test ends")
    if update not in UPDATES:
        raise ConfigError(f"{_VARIABLE}: got {update!r}, wanted {' or '.join(UPDATES)}")
    if update != "none" and is_ci():
        raise ConfigError(f"{_VARIABLE} is refused, as CI is set: update where you can look at it")


def _conclude(project: Project, results: list[PairResult]) -> RunResult:
    return RunResult(
        results=tuple(sorted(results, key=lambda item: item.name)),
        config=project.config,
        command=shlex.join(sys.argv),
        started=datetime.fromtimestamp(_started, UTC).isoformat(timespec="seconds"),
        seconds=time.time() - _started,
    )
