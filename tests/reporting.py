"""A report that holds one of everything, and a reader who opens it in a real browser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import cv2
import numpy as np
from drawing import draw, draw_page, rectangle, text
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize

from visualdiff import load_config, run
from visualdiff.report.build import build_page
from visualdiff.report.html import render_page
from visualdiff.report.page import Page as Report

Image = NDArray[np.uint8]
BLUE, RED = (37, 99, 235), (220, 38, 38)
# Names by what they show.
TALL, ROWS, MASKED, HOSTILE = "tall.png", "rows.png", "masked.png", "shop <b>/#1 50%.png"
MENUS: Final = ("menu/about.png", "menu/contact.png", "menu/home.png")
# As the list has them: by status, then by how much changed.
LISTED: Final = (
    (ROWS, HOSTILE, TALL, *MENUS, MASKED),
    ("broken.png",),
    ("gone.png",),
    ("fresh.png",),
    ("faint.png", "same-1.png", "same-2.png"),
)
BUTTON: Final = (300, 150, 120, 40)
# What is ignored of the masked pair, beside its mask.
FAINT: Final = (300, 200, 80, 40)
_CONFIG: Final = """
baselines: old
candidates: new
report: report
executor: serial
overrides:
  - {match: masked.png, masks: [{x: 0, y: 0, width: 100%, height: 60}]}
"""


class Reader:
    """Opens reports; `complaints` are what consoles said and what was fetched from elsewhere."""

    def __init__(self, browser: Browser) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def open(
        self,
        report: Path | str,
        address: str = "",
        *,
        width: int = 1440,
        height: int = 900,
        **options: Any,
    ) -> Page:
        """Open a report, in a file or at an URL, as one who wants nothing to move by itself."""
        page = self.start(width=width, height=height, **options)
        page.goto(f"{report.as_uri() if isinstance(report, Path) else report}{address}")
        return page

    def start(self, *, width: int = 1440, height: int = 900, **options: Any) -> Page:
        options = {"reduced_motion": "reduce"} | options
        viewport = ViewportSize(width=width, height=height)
        context = self._browser.new_context(viewport=viewport, **options)
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = context.new_page()
        self._listen(page)
        return page

    def _note_failure(self, request: Request) -> None:
        # Who leaves a page takes back what it was loading.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _listen(self, page: Page) -> None:
        add = self.complaints.append
        page.on("console", lambda message: add(f"console: {message.text}"))
        page.on("pageerror", lambda error: add(f"error: {error}"))
        page.on("requestfailed", self._note_failure)
        allowed = ("file:", "data:", "http://127.0.0.1:")
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(allowed) else add(f"fetched: {request.url}")
            ),
        )


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on localhost, and yield its address."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    handler = partial(Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def make_report(folder: Path, amend: Callable[[Report], Report] | None = None) -> Path:
    """Compare one pair of everything in a folder, and return the page that tells of it."""
    for name, (before, after) in _draw_pairs().items():
        for side, image in (("old", before), ("new", after)):
            if image is not None:
                write_png(folder / side / name, image)
    (folder / "new" / "broken.png").write_bytes(b"no picture")
    (folder / "visualdiff.yaml").write_text(_CONFIG)
    result = run(load_config(folder / "visualdiff.yaml"))
    page = build_page(result)
    index = result.config.report / "index.html"
    index.write_bytes(b"".join(render_page(amend(page) if amend else page)))
    return index


def _draw_pairs() -> dict[str, tuple[Image | None, Image | None]]:
    page = draw_page(45, width=400)
    inserted = np.insert(page, 200, np.full((60, 400, 3), (200, 80, 80)), axis=0)
    inserted[800:820, 100:150] = (0, 0, 220)
    tall = draw_page(120, width=400)
    menus = {
        name: (
            draw(rectangle(*BUTTON, BLUE), text(30, 60, name)),
            draw(rectangle(*BUTTON, RED), text(30, 60, name)),
        )
        for name in MENUS
    }
    plain, moved = draw(rectangle(*BUTTON, BLUE)), draw(rectangle(200, 90, 200, 100, RED))
    dot = draw(
        rectangle(20, 20, 40, 20, RED),
        rectangle(100, 200, 12, 12, RED),
        rectangle(*FAINT, (251, 250, 246)),
    )
    faint = draw(rectangle(*BUTTON, (38, 99, 235)))
    return {
        ROWS: (page, np.asarray(inserted, np.uint8)),
        TALL: (tall, _fill(_fill(tall, 700, 60), 2310, 40)),
        HOSTILE: (plain, moved),
        MASKED: (draw(), dot),
        "broken.png": (plain, None),
        "gone.png": (plain, None),
        "fresh.png": (None, plain),
        "faint.png": (plain, faint),
        "same-1.png": (plain, plain),
        "same-2.png": (plain, plain),
        **menus,
    }


def _fill(image: Image, top: int, height: int) -> Image:
    filled = image.copy()
    filled[top : top + height, 250:330] = (40, 40, 200)
    return filled


def write_png(path: Path, image: Image) -> None:
    """Write an RGB image."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image[..., ::-1])[1].tobytes())
