"""Many pairs → `RunResult`: in this process or in a pool, through the same code.

The only place where a crash or a bug becomes a result.
"""

import os
import time
import traceback
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final

from visualdiff.chatter import mark_chatter, read_chatter
from visualdiff.errors import ConfigError
from visualdiff.files import ASSETS, relative_to
from visualdiff.memory import find_free_memory
from visualdiff.model import TERMINATED, Interrupt, Pair, PairResult, RunResult, Status
from visualdiff.remote.traffic import list_known, recall
from visualdiff.settings import Config
from visualdiff.staging import sending_pictures, staging, unstage
from visualdiff.tasks import Task, make_task
from visualdiff.urls import find_url, show
from visualdiff.weighing import count_bytes, weigh_pair

if TYPE_CHECKING:
    from visualdiff.caching import Cache
    from visualdiff.fleet import Fleet
    from visualdiff.pool import Budget, Pool

# Both processes import this module, so what only one of them needs is imported where it is used:
# the parent of a pool neither numpy nor OpenCV, a worker neither pydantic nor globs; and a run in
# which nothing has changed no pool.

Progress = Callable[[PairResult], None]

_INSTALL_DASK: Final = "pip install 'visualdiff-ssim[dask]'"
_PRELOAD: Final = ("visualdiff.runner", "visualdiff.check")
# What a worker takes before it compares, and for each pixel of both files: 6 bytes were measured
# at RGB (benchmarks/README.md), of which 3 are the image.
_BYTES_OF_A_WORKER: Final = 80e6
_BYTES_OF_A_PIXEL: Final = 8.0


def run_pairs(
    pairs: Sequence[Pair],
    config: Config,
    *,
    command: str = "",
    on_result: Progress = lambda _: None,
) -> RunResult:
    """Compare all pairs and return their results, sorted by name, whatever happens to one of them.

    `on_result` is called in this process with each result as it arrives. Pictures of pairs that
    did not pass, or with `passed_in_report: thumbnails` of all, are written below `config.report`.
    Ctrl-C ends it early, and so does a `SystemExit` by SIGTERM; the result says so.
    """
    started = datetime.now(UTC)
    clock = time.monotonic()
    results = []
    known = _open_cache(config)
    tasks = _list_tasks(pairs, config)
    with _watching_interrupts() as watch, closing(_check_all(tasks, config, known)) as arriving:
        # Closed at once, so that no worker outlives an interrupt, or an exception of `on_result`.
        for result in arriving:
            results.append(result)
            on_result(result)
    return RunResult(
        results=tuple(sorted(results, key=lambda result: result.name)),
        config=config,
        command=command,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        warnings=known.warnings if known else (),
        interrupted=watch.interrupted,
        reused=known.reused if known else 0,
    )


class _Watch:
    """What has ended a run early, "" while nothing has."""

    interrupted: Interrupt = ""


@contextmanager
def _watching_interrupts() -> Iterator[_Watch]:
    """End what follows at the first Ctrl-C or SIGTERM, and go on behind it."""
    watch = _Watch()
    try:
        yield watch
    except KeyboardInterrupt:
        watch.interrupted = "Ctrl-C"
    except SystemExit as end:
        if end.code != TERMINATED:
            raise
        watch.interrupted = "SIGTERM"


def count_workers(config: Config, pairs: int) -> int:
    """Return how many worker processes a run takes; 0 means none but this one."""
    if config.executor == "serial":
        return 0
    available = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )
    wanted = available or 1 if config.workers == "auto" else config.workers
    return min(wanted, pairs)


def warn_of_overrides(config: Config, names: Collection[str]) -> Iterator[str]:
    """Yield a warning of each override that matches none of all names."""
    from visualdiff.globs import matches  # noqa: PLC0415 - see above

    for override in config.overrides:
        if not any(matches(name, (override.match,)) for name in names):
            yield f"an override matches no image: {override.match}"


def _open_cache(config: Config) -> "Cache | None":
    if config.cache is None:
        return None
    from visualdiff.caching import Cache  # noqa: PLC0415 - see above

    return Cache(config.cache, config.report)


def _check_all(
    tasks: Sequence[Task], config: Config, known: "Cache | None"
) -> Generator[PairResult, None, None]:
    """Yield what is known of earlier runs, then compare the rest, which is known from then on."""
    rest = []
    with sending_pictures(config.report) as send, known or nullcontext():
        for task, result in known.look_up(tasks) if known else ((task, None) for task in tasks):
            if result:
                send(result)
                yield result
            else:
                rest.append(task)
        with closing(_compare_all(rest, config)) as arriving:
            for task, result in arriving:
                if known:
                    known.keep(task, result)
                send(result)
                unstage(task)
                yield result
    if known:
        known.clean()


