import cv2
import numpy as np
from drawing import BLUE_600, INK, PAPER, box_of, draw, find, rectangle, tell, text

from visualdiff.tiles import Pixels
from visualdiff.together import say_what_happened


def test_the_two_places_of_a_move_stay_apart_where_something_else_changed_between_them() -> None:
    spot = rectangle(60, 95, 4, 4, INK)
    assert tell(draw(text(30, 60, "Total")), draw(text(30, 150, "Total"), spot)) == [
        "added",
        "moved away, by 90 px down",
        "moved here, by 90 px down",
    ]


def test_a_label_that_went_elsewhere_is_told_at_both_places() -> None:
    assert tell(draw(text(30, 60, "Total")), draw(text(330, 260, "Total"))) == [
        "moved away, by 300 px to the right and 200 px down",
        "moved here, by 300 px to the right and 200 px down",
    ]


def test_what_went_is_not_found_in_another_text() -> None:
    assert tell(draw(text(30, 60, "Total")), draw(text(330, 260, "Tutor"))) == ["added", "removed"]


def test_specks_are_not_taken_for_one_that_moved() -> None:
    before, after = draw(rectangle(30, 30, 3, 3, INK)), draw(rectangle(330, 230, 3, 3, INK))
    assert tell(before, after) == ["added", "removed"]


def test_a_flat_box_that_moved_by_less_than_its_size_is_one_region() -> None:
    before, after = (draw(rectangle(x, 100, 140, 40, BLUE_600)) for x in (100, 103))
    (region,) = find(before, after)
    assert (region.description, box_of(region)) == (
        "moved by 3 px to the right",
        (100, 100, 143, 40),
    )


def test_two_lines_that_came_stay_two() -> None:
    rules = [rectangle(x, 100, 2, 60, INK) for x in (100, 300)]
    assert tell(draw(), draw(*rules)) == ["added", "added"]


def test_the_edges_of_a_huge_thing_that_moved_are_not_taken_for_one_that_moved_far() -> None:
    before, after = (np.full((700, 900, 3), PAPER, np.uint8) for _ in range(2))
    for page, x in ((before, 40), (after, 47)):
        page[40:660, x : x + 800] = (200, 210, 230)
    assert tell(before, after) == ["resized: edge moved by 7 px to the right"] * 2


def test_a_large_thing_that_moved_is_looked_at_closely() -> None:
    before, after = (
        draw(rectangle(20 + x, 30, 420, 220, (225, 230, 240)), text(60 + x, 130, "A large card"))
        for x in (0, 7)
    )
    assert tell(before, after) == ["moved by 7 px to the right"]


def test_without_a_box_nothing_is_said() -> None:
    page = draw()
    assert say_what_happened(page, page, np.zeros(page.shape[:2], np.bool_), []) == []


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


def test_a_flat_thing_that_moved_by_more_than_its_edges_are_thick_is_one() -> None:
    before, after = (draw(rectangle(x, 100, 140, 40, BLUE_600)) for x in (100, 200))
    (region,) = find(before, after)
    assert (region.description, box_of(region)) == (
        "moved by 100 px to the right",
        (100, 100, 240, 40),
    )


def test_two_bars_that_grow_alike_did_not_move() -> None:
    def chart(height: int) -> Pixels:
        bars = ((left, 200 - height, 30, height) for left in (100, 180))
        return draw(*(rectangle(*bar, BLUE_600) for bar in bars))

    assert tell(chart(60), chart(90)) == ["resized: edge moved by 30 px up"] * 2
