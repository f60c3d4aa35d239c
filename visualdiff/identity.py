"""What tells one run from another: what was decided on one must not be taken for another's."""

import hashlib
from collections.abc import Iterable

_DIGITS = 12


def identify_run(started: str, candidates: Iterable[tuple[str, str, str]]) -> str:
    """Return a short id of a run by its start, and by name, test and hash of its candidates.

    It does not depend on their order.
    """
    told = "\n".join([started, *sorted("\t".join(candidate) for candidate in candidates)])
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]
