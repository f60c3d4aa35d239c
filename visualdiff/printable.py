"""Text of others, such as the name of a file, made harmless for terminals, logs and XML."""

import re
from typing import Final

from visualdiff.urls import show_urls

# What could steer a terminal, end a line, turn the direction of writing, or stand in no XML.
_UNPRINTABLE: Final = re.compile(
    r"[^\S ]|[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def to_printable(text: str) -> str:
    """Return text in one line, with backslash escapes for characters that could do harm.

    Paths that stand for URLs are told by these.
    """
    return _UNPRINTABLE.sub(_escape, show_urls(text))


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
