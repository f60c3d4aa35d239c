"""Measures beside the race: one pair at a time, start, memory, growth, the dense worst case."""

import json
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.contestants import COMPARE_ONLY, ODIFF, RUN, Contestant, run_contestant
from benchmarks.jobs import Job, call, link_copies, new_job, write_config
from benchmarks.processes import Cost, measure

# Plain numbers by name, ready for JSON.
Found: TypeAlias = dict[str, dict[str, Any]]

_VISUALDIFF: Final = str(Path(sys.executable).with_name("visualdiff"))
_FEW_AND_MANY: Final = (1, 9)
_SINGLE_THREADED: Final = dict.fromkeys(
    ("OPENCV_FOR_THREADS_NUM", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1"
)


def measure_latency(suite: Path, name: str, rounds: int) -> Found:
    """Return the medians of commands that a person waits for; `name` is the pair compared."""
    pair = [str(suite / side / name) for side in ("baselines", "candidates")]
    commands = {
        "`python -c pass`": ([sys.executable, "-c", "pass"], 0),
        "`visualdiff --help`": ([_VISUALDIFF, "--help"], 0),
        "`visualdiff compare`, one pair": ([_VISUALDIFF, "compare", *pair], 1),
    }
    if ODIFF.present:
        commands["`odiff`, the same pair"] = ([str(ODIFF.needs), *pair, "--parsable-stdout"], 22)
    costs: dict[str, list[Cost]] = {label: [] for label in commands}
    for _ in range(rounds):
        for label, (command, exit_code) in commands.items():
            cost = measure(command)
            _require(cost.exit_code == exit_code, f"{label} ended with {cost.exit_code}")
            costs[label].append(cost)
    return {
        label: {
            "cpu_seconds": statistics.median(cost.cpu_seconds for cost in runs),
            "wall_seconds": statistics.median(cost.wall_seconds for cost in runs),
        }
        for label, runs in costs.items()
    }


def measure_start(suite: Path, name: str, rounds: int) -> Found:
    """Return the CPU seconds that a run over 20 pairs takes until its first image is opened."""
    seconds = []
    for _ in range(rounds):
        with _scratch() as folder:
            job = new_job(folder)
            link_copies(suite, name, job, [f"{number}.png" for number in range(20)])
            seconds.append(_note_first_open(job))
    return {"20 pairs": {"cpu_seconds": statistics.median(seconds)}}


def measure_further(suite: Path, kind: str, bound: Contestant, rounds: int) -> Found:
    """Return the CPU seconds of each further pair of a kind, start-up left out.

    By contestant: a bound, and visualdiff's whole comparison.
    """
    pairs = [path.relative_to(suite / "baselines") for path in suite.glob(f"baselines/{kind}/*")]
    seconds: dict[tuple[str, int], list[float]] = defaultdict(list)
    with _scratch() as folder:
        jobs = {copies: new_job(folder / str(copies)) for copies in _FEW_AND_MANY}
        for (copies, job), pair in product(jobs.items(), pairs):
            links = [f"{number}-{pair.name}" for number in range(copies)]
            link_copies(suite, pair.as_posix(), job, links)
        for _, contestant, copies in product(range(rounds), (bound, COMPARE_ONLY), jobs):
            cost, _ = run_contestant(contestant, jobs[copies])
            seconds[contestant.name, copies].append(cost.cpu_seconds)
    few, many = _FEW_AND_MANY
    return {
        name: {
            "cpu_seconds": (
                statistics.median(seconds[name, many]) - statistics.median(seconds[name, few])
            )
            / (len(pairs) * (many - few))
        }
        for name in (bound.name, COMPARE_ONLY.name)
    }


def measure_memory(suite: Path) -> Found:
    """Return the peak memory of the largest process by image, two workers on two equal pairs."""
    found = {}
    for entry in json.loads((suite / "manifest.json").read_text("utf-8"))["pairs"]:
        page = entry["page"]
        decoded = 2 * page["width"] * page["height"] * 3
        with _scratch() as folder:
            job = new_job(folder)
            link_copies(suite, entry["name"], job, ("1.png", "2.png"))
            cost, answers = run_contestant(RUN, job)
        statuses = {answer["status"] for answer in answers.values()}
        _require(statuses == {"failed"}, f"{entry['name']} should have failed: {statuses}")
        found[entry["name"]] = {
            "decoded_bytes": decoded,
            "peak_bytes": cost.peak_bytes,
            "limit_bytes": 4 * decoded + 150_000_000,
        }
    return found


def measure_growth(suite: Path, counts: tuple[int, ...]) -> Found:
    """Return time, the parent's memory and the report's size by the number of tiny pairs."""
    found = {}
    for count in counts:
        with _scratch() as folder:
            names = [f"{number:05}.png" for number in range(count)]
            changed = names[::20]
            job = new_job(folder)
            link_copies(suite, "small/tiny.png", job, changed)
            link_copies(suite, "identical/tiny.png", job, sorted({*names} - {*changed}))
            write_config(job)
            cost = measure(call("run_and_tell"), folder=folder)
            report = folder / "visualdiff-report"
            results = json.loads((report / "results.json").read_text("utf-8"))
            _require(results["summary"]["failed"] == len(changed), "growth: wrong results")
            found[str(count)] = {
                "cpu_seconds": cost.cpu_seconds,
                "wall_seconds": cost.wall_seconds,
                "parent_bytes": json.loads((folder / "peak.json").read_text("utf-8")),
                "results_bytes": (report / "results.json").stat().st_size,
                "page_bytes": (report / "index.html").stat().st_size,
            }
    return found


def measure_dense(width: int, height: int, rounds: int) -> Found:
    """Return the CPU nanoseconds for each pixel where every window differs, by case."""
    with _scratch() as folder:
        answers = folder / "answers.json"
        numbers = map(str, (width, height, rounds))
        cost = measure(
            [*call("dense"), str(answers), *numbers], folder=folder, environment=_SINGLE_THREADED
        )
        _require(cost.exit_code == 0, "the dense worst case failed")
        cases = json.loads(answers.read_text("utf-8"))
    return {name: {"ns_per_pixel": value} for name, value in cases.items()}


def _note_first_open(job: Job) -> float:
    """Run visualdiff with an ear on every file it opens; see `contest/first_open.py`."""
    hook = job.scratch / "hook"
    hook.mkdir()
    code = "from benchmarks.contest.first_open import main\nmain()\n"
    (hook / "sitecustomize.py").write_text(code)
    write_config(job)
    note = job.scratch / "note"
    inherited = os.environ.get("PYTHONPATH", "")
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(hook), inherited))),
        "BENCHMARK_IMAGES": f"{job.baselines}{os.sep}",
        "BENCHMARK_NOTE": str(note),
    }
    command = [sys.executable, "-m", "visualdiff", "run", "--quiet"]
    measure(command, folder=job.scratch, environment=environment)
    _require(len(RUN.read(job)) == 20, "a run over 20 pairs compared others")
    return float(note.read_text())


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        yield Path(folder)


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - it is the condition itself
    if not holds:
        raise RuntimeError(otherwise)
