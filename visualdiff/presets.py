"""Presets: one word for where the line is drawn, expanded into plain settings."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from visualdiff.settings import Settings

_STRICT: Final[dict[str, Any]] = {
    "tolerance": 0.0,
    "antialiasing": "count",
    "transparent": "count",
    "rasterising": "page",
    "min_region_pixels": 1,
    "on_renderer_change": "fail",
    "align": "none",
    "on_shift": "fail",
    "on_size_mismatch": "fail",
    "max_shift_rows": None,
    # Without either, one visible pixel fails.
    "max_diff_pixels": None,
    "max_diff_ratio": None,
}
# Measured on 138 noise pairs and 262 changes of 64 pages: 93.5 % of the changes are caught, 14.5 %
# of the noise is flagged, and on 83 and 131 pairs of other pages 91.6 % and 12.0 %. Without
# `rasterising: anywhere` no tolerance up to 4 and no size up to 24 flags less than 15.9 %. With a
# tolerance of 2.5 more is missed and more is flagged: fewer pages count as rasterised anew. From
# 24 pixels on, a digit of small text is missed.
_LENIENT: Final[dict[str, Any]] = {
    "tolerance": 2.0,
    "rasterising": "anywhere",
    "min_region_pixels": 16,
}
_DEFAULTS: Final = {
    item.name: item.default for item in fields(Settings) if item.name in _STRICT | _LENIENT
}

# Each sets the same settings, so that one in an override takes back all that another has set.
PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    "strict": _DEFAULTS | _STRICT,
    "default": _DEFAULTS,
    "lenient": _DEFAULTS | _LENIENT,
}


def expand_preset(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they were written down, and those that their `preset` sets, if any.

    What was written down wins. A preset of no such name is left for validation to refuse.
    """
    name = values.get("preset")
    return {**PRESETS.get(name, {}), **values} if isinstance(name, str) else dict(values)
