"""Edges between two flat areas that moved: ends of bars, thumbs, sections."""

import cv2
import numpy as np
import pytest
from drawing import BLUE_600, INK, PAPER, Box, draw, find, rectangle, tell

from visualdiff.model import RegionKind
from visualdiff.scene import look
from visualdiff.stretch import find_stretch
from visualdiff.tiles import Pixels, Tile

TRACK = (229, 231, 235)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((100, 100, 80, 12), (100, 100, 140, 12), "60 px to the right"),
        ((100, 100, 140, 12), (100, 100, 80, 12), "60 px to the left"),
        ((160, 100, 40, 12), (110, 100, 90, 12), "50 px to the left"),
        ((100, 100, 12, 80), (100, 100, 12, 120), "40 px down"),
        ((100, 140, 12, 80), (100, 110, 12, 110), "30 px up"),
    ],
    ids=["grows", "shrinks", "grows to the left", "grows down", "grows up"],
)
@pytest.mark.parametrize("ground", [TRACK, PAPER], ids=["on a track", "on paper"])
def test_a_bar_of_another_length_tells_where_its_end_went(
    before: Box, after: Box, words: str, ground: tuple[int, ...]
) -> None:
    track = rectangle(90, 90, 300, 150, ground)
    old, new = (draw(track, rectangle(*box, BLUE_600)) for box in (before, after))
    (region,) = find(old, new)
    assert region.kind is RegionKind.RESIZED
    assert region.description == f"resized: edge moved by {words}"


def test_round_ends_do_not_make_the_way_longer() -> None:
    def bar(end: int) -> Pixels:
        flat = rectangle(90, 90, 300, 40, TRACK), rectangle(95, 100, end - 95, 21, INK)
        return draw(*flat, lambda page: cv2.circle(page, (end, 110), 10, INK, -1))

    (region,) = find(bar(150), bar(210))
    assert region.description == "resized: edge moved by 60 px to the right"
    assert region.width > 60


def test_a_thing_that_goes_from_flat_ground_did_not_stretch_it() -> None:
    blot = rectangle(200, 100, 60, 40, BLUE_600)
    assert tell(draw(blot), draw()) == ["removed"]
    assert tell(draw(), draw(blot)) == ["added"]


def test_a_strip_beside_a_card_that_goes_is_removed() -> None:
    # The card begins where the strip ended, but what is beyond the strip is neither of the two.
    card = rectangle(105, 100, 200, 90, (255, 255, 255))
    frame = rectangle(99, 99, 208, 92, (255, 255, 255))
    strip = rectangle(100, 100, 5, 90, BLUE_600)
    assert tell(draw(frame, card, strip), draw(frame, card)) == ["removed"]


def test_more_of_a_list_on_a_flat_ground_is_no_stretch() -> None:
    rows = [rectangle(100, 120 + 8 * row, 90, 3, INK) for row in range(5)]
    ground = rectangle(90, 60, 110, 50, TRACK)
    more = rectangle(90, 110, 110, 50, TRACK)
    assert not any(
        "edge moved" in words for words in tell(draw(ground), draw(ground, more, *rows))
    )


def test_of_every_second_pixel_no_way_is_told() -> None:
    before = np.full((40, 400, 3), PAPER, np.uint8)
    after = before.copy()
    before[:, :100], after[:, :300] = INK, INK
    visible = (before != after).any(axis=2)
    box = Tile(0, 40, 100, 300)
    assert find_stretch(look(before, after, visible, box, 1 << 18)) == (0, 200)
    assert find_stretch(look(before, after, visible, box, 1 << 10)) is None
