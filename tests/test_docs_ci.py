"""The page on CI: its table, its commands, its examples."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import get_args

import pytest
import yaml
from test_cli import COMMAND, draw

from visualdiff import load_config
from visualdiff.commands import parse_arguments
from visualdiff.report.outputs import FILES
from visualdiff.settings import Output

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
(LISTED,) = re.findall(r"```\n(visualdiff run.*?)```", PAGE, re.DOTALL)


def test_the_table_names_every_output_and_its_file() -> None:
    first, _, _ = PAGE.partition("All files are in")
    table = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", first, re.MULTILINE))
    assert table.keys() == set(get_args(Output))
    assert {name: cell.strip("`") for name, cell in table.items() if name in FILES} == FILES


@pytest.mark.parametrize("line", LISTED.splitlines())
def test_the_commands_write_what_they_name(tmp_path: Path, line: str) -> None:
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\n")
    draw(tmp_path / "old/a.png")
    draw(tmp_path / "new/a.png", square=255)
    words = shlex.split(line)
    done = subprocess.run(
        [COMMAND, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    _, options = parse_arguments(words[1:])
    for option in ("junit", "markdown", "reg"):
        path = getattr(options, option)
        assert path is None or (tmp_path / path.relative_to(Path.cwd())).stat().st_size
    assert done.stdout.count("::error ") == options.github


def test_the_commands_of_the_services_are_valid() -> None:
    commands = re.findall(r"visualdiff run[^'`\n]*", PAGE)
    assert len(commands) > 8
    for command in commands:
        assert parse_arguments(shlex.split(command)[1:])[0] == "run"


def test_the_table_of_inputs_is_that_of_the_action() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    table = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \| .* \|$", PAGE, re.MULTILINE))
    assert action["inputs"].keys() <= table.keys()
    for name, entry in action["inputs"].items():
        if table[name].startswith("`"):
            assert table[name].strip("`") == entry["default"]
        else:
            assert entry["default"] == ""
    told = re.search(r"Later steps (.*?)`visualdiff run` sets", PAGE, re.DOTALL)
    assert told
    assert set(re.findall("`(.*?)`", told[1])) == action["outputs"].keys()
    (example,) = [
        text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "OWNER" in text
    ]
    *_, used = yaml.safe_load(example)["jobs"]["visual"]["steps"]
    assert used["with"].keys() <= action["inputs"].keys()


def test_the_examples_are_yaml_and_the_first_a_configuration(tmp_path: Path) -> None:
    first, *others = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "visualdiff.yaml"
    path.write_text(f"baselines: a\ncandidates: b\n{first}")
    assert load_config(path).outputs == ("html", "json", "junit")
    assert len(others) == 4
    for example in others:
        assert isinstance(yaml.safe_load(example), dict)
