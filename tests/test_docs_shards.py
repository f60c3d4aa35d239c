"""The page on shards: its commands are such, its snippets are YAML, its numbers hold."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from test_sharding import add_up, draw_suite

from visualdiff.commands import parse_arguments
from visualdiff.sharding import deal

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "shards.md").read_text("utf-8")
COMMANDS = re.findall(r"visualdiff (?:run|merge) [^`#\n]*", PAGE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_are_understood(command: str) -> None:
    for variable in ("${{ matrix.shard }}", "$CI_NODE_INDEX"):
        command = command.replace(variable, "2")
    _, *words = shlex.split(command.replace("$CI_NODE_TOTAL", "4"))
    name, options = parse_arguments(words)
    if name == "merge":
        assert len(options.folders) == 4
    else:
        assert options.executor == "dask" or options.shard[1] == 4


def test_the_snippets_are_yaml() -> None:
    github, gitlab = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    assert github["jobs"]["compare"]["strategy"]["matrix"]["shard"] == [1, 2, 3, 4]
    assert gitlab["compare"]["parallel"] == 4


def test_the_numbers_of_a_suite_of_200_pages_hold() -> None:
    moved = 0
    for seed in range(20):
        weights = draw_suite(200, seed)
        before, after = deal(weights, 4), deal(weights | {"new.png": 4_000_000}, 4)
        loads = add_up(weights, before)
        assert max(loads) <= 1.1 * min(loads)
        moved += sum(before[name] != after[name] for name in weights)
    assert moved / 20 <= 1.5
