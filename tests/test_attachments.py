"""Images in the reports of pytest-html and Allure, written by the real plugins."""

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from chromium import CHROMIUM, FLAGS, needs_chromium
from PIL import Image
from playing import play_apart
from playwright.sync_api import expect, sync_playwright

TESTS = """
import numpy as np
import pytest

def draw(colour):
    image = np.full((90, 160, 3), 255, np.uint8)
    image[20:60, 30:120] = colour
    return image

def test_changed(assert_images_match):
    assert_images_match(draw((220, 38, 38)), "changed.png")

def test_new(assert_images_match):
    assert_images_match(draw((37, 99, 235)), "new.png")

def test_same(assert_images_match):
    assert_images_match(draw((37, 99, 235)), "same.png")

def test_soft(assert_images_match):
    assert_images_match(draw((220, 38, 38)), "changed.png", soft=True)
    assert_images_match(draw((220, 38, 38)), "same.png", soft=True)

@pytest.fixture
def opened(assert_images_match):
    assert_images_match(draw((220, 38, 38)), "changed.png")

def test_setup(opened):
    pass
"""
ROLES = ["baseline", "candidate", "diff"]


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """Lay out a suite of which only test_same passes."""
    pytester.makepyfile(test_shop=TESTS)
    image = np.full((90, 160, 3), 255, np.uint8)
    image[20:60, 30:120] = (235, 99, 37)
    (pytester.path / "baselines").mkdir()
    for name in ("changed.png", "same.png"):
        path = pytester.path / "baselines" / name
        path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return pytester


def read_rows(path: Path) -> dict[str, dict[str, str]]:
    """Return for each test of a report of pytest-html its images by name, as their sources."""
    found = re.search(r'data-jsonblob="([^"]*)"', path.read_text("utf-8"))
    assert found
    tests = json.loads(html.unescape(found[1]))["tests"]
    return {
        test.partition("::test_")[2]: {
            extra["name"]: extra["content"] for row in rows for extra in row["extras"]
        }
        for test, rows in tests.items()
    }


def read_size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def list_names(image: str) -> list[str]:
    return [f"{image}: {role}" for role in ROLES]


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_a_row_of_pytest_html_shows_the_images_of_what_did_not_pass(
    suite: pytest.Pytester, options: list[str]
) -> None:
    play_apart(suite, "--html=out/report.html", *options)
    rows = read_rows(suite.path / "out" / "report.html")
    names = {test: list(images) for test, images in rows.items()}
    assert names == {
        "changed": list_names("changed.png"),
        "new": ["new.png: candidate"],
        "same": [],
        "soft": list_names("changed.png") + list_names("same.png"),
        "setup": list_names("changed.png"),
    }
    for images in rows.values():
        for source in images.values():
            assert read_size(suite.path / "out" / source) == (160, 90)


@needs_chromium
def test_a_self_contained_report_holds_the_images_and_a_browser_shows_them(
    suite: pytest.Pytester,
) -> None:
    play_apart(suite, "--html=report.html", "--self-contained-html", "-W", "error")
    images = read_rows(suite.path / "report.html")["changed"]
    baseline = (suite.path / "baselines/changed.png").read_bytes()
    assert images["changed.png: baseline"] == (
        f"data:image/png;base64,{base64.b64encode(baseline).decode()}"
    )
    assert all(source.startswith("data:image/png;base64,") for source in images.values())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.goto((suite.path / "report.html").as_uri())
        image = page.locator("tbody", has_text="test_shop.py::test_changed").locator("img").first
        expect(image).to_be_visible()
        assert image.evaluate("image => image.naturalWidth") == 160
        browser.close()


def read_allure(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the attachments of each test, and of each fixture by its name."""
    found = {}
    for path in folder.glob("*-result.json"):
        test = json.loads(path.read_text("utf-8"))
        found[test["name"]] = test.get("attachments", [])
    for path in folder.glob("*-container.json"):
        for fixture in json.loads(path.read_text("utf-8")).get("befores", []):
            found[fixture["name"]] = fixture.get("attachments", [])
    return found


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_allure_shows_baseline_candidate_and_difference_as_one_comparison(
    suite: pytest.Pytester, options: list[str]
) -> None:
    play_apart(suite, "--alluredir=allure", *options)
    tests = read_allure(suite.path / "allure")
    names = {test: [each["name"] for each in attached] for test, attached in tests.items()}
    assert names["test_changed"] == ["changed.png"]
    assert names["test_new"] == ["new.png: candidate"]
    assert names["test_same"] == []
    assert names["test_soft"] == ["changed.png", "same.png"]
    assert names["opened"] == ["changed.png"]
    (attached,) = tests["test_changed"]
    assert attached["type"] == "application/vnd.allure.image.diff"
    shown = json.loads((suite.path / "allure" / attached["source"]).read_text("utf-8"))
    baseline = (suite.path / "baselines/changed.png").read_bytes()
    assert list(shown) == ["expected", "actual", "diff"]
    assert shown["expected"] == f"data:image/png;base64,{base64.b64encode(baseline).decode()}"
    (attached,) = tests["test_new"]
    assert attached["type"] == "image/png"
    assert read_size(suite.path / "allure" / attached["source"]) == (160, 90)


def test_without_their_reports_neither_plugin_is_asked_for(suite: pytest.Pytester) -> None:
    options = ["-p", "no:html", "-p", "no:html_fixtures", "-p", "no:allure_pytest"]
    suite.makeconftest(
        "import sys\n"
        "def pytest_sessionfinish():\n"
        "    print('imported:', {'allure', 'pytest_html'} & set(sys.modules))\n"
    )
    done = play_apart(suite, "-s", *options)
    done.assert_outcomes(failed=3, passed=1, errors=1)
    done.stdout.fnmatch_lines("*imported: set()*")
