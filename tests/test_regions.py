import time
from itertools import combinations
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from visualdiff.model import Region, RegionKind
from visualdiff.regions import find_regions
from visualdiff.tiles import Pixels, find_differing_pixels, make_sparse

RGB = ("red", "green", "blue")
RGBA = (*RGB, "alpha")
Box = tuple[int, int, int, int]


def find(baseline: Pixels, candidate: Pixels) -> tuple[Region, ...]:
    """Return the regions of two images of which every difference is visible."""
    channels = {1: ("gray",), 3: RGB, 4: RGBA}[baseline.shape[2]]
    return find_regions(baseline, candidate, find_differing_pixels(baseline, candidate), channels)


def find_in(mask: NDArray[np.bool_]) -> tuple[Region, ...]:
    baseline = np.full((*mask.shape, 3), 255, np.uint8)
    candidate = baseline.copy()
    candidate[mask] = (0, 0, 0)
    return find(baseline, candidate)


def box_of(region: Region) -> Box:
    return region.x, region.y, region.width, region.height


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


def draw_button(colour: tuple[int, ...], depth: Any = np.uint8) -> Pixels:
    """Return a page with a frame and a button on it."""
    page = np.full((120, 160, len(colour)), np.iinfo(depth).max, depth)
    page[10:14, 10:150, :3] = 0
    page[40:80, 30:130] = colour
    return page


BLANK = draw_button((255, 255, 255))
BLUE, RED = draw_button((37, 99, 235)), draw_button((220, 38, 38))


def test_what_appears_is_called_added() -> None:
    (region,) = find(BLANK, BLUE)
    assert (region.kind, region.description) == (RegionKind.ADDED, "added")
    assert box_of(region) == (30, 40, 100, 40)


def test_what_vanishes_is_called_removed() -> None:
    (region,) = find(BLUE, BLANK)
    assert (region.kind, region.description) == (RegionKind.REMOVED, "removed")


def test_a_recolouring_names_both_colours() -> None:
    (region,) = find(BLUE, RED)
    assert region.kind is RegionKind.RECOLOURED
    assert region.description == "recoloured #2563eb → #dc2626"


def test_a_recolouring_of_gray_and_of_sixteen_bits_names_colours_of_eight() -> None:
    (gray,) = find(draw_button((10,)), draw_button((100,)))
    assert gray.description == "recoloured #0a0a0a → #646464"
    deep = [draw_button(colour, np.uint16) for colour in ((0x1234, 0, 0), (0xABCD, 0, 0))]
    (region,) = find(*deep)
    assert region.description == "recoloured #120000 → #ab0000"


def test_a_recolouring_of_a_translucent_area_names_the_opacity_too() -> None:
    (region,) = find(draw_button((1, 2, 3, 128)), draw_button((200, 2, 3, 255)))
    assert region.description == "recoloured #01020380 → #c80203ff"


@pytest.mark.parametrize(
    "box", [np.s_[:, :], np.s_[40:80, 30:130]], ids=["whole page", "part of the page"]
)
def test_a_flat_area_that_changes_its_shade_is_recoloured_not_removed(box: Any) -> None:
    baseline = np.full((120, 160, 3), 255, np.uint8)
    candidate = baseline.copy()
    candidate[box] = (240, 240, 250)
    (region,) = find(baseline, candidate)
    assert region.description == "recoloured #ffffff → #f0f0fa"


def test_a_change_below_eight_bits_is_not_said_to_recolour_a_colour_to_itself() -> None:
    (region,) = find(
        draw_button((0x1200, 0, 0), np.uint16), draw_button((0x12FF, 0, 0), np.uint16)
    )
    assert (region.kind, region.description) == (RegionKind.CHANGED, "changed")


def test_a_change_of_alpha_alone_is_called_opacity() -> None:
    (region,) = find(draw_button((37, 99, 235, 255)), draw_button((37, 99, 235, 128)))
    assert (region.kind, region.description) == (RegionKind.OPACITY, "opacity changed")
    assert region.channel == "alpha"


def test_a_change_of_many_colours_in_place_is_only_called_changed() -> None:
    rng = np.random.default_rng(1)
    baseline, candidate = BLUE.copy(), BLUE.copy()
    baseline[45:75, 35:125] = rng.integers(0, 256, (30, 90, 3))
    candidate[45:75, 35:125] = rng.integers(0, 256, (30, 90, 3))
    (region,) = find(baseline, candidate)
    assert (region.kind, region.description) == (RegionKind.CHANGED, "changed")


def test_a_text_that_becomes_another_is_only_called_changed() -> None:
    pages = []
    for text in ("8,400", "3,150"):
        page = np.full((60, 160, 3), 255, np.uint8)
        cv2.putText(page, text, (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2)
        pages.append(page)
    (region,) = find(*pages)
    assert region.kind is RegionKind.CHANGED


def test_a_button_that_moved_and_changed_its_colour_is_only_called_changed() -> None:
    moved = BLANK.copy()
    moved[40:80, 45:145] = (220, 38, 38)
    (region,) = find(BLUE, moved)
    assert (region.kind, region.description) == (RegionKind.CHANGED, "changed")


@pytest.mark.parametrize("reverse", [False, True], ids=["more", "less"])
def test_more_of_what_was_there_is_neither_added_nor_removed(reverse: bool) -> None:
    few, many = BLANK.copy(), BLANK.copy()
    few[40:60, 30:50] = 0
    many[40:60, 32:52], many[40:60, 60:80], many[40:60, 90:110] = 0, 0, 0
    (region,) = find(*((many, few) if reverse else (few, many)))
    assert region.kind is RegionKind.CHANGED


def test_a_neighbour_does_not_make_an_added_box_a_changed_one() -> None:
    # The frame of the page, ten pixels above the button, stays out of its context.
    baseline, candidate = BLANK.copy(), BLUE.copy()
    baseline[36, :], candidate[36, :] = 0, 0
    assert find(baseline, candidate)[0].kind is RegionKind.ADDED


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


def draw_change(visible: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    baseline = np.full((*visible.shape, 1), 250, np.uint8)
    candidate = baseline.copy()
    candidate[visible] = 20
    return baseline, candidate


def test_what_a_large_region_is_called_holds_for_all_of_it() -> None:
    # A page that fades, but for one part of it, far from every border, where a colour changes.
    baseline = np.full((4000, 1280, 4), 255, np.uint8)
    candidate = baseline.copy()
    candidate[..., 3] = 200
    candidate[1000:1060, 300:900, :3] = (200, 20, 20)
    (region,) = find(baseline, candidate)
    assert region.kind is not RegionKind.OPACITY
