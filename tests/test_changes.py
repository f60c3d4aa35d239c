"""The id of a change: the same for the same change, whatever lies around; never for another."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from drawing import (
    BLUE_600,
    INK,
    draw_button,
    draw_page,
    draw_round_button,
    rectangle,
    region_at,
    text,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from visualdiff import Region, RegionKind, compare_images
from visualdiff.canvas import lay_out
from visualdiff.changes import identify_changes
from visualdiff.tiles import Pixels

RED_600 = (220, 38, 38)
WHITE, GRAY = (255, 255, 255), (229, 231, 235)
Edit = Callable[[NDArray[np.uint8]], object]


def find(baseline: Pixels, candidate: Pixels, **chosen: Any) -> tuple[Region, ...]:
    regions = compare_images(baseline, candidate, **chosen).regions
    assert regions
    return regions


def identify(baseline: Pixels, candidate: Pixels, **chosen: Any) -> str:
    """Return the id of the only change."""
    (region,) = find(baseline, candidate, **chosen)
    return region.change


def draw(paper: tuple[int, ...], *edits: Edit, width: int = 500, height: int = 300) -> Pixels:
    page = np.full((height, width, 3), paper, np.uint8)
    for edit in edits:
        edit(page)
    return page


def recolour(left: int, top: int, paper: tuple[int, ...] = WHITE, **size: int) -> tuple[Any, Any]:
    """Return a page with a button before and after it became red."""
    words = text(left + 12, top + 26, "Buy now", WHITE)
    pages = (
        draw(paper, rectangle(left, top, 130, 40, colour), words, **size)
        for colour in (BLUE_600, RED_600)
    )
    return next(pages), next(pages)


BUTTON = identify(*recolour(30, 40))


@given(
    left=st.integers(0, 300),
    top=st.integers(0, 200),
    paper=st.sampled_from([WHITE, GRAY, INK, (1, 2, 3)]),
    width=st.integers(430, 700),
    height=st.integers(240, 500),
)
@settings(max_examples=25)
def test_a_button_has_one_id_wherever_it_stands(
    left: int, top: int, paper: tuple[int, ...], width: int, height: int
) -> None:
    assert identify(*recolour(left, top, paper, width=width, height=height)) == BUTTON


def test_round_corners_do_not_tell_what_lies_around_them() -> None:
    papers = (WHITE, GRAY, INK, (254, 243, 199))
    pages = [
        [draw_round_button(colour, paper) for colour in (BLUE_600, RED_600)] for paper in papers
    ]
    assert len({identify(*each) for each in pages}) == 1
    assert identify(*(draw_round_button(colour, WHITE, 6) for colour in (BLUE_600, RED_600))) != (
        identify(*pages[0])
    )


def test_an_id_is_the_same_in_every_release() -> None:
    # People keep ids in notes and scripts; whoever changes what is hashed shall know it.
    assert identify(draw_button(BLUE_600), draw_button(RED_600)) == "3999f7105487"
    page = np.full((100, 200, 3), 250, np.uint8)
    page[::20] = 40
    banner = np.full((30, 200, 3), BLUE_600, np.uint8)
    assert identify(page, np.insert(page, 50, banner, axis=0)) == "7a0af52bf3c3"


def test_other_changes_nearby_do_not_matter() -> None:
    baseline, candidate = recolour(30, 40, height=600)
    candidate[500:520, 300:400] = 0
    changes = {region.change for region in find(baseline, candidate)}
    assert BUTTON in changes
    assert len(changes) == 2


def with_pixel(page: Pixels, colour: tuple[int, ...]) -> Pixels:
    changed = page.copy()
    changed[45, 35] = colour
    return changed


def test_one_pixel_makes_another_change() -> None:
    baseline, candidate = recolour(30, 40)
    others = [
        identify(baseline, with_pixel(candidate, (219, 38, 38))),
        identify(with_pixel(baseline, (37, 99, 234)), candidate),
        identify(candidate, baseline),
        # It stayed as it was.
        identify(with_pixel(baseline, RED_600), candidate),
    ]
    assert len({BUTTON, *others}) == 5


def test_files_of_one_look_agree() -> None:
    gray = [draw((255, 255, 255), rectangle(9, 9, 60, 20, (n, n, n))) for n in (10, 90)]

    def add_alpha(page: Pixels) -> Pixels:
        return np.dstack((page, np.full(page.shape[:2], np.iinfo(page.dtype).max, page.dtype)))

    def deepen(page: Pixels) -> Pixels:
        return np.asarray(page * np.uint16(257), np.uint16)

    for pages in (gray, recolour(30, 40)):
        layouts = [
            [add_alpha(page) for page in pages],
            [deepen(page) for page in pages],
            [add_alpha(pages[0]), pages[1]],
            [pages[0], deepen(pages[1])],
        ]
        if pages is gray:
            layouts.append([page[:, :, 0] for page in pages])
        assert {identify(*layout) for layout in layouts} == {identify(*pages)}


def test_another_opacity_is_another_change() -> None:
    baseline = np.full((80, 80, 4), 200, np.uint8)
    found = []
    for alpha in (255, 90):
        candidate = baseline.copy()
        candidate[20:40, 20:40] = (*RED_600, alpha)
        found.append(identify(baseline, candidate))
    assert found[0] != found[1]


def test_what_lies_between_the_pixels_of_a_change_does_not_matter() -> None:
    # Two bars in one box: what is between them is another, and the same before and after.
    found = []
    for between in (WHITE, GRAY):
        baseline = draw(between, rectangle(50, 50, 100, 6, INK), rectangle(50, 66, 100, 6, INK))
        bars = rectangle(50, 50, 100, 6, RED_600), rectangle(50, 66, 100, 6, RED_600)
        found.append(identify(baseline, draw(between, *bars)))
    assert found[0] == found[1]


def test_a_masked_part_is_no_part_of_a_change() -> None:
    whole, mask = recolour(30, 40), {"x": 0, "y": 0, "width": 60, "height": 300}
    assert identify(*whole, masks=[mask]) != BUTTON
    # What it hides may be anything.
    candidate = whole[1].copy()
    candidate[:, :60] = 0
    assert identify(whole[0], candidate, masks=[mask]) == identify(*whole, masks=[mask])


def move(by: int, left: int = 40) -> tuple[Region, ...]:
    """Return what is found where a logo moved down, out of its box."""
    logo = [text(left, 60, "Acme", INK), rectangle(left, 66, 60, 3, RED_600)]
    later = [text(left, 60 + by, "Acme", INK), rectangle(left, 66 + by, 60, 3, RED_600)]
    return find(draw(WHITE, *logo, height=500), draw(WHITE, *later, height=500))


def test_the_old_place_of_what_moved_tells_how_far() -> None:
    near, far = move(300), move(320)
    assert {region.kind for region in (*near, *far)} == {RegionKind.MOVED}
    assert len(near) == len(far) == 2
    assert len({region.change for region in (*near, *far)}) == 4
    assert [region.change for region in move(300, left=300)] == [item.change for item in near]


def insert(at: int, *, width: int = 320, seed: int = 0, rows: int = 40) -> tuple[Pixels, Pixels]:
    """Return a page and the same with a banner inserted, whose text stands at its left."""
    page = draw_page(20, seed, width)
    banner = np.full((rows, width, 3), BLUE_600, np.uint8)
    text(20, 28, "New: dark mode", WHITE)(banner)
    return page, np.insert(page, at, banner, axis=0)


def test_inserted_rows_have_one_id_at_any_height_on_pages_of_any_width() -> None:
    (banner,) = find(*insert(100))
    assert banner.kind is RegionKind.INSERTED_ROWS
    for pages in (insert(100, width=512), insert(200, seed=3), insert(0, width=400, seed=4)):
        assert identify(*pages) == banner.change
    assert identify(*insert(100, rows=41)) != banner.change
    # To take it away is another change.
    baseline, candidate = insert(100)
    assert identify(candidate, baseline) != banner.change
    assert identify(candidate, baseline) == identify(*reversed(insert(200, seed=3, width=400)))


def grow(colour: tuple[int, ...], rows: int = 0, columns: int = 0) -> tuple[Pixels, Pixels]:
    page = draw(GRAY, text(20, 60, "Acme"), width=120, height=100)
    grown = np.full((100 + rows, 120 + columns, 3), colour, np.uint8)
    grown[:100, :120] = page
    return page, grown


def test_what_only_one_image_has_is_told_by_its_pixels() -> None:
    black = (0, 0, 0)
    strips = [grow(GRAY, 30), grow(GRAY, 31), grow(INK, 30), grow(black, 30)]
    strips += [grow(GRAY, columns=30), grow(GRAY, columns=60)]
    found = [identify(*pages, align="none") for pages in strips]
    found += [identify(*reversed(pages), align="none") for pages in strips]
    # Nor is it a black area that became another: there was none.
    baseline = draw(black, width=120, height=130)
    candidate = draw(black, rectangle(0, 100, 120, 30, GRAY), width=120, height=130)
    found.append(identify(baseline, candidate))
    assert all(found)
    assert len(set(found)) == 13
    # On another page of this width, it is the same.
    page, grown = grow(GRAY, 30)
    text(40, 30, "x")(page)
    text(40, 30, "x")(grown[:100])
    assert identify(page, grown, align="none") == found[0]


def test_an_image_that_is_wider_and_one_that_is_taller_have_a_strip_each() -> None:
    page = draw(GRAY, width=120, height=100)
    other = draw(GRAY, width=150, height=60)
    changes = [region.change for region in find(page, other, align="none")]
    assert len(set(changes)) == 2
    assert all(changes)


class Change:
    """A change in a page, and what a person who looked at every pixel would write down of it."""

    def __init__(self, before: Pixels, after: Pixels, visible: NDArray[np.bool_]) -> None:
        self.pictures = before, after
        self.visible = visible
        rows, columns = np.nonzero(visible)
        self.notes = {
            (int(y - rows.min()), int(x - columns.min())): (*before[y, x], *after[y, x])
            for y, x in zip(rows, columns, strict=True)
        }

    def identify(self) -> str:
        height, width = self.visible.shape
        region = region_at(0, 0, width, height)
        canvas = lay_out(*self.pictures, opaque=True)
        (found,) = identify_changes([region], self.pictures, canvas, self.visible)
        return found.change


@st.composite
def changes(draw_from: st.DrawFn) -> Change:
    """Draw pages of a few pixels in two colours, so that some changes are equal by chance."""
    height, width = draw_from(st.integers(1, 3)), draw_from(st.integers(1, 3))
    before = draw_from(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    seen = draw_from(
        st.lists(st.booleans(), min_size=height * width, max_size=height * width).filter(any)
    )
    first = np.array(before).reshape(height, width, 1) * np.full(3, 200, np.uint8)
    visible = np.array(seen).reshape(height, width)
    return Change(first, np.where(visible[:, :, None], 255 - first, first), visible)


@given(changes(), changes())
@settings(max_examples=300)
def test_two_changes_share_an_id_exactly_if_they_are_one(one: Change, other: Change) -> None:
    assert (one.identify() == other.identify()) == (one.notes == other.notes)


def test_a_change_higher_than_a_strip_is_hashed_to_its_end() -> None:
    found = []
    for last in (RED_600, INK):
        pages = [draw(WHITE, height=300), draw(WHITE, rectangle(5, 5, 9, 290, INK), height=300)]
        pages[1][294, 5:14] = last
        found.append(identify(*pages))
    assert found[0] != found[1]


def test_a_box_in_which_nothing_is_visible_has_no_id() -> None:
    page = draw(WHITE, width=20, height=20)
    visible = np.zeros((20, 20), np.bool_)
    visible[0, 0] = True
    change = Change(page, page, visible)
    change.visible = np.zeros_like(visible)
    assert change.identify() == ""


@pytest.mark.parametrize("align", ["translate", "similarity"])
def test_a_change_on_a_page_that_moved_has_an_id(align: str) -> None:
    page = draw_page(20)
    moved = np.roll(page, (3, 2), axis=(0, 1))
    moved[200:240, 100:180] = RED_600
    assert all(region.change for region in find(page, moved, align=align))
