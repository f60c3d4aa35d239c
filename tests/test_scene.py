import numpy as np
import pytest
from numpy.typing import NDArray

from visualdiff.scene import Scene, find_commonest, find_extent, look, sum_difference
from visualdiff.tiles import Tile

PAGE = Tile(0, 60, 0, 80)


def draw(background: int = 200, *boxes: Tile) -> NDArray[np.uint8]:
    page = np.full((60, 80, 3), background, np.uint8)
    for box in boxes:
        box.crop(page)[...] = 20
    return page


def see(baseline: NDArray[np.uint8], candidate: NDArray[np.uint8], box: Tile) -> Scene:
    return look(baseline, candidate, (baseline != candidate).any(axis=2), box, 1 << 18)


def test_ink_is_what_stands_out_from_what_lies_around_the_box() -> None:
    dot = Tile(20, 24, 30, 36)
    scene = see(draw(), draw(200, dot), Tile(18, 26, 28, 40))
    assert not scene.ink_before.any()
    assert find_extent(scene.ink_after) == dot.move(-18, -28)
    assert np.count_nonzero(scene.ink_after) == dot.area
    assert scene.paper.tolist() == [200, 200, 200]
    assert scene.is_calm


def test_a_gradient_is_background_as_it_goes_on_beyond_two_sides() -> None:
    page = np.repeat(np.arange(80, dtype=np.uint8)[None, :, None] * 3, 60, axis=0)
    page = np.repeat(page, 3, axis=2)
    marked = page.copy()
    marked[25:30, 30:40] = 255
    scene = see(page, marked, Tile(20, 35, 25, 45))
    assert not scene.ink_before.any()
    assert np.count_nonzero(scene.ink_after) == 50
    assert not scene.is_calm


def test_what_goes_on_beyond_one_side_only_is_ink() -> None:
    # A neighbour as dark as the box touches it on the right.
    page = draw(200, Tile(0, 60, 41, 80))
    marked = draw(200, Tile(0, 60, 41, 80), Tile(20, 30, 30, 40))
    scene = see(page, marked, Tile(20, 30, 30, 40))
    assert scene.ink_after.all()
    assert not scene.ink_before.any()


@pytest.mark.parametrize("box", [Tile(30, 31, 10, 60), Tile(10, 50, 30, 33)], ids=str)
def test_a_line_is_held_against_its_long_sides(box: Tile) -> None:
    # It is faint, and goes on at its ends.
    across = box._replace(left=0, right=80) if box.bottom - box.top < 4 else box
    line = across if across != box else box._replace(top=0, bottom=60)
    page = draw(200)
    line.crop(page)[...] = 194
    scene = see(draw(200), page, box)
    assert scene.is_line
    assert scene.ink_after.all()
    assert not scene.ink_before.any()


def test_a_whole_page_is_held_against_its_own_edges() -> None:
    scene = see(draw(), draw(200, Tile(20, 30, 30, 40)), PAGE)
    assert not scene.ink_before.any()
    assert np.count_nonzero(scene.ink_after) == 100


def test_a_large_box_is_looked_at_through_a_grid() -> None:
    page = draw(200, Tile(20, 40, 20, 60))
    scene = look(draw(), page, np.ones((60, 80), np.bool_), PAGE, 400)
    assert scene.step == 4
    assert scene.visible.shape == scene.ink_after.shape == (15, 20)
    assert find_extent(scene.ink_after) == Tile(5, 10, 5, 15)


def test_the_commonest_colour_comes_with_its_share() -> None:
    colours = np.array([[1, 2, 3], [4, 5, 6], [1, 2, 3], [1, 2, 4]], np.uint8)
    commonest, share = find_commonest(colours)
    assert commonest.tolist() == [1, 2, 3]
    assert share == 0.5


def test_an_empty_mask_has_no_extent() -> None:
    assert find_extent(np.zeros((3, 4), np.bool_)) is None


def test_a_difference_is_summed_over_channels_within_a_mask() -> None:
    first, second = draw(200), draw(200, Tile(0, 2, 0, 3))
    assert sum_difference(first, second) == 6 * 3 * 180
    mask = np.zeros((60, 80), np.bool_)
    mask[0, :2] = True
    assert sum_difference(first, second, mask) == 2 * 3 * 180
