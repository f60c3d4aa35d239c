"""Who takes part, and how each is run: as one whole process, two workers, the same two folders."""

import json
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.jobs import Job, call, write_config
from benchmarks.processes import Cost, measure

HERE: Final = Path(__file__).parent
PEERS: Final = HERE / ".peers"
_MODULES: Final = PEERS / "node_modules"
_BLAZEDIFF: Final = PEERS / "python" / "blazediff"
_MACHINE: Final = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), "")
_ODIFF: Final = _MODULES / "@odiff" / f"linux-{_MACHINE}" / "odiff"

# What a contestant found, by the names of the pairs; `differs` is told by all that compare.
Answers: TypeAlias = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One row of the table.

    `needs` is a file without which it cannot take part. One that is `ours` must give the right
    answers; what a peer gets wrong is told beside its time.
    """

    name: str
    command: Callable[[Job], list[str]]
    read: Callable[[Job], Answers]
    needs: Path = HERE
    ours: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        """Whether it can take part."""
        return self.needs.exists()

    @property
    def peer(self) -> bool:
        """Whether `make bench-peers` installs it."""
        return self.needs.is_relative_to(PEERS)


def run_contestant(contestant: Contestant, job: Job) -> tuple[Cost, Answers]:
    """Run a contestant once; raise `RuntimeError` unless it ended well and left its answers."""
    write_config(job)
    cost = measure(contestant.command(job), folder=job.scratch, environment=contestant.environment)
    # visualdiff and reg-cli end with 1 when they found differences.
    if cost.exit_code not in (0, 1):
        raise RuntimeError(f"{contestant.name} ended with exit code {cost.exit_code}")
    try:
        return cost, contestant.read(job)
    except FileNotFoundError as error:
        raise RuntimeError(f"{contestant.name} left no answers: {error.filename}") from error


def _script(name: str, *more: str) -> Callable[[Job], list[str]]:
    """Return what makes the command of a script of ours: its two folders, its answers, `more`."""
    return lambda job: [
        *call(name),
        str(job.baselines),
        str(job.candidates),
        str(job.answers),
        *more,
    ]


def _compare_only(job: Job) -> list[str]:
    return [*call("compare_only"), str(job.scratch / "visualdiff.yaml"), str(job.answers)]


def _pixelmatch(job: Job) -> list[str]:
    paths = map(str, (job.baselines, job.candidates, job.answers, PEERS))
    return ["node", str(HERE / "contest" / "pixelmatch.mjs"), *paths]


def _reg_cli(job: Job) -> list[str]:
    folders = map(str, (job.candidates, job.baselines, job.scratch / "diff"))
    reports = ["--json", str(job.scratch / "reg.json"), "--report", str(job.scratch / "reg.html")]
    command = ["node", str(_MODULES / "reg-cli" / "dist" / "cli.js"), *folders, *reports]
    return [*command, "--concurrency", str(job.workers)]


def _read_answers(job: Job) -> Answers:
    found: Answers = json.loads(job.answers.read_text("utf-8"))
    return found


def _read_results(job: Job) -> Answers:
    path = job.scratch / "visualdiff-report" / "results.json"
    results = json.loads(path.read_text("utf-8"))["results"]
    return {item["name"]: item | {"differs": item["status"] != "passed"} for item in results}


def _read_reg(job: Job) -> Answers:
    report = json.loads((job.scratch / "reg.json").read_text("utf-8"))
    kinds = (("failedItems", True), ("passedItems", False))
    return {name: {"differs": differs} for key, differs in kinds for name in report[key]}


RUN: Final = Contestant(
    "visualdiff run, all reports",
    lambda _: [sys.executable, "-m", "visualdiff", "run", "--quiet"],
    _read_results,
    ours=True,
)
COMPARE_ONLY: Final = Contestant(
    "visualdiff, compare only", _compare_only, _read_answers, ours=True
)
DECODE_ONLY: Final = Contestant(
    "bound: decode only", _script("bounds", "decode"), _read_answers, ours=True
)
READ_ONLY: Final = Contestant(
    "bound: read only", _script("bounds", "read"), _read_answers, ours=True
)
SCIKIT_IMAGE: Final = Contestant(
    "scikit-image, per channel", _script("scikit_image"), _read_answers
)
BLAZEDIFF: Final = Contestant(
    "blazediff",
    _script("blazediff_threads"),
    _read_answers,
    needs=_BLAZEDIFF,
    environment={"PYTHONPATH": str(_BLAZEDIFF.parent)},
)
BLAZEDIFF_PNG: Final = Contestant(
    "blazediff, opt-in PNG codec",
    _script("blazediff_threads"),
    _read_answers,
    needs=_BLAZEDIFF,
    environment={"PYTHONPATH": str(_BLAZEDIFF.parent), "BLAZEDIFF_PNG_ENABLED": "1"},
)
ODIFF: Final = Contestant(
    "odiff, a process for each pair",
    _script("odiff", str(_ODIFF), "processes"),
    _read_answers,
    needs=_ODIFF,
)
ODIFF_SERVER: Final = Contestant(
    "odiff, two servers", _script("odiff", str(_ODIFF), "servers"), _read_answers, needs=_ODIFF
)
PIXELMATCH: Final = Contestant(
    "pixelmatch with pngjs", _pixelmatch, _read_answers, needs=_MODULES / "pixelmatch"
)
REG_CLI: Final = Contestant(
    "reg-cli, JSON and HTML", _reg_cli, _read_reg, needs=_MODULES / "reg-cli"
)

ALL: Final = (
    READ_ONLY,
    DECODE_ONLY,
    COMPARE_ONLY,
    RUN,
    BLAZEDIFF_PNG,
    BLAZEDIFF,
    ODIFF,
    ODIFF_SERVER,
    PIXELMATCH,
    REG_CLI,
    SCIKIT_IMAGE,
)
