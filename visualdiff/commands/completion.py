"""`visualdiff completion`: a script by which a shell completes commands and options."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.saying import allowing_to_leave
from visualdiff.parser import Parser
from visualdiff.words import to_one_of

SUMMARY: Final = "Print a script that completes what is typed in a shell."
_TEXT: Final = f"""\
{SUMMARY}

  Put it where your shell looks for it, and start the shell anew. The folder must exist; zsh looks
  into those of its fpath.
"""
_EXAMPLES: Final = """\
    visualdiff completion bash > ~/.local/share/bash-completion/completions/visualdiff
    visualdiff completion zsh > ~/.zfunc/_visualdiff
    visualdiff completion fish > ~/.config/fish/completions/visualdiff.fish
"""
_NOTES: Final = """\
Exit codes:
  0  printed
  2  wrong usage

More: docs/commands.md
"""
_SHELLS: Final = "bash|zsh|fish"


def make_parser() -> Parser:
    """Return the parser of its options."""
    return Parser("completion", _SHELLS, _TEXT, examples=_EXAMPLES, notes=_NOTES)


def parse(words: list[str]) -> Namespace:
    """Return the options, and the shell."""
    parser = make_parser()
    options, names = parser.parse(words, most=1)
    if not names:
        parser.error(f"Missing argument '{_SHELLS}'.")
    options.shell = parser.convert(to_one_of(*_SHELLS.split("|")), names[0], _SHELLS)
    return options


def execute(options: Namespace) -> int:
    """Print the script."""
    from visualdiff.commands import COMMANDS, load_command, make_parser  # noqa: PLC0415
    from visualdiff.completing import write_script  # noqa: PLC0415

    parsers = {name: load_command(name).make_parser() for name in COMMANDS}
    with allowing_to_leave():
        print(write_script(options.shell, make_parser(), parsers))
    return 0
