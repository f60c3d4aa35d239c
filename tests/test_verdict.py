import math
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from visualdiff.model import FocusScore, Status, Verdict
from visualdiff.settings import Settings
from visualdiff.verdict import format_ratio, format_score, judge, judge_focus

SIZE = (100, 50)
ALIKE = {"red": 1.0, "green": 1.0, "blue": 1.0}


def judge_same_size(
    channels: Mapping[str, float] = ALIKE, diff_pixels: int = 0, **chosen: Any
) -> Verdict:
    return judge(channels, diff_pixels, SIZE, SIZE, Settings(**chosen))


def test_images_without_a_difference_pass_and_need_no_reason() -> None:
    assert judge_same_size(threshold=1) == Verdict(status=Status.PASSED, reasons=())


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.99, 1.0])
def test_a_score_equal_to_the_threshold_passes(threshold: float) -> None:
    channels = ALIKE | {"green": threshold}
    assert judge_same_size(channels, threshold=threshold).status is Status.PASSED


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.99, 1.0])
def test_a_score_just_below_the_threshold_fails(threshold: float) -> None:
    channels = ALIKE | {"green": math.nextafter(threshold, -1)}
    assert judge_same_size(channels, threshold=threshold).status is Status.FAILED


def test_the_lowest_channel_decides_and_is_named() -> None:
    channels = {"red": 0.97, "green": 0.951, "blue": 0.9312}
    verdict = judge_same_size(channels)
    assert verdict.status is Status.FAILED
    assert verdict.reasons == ("score 0.9312 < threshold 0.99 (blue)",)
    assert judge_same_size(channels, threshold=0.93).status is Status.PASSED


@pytest.mark.parametrize("channel", ["red", "green", "blue"])
@pytest.mark.parametrize("threshold", [0.0, 0.99])
def test_a_score_that_is_not_a_number_fails(channel: str, threshold: float) -> None:
    verdict = judge_same_size(ALIKE | {channel: math.nan}, threshold=threshold)
    assert verdict.status is Status.FAILED
    assert verdict.reasons == (f"score nan < threshold {threshold:g} ({channel})",)


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        ({}, 0),
        ({"max_diff_pixels": 0}, 0),
        ({"max_diff_pixels": 7}, 7),
        ({"max_diff_ratio": 0.0}, 0),
        ({"max_diff_ratio": 0.01}, 50),
        ({"max_diff_ratio": 1.0}, 5000),
        ({"max_diff_pixels": 7, "max_diff_ratio": 0.01}, 7),
        ({"max_diff_pixels": 70, "max_diff_ratio": 0.01}, 50),
        ({"max_diff_pixels": 0, "max_diff_ratio": 1.0}, 0),
    ],
    ids=str,
)
def test_pixels_may_differ_up_to_the_stricter_limit(limits: dict[str, Any], most: int) -> None:
    assert judge_same_size(diff_pixels=most, **limits).status is Status.PASSED
    if most < 5000:
        assert judge_same_size(diff_pixels=most + 1, **limits).status is Status.FAILED


def test_reasons_say_what_differs_and_what_was_wanted() -> None:
    verdict = judge_same_size(
        diff_pixels=1234, max_diff_pixels=1000, max_diff_ratio=0.2, threshold=0.5
    )
    assert verdict.reasons == (
        "1,234 px differ visibly (24.68 % of the image), wanted at most 1,000",
        "24.68 % of the image differs visibly (1,234 px), wanted at most 20 %",
    )


def test_every_reason_is_given() -> None:
    verdict = judge({"gray": 0.5}, 9, (10, 10), (10, 12), Settings())
    assert len(verdict.reasons) == 3
    assert [reason.split()[0] for reason in verdict.reasons] == ["size", "score", "9"]


