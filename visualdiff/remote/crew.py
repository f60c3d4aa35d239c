"""Threads that wait for a store, of which none keeps the process from ending.

Those of the standard library's executor are waited for when Python ends, however long a store that
does not answer takes to be given up.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, ParamSpec, TypeAlias, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")

_Work: TypeAlias = tuple["Future[Any]", Callable[[], Any]]

# How long somebody who leaves early, by Ctrl-C say, waits for what is to be sent.
_LAST_SECONDS: Final = 5.0


class Crew(Executor):
    """A pool of threads; a context manager, at whose end all is done.

    Where it ends by an exception, what has not begun is dropped, and what has is not waited for.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._pending: set[Future[Any]] = set()

    def __exit__(self, kind: object, *_: object) -> None:
        self.shutdown(wait=kind is None, cancel_futures=kind is not None)

    def submit(
        self, act: Callable[Given, Found], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> "Future[Found]":
        """Let a thread act, as soon as one is free."""
        future: Future[Found] = Future()
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        self._work.put((future, lambda: act(*args, **kwargs)))
        if len(self._threads) < self._size:
            self._threads.append(Thread(target=self._run, daemon=True))
            self._threads[-1].start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as `Executor` has it
        """Let the threads end when all is done, or some seconds later unless all is waited for.

        With `cancel_futures`, only what has begun is still done.
        """
        pending = list(self._pending)
        if not cancel_futures:
            wait_for(pending, None if wait else _LAST_SECONDS)
        for future in pending:
            future.cancel()
        for _ in self._threads:
            self._work.put(None)
        if wait:
            wait_for(pending)

    def _run(self) -> None:
        while work := self._work.get():
            future, act = work
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(act())
                except BaseException as error:  # noqa: BLE001 - whoever asks for the result hears it
                    future.set_exception(error)
