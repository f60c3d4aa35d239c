"""The page on unchanged work: its commands, its examples, its promises."""

import re
import shlex
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from test_cli import COMMAND, draw

from visualdiff import load_config
from visualdiff.commands import parse_arguments
from visualdiff.provenance import PACKAGES

PAGE = (Path(__file__).resolve().parents[1] / "docs/caching.md").read_text("utf-8")
(LISTED,) = re.findall(r"```\n(visualdiff run.*?)```", PAGE, re.DOTALL)
FIRST, *SERVICES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "visualdiff.yaml").write_text(f"baselines: old\ncandidates: new\n{FIRST}")
    draw(tmp_path / "old/a.png")
    draw(tmp_path / "new/a.png", square=255)
    return tmp_path


def test_the_commands_do_what_the_page_says(project: Path) -> None:
    known = []
    first, second = LISTED.splitlines()
    for line in (first, first, second):
        words = shlex.split(line)
        done = subprocess.run(
            [COMMAND, *words[1:]], cwd=project, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        known.append("unchanged: 1 of 1 pairs" in done.stdout)
    assert known == [False, True, False]


def test_the_configuration_names_the_folder_of_the_commands(project: Path) -> None:
    config = load_config(project / "visualdiff.yaml")
    assert config.cache == project / ".visualdiff-cache"
    assert "cache" in {item.name for item in fields(config)}


def test_the_services_save_the_folder_that_the_command_fills() -> None:
    commands = re.findall(r"visualdiff run --cache[^'`\n]*", "".join(SERVICES))
    assert len(commands) == len(SERVICES) == 2
    for command in commands:
        options = parse_arguments(shlex.split(command)[1:])[1]
        assert options.cache == Path(".visualdiff-cache")
    github, gitlab = map(yaml.safe_load, SERVICES)
    restore, save = (step for step in github["jobs"]["visual"]["steps"] if "with" in step)
    assert restore["with"].pop("restore-keys") in restore["with"]["key"]
    assert restore["with"] == save["with"]
    assert save["with"]["path"] == ".visualdiff-cache"
    assert gitlab["visual"]["cache"]["paths"] == [".visualdiff-cache/"]


def test_every_package_that_counts_is_named() -> None:
    (line,) = re.findall(r"- the versions of ([^;]*?), and", PAGE, re.DOTALL)
    told = line.lower().replace("opencv", "opencv-python-headless")
    assert [name for name in PACKAGES if name not in told] == []
