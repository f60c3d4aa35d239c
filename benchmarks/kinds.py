"""Measure `visualdiff run` by kind of pair, 1280×4000 pixels: `python -m benchmarks.kinds`.

    python -m benchmarks.kinds [--rounds 3]

Prints Markdown: what each further pair of a kind costs, start-up left out. Forty pairs of each
kind are compared, and eight; none is twice there, so that no picture is kept for two.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from benchmarks.about import describe_machine
from benchmarks.jobs import Job, call, new_job, write_config
from benchmarks.processes import measure

# Status of the pairs by kind; "new" are the candidates of "identical" alone.
KINDS: Final = {
    "identical": "passed",
    "reencoded": "passed",
    "small": "failed",
    "large": "failed",
    "new": "new",
}
_FEW_AND_MANY: Final = (8, 40)
_SUITE: Final = Path(__file__).parent / ".suite" / "kinds"


class Cost(NamedTuple):
    """What a run cost: CPU seconds; bytes read, and of the report's parts; number of pictures."""

    cpu_seconds: float
    image_bytes: float
    results_bytes: float
    page_bytes: float
    pictures: float
    picture_bytes: float


Costs: TypeAlias = dict[tuple[str, int], list[Cost]]


def main() -> None:
    """Compare few and many pairs of each kind in turn, and print what a further one costs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    machine = describe_machine()
    # In a process of its own: this one must stay small, see `processes`.
    subprocess.run(
        [sys.executable, "-m", "benchmarks.suite", "kinds", "--folder", str(_SUITE)], check=True
    )
    print(f"medians of {rounds} runs; {machine}\n")
    print("\n".join(_write_table(measure_kinds(_SUITE, _FEW_AND_MANY, rounds))))


def measure_kinds(suite: Path, counts: tuple[int, int], rounds: int) -> dict[str, Cost]:
    """Return what a further pair costs by kind, from runs over few pairs and over many."""
    costs: Costs = {(kind, count): [] for kind in KINDS for count in counts}
    for _ in range(rounds):
        for (kind, count), found in costs.items():
            with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
                found.append(_run(_link(suite, Path(folder), kind, count), KINDS[kind], count))
    few, many = counts
    return {kind: _subtract(costs, kind, few, many) for kind in KINDS}


def _link(suite: Path, folder: Path, kind: str, count: int) -> Job:
    """Return a job on the first pairs of a kind."""
    job = new_job(folder)
    source = "identical" if kind == "new" else kind
    sides = (job.candidates,) if kind == "new" else (job.baselines, job.candidates)
    for side in sides:
        for path in sorted((suite / side.name / source).iterdir())[:count]:
            os.link(path, side / path.name)
    return job


def _run(job: Job, status: str, count: int) -> Cost:
    write_config(job)
    cost = measure(call("run_and_tell"), folder=job.scratch)
    report = job.scratch / "visualdiff-report"
    told = json.loads((report / "results.json").read_text("utf-8"))["summary"]
    if told[status] != count or told["total"] != count:
        raise RuntimeError(f"wanted {count} pairs that are {status}, got {told}")
    pictures = [path for path in (report / "assets").rglob("*") if path.is_file()]
    return Cost(
        cost.cpu_seconds,
        _add_up(chain(job.baselines.iterdir(), job.candidates.iterdir())),
        (report / "results.json").stat().st_size,
        (report / "index.html").stat().st_size,
        len(pictures),
        _add_up(pictures),
    )


def _add_up(paths: Iterator[Path] | list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def _subtract(costs: Costs, kind: str, few: int, many: int) -> Cost:
    medians = [
        [statistics.median(values) for values in zip(*costs[kind, count], strict=True)]
        for count in (few, many)
    ]
    return Cost(*((more - less) / (many - few) for less, more in zip(*medians, strict=True)))


def _write_table(found: dict[str, Cost]) -> Iterator[str]:
    yield (
        "| kind | CPU ms | KB of images | KB of results.json | KB of index.html "
        "| pictures | KB of pictures |"
    )
    yield "|---|---|---|---|---|---|---|"
    for kind, cost in found.items():
        yield (
            f"| {kind} | {1000 * cost.cpu_seconds:.1f} | {cost.image_bytes / 1000:.0f} "
            f"| {cost.results_bytes / 1000:.2f} | {cost.page_bytes / 1000:.2f} "
            f"| {cost.pictures:.1f} | {cost.picture_bytes / 1000:.0f} |"
        )


if __name__ == "__main__":
    main()
