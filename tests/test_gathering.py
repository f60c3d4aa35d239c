"""Results of many tests, from many processes and repeated runs → one run."""

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
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
    for number, result in enumerate(runs):
        gathering.add(ship(result.test, str(number), [result]))
    (gathered,) = gathering.results
    return gathered


def test_a_result_arrives_as_it_was_shipped() -> None:
    found = compare_images(draw_button((37, 99, 235)), draw_button((37, 160, 60)))
    settings = parse_settings({"masks": [{"x": 0, "y": "10%", "width": 3, "height": 4}]})
    sent = make(status=Status.FAILED, comparison=found, settings=settings, size=(160, 120))
    sent = replace(sent, settings=replace(settings, mask_images=(Path("/a/mask.png"),)))
    assert found.regions
    assert gather(sent) == sent


def test_what_was_shipped_without_ids_of_changes_arrives_without() -> None:
    found = compare_images(draw_button((37, 99, 235)), draw_button((37, 160, 60)))
    data: Any = ship("test_home", "1", [make(comparison=found)])
    for region in data["results"][0]["comparison"]["regions"]:
        del region["change"]
    gathering = Gathering()
    gathering.add(data)
    (result,) = gathering.results
    assert result.comparison
    assert [region.change for region in result.comparison.regions] == [""]


def test_what_is_shipped_is_plain_data() -> None:
    found = compare_images(draw_button((37, 99, 235)), draw_button((37, 160, 60)))
    data = ship("test_home", "1", [make(comparison=found, settings=parse_settings({}))])
    assert json.loads(json.dumps(data)) == data
    assert b"visualdiff" not in pickle.dumps(data)


def test_results_are_sorted_by_name_and_test() -> None:
    gathering = Gathering()
    gathering.add(ship("test_1", "1", [make("b.png"), make("a.png")]))
    gathering.add(ship("test_0", "1", [make("a.png")]))
    named = [(item.name, item.test) for item in gathering.results]
    assert named == [("a.png", "test_0"), ("a.png", "test_1"), ("b.png", "test_1")]


def test_results_of_one_test_may_arrive_in_parts() -> None:
    gathering = Gathering()
    gathering.add(ship("test_home", "1", [make("a.png")]))
    gathering.add(ship("test_home", "1", [make("b.png"), make("b.png")]))
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


WRITTEN = "baseline written: no baseline of this name"


def test_a_baseline_that_an_earlier_run_wrote_is_told() -> None:
    found = gather(make(updated=True, warnings=(WRITTEN,)), make(), make())
    assert (found.updated, found.warnings) == (True, (WRITTEN,))


def repeat(*runs: list[PairResult]) -> dict[str, PairResult]:
    """Return the results of one test that was run repeatedly, by the name of the image."""
    gathering = Gathering()
    for number, results in enumerate(runs):
        gathering.add(ship("test_home", str(number), results))
    return {result.name: result for result in gathering.results}


def test_what_the_last_run_did_not_repeat_does_not_count() -> None:
    failed = make("popup.png", status=Status.FAILED)
    assert set(repeat([make(), failed], [make()])) == {"home.png"}
    # An image is known by its name, whatever was compared before it.
    found = repeat([failed, make(status=Status.FAILED)], [make()])
    assert (set(found), found["home.png"].attempts) == ({"home.png"}, 2)
    # Nor does a run in which no image was compared.
    assert repeat([failed], []) == {}


def test_an_attempt_counts_though_a_run_did_not_come_to_it() -> None:
    failed = make(status=Status.FAILED)
    assert repeat([failed], [make("menu.png", status=Status.FAILED)], [make()])["home.png"].flaky


def test_a_baseline_that_was_written_is_told_though_no_later_run_came_to_it() -> None:
    written = make("popup.png", updated=True, warnings=(WRITTEN,))
    assert repeat([written], [make()])["popup.png"].updated


def write(*results: PairResult) -> list[str]:
    gathering = Gathering()
    for result in results:
        gathering.add(ship(result.test, "1", [result]))
    return gathering.list_conflicts()


@pytest.mark.parametrize("other", [{"updated": True}, {}, {"status": Status.FAILED}])
def test_a_baseline_that_was_written_and_has_two_tests_is_a_conflict(
    other: dict[str, Any],
) -> None:
    results = make(test="test_b", updated=True), make(test="test_a", **other)
    for order in (results, results[::-1]):
        (line,) = write(*order)
        assert line.startswith(
            "home.png was written, and 2 images share it, of test_a, test_b: give each of them"
        )


def test_a_baseline_that_was_written_and_has_two_images_of_a_test_is_a_conflict() -> None:
    (line,) = write(make(updated=True), make())
    assert "2 images share it, of test_home: " in line


def test_tests_that_only_compare_may_share_a_baseline() -> None:
    assert write(make(test="test_a"), make(test="test_b")) == []
    assert write(make("a.png", updated=True), make("b.png", updated=True)) == []


def test_a_test_that_was_run_again_has_no_conflict_with_itself() -> None:
    gathering = Gathering()
    for run in "12":
        gathering.add(ship("test_home", run, [make(updated=True)]))
    assert gathering.list_conflicts() == []


def test_names_that_differ_only_in_case_are_a_conflict() -> None:
    (line,) = write(make("home.png", test="test_b"), make("Home.png", test="test_a"))
    assert line.startswith("Home.png and home.png, of test_a, test_b, are one file where upper")
