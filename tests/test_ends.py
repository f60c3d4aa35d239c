import numpy as np
import pytest
from drawing import box_of, find
from numpy.typing import NDArray


def draw_corners(radius: int) -> NDArray[np.uint8]:
    """Return a dark card with round corners, without smoothing."""
    page = np.full((400, 600, 3), 250, np.uint8)
    rows, columns = np.ogrid[:200, :400]
    across = np.maximum(radius - columns, columns - 399 + radius).clip(0)
    down = np.maximum(radius - rows, rows - 199 + radius).clip(0)
    page[100:300, 100:500][across**2 + down**2 <= radius**2] = 60
    return page


@pytest.mark.parametrize("radii", [(0, 12), (16, 6)], ids=["rounded", "less round"])
def test_the_four_corners_of_a_card_are_one_change(radii: tuple[int, int]) -> None:
    before, after = map(draw_corners, radii)
    (region,) = find(before, after)
    assert box_of(region) == (100, 100, 400, 200)


def test_the_round_ends_of_a_button_are_one_change() -> None:
    before, after = (draw_corners(radius)[100:150, :] for radius in (0, 20))
    # Its upper corners only, as if it went on below: two ends on the same rows.
    (region,) = find(before, after)
    assert box_of(region) == (100, 0, 400, region.height)


def test_the_same_mark_in_a_list_stays_as_many_boxes() -> None:
    # Triangles that are repeated, not mirrored, and squares, which are both.
    page = np.full((300, 300, 1), 255, np.uint8)
    for shape in (np.tril(np.ones((10, 10), np.bool_)), np.ones((10, 10), np.bool_)):
        marked = page.copy()
        for top, left in ((20, 20), (20, 200), (200, 20), (200, 200)):
            marked[top : top + 10, left : left + 10, 0][shape] = 0
        assert len(find(page, marked)) == 4


def test_mirrored_changes_on_other_rows_stay_two_boxes() -> None:
    page = np.full((300, 300, 1), 255, np.uint8)
    marked = page.copy()
    shape = np.tril(np.ones((10, 10), np.bool_))
    marked[20:30, 20:30, 0][shape] = 0
    marked[60:70, 200:210, 0][shape[:, ::-1]] = 0
    assert len(find(page, marked)) == 2
