"""Measure runs of which earlier ones left their results in a cache: `make bench-cache`.

    python -m benchmarks.cache [--suite failing] [--rounds 7]

Prints Markdown: CPU seconds of each command, and how often all files could be hashed in them.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks.about import describe_machine
from benchmarks.plans import SUITES
from benchmarks.processes import measure
from benchmarks.suite import FOLDER, build_suite

# CPU seconds of each time, by what was done.
Costs: TypeAlias = Mapping[str, list[float]]

# What the issue asks for.
TARGET: Final = 3.0
HASHING: Final = "hashing all files"
WITHOUT: Final = "run without a cache"
FIRST: Final = "first run with one"
SECOND: Final = "second run"
FRESH: Final = "second run, into an empty report folder"


def main() -> None:
    """Run again and again over the same pairs, and print what that cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--suite", choices=SUITES, default="failing")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    machine = describe_machine()
    suite = FOLDER / arguments.suite
    build_suite(suite, arguments.suite, 1)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        costs = measure_runs(suite, Path(folder), arguments.rounds)
    files = list_files(suite)
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files) // 2:,} pairs, {size / 1e6:,.0f} MB in {len(files):,} files; {machine}\n")
    print("\n".join(_write_table(costs)))


def measure_runs(suite: Path, folder: Path, rounds: int) -> Costs:
    """Return what runs over a suite cost; those that compare nothing are measured in rounds."""
    config, report = suite / "visualdiff.yaml", folder / "report"
    config.write_text("baselines: baselines\ncandidates: candidates\n")
    command = [sys.executable, "-m", "visualdiff", "run", "--config", str(config)]
    command += ["--report", str(report)]
    kept = [*command, "--cache", str(folder / "cache")]
    costs: dict[str, list[float]] = {HASHING: []}
    costs[WITHOUT] = [_run(command)]
    shutil.rmtree(report)
    costs |= {FIRST: [_run(kept)], SECOND: [], FRESH: []}
    for _ in range(rounds):
        # In turn, so that what else the machine does is everybody's.
        costs[HASHING].append(hash_files(suite))
        costs[SECOND].append(_run(kept))
        shutil.rmtree(report)
        costs[FRESH].append(_run(kept))
    return costs


def hash_files(suite: Path) -> float:
    """Return the CPU seconds that it takes this process to hash all files of both folders."""
    before = os.times()
    for path in list_files(suite):
        hashlib.sha256(path.read_bytes()).hexdigest()
    after = os.times()
    return after.user + after.system - before.user - before.system


def list_files(suite: Path) -> list[Path]:
    """Return the files of both folders."""
    return [path for side in ("baselines", "candidates") for path in (suite / side).rglob("*.png")]


def _run(command: list[str]) -> float:
    cost = measure([*command, "--quiet"])
    if cost.exit_code not in (0, 1):
        raise RuntimeError(f"{command} ended with exit code {cost.exit_code}")
    return cost.cpu_seconds


def _write_table(costs: Costs) -> Iterator[str]:
    yield "| | CPU s, median | min to max | n | ÷ hashing |"
    yield "|---|---|---|---|---|"
    base = statistics.median(costs[HASHING])
    for name, values in costs.items():
        median = statistics.median(values)
        spread = f"{min(values):.2f} to {max(values):.2f}"
        yield f"| {name} | {median:.2f} | {spread} | {len(values)} | {median / base:.2f} |"
    ratio = statistics.median(costs[SECOND]) / base
    verdict = "met" if ratio <= TARGET else "missed"
    yield f"\nsecond run ÷ hashing, at most {TARGET:g}: {ratio:.2f}, {verdict}"


if __name__ == "__main__":
    main()
