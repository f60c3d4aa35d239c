"""The report where there is nothing, or nothing but one thing, to tell."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import needs_chromium
from drawing import draw, rectangle
from playwright.sync_api import expect
from reporting import BLUE, Reader, write_png
from viewing import expect_accessible, settle

from visualdiff import load_config, run
from visualdiff.report import write_report

pytestmark = needs_chromium
BROKEN = "candidate cannot be compared: not an image"


def _pass(folder: Path) -> None:
    for name in ("a.png", "b.png"):
        write_png(folder / "old" / name, draw())
        write_png(folder / "new" / name, draw())


def _be_new(folder: Path) -> None:
    for name in ("a.png", "b.png"):
        write_png(folder / "new" / name, draw(rectangle(20, 20, 90, 40, BLUE)))


def _break(folder: Path) -> None:
    write_png(folder / "old" / "a.png", draw())
    (folder / "new" / "a.png").write_bytes(b"no picture")


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what writes a report in a state, once."""
    made: dict[str, Path] = {}
    states = {"passed": _pass, "new": _be_new, "error": _break, "empty": _pass}

    def make(state: str) -> Path:
        if state not in made:
            folder = tmp_path_factory.mktemp(state)
            for side in ("old", "new"):
                (folder / side).mkdir()
            states[state](folder)
            made[state] = _run(folder, empty=state == "empty")
        return made[state]

    return make


def _run(folder: Path, *, empty: bool = False, options: str = "") -> Path:
    config = folder / "visualdiff.yaml"
    config.write_text(
        f"baselines: old\ncandidates: new\nreport: report\nexecutor: serial\n{options}\n"
    )
    result = run(load_config(config))
    if empty:
        write_report(replace(result, results=()))
    return result.config.report / "index.html"


EVERY = pytest.mark.parametrize("state", ["passed", "new", "error", "empty"])


@EVERY
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_each_is_accessible_and_fits(
    reader: Reader, write: Callable[[str], Path], state: str, width: int, scheme: str
) -> None:
    page = reader.open(write(state), width=width, color_scheme=scheme, bypass_csp=True)
    expect_accessible(page)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0


@pytest.mark.parametrize(
    ("state", "headline", "pairs", "colour"),
    [
        ("passed", "2 screenshots match", 2, "1a7f37"),
        ("new", "2 of 2 screenshots need a look", 2, "c8143f"),
        ("error", "1 of 1 screenshot need", 1, "c8143f"),
    ],
)
def test_each_says_at_once_what_it_is(
    reader: Reader,
    write: Callable[[str], Path],
    state: str,
    headline: str,
    pairs: int,
    colour: str,
) -> None:
    page = reader.open(write(state))
    expect(page.locator("h1")).to_contain_text(headline)
    expect(page.locator(".pair")).to_have_count(pairs)
    icon = page.locator("link[rel=icon]").get_attribute("href")
    assert icon
    assert colour in icon


def test_new_pictures_can_be_looked_at(reader: Reader, write: Callable[[str], Path]) -> None:
    page = reader.open(write("new"))
    expect(page.locator(".tile-empty").first).to_have_text("No baseline yet")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#stage")).to_have_attribute("data-mode", "candidate")
    expect(page.locator("#viewer-side")).to_contain_text("no baseline of this name")


def test_an_error_says_what_is_wrong(reader: Reader, write: Callable[[str], Path]) -> None:
    page = reader.open(write("error"))
    expect(page.locator(".card .reasons")).to_contain_text(BROKEN)


def test_where_nothing_was_compared_it_says_so(
    reader: Reader, write: Callable[[str], Path]
) -> None:
    page = reader.open(write("empty"))
    expect(page.locator("main")).to_contain_text("nothing to compare")
    page.keyboard.press("j")
    page.keyboard.press("?")


def test_pairs_that_passed_have_no_pictures_to_open(
    reader: Reader, write: Callable[[str], Path]
) -> None:
    page = reader.open(write("passed"))
    expect(page.locator(".pair a")).to_have_count(0)
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_contain_text("a.png")
    page.keyboard.press("Enter")
    expect(page.locator("#viewer")).to_be_hidden()


def test_pairs_that_passed_show_their_pictures_on_demand(reader: Reader, tmp_path: Path) -> None:
    _pass(tmp_path)
    page = reader.open(_run(tmp_path, options="passed_in_report: thumbnails"))
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_have_text("a.png")
    page.keyboard.press("Enter")
    expect(page.locator("#viewer-name")).to_have_text("a.png")
    settle(page)
    assert page.locator("#stage .picture").count() > 0
    page.keyboard.press("j")
    expect(page.locator("#viewer-name")).to_have_text("b.png")
    page.keyboard.press("Escape")
    expect(page.locator(":focus")).to_have_text("b.png")
