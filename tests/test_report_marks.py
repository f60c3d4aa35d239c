"""What lies over the pictures: boxes, rows, masks, ignored pixels; a baseline on a candidate."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chromium import needs_chromium
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from reporting import BLUE, BUTTON, FAINT, MASKED, MENUS, ROWS, TALL, Reader, make_report
from viewing import MODES, Rect, colour_at, open_pair, pane_of, rect_of, reload, settle, shoot

from visualdiff.report.page import Each, Entry
from visualdiff.report.page import Page as Report

pytestmark = needs_chromium
# What is to be laid over a baseline that was moved by this much.
MOVED = (1.0, 0.0, 0.0, 1.0, -100.0, 30.0)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report in which a whole page was moved."""

    def amend(page: Report) -> Report:
        return replace(page, entries=Each(change, tuple(page.entries)))

    def change(entry: Entry) -> Entry:
        if entry.name == MENUS[1]:
            return replace(entry, motion=MOVED)
        return entry

    return make_report(tmp_path_factory.mktemp("report"), amend)


@pytest.fixture
def page(reader: Reader, report: Path) -> Page:
    return reader.open(report)


def expect_on(page: Page, pane: int, mark: str, place: tuple[float, float, float, float]) -> None:
    """A mark stands on a place of the picture, as the picture itself stands on the screen."""
    window = pane_of(page, pane)
    image = window.locator(".picture").first
    whole, box = rect_of(image), rect_of(window.locator(mark))
    zoom = whole.width / image.evaluate("image => image.naturalWidth")
    x, y, width, height = (side * zoom for side in place)
    # Of rows that a side lacks, the edges remain.
    expected = Rect(whole.x + x, whole.y + y, width, max(height, 4))
    assert box == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("mode", MODES)
def test_a_box_lies_on_the_pixels_that_changed_at_every_zoom(page: Page, mode: str) -> None:
    open_pair(page, MENUS[0])
    page.keyboard.press(str(MODES.index(mode) + 1))
    for keys in ("f", "z", "+++", "ArrowRight ArrowDown + +"):
        for key in keys.split() if " " in keys else keys:
            page.keyboard.press(key)
        for pane in range(page.locator("#stage .window").count()):
            expect_on(page, pane, ".box", BUTTON)


@pytest.mark.parametrize(
    ("mode", "tops"),
    [
        ("side", [(200, 0, 740), (200, 60, 800)]),
        ("swipe", [(200, 60, 800)]),
        ("diff", [(200, 60, 800)]),
        ("baseline", [(200, 0, 740)]),
        ("candidate", [(200, 60, 800)]),
    ],
)
def test_below_inserted_rows_the_baseline_s_box_stands_higher(
    page: Page, mode: str, tops: list[tuple[int, int, int]]
) -> None:
    open_pair(page, ROWS)
    page.keyboard.press(str(MODES.index(mode) + 1))
    page.keyboard.press("z")
    page.keyboard.press("+")
    for pane, (band_top, band_height, box_top) in enumerate(tops):
        expect_on(page, pane, ".band", (0, band_top, 400, band_height))
        expect_on(page, pane, ".box", (100, box_top, 50, 20))


@pytest.mark.parametrize(
    ("name", "key", "label", "mark", "others"),
    [
        (ROWS, "b", "Boxes", ".box", [".band"]),
        (ROWS, "w", "Rows", ".band", [".box"]),
        (MASKED, "m", "Masks", ".mask", [".box", ".ignored"]),
        (MASKED, "i", "Ignored", ".ignored", [".box", ".mask"]),
    ],
)
def test_each_kind_of_mark_is_hidden_by_itself_and_stays_so(
    page: Page, name: str, key: str, label: str, mark: str, others: list[str]
) -> None:
    open_pair(page, name)
    marks, button = page.locator(f"#stage {mark}"), page.locator("#layers").get_by_text(label)
    if ".ignored" in {mark, *others}:
        expect(page.locator(".ignored")).to_be_hidden()  # unless it is asked for
        page.keyboard.press("i")
    expect(marks.first).to_be_visible()
    page.keyboard.press(key)
    expect(marks.first).to_be_hidden()
    expect(button).to_have_attribute("aria-pressed", "false")
    for other in others:
        expect(page.locator(f"#stage {other}").first).to_be_visible()
    page.keyboard.press("7")
    expect(marks.first).to_be_hidden()
    page.wait_for_url("**mode=candidate**")
    reload(page)
    expect(marks).to_have_count(1)
    expect(marks).to_be_hidden()
    button.click()
    expect(marks).to_be_visible()


