"""How far from failing, in words that never say more than is so."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
from drawing import BLUE_600, draw_button, draw_page
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from visualdiff import Comparison, FocusScore, Settings, Status, compare_images
from visualdiff.margin import tell_margin
from visualdiff.verdict import judge

SIZE = (100, 50)
# Ignored, not visible: another colour by less than the tolerance.
FOUND = compare_images(draw_button((255, 255, 255)), draw_button((255, 255, 254)))


def make(channels: dict[str, float], diff_pixels: int = 0, **more: Any) -> Comparison:
    """Return a comparison of images of 100×50 pixels."""
    values: dict[str, Any] = {"threshold": 0.99, "width": SIZE[0], "height": SIZE[1], **more}
    values |= {"channels": channels, "score": min(channels.values()), "diff_pixels": diff_pixels}
    return replace(FOUND, **values)


def test_equal_images_have_no_margin() -> None:
    page = draw_page(10)
    assert tell_margin(compare_images(page, page), Settings()) == ""
    mask = [{"x": 0, "y": 0, "width": 9, "height": 9}]
    assert tell_margin(compare_images(page, page, masks=mask), Settings()) == ""


def test_a_pass_with_nothing_visible_is_one_pixel_from_failing() -> None:
    assert FOUND.passed
    words = "0.0100 above the threshold 0.99; any visible px would fail"
    assert tell_margin(FOUND, Settings()) == words


def test_the_lowest_channel_is_told_unless_all_are_alike() -> None:
    found = make({"red": 1.0, "green": 0.9991, "blue": 0.9987}, 120)
    words = "0.0087 above the threshold 0.99 (blue); 120 of 500 allowed px differ"
    assert tell_margin(found, Settings(max_diff_pixels=500)) == words


def test_what_failed_is_told_how_far_beyond() -> None:
    found = make({"red": 0.98, "blue": 0.9899999}, 1240)
    assert tell_margin(found, Settings(max_diff_pixels=500)) == (
        "0.0100 below the threshold 0.99 (red); 1,240 px differ, 740 more than allowed"
    )
    assert tell_margin(make({"gray": 0.9899999}), Settings()).startswith("0.0000001 below")


def test_a_score_that_is_no_number_is_not_told() -> None:
    assert tell_margin(make({"gray": math.nan}), Settings()) == "any visible px would fail"


def make_area(score: float, threshold: float) -> FocusScore:
    return FocusScore(
        x=1,
        y=2,
        width=3,
        height=4,
        threshold=threshold,
        score=score,
        channels={"red": 1.0, "blue": score},
        diff_pixels=0,
        passed=score >= threshold,
    )


def test_of_rectangles_of_focus_the_one_nearest_to_failing_is_told() -> None:
    areas = make_area(0.97, 0.9), make_area(0.9512, 0.95), make_area(0.5, 0.2)
    found = make({"gray": 0.99}, focus=areas, threshold=0.2)
    assert tell_margin(found, Settings(max_diff_pixels=9)) == (
        "focus[1]: 0.0012 above the threshold 0.95 (blue); 0 of 9 allowed px differ"
    )
    # The whole, where it is nearer.
    assert tell_margin(replace(found, score=0.2, channels={"gray": 0.2}), Settings()) == (
        "at the threshold 0.2; any visible px would fail"
    )


def test_inserted_rows_count_where_they_are_limited() -> None:
    page = draw_page(20)
    grown = np.insert(page, 100, np.full((20, page.shape[1], 3), BLUE_600, np.uint8), axis=0)
    chosen: dict[str, Any] = {"on_shift": "ignore", "max_shift_rows": 30}
    found = compare_images(page, grown, **chosen)
    assert found.passed
    assert tell_margin(found, Settings(**chosen)).endswith(
        "; 20 of 30 allowed rows inserted or removed"
    )
    assert tell_margin(found, Settings(max_shift_rows=15)).endswith(
        "; 20 rows inserted or removed, 5 more than allowed"
    )
    assert "rows" not in tell_margin(found, Settings())


numbers = st.floats(-1, 1) | st.integers(-6, 6).map(lambda step: 0.99 + step * 1e-9)


@example(score=0.9986, threshold=0.99)
@example(score=math.nextafter(0.99, 0), threshold=0.99)
@example(score=5e-324, threshold=0.0)
@given(score=numbers, threshold=numbers.map(abs))
@examples(deadline=None, max_examples=400)
def test_a_margin_is_on_its_side_and_is_nothing_only_if_it_is(
    score: float, threshold: float
) -> None:
    words, _, _ = tell_margin(make({"gray": score}, threshold=threshold), Settings()).partition(
        "; "
    )
    found = re.fullmatch(r"(?:(\S+) (above|below)|at) the threshold (\S+)", words)
    assert found
    assert float(found[3]) == threshold
    assert found[2] == ("above" if score > threshold else "below" if score < threshold else None)
    if found[1]:
        assert float(found[1]) > 0
        # Cut off, not rounded: nothing looks further from failing than it is.
        distance = abs(score - threshold)
        assert distance - 1.0001e-4 <= float(found[1]) <= distance + 3e-16


limits = st.none() | st.integers(0, 5000)
shares = st.none() | st.floats(0, 1) | st.integers(0, 5000).map(lambda n: n / 5000)


@example(pixels=3, most=None, share=0.0006, masked=0)
@given(pixels=st.integers(0, 5000), most=limits, share=shares, masked=st.integers(0, 4999))
@examples(deadline=None, max_examples=400)
def test_pixels_are_allowed_exactly_if_the_verdict_allows_them(
    pixels: int, most: int | None, share: float | None, masked: int
) -> None:
    pixels = min(pixels, 5000 - masked)
    chosen = Settings(max_diff_pixels=most, max_diff_ratio=share)

    def passes(count: int) -> bool:
        verdict = judge({"gray": 1.0}, count, SIZE, SIZE, chosen, masked_pixels=masked)
        return verdict.status is Status.PASSED

    words = tell_margin(make({"gray": 1.0}, pixels, masked_pixels=masked), chosen)
    told = [
        int(number) for number in re.findall(r"\d+", words.partition("; ")[2].replace(",", ""))
    ]
    if "any visible" in words:
        assert (pixels, passes(0), passes(1)) == (0, True, False)
    elif "of" in words:
        allowed = told[1]
        assert told[0] == pixels
        assert passes(pixels)
        assert passes(allowed)
        assert allowed >= 5000 - masked or not passes(allowed + 1)
    else:
        assert told[0] == pixels
        assert not passes(pixels)
        assert passes(pixels - told[1])
        assert not passes(pixels - told[1] + 1)
