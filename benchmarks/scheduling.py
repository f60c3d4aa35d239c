"""Measure what Dask takes for each batch, whatever is in it: `python -m benchmarks.scheduling`.

    python -m benchmarks.scheduling [--tasks 3000] [--rounds 3]

Hands tasks that do nothing to a worker of two threads, at most three ahead for each, as runs do.
Prints the CPU ms of a task: the scheduler's, a process of its own, and the client's.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.about import describe_machine

if TYPE_CHECKING:
    from distributed import Client

_DASK: Final = str(Path(sys.executable).with_name("dask"))
_AHEAD: Final = 6
# About what a pair is when it is packed.
_PAYLOAD: Final = b"x" * 1000
_SECONDS_TO_START: Final = 60


def main() -> None:
    """Hand out tasks, and print what each took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for name, value in (("tasks", 3000), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    print(f"{arguments.tasks:,} tasks; {describe_machine()}\n")
    for name, costs in measure_tasks(arguments.tasks, arguments.rounds).items():
        spread = f"{min(costs):.2f} to {max(costs):.2f}"
        print(f"{name}: {statistics.median(costs):.2f} ms of CPU a task ({spread})")


def measure_tasks(tasks: int, rounds: int) -> dict[str, list[float]]:
    """Return CPU ms of a task in each round, by process; a first round counts not."""
    from distributed import Client  # noqa: PLC0415 - takes a second

    costs: dict[str, list[float]] = {"scheduler": [], "client": []}
    with start_cluster() as (file, scheduler), Client(scheduler_file=str(file)) as client:
        client.wait_for_workers(1, timeout=_SECONDS_TO_START)
        for round_ in range(rounds + 1):
            before, own = read_cpu_seconds(scheduler), time.process_time()
            hand_out(client, tasks)
            if round_:
                costs["scheduler"].append(1000 * (read_cpu_seconds(scheduler) - before) / tasks)
                costs["client"].append(1000 * (time.process_time() - own) / tasks)
    return costs


@contextmanager
def start_cluster() -> Iterator[tuple[Path, int]]:
    """Start a scheduler and a worker; yield the scheduler's file, and its process."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, ExitStack() as stack:
        file = Path(folder) / "scheduler.json"
        common = ["--scheduler-file", str(file), "--no-dashboard"]
        commands = (
            ["scheduler", "--host", "127.0.0.1", "--port", "0"],
            ["worker", "--nthreads=2"],
        )
        processes = []
        for words in commands:
            process = subprocess.Popen(
                [_DASK, *words, *common], cwd=folder, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            processes.append(process)
        yield file, processes[0].pid


def hand_out(client: "Client", tasks: int) -> None:
    """Have tasks done that do nothing, a few at a time."""
    from distributed import as_completed  # noqa: PLC0415 - as above

    left = iter(range(tasks))
    waiting = as_completed(
        client.submit(len, (_PAYLOAD, number), pure=False) for number in islice(left, _AHEAD)
    )
    for _ in waiting:
        for number in islice(left, 1):
            waiting.add(client.submit(len, (_PAYLOAD, number), pure=False))


def read_cpu_seconds(process: int) -> float:
    """Return user + sys of a process that runs."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
