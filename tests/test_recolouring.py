import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from visualdiff.outlines import find_outlines
from visualdiff.recolouring import find_fading, find_new_ground, find_recolouring, measure_change
from visualdiff.scene import Scene, look
from visualdiff.tiles import Tile

PAPER, INK, RED = (250, 250, 250), (20, 30, 40), (200, 30, 30)
Colour = tuple[int, int, int]


def draw(ink: Colour, ground: Colour = PAPER, words: str = "Details") -> NDArray[np.uint8]:
    """Return a page with a button and a smooth text on it."""
    page = np.full((90, 260, 3), PAPER, np.uint8)
    page[20:70, 20:240] = ground
    cv2.putText(page, words, (40, 56), cv2.FONT_HERSHEY_SIMPLEX, 1.1, ink, 2, cv2.LINE_AA)
    return page


def see(baseline: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> Scene:
    visible = (baseline != candidate).any(axis=2)
    return look(baseline, candidate, visible, Tile(20, 70, 20, 240), 1 << 18)


def test_smooth_text_of_another_colour_tells_the_colour_where_it_covers_pixels() -> None:
    assert find_recolouring(see(draw(INK), draw(RED))) == ("#141e28", "#c81e1e")


def test_a_ground_of_another_colour_tells_it_though_the_text_stays() -> None:
    scene = see(draw(INK, (225, 225, 240)), draw(INK, (225, 240, 225)))
    assert find_recolouring(scene) == ("#e1e1f0", "#e1f0e1")


def test_another_text_is_not_recoloured() -> None:
    assert find_recolouring(see(draw(INK), draw(INK, words="Deposit"))) is None
    assert find_recolouring(see(draw(INK), draw(RED, words="Deposit"))) is None


def test_a_flat_block_for_a_text_is_not_recoloured() -> None:
    assert find_recolouring(see(draw(INK), draw(RED, RED))) is None


def test_a_block_that_covers_mostly_paper_is_not_recoloured_paper() -> None:
    before = draw(PAPER)
    before[20:22, 20:24] = INK
    after = draw(PAPER)
    after[20:70, 20:240] = RED
    assert find_recolouring(see(before, after)) is None


def test_a_few_pixels_are_too_few_for_a_rule() -> None:
    before, after = draw(PAPER), draw(PAPER)
    cover = np.linspace(0, 1, 80).reshape(4, 20, 1)
    for page, colour in ((before, INK), (after, RED)):
        page[30:34, 30:50] = np.rint((1 - cover) * page[30:34, 30:50] + cover * np.array(colour))
    visible = (before != after).any(axis=2)
    few, enough = (look(before, after, visible, Tile(30, 34, 30, x), 1 << 18) for x in (40, 50))
    assert find_recolouring(few) is None
    assert find_recolouring(enough) is not None


def blend(page: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    return np.asarray(np.rint(share * page + (1 - share) * np.array(PAPER)), np.uint8)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_fading_tells_the_factor(share: float) -> None:
    page = draw(INK, RED)
    faded = find_fading(see(page, blend(page, share)))
    assert faded == pytest.approx(share, abs=0.02)
    restored = find_fading(see(blend(page, share), page))
    assert restored == pytest.approx(1 / share, rel=0.03)


def test_one_colour_that_faded_may_as_well_be_another_colour() -> None:
    page = draw(INK)
    assert find_fading(see(page, blend(page, 0.6))) is None


def test_two_colours_that_changed_on_their_own_did_not_fade() -> None:
    assert find_fading(see(draw(INK, RED), draw((90, 80, 70), (30, 30, 200)))) is None


def test_a_negative_did_not_fade() -> None:
    page = np.full((90, 260, 3), 128, np.uint8)
    page[20:70, 20:120] = RED
    page[20:70, 120:240] = (40, 60, 90)
    negative = np.asarray(256 - page.astype(int), np.uint8)
    assert find_fading(see(page, negative)) is None


def test_the_change_is_that_of_most_pixels_in_the_channel_that_changed_most() -> None:
    assert measure_change(see(draw(INK, (200, 200, 200)), draw(INK, (200, 190, 203)))) == 10
    assert measure_change(see(draw(INK), draw(INK))) == 0


def test_outlines_are_where_neighbours_differ_clearly() -> None:
    page = np.full((9, 9, 3), 100, np.uint8)
    page[:, 5:] = 124
    assert not find_outlines(page).any()
    page[:, 5:, 1] = 125
    assert np.flatnonzero(find_outlines(page).any(axis=0)).tolist() == [4, 5]


def test_two_colours_that_swapped_are_no_recolouring() -> None:
    halves = draw(PAPER), draw(PAPER)
    for page, colours in zip(halves, ((INK, RED), (RED, INK)), strict=True):
        page[20:60, 20:60], page[20:60, 60:100] = colours
    assert find_recolouring(see(*halves)) is None


def test_a_gradient_in_another_shade_has_no_one_colour() -> None:
    slope = np.linspace(20, 220, 200)[np.newaxis, :, np.newaxis]
    before, after = draw(PAPER), draw(PAPER)
    before[20:60, 20:220] = np.rint(slope)
    after[20:60, 20:220] = np.rint(slope + np.array([20, 20, 30]) - 0.05 * slope)
    assert find_recolouring(see(before, after)) is None


def draw_label(ground: tuple[int, ...], words: str) -> NDArray[np.uint8]:
    page = draw(PAPER)
    page[10:40, 10:290] = ground
    cv2.putText(page, words, (110, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
    return page


def test_a_wide_button_with_another_word_is_not_only_recoloured() -> None:
    before = draw_label(INK, "Save")
    assert find_recolouring(see(before, draw_label(RED, "Save"))) == ("#141e28", "#c81e1e")
    scene = see(before, draw_label(RED, "Drop"))
    assert find_recolouring(scene) is None
    assert find_new_ground(scene) == ("#141e28", "#c81e1e")


def test_a_word_on_the_page_has_no_ground_of_its_own() -> None:
    before, after = draw_label(PAPER, ""), draw_label(RED, "Drop")
    assert find_new_ground(see(before, after)) is None
    dot = draw(PAPER)
    dot[30:33, 30:33] = RED
    assert find_new_ground(see(draw(PAPER), dot)) is None
