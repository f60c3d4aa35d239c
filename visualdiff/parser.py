"""Options and other words of one command, its help, and what is said of mistakes.

With argparse, because importing click alone takes as long as all of `visualdiff --help` may.
"""

import shutil
from argparse import (
    Action,
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn

_NARROWEST: Final = 40


class UsageError(Exception):
    """The command line is wrong; the text says how to use it, and what is wrong."""


class Parser(ArgumentParser):
    """A parser of options; all other words are left to the caller, in any order."""

    def __init__(
        self, command: str, operands: str, text: str, *, examples: str = "", notes: str = ""
    ) -> None:
        """Make a parser of a command: `operands` are its other words, as the usage names them.

        `text` says what it does; `notes`, which end its help, name exit codes, files and so on.
        """
        self.operands = operands
        program = f"visualdiff {command}".strip()
        if examples:
            text = f"  {text.rstrip()}\n\n  Examples:\n{examples}"
        super().__init__(
            program,
            usage=f"{program} [OPTIONS] {operands}".strip(),
            description=text,
            epilog=notes,
            formatter_class=_Formatter,
            add_help=False,
            allow_abbrev=False,
        )
        self._optionals.title = "Options"
        self.add_argument("-h", "--help", action="help", help="Show this message and exit.")

    def add_group(self, title: str) -> Callable[..., Action]:
        """Begin a group of options under a title, and return what adds an option to it."""
        return self.add_argument_group(title).add_argument

    def parse(self, words: list[str], most: int | None = 0) -> tuple[Namespace, list[str]]:
        """Return the options, and at most `most` other words."""
        end = words.index("--") if "--" in words else len(words)
        options, names = self.parse_known_args(_join_negative(words[:end]))
        unknown = [name for name in names if name.startswith("-") and name != "-"]
        if unknown:
            option = unknown[0].partition("=")[0]
            self.error(f"No such option '{option}'.{suggest(option, self._option_string_actions)}")
        names += words[end + 1 :]
        if most is not None and len(names) > most:
            self.error(f"Got unexpected extra argument ({names[most]})")
        return options, names

    def convert(self, convert: Callable[[str], Any], text: str, argument: str) -> Any:
        """Return a word as a value."""
        try:
            return convert(text)
        except ArgumentTypeError as error:
            self.error(f"argument {argument}: {error}")

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`."""
        if message.startswith("argument "):
            # Of argparse: "argument -c/--config: expected one argument".
            option, _, problem = message.removeprefix("argument ").partition(": ")
            message = f"Invalid value for '{option.rpartition('/')[2]}': {problem}"
        usage = f"{self.format_usage()}Try '{self.prog} --help' for help."
        raise UsageError(f"{usage}\n\nError: {message}")


class _Formatter(RawDescriptionHelpFormatter):
    """Help as wide as the terminal, at most 100 columns."""

    def __init__(self, prog: str) -> None:
        columns = shutil.get_terminal_size((100, 24)).columns
        if columns < _NARROWEST:  # nothing would fit, or the terminal does not know: it says 0
            columns = 80
        super().__init__(prog, max_help_position=30, width=min(columns, 100) - 2)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any = None) -> None:
        super().add_usage(usage, actions, groups, prefix or "Usage: ")

    def _format_action_invocation(self, action: Action) -> str:
        # Up to Python 3.12, argparse repeats the name of the value after each form of an option.
        value = "" if action.nargs == 0 else f" {action.metavar}"
        return ", ".join(action.option_strings) + value


def _join_negative(words: list[str]) -> list[str]:
    """Return words with `--mask -200,0,9,9` as `--mask=-200,0,9,9`: no option is meant by it."""
    joined: list[str] = []
    for word in words:
        if word[:1] == "-" and word[1:2].isdigit() and joined and joined[-1][:2] == "--":
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def suggest(word: str, known: Iterable[str]) -> str:
    """Return which of the known words was meant, as a question; "" if none is near."""
    import difflib  # noqa: PLC0415 - only after a mistake

    near = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""
