"""Measure visualdiff side by side with its bounds and its peers: `make bench`.

    python -m benchmarks.bench [--rounds 5] [--without-peers] [--quick]

Prints Markdown, and keeps it in `benchmarks/README.md`; the numbers go to `results.json` beside
it. `--quick` tries the harness on a few small pairs: its times mean nothing, and no README holds
them.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import contestants as who
from benchmarks.about import describe_run
from benchmarks.experiments import (
    measure_dense,
    measure_further,
    measure_growth,
    measure_latency,
    measure_memory,
    measure_start,
)
from benchmarks.race import Record, check_channels, race
from benchmarks.tables import keep_in_readme, write_markdown

_HERE: Final = Path(__file__).parent
_PAIR: Final = "small/page-01.png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured: which suites, how often, how large."""

    suite: str = "mixed"
    memory: str = "memory"
    rounds: int = 5
    short_rounds: int = 9
    growth: tuple[int, ...] = (100, 1_000, 10_000)
    dense_size: tuple[int, int] = (3840, 2160)


_QUICK: Final = Effort(
    suite="quick",
    memory="quick-memory",
    rounds=0,
    short_rounds=0,
    growth=(20, 40, 80),
    dense_size=(320, 240),
)


def main() -> None:
    """Build the suites, measure, and write the tables."""
    arguments = _parse()
    effort = _QUICK if arguments.quick else Effort(rounds=arguments.rounds)
    for suite in (effort.suite, effort.memory, "tiny"):
        _build(arguments.suites, suite)
    contestants = [
        contestant
        for contestant in who.ALL
        if contestant.present and not (arguments.without_peers and contestant.peer)
    ]
    results = measure_all(effort, arguments.suites, contestants)
    text = write_markdown(results)
    print(text)
    arguments.output.write_text(json.dumps(results, indent=1), "utf-8")
    if not arguments.quick:
        keep_in_readme(_HERE / "README.md", text)


def measure_all(
    effort: Effort, suites: Path, contestants: list[who.Contestant]
) -> dict[str, dict[str, Any]]:
    """Return all results, as they are written to JSON."""
    suite = suites / effort.suite
    about = describe_run(suite)
    rounds, often = effort.rounds, effort.short_rounds
    records = race(contestants, suite, rounds, say=_say)
    about["exactness"] = check_channels(records, who.COMPARE_ONLY.name, who.SCIKIT_IMAGE.name)
    about["missing"] = ", ".join(c.name for c in who.ALL if c not in contestants) or "nobody"
    small = race((who.DECODE_ONLY, who.COMPARE_ONLY), suite, often, kind="small", say=_say)
    identical = race((who.READ_ONLY, who.COMPARE_ONLY), suite, often, kind="identical", say=_say)
    alone = race((who.COMPARE_ONLY, who.RUN), suite, min(rounds, 1), workers=1, say=_say)
    return {
        "about": about,
        "suite": _summarise(records),
        "small": _summarise(small),
        "identical": _summarise(identical),
        "one worker": _summarise(alone),
        "further small": measure_further(suite, "small", who.DECODE_ONLY, rounds or 1),
        "further identical": measure_further(suite, "identical", who.READ_ONLY, rounds or 1),
        "latency": measure_latency(suite, _PAIR, often or 1),
        "start": measure_start(suite, _PAIR, rounds or 1),
        "memory": measure_memory(suites / effort.memory),
        "growth": measure_growth(suites / "tiny", effort.growth),
        "dense": measure_dense(*effort.dense_size, rounds or 1),
    }


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="try the harness; measure nothing")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--suites", type=Path, default=_HERE / ".suite", help="where they lie")
    parser.add_argument("--output", type=Path, default=_HERE / "results.json")
    return parser.parse_args()


def _build(suites: Path, suite: str) -> None:
    """Draw a suite in a process of its own: this one must stay small, see `processes`."""
    _say(f"building the suite: {suite}")
    command = [sys.executable, "-m", "benchmarks.suite", suite, "--folder", str(suites / suite)]
    subprocess.run(command, check=True)


def _summarise(records: Mapping[str, Record]) -> dict[str, Any]:
    summary = {}
    for name, record in records.items():
        seconds = [cost.cpu_seconds for cost in record.costs]
        summary[name] = {
            "cpu_seconds": record.cpu_seconds,
            "cpu_range": [min(seconds), max(seconds)],
            "wall_seconds": record.wall_seconds,
            "peak_bytes": max(cost.peak_bytes for cost in record.costs),
            "runs": len(seconds),
            "mistakes": record.mistakes,
        }
    return summary


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
