"""Results of many tests, from many processes and repeated runs → one run and its report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from visualdiff.model import PairResult, Status

# Of a test: its results by the number of the call, from 0, as plain data.
Shipped: TypeAlias = Sequence[tuple[int, Mapping[str, Any]]]


def ship(results: Sequence[PairResult], start: int = 0) -> list[tuple[int, dict[str, Any]]]:
    """Return results as plain data that crosses processes, numbered from `start`."""
    return [
        (number, _adapter().dump_python(result, mode="json"))
        for number, result in enumerate(results, start)
    ]


class Gathering:
    """The results of a session: of each call of each test the last one."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, int], PairResult] = {}

    def add(self, shipped: Shipped) -> None:
        """Add results; one of the same call of the same test is that of an earlier run of it."""
        for number, data in shipped:
            result = _adapter().validate_python(data)
            key = result.test, number
            earlier = self._results.get(key)
            self._results[key] = _follow(earlier, result) if earlier else result

    @property
    def results(self) -> tuple[PairResult, ...]:
        """All results, sorted by name and test."""
        return tuple(sorted(self._results.values(), key=lambda item: (item.name, item.test)))

    def list_conflicts(self) -> list[str]:
        """Return a line for each baseline that was written for several images."""
        writers: dict[str, list[str]] = {}
        for result in self._results.values():
            if result.updated:
                writers.setdefault(result.baseline or result.name, []).append(result.test)
        return [
            f"{baseline} was written {len(tests)} times, of which the last one won, by "
            f"{', '.join(sorted(set(tests)))}"
            for baseline, tests in sorted(writers.items())
            if len(tests) > 1
        ]


def _follow(earlier: PairResult, result: PairResult) -> PairResult:
    """Return the result of a test that was run again, with the attempts that did not match."""
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
