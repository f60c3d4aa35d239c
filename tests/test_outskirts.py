import cv2
import numpy as np
import pytest
from drawing import CHANNELS, box_of
from numpy.typing import NDArray

from visualdiff.model import Region
from visualdiff.regions import find_regions
from visualdiff.tiles import Pixels, make_sparse


def draw_card() -> NDArray[np.uint8]:
    """Return a page with a card, a line of text on it, and nothing else."""
    page = np.full((400, 600, 3), 250, np.uint8)
    page[100:300, 100:500] = 255
    cv2.putText(page, "Orders today", (130, 160), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (40, 40, 40), 2)
    return page


def see(baseline: Pixels, candidate: Pixels, least: int) -> tuple[Region, ...]:
    """Return the regions when only differences of so many levels are visible."""
    visible = cv2.absdiff(baseline, candidate).max(axis=2) >= least
    return find_regions(baseline, candidate, make_sparse(visible), CHANNELS[3])


def test_a_shadow_gets_a_box_with_its_faint_end() -> None:
    page = draw_card()
    shadow = page.copy()
    for depth in range(12, 0, -1):
        shadow[100 - depth : 300 + depth, 100 - depth : 500 + depth] = 250 - 3 * (13 - depth)
    shadow[100:300, 100:500] = page[100:300, 100:500]
    # Nobody sees the outermost pixels, but the shadow ends there.
    (region,) = see(page, shadow, 9)
    assert box_of(region) == (88, 88, 424, 224)


def test_parts_that_a_faint_edge_connects_are_one() -> None:
    # A disabled field: two texts far apart change clearly, the border between them faintly.
    page = draw_card()
    faded = page.copy()
    cv2.rectangle(faded, (120, 220), (379, 259), (251, 251, 251), 1)
    faded[232:244, 124:150] = 120
    faded[232:244, 350:376] = 120
    (region,) = see(page, faded, 10)
    assert box_of(region) == (120, 220, 260, 40)


def test_clear_differences_that_were_ignored_do_not_make_a_box_larger() -> None:
    page = draw_card()
    changed = page.copy()
    changed[240:250, 200:210] = 0
    # Beside it, smoothing that was judged to be invisible.
    changed[240:250, 210:240] = 200
    visible = np.zeros(page.shape[:2], np.bool_)
    visible[240:250, 200:210] = True
    (region,) = find_regions(page, changed, make_sparse(visible), CHANNELS[3])
    assert box_of(region) == (200, 240, 10, 10)


@pytest.mark.parametrize("share", [1.0, 0.02], ids=["everywhere", "here and there"])
def test_faint_noise_all_over_does_not_make_a_box_larger(share: float) -> None:
    page = draw_card()
    rng = np.random.default_rng(1)
    noise = rng.integers(1, 4, page.shape, dtype=np.uint8)
    changed = page - noise * (rng.random((400, 600, 1)) < share)
    changed[240:250, 200:210] = 0
    (region,) = see(page, changed, 10)
    assert max(region.width, region.height) <= 10 + 2 * 8
