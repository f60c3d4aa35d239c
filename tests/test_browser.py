"""The report in a real browser, opened from a file as a person would."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
from chromium import CHROMIUM, FLAGS, needs_chromium
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from visualdiff import load_config, run

pytestmark = needs_chromium
WIDE = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report # 100%")
    draw(folder / "old" / "shop <b>/#1 50%.png", height=2400)
    draw(folder / "new" / "shop <b>/#1 50%.png", height=2400, moved=True)
    draw(folder / "old" / "second.png")
    draw(folder / "new" / "second.png", moved=True)
    draw(folder / "new" / "fresh.png")
    for side in ("old", "new"):
        draw(folder / side / "same.png")
    (folder / "visualdiff.yaml").write_text(
        "baselines: old\ncandidates: new\nreport: report\nworkers: 1\n"
    )
    run(load_config(folder / "visualdiff.yaml"))
    return folder / "report" / "index.html"


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    """Open the report; fail on anything that the console says, or that leaves the folder."""
    complaints: list[str] = []
    page = browser.new_page(viewport=WIDE)
    page.set_default_timeout(10_000)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:"))
            else complaints.append(f"fetched {request.url}")
        ),
    )
    page.goto(report.as_uri())
    yield page
    page.close()
    assert complaints == []


def draw(path: Path, height: int = 300, *, moved: bool = False) -> None:
    image = np.full((height, 400, 3), 245, np.uint8)
    image[20:60, 30:200] = 60
    # The tall page changes more, so that it comes first.
    y, right = height - 90, 330 if height > 300 else 300
    image[y : y + 40, 250:right] = (40, 40, 200) if moved else (200, 120, 40)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def open_first(page: Page) -> None:
    page.locator(".card a.permalink").first.click()
    expect(page.locator("dialog")).to_be_visible()


def test_the_first_screen_says_what_needs_a_look(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("3 of 4 screenshots need a look")
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator(".card").first).to_contain_text("px differ visibly")


def test_every_thumbnail_is_loaded(page: Page) -> None:
    for index in range(page.locator(".card").count()):
        page.locator(".card").nth(index).scroll_into_view_if_needed()
    images = page.locator(".card img")
    expect(images).to_have_count(7)
    for index in range(7):
        expect(images.nth(index)).to_have_js_property("complete", value=True)
        assert images.nth(index).evaluate("image => image.naturalWidth") > 0


def test_the_list_is_filtered_by_status_and_name_together(page: Page) -> None:
    shown = page.locator(".pair:visible")
    expect(shown).to_have_count(4)
    page.get_by_role("button", name="Failed").click()
    expect(shown).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("SECOND")
    expect(shown).to_have_count(1)
    expect(page.locator("#shown")).to_have_text("1 of 4 shown")
    page.keyboard.press("Escape")
    expect(shown).to_have_count(2)


def test_the_detail_view_shows_all_three_pictures_at_full_size(page: Page) -> None:
    open_first(page)
    images = page.locator("dialog .pane img")
    expect(images).to_have_count(3)
    for index in range(3):
        expect(images.nth(index)).to_have_js_property("complete", value=True)
        size = images.nth(index).evaluate("image => [image.naturalWidth, image.naturalHeight]")
        assert size == [400, 2400]
    expect(page.locator("dialog .box")).to_have_count(3)
    expect(page.locator("dialog #detail-regions li")).to_have_count(1)


def test_a_box_lies_on_the_pixels_that_changed(page: Page) -> None:
    open_first(page)
    place = page.locator("dialog .pane .box").first.evaluate(
        """box => {
            const canvas = box.parentElement.getBoundingClientRect();
            const own = box.getBoundingClientRect();
            const scale = 400 / canvas.width;
            return [(own.x + own.width / 2 - canvas.x) * scale,
                    (own.y + own.height / 2 - canvas.y) * scale];
        }"""
    )
    assert place == pytest.approx([290, 2330], abs=3)


def test_below_inserted_rows_the_baseline_s_box_stands_higher(
    browser: Browser, tmp_path: Path
) -> None:
    page_before = np.full((900, 400, 3), 250, np.uint8)
    for top in range(0, 900, 30):
        page_before[top : top + 15, :: 3 + top // 30] = 40
    page_after = np.insert(page_before, 200, np.full((60, 400, 3), (200, 80, 80)), axis=0)
    page_after[800:820, 100:150] = (0, 0, 220)
    for side, image in (("old", page_before), ("new", page_after)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "a.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nworkers: 1\n")
    run(load_config(tmp_path / "visualdiff.yaml"))
    page = browser.new_page(viewport=WIDE)
    page.goto((tmp_path / "visualdiff-report" / "index.html").as_uri())
    open_first(page)
    tops = page.locator("dialog .pane").evaluate_all(
        """panes => panes.map(pane => [...pane.querySelectorAll(".box")].map(
            box => Math.round(parseFloat(box.style.top) * 9.6)))"""
    )
    page.close()
    assert tops == [[200, 740], [200, 800], [200, 800]]


def test_what_is_masked_is_hatched_on_both_sides(browser: Browser, tmp_path: Path) -> None:
    draw(tmp_path / "old" / "a.png")
    draw(tmp_path / "new" / "a.png", moved=True)
    (tmp_path / "visualdiff.yaml").write_text(
        "baselines: old\ncandidates: new\nworkers: 1\n"
        "masks: [{x: 0, y: 0, width: 100%, height: 40}]\n"
    )
    run(load_config(tmp_path / "visualdiff.yaml"))
    page = browser.new_page(viewport=WIDE)
    page.goto((tmp_path / "visualdiff-report" / "index.html").as_uri())
    open_first(page)
    expect(page.locator("dialog .mask")).to_have_count(2)
    places = page.locator("dialog .pane:has(.mask)").evaluate_all(
        """panes => Promise.all(panes.map(async pane => {
            const [image, veil] = pane.querySelectorAll("img");
            await veil.decode();
            const [own, over] = [image, veil].map(each => each.getBoundingClientRect());
            const sides = ["x", "y", "width", "height"];
            return [veil.naturalWidth, ...sides.map(side => own[side] - over[side])];
        }))"""
    )
    page.close()
    assert places == [[400, 0, 0, 0, 0]] * 2


def test_a_tall_page_opens_at_actual_size_where_it_changed(page: Page) -> None:
    open_first(page)
    expect(page.get_by_role("button", name="Actual size")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator("dialog .pane .box").first).to_be_in_viewport()
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="Fit width")).to_have_attribute("aria-pressed", "true")


def test_a_zoom_that_was_chosen_stays(page: Page) -> None:
    open_first(page)
    fit = page.get_by_role("button", name="Fit width")
    fit.click()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(fit).to_have_attribute("aria-pressed", "true")


def test_panes_scroll_together(page: Page) -> None:
    open_first(page)
    page.get_by_role("button", name="Actual size").click()
    panes = page.locator("dialog .pane-scroll")
    panes.nth(0).evaluate("pane => pane.scrollTo(0, 700)")
    page.wait_for_function(
        """() => [...document.querySelectorAll('dialog .pane-scroll')]
            .every(pane => Math.abs(pane.scrollTop - 700) < 1)"""
    )


def test_keys_walk_through_the_pairs_and_escape_closes(page: Page) -> None:
    open_first(page)
    name = page.locator("#detail-name")
    expect(name).to_have_text("shop <b>/#1 50%.png")
    page.keyboard.press("j")
    expect(name).to_have_text("second.png")
    page.keyboard.press("k")
    expect(name).to_have_text("shop <b>/#1 50%.png")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


def test_the_address_opens_the_same_pair_and_back_closes_it(page: Page, report: Path) -> None:
    page.locator(".card a.permalink").nth(1).click()
    expect(page.locator("#detail-name")).to_have_text("second.png")
    address = page.url
    assert "#pair=" in address
    page.go_back()
    expect(page.locator("dialog")).to_be_hidden()
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#detail-name")).to_have_text("second.png")
    assert address.startswith(report.as_uri())


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_sideways(
    page: Page, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    open_first(page)
    assert page.evaluate(overflow) == 0


def test_without_scripts_the_pictures_are_plain_links(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    links = page.locator(".card .tile")
    expect(links).to_have_count(7)
    for index in range(7):
        target = links.nth(index).get_attribute("href")
        assert target
        assert (report.parent / target).is_file()
    context.close()
