"""What a job of GitHub Actions is told, by the installed command in a job that is none."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from outcomes import make_pair, make_run
from test_cli import COMMAND, draw

from visualdiff.actions import append_summary, choose_outputs
from visualdiff.environment import find_workspace, is_github
from visualdiff.report.markdown import MOST_BYTES
from visualdiff.settings import Output

Job = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "shop"
    folder.mkdir(parents=True)
    (folder / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nreport: report\n")
    for side in ("old", "new"):
        draw(folder / side / "same.png")
        draw(folder / side / "100%, a:b.png", square=255 if side == "new" else 0)
    return folder


@pytest.fixture
def summary(tmp_path: Path) -> Path:
    return tmp_path / "step_summary"


@pytest.fixture
def job(project: Path, summary: Path) -> Job:
    """Return the command `visualdiff run`, in a job of GitHub Actions."""
    summary.touch()
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_WORKSPACE": str(project.parent),
    }

    def run(*words: str, **other: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [COMMAND, "run", *words],
            cwd=project,
            env=os.environ | variables | other,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def configure(project: Path, line: str) -> None:
    with (project / "visualdiff.yaml").open("a") as file:
        file.write(f"{line}\n")


def list_annotations(done: "subprocess.CompletedProcess[str]") -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith("::")]


def test_a_job_gets_annotations_and_a_summary_unasked(job: Job, summary: Path) -> None:
    done = job()
    assert done.returncode == 1
    (line,) = list_annotations(done)
    head = "::error file=shop/old/100%25%2C a%3Ab.png,title=100%25%2C a%3Ab.png failed::"
    assert line.startswith(head)
    text = summary.read_text("utf-8")
    assert text.startswith("### visualdiff failed: 1 of 2 screenshots needs a look\n")
    # A summary has no folder beside it.
    assert "<img" not in text
    assert "href" not in text


def test_a_green_job_has_a_summary_and_no_annotation(
    project: Path, job: Job, summary: Path
) -> None:
    draw(project / "new" / "100%, a:b.png")
    done = job("--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert summary.read_text().startswith("### visualdiff passed: 2 screenshots match\n")


@pytest.mark.parametrize("variables", [{"GITHUB_ACTIONS": ""}, {"GITHUB_ACTIONS": "false"}])
def test_elsewhere_nothing_is_told(job: Job, summary: Path, variables: dict[str, str]) -> None:
    assert list_annotations(job(**variables)) == []
    assert summary.read_bytes() == b""


def test_a_configuration_that_says_what_it_wants_gets_no_more(
    project: Path, job: Job, summary: Path
) -> None:
    configure(project, "reports: [html, json]")
    assert list_annotations(job()) == []
    assert summary.read_bytes() == b""
    assert len(list_annotations(job("--github"))) == 1
    assert summary.read_bytes() == b""


def test_options_add_to_what_comes_unasked(project: Path, job: Job, summary: Path) -> None:
    done = job("--junit", "tests.xml", "--markdown", "out/summary.md")
    assert len(list_annotations(done)) == 1
    assert (project / "tests.xml").is_file()
    assert '<img src="../report/assets/' in (project / "out/summary.md").read_text("utf-8")
    assert "<img" not in summary.read_text("utf-8")


def test_annotations_can_be_had_anywhere(project: Path, job: Job, summary: Path) -> None:
    anywhere = {"GITHUB_ACTIONS": "", "GITHUB_WORKSPACE": "", "GITHUB_STEP_SUMMARY": ""}
    (line,) = list_annotations(job("--github", **anywhere))
    assert line.startswith("::error file=old/100%25")
    configure(project, "reports: [json, github]")
    assert list_annotations(job(**anywhere)) == [line]
    assert summary.read_bytes() == b""


def test_with_a_prefix_the_summary_shows_pictures(job: Job, summary: Path) -> None:
    job("--url-prefix", "https://example.com/7")
    text = summary.read_text("utf-8")
    assert '<img src="https://example.com/7/assets/' in text
    assert '<a href="https://example.com/7/index.html">' in text


def test_what_earlier_commands_told_stays(job: Job, summary: Path) -> None:
    summary.write_text("earlier")
    job()
    job()
    assert summary.read_text("utf-8").startswith("earlier\n\n### visualdiff failed")
    assert summary.read_text("utf-8").count("### visualdiff failed") == 2


def test_a_summary_that_cannot_be_written_changes_no_exit_code(
    project: Path, job: Job, tmp_path: Path
) -> None:
    draw(project / "new" / "100%, a:b.png")
    done = job(GITHUB_STEP_SUMMARY=str(tmp_path))
    assert done.returncode == 0
    said = f"warning: GITHUB_STEP_SUMMARY: cannot append to {tmp_path}: Is a directory"
    assert done.stderr.splitlines()[-1] == said


def test_a_summary_never_gets_larger_than_github_allows(
    summary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    result = make_run(*(make_pair(f"{number}.png") for number in range(100)))
    summary.write_bytes(b"x" * (MOST_BYTES - 2000))
    assert append_summary(result) == ""
    assert summary.read_text("utf-8").endswith(" more: see the report\n")
    assert MOST_BYTES - 2000 < summary.stat().st_size <= MOST_BYTES
    summary.write_bytes(b"x" * MOST_BYTES)
    assert append_summary(result) == f"GITHUB_STEP_SUMMARY: {summary} has no room left"
    assert summary.stat().st_size == MOST_BYTES


def test_which_outputs_a_run_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: tuple[Output, ...] = ("reg",)
    plain, chosen = make_run().config, make_run(reports=("junit",)).config
    assert choose_outputs(plain, ()) == {"html", "json"}
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert is_github()
    assert choose_outputs(plain, asked) == {"html", "json", "markdown", "github", "reg"}
    assert choose_outputs(chosen, ()) == {"junit"}
    assert find_workspace() is None


def test_later_steps_are_told_what_was_counted(project: Path, job: Job, tmp_path: Path) -> None:
    told = tmp_path / "output"
    told.write_text("earlier=1\n")
    job(GITHUB_OUTPUT=str(told))
    first, start, folder, end, *counts = told.read_text("utf-8").splitlines()
    assert (first, start, folder) == ("earlier=1", f"report<<{end}", str(project / "report"))
    assert counts == ["total=2", "passed=1", "failed=1", "new=0", "missing=0", "error=0"]


def test_outputs_that_cannot_be_written_change_no_exit_code(
    project: Path, job: Job, tmp_path: Path
) -> None:
    draw(project / "new" / "100%, a:b.png")
    done = job(GITHUB_OUTPUT=str(tmp_path))
    assert done.returncode == 0
    said = f"warning: GITHUB_OUTPUT: cannot append to {tmp_path}: Is a directory"
    assert done.stderr.splitlines()[-1] == said


def test_elsewhere_there_are_no_later_steps_to_tell(job: Job, tmp_path: Path) -> None:
    told = tmp_path / "output"
    job(GITHUB_ACTIONS="", GITHUB_OUTPUT=str(told))
    assert not told.exists()
