"""The viewer: its seven modes, its keys, its regions, and what it remembers."""

from pathlib import Path

import pytest
from chromium import needs_chromium
from playwright.sync_api import Page, expect
from reporting import BLUE, HOSTILE, LISTED, MENUS, RED, ROWS, TALL, Reader
from viewing import MODES, colour_at, expect_seen, open_pair, rect_of, settle

pytestmark = needs_chromium
LABELS = dict(
    zip(
        MODES,
        ("Side by side", "Swipe", "Onion skin", "Blink", "Difference", "Baseline", "Candidate"),
        strict=True,
    )
)


@pytest.fixture
def page(reader: Reader, report: Path) -> Page:
    return reader.open(report)


def expect_mode(page: Page, mode: str) -> None:
    expect(page.locator("#stage")).to_have_attribute("data-mode", mode)
    pressed = page.locator("#modes [aria-pressed=true]")
    expect(pressed).to_have_text(LABELS[mode])


# The colours in which each pane shows a button that was blue and is red, by its right end.
SHOWN = {
    "side": [BLUE, RED],
    "swipe": [RED],  # right of the divider
    "onion": [(129, 69, 137)],
    "blink": [BLUE],
    "baseline": [BLUE],
    "candidate": [RED],
}


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_by_its_key_and_by_its_button(page: Page, mode: str) -> None:
    open_pair(page, MENUS[0])
    page.keyboard.press(str(MODES.index(mode) + 1))
    expect_mode(page, mode)
    settle(page)
    panes = page.locator("#stage .window").count()
    colours = [colour_at(page, 400, 160, pane) for pane in range(panes)]
    if mode == "diff":
        assert len(colours) == 1
        assert colours[0] not in {BLUE, RED}
        assert colour_at(page, 20, 20)[0] > 180  # what did not change is pale
    else:
        assert colours == [pytest.approx(colour, abs=2) for colour in SHOWN[mode]]
    page.keyboard.press("1" if mode != "side" else "2")
    page.locator("#modes").get_by_role("button", name=LABELS[mode], exact=True).click()
    expect_mode(page, mode)


def test_the_mode_is_remembered_for_other_pairs_and_other_days(page: Page, report: Path) -> None:
    open_pair(page, MENUS[0])
    page.keyboard.press("3")
    page.keyboard.press("j")
    expect(page.locator("#viewer-name")).to_have_text(MENUS[1])
    expect_mode(page, "onion")
    page.goto("about:blank")
    page.goto(report.as_uri())
    open_pair(page, TALL)
    expect_mode(page, "onion")


def test_a_thumbnail_of_the_difference_opens_the_difference_this_once(page: Page) -> None:
    card = page.locator(".card", has_text=TALL)
    card.get_by_role("link", name="Difference of").click()
    expect_mode(page, "diff")
    page.keyboard.press("Escape")
    open_pair(page, TALL)
    expect_mode(page, "side")


def test_a_pair_that_lacks_a_picture_is_shown_as_it_can_be(page: Page) -> None:
    page.keyboard.press("End")
    open_pair(page, "fresh.png")
    expect_mode(page, "candidate")
    expect(page.locator("#modes button")).to_have_text(["Candidate"])
    page.keyboard.press("k")
    expect(page.locator("#viewer-name")).to_have_text("gone.png")
    expect_mode(page, "baseline")
    page.keyboard.press("j")
    page.keyboard.press("j")  # the last leads to the first
    expect(page.locator("#viewer-name")).to_have_text(ROWS)
    expect_mode(page, "side")


def test_j_and_k_and_the_buttons_step_through_the_pairs_that_are_listed(page: Page) -> None:
    page.get_by_role("button", name="Failed 7").click()
    open_pair(page, ROWS)
    name, position = page.locator("#viewer-name"), page.locator("#position")
    expect(position).to_have_text("1 of 7")
    page.keyboard.press("j")
    expect(name).to_have_text(HOSTILE)
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(name).to_have_text(LISTED[0][-1])
    page.get_by_role("button", name="Next pair").click()
    expect(name).to_have_text(ROWS)
    page.get_by_role("button", name="Previous pair").click()
    expect(position).to_have_text("7 of 7")


