"""What the viewer says of the pixel under the pointer: two colours and how different they look."""

import base64
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import needs_chromium
from playwright.sync_api import Page, expect
from reporting import BLUE, BUTTON, MENUS, RED, ROWS, TALL, Reader, make_report, serve
from viewing import open_pair, place_of, settle

from visualdiff.report.page import Each, Entry
from visualdiff.report.page import Page as Report

pytestmark = needs_chromium
CHANGED = (100, 800, 50, 20)
DIFFERENCE = 47.11


def encode(
    place: tuple[int, int, int, int],
    before: tuple[int, ...],
    after: tuple[int, ...],
    *,
    truncated: bool = False,
) -> str:
    """Return the style sheet that holds the colours of a flat area, as `pixels.js` reads it."""
    count = place[2] * place[3]
    data = b"".join(
        (
            struct.pack("<6I", truncated, 1, *place),
            bytes((*before, 255)) * count,
            bytes((*after, 255)) * count,
            struct.pack("<H", round(100 * DIFFERENCE)) * count,
            bytes((2,)) * count,
        )
    )
    told = base64.b64encode(zlib.compress(data)).decode()
    return f':root{{--visualdiff-pixels:"{told}"}}'


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report that tells the colours of three pairs; of one it tells too few."""
    sheets = {
        MENUS[0]: encode(BUTTON, BLUE, RED),
        ROWS: encode(CHANGED, (250, 250, 250), (0, 0, 220)),
        TALL: encode((250, 700, 80, 60), (250, 250, 250), (40, 40, 200), truncated=True),
    }

    folder = tmp_path_factory.mktemp("report # 100%")

    def tell(entry: Entry) -> Entry:
        if entry.name not in sheets:
            return replace(entry, pixels="")
        url = f"assets/{entry.id}.css"
        (folder / "report" / url).write_text(sheets[entry.name], "utf-8")
        return replace(entry, pixels=url)

    def amend(page: Report) -> Report:
        return replace(page, entries=Each(tell, tuple(page.entries)))

    return make_report(folder, amend)


@pytest.fixture(params=["file", "http"])
def page(request: pytest.FixtureRequest, reader: Reader, report: Path) -> Iterator[Page]:
    if request.param == "file":
        yield reader.open(report)
        return
    with serve(report.parent) as address:
        yield reader.open(address)


def point_at(page: Page, x: int, y: int, pane: int = 0) -> None:
    page.mouse.move(*place_of(page, x + 0.5, y + 0.5, pane))


@pytest.mark.parametrize("pane", [0, 1])
def test_both_colours_and_their_difference_are_told(page: Page, pane: int) -> None:
    open_pair(page, MENUS[0])
    told = page.locator("#probe")
    left, top, width, height = BUTTON
    for x, y in ((left, top), (left + width - 1, top + height - 1)):
        point_at(page, x, y, pane)
        expect(told).to_contain_text(f"{x}, {y}")
        expect(told).to_contain_text("baseline  #2563eb")
        expect(told).to_contain_text("candidate  #dc2626")
        expect(told).to_contain_text(f"ΔE {DIFFERENCE:.2f}, visible")
    point_at(page, left - 1, top, pane)
    expect(told).to_contain_text("equal")
    point_at(page, left + width, top, pane)
    expect(told).to_contain_text("equal")


def test_an_equal_pixel_is_told_by_its_colour_or_shown(page: Page) -> None:
    open_pair(page, MENUS[0])
    point_at(page, 480, 280)
    colour = "#fafaf6" if page.url.startswith("http") else "(as shown)"
    expect(page.locator("#probe")).to_contain_text(f"480, 280baseline  {colour}")
    expect(page.locator("#probe")).to_contain_text("equal")
    expect(page.locator("#probe canvas")).to_have_count(2)


def test_below_inserted_rows_each_side_is_told_at_its_own_place(page: Page) -> None:
    open_pair(page, ROWS)
    page.keyboard.press("z")
    page.locator("[data-region='2']").click()
    told = page.locator("#probe")
    for pane, y in ((0, 740), (1, 800)):
        point_at(page, 110, y, pane)
        expect(told).to_contain_text(f"110, {y}")
        expect(told).to_contain_text("candidate  #0000dc")
        expect(told).to_contain_text(f"ΔE {DIFFERENCE:.2f}")
    page.locator("[data-region='1']").click()
    point_at(page, 110, 230, 1)
    expect(told).to_contain_text("baseline: nothing here")
    expect(told).to_contain_text("on one side only")


def test_what_was_not_recorded_is_not_called_equal(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    open_pair(page, TALL)
    page.locator("[data-region='1']").click()
    point_at(page, 200, 720)
    expect(page.locator("#probe")).to_contain_text("not recorded")


def test_outside_of_the_picture_and_of_the_pane_nothing_is_told(
    reader: Reader, report: Path
) -> None:
    page = reader.open(report)
    open_pair(page, MENUS[0])
    told = page.locator("#probe")
    point_at(page, 310, 160)
    expect(told).to_contain_text("310, 160")
    point_at(page, 510, 160)
    expect(told).to_have_text("")
    point_at(page, 310, 160)
    page.locator("#zoom-in").hover()
    expect(told).to_have_text("")


def test_a_finger_asks_too(reader: Reader, report: Path) -> None:
    page = reader.open(report, width=390, height=844, has_touch=True)
    open_pair(page, MENUS[0])
    settle(page)
    page.touchscreen.tap(*place_of(page, 310.5, 160.5, 1))
    expect(page.locator("#probe")).to_contain_text("candidate  #dc2626")
