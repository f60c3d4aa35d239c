"""The list of the report: what is where, filters, order, keys, and the same change told once."""

import json
from itertools import chain
from pathlib import Path

import pytest
from chromium import needs_chromium
from playwright.sync_api import Locator, Page, expect
from reporting import HOSTILE, LISTED, MASKED, MENUS, ROWS, TALL, Reader
from viewing import open_pair

pytestmark = needs_chromium
EVERY = tuple(chain.from_iterable(LISTED))


@pytest.fixture
def page(reader: Reader, report: Path) -> Page:
    return reader.open(report, height=2000)


def expect_names(page: Page, *names: str) -> None:
    """Wait until these pairs are listed, and no others."""
    expect(page.locator(".pair .name")).to_have_text(names)


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def test_the_first_screen_says_what_needs_a_look(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("10 of 13 screenshots need a look")
    assert page.locator("#list h2").all_inner_texts() == [
        "Failed 7",
        "Error 1",
        "Missing 1",
        "New 1",
        "Passed 3",
    ]
    expect_names(page, *EVERY)
    card = page.locator(".card").first
    expect(card).to_contain_text("60 rows inserted at y = 200")
    expect(card).to_contain_text("1,000 px differ visibly")


def test_every_thumbnail_is_loaded_when_it_comes_into_view(page: Page) -> None:
    images = page.locator(".card img")
    expect(images).to_have_count(7 * 3 + 3)
    for image in images.all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_counts_are_buttons_that_filter_by_status_and_back(page: Page) -> None:
    expect(page.locator("#shown")).to_have_text("13 of 13 shown")
    failed = page.get_by_role("button", name="Failed 7")
    failed.click()
    expect_names(page, *LISTED[0])
    expect(failed).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#shown")).to_have_text("7 of 13 shown")
    failed.click()
    expect_names(page, *EVERY)


def test_filters_by_status_kind_and_text_hold_together(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("MENU")
    expect_names(page, *MENUS)
    page.get_by_label("Kind of change").select_option("recoloured")
    page.get_by_label("Search names").fill("a")
    expect_names(page, *MENUS)  # "recoloured" is among their words
    page.get_by_label("Kind of change").select_option("changed")
    expect_names(page, ROWS, HOSTILE, TALL)
    page.get_by_label("Search names").fill("rows")
    expect_names(page, ROWS)
    page.get_by_role("button", name="Passed 3").click()
    expect_names(page)
    expect(page.get_by_text("No screenshot matches")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect_names(page, *EVERY)
    expect(page.get_by_label("Kind of change")).to_have_value("")


def test_words_of_changes_and_reasons_are_found_however_they_are_written(page: Page) -> None:
    search = page.get_by_label("Search names")
    search.fill("#DC2626")
    expect_names(page, *MENUS)
    search.fill("no candidate of")
    expect_names(page, "gone.png")
    search.fill("<b>/#1 50%")
    expect_names(page, HOSTILE)


@pytest.mark.parametrize(
    ("order", "failed"),
    [
        ("", LISTED[0]),
        ("name", tuple(sorted(LISTED[0]))),
        ("score", (HOSTILE, *MENUS, TALL, ROWS, MASKED)),
    ],
)
def test_each_order_keeps_the_groups(page: Page, order: str, failed: tuple[str, ...]) -> None:
    page.get_by_label("Sort by").select_option(order)
    expect_names(page, *failed, *chain.from_iterable(LISTED[1:]))


def test_escape_clears_the_search_then_leaves_it(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    expect_names(page)
    page.keyboard.press("Escape")
    expect_names(page, *EVERY)
    expect(focused(page)).to_have_id("search")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).not_to_be_focused()


def test_j_and_k_walk_and_enter_opens(page: Page) -> None:
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0), ("j", 1)):
        page.keyboard.press(key)
        expect(focused(page)).to_have_text(EVERY[at])
    page.keyboard.press("Enter")
    expect(page.locator("#viewer-name")).to_have_text(EVERY[1])
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(focused(page)).to_have_text(EVERY[1])
    for _ in EVERY:
        page.keyboard.press("j")
    expect(focused(page)).to_contain_text(EVERY[-1])


def test_keys_are_letters_where_one_types(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("jk/?")
    expect(page.locator("#search")).to_have_value("jk/?")
    expect(page.locator("#help")).to_be_hidden()


def test_after_the_viewer_the_focus_is_on_the_pair_it_showed_last(page: Page) -> None:
    open_pair(page, ROWS)
    page.keyboard.press("j")
    page.get_by_role("button", name="Close").click()
    expect(focused(page)).to_have_text(HOSTILE)
    expect(page.locator("#viewer")).to_be_hidden()


def test_the_help_sheet_lists_the_keys_and_closes(page: Page) -> None:
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    for told in ("next, previous screenshot", "next, previous region", "search"):
        expect(sheet.get_by_text(told).first).to_be_visible()
    page.keyboard.press("j")  # nothing else listens meanwhile
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.locator("#help-open").click()
    page.locator("#help-close").click()
    expect(sheet).to_be_hidden()
    expect(focused(page)).to_have_id("help-open")


class TestSharedChange:
    def test_it_is_told_once_with_the_list_behind_it(self, page: Page) -> None:
        expect(page.locator(".shared-change")).to_have_count(1)
        expect(page.locator(".shared-change")).to_contain_text("recoloured #2563eb → #dc2626")
        link = page.get_by_role("link", name="1 change in 3 screenshots")
        link.click()
        expect_names(page, *MENUS)
        expect(page.locator("#shown")).to_contain_text("3 of 13 shown")
        expect(page.locator(".shared-change")).to_contain_text("shown below")
        link.click()
        expect_names(page, *EVERY)

    def test_the_keyboard_keeps_its_place(self, page: Page) -> None:
        link = page.get_by_role("link", name="1 change in 3 screenshots")
        link.focus()
        page.keyboard.press("Enter")
        expect(link).to_be_focused()

    def test_a_pair_leads_to_the_others(self, page: Page) -> None:
        card = page.locator(".card", has=page.get_by_text(MENUS[0], exact=True))
        card.get_by_role("link", name="The same change in 2 other screenshots").click()
        expect_names(page, *MENUS)

    def test_the_viewer_leads_to_the_others_and_back(self, page: Page) -> None:
        open_pair(page, MENUS[1])
        link = page.locator("#viewer-side").get_by_role("link", name="2 other screenshots")
        link.click()
        expect(page.locator("#viewer")).to_be_hidden()
        expect_names(page, *MENUS)
        page.go_back()
        expect(page.locator("#viewer-name")).to_have_text(MENUS[1])

    def test_its_id_in_the_address_is_that_of_the_results(
        self, reader: Reader, report: Path
    ) -> None:
        (group,) = json.loads(report.with_name("results.json").read_text("utf-8"))["groups"]
        expect_names(reader.open(report, f"#change={group['id']}", height=2000), *MENUS)
