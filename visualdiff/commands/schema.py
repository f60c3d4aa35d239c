"""`visualdiff schema`: what configurations and results look like, for programs."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.saying import allowing_to_leave
from visualdiff.parser import Parser
from visualdiff.words import to_one_of

SUMMARY: Final = "Print a JSON Schema."
_TEXT: Final = f"""\
{SUMMARY}

  That of visualdiff.yaml (config), for editors, or of results.json (results), for readers of it.
"""
_EXAMPLES: Final = """\
    visualdiff schema > visualdiff.schema.json
"""
_NOTES: Final = """\
Exit codes:
  0  printed
  2  wrong usage

More: docs/configuration.md
"""
_ARGUMENT: Final = "[config|results]"
_TO_NAME: Final = to_one_of("config", "results")


def make_parser() -> Parser:
    """Return the parser of its options."""
    return Parser("schema", _ARGUMENT, _TEXT, examples=_EXAMPLES, notes=_NOTES)


def parse(words: list[str]) -> Namespace:
    """Return the options, and which schema is wanted."""
    parser = make_parser()
    options, names = parser.parse(words, most=1)
    options.which = parser.convert(_TO_NAME, names[0] if names else "config", _ARGUMENT)
    return options


def execute(options: Namespace) -> int:
    """Print the schema."""
    import json  # noqa: PLC0415

    from visualdiff.config import config_schema  # noqa: PLC0415
    from visualdiff.report.results import load_results_schema  # noqa: PLC0415

    made = config_schema() if options.which == "config" else load_results_schema()
    with allowing_to_leave():
        print(json.dumps(made, indent=2, ensure_ascii=False))
    return 0
