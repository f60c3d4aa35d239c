from typing import Any

import numpy as np
import pytest
from drawing import draw_noise, region_at
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.annotate import (
    choose_view,
    draw_boxes,
    draw_thumbnail,
    to_picture,
)
from visualdiff.model import Region
from visualdiff.tiles import Tile

RED = [225, 29, 72]


# --- to_picture ---


def test_rgb_stays_as_it_is() -> None:
    image = draw_noise(9, 7, 3)
    assert np.array_equal(to_picture(image), image)


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 1)], ids=str)
def test_gray_becomes_three_equal_channels(shape: tuple[int, ...]) -> None:
    image = draw_noise(*shape)
    assert np.array_equal(to_picture(image), np.dstack([image.reshape(9, 7)] * 3))


def test_sixteen_bits_become_their_upper_eight() -> None:
    image = draw_noise(9, 7, 3, depth=np.uint16)
    picture = to_picture(image)
    assert picture.dtype == np.uint8
    assert np.array_equal(picture, image // 256)


def test_what_is_transparent_shows_a_checkerboard() -> None:
    # Taller than a strip: the board must not begin anew.
    image = np.zeros((140, 48, 4), np.uint8)
    image[..., 0] = 255  # hidden
    picture = to_picture(image)
    for row in range(140):
        for column in range(48):
            expected = 204 if (row // 8 + column // 8) % 2 else 255
            assert picture[row, column].tolist() == [expected] * 3


def test_opaque_pixels_hide_the_checkerboard() -> None:
    image = draw_noise(140, 48, 4)
    image[..., 3] = 255
    assert np.array_equal(to_picture(image), image[..., :3])


@pytest.mark.parametrize("opaque", [np.s_[:0], np.s_[:70], np.s_[60:]], ids=["none", "top", "end"])
def test_translucent_pixels_are_blended_with_the_checkerboard(opaque: Any) -> None:
    image = draw_noise(140, 48, 4)
    image[opaque, :, 3] = 255
    board = to_picture(np.zeros_like(image)).astype(float)
    opacity = image[..., 3:] / 255
    expected = np.rint(image[..., :3] * opacity + board * (1 - opacity))
    assert np.array_equal(to_picture(image), expected)


# --- draw_boxes ---


@given(
    x=st.integers(3, 30),
    y=st.integers(3, 20),
    width=st.integers(1, 20),
    height=st.integers(1, 20),
    thickness=st.integers(1, 3),
)
@settings(deadline=None, max_examples=60)
def test_a_box_is_drawn_around_a_region_and_covers_none_of_it(
    x: int, y: int, width: int, height: int, thickness: int
) -> None:
    picture = draw_noise(60, 70, 3)
    expected = picture.copy()
    frame = np.s_[y - thickness : y + height + thickness, x - thickness : x + width + thickness]
    expected[frame] = RED
    inside = np.s_[y : y + height, x : x + width]
    expected[inside] = picture[inside]
    drawn = draw_boxes(picture, [region_at(x, y, width, height)], thickness)
    assert np.array_equal(drawn, expected)


def test_boxes_are_two_pixels_thick_and_drawn_on_a_copy() -> None:
    picture = np.zeros((60, 70, 3), np.uint8)
    drawn = draw_boxes(picture, [region_at(10, 10, 5, 5), region_at(40, 40, 5, 5)])
    assert not picture.any()
    assert np.count_nonzero((drawn == RED).all(axis=2)) == 2 * (9 * 9 - 5 * 5)


def test_without_regions_a_picture_stays_as_it_is() -> None:
    picture = draw_noise(9, 7, 3)
    drawn = draw_boxes(picture, [])
    assert np.array_equal(drawn, picture)
    assert not np.shares_memory(drawn, picture)


@pytest.mark.parametrize("view", [np.s_[::2, ::2], np.s_[:, ::-1]], ids=["strided", "flipped"])
def test_any_view_of_a_picture_can_be_drawn_on(view: Any) -> None:
    picture = draw_noise(60, 70, 3)[view]
    drawn = draw_boxes(picture, [region_at(10, 10, 5, 5)])
    assert np.array_equal(drawn[10:15, 10:15], picture[10:15, 10:15])
    assert (drawn[8:10, 8:17] == RED).all()


@pytest.mark.parametrize(
    ("region", "box"),
    [
        (region_at(0, 0, 10, 10), np.s_[0:12, 0:12]),
        (region_at(60, 50, 10, 10), np.s_[48:60, 58:70]),
        (region_at(0, 20, 70, 10), np.s_[18:32, 0:70]),
        (region_at(0, 0, 70, 60), np.s_[0:60, 0:70]),
        (region_at(65, 20, 100, 10), np.s_[18:32, 63:70]),
    ],
    ids=["top left", "bottom right", "full width", "whole picture", "beyond the edge"],
)
def test_a_box_at_the_border_stays_a_closed_box_inside_the_picture(
    region: Region, box: tuple[slice, slice]
) -> None:
    picture = np.zeros((60, 70, 3), np.uint8)
    drawn = (draw_boxes(picture, [region]) == RED).all(axis=2)
    expected = np.zeros((60, 70), np.bool_)
    expected[box] = True
    rows, columns = box
    expected[rows.start + 2 : rows.stop - 2, columns.start + 2 : columns.stop - 2] = False
    assert np.array_equal(drawn, expected)


@pytest.mark.parametrize(
    "region",
    [
        region_at(500, 10, 5, 5),
        region_at(10, 500, 5, 5),
        region_at(-50, 10, 5, 5),
        region_at(10, -50, 5, 5),
    ],
)
def test_a_box_outside_the_picture_leaves_no_trace(region: Region) -> None:
    picture = draw_noise(60, 70, 3)
    assert np.array_equal(draw_boxes(picture, [region]), picture)


# --- Thumbnails ---


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (300, 400), (360, 480), (720, 480), (1920, 1280), (50, 3000)]
)
def test_a_page_of_usual_shape_is_shown_whole(height: int, width: int) -> None:
    assert choose_view(height, width, (region_at(0, 0, 1, 1),)) == Tile(0, height, 0, width)


