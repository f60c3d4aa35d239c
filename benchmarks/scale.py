"""Measure 20,000 small pairs in processes and by a Dask cluster: `make bench-scale`.

    python -m benchmarks.scale [--pairs 20000] [--workers 2] [--rounds 3]

Prints Markdown: medians, and what Dask costs for each pair more than processes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.about import describe_machine
from benchmarks.jobs import Job, call, link_copies, new_job, write_config
from benchmarks.processes import measure

EXECUTORS: Final = ("processes", "dask")
# Every twentieth pair fails, and so has pictures.
_FAILING: Final = 20
_SUITE: Final = Path(__file__).parent / ".suite" / "tiny"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run cost; `client_bytes` is the peak memory of the command itself."""

    seconds: float
    cpu_seconds: float
    client_bytes: int


def main() -> None:
    """Run with each executor in turn, and print what that cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for name, value in (("pairs", 20_000), ("workers", 2), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    machine = describe_machine()
    # In a process of its own: this one must stay small, see `processes`.
    subprocess.run(
        [sys.executable, "-m", "benchmarks.suite", "tiny", "--folder", str(_SUITE)], check=True
    )
    found = measure_executors(_SUITE, arguments.pairs, arguments.workers, arguments.rounds)
    print(f"{arguments.pairs:,} pairs, {arguments.workers} workers; {machine}\n")
    print("\n".join(_write_table(found, arguments.pairs)))


def measure_executors(
    suite: Path, pairs: int, workers: int, rounds: int
) -> Mapping[str, Sequence[Figures]]:
    """Return what runs over copies of tiny pairs cost, by executor; they take turns."""
    found: dict[str, list[Figures]] = {executor: [] for executor in EXECUTORS}
    names = [f"{number:06}.png" for number in range(pairs)]
    for _ in range(rounds):
        for executor, figures in found.items():
            with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
                job = _link(suite, Path(folder), names, workers)
                figures.append(_run(job, executor, len(names[::_FAILING])))
    return found


def _link(suite: Path, folder: Path, names: list[str], workers: int) -> Job:
    job = replace(new_job(folder), workers=workers)
    changed = names[::_FAILING]
    link_copies(suite, "small/tiny.png", job, changed)
    link_copies(suite, "identical/tiny.png", job, sorted({*names} - {*changed}))
    return job


def _run(job: Job, executor: str, failing: int) -> Figures:
    config = write_config(job)
    config.write_text(f"{config.read_text('utf-8')}\nexecutor: {executor}\n", "utf-8")
    cost = measure(call("run_and_tell"), folder=job.scratch)
    told = json.loads((job.scratch / "visualdiff-report/results.json").read_text("utf-8"))
    counts = told["summary"]
    if counts["failed"] != failing or counts["passed"] != counts["total"] - failing:
        raise RuntimeError(f"{executor}: wrong results: {counts}")
    peak = json.loads((job.scratch / "peak.json").read_text("utf-8"))
    return Figures(cost.wall_seconds, cost.cpu_seconds, peak)


def _write_table(found: Mapping[str, Sequence[Figures]], pairs: int) -> Iterator[str]:
    yield "| executor | wall s | pairs/s | wall ms a pair | CPU ms a pair | client's peak | n |"
    yield "|---|---|---|---|---|---|---|"
    medians = {}
    for executor, figures in found.items():
        wall = statistics.median(each.seconds for each in figures)
        cpu = statistics.median(each.cpu_seconds for each in figures)
        peak = max(each.client_bytes for each in figures)
        medians[executor] = wall, cpu
        yield (
            f"| {executor} | {wall:.1f} | {pairs / wall:,.0f} | {1000 * wall / pairs:.3f} "
            f"| {1000 * cpu / pairs:.3f} | {peak / 1e6:.0f} MB | {len(figures)} |"
        )
    (wall, cpu), (more_wall, more_cpu) = (medians[executor] for executor in EXECUTORS)
    yield (
        f"\nDask − processes: {1000 * (more_wall - wall) / pairs:+.3f} ms of wall time and "
        f"{1000 * (more_cpu - cpu) / pairs:+.3f} ms of CPU a pair, start included"
    )


if __name__ == "__main__":
    main()
