from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from visualdiff.images import decode, open_image
from visualdiff.ssim import measure_ssim
from visualdiff.tiles import PixelMask, Pixels, find_differing_pixels, make_sparse

Variant = Literal["uniform", "gaussian"]
ROOT = Path(__file__).parents[1]
VARIANTS: tuple[Variant, ...] = ("uniform", "gaussian")


def measure(
    baseline: Pixels, candidate: Pixels, variant: Variant = "uniform"
) -> tuple[float, ...]:
    """Return the scores of two images of which no difference is ignored."""
    differing = find_differing_pixels(baseline, candidate)
    raw, perceived = measure_ssim(
        baseline, candidate, differing, np.zeros_like(differing.pixels), variant
    )
    assert raw == perceived
    return raw


def ask_scikit_image(
    baseline: Pixels, candidate: Pixels, variant: Variant = "uniform"
) -> list[float]:
    """Return its SSIM, one channel at a time, so that no channel can leak into another."""
    options: dict[str, Any] = {}
    if variant == "gaussian":
        options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return [
        float(
            structural_similarity(  # type: ignore[no-untyped-call]  # it has no types
                baseline[:, :, channel],
                candidate[:, :, channel],
                data_range=int(np.iinfo(baseline.dtype).max),
                **options,
            )
        )
        for channel in range(baseline.shape[2])
    ]


