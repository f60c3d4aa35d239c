"""What a Dask worker has for a run: processes that compare, so that no pair can end the worker.

A pair that crashes or hangs would take a worker with it, and whatever else that was doing; what a
decoder says is heard on a process's standard error stream only. So a worker hands its pairs to a
`Pool`, as a run without Dask does, and the results are the same.
"""

import multiprocessing
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from distributed import Worker, WorkerPlugin, get_worker

from visualdiff.errors import ConfigError
from visualdiff.model import PairResult
from visualdiff.pool import Lost, Pool
from visualdiff.provenance import list_versions
from visualdiff.tasks import Task

Sizes: TypeAlias = Mapping[Path, int | None]

_SHARE: Final = "all machines must share the folders"
_DAEMON: Final = (
    "is a daemon, which may start no process here: start it with the environment variable "
    "DASK_DISTRIBUTED__WORKER__DAEMON=False"
)


class Terms(NamedTuple):
    """What a run wants of a worker: how to compare, by which versions, in which folders."""

    function: Callable[[Task], PairResult]
    timeout: float
    preload: tuple[str, ...]
    versions: Mapping[str, str]
    folders: Mapping[str, Path]


class Site(WorkerPlugin):
    """The processes of one run on a worker, one for each of its threads; Dask sets it up there.

    A worker that comes later gets one, too.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def setup(self, worker: Worker) -> None:
        """Look at what this worker has."""
        self._address = worker.address
        self.problems = [
            f"the Dask worker {worker.address} {problem}"
            for problem in _find_problems(self._terms)
        ]
        self._idle: deque[Pool[Task, PairResult]] = deque()
        self._ended = False

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - what Dask calls it with
        """Leave no process behind: what is idle ends now, what compares after its pair."""
        self._ended = True
        self._close_idle()

    def refuse_copies(self, here: Sizes, wanted: Sizes) -> None:
        """Refuse files of other sizes than where the run was started.

        Folders that only have the same names hold other images, which may be equal.
        """
        for path, size in wanted.items():
            if here[path] != size:
                raise ConfigError(f"the Dask worker {self._address} sees another {path}; {_SHARE}")

    def check(self, tasks: tuple[Task, ...]) -> list[PairResult | Lost]:
        """Return what came of each task, in their order, as far as the run has not ended."""
        if self.problems:
            raise ConfigError(*self.problems)
        pool = self._take()
        try:
            answers: list[PairResult | Lost] = []
            for _, answer in pool.run(tasks):
                answers.append(answer)
                if self._ended:
                    break
        finally:
            self._idle.append(pool)
            if self._ended:
                self._close_idle()
        return answers

    def _take(self) -> Pool[Task, PairResult]:
        try:
            return self._idle.pop()
        except IndexError:
            terms = self._terms
            return Pool(terms.function, 1, terms.timeout, terms.preload)

    def _close_idle(self) -> None:
        while self._idle:
            try:
                pool = self._idle.pop()
            except IndexError:  # another thread was faster
                return
            pool.__exit__()


def pack_batch(tasks: tuple[Task, ...]) -> bytes:
    """Return what `check_batch` needs of tasks.

    It is pickled here: Dask would look into them for what it may compute first.
    """
    return pickle.dumps((tasks, measure_files(tasks)))


def check_batch(run: str, packed: bytes) -> list[PairResult | Lost]:
    """Compare packed tasks at the site of a run on this worker."""
    site: Any = get_worker().plugins[run]
    tasks, sizes = pickle.loads(packed)  # noqa: S301 - the run's own
    site.refuse_copies(measure_files(tasks), sizes)
    answers: list[PairResult | Lost] = site.check(tasks)
    return answers


def measure_files(tasks: tuple[Task, ...]) -> Sizes:
    """Return the bytes of all files that tasks read; None for what is not there."""
    sizes: dict[Path, int | None] = {}
    for task in tasks:
        pair = task.pair
        for path in (
            pair.baseline,
            pair.candidate,
            *pair.alternates,
            *task.settings.mask_images,
        ):
            if path and path not in sizes:
                sizes[path] = None
                with suppress(OSError):  # the check will say why
                    sizes[path] = path.stat().st_size
    return sizes


def list_problems(run: str, dask_worker: Worker) -> list[str]:
    """Return why this worker cannot take part in a run."""
    site: Any = dask_worker.plugins[run]
    problems: list[str] = site.problems
    return problems


def _find_problems(terms: Terms) -> Iterator[str]:
    here = list_versions()
    for name, wanted in terms.versions.items():
        if here.get(name) != wanted:
            yield f"has {name} {here.get(name) or '(none)'}, this machine {wanted or '(none)'}"
    for key, folder in terms.folders.items():
        if not folder.is_dir():
            yield f"does not see the folder {key}: {folder}; {_SHARE}"
    if sys.platform != "linux" and multiprocessing.current_process().daemon:
        yield _DAEMON
