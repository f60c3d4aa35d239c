"""Every kind of image that a test may hold, from the real libraries, through the real fixture."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from chromium import CHROMEDRIVER, CHROMIUM, FLAGS, Site, needs_chromedriver, needs_chromium, serve
from playing import play

BLUE, RED = "#2563eb", "#dc2626"
PAGE = """<!doctype html><title>Shop</title>
<body style="margin: 20px; background: #fff">
<div id="offer" style="width: 200px; height: 60px; background: COLOUR"></div>
<div id="bar" style="width: 300px; height: 20px; margin-top: 20px; background: #111827"></div>
<script>
  // From no width to its own, another one in each frame.
  function move() {
    const start = performance.now();
    const step = now => {
      const done = Math.min((now - start) / 1500, 1);
      bar.style.width = `${300 * done}px`;
      if (done < 1) requestAnimationFrame(step);
    };
    bar.style.width = 0;
    requestAnimationFrame(step);
  }
</script>
"""
PLAYWRIGHT = """
import pytest
from playwright.sync_api import sync_playwright

@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path={chromium!r}, args={flags!r})

@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={{"width": 400, "height": 200}})
    page.goto({address!r})
    yield page
    page.close()

def test_page(page, assert_images_match):
    assert_images_match(page)

def test_locator(page, assert_images_match):
    assert_images_match(page.locator("#offer"))

def test_bytes(page, assert_images_match):
    assert_images_match(page.screenshot())
def test_function(page, assert_images_match):
    assert_images_match(lambda: page.screenshot(full_page=True))

def test_moving(page, assert_images_match):
    page.evaluate("move()")
    assert_images_match(page.locator("#bar").locator(".."), timeout=30)
"""
ASYNCHRONOUS = """
import asyncio
import pytest
from playwright.async_api import async_playwright

def test_asynchronous(assert_images_match):
    async def shoot():
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path={chromium!r}, args={flags!r}
            )
            page = await browser.new_page()
            for what in page, page.locator("body"):
                with pytest.raises(TypeError, match=r"pass `await page.screenshot\\(\\)`"):
                    assert_images_match(what)
            assert_images_match(await page.screenshot())
            await browser.close()
    asyncio.run(shoot())
"""
SELENIUM = """
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = {chromium!r}
    for flag in [*{flags!r}, "--headless=new", "--window-size=400,300"]:
        options.add_argument(flag)
    driver = webdriver.Chrome(options, Service(executable_path={chromedriver!r}))
    yield driver
    driver.quit()

@pytest.fixture
def driver(browser):
    browser.get({address!r})
    return browser

def test_driver(driver, assert_images_match):
    assert_images_match(driver)

def test_element(driver, assert_images_match):
    assert_images_match(driver.find_element(By.ID, "offer"))

def test_bytes(driver, assert_images_match):
    assert_images_match(driver.get_screenshot_as_png())

def test_moving(driver, assert_images_match):
    driver.execute_script("move()")
    assert_images_match(driver, timeout=30)
"""
DRAWN = """
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image, ImageColor, ImageDraw

RGB = ImageColor.getrgb({colour!r})

@pytest.fixture
def picture():
    picture = Image.new("RGB", (300, 120), "white")
    ImageDraw.Draw(picture).rectangle((20, 20, 219, 79), RGB)
    return picture

def test_figure(assert_images_match):
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.fill_between([0, 1], [1, 1], color={colour!r})
    assert_images_match(figure)

def test_pillow(picture, assert_images_match):
    assert_images_match(picture)

def test_array(picture, assert_images_match):
    assert_images_match(np.asarray(picture))

def test_array_in_opencvs_order(picture, assert_images_match):
    assert_images_match(np.asarray(picture)[:, :, ::-1], bgr=True)

def test_file(picture, tmp_path, assert_images_match):
    picture.save(tmp_path / "a.png")
    assert_images_match(tmp_path / "a.png")
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture(autouse=True)
def pass_for_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let baselines be written in CI too: these are not the project's."""
    monkeypatch.delenv("CI", raising=False)
    # A test that is written twice within a second may otherwise be run as it was at first.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


