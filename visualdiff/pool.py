"""Tasks → answers through worker processes, of which any may crash, hang or be killed.

One process and one pipe for each worker, one task in flight on each pipe: when a process dies, its
pipe closes, and it is known whose task that was. The pools of the standard library fail every task
that is still waiting when one worker dies, name no culprit, and know no time limit for a task.
"""

import contextlib
import itertools
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final, Generic, TypeVar

from visualdiff.errors import WorkerStartError
from visualdiff.workers import open_processes

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_START_TIMEOUT: Final = 60.0
_MOST_FAILED_STARTS: Final = 3
_LAST_WORDS: Final = 1.0
# Tasks that are asked whether they are light enough, while heavier ones wait.
_MOST_PASSED_OVER: Final = 100


@dataclass(frozen=True, slots=True)
class Lost:
    """What became of a task that got no answer, in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Budget(Generic[Task]):
    """What all tasks in flight may weigh together; one that weighs more goes alone."""

    most: float = float("inf")
    weigh: Callable[[Task], float] = lambda _: 0.0


@dataclass(slots=True)
class _Worker(Generic[Task]):
    """A process, this end of its pipe, and the task it is at; `deadline` is monotonic seconds.

    `given` and `taken` count tasks. It says that it takes one before it begins: what was on its
    way to a worker that died between two tasks is not to blame, and goes to another.
    """

    number: int
    pipe: Connection
    messages: Path
    deadline: float
    ready: bool = False
    given: int = 0
    taken: int = 0
    task: Task | None = None
    weight: float = 0.0

    @property
    def expected(self) -> bool:
        """Whether the worker owes a message: that it is ready, or an answer."""
        return self.task is not None or not self.ready


class Pool(Generic[Task, Answer]):
    """Worker processes that each call `function(task)`; a context manager that leaves none behind.

    `function`, which is known by its name, and tasks are pickled. `timeout` is in seconds and
    counts from a task's start. `preload` names the modules that `function` will need. A task that
    is too much for the `budget` waits, and lighter ones that follow go first.
    """

    def __init__(
        self,
        function: Callable[[Task], Answer],
        workers: int,
        timeout: float,
        preload: Iterable[str] = (),
        budget: Budget[Task] | None = None,
    ) -> None:
        self._budget = budget or Budget()
        self._function = function
        self._size = workers
        self._timeout = timeout
        self._workers: list[_Worker[Task]] = []
        self._waiting: deque[Task] = deque()
        self._numbers = itertools.count()
        self._failed_starts = 0
        self._folder = tempfile.TemporaryDirectory(prefix="visualdiff-")
        self._processes = open_processes(preload)

    def __enter__(self) -> "Pool[Task, Answer]":
        return self

    def __exit__(self, *_: object) -> None:
        self._processes.close()
        for worker in self._workers:
            worker.pipe.close()
        self._workers.clear()
        self._folder.cleanup()

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer | Lost]]:
        """Yield each task with its answer, or with what became of it, in the order of completion.

        An iterator of tasks, which may take its time over each, is asked for as few as are needed.
        Goes on with fewer processes where some do not start. Raises `WorkerStartError` when all
        die again and again before they take a task.
        """
        ahead = _MOST_PASSED_OVER if isinstance(tasks, Sequence) else self._size
        coming = iter(tasks)
        while self._refill(coming, ahead) or any(
            worker.task is not None for worker in self._workers
        ):
            self._start_missing()
            for worker in self._workers:
                if worker.ready and worker.task is None:
                    self._give(worker)
            yield from self._collect()

    def _refill(self, coming: Iterator[Task], ahead: int) -> bool:
        """Take tasks until so many wait; return whether any does."""
        while len(self._waiting) < ahead and (more := list(itertools.islice(coming, 1))):
            self._waiting += more
        return bool(self._waiting)

    def _start_missing(self) -> None:
        busy = sum(worker.task is not None for worker in self._workers)
        while len(self._workers) < min(self._size, busy + len(self._waiting)):
            self._workers.append(self._start())

    def _start(self) -> _Worker[Task]:
        here, there = Pipe()
        number = next(self._numbers)
        messages = Path(self._folder.name, str(number))
        messages.touch()
        with there:
            self._processes.start(number, there, messages)
        with contextlib.suppress(OSError):  # it died at once, which the next wait reports
            here.send(self._function)
        return _Worker(number, here, messages, time.monotonic() + _START_TIMEOUT)

    def _give(self, worker: _Worker[Task]) -> None:
        place = self._choose()
        if place is None:
            return
        try:
            worker.pipe.send(self._waiting[place])
        except OSError:
            return  # it died while idle, which the next wait reports; the task is not to blame
        worker.task = self._waiting[place]
        worker.weight = self._budget.weigh(worker.task)
        worker.given += 1
        del self._waiting[place]
        worker.deadline = time.monotonic() + self._timeout

    def _choose(self) -> int | None:
        """Return the place of the first task that may go beside those in flight."""
        in_flight = [worker.weight for worker in self._workers if worker.task is not None]
        if not in_flight:
            return 0 if self._waiting else None
        room = self._budget.most - sum(in_flight)
        near = enumerate(itertools.islice(self._waiting, _MOST_PASSED_OVER))
        return next((place for place, task in near if self._budget.weigh(task) <= room), None)

    def _collect(self) -> Iterator[tuple[Task, Answer | Lost]]:
        """Wait until something happens; yield the answers, replace what died or hangs."""
        by_pipe = {worker.pipe: worker for worker in self._workers}
        # Nothing is expected when all workers died idle, which their pipes tell at once.
        soonest = min((worker.deadline for worker in self._workers if worker.expected), default=0)
        for pipe in wait(list(by_pipe), max(soonest - time.monotonic(), 0)):
            worker = by_pipe[pipe]  # type: ignore[index]  # only pipes were waited for
            try:
                answer = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._bury(worker, "")
                continue
            if not worker.ready:
                worker.ready = True
            elif worker.taken < worker.given:
                worker.taken, self._failed_starts = worker.given, 0
            elif worker.task is not None:
                task, worker.task = worker.task, None
                yield task, answer
        for worker in self._overdue():
            seconds = (
                f"{self._timeout:g} s (pair_timeout)" if worker.ready else f"{_START_TIMEOUT:g} s"
            )
            yield from self._bury(worker, f"gave no answer within {seconds}")

    def _overdue(self) -> list[_Worker[Task]]:
        # An answer may have come in time, and waited while a caller took long over another.
        now = time.monotonic()
        return [
            worker
            for worker in self._workers
            if worker.expected and worker.deadline <= now and not worker.pipe.poll()
        ]

    def _bury(self, worker: _Worker[Task], reason: str) -> Iterator[tuple[Task, Lost]]:
        """Remove a dead or stuck worker, and tell what became of its task."""
        self._workers.remove(worker)
        worker.pipe.close()
        # If it closed its pipe, it is about to end: let it tell its own exit code.
        code = self._processes.end(worker.number, 0.0 if reason else _LAST_WORDS)
        told = (reason or _say_exit(code)) + _quote_last(worker.messages)
        if worker.task is not None and (reason or worker.taken == worker.given):
            yield worker.task, Lost(f"its worker process {told}")
            return
        if worker.task is not None:
            self._waiting.appendleft(worker.task)
        if not worker.taken and code is not None:  # what is lost together counts once
            self._count_failed_start(told)

    def _count_failed_start(self, reason: str) -> None:
        self._failed_starts += 1
        if self._workers:
            self._size -= 1  # the others can do it: there may be no room for more
        elif self._failed_starts >= _MOST_FAILED_STARTS:
            raise WorkerStartError(
                f"{self._failed_starts} worker processes in a row did not start; the last one "
                f"{reason}.{self._processes.advice} `executor: serial` needs no other process."
            )


def _say_exit(code: int | None) -> str:
    if code is None:
        return "was lost with the process that started it"
    if code < 0:
        names = {item.value: item.name for item in signal.Signals}
        return f"was killed by signal {-code} ({names.get(-code, 'a real-time signal')})"
    return f"ended with exit code {code}"


def _quote_last(messages: Path) -> str:
    """Return the last line that a worker wrote to its standard error stream, if any."""
    lines = messages.read_text(errors="backslashreplace").strip().splitlines()
    return f", saying: {lines[-1]}" if lines else ""
