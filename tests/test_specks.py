"""Clusters of visible pixels, and which of them are too small to count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualdiff import compare_images
from visualdiff.settings import Mask
from visualdiff.specks import find_clusters, find_specks
from visualdiff.tiles import PixelMask, make_sparse

PAPER = np.full((120, 200, 3), 240, np.uint8)


def mark(*boxes: tuple[int, int, int, int]) -> PixelMask:
    mask = np.zeros((120, 200), np.bool_)
    for top, bottom, left, right in boxes:
        mask[top:bottom, left:right] = True
    return mask


def with_dots(
    *boxes: tuple[int, int, int, int],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = PAPER.copy()
    image[mark(*boxes)] = 20
    return image


def test_nothing_is_no_cluster() -> None:
    clusters = find_clusters(make_sparse(mark()))
    assert (clusters.sizes.size, clusters.rows.size) == (0, 0)
    assert not find_specks(make_sparse(mark()), 5).any()


def test_what_has_fewer_pixels_is_a_speck_and_what_has_as_many_is_not() -> None:
    visible = make_sparse(mark((10, 12, 20, 22), (60, 61, 100, 105)))
    assert sorted(find_clusters(visible).sizes.tolist()) == [4, 5]
    assert not find_specks(visible, 4).any()
    assert np.array_equal(find_specks(visible, 5), mark((10, 12, 20, 22)))
    assert np.array_equal(find_specks(visible, 6), visible.pixels)


@pytest.mark.parametrize(
    ("right", "count"), [((10, 11, 36, 37), 1), ((10, 11, 60, 61), 2), ((40, 41, 20, 21), 2)]
)
def test_specks_that_share_a_region_share_a_cluster(
    right: tuple[int, int, int, int], count: int
) -> None:
    boxes = (10, 11, 20, 21), right
    assert len(find_clusters(make_sparse(mark(*boxes))).sizes) == count
    assert len(compare_images(PAPER, with_dots(*boxes)).regions) == count


@given(
    st.lists(st.tuples(st.integers(0, 119), st.integers(0, 199)), max_size=40), st.integers(1, 9)
)
def test_every_visible_pixel_is_of_one_cluster(places: list[tuple[int, int]], least: int) -> None:
    pixels = mark(*((y, y + 1, x, x + 1) for y, x in places))
    clusters = find_clusters(make_sparse(pixels))
    assert np.array_equal(
        clusters.mark(np.ones(len(clusters.sizes), np.bool_), (120, 200)), pixels
    )
    assert clusters.sizes.sum() == np.count_nonzero(pixels)
    assert not (find_specks(make_sparse(pixels), least) & ~pixels).any()


def test_specks_are_ignored_counted_and_neutralised() -> None:
    dots = (10, 12, 20, 22), (60, 70, 100, 110)
    found = compare_images(PAPER, with_dots(*dots), min_region_pixels=5)
    assert (found.diff_pixels, found.ignored_pixels.small, len(found.regions)) == (100, 4, 1)
    assert found.score == pytest.approx(compare_images(PAPER, with_dots(dots[1])).score, abs=1e-12)
    assert found.score > min(found.raw_channels.values())
    alone = compare_images(PAPER, with_dots(dots[0]), min_region_pixels=5)
    assert (alone.passed, alone.score, alone.regions) == (True, 1.0, ())


def test_a_speck_that_is_partly_masked_counts_what_is_left() -> None:
    masks = [Mask(x=0, y=0, width=21, height=120)]
    found = compare_images(PAPER, with_dots((10, 12, 20, 22)), min_region_pixels=3, masks=masks)
    assert (found.ignored_pixels.masked, found.ignored_pixels.small) == (2, 2)


def test_ten_thousand_specks_are_all_ignored() -> None:
    baseline = np.full((2400, 3200, 1), 240, np.uint8)
    candidate = baseline.copy()
    candidate[8::24, 16::32] = 20
    found = compare_images(baseline[..., 0], candidate[..., 0], min_region_pixels=2)
    assert (found.passed, found.ignored_pixels.small) == (True, 10_000)
