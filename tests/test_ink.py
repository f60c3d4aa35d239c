import numpy as np
import pytest

from visualdiff.ink import find_inked, measure_balance, measure_ink, survey_ink


def test_a_picture_that_is_darker_by_one_level_does_not_tip_the_balance() -> None:
    before = np.random.default_rng(1).integers(100, 140, (32, 64, 3), np.uint8)
    after = before - np.uint8(1)
    after[8, :4], after[9, :4] = before[8, :4] + 40, before[9, :4] - 40
    differing = np.zeros(before.shape[:2], np.bool_)
    differing[8:10, :4] = True
    (one_way, _), (in_all, _) = measure_balance(before, after, differing)
    assert one_way.tolist() == [[0, 0]]
    assert in_all.tolist() == [[320, 0]]


def test_a_recolour_goes_one_way() -> None:
    before = np.full((32, 32, 3), 120, np.uint8)
    after = before + np.array((0, 0, 20), np.uint8)
    balance = measure_balance(before, after, np.ones((32, 32), np.bool_))
    assert np.array_equal(balance[0], balance[1])
    assert (balance > 0).all()


@pytest.mark.parametrize("paper", [250, 5])
def test_ink_is_what_stands_out_from_paper(paper: int) -> None:
    first = np.full((32, 64), paper, np.uint8)
    second = first.copy()
    second[:4, :8] = 255 - paper
    before, after = measure_ink(first, second).tolist()
    assert before == [[0, 0]]
    assert after == [[32 * 245, 0]]
    image = np.repeat(second[:, :, None], 3, axis=2)
    assert find_inked(image).tolist() == [[True, False]]


def test_ink_of_either_image_counts_and_its_change_where_something_differs() -> None:
    before = np.full((64, 96, 3), 250, np.uint8)
    before[40:44, 4:12] = 0
    after = before.copy()
    after[4:8, 68:76] = 0
    differing = np.any(before != after, axis=2)
    blocks = np.array([[False, False, True], [False, False, False]])
    ink = survey_ink(before, after, differing, blocks)
    assert ink.held.tolist() == [[False, False, True], [True, False, False]]
    assert ink.amounts.tolist() == [[[0, 0, 0], [0, 0, 0]], [[0, 0, 32 * 250], [0, 0, 0]]]
    assert ink.balance[0].tolist() == ink.balance[1].tolist()
    assert np.argwhere(ink.balance[0, 0]).tolist() == [[0, 2]]
