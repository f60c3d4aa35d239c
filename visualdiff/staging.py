"""Tasks → tasks whose images are here: fetched while those before them are compared."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from visualdiff.errors import ReportError
from visualdiff.model import Pair, PairResult
from visualdiff.remote.stores import count_lanes
from visualdiff.remote.traffic import Courier, bring, recall
from visualdiff.tasks import Task
from visualdiff.urls import is_stand_in

Send: TypeAlias = Callable[[PairResult], object]

# Bytes of images that may lie ready or be on their way; a pair of larger ones goes alone.
_MOST_BYTES: Final = 500_000_000
# Pairs that lie ready or are on their way, for each that may be on its way.
_MOST_PAIRS: Final = 2


@contextmanager
def staging(tasks: Sequence[Task]) -> Iterator[Iterable[Task]]:
    """Yield tasks in their order, each ready when its images are here.

    An image that cannot be fetched is a problem of its pair. Where all are here, the tasks are
    what they were.
    """
    remote = next((path for task in tasks for path in _list_remote(task.pair)), None)
    if remote is None:
        yield tasks
        return
    lanes = count_lanes(remote)
    threads = ThreadPoolExecutor(lanes)
    try:
        yield _fetch_ahead(tasks, threads, lanes * _MOST_PAIRS)
    finally:
        threads.shutdown(cancel_futures=True)


def _fetch_ahead(tasks: Iterable[Task], threads: Executor, most: int) -> Iterator[Task]:
    """Yield tasks whose images are here, while those of `most` others are on their way."""
    coming: deque[tuple[Future[Task], int]] = deque()
    total = 0
    for task in tasks:
        size = sum(seen.size for seen in recall(_list_remote(task.pair)).values())
        while coming and (len(coming) == most or total + size > _MOST_BYTES):
            future, room = coming.popleft()
            total -= room
            yield future.result()
        coming.append((threads.submit(_fetch, task), size))
        total += size
    for future, _ in coming:
        yield future.result()


@contextmanager
def sending_pictures(report: Path, *, elsewhere: bool = False) -> Iterator[Send]:
    """Yield what sends the pictures of a result to the report's store, while others are compared.

    Of a folder of this machine, and where they are sent `elsewhere`, nothing is. Raises
    `ReportError` at the end where one could not be sent.
    """
    if elsewhere or not is_stand_in(report):
        yield lambda _: None
        return
    with Courier(report) as courier:
        yield lambda result: courier.post(report / path for path in result.artifacts.values())
    if courier.problems:
        raise ReportError(f"report: cannot write to {courier.problems[0]}")


def unstage(task: Task) -> None:
    """Remove the images of a task that were fetched."""
    for path in _list_remote(task.pair):
        with suppress(OSError):
            path.unlink()


def _fetch(task: Task) -> Task:
    pair = task.pair
    if pair.problem:
        return task
    for side, path in (
        ("baseline", pair.baseline),
        ("candidate", pair.candidate),
        *(("baseline", path) for path in pair.alternates),
    ):
        try:
            if path:
                bring(path, twin=pair.baseline)
        except OSError as error:
            problem = f"{side} cannot be fetched: {error.strerror}"
            return task._replace(pair=replace(pair, problem=problem))
    return task


def _list_remote(pair: Pair) -> list[Path]:
    paths = (pair.baseline, pair.candidate, *pair.alternates)
    return [path for path in paths if path and is_stand_in(path)]
