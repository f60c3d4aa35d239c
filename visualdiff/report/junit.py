"""`RunResult` → junit.xml, as CI services show it: one test case for each pair.

Valid by the schema of Jenkins' xUnit plugin, junit-10.xsd, which is the strictest in use. It lets
suites only have properties; so each pair is a suite of its own, with one case.
"""

from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple

from visualdiff.files import relative_to
from visualdiff.model import PairResult, RunResult, Status
from visualdiff.printable import to_printable
from visualdiff.report.entries import describe_region
from visualdiff.report.urgency import read_policies
from visualdiff.settings import Policy

_SUITE: Final = "visualdiff"


class _Outcome(NamedTuple):
    """How a case ends: the name of its element, "" where it passed, and what that says."""

    element: str
    message: str


def render_junit(result: RunResult) -> Iterator[bytes]:
    """Yield junit.xml suite by suite: UTF-8, without characters that XML does not allow."""
    policies = read_policies(result)
    outcomes = [_conclude(item, policies[item.status]) for item in result.results]
    counts = Counter(outcome.element for outcome in outcomes)
    counts["error"] += bool(result.interrupted)
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    # The schema knows no number of skipped cases here.
    head = _open(
        "testsuites",
        name=_SUITE,
        tests=len(outcomes) + bool(result.interrupted),
        failures=counts["failure"],
        errors=counts["error"],
        time=f"{result.seconds:.3f}",
    )
    yield f"{head}\n".encode()
    for item, outcome in zip(result.results, outcomes, strict=True):
        yield "".join(_write_suite(item, outcome, result)).encode()
    if result.interrupted:
        yield "".join(_write_interrupt(result)).encode()
    yield b"</testsuites>\n"


def _write_interrupt(result: RunResult) -> Iterator[str]:
    """Yield a suite without which all pairs could seem to have passed."""
    counts = {"tests": 1, "failures": 0, "errors": 1, "skipped": 0}
    yield _open("testsuite", name=_SUITE, **counts, timestamp=result.started)
    yield _open("testcase", name="all pairs are compared", classname=_SUITE)
    yield _open("error", type="interrupted", message=f"interrupted by {result.interrupted}")
    yield "</error>\n</testcase>\n</testsuite>\n"


def _conclude(item: PairResult, policy: Policy) -> _Outcome:
    """Return the outcome of a pair; what was not compared, and may be so, was skipped."""
    reasons = "; ".join(item.reasons)
    if item.status is Status.PASSED:
        return _Outcome("", "")
    if item.status is Status.ERROR:
        return _Outcome("error", reasons)
    if policy is Policy.FAIL:
        return _Outcome("failure", reasons)
    return _Outcome("skipped", f"{reasons} (on_{item.status.value}: {policy.value})")


def _write_suite(item: PairResult, outcome: _Outcome, result: RunResult) -> Iterator[str]:
    took = {} if item.seconds is None else {"time": f"{item.seconds:.3f}"}
    yield _open(
        "testsuite",
        name=item.name,
        tests=1,
        failures=int(outcome.element == "failure"),
        errors=int(outcome.element == "error"),
        skipped=int(outcome.element == "skipped"),
        timestamp=result.started,
        **took,
    )
    yield "\n<properties>\n"
    for name, value in _list_properties(item, result):
        yield f"{_open('property', name=name, value=value).removesuffix('>')}/>\n"
    yield "</properties>\n"
    yield _open("testcase", name=item.name, classname=_classify(item), **took)
    if outcome.element:
        yield _open(outcome.element, type=item.status.value, message=outcome.message)
        yield f"{_escape_lines(_explain(item))}</{outcome.element}>\n"
    if told := [*item.warnings, *_attach(item, result)]:
        yield f"<system-out>{_escape_lines(told)}</system-out>\n"
    yield "</testcase>\n</testsuite>\n"


def _list_properties(item: PairResult, result: RunResult) -> Iterator[tuple[str, object]]:
    """Yield what was measured, unrounded."""
    yield "status", item.status.value
    if item.attempts > 1:
        yield "attempts", item.attempts
    for side, path in (("baseline", item.baseline), ("candidate", item.candidate)):
        if path:
            yield side, path
    if "diff" in item.artifacts:
        yield "diff", _place_picture(item, result)
    if found := item.comparison:
        yield "score", found.score
        yield "threshold", found.threshold
        yield "diff_pixels", found.diff_pixels
        yield "diff_ratio", found.diff_ratio
        yield "regions", len(found.regions)
        yield from (
            (f"region.{number}", text) for number, text in enumerate(_list_regions(item), 1)
        )


def _list_regions(item: PairResult) -> Iterator[str]:
    return map(describe_region, item.comparison.regions if item.comparison else ())


def _classify(item: PairResult) -> str:
    """Return the class of a case: the test that compared the pair, or its folder with dots."""
    return item.test or ".".join((_SUITE, *item.name.split("/")[:-1]))


def _explain(item: PairResult) -> list[str]:
    return [*item.reasons, *_list_regions(item)]


def _attach(item: PairResult, result: RunResult) -> Iterator[str]:
    """Yield the mark by which GitLab and a plugin of Jenkins show a picture beside the case."""
    if item.status is not Status.PASSED and "diff" in item.artifacts:
        yield f"[[ATTACHMENT|{_place_picture(item, result)}]]"


def _place_picture(item: PairResult, result: RunResult) -> str:
    return relative_to(result.config.folder, result.config.report / item.artifacts["diff"])


def _open(element: str, **attributes: object) -> str:
    told = "".join(
        f' {name}="{escape(to_printable(str(value)))}"' for name, value in attributes.items()
    )
    return f"<{element}{told}>"


def _escape_lines(lines: list[str]) -> str:
    return "\n".join(escape(to_printable(line), quote=False) for line in lines)
