"""The words of a command line → a command and its options; each command is a module here."""

from argparse import Namespace
from importlib import import_module
from typing import Final, Protocol, cast

from visualdiff.parser import Parser, UsageError, suggest
from visualdiff.version import __version__

COMMANDS: Final = (
    "approve",
    "check",
    "compare",
    "completion",
    "init",
    "merge",
    "report",
    "review",
    "run",
    "schema",
)

_OVERVIEW: Final = """\
  Compare screenshots with their baselines and report what changed.

  Start here:
    visualdiff init                       write a commented visualdiff.yaml
    visualdiff run                        compare both folders, write the HTML report
    visualdiff approve 'checkout/*'       make what you have seen the new baselines
    visualdiff review                     look and accept in the browser
    visualdiff compare old.png new.png    compare two files

  Exit codes: 0 everything passed, 1 differences, 2 wrong usage or nothing to compare.
  `visualdiff COMMAND --help` says what each of them does. More: README.md, and docs/ beside it.

Commands:
"""


class Command(Protocol):
    """A module of this package."""

    SUMMARY: str

    def make_parser(self) -> Parser:
        """Return the parser of its options, which has its help."""

    def parse(self, words: list[str]) -> Namespace:
        """Return its options; raise `UsageError`, or `SystemExit` once `--help` was answered."""

    def execute(self, options: Namespace) -> int:
        """Do what the options say, and return the exit code."""


def load_command(name: str) -> Command:
    """Return a command; those that nobody called are not imported."""
    return cast("Command", import_module(f"visualdiff.commands.{name}"))


def parse_arguments(words: list[str]) -> tuple[str, Namespace]:
    """Return the name of a command and its options.

    Raises `UsageError`, or `SystemExit` once `--help` or `--version` was answered.
    """
    name = words[0] if words else ""
    if name in COMMANDS:
        return name, load_command(name).parse(words[1:])
    parser = make_parser()
    if not words:
        raise UsageError(parser.format_help().rstrip())
    if not name.startswith("-"):
        parser.error(f"No such command '{name}'.{suggest(name, COMMANDS)}")
    parser.parse(words)
    return parser.error("Missing command.")


def make_parser() -> Parser:
    """Return the parser of a command line without a command."""
    width = max(map(len, COMMANDS)) + 2
    summaries = "".join(f"  {name:<{width}}{load_command(name).SUMMARY}\n" for name in COMMANDS)
    parser = Parser("", "COMMAND [ARGS]...", _OVERVIEW + summaries)
    version = f"visualdiff {__version__}"
    show = "Show the version and exit."
    parser.add_argument("-V", "--version", action="version", version=version, help=show)
    return parser
