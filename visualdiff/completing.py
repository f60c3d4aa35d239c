"""The parsers of all commands → a script by which a shell completes what is typed.

What the help names is what a shell offers: the words of `none|rows`, files for `FILE`.
"""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, Final

import shtab

from visualdiff.parser import Parser

_OFFERED: Final = {
    "FILE": shtab.FILE,
    "PATH": shtab.FILE,
    "RESULTS": shtab.FILE,
    "BASELINE CANDIDATE": shtab.FILE,
    "DIRECTORY": shtab.DIRECTORY,
    "RUN_DIR": shtab.DIRECTORY,
}


def write_script(shell: str, overall: Parser, commands: Mapping[str, Parser]) -> str:
    """Return a script for bash, zsh or fish.

    `overall` knows the options that stand before a command.
    """
    main = ArgumentParser("visualdiff", parents=[overall], add_help=False)
    choice = main.add_subparsers()
    for name, parser in commands.items():
        summary = (parser.description or "").strip().partition("\n")[0]
        command = choice.add_parser(name, parents=[parser], add_help=False, help=summary)
        operand = parser.operands.strip("[].")
        if operand:
            command.add_argument("operands", metavar=operand, nargs="*")
        for action in command._actions:  # noqa: SLF001 - argparse lists them nowhere else
            _offer(action)
    return str(shtab.complete(main, shell=shell))


def _offer(action: Any) -> None:
    """Tell shtab what may stand as the value of an option, as far as its name says so."""
    words = str(action.metavar).split("|")
    if len(words) > 1:
        action.choices = [word for word in words if word.islower()]  # of N|auto, the latter
    elif words[0] in _OFFERED:
        action.complete = _OFFERED[words[0]]