@pytest.mark.parametrize(
    ("baseline", "candidate", "words"),
    [
        ((10, 20), (13, 20), "size 10×20 → 13×20: the candidate is 3 px wider"),
        ((10, 20), (8, 20), "size 10×20 → 8×20: the candidate is 2 px narrower"),
        ((10, 20), (10, 25), "size 10×20 → 10×25: the candidate is 5 px taller"),
        ((10, 20), (10, 19), "size 10×20 → 10×19: the candidate is 1 px shorter"),
        ((10, 20), (9, 26), "size 10×20 → 9×26: the candidate is 1 px narrower and 6 px taller"),
    ],
    ids=["wider", "narrower", "taller", "shorter", "both"],
)
def test_another_size_fails_whatever_the_limits(
    baseline: tuple[int, int], candidate: tuple[int, int], words: str
) -> None:
    lenient = Settings(threshold=0, max_diff_ratio=1)
    assert judge(ALIKE, 0, baseline, candidate, lenient).reasons == (words,)
    assert judge(ALIKE, 0, baseline, candidate, lenient).status is Status.FAILED


def test_the_share_is_that_of_a_canvas_that_holds_both_images() -> None:
    # 20×40 holds both: more than half of that is more than half of either.
    settings = Settings(threshold=0, max_diff_ratio=0.5)
    for sizes in (((10, 40), (20, 10)), ((20, 10), (10, 40))):
        assert len(judge(ALIKE, 400, *sizes, settings).reasons) == 1
        assert len(judge(ALIKE, 401, *sizes, settings).reasons) == 2


@pytest.mark.parametrize(
    ("score", "threshold", "text"),
    [
        (1.0, 0.99, "1.0000"),
        (0.5, 0.99, "0.5000"),
        (0.98996, 0.99, "0.98996"),
        (0.99, 0.99, "0.9900"),
        (0.99999, 0.99, "0.99999"),
        (0.99999, None, "0.99999"),
        (0.98996, None, "0.9900"),
        (-0.25, 0.99, "-0.2500"),
        (0.0, 0.0, "0.0000"),
        (0.989999999961, 0.99, "0.98999999996"),
    ],
)
def test_a_score_has_four_digits_or_as_many_as_it_needs(
    score: float, threshold: float | None, text: str
) -> None:
    assert format_score(score, threshold) == text


fractions = st.floats(0, 1) | st.integers(-6, 6).map(lambda step: 0.99 + step * 1e-9)


@given(score=st.floats(-1, 1) | fractions, threshold=fractions)
@examples(deadline=None, max_examples=400)
def test_a_shown_score_stays_on_its_side_of_the_threshold_and_of_one(
    score: float, threshold: float
) -> None:
    shown = float(format_score(score, threshold))
    assert (shown < threshold) == (score < threshold)
    assert (shown == 1) == (score == 1)
    assert shown == pytest.approx(score, abs=5.1e-5)


def test_neighbours_of_the_threshold_are_shown_in_full() -> None:
    for threshold in (0.99, 0.1 + 0.2, 1 / 3):
        below, above = math.nextafter(threshold, 0), math.nextafter(threshold, 1)
        assert float(format_score(below, threshold)) < threshold
        assert float(format_score(above, threshold)) >= threshold


@given(score=fractions, threshold=fractions)
@examples(deadline=None, max_examples=400)
def test_the_numbers_of_a_failed_score_bear_out_its_reason(score: float, threshold: float) -> None:
    verdict = judge_same_size({"gray": score}, threshold=threshold)
    assert bool(verdict.reasons) == (score < threshold)
    for reason in verdict.reasons:
        found = re.fullmatch(r"score (\S+) < threshold (\S+) \(gray\)", reason)
        assert found
        assert float(found[1]) < float(found[2]) == threshold


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "0.00 %"),
        (1.0, "100.00 %"),
        (0.5, "50.00 %"),
        (0.00001, "0.001 %"),
        (0.999999, "99.9999 %"),
        (1 / 3, "33.33 %"),
        (0.000000123, "0.00001 %"),
        (2**-60, "8.673617379884035e-17 %"),
    ],
)
def test_a_share_has_two_digits_or_as_many_as_it_needs(ratio: float, text: str) -> None:
    assert format_ratio(ratio) == text


