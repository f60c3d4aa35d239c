"""How the report looks, judged by visualdiff itself: a run of two pairs of the demo set.

After a change that is meant, `pytest tests/test_report_looks.py -U` accepts the new looks.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from chromium import CHROMIUM, FLAGS, needs_chromium
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from visualdiff import load_config, run
from visualdiff.report import build, write_report
from visualdiff.testing import AssertImagesMatch

pytestmark = needs_chromium
ROOT = Path(__file__).resolve().parents[1]
PAIRS = ("shop/checkout-button.png", "icons/logo-hidden-colour.png")
# Which fonts a machine prefers is not what is tested.
FONTS = {"FONTCONFIG_FILE": str(ROOT / "tests" / "fonts.conf")}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, env={**os.environ, **FONTS}
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of a run at a fixed time, by a fixed version."""
    folder = tmp_path_factory.mktemp("looks")
    for name in PAIRS:
        for source in ("baselines", "tests/demo/candidates"):
            copy = folder / Path(source).name / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source / name, copy)
    config = folder / "visualdiff.yaml"
    config.write_text("baselines: baselines\ncandidates: candidates\nexecutor: serial\n")
    result = run(load_config(config), command="visualdiff run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "__version__", "1.2.3")
        patch.setattr(build, "say_size", lambda _: "1.0 MB")  # another encoder's may be smaller
        write_report(replace(result, started="2026-01-02T03:04:05+00:00", seconds=1.5))
    return result.config.report / "index.html"


def open_report(
    browser: Browser, report: Path, width: int, scheme: Literal["light", "dark"] = "light"
) -> Page:
    """Return a page that shows the report, with all of its thumbnails loaded."""
    page = browser.new_page(
        viewport=ViewportSize(width=width, height=1180),
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page.goto(report.as_uri())
    page.evaluate(
        """() => Promise.all([...document.images].filter(image => image.src).map(image => {
            image.loading = "eager";
            return image.decode();
        }))"""
    )
    return page


def test_the_report_on_a_desk(
    browser: Browser, report: Path, assert_images_match: AssertImagesMatch
) -> None:
    assert_images_match(open_report(browser, report, width=1440), "report/desktop.png")


def test_the_report_on_a_phone(
    browser: Browser, report: Path, assert_images_match: AssertImagesMatch
) -> None:
    assert_images_match(open_report(browser, report, width=390), "report/phone.png")


def test_the_report_in_the_dark(
    browser: Browser, report: Path, assert_images_match: AssertImagesMatch
) -> None:
    page = open_report(browser, report, width=390, scheme="dark")
    assert_images_match(page, "report/dark.png")


@pytest.mark.parametrize("mode", ["side", "diff"])
def test_a_pair_on_a_desk(
    browser: Browser, report: Path, mode: str, assert_images_match: AssertImagesMatch
) -> None:
    page = open_report(browser, report, width=1440)
    page.locator("a.permalink").first.click()
    page.locator(f"[data-mode={mode}]:is(button)").click()
    page.mouse.move(0, 0)
    page.wait_for_function("document.querySelector('#stage .picture')?.complete")
    assert_images_match(page, f"report/{mode}.png")


def test_a_pair_on_a_phone(
    browser: Browser, report: Path, assert_images_match: AssertImagesMatch
) -> None:
    page = open_report(browser, report, width=390)
    page.locator("a.permalink").first.click()
    page.wait_for_function("document.querySelector('#stage .picture')?.complete")
    assert_images_match(page, "report/pair-on-phone.png")
