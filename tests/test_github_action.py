"""The ready-made action: its steps run in bash, as GitHub's runner would run them."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_cli import COMMAND, draw

ROOT = Path(__file__).resolve().parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
# What GitHub's metadata syntax knows of composite actions; other keys are errors or do nothing.
KNOWN = {
    "action": {"name", "author", "description", "inputs", "outputs", "runs", "branding"},
    "input": {"description", "required", "default", "deprecationMessage"},
    "output": {"description", "value"},
    "run": {"name", "id", "if", "run", "shell", "env", "working-directory", "continue-on-error"},
    "uses": {"name", "id", "if", "uses", "with", "env", "continue-on-error"},
}
# What the two actions that it uses take, as far as it uses them.
TAKEN = {
    "actions/setup-python@v5": {"python-version", "update-environment"},
    "actions/upload-artifact@v4": {"name", "path", "retention-days", "if-no-files-found"},
}
# A Python that makes "environments" of what is installed here, and keeps a log of its words.
PYTHON = f"""#!{sys.executable}
import os, pathlib, sys
with open({{log!r}}, "a") as log:
    print(sys.argv[1:], file=log)
if sys.argv[1:3] == ["-m", "venv"]:
    place = pathlib.Path(sys.argv[3], "bin")
    place.mkdir(parents=True)
    (place / "visualdiff").symlink_to({str(COMMAND)!r})
    (place / "python").symlink_to(__file__)
elif sys.argv[1:3] != ["-m", "pip"]:
    os.execv({sys.executable!r}, ["python", *sys.argv[1:]])
"""
HOSTILE = "'; touch pwned; $(touch pwned) `touch pwned` ${{ github.token }} \\ \" & | > pwned"


@dataclass
class Job:
    """A job that uses the action: its folder, what it gives as inputs, what it is told."""

    folder: Path
    project: Path
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self, name: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a step by its name, with bash as the runner starts it."""
        (step,) = [step for step in STEPS if step["name"] == name]
        script, told = self.folder / "script.sh", self.folder / "output"
        script.write_text(step["run"])
        told.write_text("")
        given = {key: self.fill(value) for key, value in step["env"].items()}
        fixed = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(told),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_WORKSPACE": str(self.project),
            "RUNNER_TEMP": str(self.folder / "temp"),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.project / self.fill(step.get("working-directory", ".")),
            env=os.environ | fixed | given | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if "id" in step:
            self.outputs[step["id"]] = read_outputs(told)
        return done

    def compare(self, **inputs: str) -> "subprocess.CompletedProcess[str]":
        """Run the step that compares, and record what it tells."""
        self.inputs |= inputs
        return self.run("Compare")

    def fill(self, text: str) -> str:
        """Return a text with the values of its expressions."""
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: self.evaluate(found[1]), text)

    def evaluate(self, expression: str) -> str:
        first, _, other = expression.partition(" || ")
        return self.look_up(first) or other.strip("'")

    def look_up(self, name: str) -> str:
        kind, *path = name.split(".")
        if kind == "inputs":
            return self.inputs.get(path[0], str(ACTION["inputs"][path[0]]["default"]))
        assert (kind, path[1]) == ("steps", "outputs")
        return self.outputs.get(path[0], {}).get(path[2], "")

    def holds(self, condition: str, *, failed: bool = False) -> bool:
        """Return whether a step runs by its condition: `x != ''`, `always()`, or some of these.

        Once a step has failed, only those do that say `always()`.
        """
        terms = [term.removesuffix(" != ''") for term in condition.split(" && ")]
        if failed and "always()" not in terms:
            return False
        return all(term == "always()" or self.look_up(term) for term in terms)

    def tell(self) -> dict[str, str]:
        """Return the outputs of the action."""
        return {name: self.fill(output["value"]) for name, output in ACTION["outputs"].items()}


