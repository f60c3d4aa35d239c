"""What of a run needs a look, and what of it first."""

from collections.abc import Mapping
from typing import Final

from visualdiff.bands import count_differing
from visualdiff.model import PairResult, RunResult, Status
from visualdiff.settings import Policy

ORDER: Final = (Status.FAILED, Status.ERROR, Status.MISSING, Status.NEW, Status.PASSED)


def rank(item: PairResult) -> tuple[int, float, str]:
    """Return a key that sorts failures by how many pixels differ, all others by name."""
    differing = 0
    if item.comparison and item.status is not Status.PASSED:
        differing = count_differing(item.comparison)
    return ORDER.index(item.status), -differing, item.name


def list_urgent(result: RunResult) -> list[PairResult]:
    """Return the pairs that need a look, the worst of them first."""
    policies = read_policies(result)
    urgent = [item for item in result.results if policies[item.status] is not Policy.IGNORE]
    return sorted(urgent, key=rank)


def read_policies(result: RunResult) -> Mapping[Status, Policy]:
    """Return what each status means for a run, by the reason for which the run fails, too.

    Images without a partner may be allowed; where nothing was compared, they still fail the run.
    """
    policies = {status: result.policy(status) for status in Status}
    if not result.proves:
        policies |= {Status.MISSING: Policy.FAIL, Status.NEW: Policy.FAIL}
    return policies


def say_headline(result: RunResult, look: int) -> str:
    """Return how many of all pairs need a look, and whether there should have been more."""
    told = _say_headline(look, len(result.results))
    if not result.interrupted:
        return told
    return f"Interrupted by {result.interrupted}: {told if result.results else 'no screenshots'}"


def _say_headline(look: int, total: int) -> str:
    if not total:
        return "No screenshots in this shard"
    if not look:
        return f"{total:,} screenshots match" if total > 1 else "1 screenshot matches"
    verb = "needs" if look == 1 else "need"
    return f"{look:,} of {total:,} {'screenshots' if total > 1 else 'screenshot'} {verb} a look"
