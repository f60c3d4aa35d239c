"""What a Dask worker has for a run: processes that compare, so that no pair can end the worker.

A pair that crashes or hangs would take a worker with it, and whatever else that was doing; what a
decoder says is heard on a process's standard error stream only. So a worker hands its pairs to a
`Pool`, as a run without Dask does, and the results are the same.
"""

import multiprocessing
import shutil
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from distributed import Worker, WorkerPlugin, get_worker

from visualdiff.errors import ConfigError
from visualdiff.fleet.shipping import Sizes, measure_files, move_seen, unpack_batch
from visualdiff.model import PairResult
from visualdiff.pool import Lost, Pool
from visualdiff.provenance import list_versions
from visualdiff.remote.stores import Seen, require_store
from visualdiff.remote.traffic import forget, remember
from visualdiff.staging import sending_pictures, staging, unstage
from visualdiff.tasks import Task
from visualdiff.urls import is_stand_in, make_root

Answer: TypeAlias = PairResult | Lost

_SHARE: Final = "all machines must share the folders"
_DAEMON: Final = (
    "is a daemon, which may start no process here: start it with the environment variable "
    "DASK_DISTRIBUTED__WORKER__DAEMON=False"
)


class Terms(NamedTuple):
    """What a run wants of a worker: how to compare, by which versions, in which folders.

    `present` are pictures that the report has already, where that is in a store.
    """

    function: Callable[[Task], PairResult]
    timeout: float
    preload: tuple[str, ...]
    versions: Mapping[str, str]
    folders: Mapping[str, Path]
    present: Mapping[Path, Seen] = {}


class Site(WorkerPlugin):
    """The processes of one run on a worker, one for each of its threads; Dask sets it up there.

    A worker that comes later gets one, too. `root` is where objects of the run are fetched to,
    None where all is in folders.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def setup(self, worker: Worker) -> None:
        """Look at what this worker has."""
        self._address = worker.address
        self.root: Path | None = None
        self.problems = [
            f"the Dask worker {worker.address} {problem}"
            for problem in (*_find_problems(self._terms), *self._settle(worker))
        ]
        self._idle: deque[Pool[Task, PairResult]] = deque()
        self._ended = False

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - what Dask calls it with
        """Leave no process behind: what is idle ends now, what compares after its pair."""
        self._ended = True
        self._leave()

    def refuse_copies(self, here: Sizes, wanted: Sizes) -> None:
        """Refuse files of other sizes than where the run was started.

        Folders that only have the same names hold other images, which may be equal.
        """
        for path, size in wanted.items():
            if here[path] != size:
                raise ConfigError(f"the Dask worker {self._address} sees another {path}; {_SHARE}")

    def check(self, tasks: tuple[Task, ...]) -> list[Answer]:
        """Return what came of each task, in their order, as far as the run has not ended."""
        if self.problems:
            raise ConfigError(*self.problems)
        pool = self._take()
        try:
            answers: list[Answer] = []
            with closing(self._compare(pool, tasks)) as arriving:
                for answer in arriving:
                    answers.append(answer)
                    if self._ended:
                        break
        finally:
            self._idle.append(pool)
            if self._ended:
                self._leave()
        return answers

    def _settle(self, worker: Worker) -> Iterator[str]:
        """Make room for objects, where Dask clears up if this process is killed."""
        if not any(map(is_stand_in, self._terms.folders.values())):
            return
        try:
            self.root = make_root(Path(worker.local_directory))
        except OSError as error:
            yield f"cannot write to {worker.local_directory}: {error.strerror}"
        else:
            remember(move_seen(self._terms.present, self.root))

    def _compare(
        self, pool: Pool[Task, PairResult], tasks: tuple[Task, ...]
    ) -> Generator[Answer, None, None]:
        """Yield what came of each task, and fetch and send what is in stores."""
        if self.root is None:
            yield from (answer for _, answer in pool.run(tasks))
            return
        with sending_pictures(tasks[0].report) as send, staging(tasks) as staged:
            for task, answer in pool.run(staged):
                if isinstance(answer, PairResult):
                    send(answer)
                unstage(task)
                yield answer

    def _take(self) -> Pool[Task, PairResult]:
        try:
            return self._idle.pop()
        except IndexError:
            terms = self._terms
            return Pool(terms.function, 1, terms.timeout, terms.preload)

    def _leave(self) -> None:
        """End what is idle, and remove what was fetched; what compares does so after its pair."""
        while self._idle:
            try:
                pool = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            pool.__exit__()
        if self.root:
            shutil.rmtree(self.root, ignore_errors=True)
            forget(self.root)


def check_batch(run: str, packed: bytes) -> list[Answer]:
    """Compare packed tasks at the site of a run on this worker."""
    site: Any = get_worker().plugins[run]
    tasks, sizes, seen = unpack_batch(packed, site.root)
    site.refuse_copies(measure_files(tasks), sizes)
    remember(seen)
    answers: list[Answer] = site.check(tasks)
    return answers


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
        if is_stand_in(folder):
            try:
                require_store(folder)
            except ConfigError as error:
                yield f"cannot use the {key}: {error}"
        elif not folder.is_dir():
            yield f"does not see the folder {key}: {folder}; {_SHARE}"
    if sys.platform != "linux" and multiprocessing.current_process().daemon:
        yield _DAEMON
