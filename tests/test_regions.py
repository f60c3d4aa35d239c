import time
from itertools import combinations

import cv2
import numpy as np
import pytest
from drawing import CHANNELS, Box, box_of, draw_button, draw_change, find
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from visualdiff.model import Region
from visualdiff.regions import find_regions
from visualdiff.tiles import make_sparse

RGB, RGBA = CHANNELS[3], CHANNELS[4]


def find_in(mask: NDArray[np.bool_]) -> tuple[Region, ...]:
    baseline = np.full((*mask.shape, 3), 255, np.uint8)
    candidate = baseline.copy()
    candidate[mask] = (0, 0, 0)
    return find(baseline, candidate)


def mark(size: tuple[int, int], *boxes: Box) -> NDArray[np.bool_]:
    mask = np.zeros(size, np.bool_)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = True
    return mask


@st.composite
def scattered_masks(draw: st.DrawFn) -> NDArray[np.bool_]:
    height, width = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mask = rng.random((height, width)) < draw(st.sampled_from([0.0, 0.0005, 0.003, 0.02, 0.9]))
    for _ in range(draw(st.integers(0, 4))):
        top, left = rng.integers(0, height), rng.integers(0, width)
        mask[top : top + 30, left : left + 30] = True
    return np.asarray(mask)


@given(mask=scattered_masks())
@settings(deadline=None, max_examples=150)
def test_boxes_hold_every_visible_pixel_and_are_tight_disjoint_and_few(
    mask: NDArray[np.bool_],
) -> None:
    regions = find_in(mask)
    covered = np.zeros_like(mask)
    for region in regions:
        assert region.x >= 0
        assert region.y >= 0
        assert region.x + region.width <= mask.shape[1]
        assert region.y + region.height <= mask.shape[0]
        inside = np.s_[region.y : region.y + region.height, region.x : region.x + region.width]
        inner = mask[inside]
        assert min(inner.shape) > 0
        assert all(side.any() for side in (inner[0], inner[-1], inner[:, 0], inner[:, -1]))
        assert not covered[inside].any()
        assert region.diff_pixels == np.count_nonzero(inner)
        assert region.space == "candidate"
        covered[inside] = True
    assert covered[mask].all()
    assert len(regions) <= 24
    assert sum(region.diff_pixels for region in regions) == np.count_nonzero(mask)


@given(mask=scattered_masks())
@settings(deadline=None, max_examples=40)
def test_no_two_boxes_nearly_touch(mask: NDArray[np.bool_]) -> None:
    for one, other in combinations(find_in(mask), 2):
        gap_x = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
        gap_y = max(one.y, other.y) - min(one.y + one.height, other.y + other.height)
        assert gap_x > 12 or gap_y > 6


@given(mask=scattered_masks())
@settings(deadline=None, max_examples=40)
def test_the_region_with_most_pixels_comes_first(mask: NDArray[np.bool_]) -> None:
    keys = [(-region.diff_pixels, region.y, region.x) for region in find_in(mask)]
    assert keys == sorted(keys)


def test_without_a_visible_pixel_there_is_no_region() -> None:
    baseline = np.zeros((30, 30, 3), np.uint8)
    nothing = np.zeros((30, 30), np.bool_)
    assert find_regions(baseline, baseline + np.uint8(9), make_sparse(nothing), RGB) == ()


@pytest.mark.parametrize(
    "box",
    [(0, 0, 1, 1), (199, 99, 1, 1), (0, 0, 200, 100), (7, 3, 1, 60), (101, 41, 2, 3)],
    ids=["first pixel", "last pixel", "everything", "line", "off the grid"],
)
def test_one_change_gets_its_exact_box(box: Box) -> None:
    assert [box_of(region) for region in find_in(mark((100, 200), box))] == [box]