@given(ratio=st.floats(0, 1) | st.integers(1, 10**9).map(lambda pixels: pixels / 10**9))
@examples(deadline=None, max_examples=400)
def test_a_share_is_never_shown_as_nothing_or_everything_unless_it_is(ratio: float) -> None:
    text = format_ratio(ratio)
    assert text.endswith(" %")
    shown = float(text.removesuffix(" %"))
    assert (shown == 0) == (100 * ratio == 0)
    assert (shown == 100) == (100 * ratio == 100)
    assert shown == pytest.approx(100 * ratio, abs=0.0051)


@example(pixels=5000, limit=0.9999999999999999)
@given(
    pixels=st.integers(0, 5000),
    limit=st.floats(0, 1) | st.integers(0, 5000).map(lambda n: n / 5000),
)
@examples(deadline=None, max_examples=400)
def test_the_numbers_of_a_failed_share_bear_out_its_reason(pixels: int, limit: float) -> None:
    verdict = judge_same_size(diff_pixels=pixels, max_diff_ratio=limit)
    assert bool(verdict.reasons) == (pixels / 5000 > limit)
    for reason in verdict.reasons:
        numbers = re.match(r"(\S+) % of .*\), wanted at most (\S+) %$", reason)
        assert numbers
        assert float(numbers[1]) > float(numbers[2])


def test_a_share_just_above_its_limit_is_shown_above_it() -> None:
    assert format_ratio(0.005001, 0.005) == "0.5001 %"
    assert format_ratio(0.005, 0.005) == "0.50 %"
    verdict = judge(
        {"gray": 1.0}, 5001, (1000, 1000), (1000, 1000), Settings(max_diff_ratio=0.005)
    )
    assert verdict.reasons == (
        "0.5001 % of the image differs visibly (5,001 px), wanted at most 0.5 %",
    )


def test_shares_are_those_of_what_is_not_masked() -> None:
    chosen = Settings(max_diff_ratio=0.02)
    judged = partial(judge, ALIKE, 50, SIZE, SIZE, chosen)
    assert judged().status is Status.PASSED
    assert judged(masked_pixels=2500).status is Status.PASSED
    assert judged(masked_pixels=2501).reasons == (
        "2.001 % of the unmasked image differs visibly (50 px), wanted at most 2 %",
    )


@pytest.mark.parametrize(("score", "passed"), [(0.9, True), (math.nextafter(0.9, 0), False)])
def test_each_rectangle_of_focus_must_reach_its_threshold(score: float, passed: bool) -> None:
    area = FocusScore(
        x=1,
        y=2,
        width=3,
        height=4,
        threshold=0.9,
        score=score,
        channels={"red": 1.0, "blue": score},
        diff_pixels=0,
        passed=passed,
    )
    verdict = judge_focus(judge_same_size(), [area])
    assert (verdict.status is Status.PASSED) is passed
    if not passed:
        assert verdict.reasons == (
            "focus[0] (3×4 px at (1, 2)): score 0.8999999999999999 < threshold 0.9 (blue)",
        )


@pytest.mark.parametrize(
    ("policy", "status", "warned"),
    [("fail", Status.FAILED, 0), ("pad", Status.PASSED, 1), ("crop", Status.FAILED, 0)],
)
def test_what_another_size_means_is_a_matter_of_policy(
    policy: str, status: Status, warned: int
) -> None:
    chosen = Settings(on_size_mismatch=policy)  # type: ignore[arg-type]  # each in turn
    verdict = judge(ALIKE, 0, (100, 50), (110, 50), chosen)
    assert verdict.status is status
    assert len(verdict.warnings) == warned
    assert (verdict.reasons or verdict.warnings) == (
        "size 100×50 → 110×50: the candidate is 10 px wider",
    )


def test_a_size_that_could_not_be_scaled_says_why() -> None:
    verdict = judge(ALIKE, 0, (100, 50), (200, 50), Settings(on_size_mismatch="scale"))
    assert verdict.reasons == (
        (
            "size 100×50 → 200×50: the candidate is 100 px wider; not scaled, as the width "
            "changed by a factor of 2, the height by 1"
        ),
    )
