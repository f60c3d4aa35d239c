"""The site of docs/: built strictly, as GitHub shows the pages, and nothing from elsewhere."""

import functools
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import needs_chromium
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
OTHERS = [
    ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
]
# What both renderers must make of a page. (One writes a paragraph into the items of some lists.)
TAGS = ("h1", "h2", "h3", "ul", "ol", "li", "pre", "table", "tr", "td", "img", "kbd", "strong")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; with --strict, a broken link and a page without a place are errors."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


class Tags(HTMLParser):
    """Which elements a text has, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def count(self) -> Counter[str]:
        return Counter(tag for tag, _ in self.found if tag in TAGS)


def to_anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def list_anchors(page: Path) -> set[str]:
    return set(map(to_anchor, re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)))


def test_every_page_is_in_the_site_and_nothing_else(site: Path) -> None:
    pages = {path.stem for path in site.glob("*.html")}
    assert pages == {path.stem for path in PAGES} | {"404"}
    assert not list(site.rglob("*.py"))


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        for tag, attributes in Tags(page.read_text("utf-8")).found:
            # A person may follow <a>; all else is loaded.
            keys = () if tag == "a" else ("src", "href", "srcset", "data", "poster", "action")
            loaded = [attributes[key] or "" for key in keys if key in attributes]
            assert not [url for url in loaded if re.match(r"(https?:)?//", url)], page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import )[\"']?(https?:)?//", style.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_looks_as_on_github(site: Path, page: Path) -> None:
    there = MarkdownIt("commonmark").enable("table").render(page.read_text("utf-8"))
    built = (site / f"{page.stem}.html").read_text("utf-8")
    here = re.search("<article.*?</article>", built, re.DOTALL)
    assert here
    assert Tags(here[0]).count() == Tags(there).count()


@pytest.mark.parametrize("page", PAGES + OTHERS, ids=lambda page: page.stem)
def test_links_lead_somewhere_on_github(page: Path) -> None:
    text = re.sub("^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match("https?:", link):
            continue
        name, _, anchor = link.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), link
        assert other.is_relative_to(ROOT), link
        if anchor:
            assert anchor in list_anchors(other), link


def test_the_start_page_leads_to_every_other() -> None:
    links = set(re.findall(r"\]\(([a-z-]+)\.md\)", (ROOT / "docs/index.md").read_text("utf-8")))
    assert links == {page.stem for page in PAGES} - {"index"}


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Serve the site on localhost."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    handler = functools.partial(Handler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.slow
@needs_chromium
@pytest.mark.parametrize("width", [1440, 390])
def test_a_browser_reads_and_searches_it_without_a_network(
    browser: "Browser", address: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_default_timeout(60_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.goto(f"{address}{path.stem}.html")
        page.wait_for_load_state("networkidle")
        # Wide tables and code scroll within themselves.
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.stem
    if width > 1000:  # else the search is behind a button, which moves
        query = page.locator("[data-md-component=search-query]")
        query.click()
        page.get_by_text("Type to start searching").wait_for()  # what is typed before is lost
        query.press_sequentially("pointer")
        hit = page.locator(".md-search-result__item", has_text="Where baselines are kept")
        hit.first.wait_for()
    page.close()
    assert asked
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]
