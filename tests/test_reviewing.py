"""`visualdiff review` in a real browser: what is pressed is done, and what is shown is so."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from approving import Project, copy_project
from chromium import needs_chromium
from playwright.sync_api import Browser, Page, expect
from reporting import Reader
from serving import Served, review
from viewing import bring_near, expect_accessible, open_pair

pytestmark = needs_chromium
ACCEPTED = "Accepted: baseline written"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("template"))
    project.run()
    return project.folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Project:
    return copy_project(template, tmp_path / "project")


@pytest.fixture
def served(project: Project) -> Iterator[Served]:
    with review(project.folder) as served:
        yield served


@pytest.fixture
def page(served: Served, reader: Reader) -> Page:
    page = reader.open(served.address)
    expect(page.locator("#served-count")).to_have_text("0 accepted, 0 rejected, 5 open")
    return page


def press(page: Page, name: str, word: str) -> None:
    bring_near(page, name).get_by_role("button", name=word).click()


def expect_count(page: Page, accepted: int, rejected: int, left: int) -> None:
    told = f"{accepted} accepted, {rejected} rejected, {left} open"
    expect(page.locator("#served-count")).to_have_text(told)
    expect(page.locator("#served")).to_have_attribute("aria-busy", "false")


def expect_state(page: Page, name: str, accept: str, reject: str) -> None:
    buttons = bring_near(page, name).locator(".decision")
    expect(buttons).to_have_text([accept, reject])
    for i, word in enumerate((accept, reject)):
        pressed = str(word not in ("Accept", "Reject")).lower()
        expect(buttons.nth(i)).to_have_attribute("aria-pressed", pressed)


def accepted(project: Project, *names: str) -> dict[str, bytes]:
    return {name: project.candidate(name) for name in names}


def test_one_is_accepted_at_once_and_taken_back(project: Project, page: Page) -> None:
    before = project.baselines()
    press(page, "text.png", "Accept")
    expect_state(page, "text.png", ACCEPTED, "Reject")
    assert project.baselines() == before | accepted(project, "text.png")
    press(page, "new.png", "Accept")
    expect_count(page, 2, 0, 3)
    press(page, "text.png", ACCEPTED)
    expect_state(page, "text.png", "Accept", "Reject")
    expect_count(page, 1, 0, 4)
    assert project.baselines() == before | accepted(project, "new.png")


def test_the_address_bar_has_no_token_and_keeps_what_is_open(
    served: Served, reader: Reader
) -> None:
    page = reader.open(served.address, "#q=text")
    expect(page.locator("#shown")).to_have_text("1 of 8 shown")
    assert served.token not in page.url
    assert page.evaluate("document.cookie") == ""
    assert page.title() == "visualdiff review"


def test_a_group_is_accepted_where_nothing_else_changed(project: Project, page: Page) -> None:
    before = project.baselines()
    page.get_by_role("button", name="Accept in 2 with nothing else").click()
    expect_count(page, 2, 0, 3)
    assert project.baselines() == before | accepted(project, "a/home.png", "a/about.png")
    expect_state(page, "both.png", "Accept", "Reject")


def test_what_a_filter_leaves_is_accepted_and_what_was_decided_stays(
    project: Project, page: Page
) -> None:
    before = project.baselines()
    press(page, "a/home.png", "Reject")
    page.locator("#search").fill("a/")
    page.get_by_role("button", name="Accept all 2").click()
    expect_count(page, 1, 1, 3)
    assert project.baselines() == before | accepted(project, "a/about.png")


def test_keys_act_in_the_list_and_in_the_viewer(project: Project, page: Page) -> None:
    before = project.baselines()
    open_pair(page, "text.png")
    page.keyboard.press("a")
    decision = page.locator("#viewer-decision [aria-pressed=true]")
    expect(decision).to_have_text(ACCEPTED)
    assert project.baselines() == before | accepted(project, "text.png")
    page.keyboard.press("r")
    expect(decision).to_have_text("Rejected")
    assert project.baselines() == before
    page.keyboard.press("u")
    expect(decision).to_have_text(ACCEPTED)
    page.keyboard.press("Escape")
    expect_state(page, "text.png", ACCEPTED, "Reject")
    page.keyboard.press("u")
    expect_count(page, 0, 0, 5)
    assert project.baselines() == before
    bring_near(page, "new.png").get_by_role("link", name="new.png", exact=True).focus()
    page.keyboard.press("a")
    expect_count(page, 1, 0, 4)


def test_keys_in_a_hurry_are_followed_one_after_the_other(project: Project, page: Page) -> None:
    before = project.baselines()
    open_pair(page, "text.png")
    for key in "aaaruuuu":
        page.keyboard.press(key)
    expect_count(page, 0, 0, 5)
    assert project.baselines() == before
    expect(page.locator("#served-undo")).to_be_disabled()


def test_rejecting_writes_nothing_and_a_reload_shows_it(project: Project, page: Page) -> None:
    before = project.baselines()
    press(page, "text.png", "Reject")
    press(page, "new.png", "Accept")
    expect_count(page, 1, 1, 3)
    page.reload()
    expect_count(page, 1, 1, 3)
    expect_state(page, "text.png", "Accept", "Rejected")
    expect_state(page, "new.png", ACCEPTED, "Reject")
    page.get_by_role("button", name="Undo").click()
    expect_count(page, 0, 1, 4)
    assert project.baselines() == before
    lines = (project.folder / "report" / "review.log").read_text().splitlines()
    outcomes = [json.loads(line)["outcome"] for line in lines]
    assert outcomes == ["rejected", "accepted", "open"]


def test_a_candidate_that_changed_meanwhile_is_refused_by_name(
    project: Project, page: Page
) -> None:
    project.write("new", "text.png", project.candidate("new.png"))
    before = project.baselines()
    page.locator(".group[data-status=failed] .group-head").get_by_text("Accept").click()
    expect_count(page, 3, 0, 2)
    told = page.locator("#served-refusals li")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("text.png Refused: its candidate")
    expect(bring_near(page, "text.png").locator(".refusal")).to_contain_text("changed since")
    expect_state(page, "text.png", "Accept", "Reject")
    assert project.baselines() == before | accepted(
        project, "a/home.png", "a/about.png", "both.png"
    )
    page.reload()
    expect(bring_near(page, "text.png").locator(".refusal")).to_contain_text("changed since")
    open_pair(page, "text.png")
    expect(page.locator("#viewer-decision .refusal")).to_contain_text("changed since")


def test_two_tabs_show_the_same(served: Served, page: Page) -> None:
    press(page, "text.png", "Accept")
    expect_count(page, 1, 0, 4)
    other = page.context.new_page()
    other.goto(f"http://{served.host}/")
    expect_count(other, 1, 0, 4)
    press(other, "new.png", "Reject")
    expect_count(other, 1, 1, 3)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect_count(page, 1, 1, 3)


def test_another_run_is_told_and_nothing_written(
    project: Project, served: Served, browser: Browser
) -> None:
    reader = Reader(browser)  # a console tells of the answer, as it should
    page = reader.open(served.address)
    project.run()
    before = project.baselines()
    press(page, "text.png", "Accept")
    expect(page.locator("#served-trouble")).to_contain_text("of another run by now")
    expect_count(page, 0, 0, 5)
    assert project.baselines() == before
    reader.close()


def test_a_page_whose_server_was_stopped_says_so(served: Served, browser: Browser) -> None:
    reader = Reader(browser)
    page = reader.open(served.address)
    expect_count(page, 0, 0, 5)
    assert served.stop()[0] == 0
    press(page, "text.png", "Accept")
    expect(page.locator("#served-trouble")).to_contain_text("the review was stopped")
    expect_state(page, "text.png", "Accept", "Reject")
    reader.close()


def test_pixels_are_told_as_in_the_report(page: Page) -> None:
    open_pair(page, "text.png")
    page.keyboard.press("7")
    page.locator("#stage .scene").first.hover()
    expect(page.locator("#probe")).to_contain_text("#")


def test_the_report_on_disk_stays_what_it_was(project: Project, page: Page) -> None:
    index = project.folder / "report" / "index.html"
    before = index.read_bytes()
    press(page, "text.png", "Accept")
    expect_count(page, 1, 0, 4)
    assert index.read_bytes() == before
    assert b"served" not in before.replace(b"served-", b"").replace(b"served_", b"")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390], ids=["desktop", "phone"])
def test_axe_finds_nothing(
    project: Project, served: Served, reader: Reader, scheme: str, width: int
) -> None:
    project.write("new", "text.png", project.candidate("new.png"))
    page = reader.open(served.address, width=width, color_scheme=scheme, bypass_csp=True)
    press(page, "text.png", "Accept")
    press(page, "new.png", "Accept")
    press(page, "both.png", "Reject")
    expect_count(page, 1, 1, 3)
    expect_accessible(page)
    open_pair(page, "text.png")
    expect_accessible(page, "#viewer")
