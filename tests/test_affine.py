"""Maps of places: composed of a scale, a rotation and a move, and taken back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualdiff import Motion
from visualdiff.affine import to_affine

motions = st.builds(
    Motion,
    dx=st.floats(-500, 500),
    dy=st.floats(-500, 500),
    rotation_degrees=st.floats(-180, 180),
    scale=st.floats(0.5, 2),
)
places = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000))


def test_a_move_takes_the_corner_to_the_right_and_down() -> None:
    assert to_affine(Motion(dx=3, dy=-2)).move(10, 20) == (13, 18)


def test_a_rotation_is_clockwise_as_seen_on_a_screen() -> None:
    # What lies to the right of the corner goes down.
    assert to_affine(Motion(dx=0, dy=0, rotation_degrees=90)).move(5, 0) == pytest.approx((0, 5))


def test_the_corner_is_moved_after_it_was_scaled_and_turned() -> None:
    motion = Motion(dx=10, dy=20, rotation_degrees=90, scale=2)
    assert to_affine(motion).move(0, 0) == (10, 20)
    assert to_affine(motion).move(5, 0) == pytest.approx((10, 30))


@given(motions, places)
def test_the_inverse_takes_every_place_back(motion: Motion, place: tuple[float, float]) -> None:
    affine = to_affine(motion)
    assert affine.invert().move(*affine.move(*place)) == pytest.approx(place, abs=1e-6)


@given(motions)
def test_the_scale_is_that_of_the_motion(motion: Motion) -> None:
    assert to_affine(motion).scale == pytest.approx(motion.scale)


@pytest.mark.parametrize("degrees", [0, 90, -90, 180])
def test_a_box_that_was_turned_by_right_angles_keeps_its_size(degrees: float) -> None:
    motion = Motion(dx=100, dy=100, rotation_degrees=degrees)
    _, _, width, height = to_affine(motion).move_box(5, 6, 10, 20)
    assert (width, height) == ((20, 10) if degrees in (90, -90) else (10, 20))


def test_a_box_that_was_turned_becomes_the_box_around_it() -> None:
    affine = to_affine(Motion(dx=50.5, dy=0, rotation_degrees=45))
    left, _, width, height = affine.move_box(0, 0, 10, 10)
    assert left == math.floor(50.5 - 10 * math.sqrt(0.5))
    assert (width, height) == (15, 15)