def _compare_all(
    tasks: Sequence[Task], config: Config
) -> Generator[tuple[Task, PairResult], None, None]:
    workers = count_workers(config, len(tasks))
    # The largest first: started last, it would leave other workers idle.
    tasks = sorted(tasks, key=lambda task: (-count_bytes(task.pair), task.pair.name))
    if not workers:
        with staging(tasks) as staged:
            yield from ((task, check_safely(task)) for task in staged)
        return
    from visualdiff.pool import Lost  # noqa: PLC0415 - see above

    # The workers of a fleet fetch for themselves.
    here = nullcontext(tasks) if config.executor == "dask" else staging(tasks)
    with _open_engine(config, workers) as engine, here as staged:
        for task, answer in engine.run(staged):
            if isinstance(answer, Lost):
                yield task, _describe_failure(task, answer.reason)
            else:
                yield task, answer


def _open_engine(config: Config, workers: int) -> "Pool[Task, PairResult] | Fleet":
    """Return what compares elsewhere than in this process."""
    budget = _make_budget(config)
    if config.executor == "processes":
        from visualdiff.pool import Pool  # noqa: PLC0415 - see above

        return Pool(check_safely, workers, config.pair_timeout, _PRELOAD, budget)
    try:
        from visualdiff.fleet import Fleet  # noqa: PLC0415 - see above
        from visualdiff.fleet.sites import Terms  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if str(error.name).startswith("visualdiff"):
            raise
        raise ConfigError(
            f"executor: dask needs {error.name}; `{_INSTALL_DASK}` brings it"
        ) from None
    from visualdiff.provenance import list_versions  # noqa: PLC0415

    folders = {name: getattr(config, name) for name in ("baselines", "candidates", "report")}
    _refuse_memory(folders)
    present = recall(list_known(config.report / ASSETS))
    terms = Terms(check_safely, config.pair_timeout, _PRELOAD, list_versions(), folders, present)
    if config.scheduler != "local" and config.max_memory == "auto":
        budget = replace(budget, most=inf)  # what is free here says nothing of other machines
    return Fleet(config.scheduler, workers, terms, budget)


def _refuse_memory(folders: Mapping[str, Path]) -> None:
    for name, folder in folders.items():
        if "memory://" in (find_url(folder) or ""):
            raise ConfigError(
                f"{name}: {show(folder)} is in the memory of this process, which the workers of "
                "executor: dask do not see"
            )


def _make_budget(config: Config) -> "Budget[Task]":
    """Return what memory allows: two pages of 20,000 px shall not meet in a small container."""
    from visualdiff.pool import Budget  # noqa: PLC0415 - see above

    free = find_free_memory() if config.max_memory == "auto" else None
    most = config.max_memory * 1e6 if config.max_memory != "auto" else (free or inf) / 2
    weights: dict[str, float] = {}

    def weigh(task: Task) -> float:
        name = task.pair.name
        if name not in weights:
            pixels = weigh_pair(task.pair, task.max_image_pixels)
            weights[name] = _BYTES_OF_A_WORKER + pixels * _BYTES_OF_A_PIXEL
        return weights[name]

    return Budget(most, weigh)


def _list_tasks(pairs: Sequence[Pair], config: Config) -> list[Task]:
    from visualdiff.globs import resolve_settings  # noqa: PLC0415 - see above

    resolve = resolve_settings(config)
    return [make_task(pair, resolve(pair.name), config) for pair in pairs]


def check_safely(task: Task) -> PairResult:
    """Check a pair; a bug, a full disk or a lack of memory becomes the pair's result."""
    from visualdiff.check import check_pair  # noqa: PLC0415 - see above

    clock = time.monotonic()
    mark = mark_chatter()
    try:
        result = check_pair(
            task.pair,
            task.settings,
            folder=task.folder,
            report=task.report,
            max_image_pixels=task.max_image_pixels,
            show_passed=task.show_passed,
        )
    except Exception as error:  # noqa: BLE001 - the one place where a bug must not end the run
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        result = _describe_failure(task, reason)
    heard = tuple(f"a library said: {line}" for line in read_chatter(mark))
    return replace(result, warnings=(*result.warnings, *heard), seconds=time.monotonic() - clock)


def _describe_failure(task: Task, reason: str) -> PairResult:
    pair, folder = task.pair, task.folder
    return PairResult(
        name=pair.name,
        status=Status.ERROR,
        reasons=(f"could not be compared: {reason}",),
        baseline=relative_to(folder, pair.baseline) if pair.baseline else None,
        candidate=relative_to(folder, pair.candidate) if pair.candidate else None,
        alternates=tuple(relative_to(folder, path) for path in pair.alternates),
    )