def test_n_and_p_and_the_list_fly_to_regions(reader: Reader, report: Path) -> None:
    page = reader.open(report, reduced_motion="no-preference")
    open_pair(page, TALL)
    current = page.locator("#viewer-side [aria-current=true]")
    boxes = [page.locator(f"#stage .pane:nth-child({pane}) .box") for pane in (1, 2)]

    def expect_at(number: int) -> None:
        expect(current).to_contain_text(f"{number}changed")
        for pane in boxes:
            expect(pane.nth(number - 1)).to_have_attribute("data-current", "")
            expect_seen(page, pane.nth(number - 1))

    page.locator("[data-region='2']").click()
    expect_at(2)
    page.keyboard.press("p")
    expect_at(1)
    page.keyboard.press("n")
    expect_at(2)
    page.keyboard.press("n")  # the last leads to the first
    expect_at(1)


def test_a_tall_page_opens_where_it_changed_and_legible(page: Page) -> None:
    open_pair(page, TALL)
    expect_seen(page, page.locator("#stage .box").first)
    assert rect_of(page.locator("#stage .box").first).width >= 80
    page.keyboard.press("n")  # on from there
    expect(page.locator("#viewer-side [aria-current=true]")).to_contain_text("2changed")


def test_in_the_baseline_alone_a_region_is_flown_to_where_it_stands_there(page: Page) -> None:
    open_pair(page, ROWS)
    page.keyboard.press("6")
    page.locator("[data-region='2']").click()
    expect_seen(page, page.locator("#stage .box"))
    pane = rect_of(page.locator("#stage .window"))
    box = rect_of(page.locator("#stage .box"))
    assert box.middle[1] == pytest.approx(pane.middle[1], abs=2)


@pytest.mark.parametrize("how", ["Escape", "button"])
def test_it_closes_even_before_anything_was_touched(
    reader: Reader, report: Path, how: str
) -> None:
    page = reader.open(report)
    open_pair(page, TALL)
    page.wait_for_url("**#pair=*")
    linked = reader.open(page.url)
    if how == "Escape":
        linked.keyboard.press("Escape")
    else:
        linked.get_by_role("button", name="Close").click()
    expect(linked.locator("#viewer")).to_be_hidden()
    open_pair(linked, TALL)
    expect(linked.locator("#viewer")).to_be_visible()
    expect(linked.locator("#stage .window")).to_have_count(2)


def test_escape_closes_the_viewer_again_and_again(page: Page) -> None:
    for _ in range(3):
        open_pair(page, TALL)
        page.keyboard.press("Escape")
        expect(page.locator("#viewer")).to_be_hidden()
        page.keyboard.press("j")
        page.keyboard.press("k")


def test_the_help_sheet_opens_over_the_viewer(page: Page) -> None:
    open_pair(page, TALL)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator("#viewer")).to_be_visible()
    page.locator("#viewer-help").click()
    expect(page.locator("#help")).to_be_visible()


def test_the_keys_of_the_sheet_are_those_that_are_tested(page: Page) -> None:
    keys = page.locator("#help-keys section").evaluate_all(
        "all => all.map(each => [...each.querySelectorAll('kbd')].map(key => key.textContent))"
    )
    assert keys == [
        ["j", "k", "Enter", "a", "r", "u", "/", "Esc"],
        [
            *("j", "k", "a", "r", "u", "n", "p", "1 … 7", "+ −", "f", "z", "← ↑ ↓ →"),
            *("b", "w", "m", "i", "Space", "Esc", "Wheel", "Drag, pinch"),
        ],
    ]


def test_beside_the_pictures_it_says_why_where_and_how_much(page: Page) -> None:
    open_pair(page, MENUS[0])
    side = page.locator("#viewer-side")
    expect(side.locator(".reasons")).to_contain_text("< threshold 0.99 (blue)")
    expect(side.locator(".region-button")).to_have_text(
        ["1recoloured #2563eb → #dc2626 120 × 40 px at (300, 150), 4,800 px differ"]
    )
    expect(side.locator(".channels li")).to_have_count(3)
    expect(side.locator(".channels [data-channel=blue]")).to_contain_text("below the threshold")
    expect(side.locator(".facts")).to_contain_text("500 × 300")


def test_words_of_the_regions_are_names_for_those_who_do_not_see_them(page: Page) -> None:
    picture = page.get_by_alt_text(
        f"Difference of {MENUS[0]}: 1 recoloured #2563eb → #dc2626", exact=True
    )
    expect(picture).to_have_count(1)
    open_pair(page, MENUS[0])
    expect(page.locator("#stage")).to_have_accessible_name(f"Side by side of {MENUS[0]}, 1 region")
