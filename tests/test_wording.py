from typing import Any

import cv2
import numpy as np
import pytest
from drawing import (
    BLUE_600,
    INK,
    PAPER,
    Box,
    box_of,
    draw,
    draw_button,
    find,
    rectangle,
    tell,
    text,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from visualdiff.model import RegionKind
from visualdiff.tiles import Pixels, Tile

CONTENT = (RegionKind.CONTENT, "text or picture changed")
EDGE = "edge restyled (border, radius or shadow)"


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


def test_a_picture_in_the_place_of_another_is_called_content() -> None:
    rng = np.random.default_rng(1)
    baseline, candidate = BLUE.copy(), BLUE.copy()
    baseline[45:75, 35:125] = rng.integers(0, 256, (30, 90, 3))
    candidate[45:75, 35:125] = rng.integers(0, 256, (30, 90, 3))
    (region,) = find(baseline, candidate)
    assert (region.kind, region.description) == CONTENT


def test_a_text_that_becomes_another_is_called_content() -> None:
    pages = []
    for words in ("8,400", "3,150"):
        page = np.full((60, 160, 3), 255, np.uint8)
        cv2.putText(page, words, (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2)
        pages.append(page)
    (region,) = find(*pages)
    assert (region.kind, region.description) == CONTENT


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


def test_what_a_large_region_is_called_holds_for_all_of_it() -> None:
    # A page that fades, but for one part of it, far from every border, where a colour changes.
    baseline = np.full((4000, 1280, 4), 255, np.uint8)
    candidate = baseline.copy()
    candidate[..., 3] = 200
    candidate[1000:1060, 300:900, :3] = (200, 20, 20)
    (region,) = find(baseline, candidate)
    assert region.kind is not RegionKind.OPACITY


def test_a_line_that_goes_is_removed_whatever_goes_on_at_its_ends() -> None:
    rule = rectangle(0, 150, 500, 1, (225, 225, 222))
    # The header above the line has another colour than what is below it.
    header = rectangle(0, 0, 500, 150, (240, 240, 240))
    cut = draw(header, rule, rectangle(100, 150, 200, 1, (240, 240, 240)))
    assert tell(draw(header, rule), cut) == ["removed"]
    assert tell(cut, draw(header, rule)) == ["added"]


def test_a_tint_is_recoloured_and_not_added() -> None:
    assert tell(draw(), draw(rectangle(50, 50, 200, 80, (245, 246, 252)))) == [
        "recoloured #fafaf6 → #f5f6fc"
    ]


def test_a_button_that_loses_its_background_but_not_its_label_is_not_called_removed() -> None:
    label = text(60, 90, "Pay now")
    button = draw(rectangle(50, 50, 200, 80, (180, 200, 250)), label)
    assert "removed" not in tell(button, draw(label))


def test_what_appears_on_a_gradient_is_added() -> None:
    slope = np.linspace(60, 200, 300).astype(np.uint8)[:, None, None]
    page = np.broadcast_to(slope, (300, 500, 3)).copy()
    marked = page.copy()
    text(100, 150, "Visa", (250, 250, 250))(marked)
    assert tell(page, marked) == ["added"]
    assert tell(marked, page) == ["removed"]


def test_what_appears_over_a_diagonal_gradient_is_told_by_its_outlines() -> None:
    slope = np.add.outer(np.arange(300), np.arange(500)) // 4
    page = np.repeat(slope.astype(np.uint8)[:, :, None], 3, axis=2)
    marked = page.copy()
    text(100, 150, "Visa", (255, 255, 255), 1.5)(marked)
    assert tell(page, marked) == ["added"]


def test_a_block_that_covers_a_text_is_not_called_removed() -> None:
    lines = [text(20, 60 + 30 * line, "a line of text that goes on") for line in range(6)]
    covered = draw(*lines, rectangle(60, 70, 200, 80, (200, 30, 30)))
    assert not {"removed", "added"} & set(tell(draw(*lines), covered))


@pytest.mark.parametrize(
    ("columns", "rows", "words"),
    [
        (12, 4, "moved by 12 px to the right and 4 px down"),
        (-3, 0, "moved by 3 px to the left"),
        (0, -1, "moved by 1 px up"),
        (0, 60, "moved by 60 px down"),
    ],
)
def test_a_move_tells_how_far(columns: int, rows: int, words: str) -> None:
    pages = [
        draw(
            rectangle(100 + x, 100 + y, 140, 40, BLUE_600),
            text(115 + x, 128 + y, "Checkout", (255, 255, 255)),
        )
        for x, y in ((0, 0), (columns, rows))
    ]
    assert tell(*pages) == [words]


def test_a_move_is_found_beside_something_that_stays() -> None:
    wall = rectangle(240, 90, 3, 100, INK)
    before = draw(rectangle(100, 100, 140, 40, (240, 240, 230)), text(115, 128, "Search"), wall)
    after = draw(rectangle(100, 105, 140, 40, (240, 240, 230)), text(115, 133, "Search"), wall)
    assert tell(before, after) == ["moved by 5 px down"]


def test_a_text_that_grew_is_not_called_moved_although_its_end_did() -> None:
    before, after = (draw(text(40, 150, "CLARENCE TAYLOR", INK, size)) for size in (1.3, 1.33))
    assert not any("moved" in words for words in tell(before, after))


def test_a_box_that_grew_tells_both_sizes() -> None:
    before = draw(rectangle(100, 100, 120, 40, BLUE_600))
    after = draw(rectangle(80, 90, 160, 60, BLUE_600))
    assert tell(before, after) == ["resized from 120×40 to 160×60"]


@pytest.mark.parametrize(
    "change",
    [
        (rectangle(100, 100, 200, 90, (120, 120, 120), 1),),
        (rectangle(97, 97, 206, 96, (215, 215, 210)), rectangle(100, 100, 200, 90, PAPER)),
    ],
    ids=["border", "shadow"],
)
def test_a_change_along_the_edge_of_a_card_is_called_restyled(change: Any) -> None:
    label = text(130, 150, "Orders")
    assert tell(draw(label), draw(*change, label)) == [EDGE]


def test_words_around_something_that_stays_are_no_edge() -> None:
    def page(words: str) -> NDArray[np.uint8]:
        around = [(100, 100), (230, 100), (165, 122), (100, 200)]
        return draw(*(text(*place, words) for place in around), text(150, 160, "middle"))

    assert EDGE not in tell(page("early"), page("later"))


def test_a_border_of_a_tiny_thing_has_no_inside() -> None:
    before, after = (draw(rectangle(100, 100, 8, 8, colour, 1)) for colour in (INK, BLUE_600))
    assert EDGE not in tell(before, after)


@pytest.mark.parametrize(
    "bars",
    [
        [(100, 100, 60, 4), (100, 100, 4, 60)],
        [(100, 100, 3, 26), (124, 100, 2, 2), (124, 124, 2, 2)],
        [(100, 100, 60, 4), (128, 114, 4, 4)],
    ],
    ids=["three corners", "one side and two dots", "one side and a dot in the middle"],
)
def test_a_part_of_an_edge_is_not_called_an_edge(bars: list[Box]) -> None:
    dark, light = ([rectangle(*bar, colour) for bar in bars] for colour in (INK, (210, 60, 60)))
    assert EDGE not in tell(draw(*dark), draw(*light))


def fade(page: NDArray[np.uint8], box: Tile, share: float) -> NDArray[np.uint8]:
    faded = page.copy()
    mixed = share * box.crop(page) + (1 - share) * np.array(PAPER)
    box.crop(faded)[...] = np.rint(mixed)
    return faded


def test_a_button_that_fades_is_called_opacity_with_the_share() -> None:
    button = draw(rectangle(100, 100, 200, 60, (180, 40, 40)), text(130, 138, "Cancel", INK))
    faded = fade(button, Tile(100, 160, 100, 300), 0.7)
    assert tell(button, faded) == ["opacity changed: colours 30% nearer to their background"]
    assert tell(faded, button) == ["opacity changed: colours 30% further from their background"]


def test_a_text_that_fades_is_recoloured_as_nobody_can_tell_the_two_apart() -> None:
    before, after = (draw(text(60, 90, "Details", colour)) for colour in (INK, (96, 104, 112)))
    assert tell(before, after) == ["recoloured #1f2937 → #606870"]


def test_a_text_of_another_colour_is_recoloured() -> None:
    before, after = (draw(text(60, 90, "Details", colour)) for colour in (BLUE_600, (220, 38, 38)))
    assert tell(before, after) == ["recoloured #2563eb → #dc2626"]


def test_a_pattern_that_became_another_of_the_same_colours_is_not_recoloured() -> None:
    # Where it changed, dark became light and light became dark; half of it did not change.
    rng = np.random.default_rng(3)
    pages = []
    for _ in range(2):
        marks = np.repeat(np.repeat(rng.random((10, 40)) < 0.5, 4, axis=0), 4, axis=1)
        page = draw(rectangle(96, 96, 168, 48, INK))
        page[100:140, 100:260][marks] = PAPER
        pages.append(page)
    assert not any("recoloured" in words for words in tell(*pages))


@pytest.mark.parametrize(
    ("before", "after"), [("Monday", "Friday"), ("8", "3"), ("1,284", "1,234")]
)
def test_another_word_or_digit_is_called_content(before: str, after: str) -> None:
    assert tell(draw(text(60, 90, before)), draw(text(60, 90, after))) == [CONTENT[1]]


@pytest.mark.parametrize(
    "after",
    [
        (rectangle(60, 70, 100, 30, (220, 38, 38)), text(70, 90, "New", (255, 255, 255))),
        (text(60, 90, "Monday"), text(66, 95, "see_it")),
        (text(60, 112, "Friday"),),
        (text(150, 90, "Friday"),),
    ],
    ids=["a badge", "a text over it", "a text on another line", "a text beside it"],
)
def test_another_thing_in_the_place_of_a_text_is_only_called_changed(after: Any) -> None:
    assert tell(draw(text(60, 90, "Monday")), draw(*after)) == ["changed"]


def test_a_picture_of_other_colours_in_the_same_frame_is_called_content() -> None:
    rng = np.random.default_rng(9)
    pages = []
    for least, most in ((0, 90), (120, 230)):
        page = draw()
        page[100:160, 100:180] = rng.integers(least, most, (60, 80, 3))
        pages.append(page)
    assert tell(*pages) == [CONTENT[1]]


def test_text_that_is_only_smoothed_otherwise_has_not_changed_its_content() -> None:
    page = draw(text(60, 90, "Monday"))
    shift = np.array([[1, 0, 0.33], [0, 1, 0]], np.float32)
    moved = np.asarray(cv2.warpAffine(page, shift, (500, 300), borderValue=PAPER), np.uint8)
    assert tell(page, moved) == ["changed"]


def test_two_colours_that_differ_below_eight_bits_have_not_faded() -> None:
    deep = draw(rectangle(100, 100, 200, 60, (180, 40, 40)), text(130, 138, "Cancel")).astype(
        np.uint16
    )
    deep *= 256
    changed = deep.copy()
    changed[100:160, 100:300] += 9
    assert tell(deep, changed) == ["changed"]


def test_in_a_photo_nobody_can_tell_ink_from_background() -> None:
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, (38, 63, 3), dtype=np.uint8)
    photo = np.asarray(cv2.resize(coarse, (500, 300), interpolation=cv2.INTER_CUBIC), np.uint8)
    marked = photo.copy()
    rectangle(200, 100, 60, 30, (220, 38, 38))(marked)
    assert tell(photo, marked) == ["changed"]


@st.composite
def pairs_of_pages(draw_value: st.DrawFn) -> tuple[Pixels, Pixels]:
    """Return two images of any layout that differ in a few rectangles."""
    shape = (
        draw_value(st.integers(1, 90)),
        draw_value(st.integers(1, 90)),
        draw_value(st.sampled_from([1, 3, 4])),
    )
    depth = draw_value(st.sampled_from([np.uint8, np.uint16]))
    rng = np.random.default_rng(draw_value(st.integers(0, 2**32 - 1)))
    baseline = np.full(shape, rng.integers(0, 256), depth)
    if draw_value(st.booleans()):
        baseline = rng.integers(0, 256, shape).astype(depth)
    candidate = baseline.copy()
    for _ in range(draw_value(st.integers(1, 4))):
        top, left = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        height, width = rng.integers(1, 40, 2)
        candidate[top : top + height, left : left + width] = rng.integers(0, 256, shape[2])
    return baseline, candidate


@given(pair=pairs_of_pages())
@settings(deadline=None, max_examples=150)
def test_any_change_of_any_layout_gets_some_words(pair: tuple[Pixels, Pixels]) -> None:
    regions = find(*pair)
    assert all(region.description for region in regions)
    # To go back says the same kind, but for what came, which went.
    turned = {RegionKind.ADDED: RegionKind.REMOVED, RegionKind.REMOVED: RegionKind.ADDED}
    if len(regions) == 1 and regions[0].kind in turned:
        (back,) = find(*pair[::-1])
        assert back.kind is turned[regions[0].kind]
