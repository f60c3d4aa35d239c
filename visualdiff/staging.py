"""Tasks → tasks whose images are here: fetched while those before them are compared."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from visualdiff.errors import ConfigError, ReportError
from visualdiff.model import Pair, PairResult
from visualdiff.remote.crew import Crew
from visualdiff.remote.stores import count_lanes
from visualdiff.remote.traffic import Courier, bring, recall
from visualdiff.tasks import Task
from visualdiff.urls import is_stand_in

Send: TypeAlias = Callable[[PairResult], object]

# Bytes of images that may lie ready or be on their way; a pair of larger ones goes alone.
_MOST_BYTES: Final = 500_000_000
# Pairs that lie ready or are on their way, for each that may be on its way.
_MOST_PAIRS: Final = 2
# Which pairs need what was fetched: several may have one baseline.
_users: Final[dict[Path, set[str]]] = {}
_lock: Final = threading.Lock()


@contextmanager
def staging(tasks: Sequence[Task]) -> Iterator[Iterable[Task]]:
    """Yield tasks in their order, each ready when its images are here.

    An image that cannot be fetched is a problem of its pair. Where all are here, the tasks are
    what they were. What is fetched of a task is here until `unstage`, or the end of the context.
    """
    remote = find_remote(tasks)
    if remote is None:
        yield tasks
        return
    lanes = count_lanes(remote)
    try:
        with Crew(lanes) as threads:
            yield _fetch_ahead(tasks, threads, lanes * _MOST_PAIRS)
    finally:
        for task in tasks:
            unstage(task)


@contextmanager
def holding(task: Task) -> Iterator[None]:
    """Let what is fetched of a task be here until the context ends, and no longer."""
    _claim(task)
    try:
        yield
    finally:
        unstage(task)


def unstage(task: Task) -> None:
    """Remove the images of a task that were fetched, and that no other needs."""
    for path in list_remote(task.pair):
        with _lock:
            if path not in _users:
                continue
            _users[path].discard(task.pair.name)
            if not _users[path]:
                del _users[path]
                with suppress(OSError):
                    path.unlink()


def _claim(task: Task) -> None:
    for path in list_remote(task.pair):
        with _lock:
            _users.setdefault(path, set()).add(task.pair.name)


def find_remote(tasks: Iterable[Task]) -> Path | None:
    """Return an image of tasks that is in a store, None where all are files of this machine."""
    return next((path for task in tasks for path in list_remote(task.pair)), None)


def list_remote(pair: Pair) -> list[Path]:
    """Return the images of a pair that are in a store."""
    paths = (pair.baseline, pair.candidate, *pair.alternates)
    return [path for path in paths if path and is_stand_in(path)]


def _fetch_ahead(tasks: Iterable[Task], threads: Executor, most: int) -> Iterator[Task]:
    """Yield tasks whose images are here, while those of `most` others are on their way."""
    coming: deque[tuple[Future[Task], int]] = deque()
    total = 0
    for task in tasks:
        size = sum(seen.size for seen in recall(list_remote(task.pair)).values())
        while coming and (len(coming) == most or total + size > _MOST_BYTES):
            future, room = coming.popleft()
            total -= room
            yield future.result()
        coming.append((threads.submit(_fetch, task), size))
        total += size
    for future, _ in coming:
        yield future.result()


@contextmanager
def sending_pictures(report: Path) -> Iterator[Send]:
    """Yield what sends the pictures of a result to the report's store, while others are compared.

    Of a folder of this machine, nothing is. Raises `ReportError` at the end where one could not be
    sent.
    """
    if not is_stand_in(report):
        yield lambda _: None
        return
    with Courier(report) as courier:
        yield lambda result: courier.post(report / path for path in result.artifacts.values())
    if courier.problems:
        raise ReportError(f"report: cannot write to {courier.problems[0]}")


def _fetch(task: Task) -> Task:
    pair = task.pair
    if pair.problem:
        return task
    _claim(task)
    for side, path in (
        ("baseline", pair.baseline),
        ("candidate", pair.candidate),
        *(("baseline", path) for path in pair.alternates),
    ):
        try:
            if path:
                bring(path, twin=pair.baseline)
        except (OSError, ConfigError) as error:
            told = error.strerror if isinstance(error, OSError) else error
            problem = f"{side} cannot be fetched: {told}"
            return task._replace(pair=replace(pair, problem=problem))
    return task
