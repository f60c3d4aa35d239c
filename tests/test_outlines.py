"""Where colours meet, and whether they still meet there."""

import numpy as np
import pytest
from drawing import BLUE_600, INK, PAPER, draw, rectangle, text

from visualdiff.outlines import find_outlines, keeps_outlines
from visualdiff.scene import Scene, look
from visualdiff.tiles import Pixels, Tile

WHITE, RED = (255, 255, 255), (220, 38, 38)


def see(before: Pixels, after: Pixels) -> Scene:
    visible = (before != after).any(axis=2)
    rows, columns = (np.flatnonzero(visible.any(axis=axis)) for axis in (1, 0))
    box = Tile(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
    return look(before, after, visible, box, 1 << 18)


def button(ground: tuple[int, ...], ink: tuple[int, ...], words: str = "Pay now") -> Pixels:
    return draw(rectangle(100, 100, 160, 40, ground), text(120, 128, words, ink))


def test_a_recoloured_button_keeps_its_outlines() -> None:
    assert keeps_outlines(see(button(BLUE_600, WHITE), button(RED, WHITE)))


def test_a_border_that_melts_into_the_page_leaves_the_outlines_inside() -> None:
    assert keeps_outlines(see(button(BLUE_600, WHITE), button(PAPER, BLUE_600)))


@pytest.mark.parametrize("words", ["", "Delete all"])
def test_another_label_has_other_outlines(words: str) -> None:
    assert not keeps_outlines(see(button(BLUE_600, WHITE), button(PAPER, INK, words)))


def test_a_flat_block_that_comes_keeps_nothing() -> None:
    assert not keeps_outlines(see(draw(), draw(rectangle(100, 100, 160, 40, RED))))


def test_a_box_too_small_for_an_inside_is_judged_as_a_whole() -> None:
    assert not keeps_outlines(see(draw(), draw(rectangle(100, 100, 9, 9, RED))))


def test_corners_that_were_squared_do_not_keep_their_outlines_for_a_text_inside() -> None:
    square = button((170, 230, 190), INK)
    clipped = square.copy()
    for rows in (slice(100, 108), slice(132, 140)):
        clipped[rows, 100:108] = clipped[rows, 252:260] = PAPER
    assert not keeps_outlines(see(clipped, square))


def test_a_shade_is_no_outline() -> None:
    page = draw(rectangle(100, 100, 50, 50, tuple(level - 20 for level in PAPER)))
    assert not find_outlines(page).any()
