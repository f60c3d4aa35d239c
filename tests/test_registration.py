"""Pages that were moved, turned and scaled as a whole: found exactly, or refused with a reason."""

import math

import numpy as np
import pytest
from drawing import draw_glyphs
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff import Motion
from visualdiff.affine import to_affine
from visualdiff.registration import (
    Registered,
    carry_mask,
    describe,
    describe_registered,
    register,
)
from visualdiff.resampling import warp
from visualdiff.tiles import Pixels

PAGE = draw_glyphs(0)
OTHER = draw_glyphs(7)


def move(image: Pixels, right: int, down: int) -> Pixels:
    """Return an image moved in its frame; what came in is gray."""
    height, width = image.shape[:2]
    moved = np.full_like(image, 128)
    moved[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = image[
        max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return moved


def find(candidate: Pixels, how: str = "translate", baseline: Pixels = PAGE) -> Registered:
    found = register(baseline, candidate, how)  # type: ignore[arg-type]  # each in turn
    assert isinstance(found, Registered), found
    return found


@given(st.integers(-48, 48), st.integers(-48, 48))
@settings(deadline=None, max_examples=30)
def test_every_small_move_is_found_exactly(right: int, down: int) -> None:
    candidate = move(PAGE, right, down)
    if right == down == 0:
        assert register(PAGE, candidate, "translate") == ""
        return
    found = find(candidate)
    assert found.motion == Motion(dx=right, dy=down)
    assert np.array_equal(found.baseline, candidate)
    uncovered = move(np.ones_like(PAGE), right, down)[:, :, 0] == 128
    assert np.array_equal(found.uncovered, uncovered)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_layout_is_moved_as_it_is(dtype: type[np.unsignedinteger], channels: int) -> None:
    page = np.repeat(PAGE[:, :, :1], channels, axis=2).astype(dtype)
    page *= np.iinfo(dtype).max // 255
    found = find(move(page, 5, -7), baseline=page)
    assert found.motion == Motion(dx=5, dy=-7)
    assert found.baseline.dtype == dtype
    assert np.array_equal(found.baseline, move(page, 5, -7))


def test_a_change_on_a_moved_page_is_left_to_be_seen() -> None:
    candidate = move(PAGE, 9, 4)
    candidate[200:240, 100:300] = 250
    found = find(candidate)
    assert found.motion == Motion(dx=9, dy=4)
    differing = (found.baseline != candidate).any(axis=2)
    assert differing[200:240, 100:300].any()
    differing[200:240, 100:300] = False
    assert not differing.any()


def test_a_tall_page_is_aligned_by_the_part_with_most_ink() -> None:
    page = np.full((4000, 640, 3), 245, np.uint8)
    page[2600:3080] = PAGE
    assert find(move(page, -6, 31), baseline=page).motion == Motion(dx=-6, dy=31)


def test_a_page_that_changed_but_stayed_is_not_moved() -> None:
    candidate = PAGE.copy()
    candidate[100:200, 100:300] = 30
    assert register(PAGE, candidate, "translate") == ""
    assert register(PAGE, candidate, "similarity") == ""


@pytest.mark.parametrize("how", ["translate", "similarity"])
def test_a_blank_page_is_refused(how: str) -> None:
    blank = np.full_like(PAGE, 255)
    expected = "not aligned: an image of one colour shows no motion"
    assert register(PAGE, blank, how) == expected  # type: ignore[arg-type]  # each in turn
    assert register(blank, PAGE, how) == expected  # type: ignore[arg-type]  # each in turn


@pytest.mark.parametrize("how", ["translate", "similarity"])
def test_another_page_is_refused(how: str) -> None:
    found = register(PAGE, OTHER, how)  # type: ignore[arg-type]  # each in turn
    assert isinstance(found, str)
    assert found.startswith("not aligned: ")


@pytest.mark.parametrize("how", ["translate", "similarity"])
def test_images_of_two_sizes_are_refused(how: str) -> None:
    found = register(PAGE, PAGE[:-1], how)  # type: ignore[arg-type]  # each in turn
    assert found == "not aligned: sizes differ; with on_size_mismatch: crop or scale they do not"


@pytest.mark.parametrize("how", ["translate", "similarity"])
@pytest.mark.parametrize("shape", [(1, 50), (50, 1), (9, 600)])
def test_a_side_too_short_to_show_a_move_is_refused(how: str, shape: tuple[int, int]) -> None:
    height, width = shape
    strip = PAGE[30 : 30 + height, 30 : 30 + width]
    found = register(strip, np.roll(strip, 2), how)  # type: ignore[arg-type]  # each in turn
    assert found == f"not aligned: a side of {min(shape)} px is too short, wanted at least 10"


@pytest.mark.parametrize("how", ["translate", "similarity"])
def test_pages_with_ink_in_other_places_are_refused(how: str) -> None:
    tall = np.full((4000, 640, 3), 245, np.uint8)
    upper, lower = tall.copy(), tall.copy()
    upper[:100], lower[-100:] = PAGE[:100], PAGE[100:200]
    found = register(upper, lower, how)  # type: ignore[arg-type]  # each in turn
    assert isinstance(found, str)
    assert found.startswith("not aligned: ")


def test_too_large_a_move_is_refused() -> None:
    assert register(PAGE, move(PAGE, 60, 3), "translate") == (
        "not aligned: a move by (60, 3) px is too far, wanted at most 48 px"
    )


def test_a_move_that_leaves_most_of_the_difference_is_refused() -> None:
    candidate = OTHER.copy()
    candidate[:160] = move(PAGE, 12, 0)[:160]
    found = register(PAGE, candidate, "translate")
    assert isinstance(found, str)
    assert "of the difference would be left after the best motion found, (12, 0) px" in found


def test_a_motion_that_leaves_too_little_to_compare_is_refused() -> None:
    found = register(PAGE, move(PAGE, 200, 160), "similarity")
    assert isinstance(found, str)
    assert found.startswith("not aligned: only 46% of an image would be compared")


def test_a_side_too_long_to_be_warped_is_refused() -> None:
    page = np.zeros((32_001, 16, 1), np.uint8)
    page[::7] = 255
    found = register(page, np.roll(page, 1, axis=0), "similarity")
    assert found == "not aligned: a side of 32,001 px, wanted at most 32,000"


def turn(image: Pixels, motion: Motion) -> Pixels:
    return warp(image, to_affine(motion))


TURN = Motion(dx=14.0, dy=-6.0, rotation_degrees=1.5, scale=1.02)


def test_a_turned_page_is_laid_on_its_candidate() -> None:
    candidate = turn(PAGE, TURN)
    found = find(candidate, "similarity")
    assert found.motion.rotation_degrees == pytest.approx(1.5, abs=0.02)
    assert found.motion.scale == pytest.approx(1.02, abs=1e-3)
    assert (found.motion.dx, found.motion.dy) == pytest.approx((14, -6), abs=0.3)
    covered = ~found.uncovered
    assert 0.9 < covered.mean() < 1
    apart = np.abs(found.baseline.astype(int) - candidate)
    assert apart[covered].mean() < 2
    assert not apart[found.uncovered].any()


def test_a_move_by_nearly_whole_pixels_is_not_interpolated() -> None:
    found = find(move(PAGE, 30, -20), "similarity")
    assert found.motion == Motion(dx=30, dy=-20)
    assert np.array_equal(found.baseline, move(PAGE, 30, -20))


def test_masks_go_where_what_they_cover_goes() -> None:
    mask = np.zeros(PAGE.shape[:2], np.bool_)
    mask[100:120, 50:90] = True
    mask[:, :10] = True
    assert np.array_equal(
        carry_mask(mask, Motion(dx=7, dy=-3)),
        move(mask[:, :, np.newaxis].astype(np.uint8), 7, -3)[:, :, 0] == 1,
    )
    turned = carry_mask(mask, TURN)
    x, y = to_affine(TURN).move(70, 110)
    assert turned[int(y), int(x)]
    assert turned.mean() == pytest.approx(mask.mean() * TURN.scale**2, rel=0.2)


def test_motions_are_told() -> None:
    assert describe(Motion(dx=3, dy=-2)) == "(3, -2) px"
    assert describe(Motion(dx=3.25, dy=0, rotation_degrees=-1.5, scale=1.02)) == (
        "a rotation by 1.50° counterclockwise, a scale of 1.0200 and a move by (3.2, 0.0) px"
    )


@pytest.mark.parametrize(
    ("right", "down", "words"),
    [
        (3, -2, "3 columns at the left and 2 rows at the bottom could not be compared"),
        (-1, 0, "1 column at the right could not be compared"),
        (0, 1, "1 row at the top could not be compared"),
    ],
)
def test_what_has_no_counterpart_is_told(right: int, down: int, words: str) -> None:
    told = describe_registered(find(move(PAGE, right, down)))
    assert told == f"aligned by ({right}, {down}) px; {words}"


def test_what_a_turned_page_leaves_out_is_told_of_both_images() -> None:
    found = find(turn(PAGE, TURN), "similarity")
    share = 100 * found.uncovered.mean()
    lost = 100 - (100 - share) / found.motion.scale**2
    assert describe_registered(found).endswith(
        f"; {share:.1f} % of the candidate and {lost:.1f} % of the baseline could not be compared"
    )
    assert math.isclose(lost - share, 100 * (1 - 1 / 1.02**2), abs_tol=0.5)
