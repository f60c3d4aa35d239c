"""Results of many tests, from many processes and repeated runs → one run."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

from drawing import draw_button

from visualdiff.api import compare_images
from visualdiff.config import parse_settings
from visualdiff.model import PairResult, Status
from visualdiff.testing.gathering import Gathering, ship


def make(name: str = "home.png", test: str = "test_home", **more: object) -> PairResult:
    values = {"status": Status.PASSED, "reasons": (), "baseline": name, "candidate": None}
    return PairResult(name=name, test=test, **(values | more))  # type: ignore[arg-type]


def gather(*runs: PairResult) -> PairResult:
    """Return the result of the one image of a test that was run repeatedly."""
    gathering = Gathering()
    for result in runs:
        gathering.add(ship([result]))
    (gathered,) = gathering.results
    return gathered


def test_a_result_arrives_as_it_was_shipped() -> None:
    found = compare_images(draw_button((37, 99, 235)), draw_button((37, 160, 60)))
    settings = parse_settings({"masks": [{"x": 0, "y": "10%", "width": 3, "height": 4}]})
    sent = make(status=Status.FAILED, comparison=found, settings=settings, size=(160, 120))
    sent = replace(sent, settings=replace(settings, mask_images=(Path("/a/mask.png"),)))
    assert found.regions
    assert gather(sent) == sent


def test_what_is_shipped_is_plain_data() -> None:
    found = compare_images(draw_button((37, 99, 235)), draw_button((37, 160, 60)))
    ((number, data),) = ship([make(comparison=found, settings=parse_settings({}))], 4)
    assert number == 4
    assert json.loads(json.dumps(data)) == data
    assert b"visualdiff" not in pickle.dumps(data)


def test_results_are_sorted_by_name_and_test() -> None:
    gathering = Gathering()
    gathering.add(ship([make("b.png", "test_1"), make("a.png", "test_1")]))
    gathering.add(ship([make("a.png", "test_0")]))
    named = [(item.name, item.test) for item in gathering.results]
    assert named == [("a.png", "test_0"), ("a.png", "test_1"), ("b.png", "test_1")]


def test_results_of_one_test_may_arrive_in_parts() -> None:
    gathering = Gathering()
    gathering.add(ship([make("a.png")], 0))
    gathering.add(ship([make("b.png"), make("b.png")], 1))
    assert [item.name for item in gathering.results] == ["a.png", "b.png", "b.png"]


def test_a_test_that_passes_when_run_again_is_flaky() -> None:
    failed = make(status=Status.FAILED, reasons=("SSIM",))
    twice = gather(failed, make())
    assert (twice.flaky, twice.attempts) == (True, 2)
    assert twice.warnings == ("flaky: matched when the test was run again, at attempt 2",)
    thrice = gather(failed, replace(failed, attempts=3), make())
    assert thrice.attempts == 5


def test_a_test_that_fails_whenever_it_is_run_is_not_flaky() -> None:
    failed = make(status=Status.FAILED)
    again = gather(failed, failed, failed)
    assert (again.flaky, again.attempts, again.warnings) == (False, 3, ())


def test_an_image_that_has_matched_each_time_is_not_flaky() -> None:
    assert not gather(make(), make()).flaky
    assert gather(make(), make(attempts=2)).attempts == 2


def write(*results: PairResult) -> list[str]:
    gathering = Gathering()
    for number, result in enumerate(results):
        gathering.add(ship([result], number))
    return gathering.list_conflicts()


def test_a_baseline_that_two_tests_have_written_is_a_conflict() -> None:
    (line,) = write(make(test="test_b", updated=True), make(test="test_a", updated=True))
    assert line == "home.png was written 2 times, of which the last one won, by test_a, test_b"


def test_a_baseline_that_one_test_has_written_twice_is_a_conflict() -> None:
    (line,) = write(make(updated=True), make(updated=True))
    assert line.endswith("2 times, of which the last one won, by test_home")


def test_tests_that_only_compare_may_share_a_baseline() -> None:
    assert write(make(test="test_a", updated=True), make(test="test_b")) == []


def test_a_test_that_was_run_again_has_no_conflict_with_itself() -> None:
    gathering = Gathering()
    for _ in range(2):
        gathering.add(ship([make(updated=True)]))
    assert gathering.list_conflicts() == []
