"""The file of decisions that the report exports: which candidates a person has accepted."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from visualdiff.errors import ReviewError

_VERSION: Final = 1


def load_decisions(path: Path) -> Mapping[tuple[str, str], str]:
    """Return the hashes of the accepted candidates by name and test, "" where there is none.

    Raises `ReviewError` for a file that is none of decisions.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["decisions_version"] != _VERSION:
            raise ReviewError(f"{path}: was written by another version of visualdiff")
        return {
            (str(item["name"]), str(item.get("test", ""))): str(item.get("candidate", ""))
            for item in document["decisions"]
            if item["decision"] == "accept"
        }
    except OSError as error:
        raise ReviewError(f"{path}: cannot be read: {error.strerror}") from None
    except (KeyError, TypeError, ValueError):
        raise ReviewError(f"{path}: is no file of decisions as the report exports it") from None
