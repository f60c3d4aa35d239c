import numpy as np
import pytest

from visualdiff.moves import was_moved
from visualdiff.tiles import PixelMask, Pixels

SIZE = 320


def draw() -> Pixels:
    """Draw noise, which looks like itself nowhere else."""
    return np.random.default_rng(1).integers(0, 256, (SIZE, SIZE, 3), np.uint8)


def find_blocks(baseline: Pixels, candidate: Pixels) -> tuple[PixelMask, PixelMask]:
    differing = (baseline != candidate).reshape(10, 32, 10, 96).any(axis=(1, 3))
    return differing, ~differing


def judge(baseline: Pixels, candidate: Pixels) -> bool:
    return was_moved(baseline, candidate, *find_blocks(baseline, candidate))


@pytest.mark.parametrize("move", [(0, 1), (1, 0), (-1, 0), (2, -3), (-3, 3)])
def test_a_page_that_moved_is_told(move: tuple[int, int]) -> None:
    assert judge(draw(), np.roll(draw(), move, axis=(0, 1)))


def test_the_lower_part_of_a_page_that_moved_is_told() -> None:
    candidate = draw()
    candidate[100:] = np.roll(draw(), 1, axis=0)[100:]
    assert judge(draw(), candidate)


def test_a_header_and_a_sidebar_that_stay_prove_nothing() -> None:
    candidate = np.roll(draw(), 1, axis=0)
    candidate[:64], candidate[:, :64] = draw()[:64], draw()[:, :64]
    assert judge(draw(), candidate)


def test_text_that_moves_amid_boxes_that_stay_was_rasterised() -> None:
    candidate = np.roll(draw(), 1, axis=0)
    candidate[128:160] = draw()[128:160]
    assert not judge(draw(), candidate)


def test_a_page_that_was_smoothed_did_not_move() -> None:
    blurred = (draw() // 2 + np.roll(draw(), 1, axis=1) // 2).astype(np.uint8)
    assert not judge(draw(), blurred)


def test_lines_along_the_move_are_no_proof_that_something_stayed() -> None:
    baseline = draw()
    baseline[128:160] = 0
    baseline[144] = 255
    assert judge(baseline, np.roll(baseline, 1, axis=1))


def test_a_page_too_small_for_a_move_did_not_move() -> None:
    tiny = draw()[:20, :20]
    one = np.ones((1, 1), np.bool_)
    assert not was_moved(tiny, np.roll(tiny, 1, axis=0), one, ~one)
