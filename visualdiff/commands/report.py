"""`visualdiff report`: a report is rendered again, and nothing compared."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.options import (
    FOLDER,
    NUMBER,
    REPORT_FOLDER,
    SAY_INLINE,
    SAY_SINGLE,
    add_outputs,
    list_outputs,
)
from visualdiff.commands.saying import allowing_to_leave, say
from visualdiff.parser import Parser
from visualdiff.words import to_place

SUMMARY: Final = "Render a report again, without comparing."
_TEXT: Final = f"""\
{SUMMARY}

  RESULTS is the results.json of a report, by default that in visualdiff-report, with the pictures
  beside it. With --report, the whole report is written to another folder. Either may be a URL, as
  s3://bucket/report/results.json. Whatever else a run can write is written again too, where an
  option asks for it.
"""
_EXAMPLES: Final = """\
    visualdiff report
    visualdiff report downloaded/results.json --single-file --report to-send
    visualdiff report --junit junit.xml --markdown summary.md
"""
_NOTES: Final = """\
Exit codes:
  0  rendered, whatever was found
  2  wrong usage, or no results.json that can be rendered

Files:
  RESULTS                 is read, and the pictures that it names
  its folder              is written, or that of --report

More: docs/report.md, docs/object-storage.md
"""


def make_parser() -> Parser:
    """Return the parser of its options."""
    parser = Parser("report", "[RESULTS]", _TEXT, examples=_EXAMPLES, notes=_NOTES)
    add = parser.add_argument
    add("--report", **FOLDER, help="Another folder for the report.")
    add("--single-file", action="store_true", help=SAY_SINGLE)
    add("--max-inline-mb", **NUMBER, help=SAY_INLINE)
    add_outputs(parser)
    return parser


def parse(words: list[str]) -> Namespace:
    """Return the options, and the path of results.json."""
    parser = make_parser()
    options, names = parser.parse(words, most=1)
    found = [parser.convert(to_place, name, "[RESULTS]") for name in names]
    options.path = found[0] if found else REPORT_FOLDER / "results.json"
    return options


def execute(options: Namespace) -> int:
    """Render the report, and say where it is."""
    from visualdiff.actions import list_annotations  # noqa: PLC0415
    from visualdiff.rendering import render_again  # noqa: PLC0415
    from visualdiff.report import INDEX  # noqa: PLC0415

    changes = {
        "single_file": options.single_file or None,
        "max_inline_mb": options.max_inline_mb,
        "url_prefix": options.url_prefix,
    }
    result = render_again(options.path, options.report, list_outputs(options), **changes)
    if options.github:
        with allowing_to_leave():
            print(*list_annotations(result), sep="", end="")
    say(f"report: {result.config.report / INDEX}")
    return 0
