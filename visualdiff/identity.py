"""What tells one run from another, and one pair: what was decided on one is not another's."""

import hashlib
from collections.abc import Iterable

_DIGITS = 12


def identify_pair(name: str, test: str) -> str:
    """Return what a link to a pair calls it, the same in every run."""
    # Several tests may compare with one baseline.
    return _shorten(f"{name}\n{test}" if test else name)


def identify_run(started: str, candidates: Iterable[tuple[str, str, str]]) -> str:
    """Return a short id of a run by its start, and by name, test and hash of its candidates.

    It does not depend on their order.
    """
    told = "\n".join([started, *sorted("\t".join(candidate) for candidate in candidates)])
    return _shorten(told)


def _shorten(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]
