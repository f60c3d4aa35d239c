"""Options that several commands have."""

from pathlib import Path
from typing import Any, Final

from visualdiff.words import (
    to_file,
    to_folder,
    to_image,
    to_number,
    to_rectangle,
    to_variable,
)

CONFIG: Final = Path("visualdiff.yaml")
REPORT_FOLDER: Final = Path("visualdiff-report")

FOLDER: Final[dict[str, Any]] = {"type": to_folder, "metavar": "DIRECTORY"}
FILE: Final[dict[str, Any]] = {"type": to_file, "metavar": "PATH"}
IMAGE: Final[dict[str, Any]] = {"type": to_image, "metavar": "FILE"}
NUMBER: Final[dict[str, Any]] = {"type": to_number, "metavar": "FLOAT"}
RECTANGLE: Final[dict[str, Any]] = {"type": to_rectangle, "metavar": "X,Y,W,H"}
VARIABLE: Final[dict[str, Any]] = {"type": to_variable, "metavar": "NAME=VALUE"}

PRESETS: Final = "strict|default|lenient"
STOPPED: Final = "130, 143  interrupted, terminated; no process is left behind"

SAY_SINGLE: Final = "Put the pictures into index.html, so that it can be sent alone."
SAY_INLINE: Final = "Megabytes of pictures in a single file, the worst pairs first; default 20."
SAY_PRESET: Final = "What is ignored: strict ignores nothing, lenient more than the default."
