"""What the viewer says of the pixel under the pointer: two colours and how different they look."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chromium import needs_chromium
from drawing import draw_page
from playwright.sync_api import Page, expect
from reporting import (
    BLUE,
    BUTTON,
    FAINT,
    MASKED,
    MENUS,
    RED,
    ROWS,
    TALL,
    Reader,
    make_report,
    serve,
)
from skimage.color import deltaE_ciede94, rgb2lab
from viewing import open_pair, place_of, settle

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report that tells the colours of few pixels: of the tall page's not all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("visualdiff.pixel_tiles.MOST_PIXELS", 7700)
        return make_report(tmp_path_factory.mktemp("report # 100%"))


@pytest.fixture(params=["file", "http"])
def page(request: pytest.FixtureRequest, reader: Reader, report: Path) -> Iterator[Page]:
    if request.param == "file":
        yield reader.open(report)
        return
    with serve(report.parent) as address:
        yield reader.open(address)


def point_at(page: Page, x: int, y: int, pane: int = 0) -> None:
    page.mouse.move(*place_of(page, x + 0.5, y + 0.5, pane))


def measure(*colours: tuple[int, int, int]) -> float:
    """Return the ΔE of two colours, in the middle of what it is with either as the reference."""
    lab = [rgb2lab(np.array([[colour]], np.uint8)) for colour in colours]
    both = [deltaE_ciede94(*order).item() for order in (lab, lab[::-1])]  # type: ignore[no-untyped-call]
    return float(sum(both) / 2)


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
        expect(told).to_contain_text(re.compile(r"ΔE \d\d\.\d\d, visible$"))
        difference = float(told.inner_text().partition("ΔE ")[2].partition(",")[0])
        assert difference == pytest.approx(measure(BLUE, RED), abs=0.02)
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
        expect(told).to_contain_text("visible")
    if page.url.startswith("http"):
        # Ink that stands on paper where it was before the rows above it were inserted.
        before = draw_page(45, width=400)[..., 0]
        rows, columns = np.nonzero((before[700:740] < 99) & (before[760:800] > 99))
        point_at(page, int(columns[0]), int(rows[0]) + 760, 1)
        expect(told).to_contain_text("baseline  #282828candidate  #282828equal")
    page.locator("[data-region='1']").click()
    point_at(page, 110, 230, 1)
    expect(told).to_contain_text("baseline: nothing here")
    expect(told).to_contain_text("on one side only")


def test_what_was_not_recorded_is_not_called_equal(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    open_pair(page, TALL)
    page.locator("[data-region='1']").click()
    point_at(page, 290, 720)
    expect(page.locator("#probe")).to_contain_text("visible")
    page.locator("[data-region='2']").click()
    point_at(page, 290, 2330)
    expect(page.locator("#probe")).to_contain_text("not recorded")


def test_what_was_ignored_or_masked_is_told_as_such(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    open_pair(page, MASKED)
    told = page.locator("#probe")
    for (x, y), became in (((FAINT[0], FAINT[1]), "ignored"), ((30, 30), "masked")):
        point_at(page, x + 3, y + 3)
        expect(told).to_contain_text(re.compile(rf"ΔE \d+\.\d\d, {became}$"))


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
