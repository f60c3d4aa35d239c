import time
from itertools import combinations
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from visualdiff.model import Region
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


def draw_card() -> NDArray[np.uint8]:
    """Return a page with a card, a line of text on it, and nothing else."""
    page = np.full((400, 600, 3), 250, np.uint8)
    page[100:300, 100:500] = 255
    cv2.putText(page, "Orders today", (130, 160), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (40, 40, 40), 2)
    return page


def see(baseline: Pixels, candidate: Pixels, least: int) -> tuple[Region, ...]:
    """Return the regions when only differences of so many levels are visible."""
    visible = cv2.absdiff(baseline, candidate).max(axis=2) >= least
    return find_regions(baseline, candidate, make_sparse(visible), RGB)


def test_a_shadow_gets_a_box_with_its_faint_end() -> None:
    page = draw_card()
    shadow = page.copy()
    for depth in range(12, 0, -1):
        shadow[100 - depth : 300 + depth, 100 - depth : 500 + depth] = 250 - 3 * (13 - depth)
    shadow[100:300, 100:500] = page[100:300, 100:500]
    # Nobody sees the outermost pixels, but the shadow ends there.
    (region,) = see(page, shadow, 9)
    assert box_of(region) == (88, 88, 424, 224)


def test_parts_that_a_faint_edge_connects_are_one() -> None:
    # A disabled field: two texts far apart change clearly, the border between them faintly.
    page = draw_card()
    faded = page.copy()
    cv2.rectangle(faded, (120, 220), (379, 259), (251, 251, 251), 1)
    faded[232:244, 124:150] = 120
    faded[232:244, 350:376] = 120
    (region,) = see(page, faded, 10)
    assert box_of(region) == (120, 220, 260, 40)


def test_clear_differences_that_were_ignored_do_not_make_a_box_larger() -> None:
    page = draw_card()
    changed = page.copy()
    changed[240:250, 200:210] = 0
    # Beside it, smoothing that was judged to be invisible.
    changed[240:250, 210:240] = 200
    visible = np.zeros(page.shape[:2], np.bool_)
    visible[240:250, 200:210] = True
    (region,) = find_regions(page, changed, make_sparse(visible), RGB)
    assert box_of(region) == (200, 240, 10, 10)


@pytest.mark.parametrize("share", [1.0, 0.02], ids=["everywhere", "here and there"])
def test_faint_noise_all_over_does_not_make_a_box_larger(share: float) -> None:
    page = draw_card()
    rng = np.random.default_rng(1)
    noise = rng.integers(1, 4, page.shape, dtype=np.uint8)
    changed = page - noise * (rng.random((400, 600, 1)) < share)
    changed[240:250, 200:210] = 0
    (region,) = see(page, changed, 10)
    assert max(region.width, region.height) <= 10 + 2 * 8


def draw_corners(radius: int) -> NDArray[np.uint8]:
    """Return a dark card with round corners, without smoothing."""
    page = np.full((400, 600, 3), 250, np.uint8)
    rows, columns = np.ogrid[:200, :400]
    across = np.maximum(radius - columns, columns - 399 + radius).clip(0)
    down = np.maximum(radius - rows, rows - 199 + radius).clip(0)
    page[100:300, 100:500][across**2 + down**2 <= radius**2] = 60
    return page


@pytest.mark.parametrize("radii", [(0, 12), (16, 6)], ids=["rounded", "less round"])
def test_the_four_corners_of_a_card_are_one_change(radii: tuple[int, int]) -> None:
    before, after = map(draw_corners, radii)
    (region,) = find(before, after)
    assert box_of(region) == (100, 100, 400, 200)


def test_the_round_ends_of_a_button_are_one_change() -> None:
    before, after = (draw_corners(radius)[100:150, :] for radius in (0, 20))
    # Its upper corners only, as if it went on below: two ends on the same rows.
    (region,) = find(before, after)
    assert box_of(region) == (100, 0, 400, region.height)


def test_the_same_mark_in_a_list_stays_as_many_boxes() -> None:
    # Triangles that are repeated, not mirrored, and squares, which are both.
    page = np.full((300, 300, 1), 255, np.uint8)
    for shape in (np.tril(np.ones((10, 10), np.bool_)), np.ones((10, 10), np.bool_)):
        marked = page.copy()
        for top, left in ((20, 20), (20, 200), (200, 20), (200, 200)):
            marked[top : top + 10, left : left + 10, 0][shape] = 0
        assert len(find(page, marked)) == 4


def test_mirrored_changes_on_other_rows_stay_two_boxes() -> None:
    page = np.full((300, 300, 1), 255, np.uint8)
    marked = page.copy()
    shape = np.tril(np.ones((10, 10), np.bool_))
    marked[20:30, 20:30, 0][shape] = 0
    marked[60:70, 200:210, 0][shape[:, ::-1]] = 0
    assert len(find(page, marked)) == 2


def test_a_label_that_moved_a_little_is_one_region_and_one_that_moved_far_is_two() -> None:
    page = np.full((400, 600, 3), 255, np.uint8)
    near, far, base = page.copy(), page.copy(), page.copy()
    for image, y in ((base, 60), (near, 110), (far, 300)):
        cv2.putText(image, "Total", (40, y), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2)
    (region,) = find(base, near)
    assert region.description == "moved by 50 px down"
    assert {region.description for region in find(base, far)} == {
        "moved away, by 240 px down",
        "moved here, by 240 px down",
    }
