"""The score of each rectangle of focus, and what it means for the verdict."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from visualdiff import Comparison, compare_images
from visualdiff.tiles import Pixels

STRICT = {"tolerance": 0, "antialiasing": "count", "align": "none", "max_diff_ratio": 1}


def draw_page() -> Pixels:
    return np.random.default_rng(5).integers(100, 160, (60, 90, 3), np.uint8)


def area(x: Any, y: Any, width: Any, height: Any, **more: Any) -> dict[str, Any]:
    return {"x": x, "y": y, "width": width, "height": height, **more}


def compare(candidate: Pixels, *focus: dict[str, Any], **more: Any) -> Comparison:
    return compare_images(draw_page(), candidate, focus=focus, **(STRICT | more))


@given(
    seed=st.integers(0, 2**32 - 1),
    left=st.integers(0, 80),
    top=st.integers(0, 50),
    width=st.integers(1, 90),
    height=st.integers(1, 60),
)
@settings(deadline=None, max_examples=60)
def test_a_score_is_the_mean_over_the_windows_around_its_pixels(
    seed: int, left: int, top: int, width: int, height: int
) -> None:
    rng = np.random.default_rng(seed)
    baseline, candidate = draw_page(), draw_page()
    changed = rng.random((60, 90)) < 0.05
    candidate[changed] ^= 64
    inside = np.zeros((60, 90), np.bool_)
    inside[top : top + height, left : left + width] = True
    counted = inside.copy()
    counted[:3] = counted[-3:] = counted[:, :3] = counted[:, -3:] = False
    (score,) = compare(candidate, area(left, top, width, height)).focus
    assert score.diff_pixels == np.count_nonzero(changed & inside)
    if not counted.any():
        return  # a strip at the border: see the tests of SSIM
    neutral = np.where(inside[:, :, None], candidate, baseline)
    for channel, name in enumerate(("red", "green", "blue")):
        _, similarities = structural_similarity(  # type: ignore[no-untyped-call]  # it has no types
            baseline[..., channel].astype(float), neutral[..., channel], data_range=255, full=True
        )
        expected = similarities[counted].mean()
        assert score.channels[name] == pytest.approx(expected, abs=1e-6)
    assert score.score == min(score.channels.values())


def test_each_rectangle_is_judged_by_its_own_threshold_or_the_pairs() -> None:
    candidate = draw_page()
    candidate[10:20, 10:20] ^= 64
    candidate[40:50, 60:70] ^= 64
    areas = area(5, 5, 30, 30, threshold=0.1), area(50, 35, 30, 20)
    found = compare(candidate, *areas, threshold=0.8)
    first, second = found.focus
    assert (first.threshold, first.passed) == (0.1, True)
    assert (second.threshold, second.passed) == (0.8, False)
    (reason,) = found.reasons
    assert reason.startswith("focus[1] (30×20 px at (50, 35)): score 0.")
    assert "< threshold 0.8" in reason
    # What the whole must reach, by which every score is shown, is the lowest of them.
    assert found.threshold == 0.1
    assert compare(candidate, *areas, threshold=second.score).passed


def test_what_differs_elsewhere_does_not_count() -> None:
    candidate = draw_page()
    candidate[40:] ^= 64
    found = compare(candidate, area(0, 0, "100%", 37), max_diff_ratio=None)
    assert found.passed
    assert found.score == 1
    assert found.ignored_pixels.masked == 20 * 90
    assert found.masked_pixels == 23 * 90


def test_the_channels_are_those_of_all_rectangles_together() -> None:
    candidate = draw_page()
    candidate[10:20, 10:20] ^= 64
    found = compare(candidate, area(5, 5, 30, 30), area(50, 35, 30, 20))
    first, second = found.focus
    together = (first.score * 900 + second.score * 600) / 1500
    assert second.score == 1
    assert found.score == pytest.approx(together, abs=0.01)


def test_equal_images_have_scores_too() -> None:
    (score,) = compare(draw_page(), area(-9, -9, 9, 9, threshold=1)).focus
    assert (score.x, score.y, score.score, score.passed) == (81, 51, 1.0, True)


@pytest.mark.parametrize("x", [0, 60])
def test_a_focus_that_the_candidate_lacks_in_part_fails(x: int) -> None:
    found = compare_images(draw_page(), draw_page()[:40], focus=[area(x, 30, 20, 20)])
    assert not found.passed
    assert found.focus[0].diff_pixels == 10 * 20
    assert not found.focus[0].passed
