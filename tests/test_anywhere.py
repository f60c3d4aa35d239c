"""Ink that another rasteriser may have drawn, on a page that was not drawn anew as a whole."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visualdiff import compare_images
from visualdiff.anywhere import find_drawn_anew
from visualdiff.tiles import Pixels, find_differing_pixels, make_sparse

FOLDER = Path(__file__).parent / "cases" / "should_match" / "text-rasterised-anew"
PAGE, REDRAWN = (
    np.asarray(Image.open(FOLDER / f"{side}.png")) for side in ("baseline", "candidate")
)
LINE = np.s_[38:52]


def with_line(line: Pixels) -> Pixels:
    """Return the page with another line of text on rows 38 to 51."""
    image = PAGE.copy()
    image[LINE] = line
    return image


def is_explained(candidate: Pixels) -> bool:
    visible = find_differing_pixels(PAGE, candidate)
    redrawn = find_drawn_anew(PAGE, candidate, visible)
    assert not (redrawn & ~visible.pixels).any()
    return bool((redrawn == visible.pixels).all())


def test_a_line_drawn_a_part_of_a_pixel_lower_is_explained() -> None:
    assert is_explained(with_line(REDRAWN[LINE]))


def test_a_line_that_faded_is_not() -> None:
    faded = np.rint(0.75 * PAGE[LINE].astype(float) + 0.25 * 250).astype(np.uint8)
    assert not is_explained(with_line(faded))


def test_a_line_that_is_gone_is_not() -> None:
    assert not is_explained(with_line(np.full_like(PAGE[LINE], 250)))


def test_a_line_that_moved_by_three_pixels_is_not() -> None:
    assert not is_explained(with_line(np.roll(PAGE[LINE], 3, axis=1)))


def test_one_outlier_counts_all_of_its_cluster() -> None:
    candidate = with_line(REDRAWN[LINE])
    candidate[40:46, 60:66] = (220, 38, 38)
    visible = find_differing_pixels(PAGE, candidate)
    redrawn = find_drawn_anew(PAGE, candidate, visible)
    assert not redrawn[40:46, 50:80].any()


@pytest.mark.parametrize("shape", [(8, 300, 3), (300, 8, 1), (1, 1, 3)])
def test_what_is_smaller_than_a_block_is_never_explained(shape: tuple[int, ...]) -> None:
    baseline = np.full(shape, 200, np.uint8)
    visible = make_sparse(np.ones(shape[:2], np.bool_))
    assert not find_drawn_anew(baseline, baseline - 1, visible).any()


def test_nothing_visible_is_nothing_explained() -> None:
    assert not find_drawn_anew(PAGE, PAGE, make_sparse(np.zeros(PAGE.shape[:2], np.bool_))).any()


def test_it_is_asked_for_and_does_not_apply_where_smoothing_counts() -> None:
    candidate = with_line(np.roll(PAGE[LINE], 1, axis=1))
    assert not compare_images(PAGE, candidate).passed
    assert compare_images(PAGE, candidate, rasterising="anywhere").passed
    counted = compare_images(PAGE, candidate, rasterising="anywhere", antialiasing="count")
    assert counted.ignored_pixels.rasterising == 0