def loop_over_windows(baseline: Pixels, candidate: Pixels) -> float:
    """Return equation 13 of Wang et al. 2004, one window after the other, in double precision."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for top in range(baseline.shape[0] - 6):
        for left in range(baseline.shape[1] - 6):
            x = baseline[top : top + 7, left : left + 7].astype(float).ravel()
            y = candidate[top : top + 7, left : left + 7].astype(float).ravel()
            mean_x, mean_y = x.sum() / 49, y.sum() / 49
            var_x = ((x - mean_x) ** 2).sum() / 48
            var_y = ((y - mean_y) ** 2).sum() / 48
            cov = ((x - mean_x) * (y - mean_y)).sum() / 48
            values.append(
                (2 * mean_x * mean_y + c1)
                * (2 * cov + c2)
                / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
            )
    return float(sum(values) / len(values))


def draw_page(rng: np.random.Generator, shape: tuple[int, int, int], depth: Any) -> Pixels:
    """Return flat areas with a few boxes and some noise, as screenshots have them."""
    highest = int(np.iinfo(depth).max)
    page = np.full(shape, highest, depth)
    for _ in range(6):
        top, left = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        bottom, right = top + rng.integers(1, 60), left + rng.integers(1, 60)
        page[top:bottom, left:right] = rng.integers(0, highest + 1, shape[2])
    noisy = page[: shape[0] // 2, : shape[1] // 2]
    noisy[...] = rng.integers(0, highest + 1, noisy.shape)
    return page


def change_rectangles(rng: np.random.Generator, baseline: Pixels) -> Pixels:
    candidate = baseline.copy()
    height, width, channels = baseline.shape
    for _ in range(int(rng.integers(1, 5))):
        top, left = rng.integers(0, height), rng.integers(0, width)
        bottom, right = top + rng.integers(1, 40), left + rng.integers(1, 40)
        block = candidate[top:bottom, left:right]
        highest = int(np.iinfo(baseline.dtype).max)
        if rng.random() < 0.5:
            block[...] = rng.integers(0, highest + 1, block.shape)
        else:
            block[..., int(rng.integers(0, channels))] ^= 1
    return candidate


def test_the_mean_over_all_windows_is_that_of_the_published_formula() -> None:
    rng = np.random.default_rng(13)
    baseline = rng.integers(0, 256, (13, 17, 3), np.uint8)
    candidate = baseline.copy()
    candidate[4:9, 3:11] = rng.integers(0, 256, (5, 8, 3))
    expected = [loop_over_windows(baseline[..., c], candidate[..., c]) for c in range(3)]
    assert measure(baseline, candidate) == pytest.approx(expected, abs=1e-6)


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(7, 200),
    width=st.integers(7, 200),
    channels=st.sampled_from([1, 3, 4]),
)
@settings(deadline=None, max_examples=100)
def test_any_change_gets_the_score_of_scikit_image(
    seed: int, height: int, width: int, channels: int
) -> None:
    rng = np.random.default_rng(seed)
    baseline = draw_page(rng, (height, width, channels), np.uint8)
    candidate = change_rectangles(rng, baseline)
    expected = ask_scikit_image(baseline, candidate)
    assert measure(baseline, candidate) == pytest.approx(expected, abs=1e-6)


@given(
    seed=st.integers(0, 2**32 - 1),
    variant=st.sampled_from(VARIANTS),
    depth=st.sampled_from([np.uint8, np.uint16]),
    channels=st.sampled_from([1, 3, 4]),
)
@settings(deadline=None, max_examples=60)
def test_every_depth_and_variant_gets_the_score_of_scikit_image(
    seed: int, variant: Variant, depth: Any, channels: int
) -> None:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(11, 150)), int(rng.integers(11, 150)), channels)
    baseline = draw_page(rng, shape, depth)
    candidate = change_rectangles(rng, baseline)
    expected = ask_scikit_image(baseline, candidate, variant)
    assert measure(baseline, candidate, variant) == pytest.approx(expected, abs=1e-6)


# Work is done in tiles of 64 rows and 512 columns: what differs beside a seam belongs to both.
@pytest.mark.parametrize("row", [0, 1, 2, 3, *range(58, 71), *range(125, 132), 146, 149])
def test_a_change_beside_a_strip_edge_counts_in_full(row: int) -> None:
    baseline = np.full((150, 40, 3), 200, np.uint8)
    baseline[::5, ::3] = 90
    candidate = baseline.copy()
    candidate[row, 17] = 0
    expected = ask_scikit_image(baseline, candidate)
    assert measure(baseline, candidate) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("column", [*range(504, 520), *range(1016, 1032)])
def test_a_change_beside_a_column_seam_counts_in_full(column: int) -> None:
    baseline = np.full((20, 1100, 3), 200, np.uint8)
    baseline[::5, ::3] = 90
    candidate = baseline.copy()
    # A line across, so that one range of columns is cut into tiles, and a pixel beside the seam.
    candidate[4, 10:] = 100
    candidate[12, column] = 0
    expected = ask_scikit_image(baseline, candidate)
    assert measure(baseline, candidate) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("column", [0, 1, 2, 3, 4, 5, 6, 83, 84, 85, 86, 87, 88, 89])
def test_a_change_beside_the_image_edge_counts_in_full(column: int, variant: Variant) -> None:
    rng = np.random.default_rng(column)
    baseline = rng.integers(0, 256, (30, 90, 3), np.uint8)
    candidate = baseline.copy()
    candidate[:, column] = 255 - candidate[:, column]
    expected = ask_scikit_image(baseline, candidate, variant)
    assert measure(baseline, candidate, variant) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("gap", [60, 64, 68, 69, 70, 71, 72, 76, 200])
def test_changes_side_by_side_count_once_each(gap: int) -> None:
    baseline = np.full((20, 400, 1), 128, np.uint8)
    candidate = baseline.copy()
    candidate[8:11, [50, 50 + gap]] = 255
    expected = ask_scikit_image(baseline, candidate)
    assert measure(baseline, candidate) == pytest.approx(expected, abs=1e-7)


def adversarial_pairs() -> dict[str, tuple[Pixels, Pixels]]:
    shape = (40, 50, 3)
    black, white = np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)
    board = np.where(np.indices(shape).sum(axis=0) % 2, 255, 0).astype(np.uint8)
    one_dark = white.copy()
    one_dark[20, 20] = 0
    one_light = black.copy()
    one_light[20, 20] = 255
    ramp = np.broadcast_to(np.linspace(0, 255, 50, dtype=np.uint8)[:, None], shape).copy()
    return {
        "black and white": (black, white),
        "checkerboard inverted": (board, 255 - board),
        "checkerboard and white": (board, white),
        "white and almost white": (white, white - np.uint8(1)),
        "black and almost black": (black, black + np.uint8(1)),
        "one black pixel on white": (white, one_dark),
        "one white pixel on black": (black, one_light),
        "ramp inverted": (ramp, 255 - ramp),
        "ramp one level up": (ramp // 2, ramp // 2 + np.uint8(1)),
    }


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("baseline", "candidate"), adversarial_pairs().values(), ids=[*adversarial_pairs()]
)
def test_extreme_images_get_the_score_of_scikit_image(
    baseline: Pixels, candidate: Pixels, variant: Variant
) -> None:
    expected = ask_scikit_image(baseline, candidate, variant)
    assert measure(baseline, candidate, variant) == pytest.approx(expected, abs=1e-6)
    deep = (baseline * np.uint16(257), candidate * np.uint16(257))
    assert measure(*deep, variant) == pytest.approx(ask_scikit_image(*deep, variant), abs=1e-6)


@pytest.mark.parametrize(
    "name",
    ["app/dashboard.png", "cards/payment-card-logo.png", "icons/badge-alpha.png"],
)
def test_a_real_screenshot_gets_the_score_of_scikit_image(name: str) -> None:
    baseline, candidate = (
        decode(open_image(folder / name, 10**7))
        for folder in (ROOT / "baselines", ROOT / "tests/demo/candidates")
    )
    scores = measure(baseline, candidate)
    assert scores == pytest.approx(ask_scikit_image(baseline, candidate), abs=1e-6)
    assert min(scores) < 1


@pytest.mark.parametrize("shape", [(7, 7), (7, 40), (40, 7), (8, 9), (700, 300)])
def test_the_smallest_and_larger_images_get_the_score_of_scikit_image(
    shape: tuple[int, int],
) -> None:
    rng = np.random.default_rng(7)
    baseline = rng.integers(0, 256, (*shape, 3), np.uint8)
    candidate = rng.integers(0, 256, (*shape, 3), np.uint8)
    expected = ask_scikit_image(baseline, candidate)
    assert measure(baseline, candidate) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shape", [(20_000, 390), (2160, 3840)])
def test_a_huge_page_gets_the_score_of_scikit_image(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(8)
    baseline = np.full((*shape, 3), 250, np.uint8)
    baseline[::9, ::5] = rng.integers(0, 256, baseline[::9, ::5].shape)
    candidate = baseline.copy()
    # From here on everything moved; above, a few words changed.
    moved = slice(shape[0] // 2, None)
    candidate[moved] = np.roll(candidate[moved], 4, axis=0)
    for _ in range(9):
        candidate = change_rectangles(rng, candidate)
    expected = ask_scikit_image(baseline, candidate)
    assert measure(baseline, candidate) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [3, 20, 90])
def test_equal_images_score_one_exactly(depth: Any, size: int, variant: Variant) -> None:
    image = draw_page(np.random.default_rng(3), (size, size, 3), depth)
    assert measure(image, image.copy(), variant) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_channel_that_does_not_differ_scores_one_exactly(depth: Any, variant: Variant) -> None:
    baseline = draw_page(np.random.default_rng(4), (90, 90, 4), depth)
    candidate = baseline.copy()
    candidate[20:70, 20:70, 2] //= 2
    red, green, blue, alpha = measure(baseline, candidate, variant)
    assert (red, green, alpha) == (1.0, 1.0, 1.0)
    assert blue < 0.99


def test_marking_more_than_differs_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    baseline = draw_page(rng, (150, 130, 3), np.uint8)
    candidate = change_rectangles(rng, baseline)
    everything, nothing = np.ones((150, 130), np.bool_), np.zeros((150, 130), np.bool_)
    dense, _ = measure_ssim(baseline, candidate, make_sparse(everything), nothing)
    assert measure(baseline, candidate) == pytest.approx(dense, abs=1e-9)
    same = (1.0, 1.0, 1.0)
    assert measure_ssim(baseline, baseline, make_sparse(everything), nothing) == (same, same)


def scatter(rng: np.random.Generator, shape: tuple[int, ...]) -> PixelMask:
    """Return a mask of nothing, of single pixels, of most pixels or of rectangles."""
    mask = rng.random(shape) < rng.choice([0, 0.0005, 0.01, 0.9])
    for _ in range(int(rng.integers(0, 4))):
        top, left = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        mask[top : top + 50, left : left + 50] = True
    return np.asarray(mask)


@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(3, 700),
    channels=st.sampled_from([1, 3, 4]),
)
@settings(deadline=None, max_examples=100)
def test_ignored_pixels_count_as_if_the_candidate_had_the_baselines(
    seed: int, width: int, channels: int
) -> None:
    rng = np.random.default_rng(seed)
    baseline = draw_page(rng, (int(rng.integers(3, 150)), width, channels), np.uint8)
    candidate = change_rectangles(rng, baseline)
    differing = find_differing_pixels(baseline, candidate)
    ignored = differing.pixels & scatter(rng, differing.pixels.shape)
    neutral = np.where(ignored[:, :, np.newaxis], baseline, candidate)
    raw, perceived = measure_ssim(baseline, candidate, differing, ignored)
    assert raw == measure(baseline, candidate)
    assert perceived == pytest.approx(measure(baseline, neutral), abs=1e-12)


def average_scikit_image(
    baseline: Pixels, candidate: Pixels, counted: PixelMask, variant: Variant
) -> list[float]:
    """Return the mean over some windows of its whole map, by their centres, for each channel."""
    options: dict[str, Any] = {}
    radius = 3 if variant == "uniform" else 5
    if variant == "gaussian":
        options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    maps = [
        structural_similarity(  # type: ignore[no-untyped-call]  # it has no types
            baseline[:, :, channel].astype(float),
            candidate[:, :, channel].astype(float),
            data_range=int(np.iinfo(baseline.dtype).max),
            full=True,
            **options,
        )[1]
        for channel in range(baseline.shape[2])
    ]
    inside = np.zeros_like(counted)
    inside[radius:-radius, radius:-radius] = True
    return [float(similarities[counted & inside].mean()) for similarities in maps]


@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(20, 700),
    variant=st.sampled_from(VARIANTS),
    depth=st.sampled_from([np.uint8, np.uint16]),
)
@settings(deadline=None, max_examples=60)
def test_windows_around_masked_pixels_do_not_count(
    seed: int, width: int, variant: Variant, depth: Any
) -> None:
    rng = np.random.default_rng(seed)
    baseline = draw_page(rng, (int(rng.integers(20, 150)), width, 3), depth)
    candidate = change_rectangles(rng, baseline)
    differing = find_differing_pixels(baseline, candidate)
    masked = scatter(rng, differing.pixels.shape)
    masked[10, 10] = False
    ignored = differing.pixels & (masked | scatter(rng, masked.shape))
    neutral = np.where(ignored[:, :, np.newaxis], baseline, candidate)
    raw, perceived = measure_ssim(baseline, candidate, differing, ignored, variant, masked)
    expected = average_scikit_image(baseline, neutral, ~masked, variant)
    assert perceived == pytest.approx(expected, abs=1e-6)
    assert raw == measure(baseline, candidate, variant)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_strip_where_no_window_has_its_centre_counts_by_the_windows_that_hold_it(
    variant: Variant,
) -> None:
    rng = np.random.default_rng(4)
    baseline = draw_page(rng, (40, 60, 3), np.uint8)
    candidate = baseline.copy()
    candidate[5:30, 57:] ^= 99
    masked = np.ones((40, 60), np.bool_)
    masked[:, 58:] = False
    differing = find_differing_pixels(baseline, candidate)
    ignored = differing.pixels & masked
    neutral = np.where(ignored[:, :, np.newaxis], baseline, candidate)
    _, perceived = measure_ssim(baseline, candidate, differing, ignored, variant, masked)
    counted = np.zeros_like(masked)
    counted[:, -5 if variant == "uniform" else -7 :] = True
    expected = average_scikit_image(baseline, neutral, counted, variant)
    assert perceived == pytest.approx(expected, abs=1e-6)
    assert max(perceived) < 0.9


@pytest.mark.parametrize("shape", [(3, 30), (30, 4), (2, 2)])
def test_a_masked_part_of_a_tiny_image_does_not_count(shape: tuple[int, int]) -> None:
    baseline = np.full((*shape, 1), 255, np.uint8)
    candidate = baseline.copy()
    candidate[0, 0] = 0
    masked = np.zeros(shape, np.bool_)
    masked[0, 0] = True
    differing = find_differing_pixels(baseline, candidate)
    assert measure_ssim(baseline, candidate, differing, masked, masked=masked)[1] == (1.0,)
    candidate[-1, -1] = 0
    differing = find_differing_pixels(baseline, candidate)
    assert measure_ssim(baseline, candidate, differing, masked, masked=masked)[1] < (1.0,)


@pytest.mark.parametrize(("variant", "depth"), [("gaussian", np.uint8), ("uniform", np.uint16)])
def test_every_depth_and_variant_can_ignore_pixels(variant: Variant, depth: Any) -> None:
    rng = np.random.default_rng(21)
    baseline = draw_page(rng, (90, 120, 3), depth)
    candidate = change_rectangles(rng, baseline)
    differing = find_differing_pixels(baseline, candidate)
    ignored = differing.pixels & scatter(rng, differing.pixels.shape)
    assert ignored.any()
    neutral = np.where(ignored[:, :, np.newaxis], baseline, candidate)
    _, perceived = measure_ssim(baseline, candidate, differing, ignored, variant)
    expected = ask_scikit_image(baseline, neutral, variant)
    assert perceived == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("seed", range(12))
def test_a_channel_of_which_every_difference_is_ignored_scores_one_exactly(
    seed: int, depth: Any, variant: Variant
) -> None:
    rng = np.random.default_rng(seed)
    highest = np.iinfo(depth).max
    baseline = rng.integers(0, highest + 1, (60, 300, 3), depth)
    candidate = baseline.copy()
    candidate[20:24, 5:9, 0] ^= 77
    # Visible dots in another channel, all over the same block.
    candidate[::7, ::9, 2] ^= 99
    differing = find_differing_pixels(baseline, candidate)
    ignored = np.zeros_like(differing.pixels)
    ignored[20:24, 5:9] = differing.pixels[20:24, 5:9]
    _, (red, green, blue) = measure_ssim(baseline, candidate, differing, ignored, variant)
    assert (red, green) == (1.0, 1.0)
    assert blue < 1


def test_with_every_difference_ignored_the_score_is_one_exactly() -> None:
    rng = np.random.default_rng(22)
    baseline = draw_page(rng, (200, 900, 3), np.uint8)
    candidate = change_rectangles(rng, baseline)
    differing = find_differing_pixels(baseline, candidate)
    raw, perceived = measure_ssim(baseline, candidate, differing, differing.pixels)
    assert min(raw) < 1
    assert perceived == (1.0, 1.0, 1.0)


@given(seed=st.integers(0, 2**32 - 1), variant=st.sampled_from(VARIANTS))
@settings(deadline=None, max_examples=30)
def test_it_does_not_matter_which_image_comes_first(seed: int, variant: Variant) -> None:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 90)), int(rng.integers(1, 90)), 3)
    baseline = draw_page(rng, shape, np.uint8)
    candidate = change_rectangles(rng, baseline)
    there, back = measure(baseline, candidate, variant), measure(candidate, baseline, variant)
    assert there == pytest.approx(back, abs=1e-9)
    assert all(-1 <= score <= 1 for score in there)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("width", [1, 2, 6, 7, 10, 11, 30])
@pytest.mark.parametrize("height", [1, 3, 6])
def test_an_image_below_the_window_size_gets_a_sound_score(
    height: int, width: int, depth: Any, variant: Variant
) -> None:
    black = np.zeros((height, width, 1), depth)
    white = np.full_like(black, np.iinfo(depth).max)
    assert measure(black, black.copy(), variant) == (1.0,)
    (score,) = measure(black, white, variant)
    assert score < 0.01
    assert measure(white, black, variant) == pytest.approx((score,), abs=1e-9)


@pytest.mark.parametrize(("variant", "side"), [("uniform", 7), ("gaussian", 11)])
@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (6, 6), (3, 40), (40, 2)])
def test_an_image_below_the_window_size_is_extended_by_reflection(
    shape: tuple[int, int], variant: Variant, side: int
) -> None:
    rng = np.random.default_rng(6)
    images = [rng.integers(0, 256, (*shape, 3), np.uint8) for _ in range(2)]
    gaps = [max(side - size, 0) for size in shape]
    pads = [(gap // 2, gap - gap // 2) for gap in gaps]
    extended = [np.pad(image, [*pads, (0, 0)], mode="symmetric") for image in images]
    expected = ask_scikit_image(extended[0], extended[1], variant)
    assert measure(images[0], images[1], variant) == pytest.approx(expected, abs=1e-6)


def test_one_changed_pixel_of_a_tiny_image_lowers_its_score() -> None:
    baseline = np.full((3, 4, 3), 255, np.uint8)
    candidate = baseline.copy()
    candidate[2, 3, 1] = 0
    red, green, blue = measure(baseline, candidate)
    assert (red, blue) == (1.0, 1.0)
    assert green < 0.9
