"""How a page was turned and scaled, and why that cannot be told."""

import math

import numpy as np
import pytest
from drawing import draw_glyphs
from numpy.typing import NDArray

from visualdiff.affine import Affine
from visualdiff.keypoints import find_similarity
from visualdiff.resampling import warp

Luma = NDArray[np.uint8]


def draw_page(seed: int = 0, width: int = 640, height: int = 480) -> Luma:
    return np.ascontiguousarray(draw_glyphs(seed, width, height)[:, :, 0])


PAGE = draw_page()


def turn(image: Luma, degrees: float, scale: float, right: float, down: float) -> Luma:
    angle = math.radians(degrees)
    affine = Affine(scale * math.cos(angle), scale * math.sin(angle), right, down)
    return np.asarray(warp(image[:, :, np.newaxis], affine)[:, :, 0], np.uint8)


@pytest.mark.parametrize(
    ("degrees", "scale", "right", "down"),
    [(0, 1, 12.5, -3), (1.5, 1.02, 5, -7), (-8, 0.8, 60, 80), (3, 1.6, -90, -50), (90, 1, 480, 0)],
)
def test_a_known_motion_is_found(degrees: float, scale: float, right: float, down: float) -> None:
    found = find_similarity(PAGE, turn(PAGE, degrees, scale, right, down))
    assert isinstance(found, Affine)
    assert found.scale == pytest.approx(scale, abs=1e-3)
    assert math.degrees(math.atan2(found.b, found.a)) == pytest.approx(degrees, abs=0.05)
    assert found.move(320, 240) == pytest.approx(
        Affine(
            scale * math.cos(math.radians(degrees)),
            scale * math.sin(math.radians(degrees)),
            right,
            down,
        ).move(320, 240),
        abs=0.15,
    )


def test_a_large_page_is_looked_at_made_small() -> None:
    page = draw_page(1, 1600, 2400)
    found = find_similarity(page, turn(page, 1, 1.01, 9, 4))
    assert isinstance(found, Affine)
    expected = Affine(1.01 * math.cos(math.pi / 180), 1.01 * math.sin(math.pi / 180), 9, 4)
    for corner in ((0, 0), (1600, 0), (0, 2400), (1600, 2400)):
        assert found.move(*corner) == pytest.approx(expected.move(*corner), abs=0.6)


def test_the_same_fit_is_found_each_time() -> None:
    turned = turn(PAGE, 2, 1, 0, 0)
    assert find_similarity(PAGE, turned) == find_similarity(PAGE, turned)


@pytest.mark.parametrize("blank", [0, 1, 2])
def test_a_blank_page_has_no_keypoints(blank: int) -> None:
    pages = [PAGE, PAGE]
    for place in {0: (0,), 1: (1,), 2: (0, 1)}[blank]:
        pages[place] = np.full_like(PAGE, 255)
    assert find_similarity(*pages) == "only 0 keypoints are found in both images"


def test_another_page_has_too_few_keypoints_in_common() -> None:
    found = find_similarity(PAGE, draw_page(7))
    assert isinstance(found, str)
    assert "keypoints" in found or "scale" in found


def test_a_part_of_a_page_does_not_tell_where_the_rest_went() -> None:
    other = draw_page(7)
    other[20:130, 20:130] = PAGE[30:140, 40:150]
    found = find_similarity(PAGE, other)
    assert isinstance(found, str)
    assert "of the page, wanted at least 5%" in found or "agree on one motion" in found


def test_a_page_three_times_as_large_is_refused() -> None:
    found = find_similarity(PAGE, turn(PAGE, 0, 2.6, 0, 0))
    assert found == "the best fit has a scale of 2.6, wanted 0.5 to 2"
