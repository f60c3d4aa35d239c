"""junit.xml, as others read it."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from outcomes import hostile, make_comparison, make_one_of_each, make_pair, make_region, make_run

from visualdiff.model import PairResult, RunResult, Status
from visualdiff.report.junit import render_junit
from visualdiff.settings import Policy

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


def read(run: RunResult) -> JUnitXml:
    """Return what another program reads, once it is valid."""
    text = b"".join(render_junit(run)).decode()
    SCHEMA.validate(text)
    return JUnitXml.fromstring(text.encode())


def read_case(item: PairResult) -> tuple[TestSuite, TestCase]:
    (suite,) = read(make_run(item))
    (case,) = suite
    return suite, case


def read_properties(suite: TestSuite) -> dict[str, str]:
    return {item.name: item.value for item in suite.properties()}  # type: ignore[no-untyped-call]


def count_elements(document: JUnitXml) -> tuple[int, int, int]:
    cases = [case for suite in document for case in suite]
    failures, errors = (
        sum(any(isinstance(found, kind) for found in case.result) for case in cases)
        for kind in (Failure, Error)
    )
    return len(cases), failures, errors


def test_every_pair_is_a_case_that_ends_as_the_pair_did() -> None:
    document = read(make_one_of_each())
    ends = {
        case.name: [type(found).__name__ for found in case.result]
        for suite in document
        for case in suite
    }
    assert ends == {
        "shop/passed.png": [],
        "shop/failed.png": ["Failure"],
        "shop/new.png": ["Failure"],
        "shop/missing.png": ["Failure"],
        "shop/error.png": ["Error"],
    }
    assert {case.classname for suite in document for case in suite} == {"visualdiff.shop"}


@pytest.mark.parametrize("policy", [Policy.WARN, Policy.IGNORE])
def test_what_policies_allow_is_no_failure_and_not_passed_either(policy: Policy) -> None:
    run = make_one_of_each(on_new=policy, on_missing=policy)
    skipped = {case.name: case.result for suite in read(run) for case in suite if case.is_skipped}
    messages = {name: found.message for name, (found,) in skipped.items()}
    assert messages == {
        "shop/new.png": f"no baseline of this name (on_new: {policy})",
        "shop/missing.png": f"no candidate of this name (on_missing: {policy})",
    }


def test_an_interrupted_run_has_an_error_though_all_its_pairs_passed() -> None:
    run = replace(make_run(make_pair("a.png", Status.PASSED)), interrupted="Ctrl-C")
    document = read(run)
    assert (document.tests, document.errors, count_elements(document)) == (2, 1, (2, 0, 1))
    (error,) = [found for suite in document for case in suite for found in case.result]
    assert error.message == "interrupted by Ctrl-C"


def test_a_run_that_saw_no_candidate_fails_in_this_file_too() -> None:
    run = make_run(make_pair("a.png", Status.MISSING), on_missing=Policy.IGNORE)
    assert not run.passed
    document = read(run)
    assert (document.failures, count_elements(document)) == (1, (1, 1, 0))


@given(st.lists(st.sampled_from(Status), max_size=9), *[st.sampled_from(Policy)] * 2)
def test_counts_agree_with_elements_and_with_the_exit_code(
    statuses: list[Status], on_new: Policy, on_missing: Policy
) -> None:
    pairs = (make_pair(f"{number}.png", status) for number, status in enumerate(statuses))
    run = make_run(*pairs, on_new=on_new, on_missing=on_missing)
    document = read(run)
    told = (document.tests, document.failures, document.errors)
    assert told == count_elements(document)
    assert told[0] == len(statuses)
    if statuses:
        assert (told[1] + told[2] == 0) == run.passed
    for suite in document:
        (case,) = suite
        kinds = [type(found) for found in case.result]
        assert (suite.tests, suite.failures) == (1, kinds.count(Failure))
        assert (suite.errors, suite.skipped) == (kinds.count(Error), kinds.count(Skipped))


def test_score_and_regions_are_properties_unrounded() -> None:
    regions = make_region(), make_region("moved by 12 px to the right")
    comparison = make_comparison(Status.FAILED, *regions, score=0.9899999999)
    suite, case = read_case(make_pair("a.png", comparison=comparison, attempts=3))
    properties = read_properties(suite)
    assert float(properties["score"]) == 0.9899999999
    assert float(properties["threshold"]) == 0.99
    assert math.isclose(float(properties["diff_ratio"]), 1240 / 480_000)
    del properties["diff_ratio"]
    assert properties == {
        "status": "failed",
        "attempts": "3",
        "baseline": "old/a.png",
        "candidate": "new/a.png",
        "diff": "report/assets/diff.png",
        "score": "0.9899999999",
        "threshold": "0.99",
        "diff_pixels": "1240",
        "regions": "2",
        "region.1": "recoloured #2563eb → #dc2626: 120 × 40 px at (10, 20), 1,240 px differ",
        "region.2": "moved by 12 px to the right: 120 × 40 px at (10, 20), 1,240 px differ",
    }
    (failure,) = case.result
    assert failure.message == "score 0.5 < threshold 0.99 (red)"
    assert failure.text.splitlines() == [
        failure.message,
        *(properties[f"region.{n}"] for n in (1, 2)),
    ]


def test_times_are_those_that_were_measured() -> None:
    suite, case = read_case(make_pair("a.png", seconds=1.23456))
    assert (suite.time, case.time) == (1.235, 1.235)
    text = b"".join(render_junit(make_run(make_pair("a.png", seconds=None)))).decode()
    assert text.count("time=") == 1
    assert 'time="1234.568"' in text


def test_the_difference_is_attached_where_services_look_for_it() -> None:
    _, case = read_case(make_pair("a.png", warnings=("baseline has 16 bits",)))
    assert case.system_out == "baseline has 16 bits\n[[ATTACHMENT|report/assets/diff.png]]"
    assert read_case(make_pair("a.png", Status.PASSED))[1].system_out is None


def test_a_pair_of_a_test_is_a_case_of_that_test() -> None:
    _, case = read_case(make_pair("home.png", test="tests/test_shop.py::test_home[a]"))
    assert (case.classname, case.name) == ("tests/test_shop.py::test_home[a]", "home.png")


@given(hostile, hostile, hostile, st.sampled_from(Status))
def test_nothing_that_others_wrote_breaks_the_file(
    name: str, reason: str, words: str, status: Status
) -> None:
    more = {"comparison": make_comparison(status, make_region(words))} if status != "new" else {}
    item = make_pair(name, status, reasons=(reason,), warnings=(words,), test=reason, **more)
    suite, case = read_case(item)
    assert suite.name == case.name
    assert len(case.result) == (status is not Status.PASSED)
    # What XML can hold, and is no control character, arrives as it was.
    if name.isprintable():
        assert case.name == name
