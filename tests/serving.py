"""`visualdiff review` as its users run it: the installed command, and its address."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

COMMAND = str(Path(sys.executable).with_name("visualdiff"))
# On a busy machine everything takes its time; nobody waits that long for what works.
PATIENCE_SECONDS = 60


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Served:
    """A review that runs in a folder."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout
        self.first = process.stdout.readline()
        found = re.fullmatch(r"review: (http://127\.0\.0\.1:(\d+)/\?token=(\S+))\n", self.first)
        if not found:
            process.kill()
        assert found, self.first + process.stdout.read()
        self.address, self.token = found[1], found[3]
        self.port = int(found[2])
        self.host = f"127.0.0.1:{self.port}"
        self.cookie = f"visualdiff-review-{self.port}={self.token}"

    def ask(
        self, path: str = "/state", method: str = "GET", body: Any = None, **headers: str
    ) -> Answer:
        """Ask as the page does, but for what is said otherwise; "" leaves a header out."""
        told = {"Host": self.host, "Cookie": self.cookie}
        if method != "GET":
            told |= {"Origin": f"http://{self.host}", "Content-Type": "application/json"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in told.items():
                if value:
                    connection.putheader(name, value)
            if data is not None:
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            answer = connection.getresponse()
            return Answer(
                answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
            )
        finally:
            connection.close()

    def act(self, action: str, *pairs: str) -> dict[str, Any]:
        answer = self.ask("/act", "POST", {"action": action, "pairs": list(pairs)})
        assert answer.status == 200, answer
        known: dict[str, Any] = json.loads(answer.body)
        return known

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; return the exit code, and all that was printed after the address."""
        self.process.send_signal(number)
        assert self.process.stdout
        patience = Timer(PATIENCE_SECONDS, self.process.kill)
        patience.start()
        # `communicate` would lose what was read together with the first line.
        output = self.process.stdout.read()
        patience.cancel()
        return self.process.wait(), output


@contextmanager
def review(folder: Path, *words: str, **variables: str) -> Iterator[Served]:
    """Serve the report in a folder until the block ends."""
    process = start(folder, *words, **variables)
    try:
        yield Served(process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def start(folder: Path, *words: str, **variables: str) -> "subprocess.Popen[str]":
    """Start the command, on a desk without a screen unless variables say otherwise."""
    return subprocess.Popen(
        [COMMAND, "review", *words],
        cwd=folder,
        env=_clean(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def refuse(folder: Path, *words: str, **variables: str) -> str:
    """Run the command, which must end by itself with exit code 2, and return what it says."""
    done = subprocess.run(
        [COMMAND, "review", *words],
        cwd=folder,
        env=_clean(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


def _clean(variables: Mapping[str, str]) -> dict[str, str]:
    hidden = ("CI", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return {name: value for name, value in os.environ.items() if name not in hidden} | dict(
        variables
    )


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
