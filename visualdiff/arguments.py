"""The words of a command line → a command and its options; the help, which teaches by example."""

from argparse import Namespace
from pathlib import Path
from typing import Any, Final

from visualdiff.parser import Parser, UsageError, suggest
from visualdiff.version import __version__
from visualdiff.words import (
    to_file,
    to_folder,
    to_image,
    to_number,
    to_rectangle,
    to_schema_name,
    to_shard,
    to_statuses,
    to_variable,
    to_whole_number,
)

_CONFIG: Final = Path("visualdiff.yaml")
_REPORT_FOLDER: Final = Path("visualdiff-report")
_RESULTS: Final = _REPORT_FOLDER / "results.json"
_OVERVIEW: Final = """\
  Compare screenshots with their baselines and report what changed.

  Start here:
    visualdiff init                       write a commented visualdiff.yaml
    visualdiff run                        compare both folders, write the HTML report
    visualdiff approve 'checkout/*'       make what you have seen the new baselines
    visualdiff compare old.png new.png    compare two files

  Exit codes: 0 everything passed, 1 differences, 2 wrong usage or nothing to compare.

Commands:
  approve  Make candidates that were reviewed the new baselines.
  compare  Compare two image files.
  init     Write a commented starter configuration.
  merge    Join the reports of all shards of a run.
  report   Render a report again, without comparing.
  run      Compare all pairs of images and write the report.
  schema   Print a JSON Schema.
"""
_RUN: Final = """\
  Compare all pairs of images and write the report.

  Examples:
    visualdiff run
    visualdiff run --config ci/visualdiff.yaml --workers 4
    visualdiff run --only 'checkout/*.png' --threshold 0.98
    visualdiff run --variable browser=firefox
    visualdiff run --shard 2/4 --report shard-2
"""
_APPROVE: Final = """\
  Make candidates that were reviewed the new baselines.

  Acts on the report of the last run. Only the very files that were compared are accepted: what has
  changed since is refused. Of the names, globs and options that choose, all must fit.

  Examples:
    visualdiff approve checkout/pay.png 'home/*'
    visualdiff approve --all
    visualdiff approve --status new
    visualdiff approve --group 1a2b3c4d5e6f
    visualdiff approve --undo
    visualdiff run --junit junit.xml --markdown summary.md
"""
_COMPARE: Final = """\
  Compare two image files.

  Examples:
    visualdiff compare baseline.png candidate.png
    visualdiff compare --first original.png --second modified.png --output pictures
    visualdiff compare a.png b.png --json | jq .score
    visualdiff compare a.png b.png --mask 0,0,100%,48 --mask -200,0,200,50
"""
_INIT: Final = """\
  Write a commented starter configuration.

  An existing file is left alone.

  Example:
    visualdiff init
"""
_MERGE: Final = """\
  Join the reports of all shards of a run.

  Each RUN_DIR is the report of a `visualdiff run --shard`. The exit code is that of the whole run.

  Examples:
    visualdiff merge shard-1 shard-2 shard-3 shard-4 --report visualdiff-report
    visualdiff merge artifacts/*
"""
_REPORT: Final = """\
  Render a report again, without comparing.

  RESULTS is the results.json of a report, by default that in visualdiff-report, with the pictures
  beside it. With --report, the whole report is written to another folder.

  Examples:
    visualdiff report
    visualdiff report downloaded/results.json --single-file --report to-send
"""
_SCHEMA: Final = """\
  Print a JSON Schema.

  That of visualdiff.yaml (config), for editors, or of results.json (results), for readers of it.

  Example:
    visualdiff schema > visualdiff.schema.json
"""


def parse_arguments(words: list[str]) -> tuple[str, Namespace]:
    """Return the name of a command and its options.

    Raises `UsageError`, or `SystemExit` once `--help` or `--version` was answered.
    """
    name = words[0] if words else ""
    if name in _PARSERS:
        return name, _PARSERS[name](words[1:])
    parser = Parser("", "COMMAND [ARGS]...", _OVERVIEW)
    version = f"visualdiff {__version__}"
    show = "Show the version and exit."
    parser.add_argument("-V", "--version", action="version", version=version, help=show)
    if not words:
        raise UsageError(parser.format_help().rstrip())
    if not name.startswith("-"):
        parser.error(f"No such command '{name}'.{suggest(name, _PARSERS)}")
    parser.parse(words)
    return parser.error("Missing command.")