def test_the_letters_of_a_word_share_a_box() -> None:
    page = np.full((200, 400), 255, np.uint8)
    word = np.ascontiguousarray(page.copy())
    cv2.putText(word, "Mon day", (40, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 2)
    baseline, candidate = page[:, :, None], word[:, :, None]
    (region,) = find(baseline, candidate)
    rows, columns = np.nonzero(word < 255)
    top, left = int(rows.min()), int(columns.min())
    assert box_of(region) == (left, top, columns.max() - left + 1, rows.max() - top + 1)


def test_lines_of_a_paragraph_share_a_box_and_paragraphs_do_not() -> None:
    first, second, below = (20, 20, 300, 12), (20, 40, 200, 12), (20, 140, 300, 12)
    regions = find_in(mark((300, 400), first, second, below))
    assert {box_of(region) for region in regions} == {(20, 20, 300, 32), below}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((10, 10, 20, 20), (300, 10, 20, 20)),
        ((10, 10, 20, 20), (10, 300, 20, 20)),
        ((10, 10, 20, 20), (60, 10, 20, 20)),
        ((10, 10, 20, 20), (10, 55, 20, 20)),
    ],
    ids=["far right", "far below", "right", "below"],
)
def test_two_distant_changes_stay_two_boxes(first: Box, second: Box) -> None:
    regions = find_in(mark((400, 400), first, second))
    assert {box_of(region) for region in regions} == {first, second}


def test_a_box_inside_the_hull_of_another_joins_it() -> None:
    # An L around a dot: their clusters do not touch, their boxes overlap.
    shape = mark((300, 300), (20, 20, 4, 200), (20, 216, 200, 4), (150, 100, 4, 4))
    assert [box_of(region) for region in find_in(shape)] == [(20, 20, 200, 200)]


def test_a_page_of_dots_becomes_a_few_boxes_in_reasonable_time() -> None:
    mask = np.zeros((12_000, 1280), np.bool_)
    mask[::24, ::40] = True
    start = time.process_time()
    regions = find_in(mask)
    # Half a second; it was more than a minute when every dot was held against every other.
    assert time.process_time() - start < 15
    assert 1 <= len(regions) <= 24
    assert sum(region.diff_pixels for region in regions) == np.count_nonzero(mask)


def test_many_small_changes_keep_separate_boxes_up_to_two_dozen() -> None:
    dots = [(60 * column, 60 * row, 3, 3) for row in range(4) for column in range(6)]
    regions = find_in(mark((400, 400), *dots))
    assert {box_of(region) for region in regions} == set(dots)
    assert len(find_in(mark((400, 400), *dots, (0, 300, 3, 3)))) < 25


BLANK = draw_button((255, 255, 255))
BLUE, RED = draw_button((37, 99, 235)), draw_button((220, 38, 38))


@pytest.mark.parametrize(("channel", "name"), [*enumerate(RGBA)])
def test_the_channel_that_changed_most_is_named(channel: int, name: str) -> None:
    baseline = draw_button((100, 100, 100, 100))
    candidate = baseline.copy()
    candidate[50:60, 50:60] += np.uint8(3)
    candidate[50:60, 50:60, channel] += np.uint8(40)
    # The largest single difference is in another channel: the sum decides.
    candidate[50, 50, (channel + 1) % 4] = 255
    (region,) = find(baseline, candidate)
    assert region.channel == name


def test_the_only_channel_of_a_gray_image_is_gray() -> None:
    (region,) = find(draw_button((10,)), draw_button((100,)))
    assert region.channel == "gray"


def test_numbers_of_a_region_are_plain_integers() -> None:
    (region,) = find(BLANK, BLUE)
    assert {type(number) for number in (*box_of(region), region.diff_pixels)} == {int}


def test_of_too_many_changes_only_the_nearest_are_joined() -> None:
    visible = np.zeros((1600, 300), np.bool_)
    for index in range(30):
        # Two columns of lone squares, and six that have a near neighbour.
        x, y = (20 if index % 2 else 200), 50 * index + 20
        visible[y : y + 14, x : x + 14] = True
    boxes = find_regions(*draw_change(visible), make_sparse(visible), ("gray",))
    assert len(boxes) == 24
    # None of them swallows the page.
    assert max(box.height for box in boxes) < 300
