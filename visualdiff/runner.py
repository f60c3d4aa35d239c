"""Many pairs → `RunResult`: in this process or in a pool, through the same code.

The only place where a crash or a bug becomes a result.
"""

import os
import time
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from visualdiff.check import check_pair, describe_failure
from visualdiff.config import matches
from visualdiff.model import Config, Pair, PairResult, Policy, RunResult, Status
from visualdiff.pool import Lost, Pool

Progress = Callable[[PairResult], None]


def run_pairs(
    pairs: Sequence[Pair],
    config: Config,
    *,
    command: str = "",
    on_result: Progress = lambda _: None,
) -> RunResult:
    """Compare all pairs and return their results, sorted by name, whatever happens to one of them.

    `on_result` is called in this process with each result as it arrives. Pictures of pairs that
    did not pass are written below `config.report`.
    """
    started = datetime.now(UTC)
    clock = time.monotonic()
    results = []
    # Closed at once, so that no worker outlives an exception of `on_result`.
    with closing(_check_all(pairs, config)) as arriving:
        for result in arriving:
            results.append(result)
            on_result(result)
    done = RunResult(
        results=tuple(sorted(results, key=lambda result: result.name)),
        config=config,
        command=command,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
    )
    return replace(done, warnings=tuple(_list_warnings(done)))


def count_workers(config: Config, pairs: int) -> int:
    """Return how many worker processes a run takes; 1 means none but this one."""
    available = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )
    wanted = available or 1 if config.workers == "auto" else config.workers
    return max(min(wanted, pairs), 1)


def _list_warnings(result: RunResult) -> Iterator[str]:
    """Yield what a person should know of a run although it is nobody's failure."""
    for status, words in ((Status.NEW, "no baseline"), (Status.MISSING, "no candidate")):
        count = result.count(status)
        if count and result.policy(status) is Policy.WARN:
            yield f"{count:,} with {words} (on_{status.value}: warn)"
    if {item.status for item in result.results} == {Status.MISSING}:
        yield "nothing was compared: no baseline has a candidate, which never passes"
    for override in result.config.overrides:
        if not any(matches(item.name, (override.match,)) for item in result.results):
            yield f"an override matches no image: {override.match}"


def _check_all(pairs: Sequence[Pair], config: Config) -> Generator[PairResult, None, None]:
    # The largest first: a large pair that starts last leaves the other workers idle.
    tasks = sorted(pairs, key=lambda pair: (-_count_bytes(pair), pair.name))
    check = partial(_check_safely, config=config)
    workers = count_workers(config, len(tasks))
    if workers == 1:
        yield from map(check, tasks)
        return
    with Pool(check, workers, config.pair_timeout) as pool:
        for pair, answer in pool.run(tasks):
            if isinstance(answer, Lost):
                yield describe_failure(pair, config, f"could not be compared: {answer.reason}")
            else:
                yield answer


def _check_safely(pair: Pair, config: Config) -> PairResult:
    """Check a pair; a bug, a full disk or a lack of memory becomes the pair's result."""
    try:
        return check_pair(pair, config, config.report)
    except Exception as error:  # noqa: BLE001 - the one place where a bug must not end the run
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        return describe_failure(pair, config, f"could not be compared: {reason}")


def _count_bytes(pair: Pair) -> int:
    total = 0
    for path in (pair.baseline, pair.candidate):
        with suppress(OSError):  # the check will say why
            total += path.stat().st_size if path else 0
    return total
