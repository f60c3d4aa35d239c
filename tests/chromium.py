"""How tests start Debian's Chromium, and a page on localhost for it to show.

Without Chromium such tests are skipped on a developer's machine; in CI they must run.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMEDRIVER = shutil.which("chromedriver") or "/usr/bin/chromedriver"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
needs_chromium = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("CI"),
    reason="no chromium here (Debian: apt-get install chromium); CI must have it",
)
needs_chromedriver = pytest.mark.skipif(
    not (CHROMIUM and shutil.which("chromedriver")) and not os.environ.get("CI"),
    reason="no chromedriver here (Debian: apt-get install chromium-driver); CI must have it",
)


@dataclass
class Site:
    """A page on localhost: a test may change what it shows."""

    address: str = ""
    html: str = ""


@contextmanager
def serve() -> Iterator[Site]:
    """Serve one page until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/"
            body = site.html.encode() if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site.address = f"http://127.0.0.1:{server.server_port}/"
        yield site
        server.shutdown()
