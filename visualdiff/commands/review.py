"""`visualdiff review`: the report on localhost, where accepting and rejecting act at once."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.options import SAY_FORCE, add_reviewed
from visualdiff.commands.saying import say
from visualdiff.parser import Parser
from visualdiff.words import to_port

SUMMARY: Final = "Look at the report, and accept or reject at once."
_TEXT: Final = f"""\
{SUMMARY}

  Serves the report of the last run to this machine's browsers only. What is accepted there becomes
  the new baseline at once, as by `visualdiff approve`. Ctrl-C ends it.
"""
_EXAMPLES: Final = """\
    visualdiff review
    visualdiff review --results downloaded/results.json --port 8000 --no-browser
    visualdiff approve --undo
"""
_NOTES: Final = """\
Exit codes:
  0    ended by Ctrl-C
  2    wrong usage, no report, another approval of it, or a CI job
  143  terminated; no process is left behind

Files:
  visualdiff.yaml         is read, or what --config names: it says where baselines are
  results.json            is read, of the last report or as --results names it
  baselines               are replaced, each in one step
  visualdiff-report       undo/ is written, which approve --undo takes back, and review.log

Environment:
  CI                      if set, nothing is served without --force
  BROWSER                 the browser to open

More: docs/approving.md, docs/object-storage.md
"""
_INSTALL: Final = "pip install 'visualdiff-ssim[review]'"


def make_parser() -> Parser:
    """Return the parser of its options."""
    parser = Parser("review", "", _TEXT, examples=_EXAMPLES, notes=_NOTES)
    add_reviewed(parser)
    add = parser.add_argument
    port = "Port to listen on.  [default: a free one]"
    add("--port", type=to_port, default=0, metavar="N", help=port)
    browser = "Print the address only."
    add("--no-browser", dest="browser", action="store_false", help=browser)
    add("--force", action="store_true", help=SAY_FORCE)
    return parser


def parse(words: list[str]) -> Namespace:
    """Return the options."""
    return make_parser().parse(words)[0]


def execute(options: Namespace) -> int:
    """Serve the report until somebody stops it."""
    from visualdiff.errors import ReviewError  # noqa: PLC0415

    try:
        from visualdiff.reviewing.server import serve_review  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if str(error.name).startswith("visualdiff"):
            raise
        raise ReviewError(
            f"`visualdiff review` needs {error.name}; `{_INSTALL}` brings it"
        ) from None
    serve_review(options, say)
    return 0
