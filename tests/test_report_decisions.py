"""Accepting and rejecting in the report, and handing it over to `visualdiff approve`."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from approving import Project
from chromium import needs_chromium
from playwright.sync_api import Browser, Page, expect
from reporting import Reader
from viewing import bring_near, reload

pytestmark = needs_chromium
COMMAND = str(Path(sys.executable).with_name("visualdiff"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("decisions"))
    project.write("new", "it's $1.png", project.candidate("new.png"))
    project.run()
    return project


@pytest.fixture
def page(project: Project, browser: Browser) -> Iterator[Page]:
    reader = Reader(browser)
    yield reader.open(project.folder / "report" / "index.html")
    reader.close()


def state_of(page: Page, name: str) -> dict[str, str | None]:
    card = page.locator(".card", has=page.get_by_role("link", name=name, exact=True))
    return {
        decision: card.get_by_role("button", name=decision).get_attribute("aria-pressed")
        for decision in ("Accept", "Reject")
    }


def decide(page: Page, name: str, decision: str) -> None:
    bring_near(page, name).get_by_role("button", name=decision).click()


def paste(command: str, *more: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command as a person would who pastes it into a shell in a folder."""
    words = [COMMAND, *shlex.split(command)[1:], *more]
    return subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True)


ACCEPTED = {"Accept": "true", "Reject": "false"}
OPEN = {"Accept": "false", "Reject": "false"}


def test_nothing_is_asked_before_something_is_decided(page: Page) -> None:
    expect(page.locator("#decide")).to_be_hidden()
    expect(page.locator(".card[data-status=error] .decision")).to_have_count(0)
    expect(page.locator(".card[data-status=missing] .decision")).to_have_count(0)


def test_decisions_are_counted_taken_back_and_survive_a_reload(page: Page) -> None:
    decide(page, "text.png", "Accept")
    decide(page, "new.png", "Reject")
    count = page.locator("#decide-count")
    expect(count).to_have_text("1 accepted, 1 rejected, 4 open")
    reload(page)
    expect(count).to_have_text("1 accepted, 1 rejected, 4 open")
    assert state_of(page, "text.png") == ACCEPTED
    decide(page, "text.png", "Accept")  # the same again takes it back
    expect(count).to_have_text("0 accepted, 1 rejected, 5 open")
    page.get_by_role("button", name="Undo").click()
    assert state_of(page, "text.png") == ACCEPTED


