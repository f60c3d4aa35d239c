"""What pydantic found wrong in a configuration → sentences that say what to do."""

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final, TypeAlias

from pydantic import ValidationError

from visualdiff.settings import Focus, Mask, Settings

Place: TypeAlias = tuple[str | int, ...]
# From the place of a mistake and its kind to line, column and the words for the place.
Locate: TypeAlias = Callable[[Place, str], tuple[int, int, str]]
# What pydantic tells of a mistake: loc, type, msg, input.
_Mistake: TypeAlias = Mapping[str, Any]

# pydantic's names for a key that a model, or a dataclass, does not have.
UNKNOWN_KEY: Final = ("extra_forbidden", "unexpected_keyword_argument")


def list_mistakes(error: ValidationError, model: type[Settings], locate: Locate) -> list[str]:
    """Return a line for each mistake in the fields of `model`, in the order of the file."""
    grouped: dict[Place, list[_Mistake]] = {}
    for mistake in error.errors():
        place = mistake["loc"]
        if mistake["type"] == "too_short" and mistake["input"]:
            continue  # all its items are wrong, which is told of each
        # A union adds the name of each alternative to the place: these are one mistake.
        if place[0] in ("workers", "max_memory", "reports"):
            place = place[:1]
        grouped.setdefault(place, []).append(mistake)
    lines = []
    for place, mistakes in grouped.items():
        line, column, prefix = locate(place, mistakes[0]["type"])
        lines.append((line, column, f"{prefix}: {_explain(place, mistakes, model)}"))
    return [text for _, _, text in sorted(lines)]


def show_place(place: Place) -> str:
    """Return a place as it would be written in code: `overrides[0].masks[1].x`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)[1:]


def _explain(place: Place, mistakes: list[_Mistake], model: type[Settings]) -> str:
    first = mistakes[0]
    if first["type"] == "missing":
        return "missing, but required"
    if first["type"] in UNKNOWN_KEY:
        return "unknown key" + _suggest(place, model)
    alternatives = [_say_wanted(mistake) for mistake in mistakes]
    got = json.dumps(first["input"], ensure_ascii=False, default=repr)
    return f"got {got}, wanted {' or '.join(alternatives)}"


def _say_wanted(mistake: _Mistake) -> str:
    text = (
        str(mistake["msg"])
        .removeprefix("Input should be ")
        .removeprefix("Value error, ")
        .partition(", unable to parse")[0]
    )
    if text.startswith("a valid dictionary"):
        return "a mapping of `key: value`"
    text = text.replace("greater than or equal to", "at least")
    text = text.replace("less than or equal to", "at most")
    return {
        "a valid boolean": "true or false",
        "a valid number": "a number",
        "a valid integer": "a whole number",
        "a valid string": "text (in quotes)",
        "a valid array": "a list",
        "a valid tuple": "a list",
        "Tuple should have at least 1 item after validation, not 0": "at least one item",
        "an object": "a mapping of `key: value`",
        "a valid path": "a path",
        "greater than 0": "a number above 0",
    }.get(text, text)


def _suggest(place: Place, model: type[Settings]) -> str:
    """Return the nearest known key, or all keys that are known there."""
    holder = _find_holder(place, model)
    known = [item.name for item in fields(holder) if item.name not in ("folder", "only")]
    if len(place) == 3 and holder is Settings:
        known.append("match")
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f", did you mean `{near[0]}`?" if near else f"; known here: {', '.join(sorted(known))}"


def _find_holder(place: Place, model: type[Settings]) -> type[Settings] | type[Mask]:
    """Return the dataclass of which the last step of a place would be a field."""
    rectangles = {"masks": Mask, "focus": Focus}
    if len(place) > 2 and place[-3] in rectangles:
        return rectangles[str(place[-3])]
    return Settings if len(place) > 1 else model
