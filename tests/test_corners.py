import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from visualdiff import Status, compare_images
from visualdiff.corners import find_corners

Levels = NDArray[np.uint8]
FINE = 8
PAPER = (250, 249, 246)
BUTTON = (240, 150, 40)


def draw(
    radius: float, *, place: tuple[int, int] = (20, 20), size: tuple[int, int] = (80, 28)
) -> Levels:
    """Draw a button with round corners, smoothly."""
    image = Image.new("RGB", (160 * FINE, 100 * FINE), PAPER)
    left, top = (edge * FINE for edge in place)
    box = (left, top, left + size[0] * FINE - 1, top + size[1] * FINE - 1)
    ImageDraw.Draw(image).rounded_rectangle(box, radius * FINE, fill=BUTTON)
    return np.array(image.resize((160, 100), Image.Resampling.BOX))


def find(baseline: Levels, candidate: Levels) -> int:
    corners = find_corners(baseline, candidate, (baseline != candidate).any(axis=2))
    return int(np.count_nonzero(corners))


@pytest.mark.parametrize(("before", "after"), [(3, 0), (0, 3), (6, 3), (4, 8)])
def test_four_corners_of_another_radius_are_found(before: float, after: float) -> None:
    baseline, candidate = draw(before), draw(after)
    assert find(baseline, candidate) == (baseline != candidate).any(axis=2).sum()


def test_a_radius_that_is_gone_fails_and_is_one_box() -> None:
    found = compare_images(draw(3), draw(0))
    assert found.status is Status.FAILED
    (region,) = found.regions
    assert (region.x, region.y, region.width, region.height) == (20, 20, 80, 28)


def test_three_corners_are_none() -> None:
    candidate = draw(0)
    candidate[40:, 90:] = draw(3)[40:, 90:]
    assert find(draw(3), candidate) == 0


def test_corners_that_do_not_match_are_none() -> None:
    """One corner lost ink, and three gained it."""
    baseline, candidate = draw(3), draw(0)
    baseline[40:, 90:], candidate[40:, 90:] = candidate[40:, 90:].copy(), baseline[40:, 90:].copy()
    assert find(baseline, candidate) == 0


def test_the_feet_of_letters_that_moved_by_a_row_are_none() -> None:
    """Two lines of H, one above the other, have feet at the corners of a rectangle."""
    baseline = np.full((100, 160, 3), 250, np.uint8)
    for top, left in ((20, 40), (20, 110), (70, 40), (70, 110)):
        baseline[top : top + 12, left : left + 5] = 40
    candidate = baseline.copy()
    candidate[(32, 82), :] = baseline[(31, 81), :]
    assert find(baseline, candidate) == 0


def test_smoother_corners_of_the_same_radius_are_none() -> None:
    assert find(draw(3), draw(3.25)) == 0


def test_equal_images_have_none() -> None:
    assert find(draw(3), draw(3)) == 0


def test_many_scattered_specks_are_no_corners() -> None:
    """So many specks form rectangles by accident: a page that changed all over."""
    paper = np.full((400, 400, 3), 255, np.uint8)
    dotted = paper.copy()
    for row in range(2):
        for column in range(2):
            dotted[8 + row :: 20, 8 + column :: 20] = 0
    assert find(paper, dotted) == 0
