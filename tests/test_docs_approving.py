"""The page on approving tells what the log holds. (Its commands: test_docs_commands.py.)"""

import json
import re
from dataclasses import fields
from pathlib import Path

from visualdiff.reviewing.audit import REFUSED, Line
from visualdiff.reviewing.session import ACTIONS, State

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "approving.md").read_text("utf-8")


def test_the_log_is_told_as_it_is() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert list(json.loads(example)) == ["time", *(item.name for item in fields(Line))]
    for word in (*ACTIONS, "undo", *State, REFUSED):
        assert f"`{word}`" in PAGE
