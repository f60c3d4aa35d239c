"""Tasks → answers through the workers of a Dask cluster: as `Pool`, but on many machines."""

from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from typing import Final, Self
from uuid import uuid4

from distributed import Client, Future, KilledWorker, wait

from visualdiff.errors import ConfigError, VisualdiffError, WorkerStartError
from visualdiff.fleet.batches import Batch, cut_batches
from visualdiff.fleet.connecting import PATIENCE, open_client
from visualdiff.fleet.shipping import pack_batch
from visualdiff.fleet.sites import Answer, Site, Terms, check_batch, list_problems
from visualdiff.pool import Budget, Lost
from visualdiff.tasks import Task

# Batches for each thread of a worker: one is compared, one lies ready, one is on its way.
_AHEAD: Final = 3
_FEWEST_AHEAD: Final = 8
_POLL: Final = 10.0


class Fleet:
    """A Dask cluster that compares as `terms` say; a context manager.

    Of somebody's cluster, nothing is left but the cluster: tasks are cancelled, processes end.
    `budget` is for the pairs that are handed out, of each batch the heaviest.
    """

    def __init__(self, scheduler: str, workers: int, terms: Terms, budget: Budget[Task]) -> None:
        self._scheduler = scheduler
        self._workers = workers
        self._terms = terms
        self._budget = budget
        self._run = f"visualdiff-{uuid4().hex}"
        self._in_flight: dict[Future[list[Answer]], Batch] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._client: Client = stack.enter_context(open_client(self._scheduler, self._workers))
            with self._telling_of_loss():
                self._wait_for_workers()
                stack.callback(self._leave)
                self._settle()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer]]:
        """Yield each task with its answer, or with what became of it, in the order of completion.

        Dask tries again what was lost with a worker. What was lost with several is tried by itself
        in the end, pair after pair: whatever else a worker has when it dies is blamed too.
        """
        suspects: list[Task] = []
        for batch, answers in self._map(cut_batches(tasks)):
            if isinstance(answers, Exception):
                suspects += batch.tasks
            else:
                yield from zip(batch.tasks, answers, strict=True)
        for task in suspects:
            for _, answers in self._map([Batch((task,), task)]):
                if isinstance(answers, Exception):
                    yield task, Lost(_explain(answers))
                else:
                    yield task, answers[0]

    def _map(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, list[Answer] | Exception]]:
        """Yield each batch with its answers, or with what they were lost by."""
        waiting = iter(batches)
        following = next(waiting, None)
        while following or self._in_flight:
            with self._telling_of_loss():
                while following and self._has_room(following):
                    self._submit(following)
                    following = next(waiting, None)
                done = self._wait()
            for future in done:
                batch = self._in_flight.pop(future)
                with self._telling_of_loss():
                    answers = self._fetch(future)
                yield batch, answers

    def _has_room(self, batch: Batch) -> bool:
        if not self._in_flight:
            return True
        threads = sum(self._client.nthreads().values())
        if len(self._in_flight) >= max(threads * _AHEAD, _FEWEST_AHEAD):
            return False
        needed = sum(self._budget.weigh(each.heaviest) for each in self._in_flight.values())
        return needed + self._budget.weigh(batch.heaviest) <= self._budget.most

    def _submit(self, batch: Batch) -> None:
        future = self._client.submit(check_batch, self._run, pack_batch(batch.tasks), pure=False)
        self._in_flight[future] = batch

    def _wait(self) -> set["Future[list[Answer]]"]:
        """Return batches that are done, at least one."""
        while True:
            try:
                with self._client.as_current():
                    return set(wait([*self._in_flight], _POLL, "FIRST_COMPLETED").done)
            except TimeoutError:
                self._wait_for_workers()  # all may have left

    def _fetch(self, future: "Future[list[Answer]]") -> list[Answer] | Exception:
        try:
            return future.result()
        except (CancelledError, VisualdiffError):  # of no pair, but of all
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told of a pair
            return error

    def _wait_for_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, PATIENCE)
        except TimeoutError:
            raise WorkerStartError(
                f"the scheduler {self._scheduler} has had no worker for {PATIENCE:g} s"
            ) from None

    @contextmanager
    def _telling_of_loss(self) -> Iterator[None]:
        try:
            yield
        except (OSError, CancelledError):
            raise WorkerStartError(
                f"the connection to the scheduler {self._scheduler} was lost"
            ) from None

    def _settle(self) -> None:
        """Make all workers ready; raise `ConfigError` of those that are not as this process is."""
        try:
            self._client.register_plugin(Site(self._terms), name=self._run)
            found = self._client.run(list_problems, self._run)
        except ImportError as error:
            raise ConfigError(f"the Dask workers lack visualdiff: {error}") from None
        problems = [problem for told in found.values() for problem in told]
        if problems:
            raise ConfigError(*problems)

    def _leave(self) -> None:
        with suppress(OSError, CancelledError, TimeoutError):  # the cluster has left before
            self._client.cancel([*self._in_flight], force=True)
            self._client.unregister_worker_plugin(self._run)
        self._in_flight.clear()


def _explain(error: Exception) -> str:
    if isinstance(error, KilledWorker):
        return f"{error.allowed_failures + 1} Dask workers died, one after the other, at this pair"
    return f"a Dask worker failed: {type(error).__name__}: {error}"
