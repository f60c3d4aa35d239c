"""Images of different sizes: cut, shrunk, or left to be padded."""

import numpy as np
import pytest

from visualdiff.compare import compare_arrays
from visualdiff.settings import Settings
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
    baseline, candidate = draw(1300, 800), draw(1280, 1200)
    fitted = fit_sizes(baseline, candidate, "crop")
    assert np.array_equal(fitted.baseline, baseline[:, :1280])
    assert np.array_equal(fitted.candidate, candidate[:800])
    assert fitted.how == "cropped"
    assert fitted.warnings == (
        "baseline cropped, not compared: 20 of 1,300 columns, at the right",
        "candidate cropped, not compared: 400 of 1,200 rows, at the bottom",
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


@pytest.mark.parametrize(
    ("large", "words"),
    [
        ((256, 161), "0.5 (256×161 → 128×80), its last row left out"),
        ((257, 161), "0.5 (257×161 → 128×80), its last column and its last row left out"),
        ((386, 240), "0.3333 (386×240 → 128×80), its last 2 columns left out"),
        ((255, 160), "0.5 (255×160 → 128×80)"),
        ((193, 120), "0.6632 × 0.6667 (193×120 → 128×80)"),
    ],
)
def test_the_factor_applied_and_what_is_cut_off_are_told(
    large: tuple[int, int], words: str
) -> None:
    fitted = fit_sizes(draw(128, 80), draw(*large), "scale")
    assert fitted.warnings == (f"candidate scaled by {words}",)


def test_a_change_in_a_whole_pixel_beyond_the_factor_is_not_cut_off() -> None:
    baseline = draw(400, 300)
    candidate = np.pad(enlarge(baseline, 3), ((0, 0), (0, 3), (0, 0)))
    candidate[:, -3:] = (255, 0, 0)
    assert fit_sizes(baseline, candidate, "scale") == Fitted(baseline, candidate, "padded", ())
    found = compare_arrays(baseline, candidate, Settings(on_size_mismatch="scale")).comparison
    assert not found.passed
    assert found.reasons[0].endswith("1,203 columns are 3 too many for 400 at a factor of 3")


@pytest.mark.parametrize("size", [(128, 1), (1, 1), (128, 39)])
@pytest.mark.parametrize("larger", ["baseline", "candidate"])
@pytest.mark.parametrize("flat", [False, True])
def test_less_than_half_of_an_image_does_not_pass_for_it(
    size: tuple[int, int], larger: str, flat: bool
) -> None:
    large = np.full((80, 128, 3), 255, np.uint8) if flat else draw(128, 80)
    small = large[: size[1], : size[0]].copy()
    baseline, candidate = (large, small) if larger == "baseline" else (small, large)
    found = compare_arrays(baseline, candidate, Settings(on_size_mismatch="crop")).comparison
    assert (found.passed, found.fitted == "cropped") == (False, False)
    assert found.warnings[0].startswith("not cropped, as both images have only")
    under_fail = compare_arrays(baseline, candidate, Settings(on_size_mismatch="fail")).comparison
    assert (found.reasons, found.score) == (under_fail.reasons, under_fail.score)


def test_masks_are_cut_and_shrunk_with_the_baseline() -> None:
    mask = np.zeros((160, 256), np.bool_)
    mask[20:40, 100:140] = True
    shrunk = fit_sizes(draw(256, 160), draw(128, 80), "scale").change_mask(mask)
    assert np.array_equal(shrunk, mask[::2, ::2])
    cut = fit_sizes(draw(256, 160), draw(200, 120), "crop").change_mask(mask)
    assert np.array_equal(cut, mask[:120, :200])
    # The candidate is scaled: the mask is that of the baseline all the same.
    same = fit_sizes(draw(256, 160), draw(512, 320), "scale").change_mask(mask)
    assert np.array_equal(same, mask)


def test_strips_of_a_candidate_that_is_larger_share_no_pixel() -> None:
    right, bottom = find_strips(((20, 10), (23, 14)), "red")
    assert (right.x, right.y, right.width, right.height) == (20, 0, 3, 14)
    assert (bottom.x, bottom.y, bottom.width, bottom.height) == (0, 10, 20, 4)
    assert right.description == "only in the candidate, which is wider"
