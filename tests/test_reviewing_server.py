"""A review from the address that it prints to what it says at its end."""

import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import rmtree

import pytest
from approving import Project, copy_project
from serving import COMMAND, PATIENCE_SECONDS, refuse, review, wait_for

from visualdiff.identity import identify_pair

TEXT, NEW = identify_pair("text.png", ""), identify_pair("new.png", "")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("template"))
    project.run()
    return project.folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Project:
    return copy_project(template, tmp_path / "project")


def approve(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "approve", *words, "--force"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_ctrl_c_ends_a_review_and_tells_what_was_done(project: Project) -> None:
    before = project.baselines()
    with review(project.folder) as served:
        served.act("accept", TEXT)
        served.act("accept", NEW)
        served.act("reject", identify_pair("both.png", ""))
        code, output = served.stop()
    assert code == 0
    assert output.splitlines() == [
        "Accept and Reject act at once there. Ctrl-C stops it.",
        "",
        f"replaced: {project.folder / 'old/text.png'}",
        f"written: {project.folder / 'old/new.png'}",
        "2 accepted, 1 rejected, 2 open",
        "2 changed; `visualdiff approve --undo` takes it back",
        f"log: {project.folder / 'report/review.log'}",
    ]
    undone = approve(project, "--undo")
    assert undone.returncode == 0
    assert f"restored: {project.folder / 'old/text.png'}" in undone.stdout
    assert f"removed: {project.folder / 'old/new.png'}" in undone.stdout
    assert project.baselines() == before


def test_a_review_in_which_nothing_was_done_says_so(project: Project) -> None:
    with review(project.folder) as served:
        served.ask("/state")
        code, output = served.stop()
    assert code == 0
    assert output.splitlines()[2:] == ["0 accepted, 0 rejected, 5 open"]


def test_sigterm_ends_it_as_it_ends_every_command(project: Project) -> None:
    before = project.baselines()
    with review(project.folder) as served:
        served.act("accept", TEXT)
        code, output = served.stop(signal.SIGTERM)
    assert code == 143
    assert "Traceback" not in output
    assert "1 accepted, 0 rejected, 4 open" in output
    assert approve(project, "--undo").returncode == 0
    assert project.baselines() == before


def test_nothing_is_left_running_though_a_browser_holds_connections(project: Project) -> None:
    with review(project.folder) as served:
        served.ask("/state")
        held = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(3)]
        held[1].sendall(b"GET / HTTP/1.1\r\nHost: ")
        held[2].sendall(
            f"POST /act HTTP/1.1\r\nHost: {served.host}\r\nCookie: {served.cookie}\r\n"
            f"Origin: http://{served.host}\r\nContent-Type: application/json\r\n"
            "Content-Length: 100\r\n\r\n{".encode()
        )
        code, output = served.stop()
        for connection in held:
            connection.close()
    assert (code, output.splitlines()[-1]) == (0, "0 accepted, 0 rejected, 5 open")
    assert len(output.splitlines()) == 3
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", served.port))


# A file takes its place once somebody writes to a pipe; as `sitecustomize`.
SLOW = """\
import os

replace = os.replace

def replace_slowly(source, target, **options):
    if os.path.basename(target) == "text.png":
        open(os.environ["GATE"], "rb").read()
    replace(source, target, **options)

os.replace = replace_slowly
"""


def test_what_is_being_written_is_waited_for(project: Project, tmp_path: Path) -> None:
    gate, hooks = tmp_path / "gate", tmp_path / "hooks"
    os.mkfifo(gate)
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(SLOW)
    slow = {"PYTHONPATH": str(hooks), "GATE": str(gate)}
    with ThreadPoolExecutor() as threads, review(project.folder, **slow) as served:
        served.ask("/state")
        order = {"action": "accept", "pairs": [TEXT]}
        asked = threads.submit(served.ask, "/act", "POST", order)
        opened = threads.submit(gate.open, "wb")
        with opened.result(PATIENCE_SECONDS):  # it is about to be replaced, then
            stopped = threads.submit(served.stop)
            assert asked.result().status == 500  # the page is not waited for
        code, output = stopped.result()
    assert code == 0
    assert output.splitlines()[1:4] == [
        "",
        f"replaced: {project.folder / 'old/text.png'}",
        "1 accepted, 0 rejected, 4 open",
    ]
    assert project.baselines()["text.png"] == project.candidate("text.png")


def test_killed_it_can_be_taken_back_as_a_whole(project: Project) -> None:
    before = project.baselines()
    with review(project.folder) as served:
        served.act("accept", TEXT)
        served.act("accept", NEW)
        assert served.stop(signal.SIGKILL)[0] == -signal.SIGKILL
    assert approve(project, "--undo").returncode == 0
    assert project.baselines() == before


