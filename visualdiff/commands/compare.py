"""`visualdiff compare`: two files, without a configuration."""

from argparse import Namespace
from typing import Final

from visualdiff.commands.options import (
    IMAGE,
    LOCAL_FOLDER,
    NUMBER,
    PRESETS,
    RECTANGLE,
    SAY_PRESET,
)
from visualdiff.commands.saying import allowing_to_leave, complain
from visualdiff.parser import Parser
from visualdiff.words import to_image, to_whole_number

SUMMARY: Final = "Compare two image files."
_EXAMPLES: Final = """\
    visualdiff compare baseline.png candidate.png
    visualdiff compare --first original.png --second modified.png --output pictures
    visualdiff compare a.png b.png --json | jq .score
    visualdiff compare a.png b.png --mask 0,0,100%,48 --mask -200,0,200,50
"""
_NOTES: Final = """\
Exit codes:
  0  they match
  1  they differ, or one could not be read
  2  wrong usage, or a setting that is none

Files:
  both images             are read; nothing else is, no configuration either
  --output                is written, if it is said: four pictures

Environment:
  NO_COLOR                no colours on the terminal

More: docs/how-it-decides.md; what the settings mean: docs/configuration.md
"""
# Options that are settings of their names.
_SETTINGS: Final = (
    "preset",
    "threshold",
    "max_diff_pixels",
    "tolerance",
    "on_size_mismatch",
    "align",
)


def make_parser() -> Parser:
    """Return the parser of its options."""
    parser = Parser("compare", "[BASELINE CANDIDATE]", SUMMARY, examples=_EXAMPLES, notes=_NOTES)
    add = parser.add_argument
    add("-f", "--first", **IMAGE, help="The baseline, instead of the first argument.")
    add("-s", "--second", **IMAGE, help="The candidate, instead of the second argument.")
    add("--json", action="store_true", help="Print the comparison as JSON.")
    output = "Write baseline.png and candidate.png with red boxes, diff.png and mask.png here."
    add("-o", "--output", **LOCAL_FOLDER, help=output)
    add = parser.add_group("How it is judged")
    add("--preset", metavar=PRESETS, help=SAY_PRESET)
    add("--threshold", **NUMBER, help="Lowest SSIM that passes, 0 to 1; default 0.99.")
    pixels = "Visibly different pixels allowed; default 0."
    add("--max-diff-pixels", type=to_whole_number, metavar="INTEGER", help=pixels)
    add("--tolerance", **NUMBER, help="Colour difference ΔE that is ignored; default 1.")
    mask = "Ignore a rectangle: pixels, or shares such as 10%%; repeatable."
    add("--mask", action="append", default=[], **RECTANGLE, help=mask)
    sizes = "How images of other sizes are compared; default fail."
    add("--on-size-mismatch", metavar="fail|pad|crop|scale", help=sizes)
    align = "What is undone before images are compared; default rows."
    add("--align", metavar="none|rows|translate|similarity", help=align)
    return parser


def parse(words: list[str]) -> Namespace:
    """Return the options, and the two images."""
    parser = make_parser()
    options, names = parser.parse(words, most=None)
    images = [parser.convert(to_image, name, "[BASELINE CANDIDATE]") for name in names]
    options.sides = [side for side in (options.first, *images, options.second) if side]
    if len(options.sides) != 2:
        parser.error(f"got {len(options.sides)} images, wanted a baseline and a candidate")
    return options


def execute(options: Namespace) -> int:
    """Compare, and print what was found."""
    import json  # noqa: PLC0415

    from visualdiff.api import compare_files  # noqa: PLC0415
    from visualdiff.config import parse_settings  # noqa: PLC0415
    from visualdiff.console import print_comparison  # noqa: PLC0415
    from visualdiff.errors import ImageError  # noqa: PLC0415
    from visualdiff.report.results import describe_comparison  # noqa: PLC0415

    given = {name: getattr(options, name) for name in _SETTINGS}
    settings = {name: value for name, value in given.items() if value is not None}
    settings["masks"] = options.mask
    try:
        comparison = compare_files(*options.sides, output=options.output, **settings)
    except ImageError as error:
        if options.json:
            print(json.dumps({"status": "error", "reasons": [str(error)]}))
        complain(f"error: {error}")
        return 1
    with allowing_to_leave():
        if options.json:
            described = describe_comparison(comparison, parse_settings(settings))
            print(json.dumps(described, indent=1, ensure_ascii=False))
        else:
            print_comparison(comparison, options.sides, options.output)
    return 0 if comparison.passed else 1
