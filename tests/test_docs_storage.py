"""The page on storage: what it shows is what is said, its snippets fit what they use."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml
from test_cli import COMMAND
from test_lfs import POINTER, needs_git_lfs

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/storage.md").read_text("utf-8")
ATTRIBUTES, SAID = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
CHECKOUT, JOB, HOOK = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_what_is_said_of_a_pointer_is_what_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines/home.png").write_bytes(POINTER)
    done = subprocess.run(
        [COMMAND, "check", "baselines"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[0] == SAID.strip()


@needs_git_lfs
def test_git_lfs_writes_the_line_that_the_page_shows(tmp_path: Path) -> None:
    (track,) = re.findall("^git lfs track '(.*)'$", PAGE, re.MULTILINE)
    env = os.environ | {"HOME": str(tmp_path)}
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, env=env, check=True)
    subprocess.run(["git", "lfs", "track", track], cwd=tmp_path, env=env, check=True)
    assert (tmp_path / ".gitattributes").read_text() == ATTRIBUTES


def test_the_snippets_use_what_there_is() -> None:
    assert CHECKOUT["steps"][0]["with"] == {"lfs": True}
    used = [
        step for step in JOB["jobs"]["visual"]["steps"] if "visualdiff" in step.get("uses", "")
    ]
    assert [step["with"].keys() <= load("action.yml")["inputs"].keys() for step in used] == [True]
    (hook,) = HOOK["repos"][0]["hooks"]
    assert hook["id"] == load(".pre-commit-hooks.yaml")[0]["id"]
    assert re.search(hook["files"], "web/baselines/home.png")


def test_the_main_branch_is_compared_with_nothing_and_keeps_its_screenshots() -> None:
    fetch, compare, keep = JOB["jobs"]["visual"]["steps"][1:]
    assert fetch["if"] == compare["if"] == "github.ref != 'refs/heads/main'"
    assert keep["if"] == "github.ref == 'refs/heads/main'"
    name, folder = re.findall(r"--name (\S+) --dir (\S+)", fetch["run"])[0]
    assert keep["with"]["name"] == name
    assert compare["with"]["arguments"] == f"--baselines {folder}"
