"""Results of many tests, from many processes and repeated runs → one run and its report."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeAlias, TypedDict

from pydantic import TypeAdapter

from visualdiff.model import PairResult, Status

# An image within a test: its name, and a number, as a name may be used repeatedly.
_Image: TypeAlias = tuple[str, int]


class Shipped(TypedDict):
    """What a phase of a test has found, as plain data that crosses processes.

    `run` differs whenever the test is set up again.
    """

    test: str
    run: str
    failed: bool
    results: Sequence[Mapping[str, Any]]


def ship(test: str, run: str, results: Sequence[PairResult], *, failed: bool = False) -> Shipped:
    """Return results as plain data; `test` is what the report shall call their test.

    `failed` says that the phase did not pass.
    """
    shown = (replace(result, test=test) for result in results)
    dumped = [_adapter().dump_python(result, mode="json") for result in shown]
    return {"test": test, "run": run, "failed": failed, "results": dumped}


@dataclass(slots=True)
class _Run:
    """One run of a test, which may be run again when it fails."""

    name: str
    failed: bool = False
    results: list[PairResult] = field(default_factory=list)

    def number(self) -> Iterator[tuple[_Image, PairResult]]:
        """Yield the images with their results, in order."""
        counts: Counter[str] = Counter()
        for result in self.results:
            counts[result.name] += 1
            yield (result.name, counts[result.name]), result


class Gathering:
    """The results of a session, by tests and their runs, of which the last one counts."""

    def __init__(self) -> None:
        self._runs: dict[str, list[_Run]] = {}

    def add(self, shipped: Shipped) -> None:
        """Add what a phase of a test has found."""
        runs = self._runs.setdefault(shipped["test"], [])
        if not runs or runs[-1].name != shipped["run"]:
            runs.append(_Run(shipped["run"]))
        runs[-1].failed |= shipped["failed"]
        runs[-1].results += map(_adapter().validate_python, shipped["results"])

    @property
    def results(self) -> tuple[PairResult, ...]:
        """All results that count, sorted by name and test."""
        results = (result for runs in self._runs.values() for result in _conclude(runs))
        return tuple(sorted(results, key=lambda item: (item.name, item.test)))

    def list_unheeded(self) -> list[PairResult]:
        """Return what did not pass in tests that did."""
        last = [runs[-1] for runs in self._runs.values() if not runs[-1].failed]
        return [item for run in last for item in run.results if item.status is not Status.PASSED]

    def list_conflicts(self) -> list[str]:
        """Return a line for each baseline that several images may not have in this way."""
        return [*self._list_ambiguous(), *self._list_overwritten()]

    def _list_ambiguous(self) -> list[str]:
        """Return a line for names that some file systems take for one."""
        tests: dict[str, dict[str, set[str]]] = {}
        for result in self.results:
            spellings = tests.setdefault(result.name.casefold(), {})
            spellings.setdefault(result.name, set()).add(result.test)
        return [
            f"{' and '.join(sorted(spellings))}, of {', '.join(sorted(set().union(*users)))}, "
            "are one file where upper and lower case are the same: give one of them another name"
            for spellings in tests.values()
            if len(users := spellings.values()) > 1
        ]

    def _list_overwritten(self) -> list[str]:
        """Return a line for each baseline that was written though several images have it.

        Which of them it shows, and whether the others match it, depends on the order of tests.
        """
        users: dict[str, set[tuple[str, _Image]]] = {}
        written = set()
        for test, run in ((test, run) for test, runs in self._runs.items() for run in runs):
            for image, result in run.number():
                baseline = result.baseline or result.name
                users.setdefault(baseline, set()).add((test, image))
                written |= {baseline} if result.updated else set()
        return [
            f"{baseline} was written, and {len(users[baseline])} images share it, of "
            f"{', '.join(sorted({test for test, _ in users[baseline]}))}: give each of them a "
            "name, or run again without update to see that all match"
            for baseline in sorted(written)
            if len(users[baseline]) > 1
        ]


def _conclude(runs: Sequence[_Run]) -> Iterator[PairResult]:
    """Yield the results of the last run of a test, and of baselines that only others wrote."""
    found: dict[_Image, PairResult] = {}
    for image, result in (pair for run in runs for pair in run.number()):
        found[image] = _follow(found[image], result) if image in found else result
    last = dict(runs[-1].number())
    yield from (result for image, result in found.items() if image in last or result.updated)


def _follow(earlier: PairResult, result: PairResult) -> PairResult:
    """Return the result of a test that was run again, with what counts of its earlier runs.

    That is the baseline that they wrote, and the attempts that did not match.
    """
    if earlier.updated:
        # The first warning says why it was written.
        warnings = (*earlier.warnings[:1], *result.warnings)
        result = replace(result, updated=True, warnings=warnings)
    if earlier.status is Status.PASSED:
        return result
    followed = replace(result, attempts=earlier.attempts + result.attempts)
    if not followed.flaky:
        return followed
    words = f"flaky: matched when the test was run again, at attempt {followed.attempts}"
    return replace(followed, warnings=(*followed.warnings, words))


@cache
def _adapter() -> TypeAdapter[PairResult]:
    return TypeAdapter(PairResult)
