"""Worker processes: forked from one warm process on Linux, spawned by multiprocessing elsewhere.

A fork of a process that has imported numpy and OpenCV costs milliseconds, where each new process
would import them again. The warm process never calls them: a fork of a process in which OpenCV has
used threads hangs. multiprocessing's own fork server was tried: it runs the calling script once
more in every worker, adds a resource tracker, keeps running after the work, and a program has only
one, which may have been started without our environment. On macOS system libraries start threads
of their own, so that no process is forked there.
"""

import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, Protocol

from visualdiff.interrupts import hold_signals_back

# Big enough for any decoded image: freed memory is used again, where fresh pages of the kernel
# would cost more than the arithmetic on them (glibc).
_KEPT_BYTES: Final = 1 << 28
# One thread in each worker: workers are the parallelism, and threads on top only fight for CPUs.
_ENVIRONMENT: Final = {
    "OPENCV_FOR_THREADS_NUM": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENCV_LOG_LEVEL": "OFF",
    "MALLOC_MMAP_THRESHOLD_": str(_KEPT_BYTES),
    "MALLOC_TRIM_THRESHOLD_": str(_KEPT_BYTES),
}
_PR_SET_PDEATHSIG: Final = 1
_LONGEST_REQUEST: Final = 100
_PATIENCE: Final = 10.0


class Processes(Protocol):
    """Starts worker processes, which the caller tells apart by numbers of its own.

    `advice` is what helps where none of them starts.
    """

    advice: str

    def start(self, number: int, pipe: Connection, messages: Path) -> None:
        """Start a process that calls `work` on this end of a pipe.

        What it writes to its standard error stream goes to the file `messages`.
        """

    def end(self, number: int, patience: float) -> int | None:
        """Return the exit code of a process, negative for a signal.

        None: it was lost together with another one, whose exit code was told.
        A process that does not end by itself within `patience` seconds is killed.
        """

    def close(self) -> None:
        """Kill all processes that are left."""


def open_processes(preload: Iterable[str]) -> Processes:
    """Return what starts workers here; they have imported the modules `preload`, if that pays."""
    return _Forked(preload) if sys.platform == "linux" else _Spawned()


class _Forked:
    """Forks of one server process, which is started at once and, should it be killed, again."""

    advice = ""

    def __init__(self, preload: Iterable[str]) -> None:
        self._preload = tuple(preload)
        self._launch()

    def start(self, number: int, pipe: Connection, messages: Path) -> None:
        with messages.open("a+b") as file, contextlib.suppress(OSError):
            # A server that has ended closes the pipe, as a worker that died does.
            descriptors = [pipe.fileno(), file.fileno()]
            socket.send_fds(self._control, [str(number).encode()], descriptors)
        self._started.add(number)

    def end(self, number: int, patience: float) -> int | None:
        if number not in self._started:
            return None  # of an earlier server
        self._started.remove(number)
        self._control.settimeout(patience + _PATIENCE)
        with contextlib.suppress(OSError):
            self._control.send(f"{number} {patience}".encode())
            answer = self._control.recv(_LONGEST_REQUEST)
            if answer:
                return int(answer)
        # The server hangs, or was killed, and then all its workers with it: begin anew.
        self.close(patience=0)
        code: int = self._server.returncode
        self._launch()
        return code

    def close(self, patience: float = _PATIENCE) -> None:
        self._control.close()
        try:
            self._server.wait(patience)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def _launch(self) -> None:
        self._started: set[int] = set()
        self._control, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Its imports take sys.path as it is here, and never the working directory on top.
        code = (
            f"import sys; sys.path[:] = {[*map(str, sys.path)]!r}; "
            f"from visualdiff.workers import serve; serve({self._preload!r})"
        )
        # multiprocessing passes these on too; only their list is private.
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001
        with there, hold_signals_back():
            # As its standard input the socket has a number that is safe whatever is closed here.
            self._server = subprocess.Popen(  # noqa: S603 - our own code
                [sys.executable, *flags, f"-Xutf8={sys.flags.utf8_mode}", "-c", code],
                stdin=there.fileno(),
                env={**os.environ, **_ENVIRONMENT},
            )


