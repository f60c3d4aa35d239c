"""What is to be said of a run as a whole, whatever became of each of its pairs."""

from collections.abc import Iterator

from visualdiff.model import RunResult, Status
from visualdiff.settings import Policy


def list_failures(result: RunResult) -> Iterator[str]:
    """Yield why a run fails although each of its pairs may have passed."""
    if result.interrupted:
        yield f"interrupted by {result.interrupted}: not all pairs were compared"
    elif (result.results or result.shard) and not result.proves:
        yield "nothing was compared: no candidate has a baseline, which never passes"


def list_warnings(result: RunResult) -> Iterator[str]:
    """Yield why a run fails as a whole, and what a person should know though it fails nothing."""
    yield from list_failures(result)
    for status, words in ((Status.NEW, "no baseline"), (Status.MISSING, "no candidate")):
        count = result.count(status)
        if count and result.policy(status) is Policy.WARN:
            yield f"{count:,} with {words} (on_{status.value}: warn)"
