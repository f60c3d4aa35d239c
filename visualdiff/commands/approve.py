"""`visualdiff approve`: what was reviewed becomes the new baselines."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.options import SAY_FORCE, add_reviewed
from visualdiff.commands.saying import complain, say
from visualdiff.parser import Parser
from visualdiff.words import to_local, to_statuses

SUMMARY: Final = "Make candidates that were reviewed the new baselines."
_TEXT: Final = f"""\
{SUMMARY}

  Acts on the report of the last run. Only the very files that were compared are accepted: what has
  changed since is refused. Of the names, globs and options that choose, all must fit.
"""
_EXAMPLES: Final = """\
    visualdiff approve checkout/pay.png 'home/*'
    visualdiff approve --all
    visualdiff approve --status new
    visualdiff approve --group 1a2b3c4d5e6f
    visualdiff approve --undo
"""
_NOTES: Final = """\
Exit codes:
  0  all that was chosen is accepted
  1  something was refused, or a name is nobody's
  2  wrong usage, no report, nothing that fits, or a CI job

Files:
  visualdiff.yaml         is read, or what --config names: it says where baselines are
  results.json            is read, of the last report or as --results names it
  baselines               are replaced, each in one step
  visualdiff-report/undo  is written: what --undo takes back

Environment:
  CI                      if set, nothing is accepted without --force

More: docs/approving.md, docs/object-storage.md
"""


def make_parser() -> Parser:
    """Return the parser of its options."""
    parser = Parser("approve", "[NAME]...", _TEXT, examples=_EXAMPLES, notes=_NOTES)
    add_reviewed(parser)
    _add_choices(parser)
    add = parser.add_group("What is done")
    prune = "Remove baselines of missing candidates."
    add("--prune", action="store_true", help=prune)
    optimise = "Encode PNG files smaller, with the same pixels."
    add("--optimize", action="store_true", help=optimise)
    add("--dry-run", action="store_true", help="Say what would be done; do nothing.")
    add("--undo", action="store_true", help="Take back the last approval.")
    add("--force", action="store_true", help=SAY_FORCE)
    return parser


def _add_choices(parser: Parser) -> None:
    add = parser.add_group("Which pairs")
    add("--all", action="store_true", help="All that failed or are new.")
    status = "Only these statuses: failed, new, missing; separated by commas."
    add("--status", type=to_statuses, default=(), metavar="LIST", help=status)
    group = "Pairs in which nothing but this change occurs; repeatable."
    add("--group", action="append", default=[], metavar="ID", help=group)
    decisions = "What was accepted in the report, as it exports it."
    add("--decisions", type=to_local, metavar="FILE", help=decisions)
    run = "Only if the report is of this run, as its command says."
    add("--run", metavar="ID", help=run)


def parse(words: list[str]) -> Namespace:
    """Return the options, and the names."""
    parser = make_parser()
    options, names = parser.parse(words, most=None)
    options.names = names
    chooses = names or options.all or options.status or options.group or options.decisions
    if not (chooses or options.undo):
        parser.error("say which: names, globs, --all, --status, --group or --decisions")
    if chooses and options.undo:
        parser.error("--undo takes back the last approval as a whole")
    return options


def execute(options: Namespace) -> int:
    """Replace baselines, and say which."""
    from visualdiff.approval import approve, tell_undo  # noqa: PLC0415

    approved = approve(options)
    for line in approved.done:
        say(line)
    for line in approved.refused:
        complain(f"refused: {line}")
    if approved.changed and not options.undo:
        say(f"{approved.changed:,} changed; {tell_undo(options)}")
    return 1 if approved.refused else 0
