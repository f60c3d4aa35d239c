"""`visualdiff merge`: the reports of all shards become one."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.options import FOLDER, REPORT_FOLDER
from visualdiff.commands.saying import allowing_to_leave, tell_command
from visualdiff.parser import Parser
from visualdiff.words import to_place

SUMMARY: Final = "Join the reports of all shards of a run."
_TEXT: Final = f"""\
{SUMMARY}

  Each RUN_DIR is the report of a `visualdiff run --shard`. The exit code is that of the whole run.
  They may be folders or URLs such as s3://bucket/shard-1, and so may be the report.
"""
_EXAMPLES: Final = """\
    visualdiff merge shard-1 shard-2 shard-3 shard-4 --report visualdiff-report
    visualdiff merge artifacts/*
    visualdiff merge s3://shots/shard-1 s3://shots/shard-2 --report s3://shots/report
"""
_NOTES: Final = """\
Exit codes:
  0  everything passed
  1  something failed, is new or missing, or could not be read: see on_new, on_missing
  2  wrong usage, or a report that is missing, there twice, or of another run

Files:
  RUN_DIR                 is read: results.json, and the pictures that it names
  visualdiff-report       is written, as a single run would have written it

Environment:
  NO_COLOR                no colours on the terminal

More: docs/shards.md, docs/object-storage.md
"""


def make_parser() -> Parser:
    """Return the parser of its options."""
    parser = Parser("merge", "RUN_DIR...", _TEXT, examples=_EXAMPLES, notes=_NOTES)
    add = parser.add_argument
    report = "Folder for the report.  [default: %(default)s]"
    add("--report", **FOLDER, default=REPORT_FOLDER, help=report)
    quiet = "No table; only what went wrong."
    add("-q", "--quiet", action="store_true", help=quiet)
    return parser


def parse(words: list[str]) -> Namespace:
    """Return the options, and the folders."""
    parser = make_parser()
    options, names = parser.parse(words, most=None)
    if not names:
        parser.error("Missing argument 'RUN_DIR...'.")
    options.folders = [parser.convert(to_place, name, "RUN_DIR...") for name in names]
    return options


def execute(options: Namespace) -> int:
    """Write the report of the whole run."""
    from visualdiff.console import Reporter  # noqa: PLC0415
    from visualdiff.merging import merge_reports  # noqa: PLC0415

    result = merge_reports(options.folders, options.report, command=tell_command())
    with allowing_to_leave():
        Reporter(quiet=options.quiet).summarise(result)
    return 0 if result.passed else 1