def test_keys_decide_in_the_list_and_in_the_viewer(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#decide-count")).to_contain_text("1 accepted")
    page.keyboard.press("Enter")
    expect(page.locator("dialog#viewer")).to_be_visible()
    pressed = page.locator("#viewer-decision [aria-pressed=true]")
    expect(pressed).to_have_text("Accept")
    page.keyboard.press("r")
    expect(pressed).to_have_text("Reject")
    page.keyboard.press("u")
    expect(pressed).to_have_text("Accept")
    page.keyboard.press("Escape")
    expect(page.locator("#decide-count")).to_contain_text("1 accepted, 0 rejected")


def test_a_shared_change_is_accepted_where_nothing_else_changed(page: Page) -> None:
    page.get_by_role("button", name="Accept in 2 with nothing else").click()
    assert state_of(page, "a/home.png") == ACCEPTED
    assert state_of(page, "a/about.png") == ACCEPTED
    assert state_of(page, "both.png") == OPEN


def test_what_a_filter_leaves_is_accepted_at_once(page: Page) -> None:
    page.locator("#search").fill("a/")
    page.get_by_role("button", name="Accept all 2").click()
    page.locator("#search").fill("")
    expect(page.locator("#decide-count")).to_have_text("2 accepted, 0 rejected, 4 open")


def test_the_command_accepts_what_was_marked(page: Page, project: Project) -> None:
    for name in ("text.png", "it's $1.png"):
        decide(page, name, "Accept")
    command = page.locator("#decide-command").input_value()
    before = project.baselines()
    done = paste(command, "--force", folder=project.folder)
    assert (done.returncode, done.stderr) == (0, "")
    changed = {n for n, data in project.baselines().items() if before.get(n) != data}
    undone = subprocess.run(
        [COMMAND, "approve", "--undo", "--force"],
        cwd=project.folder,
        check=True,
        capture_output=True,
    )
    assert undone.returncode == 0
    assert changed == {"text.png", "it's $1.png"}
    assert project.baselines() == before


def test_the_file_of_decisions_is_what_approve_reads(
    page: Page, project: Project, tmp_path: Path
) -> None:
    decide(page, "text.png", "Accept")
    decide(page, "new.png", "Reject")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save decisions.json").click()
    path = tmp_path / "decisions.json"
    download.value.save_as(path)
    told = {item["name"]: item["decision"] for item in json.loads(path.read_text())["decisions"]}
    assert told == {"text.png": "accept", "new.png": "reject"}
    command = shlex.join(["visualdiff", "approve", "--decisions", str(path)])
    done = paste(command, "--dry-run", folder=project.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"would be replaced: {project.folder / 'old/text.png'}"]


def test_many_or_peculiar_names_are_a_file_s_job(browser: Browser, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("new", "page[1].png", project.candidate("new.png"))
    project.run()
    reader = Reader(browser)
    page = reader.open(project.folder / "report" / "index.html")
    decide(page, "page[1].png", "Accept")
    command = page.locator("#decide-command").input_value()
    reader.close()
    results = project.folder / "report" / "results.json"
    assert command == f"visualdiff approve --results {results} --decisions decisions.json"


def test_a_folder_that_has_no_name_for_browsers_leaves_the_page_whole(
    browser: Browser, project: Project, tmp_path: Path
) -> None:
    report = tmp_path / os.fsdecode(b"latin-\xe9")
    shutil.copytree(project.folder / "report", report)
    reader = Reader(browser)
    page = reader.open(report / "index.html")
    decide(page, "text.png", "Accept")
    command = page.locator("#decide-command").input_value()
    reader.close()
    assert re.fullmatch(r"visualdiff approve --run \w+ text\.png", command)


def test_accepting_the_rest_keeps_what_was_decided(page: Page) -> None:
    decide(page, "text.png", "Reject")
    for _ in range(2):  # twice is no other than once
        page.locator(".group[data-status=failed] .group-head").get_by_text("Accept").click()
        expect(page.locator("#decide-count")).to_contain_text("3 accepted, 1 rejected")


def test_decisions_are_not_taken_over_by_another_run(browser: Browser, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.run()
    reader = Reader(browser)
    page = reader.open(tmp_path / "report" / "index.html")
    decide(page, "text.png", "Accept")
    command = page.locator("#decide-command").input_value()
    reader.close()
    project.write("new", "text.png", project.candidate("new.png"))
    project.run()
    done = paste(command, "--force", folder=tmp_path)
    assert done.returncode == 2
    assert "is of another run than" in done.stderr


def test_the_command_of_a_downloaded_report_accepts_what_that_report_shows(
    project: Project, browser: Browser, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "my downloads (1)"
    shutil.copytree(project.folder / "report", elsewhere)
    reader = Reader(browser)
    page = reader.open(elsewhere / "index.html")
    decide(page, "text.png", "Accept")
    command = page.locator("#decide-command").input_value()
    reader.close()
    assert shlex.split(command)[2:4] == ["--results", str(elsewhere / "results.json")]
    done = paste(command, "--dry-run", folder=project.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"would be replaced: {project.folder / 'old/text.png'}"]


def test_what_a_filter_leaves_is_rejected_at_once(page: Page) -> None:
    decide(page, "a/home.png", "Accept")
    page.locator("#search").fill("a/")
    page.get_by_role("button", name="Reject all 2").click()
    page.locator("#search").fill("")
    expect(page.locator("#decide-count")).to_have_text("1 accepted, 1 rejected, 4 open")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#decide-count")).to_have_text("1 accepted, 0 rejected, 5 open")


def test_two_windows_keep_the_decisions_of_each_other(page: Page, project: Project) -> None:
    other = page.context.new_page()
    other.goto((project.folder / "report" / "index.html").as_uri())
    decide(page, "text.png", "Accept")
    decide(other, "new.png", "Reject")
    expect(other.locator("#decide-count")).to_have_text("1 accepted, 1 rejected, 4 open")
    expect(page.locator("#decide-count")).to_have_text("1 accepted, 1 rejected, 4 open")
    page.get_by_role("button", name="Undo").click()  # what was done here
    expect(page.locator("#decide-count")).to_have_text("0 accepted, 1 rejected, 5 open")
    other.close()
