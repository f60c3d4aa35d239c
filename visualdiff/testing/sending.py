"""The report of a session at a URL: written in a folder of this machine, sent at the end.

All workers of xdist write their pictures to the one folder; results tell of candidates there until
the report goes.
"""

import shutil
from collections import deque
from dataclasses import replace
from pathlib import Path

from visualdiff.errors import ReportError
from visualdiff.files import CANDIDATES, locate, relative_to
from visualdiff.model import PairResult, RunResult
from visualdiff.remote.traffic import convey, do_each
from visualdiff.report import prepare_report, write_report
from visualdiff.report.copying import copy_assets
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
    copy_assets(results, config.report, report)
    _send_candidates(run, report)
    write_report(replace(run, results=results, config=move_config(config, report)))
    remove_report(config.report)


def remove_report(folder: Path) -> None:
    """Remove a folder whose report was sent, or in which there is none."""
    shutil.rmtree(folder, ignore_errors=True)


def _send_candidates(run: RunResult, report: Path) -> None:
    def send(name: str) -> None:
        try:
            convey(config.report / name, report / name)
        except OSError as error:
            raise ReportError(
                f"report: cannot write to {report / name}: {error.strerror}"
            ) from error

    config = run.config
    paths = (locate(config.folder, item.candidate) for item in run.results if item.candidate)
    names = sorted({relative_to(config.report, path) for path in paths})
    deque(do_each(send, names, report), maxlen=0)
