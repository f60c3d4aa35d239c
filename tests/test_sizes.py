"""Images of different sizes: cut, shrunk, or left to be padded."""

import numpy as np
import pytest

from visualdiff.sizes import Fitted, find_strips, fit_sizes
from visualdiff.tiles import Pixels


def draw(width: int, height: int) -> Pixels:
    random = np.random.default_rng(width * height)
    return random.integers(0, 256, (height, width, 3), np.uint8)


def enlarge(image: Pixels, factor: int) -> Pixels:
    return np.repeat(np.repeat(image, factor, axis=0), factor, axis=1)


@pytest.mark.parametrize("policy", ["fail", "pad", "crop", "scale"])
def test_images_of_one_size_are_left_alone(policy: str) -> None:
    baseline, candidate = draw(20, 10), draw(20, 10)
    fitted = fit_sizes(baseline, candidate, policy)  # type: ignore[arg-type]  # each in turn
    assert fitted == Fitted(baseline, candidate, "equal", ())
    assert fitted.baseline is baseline


@pytest.mark.parametrize("policy", ["fail", "pad"])
def test_what_is_to_be_padded_is_left_alone(policy: str) -> None:
    baseline, candidate = draw(20, 10), draw(20, 12)
    fitted = fit_sizes(baseline, candidate, policy)  # type: ignore[arg-type]  # each in turn
    assert (fitted.baseline is baseline, fitted.candidate is candidate) == (True, True)
    assert (fitted.how, fitted.warnings) == ("padded", ())
    assert fitted.sizes == ((20, 10), (20, 12))


def test_both_images_are_cut_to_what_they_share() -> None:
    baseline, candidate = draw(1300, 10), draw(20, 1200)
    fitted = fit_sizes(baseline, candidate, "crop")
    assert np.array_equal(fitted.baseline, baseline[:, :20])
    assert np.array_equal(fitted.candidate, candidate[:10])
    assert fitted.how == "cropped"
    assert fitted.warnings == (
        "baseline cropped, not compared: 1,280 of 1,300 columns, at the right",
        "candidate cropped, not compared: 1,190 of 1,200 rows, at the bottom",
    )


def test_only_the_larger_image_is_said_to_be_cut() -> None:
    fitted = fit_sizes(draw(20, 10), draw(23, 14), "crop")
    (words,) = fitted.warnings
    assert words.endswith(": 3 of 23 columns, at the right; 4 of 14 rows, at the bottom")


def test_a_larger_candidate_is_shrunk() -> None:
    baseline = draw(128, 80)
    fitted = fit_sizes(baseline, enlarge(baseline, 2), "scale")
    assert np.array_equal(fitted.candidate, baseline)
    assert fitted.how == "scaled"
    assert fitted.warnings == ("candidate scaled by 0.5 (256×160 → 128×80)",)


def test_a_larger_baseline_is_shrunk() -> None:
    candidate = draw(128, 80)
    fitted = fit_sizes(enlarge(candidate, 3), candidate, "scale")
    assert np.array_equal(fitted.baseline, candidate)
    assert fitted.warnings == ("baseline scaled by 0.3333 (384×240 → 128×80)",)
    assert fitted.sizes == ((128, 80), (128, 80))


def test_another_shape_is_left_to_be_padded() -> None:
    baseline, candidate = draw(128, 80), draw(256, 164)
    fitted = fit_sizes(baseline, candidate, "scale")
    assert fitted == Fitted(baseline, candidate, "padded", ())


def test_masks_are_cut_and_shrunk_with_the_baseline() -> None:
    mask = np.zeros((160, 256), np.bool_)
    mask[20:40, 100:140] = True
    shrunk = fit_sizes(draw(256, 160), draw(128, 80), "scale").change_mask(mask)
    assert np.array_equal(shrunk, mask[::2, ::2])
    cut = fit_sizes(draw(256, 160), draw(120, 30), "crop").change_mask(mask)
    assert np.array_equal(cut, mask[:30, :120])
    # The candidate is scaled: the mask is that of the baseline all the same.
    same = fit_sizes(draw(256, 160), draw(512, 320), "scale").change_mask(mask)
    assert np.array_equal(same, mask)


def test_strips_of_a_candidate_that_is_larger_share_no_pixel() -> None:
    right, bottom = find_strips(((20, 10), (23, 14)), "red")
    assert (right.x, right.y, right.width, right.height) == (20, 0, 3, 14)
    assert (bottom.x, bottom.y, bottom.width, bottom.height) == (0, 10, 20, 4)
    assert right.description == "only in the candidate, which is wider"
