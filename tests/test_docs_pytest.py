"""The page for users of pytest: its examples run, its tables are true."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import CHROMEDRIVER, CHROMIUM, FLAGS, Site, needs_chromedriver, serve
from playing import play_apart

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "pytest.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
# Flags that Chromium needs here, and the fixture that pytest-playwright has.
CONFTEST = f"""
import pytest
from playwright.sync_api import sync_playwright
from selenium import webdriver

class Options(webdriver.ChromeOptions):
    def __init__(self):
        super().__init__()
        self.binary_location = {CHROMIUM!r}
        for flag in {FLAGS!r}:
            self.add_argument(flag)

webdriver.ChromeOptions = Options

@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path={CHROMIUM!r}, args={FLAGS!r})

@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()
"""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve a page to examples, which may write baselines in CI too, and download no driver."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("SE_CHROMEDRIVER", CHROMEDRIVER)
    with serve() as site:
        site.html = "<!doctype html><title>Shop</title><h1>Hand-made bowls</h1><p>Open till six"
        yield site


def lay_out(pytester: pytest.Pytester, examples: list[str], address: str = "") -> None:
    """Write a suite of examples, and the screenshot that they read."""
    pytester.makeconftest(CONFTEST)
    for number, example in enumerate(examples):
        text = example.replace("http://localhost:8000/", address)
        (pytester.path / f"test_example_{number}.py").write_text(text, encoding="utf-8")
    (pytester.path / "screenshots").mkdir()
    shot = ROOT / "tests/demo/candidates/shop/checkout-button.png"
    shutil.copy(shot, pytester.path / "screenshots/checkout.png")


@pytest.mark.slow
@needs_chromedriver
def test_every_example_runs_as_it_stands(
    pytester: pytest.Pytester, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(pytester, EXAMPLES, site.address)
    monkeypatch.setenv("VISUALDIFF_UPDATE", "missing")
    play_apart(pytester, "--visualdiff-update=missing").assert_outcomes(passed=len(EXAMPLES))
    written = {path.name for path in (pytester.path / "baselines").rglob("*.png")}
    assert set(re.findall(r'"(?:baselines/)?([\w-]+\.png)"', "".join(EXAMPLES))) <= written
    monkeypatch.delenv("VISUALDIFF_UPDATE")
    play_apart(pytester).assert_outcomes(passed=len(EXAMPLES))
    document = json.loads((pytester.path / "visualdiff-report/results.json").read_text("utf-8"))
    assert not any(result["updated"] for result in document["results"])


def test_the_failure_it_shows_is_what_a_test_says(pytester: pytest.Pytester) -> None:
    (example,) = [text for text in EXAMPLES if "def test_checkout" in text]
    lay_out(pytester, [example])
    baseline = pytester.path / "baselines/checkout.png"
    baseline.parent.mkdir()
    shutil.copy(ROOT / "baselines/shop/checkout-button.png", baseline)
    said = play_apart(pytester).stdout.str()
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    for line in shown.splitlines():
        assert line in said


def read_table(first: str) -> dict[str, list[str]]:
    """Return the cells of the table whose first column is called `first`, by the first cell."""
    found = re.search(rf"^\| {re.escape(first)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found
    rows = [line.strip("|").split(" | ") for line in found[1].splitlines()]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in rows}


def test_the_table_of_options_is_that_of_pytests_help(pytester: pytest.Pytester) -> None:
    shown = play_apart(pytester, "--help").stdout.str()
    options = dict(re.findall(r"^  (--visualdiff-[a-z-]+)=(\S+)$", shown, re.MULTILINE))
    table = read_table("option")
    assert table.keys() == options.keys()
    for option, value in options.items():
        if "|" in value:
            assert re.findall("`(.*?)`", table[option][0]) == value.split("|"), option
        assert f"  {option.removeprefix('--').replace('-', '_')} (" in shown
    assert "--visualdiff-force-update" in shown
    assert "--visualdiff-force-update" in PAGE


def test_the_table_of_updates_names_every_mode() -> None:
    modes = re.findall("`(.*?)`", read_table("option")["--visualdiff-update"][0])
    assert ["none", *read_table("`--visualdiff-update=`")] == modes


@pytest.mark.parametrize("name", ["how-it-decides.md", "configuration.md"])
def test_links_to_sections_of_another_page_lead_there(name: str) -> None:
    other = (ROOT / "docs" / name).read_text("utf-8")
    headings = re.findall(r"^#+ (.*)$", other, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}
    links = re.findall(rf"\({re.escape(name)}#([^)]+)\)", PAGE)
    assert links
    assert set(links) <= anchors
