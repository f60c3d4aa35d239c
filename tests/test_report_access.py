"""The report for everyone: axe-core, contrast, small windows, keyboards, paper, no scripts."""

from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium
from playwright.sync_api import Page, expect
from reporting import MASKED, MENUS, ROWS, TALL, Reader
from viewing import MODES, expect_accessible, open_pair, rect_of

pytestmark = needs_chromium
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
WIDTHS = pytest.mark.parametrize("width", [1440, 390], ids=["desktop", "phone"])
# Overlays, focus rings, lines around controls: 3 : 1; words: 4.5 : 1 (WCAG 2.2, AA).
CONTRASTS = [
    *(
        (f"--{role}", f"--{ground}", 4.5)
        for role in ("text", "muted", "accent", "warning")
        for ground in ("page", "surface", "sunken")
    ),
    *(("--line-strong", f"--{ground}", 3) for ground in ("page", "surface")),
    ("--text", "--accent-soft", 4.5),
    ("--accent", "--accent-soft", 4.5),
]
STATUSES = ("passed", "failed", "error", "new", "missing")


@SCHEMES
@WIDTHS
def test_axe_finds_nothing(reader: Reader, report: Path, scheme: str, width: int) -> None:
    page = reader.open(report, width=width, color_scheme=scheme, bypass_csp=True)
    expect_accessible(page)
    page.keyboard.press("?")
    expect_accessible(page, "#help")
    page.keyboard.press("Escape")
    open_pair(page, ROWS)
    for mode in MODES:
        page.keyboard.press(str(MODES.index(mode) + 1))
        expect(page.locator("#stage")).to_have_attribute("data-mode", mode)
        expect_accessible(page, "#viewer")


@SCHEMES
def test_axe_finds_nothing_in_what_was_chosen(reader: Reader, report: Path, scheme: str) -> None:
    page = reader.open(report, color_scheme=scheme, bypass_csp=True)
    page.get_by_role("link", name="1 change in 3 screenshots").click()
    page.get_by_role("button", name="Failed 7").click()
    expect_accessible(page)
    page.get_by_label("Search names").fill("nothing like this")
    expect_accessible(page)
    page.get_by_role("button", name="Show all").click()
    open_pair(page, MASKED)
    page.keyboard.press("i")
    page.locator("[data-region='1']").click()
    page.locator("#zoom-in").hover()
    expect_accessible(page, "#viewer")


@SCHEMES
def test_colours_that_axe_does_not_see_have_contrast(
    reader: Reader, report: Path, scheme: str
) -> None:
    page = reader.open(report, color_scheme=scheme)
    for front, ground, least in CONTRASTS:
        assert contrast(page, front, ground) >= least, (front, ground)
    for status in STATUSES:
        for ground, least in (("--soft", 4.5), ("--surface", 3)):
            assert contrast(page, "--tone", ground, status) >= least, (status, ground)


@pytest.mark.parametrize("mark", ["--region", "--band"])
def test_marks_stand_out_of_their_white_rims(reader: Reader, report: Path, mark: str) -> None:
    page = reader.open(report)
    assert contrast(page, mark, "#fff") >= 4.5


def contrast(page: Page, front: str, ground: str, status: str = "") -> float:
    """Return the contrast of two colours as WCAG 2 measures it."""
    levels = page.evaluate(
        """([names, status]) => {
            const parent = document.createElement("div");
            parent.dataset.status = status;
            document.body.append(parent);
            return names.map(name => {
                parent.style.color = name.startsWith("--") ? `var(${name})` : name;
                return getComputedStyle(parent).color.match(/\\d+/g).map(Number);
            });
        }""",
        [[front, ground], status],
    )
    light, dark = sorted((measure_luminance(level) for level in levels), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def measure_luminance(rgb: list[int]) -> float:
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (level / 255 for level in rgb)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@SCHEMES
@WIDTHS
def test_nothing_overflows_sideways(reader: Reader, report: Path, scheme: str, width: int) -> None:
    page = reader.open(report, width=width, color_scheme=scheme)
    expect_no_overflow(page, "html")
    open_pair(page, TALL)
    for mode in MODES:
        page.keyboard.press(str(MODES.index(mode) + 1))
        expect(page.locator("#stage")).to_have_attribute("data-mode", mode)
        expect_no_overflow(page, "#viewer")
        expect_no_overflow(page, "#viewer-side")
    page.keyboard.press("?")
    expect_no_overflow(page, "#help")


def expect_no_overflow(page: Page, part: str) -> None:
    beyond = page.locator(part).evaluate("part => part.scrollWidth - part.clientWidth")
    assert beyond <= 0, part


def test_what_a_finger_presses_is_large_enough(reader: Reader, report: Path) -> None:
    page = reader.open(report, width=390, height=844, has_touch=True)
    expect_touchable(page, "body")
    open_pair(page, ROWS)
    page.keyboard.press("4")
    expect_touchable(page, "#viewer")
    for wanted in ("#modes button >> nth=6", "#zoom-actual", "#layers button >> nth=0"):
        page.locator(wanted).scroll_into_view_if_needed()
        page.locator(wanted).tap()
    stage = rect_of(page.locator("#stage"))
    assert stage.height > 300


def expect_touchable(page: Page, part: str) -> None:
    small: list[Any] = page.locator(part).evaluate(
        """part => [...part.querySelectorAll("button, select, input, .tile")]
            .filter(each => each.checkVisibility())
            .map(each => [each.id || each.textContent, each.getBoundingClientRect()])
            .filter(([, { width, height }]) => Math.min(width, height) < 32 || height < 36)
            .map(([name, { width, height }]) => [name, width, height])"""
    )
    assert small == []


def test_all_of_the_viewer_is_reached_by_the_tab_key(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    open_pair(page, MENUS[0])
    page.keyboard.press("2")
    expect(page.locator("#stage")).to_be_focused()
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached >= {"previous", "next", "zoom-fit", "stage", "viewer-close", "region-button"}
    assert page.locator("#mix input").evaluate("input => input.tabIndex") == 0
    while not page.evaluate("document.activeElement.matches('.region-button')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#stage [data-current]")).to_have_count(1)


def test_without_scripts_it_is_a_table_whose_links_resolve(reader: Reader, report: Path) -> None:
    page = reader.open(report, java_script_enabled=False)
    rows = page.locator("table tbody tr")
    expect(rows).to_have_count(13)
    expect(rows.first).to_contain_text("60 rows inserted at y = 200")
    expect(rows.first.locator("li").first).to_contain_text("60 rows inserted")
    expect(page.locator("h1")).to_have_text("10 of 13 screenshots need a look")
    links = page.locator("table a[href]")
    expect(links).to_have_count(7 * 3 + 3)
    for address in links.evaluate_all("all => all.map(link => link.getAttribute('href'))"):
        assert (report.parent / address).is_file()
    expect(page.locator("#filters button").first).to_be_disabled()


@pytest.mark.parametrize("width", [1440, 390])
def test_on_paper_all_pairs_stand_on_white(reader: Reader, report: Path, width: int) -> None:
    page = reader.open(report, width=width, color_scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator("body")).to_have_css("color", "rgb(27, 32, 39)")
    for hidden in ("#search", "#kind", "#help-open"):
        expect(page.locator(hidden)).to_be_hidden()
    expect_no_overflow(page, "html")
