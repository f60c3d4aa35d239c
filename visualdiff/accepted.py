"""Several accepted baselines of one pair: which of them is closest, and what to say of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from visualdiff.bands import count_differing
from visualdiff.model import Pair, PairResult, Status


def list_choices(pair: Pair) -> list[Pair]:
    """Return a pair once for each of its accepted baselines, which are alternates elsewhere.

    First come files as large as the candidate's: one of them may hold the very same bytes, and
    then nothing at all has to be decoded.
    """
    return sorted(list_accepted(pair), key=lambda choice: not _are_as_large(choice))


def list_accepted(pair: Pair) -> list[Pair]:
    """Return a pair once for each of its accepted baselines, its own first."""
    accepted = (*([pair.baseline] if pair.baseline else []), *pair.alternates)
    return [
        replace(pair, baseline=path, alternates=(*accepted[:place], *accepted[place + 1 :]))
        for place, path in enumerate(accepted)
    ]


def find_closest(results: Sequence[PairResult]) -> int:
    """Return the place of the result that passed, or of the closest one.

    That has the fewest visible pixels, then the highest score; one that could not be compared is
    the last choice.
    """
    return min(range(len(results)), key=lambda place: _measure_distance(results[place]))


def warn_of_unreadable(results: Sequence[PairResult], shown: int) -> Iterator[str]:
    """Yield what is wrong with accepted baselines other than the one that is shown."""
    for place, result in enumerate(results):
        if place != shown and result.status is Status.ERROR:
            # What is wrong with the candidate is told once, by the result that is shown.
            reasons = [text for text in result.reasons if not text.startswith("candidate ")]
            yield from (f"{result.baseline}: {reason}" for reason in reasons)


def tell_baseline(result: PairResult) -> str:
    """Return which file was compared, where the name of a pair does not say it; else nothing."""
    count = len(result.alternates) + 1
    if result.baseline is None or (
        count == 1 and f"/{result.baseline}".endswith(f"/{result.name}")
    ):
        return ""
    passed = result.status is Status.PASSED
    words = f"matches {result.baseline}" if passed else result.baseline
    if count == 1:
        return words
    return f"{words}, one of {count} baselines" if passed else f"{words}, {tell_rank(result)}"


def tell_rank(result: PairResult) -> str:
    """Return which of several accepted baselines a failure shows; else nothing."""
    if not result.alternates:
        return ""
    rank = "the closest" if result.comparison else "one"
    return f"{rank} of {len(result.alternates) + 1}"


def _are_as_large(pair: Pair) -> bool:
    try:
        sizes = {path.stat().st_size for path in (pair.baseline, pair.candidate) if path}
    except OSError:  # whoever opens it will say why
        return False
    return len(sizes) == 1


def _measure_distance(result: PairResult) -> tuple[bool, bool, int, float]:
    found = result.comparison
    if found is None:
        return True, True, 0, 0.0
    return False, not found.passed, count_differing(found), -found.score
