"""Measure what requests to object storage cost in CPU: `python -m benchmarks.fetching`.

    python -m benchmarks.fetching [--objects 300] [--rounds 3]

Objects lie on moto's server, a process of its own on this machine, of which nothing is counted:
CPU is user + sys of the client alone. Prints Markdown.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.about import describe_machine

# As many as a process of a run has in flight.
AT_ONCE: Final = 32
# A screenshot of 1280×4000 pixels, a picture of a report, an entry of a pair that passed.
_IMAGE: Final = os.urandom(720_000)
_PICTURE: Final = os.urandom(250_000)
_ENTRY: Final = os.urandom(1_000)
# LIST and bulk DELETE take so many.
_PAGE: Final = 1_000
_SECONDS_TO_START: Final = 60

# CPU ms of a request, of each round, by what was asked.
Costs: TypeAlias = Mapping[str, list[float]]


def main() -> None:
    """Ask a server for each kind of request in turn, and print what the client took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for name, value in (("objects", 300), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    machine = describe_machine()
    before = time.process_time()
    from s3fs import S3FileSystem  # noqa: PLC0415 - importing it is measured

    started = time.process_time() - before
    with serve() as address:
        store = S3FileSystem(
            key="any",
            secret="any",  # noqa: S106 - of a server on this machine, which asks for some
            endpoint_url=address,
            use_listings_cache=False,
            config_kwargs={"max_pool_connections": AT_ONCE},
        )
        costs = measure_requests(store, arguments.objects, arguments.rounds)
    print(f"{arguments.objects:,} objects of each size, {AT_ONCE} at once; {machine}\n")
    print("\n".join(_write_table(costs, started)))


@contextmanager
def serve() -> Iterator[str]:
    """Start moto's server on a free port; yield its address."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-u", "-c", _SERVER]
        with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as server:
            try:
                yield f"http://127.0.0.1:{_await_port(log, server)}"
            finally:
                server.kill()


_SERVER: Final = """
from werkzeug.serving import make_server
from moto.server import DomainDispatcherApplication, create_backend_app
application = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, application, threaded=True)
print(f"port={server.server_port};", flush=True)
server.serve_forever()
"""


def _await_port(log: Path, server: "subprocess.Popen[bytes]") -> int:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and server.poll() is None:
        with suppress(IndexError, ValueError):
            return int(log.read_text("utf-8").partition("port=")[2].partition(";")[0])
        time.sleep(0.1)
    raise RuntimeError(f"moto's server did not start:\n{log.read_text('utf-8')}")


def measure_requests(store: Any, count: int, rounds: int) -> Costs:
    """Return the CPU ms of a request by kind; a first round, which opens connections, counts not.

    `store` is an `S3FileSystem`; `count` objects are read in each round, at most 1,000.
    """
    for bucket in ("bucket", "images"):
        store.mkdir(bucket)
    page = [f"bucket/{number:03}" for number in range(_PAGE)]
    names = page[:count]
    absent = [f"{name}-no" for name in names]
    images = [f"images/{number:03}" for number in range(count)]
    _put(store, images, _IMAGE)
    asks: dict[str, tuple[int, Callable[[], None]]] = {
        "PUT, 1 KB": (_PAGE, lambda: _put(store, page, _ENTRY)),
        "GET, 1 KB": (count, lambda: _get(store, names, _ENTRY)),
        "GET, 404": (count, lambda: _get(store, absent, None)),
        "PUT, 250 KB": (count, lambda: _put(store, names, _PICTURE)),
        "GET, 250 KB": (count, lambda: _get(store, names, _PICTURE)),
        "GET, 720 KB": (count, lambda: _get(store, images, _IMAGE)),
        "LIST of 1,000": (1, lambda: _list(store, "bucket")),
        "DELETE of 1,000": (1, lambda: store.rm(page)),
    }
    costs: dict[str, list[float]] = {kind: [] for kind in asks}
    for round_ in range(rounds + 1):
        for kind, (requests, ask) in asks.items():
            before = time.process_time()
            ask()
            if round_:
                costs[kind].append(1000 * (time.process_time() - before) / requests)
    return costs


def _put(store: Any, names: list[str], data: bytes) -> None:
    store.pipe(dict.fromkeys(names, data), batch_size=AT_ONCE)


def _get(store: Any, names: list[str], wanted: bytes | None) -> None:
    """Read objects; raise `RuntimeError` where one is not as wanted, None for absent ones."""
    found = store.cat(names, on_error="return", batch_size=AT_ONCE)
    for name in names:
        answer = found[name]
        if (None if isinstance(answer, FileNotFoundError) else answer) != wanted:
            raise RuntimeError(f"{name}: not the answer that was wanted: {answer!r:.200}")


def _list(store: Any, bucket: str) -> None:
    found = store.find(bucket, detail=True)
    if len(found) != _PAGE:
        raise RuntimeError(f"{bucket}: wanted {_PAGE} names, got {len(found)}")


def _write_table(costs: Costs, started: float) -> Iterator[str]:
    yield "| request | CPU ms, median | min to max | n |"
    yield "|---|---|---|---|"
    for kind, values in costs.items():
        spread = f"{min(values):.2f} to {max(values):.2f}"
        yield f"| {kind} | {statistics.median(values):.2f} | {spread} | {len(values)} |"
    yield f"\nimporting s3fs: {1000 * started:.0f} ms of CPU a process"


if __name__ == "__main__":
    main()