@pytest.mark.parametrize(
    ("region", "top"),
    [
        (region_at(10, 5000, 100, 40), 5020 - 480),
        (region_at(10, 0, 100, 40), 0),
        (region_at(10, 7990, 100, 10), 8000 - 960),
        (region_at(10, 3000, 100, 5000), 3000 - 120),
        (region_at(0, 0, 1280, 8000), 0),
    ],
    ids=["middle", "top", "bottom", "taller than the view", "everything"],
)
def test_a_tall_page_is_shown_around_its_largest_region(region: Region, top: int) -> None:
    view = choose_view(8000, 1280, (region, region_at(0, 100, 2, 2)))
    assert view == Tile(top, top + 960, 0, 1280)


def test_a_tall_page_without_regions_is_shown_from_its_top() -> None:
    assert choose_view(8000, 1280, ()) == Tile(0, 960, 0, 1280)


@given(
    height=st.integers(1, 20_000),
    width=st.integers(1, 3000),
    y=st.integers(0, 20_000),
    tall=st.integers(1, 20_000),
)
@settings(deadline=None, max_examples=200)
def test_a_view_lies_in_the_image_and_shows_the_region(
    height: int, width: int, y: int, tall: int
) -> None:
    y, tall = min(y, height - 1), min(tall, height)
    view = choose_view(height, width, (region_at(0, y, 1, min(tall, height - y)),))
    assert 0 <= view.top < view.bottom <= height
    assert (view.left, view.right) == (0, width)
    assert view.top <= y < view.bottom


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((100, 200), (100, 200)),
        ((360, 480), (360, 480)),
        ((720, 960), (360, 480)),
        ((100, 960), (50, 480)),
        ((1920, 1280), (360, 240)),
        ((1, 4000), (1, 480)),
        ((4000, 1), (360, 1)),
    ],
    ids=str,
)
def test_a_thumbnail_fits_and_is_never_enlarged(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    thumbnail = draw_thumbnail(draw_noise(*size, 3), Tile(0, size[0], 0, size[1]), ())
    assert thumbnail.shape == (*expected, 3)
    assert thumbnail.dtype == np.uint8


def test_a_thumbnail_is_the_average_of_what_it_shows() -> None:
    picture = draw_noise(720, 960, 3)
    blocks = picture.reshape(360, 2, 480, 2, 3).mean(axis=(1, 3))
    thumbnail = draw_thumbnail(picture, Tile(0, 720, 0, 960), ())
    assert np.abs(thumbnail - blocks).max() <= 1


def test_boxes_of_a_thumbnail_are_two_pixels_thick_at_its_own_scale() -> None:
    picture = np.zeros((1440, 1920, 3), np.uint8)
    # A quarter of the size, from row 400 on.
    view = Tile(400, 400 + 1440, 0, 1920)
    thumbnail = draw_thumbnail(picture, view, (region_at(400, 800, 80, 40),))
    drawn = (thumbnail == RED).all(axis=2)
    expected = np.zeros((360, 480), np.bool_)
    expected[98:112, 98:122] = True
    expected[100:110, 100:120] = False
    assert np.array_equal(drawn, expected)


@pytest.mark.parametrize("position", range(400, 404))
def test_a_box_of_a_thumbnail_holds_all_of_its_region(position: int) -> None:
    picture = np.zeros((1440, 1920, 3), np.uint8)
    picture[position, position] = 255
    region = region_at(position, position, 1, 1)
    thumbnail = draw_thumbnail(picture, Tile(0, 1440, 0, 1920), (region,))
    assert thumbnail[100, 100].any()
    assert thumbnail[100, 100].tolist() != RED
    assert (thumbnail[98:100, 98:103] == RED).all()


def test_a_box_outside_the_view_is_not_drawn() -> None:
    picture = np.zeros((700, 480, 3), np.uint8)
    regions = (region_at(10, 0, 50, 50), region_at(10, 3000, 50, 50))
    assert not draw_thumbnail(picture, Tile(1000, 1700, 0, 480), regions).any()


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 3), (10, 10, 4)], ids=str)
@pytest.mark.parametrize("view", [Tile(5, 5, 0, 10), Tile(20, 30, 0, 10)], ids=["empty", "beyond"])
def test_a_view_that_holds_nothing_gives_a_white_pixel(view: Tile, shape: tuple[int, ...]) -> None:
    # The smaller of two images may have nothing where the other one changed.
    shown = view.crop(draw_noise(*shape))
    assert draw_thumbnail(shown, view, ()).tolist() == [[[255, 255, 255]]]


