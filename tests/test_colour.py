from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.color import deltaE_ciede94, rgb2lab

from visualdiff.colour import measure_colour_difference

Colour = tuple[int, ...]


def to_lab(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rgb2lab(colours))


def compute_cie94(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return CIE94 as CIE 116-1995 prints it, of two RGB colours in 0..1."""
    (l_1, a_1, b_1), (l_2, a_2, b_2) = to_lab(first).tolist(), to_lab(second).tolist()
    c_1, c_2 = (a_1**2 + b_1**2) ** 0.5, (a_2**2 + b_2**2) ** 0.5
    chroma = (c_1 * c_2) ** 0.5
    hue_2 = max((a_1 - a_2) ** 2 + (b_1 - b_2) ** 2 - (c_1 - c_2) ** 2, 0.0)
    return float(
        (
            (l_1 - l_2) ** 2
            + ((c_1 - c_2) / (1 + 0.045 * chroma)) ** 2
            + hue_2 / (1 + 0.015 * chroma) ** 2
        )
        ** 0.5
    )


def measure_one(first: Colour, second: Colour, depth: Any = np.uint8) -> float:
    pair = (np.array([first], depth), np.array([second], depth))
    return float(measure_colour_difference(*pair)[0])


levels = st.integers(0, 255)
rgb_colours = st.tuples(levels, levels, levels)


@given(first=rgb_colours, second=rgb_colours)
@settings(deadline=None, max_examples=300)
def test_the_colour_difference_is_that_of_the_standard(first: Colour, second: Colour) -> None:
    expected = compute_cie94(np.array(first) / 255, np.array(second) / 255)
    # Single precision, which the root of a gray's tiny chroma magnifies.
    assert measure_one(first, second) == pytest.approx(expected, rel=1e-3, abs=0.01)


@given(first=rgb_colours, shift=st.tuples(*[st.integers(-3, 3)] * 3))
@settings(deadline=None, max_examples=200)
def test_near_colours_differ_as_scikit_image_says(first: Colour, shift: Colour) -> None:
    second = tuple(np.clip(np.add(first, shift), 0, 255).tolist())
    labs = [to_lab(np.array(colour) / 255) for colour in (first, second)]
    # It weighs by the chroma of the first colour alone, so only near colours come out alike.
    expected = float(deltaE_ciede94(*labs))  # type: ignore[no-untyped-call]  # it has no types
    assert measure_one(first, second) == pytest.approx(expected, rel=0.2, abs=0.01)


@given(first=rgb_colours, second=rgb_colours)
@settings(deadline=None, max_examples=100)
def test_the_colour_difference_is_symmetric(first: Colour, second: Colour) -> None:
    assert measure_one(first, second) == measure_one(second, first)


@given(colour=st.tuples(levels, levels, levels, levels))
@settings(deadline=None, max_examples=50)
def test_a_colour_does_not_differ_from_itself(colour: Colour) -> None:
    assert measure_one(colour, colour) == 0
    assert measure_one(colour[:3], colour[:3]) == 0
    assert measure_one(colour[:1], colour[:1]) == 0


@given(first=rgb_colours, second=rgb_colours)
@settings(deadline=None, max_examples=60)
def test_sixteen_bits_hold_the_same_colours_as_eight(first: Colour, second: Colour) -> None:
    deep = [tuple(257 * level for level in colour) for colour in (first, second)]
    assert measure_one(deep[0], deep[1], np.uint16) == pytest.approx(
        measure_one(first, second), abs=1e-3
    )


@given(first=levels, second=levels)
@settings(deadline=None, max_examples=60)
def test_gray_is_a_colour_with_three_equal_channels(first: int, second: int) -> None:
    assert measure_one((first,), (second,)) == measure_one((first,) * 3, (second,) * 3)


rgba_colours = st.tuples(levels, levels, levels, levels)


@given(first=rgba_colours, second=rgba_colours)
@settings(deadline=None, max_examples=200)
def test_translucent_colours_are_judged_on_the_worse_of_black_and_white(
    first: Colour, second: Colour
) -> None:
    expected = []
    for background in (0.0, 1.0):
        over = [
            np.array(colour[:3]) / 255 * colour[3] / 255 + background * (1 - colour[3] / 255)
            for colour in (first, second)
        ]
        expected.append(compute_cie94(*over))
    assert measure_one(first, second) == pytest.approx(max(expected), rel=1e-3, abs=0.01)


def test_black_and_white_are_a_hundred_apart() -> None:
    assert measure_one((0, 0, 0), (255, 255, 255)) == pytest.approx(100, abs=1e-3)


def test_a_list_of_colours_is_measured_one_by_one() -> None:
    first = np.array([[0, 0, 0], [9, 9, 9], [255, 0, 0]], np.uint8)
    second = np.array([[255, 255, 255], [9, 9, 9], [0, 0, 255]], np.uint8)
    expected = [measure_one(*pair) for pair in zip(first.tolist(), second.tolist(), strict=True)]
    assert measure_colour_difference(first, second).tolist() == pytest.approx(expected)
    assert measure_colour_difference(first[:0], second[:0]).shape == (0,)
