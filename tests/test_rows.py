"""Which row of the baseline a row of the candidate stands for."""

import numpy as np
import pytest
from drawing import LINE, WIDTH, draw_page
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from visualdiff.rows import map_rows
from visualdiff.tiles import Pixels


def draw_band(rows: int, channels: int = 3) -> Pixels:
    """Draw rows that no page has."""
    band = np.full((rows, WIDTH, channels), 120, np.uint8)
    band[:, ::7] = 220
    return band


def insert(page: Pixels, row: int, band: Pixels) -> Pixels:
    return np.concatenate((page[:row], band, page[row:]))


def expect_exact(baseline: Pixels, candidate: Pixels, unpaired: int) -> None:
    """Check that all rows but a few are mapped, to equal rows, in ascending order."""
    rows = map_rows(baseline, candidate)
    assert rows is not None
    kept = rows >= 0
    assert (~kept).sum() == unpaired
    assert np.array_equal(candidate[kept], baseline[rows[kept]])
    assert (np.diff(rows[kept]) > 0).all()


@given(
    st.integers(0, 60 * LINE - 1),
    st.integers(1, 200),
    st.sampled_from([1, 3, 4]),
    st.integers(0, 3),
    st.booleans(),
)
@examples(max_examples=60, deadline=None)
def test_inserted_and_removed_rows_are_found_wherever_they_are(
    row: int, height: int, channels: int, seed: int, removed: bool
) -> None:
    page = draw_page(60, seed, channels=channels)
    longer = insert(page, row, draw_band(height, channels))
    baseline, candidate = (longer, page) if removed else (page, longer)
    expect_exact(baseline, candidate, 0 if removed else height)


def test_inserted_rows_begin_with_what_was_inserted() -> None:
    # The blank rows above and below are the same: a person would count those below to the line.
    page = draw_page(40)
    rows = map_rows(np.delete(page, slice(200, 220), axis=0), page)
    assert rows is not None
    assert np.flatnonzero(rows < 0).tolist() == [*range(200, 220)]


def test_rows_of_one_pixel_are_found() -> None:
    page = draw_page(50)
    expect_exact(page, insert(page, 302, page[302:303]), 1)


def test_several_bands_are_found() -> None:
    page = draw_page(120)
    candidate = insert(page, 1600, draw_band(48))
    candidate = np.delete(candidate, slice(1000, 1060), axis=0)
    candidate = insert(candidate, 300, draw_band(17))
    expect_exact(page, candidate, 48 + 17)


def test_rows_that_repeat_do_not_mislead() -> None:
    # A table of which every second row is the same, and stripes as high as what was inserted.
    page = draw_page(80)
    page[LINE : 60 * LINE] = np.tile(page[LINE : 3 * LINE], (30, 1, 1))[: 59 * LINE]
    page[10 * LINE : 50 * LINE : 4 * LINE, :40] = 0
    page[np.arange(12 * LINE, 52 * LINE, 5 * LINE), 100:180] = np.arange(8)[:, None, None]
    expect_exact(page, insert(page, 30 * LINE, draw_band(2 * LINE)), 2 * LINE)


def test_an_end_that_is_cut_off_is_no_reason_to_miss_the_shift() -> None:
    page = draw_page(60)
    candidate = insert(page, 333, draw_band(48))[: len(page)]
    expect_exact(page, candidate, 48)


def test_a_blank_end_does_not_count_as_having_stayed() -> None:
    page = np.concatenate((draw_page(40), np.full((100, WIDTH, 3), 250, np.uint8)))
    candidate = insert(page, 0, draw_band(56))[: len(page)]
    rows = map_rows(page, candidate)
    assert rows is not None
    assert rows[-1] == len(page) - 57


def test_columns_that_stay_are_outvoted() -> None:
    page = draw_page(60)
    candidate = insert(page, 400, draw_band(60))[: len(page)]
    candidate[:, :100] = page[:, :100]
    rows = map_rows(page, candidate)
    assert rows is not None
    assert np.flatnonzero(rows < 0).tolist() == [*range(400, 460)]


def test_slight_noise_does_not_matter() -> None:
    page = draw_page(60)
    candidate = insert(page, 400, draw_band(60))
    noise = np.random.default_rng(5).integers(0, 4, candidate.shape, np.uint8)
    rows = map_rows(page, candidate + noise)
    assert rows is not None
    assert np.flatnonzero(rows < 0).tolist() == [*range(400, 460)]


def test_changes_below_do_not_hide_the_shift() -> None:
    page = draw_page(60)
    candidate = insert(page, 200, draw_band(30))
    candidate[700:712, 40:200] = 90
    rows = map_rows(page, candidate)
    assert rows is not None
    assert np.flatnonzero(rows < 0).tolist() == [*range(200, 230)]


@pytest.mark.parametrize("distance", [2, 40])
def test_an_element_that_moved_between_others_is_no_shift(distance: int) -> None:
    page = draw_page(60)
    page[300:700] = 250
    candidate = page.copy()
    element = draw_page(4, seed=9)
    page[400 : 400 + len(element)] = element
    candidate[400 + distance : 400 + distance + len(element)] = element
    assert map_rows(page, candidate) is None


def test_a_font_that_is_one_pixel_lower_is_no_shift() -> None:
    # Another renderer: each letter is other pixels, and stands a row lower.
    page = draw_page(60)
    smooth = page.astype(np.uint16)
    candidate = (smooth + np.roll(smooth, 1, axis=0) * 2 + np.roll(smooth, (1, 2), (0, 1))) // 4
    candidate = np.where(np.arange(len(page))[:, None, None] > 500, candidate, page)
    assert map_rows(page, candidate.astype(np.uint8)) is None


def test_other_content_of_the_same_height_is_no_shift() -> None:
    page = draw_page(60)
    candidate = page.copy()
    candidate[300:900] = draw_page(30, seed=7)
    assert map_rows(page, candidate) is None


def test_another_theme_is_no_shift() -> None:
    page = draw_page(60)
    assert map_rows(page, 255 - page) is None


def test_equal_images_are_no_shift() -> None:
    page = draw_page(10)
    assert map_rows(page, page.copy()) is None


@pytest.mark.parametrize("rows", [1, 48])
def test_rows_at_the_end_are_left_to_the_size(rows: int) -> None:
    page = draw_page(40)
    longer = np.concatenate((page, draw_band(rows)))
    assert map_rows(page, longer) is None
    assert map_rows(longer, page) is None


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.integers(0, 9))
@examples(max_examples=80, deadline=None)
def test_whatever_is_mapped_ascends(height: int, other: int, width: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    images = [random.integers(0, 3, (rows, width, 3), np.uint8) for rows in (height, other)]
    rows = map_rows(images[0], images[1])
    if rows is not None:
        assert len(rows) == other
        kept = rows[rows >= 0]
        assert (np.diff(kept) > 0).all()
        assert not kept.size or kept[-1] < height
