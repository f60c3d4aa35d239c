"""`visualdiff init`: a configuration to begin with."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.options import CONFIG
from visualdiff.commands.saying import say
from visualdiff.parser import Parser
from visualdiff.words import to_local

SUMMARY: Final = "Write a commented starter configuration."
_TEXT: Final = f"""\
{SUMMARY}

  An existing file is left alone.
"""
_EXAMPLES: Final = """\
    visualdiff init
"""
_NOTES: Final = """\
Exit codes:
  0  written
  2  it exists already, cannot be written, or wrong usage

Files:
  visualdiff.yaml         is written, or PATH

More: docs/configuration.md
"""


def make_parser() -> Parser:
    """Return the parser of its options."""
    return Parser("init", "[PATH]", _TEXT, examples=_EXAMPLES, notes=_NOTES)


def parse(words: list[str]) -> Namespace:
    """Return the options, and the path of the new file."""
    parser = make_parser()
    options, names = parser.parse(words, most=1)
    options.path = parser.convert(to_local, names[0], "[PATH]") if names else CONFIG
    return options


def execute(options: Namespace) -> int:
    """Write the file, unless there is one."""
    from importlib import resources  # noqa: PLC0415

    from visualdiff.errors import ConfigError  # noqa: PLC0415
    from visualdiff.files import write_atomically  # noqa: PLC0415

    path = options.path
    text = resources.files("visualdiff").joinpath("starter.yaml").read_bytes()
    if path.is_symlink() or path.exists():
        raise ConfigError(f"{path} exists already; it was not changed")
    try:
        write_atomically(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    say(f"wrote {path}: name your two folders in it, then `visualdiff run`")
    return 0