def test_only_marks_that_a_pair_has_are_offered(page: Page) -> None:
    layers = page.locator("#layers button")
    open_pair(page, TALL)
    expect(layers).to_have_text(["Boxes"])
    page.keyboard.press("Escape")
    open_pair(page, ROWS)
    expect(layers).to_have_text(["Boxes", "Rows"])
    page.keyboard.press("Escape")
    open_pair(page, MASKED)
    expect(layers).to_have_text(["Boxes", "Masks", "Ignored"])


def test_what_is_masked_is_hatched_on_both_sides(page: Page) -> None:
    open_pair(page, MASKED)
    settle(page)
    for pane in (0, 1):
        expect_on(page, pane, ".mask", (0, 0, 500, 300))
        shown = shoot(pane_of(page, pane))
        page.keyboard.press("m")
        bare = shoot(pane_of(page, pane))
        page.keyboard.press("m")
        picture, window = rect_of(pane_of(page).locator(".picture")), rect_of(pane_of(page))
        edge = picture.y - window.y + 60 * picture.width / 500
        rows = np.flatnonzero((shown != bare).any(axis=(1, 2)))
        assert rows.size > 0.5 * (edge - rows[0])
        assert rows[-1] == pytest.approx(edge, abs=2)


def hide_marks(page: Page) -> None:
    for key in "bwm":
        page.keyboard.press(key)


def test_what_was_ignored_is_speckled_where_it_is(page: Page) -> None:
    open_pair(page, MASKED)
    page.keyboard.press("7")
    page.keyboard.press("z")
    settle(page)
    bare = shoot(pane_of(page))
    page.keyboard.press("i")
    expect_on(page, 0, ".ignored", (0, 0, 500, 300))
    image, pane = rect_of(page.locator(".picture")), rect_of(pane_of(page))
    left, top = round(image.x - pane.x) + FAINT[0], round(image.y - pane.y) + FAINT[1]
    rows, columns = np.nonzero((shoot(pane_of(page)) != bare).any(axis=2))
    # It has an edge of a pixel around it.
    assert (columns.min(), rows.min()) == (left - 1, top - 1)
    assert (columns.max(), rows.max()) == (left + FAINT[2], top + FAINT[3])


def open_baseline(page: Page, name: str, mode: str) -> None:
    """Open a mode in which a baseline lies over or under a candidate; show all of it."""
    open_pair(page, name)
    for key in "bwm":
        page.keyboard.press(key)
    page.keyboard.press(str(MODES.index(mode) + 1))
    if mode != "blink":  # which is paused, and shows it first
        page.get_by_role("slider").press("End" if mode == "swipe" else "Home")


@pytest.mark.parametrize("mode", ["swipe", "onion", "blink"])
def test_the_parts_of_an_aligned_baseline_stand_on_the_candidate_s_rows(
    page: Page, mode: str
) -> None:
    open_baseline(page, ROWS, mode)
    page.locator("#zoom-actual").click()
    page.locator("#stage").press("Shift+ArrowUp")
    shown = seen(page)
    page.keyboard.press("7")
    differing = np.flatnonzero((shown != seen(page)).any(axis=(1, 2)))
    # The baseline has nothing where rows were inserted, and the same everywhere else.
    assert (differing.min(), differing.max()) == (200, 259)


def seen(page: Page) -> NDArray[np.uint8]:
    """Return what is seen of the columns of a picture, without the divider."""
    settle(page)
    pane, image = rect_of(pane_of(page)), rect_of(pane_of(page).locator(".picture").last)
    left = round(image.x - pane.x)
    return shoot(pane_of(page))[:600, left : left + 400]


@pytest.mark.parametrize("mode", ["onion", "blink"])
def test_a_baseline_that_was_moved_as_a_whole_lies_on_the_candidate(page: Page, mode: str) -> None:
    open_baseline(page, MENUS[1], mode)
    settle(page)
    left, top, width, height = BUTTON
    x, y = left + MOVED[4], top + MOVED[5]
    for corner in ((x, y), (x + width - 1, y + height - 1)):
        assert colour_at(page, *corner) == pytest.approx(BLUE, abs=2)
    assert colour_at(page, left + width - 1, top) != pytest.approx(BLUE, abs=2)
