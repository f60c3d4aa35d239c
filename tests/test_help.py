"""What `--help` tells: enough to begin with, a screen and a half at most, and only the truth."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from visualdiff.commands import COMMANDS, load_command, make_parser
from visualdiff.settings import Config

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def read_help(command: str) -> str:
    return load_command(command).make_parser().format_help()


def read_section(command: str, title: str) -> str:
    """Return the lines below a title; nothing if there is none."""
    found = re.search(rf"^{title}:\n((?:  .*\n)+)", read_help(command), re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_comes_of_a_command_in_a_screen_and_a_half(command: str) -> None:
    text = read_help(command)
    assert len(text.splitlines()) <= 75
    assert max(map(len, text.splitlines())) < 100
    assert load_command(command).SUMMARY in text
    assert re.search("^  0  ", read_section(command, "Exit codes"), re.MULTILINE)
    assert re.search("^  2  ", read_section(command, "Exit codes"), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_leads_to_pages_that_there_are(command: str) -> None:
    more = re.search("^More: (.*)$", read_help(command), re.MULTILINE)
    assert more
    pages = re.findall(r"docs/[\w-]+\.md", more[1])
    assert pages
    assert all((ROOT / page).is_file() for page in pages)


def test_every_command_is_in_the_overview_with_its_summary() -> None:
    text = make_parser().format_help()
    listed = re.findall(r"^  ([a-z]+) +([A-Z].*\.)$", text, re.MULTILINE)
    assert dict(listed) == {name: load_command(name).SUMMARY for name in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_values_that_a_setting_may_have_are_named(command: str) -> None:
    hints = get_type_hints(Config)
    for action in load_command(command).make_parser()._actions:
        words = {
            value for value in get_args(hints.get(action.dest, None)) if isinstance(value, str)
        }
        if words and action.nargs != 0:
            assert words <= set(str(action.metavar).split("|")), action.dest


def test_the_variables_that_are_heeded_are_named() -> None:
    text = "".join(read_section(command, "Environment") for command in COMMANDS)
    told = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b|\bCI\b", text))
    source = (ROOT / "visualdiff/environment.py").read_text("utf-8")
    heeded = set(re.findall(r'"(CI|GITHUB_[A-Z_]+)"', source))
    # rich heeds the last one.
    assert told == heeded | {"NO_COLOR"}


def test_the_page_of_commands_lists_them_as_the_overview_does() -> None:
    page = (ROOT / "docs/commands.md").read_text("utf-8")
    table = re.findall(r"^\| `visualdiff (\w+)` \| (.*?) \|", page, re.MULTILINE)
    assert table == [(name, load_command(name).SUMMARY) for name in COMMANDS]
    # Where it puts a script, the help says too.
    lines = re.findall(r"^visualdiff completion .*$", page, re.MULTILINE)
    assert len(lines) == 3
    assert all(line in read_help("completion") for line in lines)
