"""The page on approving: its commands are such, and it tells what the log holds."""

import json
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from visualdiff.commands import parse_arguments
from visualdiff.reviewing.audit import REFUSED, Line
from visualdiff.reviewing.session import ACTIONS, State

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "approving.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)
SHELL = "\n".join(block for language, block in BLOCKS if not language)
COMMANDS = list(dict.fromkeys(line.strip() for line in SHELL.splitlines() if line.strip()))


def test_every_command_is_seen() -> None:
    assert sum(command.startswith("visualdiff review") for command in COMMANDS) == 3
    assert sum(command.startswith("visualdiff approve") for command in COMMANDS) == 4


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_are_understood(command: str) -> None:
    program, *words = shlex.split(command)
    if program == "visualdiff":
        assert parse_arguments(words)[0] == words[0]
    else:
        assert command == "pip install 'visualdiff-ssim[review]'"


def test_the_log_is_told_as_it_is() -> None:
    (example,) = (block for language, block in BLOCKS if language == "json")
    assert list(json.loads(example)) == ["time", *(item.name for item in fields(Line))]
    for word in (*ACTIONS, "undo", *State, REFUSED):
        assert f"`{word}`" in PAGE
