"""What stays in its place while inserted rows move the page below it."""

import numpy as np
import pytest
from drawing import WIDTH, draw_page

from visualdiff import compare_images
from visualdiff.floating import tell_what_floats
from visualdiff.model import Region, RegionKind
from visualdiff.tiles import Pixels

LEFT = "no longer covered by what stayed in its place"
PAGE = draw_page(60)


def insert(rows: int, page: Pixels = PAGE) -> Pixels:
    band = np.full((rows, WIDTH, 3), (120, 40, 40), np.uint8)
    return np.concatenate((page[:100], band, page[100:]))


def float_over(page: Pixels, top: int = 600, colour: tuple[int, ...] = (37, 99, 235)) -> Pixels:
    covered = page.copy()
    covered[top : top + 40, 200:280] = colour
    covered[top + 10 : top + 30, 220:230] = 255
    return covered


def tell(baseline: Pixels, candidate: Pixels) -> list[str]:
    regions = compare_images(baseline, candidate).regions
    return sorted(region.description for region in regions if "rows" not in region.kind)


def test_a_button_that_floats_is_told_at_both_places() -> None:
    stays = "stayed in its place while the page moved by 120 px down"
    assert tell(float_over(PAGE), float_over(insert(120))) == [LEFT, stays]


def test_two_places_that_are_near_are_told_in_one_box() -> None:
    words = ["stayed in its place while the page moved by 24 px down"]
    assert tell(float_over(PAGE), float_over(insert(24))) == words


def test_where_rows_went_the_page_moved_up() -> None:
    stays = "stayed in its place while the page moved by 120 px up"
    assert tell(float_over(insert(120)), float_over(PAGE)) == [LEFT, stays]


def test_a_button_that_moves_with_the_page_is_not_told() -> None:
    assert tell(float_over(PAGE), insert(120, float_over(PAGE))) == []


def test_a_button_that_came_with_the_rows_does_not_float() -> None:
    assert not any("stayed" in words for words in tell(PAGE, float_over(insert(120))))


def test_a_button_of_another_colour_did_not_stay() -> None:
    after = float_over(insert(120), colour=(220, 38, 38))
    assert not any("stayed" in words for words in tell(float_over(PAGE), after))


def test_a_cell_that_became_like_the_one_above_does_not_float() -> None:
    # Rows that repeat: what stood here before the page moved looks the same by chance.
    table = np.concatenate((PAGE[:400], np.tile(PAGE[400:420], (20, 1, 1)), PAGE[800:]))
    red, green = (200, 30, 30), (30, 140, 30)
    for row, colour in ((600, red), (620, green), (640, red)):
        table[row : row + 12, 40:60] = colour
    after = insert(20, table)
    after[640:652, 40:60] = red
    (words,) = tell(table, after)
    assert "stayed" not in words


@pytest.mark.parametrize("bands", [0, 1])
def test_what_is_above_all_bands_keeps_its_words(bands: int) -> None:
    after = PAGE.copy()
    after[20:32, 40:60] = 0
    region = Region(
        x=40,
        y=20,
        width=20,
        height=12,
        diff_pixels=240,
        kind=RegionKind.CHANGED,
        space="candidate",
        channel="red",
        description="changed",
    )
    band = Region(
        x=0,
        y=100,
        width=WIDTH,
        height=24,
        diff_pixels=0,
        kind=RegionKind.INSERTED_ROWS,
        space="candidate",
        channel="red",
        description="24 rows inserted at y = 100",
    )
    visible = (after != PAGE).any(axis=2)
    assert tell_what_floats([region], [band] * bands, PAGE, after, visible) == (region,)
