"""Which pixels of a change are its smooth rim: those of round corners, and nothing else."""

import cv2
import numpy as np
from drawing import BLUE_600, draw_round_button, text
from numpy.typing import NDArray

from visualdiff.rim import leave_out_rim

RED_600, WHITE = (220, 38, 38), (255, 255, 255)


def look(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], ...]:
    """Return what differs, and of that what is left without its rim."""
    visible = (before != after).any(axis=2)
    rgba = (
        np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2RGBA), np.uint8) for page in (before, after)
    )
    first, second = rgba
    return visible, leave_out_rim(first, second, visible)


def test_of_a_round_button_what_is_not_blended_is_left() -> None:
    cores = []
    for paper in (WHITE, (243, 244, 246), (17, 24, 39), (254, 243, 199)):
        pages = draw_round_button(BLUE_600, paper), draw_round_button(RED_600, paper)
        visible, core = look(*pages)
        assert 12 <= np.count_nonzero(visible & ~core) <= 80
        assert (pages[0][core] == BLUE_600).all()
        assert np.array_equal(core, (pages[0] == BLUE_600).all(axis=2))
        cores.append(core)


def test_another_radius_is_another_core() -> None:
    six, eight = (
        look(
            draw_round_button(BLUE_600, WHITE, radius), draw_round_button(RED_600, WHITE, radius)
        )[1]
        for radius in (6, 8)
    )
    assert not np.array_equal(six, eight)


def test_a_border_between_the_colours_of_both_sides_is_no_rim() -> None:
    pages = []
    for colour, border in ((BLUE_600, (147, 177, 245)), (RED_600, (238, 147, 147))):
        page = np.full((60, 120, 3), 255, np.uint8)
        cv2.rectangle(page, (10, 10), (99, 49), colour, -1)
        cv2.rectangle(page, (10, 10), (99, 49), border)
        pages.append(page)
    visible, core = look(*pages)
    assert np.array_equal(visible, core)


def test_a_dot_at_the_edge_is_no_rim() -> None:
    pages = [draw_round_button(colour, WHITE) for colour in (BLUE_600, RED_600)]
    pages[1][15, 60] = (22, 163, 74)
    visible, core = look(*pages)
    assert visible[15, 60]
    assert core[15, 60]


def test_letters_are_no_rim_on_a_button_nor_alone() -> None:
    pages = [draw_round_button(colour, WHITE) for colour in (BLUE_600, RED_600)]
    plain = look(*pages)[1]
    for page in pages:
        text(30, 40, "Buy", WHITE)(page)
    visible, core = look(*pages)
    assert np.array_equal(core, plain & visible)
    alone = [np.full((66, 120, 3), 255, np.uint8) for _ in range(2)]
    for page, colour in zip(alone, (BLUE_600, RED_600), strict=True):
        text(30, 40, "Buy now", colour)(page)
    visible, core = look(*alone)
    assert np.array_equal(visible, core)


def test_what_reaches_the_border_of_the_image_ends_there() -> None:
    pages = [draw_round_button(colour, WHITE)[15:51, 15:105] for colour in (BLUE_600, RED_600)]
    visible, core = look(*pages)
    assert 12 <= np.count_nonzero(visible & ~core) <= 80