def play_on_site(
    pytester: pytest.Pytester, site: Site, source: str, colour: str, *options: str
) -> str:
    """Run tests against a page of a colour; return what they say."""
    site.html = PAGE.replace("COLOUR", colour)
    text = source.format(
        chromium=CHROMIUM,
        chromedriver=CHROMEDRIVER,
        flags=FLAGS,
        address=site.address,
        colour=colour,
    )
    config = pytester.path / "visualdiff.yaml"
    config.write_text('variants: ["{name}-{browser}", "{name}"]\n', encoding="utf-8")
    path = pytester.path / "test_shop.py"
    path.write_text(text, encoding="utf-8")
    return play(pytester, *options).stdout.str()


def read_results(pytester: pytest.Pytester) -> dict[str, dict[str, Any]]:
    document = json.loads((pytester.path / "visualdiff-report/results.json").read_text("utf-8"))
    return {result["test"].partition("::test_")[2]: result for result in document["results"]}


def accept(pytester: pytest.Pytester, site: Site, source: str) -> dict[str, dict[str, Any]]:
    """Return the results of a first run, which accepts all images."""
    said = play_on_site(pytester, site, source, BLUE, "--visualdiff-update=missing")
    results = read_results(pytester)
    assert {result["status"] for result in results.values()} == {"passed"}, said
    assert all(result["updated"] for result in results.values()), said
    return results


def repeat(pytester: pytest.Pytester, site: Site, source: str) -> dict[str, dict[str, Any]]:
    """Return the results of a second run, of the same page."""
    said = play_on_site(pytester, site, source, BLUE)
    results = read_results(pytester)
    assert {result["status"] for result in results.values()} == {"passed"}, said
    assert not any(result["updated"] for result in results.values())
    return results


def list_variants(results: dict[str, dict[str, Any]], browser: str) -> set[str]:
    """Return the tests whose baseline is that of a browser, which nobody has told."""
    return {
        test for test, result in results.items() if result["baseline"].endswith(f"-{browser}.png")
    }


def assert_recoloured(pytester: pytest.Pytester, site: Site, source: str) -> None:
    """Check that a changed page fails all tests, with words for what changed."""
    said = play_on_site(pytester, site, source, RED)
    for test, result in read_results(pytester).items():
        assert result["status"] == "failed", test
        described = [region["description"] for region in result["regions"]]
        assert described == [f"recoloured {BLUE} → {RED}"], test
    assert f"region 1: recoloured {BLUE} → {RED}, 200×60 px at (20, 20)" in said


@pytest.mark.slow
@needs_chromium
def test_playwright_s_pages_and_elements_are_images(pytester: pytest.Pytester, site: Site) -> None:
    accepted = accept(pytester, site, PLAYWRIGHT)
    assert len(accepted) == 5
    assert list_variants(accepted, "chromium") == {"page", "locator", "moving"}
    flaky = {
        test for test, result in repeat(pytester, site, PLAYWRIGHT).items() if result["flaky"]
    }
    assert flaky == {"moving"}
    assert_recoloured(pytester, site, PLAYWRIGHT)


@needs_chromium
def test_a_page_of_playwright_s_asynchronous_api_is_refused_with_the_way_out(
    pytester: pytest.Pytester, site: Site
) -> None:
    assert len(accept(pytester, site, ASYNCHRONOUS)) == 1


@pytest.mark.slow
@needs_chromedriver
def test_selenium_s_drivers_and_elements_are_images(pytester: pytest.Pytester, site: Site) -> None:
    accepted = accept(pytester, site, SELENIUM)
    assert len(accepted) == 4
    assert list_variants(accepted, "chrome") == {"driver", "element", "moving"}
    flaky = {test for test, result in repeat(pytester, site, SELENIUM).items() if result["flaky"]}
    assert flaky == {"moving"}
    assert_recoloured(pytester, site, SELENIUM)


def test_figures_pictures_arrays_and_files_are_images(
    pytester: pytest.Pytester, site: Site
) -> None:
    assert len(accept(pytester, site, DRAWN)) == 5
    repeat(pytester, site, DRAWN)
    assert_recoloured(pytester, site, DRAWN)