def test_the_token_is_in_nothing_but_the_address(project: Project) -> None:
    with review(project.folder) as served:
        served.ask(f"/?token={served.token}", Cookie="")
        served.ask(f"/nowhere?token={served.token}x")
        served.act("accept", TEXT)
        files = [path for path in project.folder.rglob("*") if path.is_file()]
        assert not [path for path in files if served.token.encode() in path.read_bytes()]
        _, output = served.stop()
    assert served.token not in output
    with review(project.folder) as again:
        assert again.token != served.token
        assert len(again.token) >= 40


def test_two_at_once_would_write_one_journal(project: Project) -> None:
    with review(project.folder) as served:
        served.act("accept", TEXT)  # which tidies the journal's folder
        output = refuse(project.folder)
        told = (
            f"another visualdiff is writing to {project.folder / 'report/undo'}; wait for the end"
        )
        assert told in output
        refused = approve(project, "text.png")
        assert refused.returncode == 2
        assert told in refused.stderr
        assert approve(project, "text.png", "--dry-run").returncode == 0
        served.stop()
    assert approve(project, "new.png").returncode == 0


def test_a_port_can_be_chosen_unless_it_is_taken(project: Project, tmp_path: Path) -> None:
    with review(project.folder) as served:
        other = copy_project(project.folder, tmp_path / "other")
        output = refuse(other.folder, "--port", str(served.port))
        assert f"error: --port {served.port}: cannot be used" in output
        port = served.port
        served.stop()
    with review(other.folder, "--port", str(port)) as again:
        assert again.port == port


@pytest.mark.parametrize("word", ["-1", "65536", "http"])
def test_a_port_is_a_number(project: Project, word: str) -> None:
    assert "Invalid value for '--port'" in refuse(project.folder, f"--port={word}")


def test_a_ci_job_reviews_nothing_unless_it_is_forced(project: Project) -> None:
    assert "this is a CI job" in refuse(project.folder, CI="true")
    with review(project.folder, "--force", CI="true") as served:
        assert served.stop()[0] == 0


def test_a_report_is_named_by_its_results(project: Project, tmp_path: Path) -> None:
    rmtree(project.folder / "new")  # a downloaded report brings its own
    moved = (project.folder / "report").rename(tmp_path / "downloaded")
    with review(project.folder, "--results", str(moved / "results.json")) as served:
        served.act("accept", TEXT)
        _, output = served.stop()
    undo = f"visualdiff approve --undo --results {moved / 'results.json'}"
    assert f"1 changed; `{undo}` takes it back" in output


def test_a_report_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "visualdiff-report/results.json: not found" in refuse(tmp_path)


def test_without_its_extra_it_says_how_to_install_it(project: Project) -> None:
    # As where no uvicorn is installed.
    code = (
        "import sys\n"
        "sys.modules['uvicorn'] = None\n"
        "from visualdiff.cli import execute\n"
        "sys.exit(execute(['review']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.folder,
        env=os.environ | {"CI": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error: `visualdiff review` needs uvicorn; "
        "`pip install 'visualdiff-ssim[review]'` brings it\n"
    )


@pytest.mark.parametrize("wants", [True, False], ids=["opened", "told not to"])
def test_a_browser_is_opened_where_there_is_one(
    project: Project, tmp_path: Path, wants: bool
) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.part\nmv {opened}.part {opened}\n')
    browser.chmod(0o755)
    words = [] if wants else ["--no-browser"]
    with review(project.folder, *words, BROWSER=f"{browser} %s") as served:
        if wants:
            wait_for(opened.exists)
            address = opened.read_text().strip()
            assert address.startswith(served.address.removesuffix(served.token))
            # All users of a machine can read how programs were called.
            assert served.token not in address
            path = f"/?{address.partition('?')[2]}"
            first, second = (served.ask(path, Cookie="") for _ in range(2))
            assert (first.status, second.status) == (303, 403)
            assert served.cookie in first.headers["set-cookie"]
        served.stop()
    assert opened.exists() is wants


def test_no_browser_of_the_terminal_is_started(project: Project, tmp_path: Path) -> None:
    (tmp_path / "w3m").write_text(f"#!/bin/sh\ntouch {tmp_path / 'opened'}\n")
    (tmp_path / "w3m").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    with review(project.folder, PATH=path, TERM="xterm") as served:
        served.stop()
    assert not (tmp_path / "opened").exists()


def test_help_tells_of_it() -> None:
    done = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert re.search(r"^  review +Look at the report", done.stdout, re.MULTILINE)
