"""Options that several commands have."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from visualdiff.parser import Parser
from visualdiff.words import (
    to_file,
    to_folder,
    to_image,
    to_local,
    to_local_folder,
    to_number,
    to_place,
    to_rectangle,
    to_variable,
)

if TYPE_CHECKING:
    from visualdiff.settings import Output

CONFIG: Final = Path("visualdiff.yaml")
REPORT_FOLDER: Final = Path("visualdiff-report")

FOLDER: Final[dict[str, Any]] = {"type": to_folder, "metavar": "DIRECTORY"}
LOCAL_FOLDER: Final[dict[str, Any]] = {"type": to_local_folder, "metavar": "DIRECTORY"}
FILE: Final[dict[str, Any]] = {"type": to_file, "metavar": "PATH"}
IMAGE: Final[dict[str, Any]] = {"type": to_image, "metavar": "FILE"}
NUMBER: Final[dict[str, Any]] = {"type": to_number, "metavar": "FLOAT"}
RECTANGLE: Final[dict[str, Any]] = {"type": to_rectangle, "metavar": "X,Y,W,H"}
VARIABLE: Final[dict[str, Any]] = {"type": to_variable, "metavar": "NAME=VALUE"}

PRESETS: Final = "strict|default|lenient"
STOPPED: Final = "130, 143  interrupted, terminated; no process is left behind"

SAY_SINGLE: Final = "Put the pictures into index.html, so that it can be sent alone."
SAY_FORCE: Final = "Also in a CI job, which should accept nothing."
SAY_INLINE: Final = "Megabytes of pictures in a single file, the worst pairs first; default 20."
SAY_PRESET: Final = "What is ignored: strict ignores nothing, lenient more than the default."

# Options that name the file of an output.
_OUTPUTS: Final[tuple["Output", ...]] = ("junit", "markdown", "reg")


def add_reviewed(parser: Parser) -> None:
    """Add the options that say which report is acted on, and for which project."""
    add = parser.add_argument
    config = "Configuration file.  [default: visualdiff.yaml, if there is one]"
    add("-c", "--config", type=to_local, metavar="PATH", help=config)
    results = "results.json to act on.  [default: that of the configuration's report]"
    add("--results", type=to_place, metavar="PATH|URL", help=results)


def add_outputs(parser: Parser) -> None:
    """Add the options that write outputs beside those of the configuration."""
    add = parser.add_group("Other outputs")
    add("--junit", **FILE, help="Write JUnit XML here, for CI services.")
    add("--markdown", **FILE, help="Write a summary in Markdown here.")
    add("--reg", **FILE, help="Write reg.json here, as reg-suit has it.")
    github = "Print annotations for GitHub Actions; there, a run prints them by itself."
    add("--github", action="store_true", help=github)
    prefix = "Where the report will be published, for pictures in Markdown."
    add("--url-prefix", metavar="URL", help=prefix)


def list_outputs(options: Namespace) -> "dict[Output, Path]":
    """Return the files that the options of `add_outputs` name."""
    return {name: path for name in _OUTPUTS if (path := getattr(options, name))}
