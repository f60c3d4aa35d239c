"""A Dask cluster as others run it: a scheduler and workers, each a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from distributed import Client

# On a busy machine everything takes its time; nobody waits that long for what works.
PATIENCE_SECONDS = 120
# Tells the processes of a cluster, which inherit it, from those of others.
_MARK = "VISUALDIFF_TEST_CLUSTER"


class Running:
    """A cluster that somebody started, at `address`, which `file` tells too."""

    def __init__(self, file: Path, scheduler: "subprocess.Popen[bytes]") -> None:
        self.end = scheduler.kill
        self.file = file
        self.address: str = json.loads(file.read_bytes())["address"]

    @contextmanager
    def ask(self) -> Iterator[Any]:
        with Client(self.address, timeout=PATIENCE_SECONDS, set_as_default=False) as client:
            yield client

    def evaluate(self, expression: str) -> dict[str, Any]:
        """Return what an expression comes to on each worker."""
        with self.ask() as client:
            found: dict[str, Any] = client.run(eval, expression)
            return found

    def kill_busy(self) -> None:
        """Kill a worker that has something to do, as the kernel does when memory is short."""
        pids = self.evaluate("__import__('os').getpid()")
        with self.ask() as client:
            busy = [address for address, tasks in client.processing().items() if tasks]
        os.kill(pids[busy[0]], signal.SIGKILL)

    def list_left(self) -> list[object]:
        """Return tasks, plugins and processes of visualdiff's that the cluster still has."""
        with self.ask() as client:
            tasks = [task for found in client.processing().values() for task in found]
            plugins = client.run(lambda dask_worker: list(dask_worker.plugins)).values()
        names = [name for found in plugins for name in found if name.startswith("visualdiff")]
        return [*tasks, *names, *self._list_comparing()]

    def _list_comparing(self) -> Iterator[int]:
        """Yield the processes that the workers started to compare (Linux)."""
        mark = f"{_MARK}={self.file}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has just ended
                if (
                    b"visualdiff.workers" in (folder / "cmdline").read_bytes()
                    and mark in (folder / "environ").read_bytes()
                ):
                    yield int(folder.name)


@contextmanager
def start_cluster(
    folder: Path, workers: int = 2, variables: Mapping[str, str] = {}
) -> Iterator[Running]:
    """Start a scheduler and workers of one thread; end them with the block."""
    file = folder / "scheduler.json"
    variables = {**variables, _MARK: str(file)}
    listen = ["--host", "127.0.0.1", "--no-dashboard"]
    with ExitStack() as stack:
        words = ["scheduler", "--scheduler-file", str(file), *listen, "--port", "0"]
        scheduler = stack.enter_context(_start(folder, words, variables))
        wait_for(lambda: file.exists() and file.stat().st_size > 0)
        running = Running(file, scheduler)
        for number in range(workers):
            words = ["worker", "--scheduler-file", str(file), "--nthreads", "1", *listen]
            words += ["--local-directory", str(folder / f"worker-{number}")]
            stack.enter_context(_start(folder, words, variables))
        with running.ask() as client:
            wait_for(lambda: len(client.nthreads()) == workers)
        yield running


@contextmanager
def _start(
    folder: Path, words: list[str], variables: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / f"{words[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("dask")), *words],
            env=os.environ | variables,
            stderr=log,
            stdout=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_for(is_so: Any) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)
