"""`visualdiff run`: both folders are compared, and a report is written."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.options import (
    CONFIG,
    FOLDER,
    NUMBER,
    PRESETS,
    SAY_INLINE,
    SAY_PRESET,
    SAY_SINGLE,
    STOPPED,
    VARIABLE,
    add_outputs,
    list_outputs,
)
from visualdiff.commands.saying import allowing_to_leave, complain, tell_command
from visualdiff.parser import Parser
from visualdiff.words import to_local, to_scheduler, to_shard

SUMMARY: Final = "Compare all pairs of images and write the report."
_EXAMPLES: Final = """\
    visualdiff run
    visualdiff run --config ci/visualdiff.yaml --workers 4
    visualdiff run --only 'checkout/*.png' --threshold 0.98
    visualdiff run --variable browser=firefox
    visualdiff run --shard 2/4 --report shard-2
    visualdiff run --executor dask --scheduler tcp://host:8786
    visualdiff run --junit junit.xml --markdown summary.md
"""
_NOTES: Final = f"""\
Exit codes:
  0  everything passed
  1  something failed, is new or missing, or could not be read: see on_new, on_missing
  2  wrong usage or configuration, or nothing to compare
  {STOPPED}

Files:
  visualdiff.yaml         is read, or what --config names; options go before its keys
  the two folders         are read, and nothing is written there
  visualdiff-report       is written: index.html, results.json, assets/, and what `reports` names

Environment:
  GITHUB_ACTIONS          if true, annotations are printed, with paths from GITHUB_WORKSPACE;
                          a summary is appended to GITHUB_STEP_SUMMARY, counts to GITHUB_OUTPUT
  NO_COLOR                no colours on the terminal

More: docs/configuration.md, docs/how-it-decides.md, docs/report.md, docs/ci.md, docs/shards.md;
      URLs such as s3://bucket/folder: docs/object-storage.md
"""
# Options that are settings of their names.
_SETTINGS: Final = (
    "baselines",
    "candidates",
    "report",
    "cache",
    "preset",
    "threshold",
    "executor",
    "scheduler",
    "workers",
    "single_file",
    "max_inline_mb",
    "passed_in_report",
    "url_prefix",
)


def make_parser() -> Parser:
    """Return the parser of its options."""
    parser = Parser("run", "", SUMMARY, examples=_EXAMPLES, notes=_NOTES)
    config = "Configuration file.  [default: %(default)s]"
    parser.add_argument(
        "-c", "--config", type=to_local, default=CONFIG, metavar="PATH", help=config
    )
    _add_pairs(parser)
    _add_report(parser)
    add_outputs(parser)
    quiet = "No progress, no table; only what went wrong."
    parser.add_argument("-q", "--quiet", action="store_true", help=quiet)
    return parser


def _add_pairs(parser: Parser) -> None:
    """Add the options that say what is compared, and how."""
    add = parser.add_group("What is compared, and how")
    add("--baselines", **FOLDER, help="Folder or URL of the accepted images.")
    add("--candidates", **FOLDER, help="Folder or URL of the new images.")
    only = "Compare only these names; repeatable."
    add("--only", action="append", default=[], metavar="GLOB", help=only)
    variable = "Value of a placeholder in variants; repeatable."
    add("--variable", action="append", default=[], **VARIABLE, help=variable)
    shard = "Compare the second of four shares of the pairs; `merge` joins the reports."
    add("--shard", type=to_shard, metavar="2/4", help=shard)
    add("--preset", metavar=PRESETS, help=SAY_PRESET)
    add("--threshold", **NUMBER, help="Lowest SSIM that passes, 0 to 1, higher is stricter.")
    cache = "Folder or URL of results that are reused where nothing has changed."
    add("--cache", **FOLDER, help=cache)
    add("--no-cache", action="store_true", help="Compare everything, and keep nothing.")
    add("--workers", metavar="N|auto", help="Worker processes; default: one for each CPU.")
    executor = "Compare in worker processes, in this one, where a crash ends the run, or by Dask."
    add("--executor", metavar="processes|serial|dask", help=executor)
    scheduler = "Dask's: local, tcp://host:8786 or a scheduler file; default: local."
    add("--scheduler", type=to_scheduler, metavar="ADDRESS|PATH", help=scheduler)


def _add_report(parser: Parser) -> None:
    add = parser.add_group("The report")
    add("--report", **FOLDER, help="Folder or URL for the report.")
    add("--single-file", action="store_true", default=None, help=SAY_SINGLE)
    add("--max-inline-mb", **NUMBER, help=SAY_INLINE)
    passed = "Show pairs that passed in a list, or with their pictures."
    add("--passed-in-report", metavar="list|thumbnails", help=passed)


def parse(words: list[str]) -> Namespace:
    """Return the options."""
    options, _ = make_parser().parse(words)
    if (options.workers or "").isdecimal():
        options.workers = int(options.workers)
    return options


def execute(options: Namespace) -> int:
    """Compare, and write the report."""
    from dataclasses import replace  # noqa: PLC0415

    from visualdiff.actions import (  # noqa: PLC0415
        append_outputs,
        append_summary,
        choose_outputs,
        list_annotations,
    )
    from visualdiff.batch import run  # noqa: PLC0415
    from visualdiff.config import load_config  # noqa: PLC0415
    from visualdiff.console import Reporter  # noqa: PLC0415
    from visualdiff.model import RunResult  # noqa: PLC0415

    changes = {name: getattr(options, name) for name in _SETTINGS}
    changes["variables"] = dict(options.variable) or None
    config = load_config(options.config, **changes, only=tuple(options.only))
    if options.no_cache:
        config = replace(config, cache=None)
    outputs = list_outputs(options)
    told = choose_outputs(config, (*outputs, *(("github",) if options.github else ())))

    def tell(result: RunResult) -> None:
        with allowing_to_leave():
            reporter.summarise(result)
            if "github" in told:
                print(*list_annotations(result), sep="", end="", flush=True)
        if "markdown" in told and (problem := append_summary(result)):
            complain(f"warning: {problem}")
        if problem := append_outputs(result):
            complain(f"warning: {problem}")

    with Reporter(quiet=options.quiet, tell=tell) as reporter:
        result = run(
            config,
            command=tell_command(),
            shard=options.shard,
            outputs=outputs,
            listener=reporter,
        )
    return 0 if result.passed else 1