def _parse_run(words: list[str]) -> Namespace:
    parser = Parser("run", "", _RUN)
    add = parser.add_argument
    config = "Configuration file.  [default: %(default)s]"
    add("-c", "--config", type=Path, default=_CONFIG, metavar="PATH", help=config)
    add("--baselines", **_FOLDER, help="Folder of the accepted images.")
    add("--candidates", **_FOLDER, help="Folder of the new images.")
    add("--report", **_FOLDER, help="Folder for the report.")
    add("--preset", metavar="NAME", help=_SAY_PRESET)
    add("--threshold", **_NUMBER, help="Lowest SSIM that passes, 0 to 1, higher is stricter.")
    add("--workers", metavar="N|auto", help="Worker processes; 1: no other process.")
    only = "Compare only these names; repeatable."
    add("--only", action="append", default=[], metavar="GLOB", help=only)
    shard = "Compare the second of four shares of the pairs; `merge` joins the reports."
    add("--shard", type=to_shard, metavar="2/4", help=shard)
    variable = "Value of a placeholder in variants; repeatable."
    add("--variable", action="append", default=[], **_VARIABLE, help=variable)
    add("--single-file", action="store_true", default=None, help=_SAY_SINGLE)
    add("--max-inline-mb", **_NUMBER, help=_SAY_INLINE)
    passed = "Pairs that passed: list, or thumbnails with their pictures."
    add("--passed-in-report", metavar="WHAT", help=passed)
    _add_outputs(parser)
    quiet = "No progress, no table; only what went wrong."
    add("-q", "--quiet", action="store_true", help=quiet)
    options, _ = parser.parse(words)
    if (options.workers or "").isdecimal():
        options.workers = int(options.workers)
    return options


def _parse_approve(words: list[str]) -> Namespace:
    parser = Parser("approve", "[NAME]...", _APPROVE)
    add = parser.add_argument
    config = "Configuration file.  [default: visualdiff.yaml, if there is one]"
    add("-c", "--config", type=Path, metavar="PATH", help=config)
    results = "results.json to act on.  [default: that of the configuration's report]"
    add("--results", type=Path, metavar="PATH", help=results)
    add("--all", action="store_true", help="All that failed or are new.")
    status = "Only these statuses: failed, new, missing; separated by commas."
    add("--status", type=to_statuses, default=(), metavar="LIST", help=status)
    group = "Pairs in which nothing but this change occurs; repeatable."
    add("--group", action="append", default=[], metavar="ID", help=group)
    decisions = "What was accepted in the report, as it exports it."
    add("--decisions", type=Path, metavar="FILE", help=decisions)
    run = "Only if the report is of this run, as its command says."
    add("--run", metavar="ID", help=run)
    prune = "Remove baselines of missing candidates."
    add("--prune", action="store_true", help=prune)
    optimise = "Encode PNG files smaller, with the same pixels."
    add("--optimize", action="store_true", help=optimise)
    add("--dry-run", action="store_true", help="Say what would be done; do nothing.")
    add("--undo", action="store_true", help="Take back the last approval.")
    add("--force", action="store_true", help="Also in a CI job, which should accept nothing.")
    options, names = parser.parse(words, most=None)
    options.names = names
    chooses = names or options.all or options.status or options.group or options.decisions
    if not (chooses or options.undo):
        parser.error("say which: names, globs, --all, --status, --group or --decisions")
    if chooses and options.undo:
        parser.error("--undo takes back the last approval as a whole")
    return options


def _add_outputs(parser: Parser) -> None:
    """Add the options that write outputs beside those of the configuration."""
    add = parser.add_argument
    add("--junit", **_FILE, help="Write JUnit XML here, for CI services.")
    add("--markdown", **_FILE, help="Write a summary in Markdown here.")
    add("--reg", **_FILE, help="Write reg.json here, as reg-suit has it.")
    github = "Print annotations for GitHub Actions; there, they come by themselves."
    add("--github", action="store_true", help=github)
    prefix = "Where the report will be published, for pictures in Markdown."
    add("--url-prefix", metavar="URL", help=prefix)


