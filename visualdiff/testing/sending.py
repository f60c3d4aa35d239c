"""The report of a session at a URL: written in a folder of this machine, sent at the end.

All workers of xdist write their pictures to the one folder; results tell of candidates there until
the report goes.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from visualdiff.errors import ReportError
from visualdiff.files import ASSETS, CANDIDATES, locate, relative_to
from visualdiff.model import PairResult, RunResult
from visualdiff.remote.traffic import Courier
from visualdiff.report import prepare_report, write_report
from visualdiff.report.assets import list_paths
from visualdiff.settings import Config


def move_config(config: Config, report: Path) -> Config:
    """Return a configuration of tests with another folder for the report."""
    return replace(config, report=report, candidates=report / CANDIDATES)


def move_result(result: PairResult, config: Config, report: Path) -> PairResult:
    """Return a result that tells where its candidate is once the report is at `report`."""
    if not result.candidate:
        return result
    name = relative_to(config.report, locate(config.folder, result.candidate))
    return replace(result, candidate=relative_to(config.folder, report / name))


def send_report(run: RunResult, report: Path) -> None:
    """Send the report of a run, whose pictures are in its folder, and remove that.

    Pictures go first, results.json last. Raises `ReportError` and `ConfigError`, and leaves the
    folder as it was, where the report cannot be sent.
    """
    config = run.config
    results = tuple(move_result(result, config, report) for result in run.results)
    prepare_report(report, {"baselines": config.baselines})
    with Courier(report) as courier:
        for name in _list_files(run):
            try:
                _copy(config.report / name, report / name)
            except OSError as error:
                raise ReportError(f"report: cannot copy {name}: {error.strerror}") from error
            # The name of a picture tells its content, that of a candidate does not.
            courier.post([report / name], anew=not name.startswith(f"{ASSETS}/"))
    if courier.problems:
        raise ReportError(f"report: cannot write to {courier.problems[0]}")
    write_report(replace(run, results=results, config=move_config(config, report)))
    shutil.rmtree(config.report, ignore_errors=True)


def _list_files(run: RunResult) -> Iterator[str]:
    """Yield the files that belong to a run, relative to the folder of its report."""
    yield from list_paths(run.results)
    for item in run.results:
        if item.candidate:
            yield relative_to(run.config.report, locate(run.config.folder, item.candidate))


def _copy(path: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, place)
