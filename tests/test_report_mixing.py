"""Two pictures over one another: the divider of swipe, the opacity of onion skin, the blink."""

from pathlib import Path

import pytest
from chromium import needs_chromium
from playwright.sync_api import Page, expect
from reporting import BLUE, MENUS, RED, Reader
from viewing import colour_at, open_pair, pane_of, place_of, rect_of, settle

pytestmark = needs_chromium
# Places of the button, left to right.
NEAR, FAR = (305, 160), (415, 160)


@pytest.fixture
def page(reader: Reader, report: Path) -> Page:
    return reader.open(report)


def open_mode(page: Page, key: str) -> None:
    open_pair(page, MENUS[0])
    page.keyboard.press(key)
    settle(page)


def test_the_divider_of_swipe_is_dragged(page: Page) -> None:
    open_mode(page, "2")
    handle, pane = page.locator(".handle"), rect_of(pane_of(page))
    page.mouse.move(*rect_of(handle).middle)
    page.mouse.down()
    across = place_of(page, 360, 160)[0]
    page.mouse.move(across, pane.y + 20, steps=3)
    page.mouse.up()
    page.mouse.move(pane.x, pane.y)
    assert rect_of(handle).middle[0] == pytest.approx(across, abs=pane.width / 100)
    assert colour_at(page, *NEAR) == BLUE
    assert colour_at(page, *FAR) == RED
    told = [
        rect_of(page.locator(f".pane-head [data-role={side}]")).x
        for side in ("baseline", "candidate")
    ]
    assert told[0] < told[1]  # as the pictures stand


def test_the_divider_of_swipe_is_moved_by_the_keyboard_and_stays(page: Page) -> None:
    open_mode(page, "2")
    divider = page.get_by_label("Divider")
    expect(divider).to_have_value("50")
    assert colour_at(page, *NEAR) == RED
    divider.press("End")
    assert colour_at(page, *FAR) == BLUE
    divider.press("PageDown")
    told = divider.input_value()
    assert int(told) < 100
    page.locator("#next").click()
    expect(page.locator("#viewer-name")).to_have_text(MENUS[1])
    expect(divider).to_have_value(told)


def test_the_divider_stays_on_the_screen_while_the_pictures_move(page: Page) -> None:
    open_mode(page, "2")
    page.keyboard.press("z")
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("+")
    at = rect_of(page.locator(".handle"))
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    assert rect_of(page.locator(".handle")) == at


def test_onion_skin_mixes_as_much_as_is_asked_for(page: Page) -> None:
    open_mode(page, "3")
    opacity = page.get_by_label("Candidate", exact=False).and_(page.get_by_role("slider"))
    for key, percent in (("Home", 0), ("End", 100)):
        opacity.press(key)
        expect(page.locator("#mix output")).to_have_text(f"{percent} %")
        assert colour_at(page, *FAR) == (RED if percent else BLUE)
    opacity.fill("25")
    mixed = [0.75 * before + 0.25 * after for before, after in zip(BLUE, RED, strict=True)]
    assert colour_at(page, *FAR) == pytest.approx(mixed, abs=2)


def expect_shown(page: Page, side: str) -> None:
    """The picture of a side is seen, and it alone is named."""
    expect(page.locator("#stage")).to_have_attribute("data-shown", side)
    for each in ("baseline", "candidate"):
        label = page.locator(f".pane-head [data-role={each}]")
        expect(label).to_be_visible(visible=each == side)
        expect(label).to_contain_text(each.capitalize())
    assert colour_at(page, *FAR) == (BLUE if side == "baseline" else RED)


def test_who_wants_no_motion_blinks_by_hand(page: Page) -> None:
    page.clock.install()
    open_mode(page, "4")
    page.clock.run_for(10_000)
    expect_shown(page, "baseline")
    for side in ("candidate", "baseline", "candidate"):
        page.keyboard.press("Space")
        expect_shown(page, side)
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(950)
    expect_shown(page, "baseline")


def test_blink_is_even_and_said_and_stops(reader: Reader, report: Path) -> None:
    page = reader.start(reduced_motion="no-preference")
    page.clock.install()
    page.goto(report.as_uri())
    open_pair(page, MENUS[0])
    page.keyboard.press("4")
    page.clock.pause_at(page.evaluate("Date.now()") + 100)
    expect(page.locator("#mix output")).to_have_text("0.9 s")
    first = page.locator("#stage").get_attribute("data-shown")
    sides = ["baseline", "candidate"] if first == "candidate" else ["candidate", "baseline"]
    for side in (*sides, *sides):
        page.clock.run_for(900)
        expect_shown(page, side)
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(5000)
    expect_shown(page, sides[-1])
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(900)
    expect_shown(page, sides[0])
    page.keyboard.press("1")
    page.clock.run_for(5000)
    expect(page.locator("#stage")).not_to_have_attribute("data-shown", "baseline")
    expect(page.locator("#pause")).to_be_hidden()


def test_the_rate_of_the_blink_is_adjustable_and_stays(reader: Reader, report: Path) -> None:
    page = reader.start(reduced_motion="no-preference")
    page.clock.install()
    page.goto(report.as_uri())
    open_mode(page, "4")
    rate = page.get_by_role("slider")
    rate.press("End")
    expect(page.locator("#mix output")).to_have_text("0.2 s")
    rate.press("Home")
    expect(page.locator("#mix output")).to_have_text("2.0 s")
    page.clock.pause_at(page.evaluate("Date.now()") + 50)
    shown = page.locator("#stage").get_attribute("data-shown")
    page.clock.run_for(1800)
    assert page.locator("#stage").get_attribute("data-shown") == shown
    page.clock.run_for(200)
    assert page.locator("#stage").get_attribute("data-shown") != shown
    page.locator("#next").click()
    expect(page.locator("#mix output")).to_have_text("2.0 s")