def read_outputs(path: Path) -> dict[str, str]:
    """Read what a step has told, by the rules of GitHub's runner."""
    outputs, lines = {}, iter(path.read_text("utf-8").splitlines())
    for line in lines:
        if re.match("[^=]+<<", line):
            name, _, end = line.partition("<<")
            outputs[name] = "\n".join(iter(partial(next, lines), end))
        else:
            name, equals, outputs[name] = line.partition("=")
            assert equals
    return outputs


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Return a job whose project has one pair that passes and one that does not."""
    project = tmp_path / "project"
    for side in ("old", "new"):
        draw(project / side / "same.png")
        draw(project / side / "changed.png", square=255 if side == "new" else 0)
    (project / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nreport: shown\n")
    place = tmp_path / "temp/visualdiff/bin"
    place.mkdir(parents=True)
    (place / "visualdiff").symlink_to(COMMAND)
    (place / "python").symlink_to(sys.executable)
    return Job(tmp_path, project)


def find_report_step() -> dict[str, Any]:
    (step,) = [step for step in STEPS if "upload-artifact" in step.get("uses", "")]
    return step


def test_it_has_no_key_that_github_does_not_know() -> None:
    assert ACTION.keys() <= KNOWN["action"]
    assert ACTION["runs"].keys() == {"using", "steps"}
    assert ACTION["runs"]["using"] == "composite"
    for kind in ("input", "output"):
        for name, entry in ACTION[f"{kind}s"].items():
            assert re.fullmatch("[a-z][a-z-]*", name)
            assert entry.keys() <= KNOWN[kind]
            assert entry["description"]
            assert all(isinstance(value, str) for value in entry.values()), name
    for step in STEPS:
        assert step.keys() <= KNOWN["run" if "run" in step else "uses"]
        assert ("shell" in step) == ("run" in step)
        assert step.get("with", {}).keys() <= TAKEN.get(step.get("uses", ""), set())


def test_every_expression_names_what_there_is() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    inputs = set(re.findall(r"inputs\.([a-z-]+)", text))
    assert inputs == ACTION["inputs"].keys()
    steps = {step["id"] for step in STEPS if "id" in step}
    assert set(re.findall(r"steps\.([a-z-]+)\.", text)) == steps


def test_nothing_from_outside_becomes_a_part_of_a_script() -> None:
    assert not [step["name"] for step in STEPS if "${{" in step.get("run", "")]


def test_what_it_installs_is_its_own_ref_or_the_version_asked_for(tmp_path: Path) -> None:
    log, python = tmp_path / "log", tmp_path / "python"
    python.write_text(PYTHON.format(log=str(log)))
    python.chmod(0o755)
    for number, version in enumerate(("", "1.2.3", HOSTILE)):
        job = Job(tmp_path / str(number), tmp_path, {"version": version})
        job.folder.mkdir()
        job.outputs["python"] = {"python-path": str(python)}
        assert job.run("Install visualdiff").returncode == 0
        what = f"visualdiff-ssim=={version}" if version else str(ROOT)
        venv, pip = log.read_text().splitlines()[-2:]
        assert venv == str(["-m", "venv", str(job.folder / "temp/visualdiff")])
        assert pip == str(["-m", "pip", "install", "--quiet", what])
        assert job.compare(config="none.yaml").returncode == 2
    assert not list(tmp_path.rglob("pwned"))


def test_without_a_python_of_its_own_that_of_the_job_is_used(tmp_path: Path) -> None:
    job = Job(tmp_path, tmp_path, {"python-version": ""})
    assert job.evaluate("steps.python.outputs.python-path || 'python3'") == "python3"
    assert not job.holds(STEPS[0]["if"])


def test_differences_fail_the_job_and_are_told_to_later_steps(job: Job) -> None:
    done = job.compare()
    assert (done.returncode, done.stderr.count("Traceback")) == (1, 0)
    assert job.tell() == {
        "exit-code": "1",
        "report": str(job.project / "shown"),
        "total": "2",
        "passed": "1",
        "failed": "1",
        "new": "0",
        "missing": "0",
        "error": "0",
    }
    assert "::error file=old/changed.png" in done.stdout
    assert (job.folder / "summary").read_text().startswith("### visualdiff failed: 1 of 2")
    assert job.holds(find_report_step()["if"], failed=True)
    assert job.fill(find_report_step()["with"]["path"]) == str(job.project / "shown")


def test_a_job_may_go_on_with_differences_but_not_with_anything_else(job: Job) -> None:
    assert job.compare(**{"fail-on-difference": "false"}).returncode == 0
    assert job.tell()["exit-code"] == "1"
    assert job.compare(config="none.yaml").returncode == 2
    assert not job.holds(find_report_step()["if"])


def test_a_crash_is_no_difference(job: Job) -> None:
    crashing = job.folder / "temp/visualdiff/bin/visualdiff"
    crashing.unlink()
    crashing.write_text("#!/bin/sh\nexit 1\n")
    crashing.chmod(0o755)
    assert job.compare(**{"fail-on-difference": "false"}).returncode == 1


def test_a_slip_in_an_input_never_passes(job: Job) -> None:
    done = job.compare(**{"fail-on-difference": "no"})
    assert done.returncode == 2
    assert done.stdout == "::error::fail-on-difference: wanted true or false\n"
    done = job.compare(**{"fail-on-difference": "true", "arguments": "--only 'a"})
    assert done.returncode == 2
    assert done.stdout == "::error::arguments: a quote or a backslash is not closed\n"


def test_a_job_that_passes_says_so(job: Job) -> None:
    done = job.compare(arguments="--only 'same*' \n --threshold 1\n")
    assert (done.returncode, job.tell()["passed"], job.tell()["total"]) == (0, "1", "1")


def test_it_runs_in_the_folder_that_it_is_given(job: Job) -> None:
    inner = job.project / "shop & co"
    inner.mkdir()
    for name in ("old", "new"):
        (job.project / name).rename(inner / name)
    (job.project / "visualdiff.yaml").rename(inner / "my config.yaml")
    job.inputs["working-directory"] = inner.name
    assert job.compare(config="my config.yaml", report="to keep").returncode == 1
    assert job.tell()["report"] == str(inner / "to keep")


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"config": HOSTILE}, 2),
        ({"arguments": HOSTILE}, 2),
        ({"arguments": "$(touch${IFS}pwned) `touch${IFS}pwned` *"}, 2),
        ({"arguments": "--only '*; touch pwned'"}, 2),
        ({"report": "$(touch pwned)\ntotal=7"}, 1),
        ({"fail-on-difference": HOSTILE}, 2),
        ({"fail-on-difference": "false\n::set-env name=PATH::."}, 2),
    ],
    ids=["config", "arguments", "words", "glob", "report", "fail", "command"],
)
def test_what_is_given_is_taken_as_it_is_written(
    job: Job, inputs: Mapping[str, str], code: int
) -> None:
    assert job.compare(**inputs).returncode == code
    assert not list(job.folder.rglob("pwned"))
    if code == 1:
        assert job.tell()["report"] == str(job.project / inputs["report"])
        assert job.tell()["total"] == "2"
