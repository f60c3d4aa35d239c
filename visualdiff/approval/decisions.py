"""The file of decisions that the report exports: which candidates a person has accepted."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from visualdiff.errors import ReviewError

_VERSION: Final = 1


class Decisions(NamedTuple):
    """The hashes of the accepted candidates by name and test, and of which run they are.

    None where nobody has decided: then whatever else is said chooses.
    """

    accepted: Mapping[tuple[str, str], str] | None = None
    run: str = ""


def load_decisions(path: Path) -> Decisions:
    """Return what was decided; raise `ReviewError` for a file that is none of decisions."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["decisions_version"] != _VERSION:
            raise ReviewError(f"{path}: was written by another version of visualdiff")
        accepted = {
            (str(item["name"]), str(item["test"])): str(item["candidate"])
            for item in document["decisions"]
            if item["decision"] == "accept"
        }
        return Decisions(accepted, str(document["run"]))
    except OSError as error:
        raise ReviewError(f"{path}: cannot be read: {error.strerror}") from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ReviewError(f"{path}: is no file of decisions as the report exports it") from None