def _parse_compare(words: list[str]) -> Namespace:
    parser = Parser("compare", "[BASELINE CANDIDATE]", _COMPARE)
    add = parser.add_argument
    add("-f", "--first", **_IMAGE, help="The baseline, instead of the first argument.")
    add("-s", "--second", **_IMAGE, help="The candidate, instead of the second argument.")
    add("--preset", metavar="NAME", help=_SAY_PRESET)
    add("--threshold", **_NUMBER, help="Lowest SSIM that passes, 0 to 1; default 0.99.")
    pixels = "Visibly different pixels allowed; default 0."
    add("--max-diff-pixels", type=to_whole_number, metavar="INTEGER", help=pixels)
    add("--tolerance", **_NUMBER, help="Colour difference ΔE that is ignored; default 1.")
    mask = "Ignore a rectangle: pixels, or shares such as 10%%; repeatable."
    add("--mask", action="append", default=[], **_RECTANGLE, help=mask)
    sizes = "Images of other sizes: fail, pad, crop or scale."
    add("--on-size-mismatch", metavar="WHAT", help=sizes)
    align = "Align none, rows, translate or similarity; default rows."
    add("--align", metavar="WHAT", help=align)
    add("--json", action="store_true", help="Print the comparison as JSON.")
    output = "Write baseline.png and candidate.png with red boxes, diff.png and mask.png here."
    add("-o", "--output", **_FOLDER, help=output)
    options, names = parser.parse(words, most=None)
    images = [parser.convert(to_image, name, "[BASELINE CANDIDATE]") for name in names]
    options.sides = [side for side in (options.first, *images, options.second) if side]
    if len(options.sides) != 2:
        parser.error(f"got {len(options.sides)} images, wanted a baseline and a candidate")
    return options


def _parse_init(words: list[str]) -> Namespace:
    parser = Parser("init", "[PATH]", _INIT)
    options, names = parser.parse(words, most=1)
    options.path = Path(names[0]) if names else _CONFIG
    return options


def _parse_merge(words: list[str]) -> Namespace:
    parser = Parser("merge", "RUN_DIR...", _MERGE)
    add = parser.add_argument
    report = "Folder for the report.  [default: %(default)s]"
    add("--report", **_FOLDER, default=_REPORT_FOLDER, help=report)
    quiet = "No table; only what went wrong."
    add("-q", "--quiet", action="store_true", help=quiet)
    options, names = parser.parse(words, most=None)
    if not names:
        parser.error("Missing argument 'RUN_DIR...'.")
    options.folders = [Path(name) for name in names]
    return options


def _parse_report(words: list[str]) -> Namespace:
    parser = Parser("report", "[RESULTS]", _REPORT)
    add = parser.add_argument
    add("--report", **_FOLDER, help="Another folder for the report.")
    add("--single-file", action="store_true", help=_SAY_SINGLE)
    add("--max-inline-mb", **_NUMBER, help=_SAY_INLINE)
    options, names = parser.parse(words, most=1)
    options.path = Path(names[0]) if names else _RESULTS
    return options


def _parse_schema(words: list[str]) -> Namespace:
    parser = Parser("schema", "[config|results]", _SCHEMA)
    options, names = parser.parse(words, most=1)
    which = names[0] if names else "config"
    options.which = parser.convert(to_schema_name, which, "[config|results]")
    return options


_PARSERS: Final = {
    "approve": _parse_approve,
    "compare": _parse_compare,
    "init": _parse_init,
    "merge": _parse_merge,
    "report": _parse_report,
    "run": _parse_run,
    "schema": _parse_schema,
}


_RECTANGLE: Final[dict[str, Any]] = {"type": to_rectangle, "metavar": "X,Y,W,H"}
_SAY_SINGLE: Final = "Put the pictures into index.html, so that it can be sent alone."
_SAY_INLINE: Final = "Megabytes of pictures in a single file, the worst pairs first; default 20."
_SAY_PRESET: Final = "strict ignores nothing, lenient more than the default."
_FOLDER: Final[dict[str, Any]] = {"type": to_folder, "metavar": "DIRECTORY"}
_FILE: Final[dict[str, Any]] = {"type": to_file, "metavar": "PATH"}
_IMAGE: Final[dict[str, Any]] = {"type": to_image, "metavar": "FILE"}
_NUMBER: Final[dict[str, Any]] = {"type": to_number, "metavar": "FLOAT"}
_VARIABLE: Final[dict[str, Any]] = {"type": to_variable, "metavar": "NAME=VALUE"}
