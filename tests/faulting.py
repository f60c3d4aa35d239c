"""A proxy before a storage: it keeps what is asked, and fails where a test says so."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from serving import PATIENCE_SECONDS, Answer

# Of one connection, not of what is sent over it; lengths are counted anew.
_OF_CONNECTION = {"connection", "content-length", "expect", "keep-alive", "transfer-encoding"}


class Request(NamedTuple):
    """What was asked: `path` is "/bucket/key" in clear, names of headers are lower-case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    def matches(self, method: str, glob: str) -> bool:
        """Tell whether method and path match; a star of a glob matches slashes, too."""
        return fnmatchcase(self.method, method) and fnmatchcase(self.path, glob)


@dataclass(frozen=True)
class Status:
    """An error, told as S3 tells it; the storage is not asked."""

    number: int
    code: str = "InternalError"


@dataclass(frozen=True)
class Close:
    """A connection that is closed without an answer; the storage is not asked."""


@dataclass(frozen=True)
class Lose:
    """An answer that is lost: the storage does what is asked, then the connection is closed."""


@dataclass(frozen=True)
class Cut:
    """Headers and half of the body, then the connection is closed."""


@dataclass(frozen=True)
class Delay:
    """An answer that comes late."""

    seconds: float


Fault = Status | Close | Lose | Cut | Delay
Rule = Callable[[Request], Fault | None]
SLOW_DOWN = Status(503, "SlowDown")


def fail_first(number: int, fault: Fault, method: str = "*", glob: str = "*") -> Rule:
    """Return a rule that fails the first requests that match, and none later."""
    seen = count(1)
    return lambda asked: fault if asked.matches(method, glob) and next(seen) <= number else None


def fail_every(nth: int, fault: Fault, method: str = "*", glob: str = "*") -> Rule:
    """Return a rule that fails each nth request that matches: all of them if it is 1."""
    seen = count(1)
    return lambda asked: fault if asked.matches(method, glob) and next(seen) % nth == 0 else None


class Proxy:
    """Stands at `address` before a storage; `rule` may be set at any time."""

    def __init__(self, storage: str) -> None:
        self.storage = urlsplit(storage).netloc
        self.rule: Rule = lambda _: None
        self.requests: list[Request] = []
        # Of tests: a rule that raises, or a request that is not understood.
        self.mistakes: list[BaseException | None] = []
        self.ended = Event()
        self._lock = Lock()
        self._server = _Server(self)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def find(self, method: str = "*", glob: str = "*") -> list[Request]:
        """Return the requests so far that match, such as ("GET", "*.png"), oldest first."""
        with self._lock:
            return [request for request in self.requests if request.matches(method, glob)]

    def forget(self) -> None:
        """Start anew to keep requests."""
        with self._lock:
            self.requests.clear()

    def judge(self, request: Request) -> Fault | None:
        """Keep a request, and return its fault. A rule sees one request at a time."""
        with self._lock:
            self.requests.append(request)
            return self.rule(request)

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def put_before(storage: str) -> Iterator[Proxy]:
    """Put a proxy before the storage at an address, until the block ends."""
    proxy = Proxy(storage)
    thread = Thread(target=proxy.serve)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
    assert not proxy.mistakes, f"the proxy could not answer: {proxy.mistakes}"


class _Server(ThreadingHTTPServer):
    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 (inherited)
        # A client or a storage that was killed is no mistake.
        error = sys.exception()
        if not isinstance(error, ConnectionError | HTTPException):
            self.proxy.mistakes.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as by S3
    disable_nagle_algorithm = True  # or each body waits for its headers to be acknowledged
    server: _Server

    def _answer(self) -> None:
        assert "Transfer-Encoding" not in self.headers, "a body in chunks is not understood"
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.proxy.judge(self._describe())
        match fault:
            case Status():
                self._send(_tell(fault))
                return
            case Close():
                self.close_connection = True
                return
            case Delay():
                self.server.proxy.ended.wait(fault.seconds)
        answer = self._ask(body)
        if fault == Lose():
            self.close_connection = True
        else:
            self._send(answer, is_cut=fault == Cut())

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 (names of the base)

    def _describe(self) -> Request:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, unquote(path), query, headers)

    def _ask(self, body: bytes) -> Answer:
        """Ask the storage what the client has asked."""
        with closing(HTTPConnection(self.server.proxy.storage, timeout=PATIENCE_SECONDS)) as to:
            to.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _OF_CONNECTION:
                    to.putheader(name, value)
            to.putheader("Content-Length", str(len(body)))
            to.endheaders(body)
            answer = to.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def _send(self, answer: Answer, *, is_cut: bool = False) -> None:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        body = b"" if self.command == "HEAD" else answer.body
        # That of a HEAD is the length of what a GET would bring.
        length = headers.get("content-length", "0") if self.command == "HEAD" else str(len(body))
        self.send_response_only(answer.status)
        for name in headers.keys() - _OF_CONNECTION:
            self.send_header(name, headers[name])
        if answer.status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if is_cut else body)
        self.close_connection |= is_cut

    def log_message(self, *_: Any) -> None:
        """Say nothing: tests look at what is kept."""


def _tell(status: Status) -> Answer:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{status.code}</Code><Message>Said by a test.</Message></Error>"
    )
    return Answer(status.number, {"Content-Type": "application/xml"}, text.encode())
