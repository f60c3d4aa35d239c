"""From the words of the command line to a server on localhost, until somebody stops it."""

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

import uvicorn

from visualdiff.approval import open_review, refuse_in_ci, tell_undo
from visualdiff.approval.journal import hold_journal
from visualdiff.errors import ReviewError
from visualdiff.reviewing.application import build_application
from visualdiff.reviewing.audit import LOG
from visualdiff.reviewing.guard import TOKEN, Guard
from visualdiff.reviewing.pages import Pages
from visualdiff.reviewing.session import Session

# Nobody else on this machine or network is to reach it by another address.
_ADDRESS: Final = "127.0.0.1"
_HINT: Final = "Accept and Reject act at once there. Ctrl-C stops it."
# How long to wait, once stopped, for who reads slowly. What is being written is always waited for.
_PATIENCE_SECONDS: Final = 3
# Where a system has no screen, Python would start a browser in this terminal.
_SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


def serve_review(options: Namespace, say: Callable[[str], None]) -> None:
    """Serve the report that the options name, and say what was done once it is stopped.

    Ctrl-C is how a review ends; SIGTERM raises what its handler does. Raises `ReviewError`.
    """
    refuse_in_ci(force=options.force)
    review = open_review(options.config, options.results)
    with hold_journal(review.report), closing(_listen(options.port)) as listener:
        pages = Pages(review.report, review.folder, review.run)
        session = Session(review)
        port = listener.getsockname()[1]
        token, once = token_urlsafe(32), token_urlsafe(32)
        guard = Guard(build_application(pages, session), token=token, once=once, port=port)
        address = f"http://{_ADDRESS}:{port}/?{TOKEN}="
        try:
            with suppress(KeyboardInterrupt), asyncio.Runner() as runner:
                runner.get_loop()  # one that Ctrl-C catches half made would complain
                say(f"review: {address}{token}")
                say(_HINT)
                if options.browser:
                    _browse(f"{address}{once}")
                runner.run(_make_server(guard).serve(sockets=[listener]))
        finally:
            for line in _summarise(session, review.report, options):
                say(line)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((_ADDRESS, port))
    except OSError as error:
        raise ReviewError(
            f"--port {port}: cannot be used: {error.strerror}; without --port, a free one is taken"
        ) from error


def _browse(address: str) -> None:
    if sys.platform in ("darwin", "win32") or any(map(os.environ.get, _SCREENS)):
        with suppress(webbrowser.Error):
            webbrowser.open(address)


def _make_server(guard: Guard) -> uvicorn.Server:
    config = uvicorn.Config(
        guard,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # it would show the token
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )
    server = uvicorn.Server(config)
    # Once stopped, it complains of each request for which it does not wait any longer.
    logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
    return server


def _summarise(session: Session, report: Path, options: Namespace) -> Iterator[str]:
    yield ""  # terminals show ^C
    written, counts = session.end()
    yield from written
    yield ", ".join(f"{count:,} {state}" for state, count in counts.items())
    if written:
        yield f"{len(written):,} changed; {tell_undo(options)}"
    if (report / LOG).exists():
        yield f"log: {report / LOG}"
