"""`visualdiff check`: whether baselines are images that can be compared."""

from argparse import Namespace
from pathlib import Path
from typing import Final

from visualdiff.commands.options import CONFIG
from visualdiff.commands.saying import say
from visualdiff.parser import Parser
from visualdiff.words import to_existing, to_local

SUMMARY: Final = "Check that baselines are whole images."
_TEXT: Final = f"""\
{SUMMARY}

  Reads files, and the images in folders, as a run would; without any, the baselines of the
  configuration. Finds Git LFS pointers, error pages, animations, what is cut off or too large.
"""
_EXAMPLES: Final = """\
    visualdiff check
    visualdiff check baselines/home.png baselines/checkout
"""
_NOTES: Final = """\
Exit codes:
  0  all are images that can be compared
  1  some are not
  2  wrong usage or configuration, or no image at all

Files:
  visualdiff.yaml         is read, or what --config names: baselines, exclude, follow_links,
                          max_image_pixels
  images                  are read; nothing is written

More: docs/storage.md, also on the hook for pre-commit
"""


def make_parser() -> Parser:
    """Return the parser of its options."""
    parser = Parser("check", "[FILE]...", _TEXT, examples=_EXAMPLES, notes=_NOTES)
    config = "Configuration file.  [default: visualdiff.yaml, if there is one]"
    parser.add_argument("-c", "--config", type=to_local, metavar="PATH", help=config)
    quiet = "Say nothing of images that can be compared."
    parser.add_argument("-q", "--quiet", action="store_true", help=quiet)
    return parser


def parse(words: list[str]) -> Namespace:
    """Return the options, and the files and folders."""
    parser = make_parser()
    options, names = parser.parse(words, most=None)
    options.paths = [parser.convert(to_existing, name, "[FILE]...") for name in names]
    if options.config is None and (CONFIG.exists() or not names):
        options.config = CONFIG
    return options


def execute(options: Namespace) -> int:
    """Read the files, and print a line for each that cannot be compared."""
    from visualdiff.inspecting import inspect_baselines  # noqa: PLC0415

    total = bad = 0
    for finding in inspect_baselines(options.paths, options.config):
        total += 1
        bad += bool(finding.problem)
        warning = f"warning: {finding.warning}" if finding.warning else ""
        if text := finding.problem or warning:
            say(f"{_shorten(finding.path)}: {text}")
    if bad:
        say(f"{bad:,} of {total:,} images cannot be compared")
    elif not options.quiet:
        say(f"{total:,} image{'s' if total > 1 else ''} can be compared")
    return 1 if bad else 0


def _shorten(path: Path) -> Path:
    """Return a path as a person in this folder would write it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
