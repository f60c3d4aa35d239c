"""Run the contestants against each other: interleaved, in rounds, the order rotated."""

import statistics
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.answers import compare_channels, find_mistakes, read_manifest
from benchmarks.contestants import Answers, Contestant, run_contestant
from benchmarks.jobs import Job
from benchmarks.processes import Cost

# Who takes more CPU than this runs twice only, the check included; the table says so.
_SLOW_SECONDS: Final = 12.0
_SLOW_RUNS: Final = 2


@dataclass(slots=True)
class Record:
    """All runs of one contestant, and what it got wrong."""

    costs: list[Cost] = field(default_factory=list)
    answers: Answers = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)

    @property
    def cpu_seconds(self) -> float:
        """The median over the runs."""
        return statistics.median(cost.cpu_seconds for cost in self.costs)

    @property
    def wall_seconds(self) -> float:
        """The median over the runs."""
        return statistics.median(cost.wall_seconds for cost in self.costs)


@dataclass(frozen=True, slots=True)
class _Course:
    """What all contestants run over, and with how many workers."""

    suite: Path
    kind: str
    workers: int


def race(
    contestants: Iterable[Contestant],
    suite: Path,
    rounds: int,
    *,
    kind: str = "",
    workers: int = 2,
    say: Callable[[str], None] = print,
) -> dict[str, Record]:
    """Return the record of each contestant, by its name, over a suite or one kind of its pairs.

    A round of which only the answers count goes first; it brings the files into the system's
    cache. Its times count for the slow ones, and where there is no other. Raises `RuntimeError`
    when one that is ours gives a wrong answer in any round.
    """
    runners = list(contestants)
    course = _Course(suite, kind, workers)
    records = {runner.name: Record() for runner in runners}
    for runner in runners:
        record = records[runner.name]
        cost = _run(runner, course, record)
        say(f"checked {runner.name}: {cost.cpu_seconds:.2f} s; {_tell(record.mistakes)}")
        if cost.cpu_seconds > _SLOW_SECONDS or not rounds:
            record.costs.append(cost)
    for number in range(rounds):
        turn = number % len(runners)
        for runner in runners[turn:] + runners[:turn]:
            record = records[runner.name]
            if len(record.costs) < _SLOW_RUNS or record.cpu_seconds < _SLOW_SECONDS:
                record.costs.append(_run(runner, course, record))
        say(f"round {number + 1} of {rounds} done")
    return records


def check_channels(records: dict[str, Record], ours: str, reference: str) -> str:
    """Say for how many pairs both have the same SSIM; raise `RuntimeError` when one differs."""
    same, mistakes = compare_channels(records[ours].answers, records[reference].answers)
    if mistakes:
        raise RuntimeError("; ".join(mistakes))
    return f"SSIM of each channel equal to scikit-image's within 1e-6 on all {same} pairs"


def _run(runner: Contestant, course: _Course, record: Record) -> Cost:
    """Run a contestant once, note its answers, and return what it cost."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        baselines, candidates = (
            course.suite / side / course.kind for side in ("baselines", "candidates")
        )
        job = Job(baselines, candidates, Path(scratch), course.workers)
        cost, record.answers = run_contestant(runner, job)
    entries = read_manifest(course.suite, course.kind)
    record.mistakes = find_mistakes(runner, record.answers, entries) or record.mistakes
    if runner.ours and record.mistakes:
        raise RuntimeError(f"{runner.name} is wrong: {_tell(record.mistakes)}")
    return cost


def _tell(mistakes: list[str]) -> str:
    return ", ".join(mistakes) or "all answers right"
