"""What is shown is in the address: links, reload, back and forward."""

from pathlib import Path

import pytest
from chromium import needs_chromium
from playwright.sync_api import Page, expect
from reporting import HOSTILE, MENUS, ROWS, TALL, Reader
from viewing import open_pair

pytestmark = needs_chromium


@pytest.fixture
def page(reader: Reader, report: Path) -> Page:
    return reader.open(report)


def test_a_link_opens_the_same_pair_view_region_and_filters(page: Page, reader: Reader) -> None:
    page.get_by_role("button", name="Failed 7").click()
    page.get_by_label("Kind of change").select_option("changed")
    page.get_by_label("Sort by").select_option("name")
    page.get_by_label("Search names").fill("a")
    open_pair(page, TALL)
    page.keyboard.press("6")
    page.locator("[data-region='2']").click()
    page.wait_for_url("**region=2**")
    told = page.url.partition("#")[2]
    assert "mode=baseline&region=2&status=failed&kind=changed&sort=name&q=a" in told
    other = reader.open(page.url)
    expect(other.locator("#viewer-name")).to_have_text(TALL)
    expect(other.locator("#stage")).to_have_attribute("data-mode", "baseline")
    expect(other.locator("#viewer-side [aria-current]")).to_contain_text("(250, 2310)")
    expect(other.locator("#stage [data-current]")).to_be_in_viewport()
    expect(other.locator("#position")).to_have_text("3 of 3")
    other.keyboard.press("Escape")
    expect(other.locator("#viewer")).to_be_hidden()
    expect(other.locator("#shown")).to_have_text("3 of 13 shown")
    expect(other.get_by_label("Sort by")).to_have_value("name")
    expect(other.get_by_label("Kind of change")).to_have_value("changed")
    expect(other.get_by_label("Search names")).to_have_value("a")


def test_what_opens_a_pair_is_a_link_for_another_tab(page: Page, reader: Reader) -> None:
    page.get_by_label("Search names").fill("rows")
    link = page.locator("a.permalink", has_text=ROWS)
    address = link.evaluate("link => link.href")
    other = reader.open(address)
    expect(other.locator("#viewer-name")).to_have_text(ROWS)


def test_back_closes_a_pair_and_forward_opens_it_again(page: Page, report: Path) -> None:
    open_pair(page, ROWS)
    page.go_back()
    expect(page.locator("#viewer")).to_be_hidden()
    assert page.url == report.as_uri()
    page.go_forward()
    expect(page.locator("#viewer-name")).to_have_text(ROWS)


def test_back_leaves_a_pair_at_once_however_many_were_looked_at(page: Page) -> None:
    page.get_by_role("button", name="Failed 7").click()
    open_pair(page, ROWS)
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("2")
    page.wait_for_url("**mode=swipe**")
    page.go_back()
    expect(page.locator("#viewer")).to_be_hidden()
    expect(page.locator("#shown")).to_have_text("7 of 13 shown")


def test_closing_is_going_back(page: Page) -> None:
    before = page.evaluate("history.length")
    for _ in range(3):
        open_pair(page, ROWS)
        page.keyboard.press("Escape")
        expect(page.locator("#viewer")).to_be_hidden()
    assert page.evaluate("history.length") == before + 1


def test_a_reload_shows_the_same_and_closing_still_leads_to_the_list(page: Page) -> None:
    page.get_by_role("button", name="Failed 7").click()
    open_pair(page, ROWS)
    page.keyboard.press("j")
    page.keyboard.press("2")
    page.wait_for_url("**mode=swipe**")
    page.reload()
    expect(page.locator("#viewer-name")).to_have_text(HOSTILE)
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(page.locator("#shown")).to_have_text("7 of 13 shown")


def test_an_edited_address_is_followed(page: Page) -> None:
    page.evaluate("location.hash = '#q=menu&status=failed'")
    expect(page.locator("#shown")).to_have_text("3 of 13 shown")
    expect(page.locator(".pair .name")).to_have_text(MENUS)


@pytest.mark.parametrize(
    "address",
    ["#pair=of-another-run", "#sort=nonsense&mode=nonsense&region=99", "#%E0%A4%A&&=="],
)
def test_a_link_to_what_is_gone_shows_the_list(reader: Reader, report: Path, address: str) -> None:
    page = reader.open(report, address)
    expect(page.locator("#viewer")).to_be_hidden()
    expect(page.locator("#shown")).to_have_text("13 of 13 shown")


@pytest.mark.parametrize("address", ["#change=of-another-run", "#kind=none&q=x", "#status=none"])
def test_a_link_to_a_filter_that_nothing_meets_leads_out(
    reader: Reader, report: Path, address: str
) -> None:
    page = reader.open(report, address)
    expect(page.locator("#shown")).to_have_text("0 of 13 shown")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#shown")).to_have_text("13 of 13 shown")
