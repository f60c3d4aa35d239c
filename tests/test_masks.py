"""What is left out: where rectangles lie, what has a colour, and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualdiff.errors import MaskError
from visualdiff.masks import MaskImage, Masking, find_colour, find_masking, fit_mask
from visualdiff.settings import Focus, Length, Mask, Settings
from visualdiff.tiles import PixelMask, Pixels, Tile

WIDTH, HEIGHT = 40, 30


def mask(x: Length, y: Length, width: Length, height: Length) -> Mask:
    return Mask(x=x, y=y, width=width, height=height)


def find(size: tuple[int, int] = (WIDTH, HEIGHT), **chosen: Any) -> PixelMask:
    masked = find_masking(size, Settings(**chosen)).masked
    assert masked is not None
    return masked


def refuse(**chosen: Any) -> str:
    with pytest.raises(MaskError) as caught:
        find_masking((WIDTH, HEIGHT), Settings(**chosen))
    return str(caught.value)


def box(top: int, bottom: int, left: int, right: int) -> PixelMask:
    expected = np.zeros((HEIGHT, WIDTH), np.bool_)
    expected[top:bottom, left:right] = True
    return expected


def test_without_masks_there_is_no_array() -> None:
    assert find_masking((WIDTH, HEIGHT), Settings()) == Masking(None)


@pytest.mark.parametrize(
    ("rectangle", "expected"),
    [
        (mask(3, 5, 4, 2), box(5, 7, 3, 7)),
        (mask(-10, -6, 10, 6), box(24, 30, 30, 40)),
        (mask(-10, 0, 4, 30), box(0, 30, 30, 34)),
        (mask("25%", "50%", "50%", "10%"), box(15, 18, 10, 30)),
        (mask("-25%", "-50%", "25%", 3), box(15, 18, 30, 40)),
        (mask(0, 0, "1%", "1%"), box(0, 1, 0, 1)),
        (mask("51%", "0%", "10%", 1), box(0, 1, 20, 25)),
        (mask("33.333333%", 0, "33.333333%", 1), box(0, 1, 13, 27)),
        (mask(35, 28, 100, 100), box(28, 30, 35, 40)),
        (mask(-50, -31, 20, 5), box(0, 4, 0, 10)),
        (mask("-100%", 0, "90%", "100%"), box(0, 30, 0, 36)),
    ],
    ids=str,
)
def test_a_rectangle_covers_every_pixel_that_it_touches(
    rectangle: Mask, expected: PixelMask
) -> None:
    assert np.array_equal(find(masks=(rectangle,)), expected)


@given(
    side=st.integers(1, 5000),
    share=st.decimals(0, 100, places=2),
    rest=st.decimals("0.01", 100, places=2),
)
@settings(deadline=None, max_examples=200)
def test_shares_cover_neither_less_nor_a_pixel_more(side: int, share: Any, rest: Any) -> None:
    start, stop = float(share) * side / 100, (float(share) + float(rest)) * side / 100
    chosen = Settings(masks=(mask(f"{share}%", 0, f"{rest}%", 1),))
    if share == 100:
        with pytest.raises(MaskError):
            find_masking((side, 2), chosen)
        return
    masked = find_masking((side, 2), chosen).masked
    assert masked is not None
    assert not masked[1].any()
    places = np.flatnonzero(masked[0])
    assert start - 1 - 1e-6 < places[0] <= start + 1e-6
    assert min(stop, side) - 1e-6 <= places[-1] + 1 < stop + 1 + 1e-6
    assert len(places) == places[-1] + 1 - places[0]


@given(offset=st.integers(1, WIDTH), width=st.integers(1, WIDTH - 1))
def test_a_negative_place_is_counted_from_the_other_side(offset: int, width: int) -> None:
    from_right = find(masks=(mask(-offset, 0, width, 1),))
    assert np.array_equal(from_right, find(masks=(mask(WIDTH - offset, 0, width, 1),)))
    from_below = find((HEIGHT, WIDTH), masks=(mask(0, -offset, 1, width),))
    assert np.array_equal(from_below.T, from_right)


def test_masks_add_up() -> None:
    masked = find(masks=(mask(0, 0, 10, 10), mask(5, 5, 10, 10)))
    assert np.array_equal(masked, box(0, 10, 0, 10) | box(5, 15, 5, 15))


# Mistakes.


@pytest.mark.parametrize(
    "rectangle",
    [mask(40, 0, 5, 5), mask(0, 30, 5, 5), mask(-50, 0, 10, 5), mask(0, "-200%", 5, "99%")],
    ids=["right", "below", "left", "above"],
)
def test_a_mask_outside_the_image_is_refused_with_its_place_and_the_size(
    rectangle: Mask,
) -> None:
    assert refuse(masks=(mask(0, 0, 1, 1), rectangle)) == (
        f"masks[1] (x {rectangle.x}, y {rectangle.y}, width {rectangle.width}, height "
        f"{rectangle.height}) lies outside the baseline of 40×30 px: "
        "wanted a rectangle that covers some of it"
    )


def test_a_focus_outside_the_image_is_refused() -> None:
    outside = Focus(x=90, y=0, width=5, height=5)
    assert refuse(focus=(outside,)).startswith("focus[0] (x 90, y 0, width 5, height 5) lies out")


@pytest.mark.parametrize(
    "masks",
    [(mask(0, 0, "100%", "100%"),), (mask(0, 0, 20, 30), mask(-20, 0, 99, 30))],
    ids=["one", "two"],
)
def test_masks_that_leave_nothing_are_refused(masks: tuple[Mask, ...]) -> None:
    assert refuse(masks=masks) == (
        "the whole baseline of 40×30 px is masked: nothing is left to compare"
    )


def test_masks_may_leave_a_single_pixel() -> None:
    masked = find(masks=(mask(0, 0, 39, 30), mask(0, 1, 40, 29)))
    assert np.argwhere(~masked).tolist() == [[0, 39]]


def test_a_rectangle_of_focus_that_is_masked_as_a_whole_is_refused() -> None:
    areas = (Focus(x=0, y=0, width=9, height=9), Focus(x=20, y=20, width=5, height=5))
    assert refuse(focus=areas, masks=(mask(18, 18, 10, 10),)) == (
        "focus[1] (x 20, y 20, width 5, height 5) is masked as a whole: "
        "nothing of it is left to compare"
    )


# Focus.


def test_all_but_the_focus_is_masked_and_masks_count_inside_it() -> None:
    areas = (
        Focus(x=0, y=0, width=10, height=10, threshold=0.5),
        Focus(x="-25%", y=-5, width="25%", height=5),
    )
    found = find_masking((WIDTH, HEIGHT), Settings(focus=areas, masks=(mask(2, 2, 3, 3),)))
    expected = ~(box(0, 10, 0, 10) | box(25, 30, 30, 40)) | box(2, 5, 2, 5)
    assert found.masked is not None
    assert np.array_equal(found.masked, expected)
    assert [(area.box, area.threshold) for area in found.focus] == [
        (Tile(0, 10, 0, 10), 0.5),
        (Tile(25, 30, 30, 40), None),
    ]
    assert np.array_equal(found.focus[1].pixels, box(25, 30, 30, 40))


# Mask images.


def test_what_a_mask_image_ignores_is_added() -> None:
    ignored = np.random.default_rng(1).random((HEIGHT, WIDTH)) < 0.3
    chosen = Settings(masks=(mask(0, 0, 5, 5),))
    found = find_masking((WIDTH, HEIGHT), chosen, [MaskImage("a.png", ignored)]).masked
    assert found is not None
    assert np.array_equal(found, ignored | box(0, 5, 0, 5))


def test_the_array_of_a_mask_image_is_never_written_to() -> None:
    ignored = box(0, 5, 0, 5)
    chosen = Settings(masks=(mask(9, 9, 5, 5),))
    find_masking((WIDTH, HEIGHT), chosen, [MaskImage("a.png", ignored)])
    assert np.array_equal(ignored, box(0, 5, 0, 5))


def test_a_mask_image_of_another_size_is_refused_by_name() -> None:
    images = [MaskImage("a.png", box(0, 1, 0, 1)), MaskImage("m/b.png", np.zeros((40, 30), bool))]
    with pytest.raises(MaskError) as caught:
        find_masking((WIDTH, HEIGHT), Settings(), images)
    assert str(caught.value) == (
        "mask_images[1] (m/b.png) has 30×40 px, wanted 40×30, the size of the baseline"
    )


# A colour.

LAYOUTS: list[Any] = [
    pytest.param((255, 0, 255), np.uint8, id="RGB"),
    pytest.param((255, 0, 255, 255), np.uint8, id="RGBA"),
    pytest.param((65535, 0, 65535), np.uint16, id="16 bits"),
]


@pytest.mark.parametrize("colour", ["#ff00ff", "#F0F"])
@pytest.mark.parametrize(("value", "depth"), LAYOUTS)
def test_only_exactly_the_colour_is_found(value: tuple[int, ...], depth: Any, colour: str) -> None:
    image = np.zeros((HEIGHT, WIDTH, len(value)), depth)
    image[:, :20] = value
    for channel in range(len(value)):
        image[channel, 3, channel] ^= 1
    expected = box(0, 30, 0, 20)
    expected[range(len(value)), 3] = False
    assert np.array_equal(find_colour(image, colour), expected)


def test_a_gray_image_has_gray_colours_only() -> None:
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.argwhere(find_colour(image, "#111")).tolist() == [[1, 1]]
    assert not find_colour(image, "#ff00ff").any()


def test_the_colour_is_looked_for_in_the_baseline() -> None:
    baseline: Pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    baseline[3:9, 4:8] = (0, 255, 0)
    chosen = Settings(mask_colour="#00ff00")
    found = find_masking((WIDTH, HEIGHT), chosen, (), baseline).masked
    assert found is not None
    assert np.array_equal(found, box(3, 9, 4, 8))
    baseline[:] = (0, 255, 0)
    with pytest.raises(MaskError, match="whole baseline"):
        find_masking((WIDTH, HEIGHT), chosen, (), baseline)


# On another canvas.


@pytest.mark.parametrize("shape", [(30, 40), (35, 50), (10, 12), (50, 10)])
def test_masks_keep_their_corner_on_any_canvas(shape: tuple[int, int]) -> None:
    masking = find_masking((WIDTH, HEIGHT), Settings(masks=(mask(3, 3, 30, 20),)))
    assert masking.masked is not None
    laid = fit_mask(masking.masked, shape)
    assert laid.shape == shape
    assert np.array_equal(
        np.argwhere(laid),
        [
            [row, column]
            for row in range(shape[0])
            for column in range(shape[1])
            if 3 <= row < 23 and 3 <= column < 33
        ],
    )


def test_a_change_that_leaves_nothing_to_compare_is_refused() -> None:
    area = Focus(x=0, y=0, width=9, height=9)
    for chosen in (Settings(focus=(area,)), Settings(masks=(mask(9, 0, 31, 30),))):
        masking = find_masking((WIDTH, HEIGHT), chosen)
        with pytest.raises(MaskError, match="all that is not masked was removed"):
            masking.change(lambda pixels: pixels[10:, 9:])
