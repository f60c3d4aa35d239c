import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from visualdiff.motion import (
    find_move,
    find_sizes,
    has_new_ink,
    has_received,
    may_have_moved,
)
from visualdiff.scene import Scene, find_extent, look
from visualdiff.tiles import Tile

PAGE = Tile(5, 95, 5, 155)
RNG = np.random.default_rng(11)
MARKS = RNG.integers(0, 160, (8, 20, 3), dtype=np.uint8)


def draw(*places: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a page with marks at (row, column)s."""
    page = np.full((100, 160, 3), 245, np.uint8)
    for row, column in places:
        page[row : row + 8, column : column + 20] = MARKS
    return page


def see(
    baseline: NDArray[np.uint8],
    candidate: NDArray[np.uint8],
    box: Tile = PAGE,
    most_pixels: int = 1 << 18,
) -> Scene:
    return look(baseline, candidate, (baseline != candidate).any(axis=2), box, most_pixels)


@given(rows=st.integers(-30, 30), columns=st.integers(-50, 50))
@settings(deadline=None, max_examples=60)
def test_the_way_of_a_move_is_exact(rows: int, columns: int) -> None:
    scene = see(draw((45, 70)), draw((45 + rows, 70 + columns)))
    expected = (rows, columns) if (rows, columns) != (0, 0) else None
    assert find_move(scene) == expected


def test_a_move_that_another_one_goes_with_is_no_move() -> None:
    assert find_move(see(draw((20, 20), (60, 60)), draw((24, 20), (60, 70)))) is None


def test_where_one_of_several_is_gone_the_others_have_not_just_moved() -> None:
    # A list of which the second item is gone: the others stand where those above them stood.
    before, after = (
        draw_list(items) for items in (("one", "two", "three", "four"), ("one", "three", "four"))
    )
    assert find_move(see(before, after, Tile(34, 82, 20, 46))) is None


def draw_list(items: tuple[str, ...]) -> NDArray[np.uint8]:
    image = Image.new("RGB", (200, 120), (255, 255, 255))
    for row, item in enumerate(items):
        ImageDraw.Draw(image).text((20, 12 + 20 * row), item, fill=(0, 0, 0))
    return np.array(image)


def test_a_move_is_not_said_where_not_every_pixel_was_looked_at() -> None:
    before, after = draw((40, 40)), draw((44, 40))
    assert find_move(see(before, after)) == (4, 0)
    assert find_move(see(before, after, most_pixels=4000)) is None


def test_what_only_came_has_not_moved() -> None:
    scene = see(draw(), draw((40, 40)))
    assert not may_have_moved(scene)
    assert find_move(scene) is None


def test_other_marks_of_the_same_size_have_not_moved_here() -> None:
    after = draw()
    after[44:52, 60:80] = MARKS[::-1, ::-1]
    assert find_move(see(draw((40, 40)), after)) is None


def test_faint_changes_resemble_each_other_everywhere_but_have_not_moved() -> None:
    rng = np.random.default_rng(2)
    before, after = draw(), draw()
    for page, left in ((before, 30), (after, 36)):
        page[40:60, left : left + 60] = rng.integers(222, 232, (20, 60, 1), dtype=np.uint8)
    assert find_move(see(before, after)) is None


def test_a_box_receives_what_is_gone_from_another_one() -> None:
    before, after = draw((10, 10)), draw((80, 120))
    old, new = (see(before, after, Tile(y, y + 8, x, x + 20)) for y, x in ((10, 10), (80, 120)))
    assert has_received(new, old)
    assert not has_received(old, new)


def test_a_box_may_receive_it_over_something_else() -> None:
    before, after = draw((10, 10)), draw((80, 120))
    for page in (before, after):
        page[82, 118:142] = 0
    old, new = (see(before, after, Tile(y, y + 8, x, x + 20)) for y, x in ((10, 10), (80, 120)))
    assert has_received(new, old)


@pytest.mark.parametrize("change", ["another size", "other marks", "a speck"])
def test_a_box_has_not_received_anything_else(change: str) -> None:
    before, after = draw((10, 10)), draw((80, 120))
    height, width = (8, 19) if change == "another size" else (8, 20)
    if change == "other marks":
        after[80:88, 120:140] = MARKS[::-1]
    if change == "a speck":
        before[10:18, 10:30] = after[80:88, 120:140] = 245
        before[10:13, 10:13] = after[80:83, 120:123] = 0
    old = see(before, after, Tile(10, 18, 10, 30))
    new = see(before, after, Tile(80, 80 + height, 120, 120 + width))
    assert not has_received(new, old)


@pytest.mark.parametrize(("words", "is_new"), [("1,284", False), ("1,234", True)])
def test_ink_is_new_where_it_is_not_only_smoothed_otherwise(words: str, is_new: bool) -> None:
    before, after = draw(), draw()
    for page, text in ((before, "1,284"), (after, words)):
        cv2.putText(page, text, (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2)
    # By a third of a pixel.
    shift = np.array([[1, 0, 0.33], [0, 1, 0]], np.float32)
    after = np.asarray(cv2.warpAffine(after, shift, (160, 100), borderValue=(245,) * 3), np.uint8)
    changed = (before.astype(int) - after).max(axis=2) > (120 if is_new else 20)
    box = find_extent(changed)
    assert box
    assert has_new_ink(see(before, after, box)) is is_new


def scaled(size: tuple[int, int]) -> NDArray[np.uint8]:
    shape = np.full((24, 48, 3), 30, np.uint8)
    shape[8:16, 12:36] = (220, 60, 60)
    page = draw()
    page[30 : 30 + size[1], 40 : 40 + size[0]] = cv2.resize(shape, size)
    return page


def test_the_sizes_of_what_was_scaled_are_exact() -> None:
    assert find_sizes(see(scaled((48, 24)), scaled((60, 30)))) == ((48, 24), (60, 30))
    assert find_sizes(see(scaled((60, 30)), scaled((48, 24)))) == ((60, 30), (48, 24))


def test_of_the_same_size_or_of_other_content_no_sizes_are_said() -> None:
    page = scaled((48, 24))
    assert find_sizes(see(page, scaled((48, 24))[:, ::-1].copy())) is None
    other = draw()
    other[30:60, 40:100] = RNG.integers(0, 255, (30, 60, 3), dtype=np.uint8)
    assert find_sizes(see(page, other)) is None


def test_one_square_is_not_three_squares_shrunk() -> None:
    one, three = draw(), draw()
    one[40:60, 40:60] = 0
    for left in (40, 70, 100):
        three[40:60, left : left + 20] = 0
    assert find_sizes(see(three, one)) is None
    assert find_sizes(see(one, three)) is None


def test_a_line_has_no_two_sizes() -> None:
    short, long = draw(), draw()
    short[40, 40:80] = long[40, 40:100] = 0
    assert find_sizes(see(short, long, Tile(40, 41, 30, 120))) is None