class _Spawned:
    """Processes of multiprocessing's."""

    advice = ' A script that calls visualdiff needs `if __name__ == "__main__":`.'

    def __init__(self) -> None:
        self._context = get_context("spawn")
        self._processes: dict[int, BaseProcess] = {}

    def start(self, number: int, pipe: Connection, messages: Path) -> None:
        process = self._context.Process(target=_work_spawned, args=(pipe, messages), daemon=True)
        with _environment():
            process.start()
        self._processes[number] = process

    def end(self, number: int, patience: float) -> int | None:
        process = self._processes.pop(number)
        process.join(patience)
        process.kill()
        process.join()
        return process.exitcode

    def close(self) -> None:
        for number in [*self._processes]:
            self.end(number, 0.0)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Set environment variables for processes that start meanwhile."""
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def serve(preload: Iterable[str]) -> None:
    """Fork workers as the socket at standard input asks, until it closes; then kill them.

    A fork leaves by the end of its work too, through the interpreter's own exit.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    _open_standard_streams()
    server = os.getpid()
    workers: dict[str, int] = {}
    with socket.socket(fileno=os.dup(0)) as control:
        os.close(0)
        _open_standard_streams()
        _import(preload)
        try:
            descriptors = _fork_as_asked(control, workers)
        finally:
            if os.getpid() == server:
                for worker in workers.values():
                    _reap(worker, 0)
    if descriptors:
        _work_forked(server, *descriptors)


def _open_standard_streams() -> None:
    """Open those that the parent had closed: a pipe with such a number would be written over."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:  # takes the lowest that is free
        pass
    os.close(number)


def _fork_as_asked(control: socket.socket, workers: dict[str, int]) -> list[int]:
    """Return a pipe and a file in each fork, and nothing in the server when the socket closes."""
    while True:
        request = b""
        with contextlib.suppress(OSError):  # the parent left with an answer unread
            request, descriptors, _, _ = socket.recv_fds(control, _LONGEST_REQUEST, 2)
        if not request:
            return []
        number, _, patience = request.decode().partition(" ")
        if not descriptors:
            # A worker that could not be forked has told why.
            code = _reap(workers.pop(number), float(patience)) if number in workers else 1
            with contextlib.suppress(OSError):  # the parent has left, as the next request tells
                control.send(str(code).encode())
            continue
        try:
            workers[number] = os.fork()
        except OSError as error:  # no process or no memory is left
            os.write(descriptors[1], f"{error}\n".encode())
        if workers.get(number) == 0:
            return descriptors
        for copy in descriptors:
            os.close(copy)


def _import(names: Iterable[str]) -> None:
    gc.disable()  # it would look for garbage again and again in what modules keep
    with contextlib.suppress(Exception):  # a worker will fail in the same way, and be heard
        for name in names:
            import_module(name)
    gc.collect()
    gc.freeze()  # collections in the workers shall neither scan nor copy what is shared
    gc.enable()


def _reap(worker: int, patience: float) -> int:
    """Return the exit code of a child process, killed unless it ends within `patience` seconds."""
    deadline = time.monotonic() + patience
    ended, status = os.waitpid(worker, os.WNOHANG)
    while not ended and time.monotonic() < deadline:
        time.sleep(0.001)
        ended, status = os.waitpid(worker, os.WNOHANG)
    if not ended:
        os.kill(worker, signal.SIGKILL)
        _, status = os.waitpid(worker, 0)
    return os.waitstatus_to_exitcode(status)


def _work_forked(server: int, pipe: int, messages: int) -> None:
    import ctypes  # noqa: PLC0415 - the parent has no use for it

    # The kernel ends this process with the server; which may have ended before.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == server:
        work(Connection(pipe), messages)


def work(pipe: Connection, messages: int) -> None:
    """Receive a function, then answer its arguments until the pipe closes."""
    # What libraries write to standard error would tear the progress bar; it may explain a crash.
    os.dup2(messages, 2)
    os.close(messages)
    function = pipe.recv()
    pipe.send(None)  # ready
    while True:
        try:
            task = pipe.recv()
            pipe.send(None)  # taken
        except (EOFError, OSError):
            return
        pipe.send(function(task))


def _work_spawned(pipe: Connection, messages: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    work(pipe, os.open(messages, os.O_RDWR | os.O_APPEND))


def _leave_with_parent() -> None:
    """End this process when its parent does, however that happened."""
    parent = parent_process()
    if parent:
        wait([parent.sentinel])
        os._exit(1)