@pytest.mark.parametrize(
    ("height", "width"), [(960, 1280), (1255, 1280), (585, 780), (1919, 1281), (359, 3000)]
)
def test_a_thumbnail_skips_no_pixel(height: int, width: int) -> None:
    # A line of one pixel may be all that differs. Averaging leaves its share of it, which may be
    # spread over two pixels.
    blank = np.full((height, width, 3), 255, np.uint8)
    for at in (0, *range(height // 2, height // 2 + 8), height - 1):
        picture = blank.copy()
        picture[at] = 0
        thumbnail = draw_thumbnail(picture, Tile(0, height, 0, width), ())
        assert thumbnail.min() <= 255 - 100 * len(thumbnail) // height


def test_drawing_a_thumbnail_leaves_the_image_as_it_is() -> None:
    # As large as a thumbnail: nothing is scaled, so that memory might be shared.
    image = draw_noise(100, 200, 3)
    before = image.copy()
    draw_thumbnail(image, Tile(0, 100, 0, 200), (region_at(20, 40, 40, 30),))
    assert np.array_equal(image, before)


def test_several_boxes_of_a_thumbnail_are_numbered_and_a_single_one_is_not() -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    first, second = region_at(20, 40, 40, 30), region_at(120, 0, 40, 30)
    alone = draw_thumbnail(picture, Tile(0, 100, 0, 200), (first,))
    both = draw_thumbnail(picture, Tile(0, 100, 0, 200), (first, second))
    # Above the first box, and inside the second, which touches the upper border.
    assert not alone[26:36, 20:28].any()
    assert (both[26:36, 20:28] == RED).all(axis=2).any()
    assert (both[2:12, 120:128] == RED).all(axis=2).any()
    white = np.asarray((both > 200).all(axis=2))
    assert white[24:38, 18:32].any()
    assert white[0:13, 118:132].any()
