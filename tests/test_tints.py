import numpy as np
import pytest
from numpy.typing import NDArray

from visualdiff import Status, compare_images
from visualdiff.tints import find_tints

Levels = NDArray[np.uint8]
SHAPE = (64, 96)


def draw(ink: tuple[int, int, int], shift: int = 0) -> Levels:
    """Draw thin strokes, smoothed: shares of an ink over white, in columns."""
    shares = np.resize(np.array([0.2, 0.9, 0.4, 0.0, 0.0, 0.1, 0.8, 0.6, 0.0]), SHAPE[1])
    shares = np.broadcast_to(np.roll(shares, shift), SHAPE)[:, :, None]
    return np.asarray(np.rint(255 - shares * (255 - np.array(ink))), np.uint8)


def find(baseline: Levels, candidate: Levels) -> int:
    tints = find_tints(baseline, candidate, (baseline != candidate).any(axis=2))
    return int(np.count_nonzero(tints))


@pytest.mark.parametrize("ink", [(34, 34, 90), (60, 60, 60), (34, 70, 34)])
def test_ink_of_another_colour_is_a_tint(ink: tuple[int, int, int]) -> None:
    baseline, candidate = draw((34, 34, 34)), draw(ink)
    assert find(baseline, candidate) == (baseline != candidate).any(axis=2).sum()


def test_ink_that_went_elsewhere_is_none() -> None:
    assert find(draw((34, 34, 34)), draw((34, 34, 34), shift=1)) == 0


def test_a_difference_that_rounding_makes_is_none() -> None:
    assert find(draw((34, 34, 34)), draw((36, 36, 36))) == 0


def test_a_few_pixels_are_none() -> None:
    candidate = draw((34, 34, 34))
    candidate[:8, :9] = draw((34, 34, 90))[:8, :9]
    assert find(draw((34, 34, 34)), candidate) == 0


def test_other_blocks_stay_anti_aliased() -> None:
    candidate = draw((34, 34, 34))
    candidate[32:, 32:64] = draw((34, 34, 90))[32:, 32:64]
    tints = find_tints(draw((34, 34, 34)), candidate, np.ones(SHAPE, np.bool_))
    assert tints[32:, 32:64].all()
    assert np.count_nonzero(tints) == 32 * 32


def test_gray_images_have_luma_only() -> None:
    baseline, candidate = draw((34, 34, 34))[:, :, :1], draw((60, 60, 60))[:, :, :1]
    assert find(baseline, candidate) > 1000


def test_a_tint_fails_and_is_no_longer_counted_as_anti_aliasing() -> None:
    found = compare_images(draw((34, 34, 34)), draw((34, 34, 90)))
    assert found.status is Status.FAILED
    assert found.diff_pixels > 1000
    total = found.diff_pixels + found.ignored_pixels.total
    assert total == (draw((34, 34, 34)) != draw((34, 34, 90))).any(axis=2).sum()
