import json
import pickle
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from visualdiff.compare import Compared, compare_arrays, conclude_identical
from visualdiff.errors import MaskError
from visualdiff.masks import MaskImage
from visualdiff.model import Comparison, IgnoredPixels, RegionKind, Status
from visualdiff.settings import Focus, Mask, Settings
from visualdiff.tiles import Pixels

DEFAULT = Settings()


def compare(baseline: Pixels, candidate: Pixels, chosen: Settings = DEFAULT) -> Comparison:
    return compare_arrays(baseline, candidate, chosen).comparison


def draw_page(height: int = 60, width: int = 80) -> Pixels:
    rng = np.random.default_rng(11)
    page = np.full((height, width, 3), 255, np.uint8)
    page[5:15, 10:70] = (37, 99, 235)
    page[30:40, 10:30] = rng.integers(0, 256, (10, 20, 3))
    return page


def with_alpha(image: Pixels, alpha: int) -> Pixels:
    plane = np.full((*image.shape[:2], 1), alpha, image.dtype)
    return np.concatenate((image, plane), axis=2)


def deepen(image: Pixels) -> Pixels:
    return np.asarray(image * np.uint16(257), np.uint16)


def ask_scikit_image(baseline: Pixels, candidate: Pixels, channel: int, **options: Any) -> float:
    return float(
        structural_similarity(  # type: ignore[no-untyped-call]  # it has no types
            baseline[..., channel],
            candidate[..., channel],
            data_range=int(np.iinfo(baseline.dtype).max),
            **options,
        )
    )


def map_scikit_image(baseline: Pixels, candidate: Pixels, channel: int) -> Any:
    _, similarities = structural_similarity(  # type: ignore[no-untyped-call]  # it has no types
        baseline[..., channel].astype(float), candidate[..., channel], data_range=255, full=True
    )
    return similarities


def test_equal_images_pass_with_a_score_of_one() -> None:
    found = compare(draw_page(), draw_page())
    assert found.status is Status.PASSED
    assert found.passed
    assert (found.score, found.reasons, found.regions, found.warnings) == (1.0, (), (), ())
    assert (found.diff_pixels, found.diff_ratio, found.ignored_pixels.total) == (0, 0.0, 0)
    assert found.channels == found.raw_channels == {"red": 1.0, "green": 1.0, "blue": 1.0}
    assert (found.width, found.height) == (80, 60)


def test_a_visible_change_fails_with_its_numbers() -> None:
    baseline, candidate = draw_page(), draw_page()
    candidate[5:15, 10:70] = (220, 38, 38)
    found = compare(baseline, candidate, Settings(threshold=0.95))
    assert found.status is Status.FAILED
    assert not found.passed
    assert found.threshold == 0.95
    assert found.diff_pixels == 600
    assert found.diff_ratio == 600 / 4800
    assert "600 px differ visibly (12.50 % of the image), wanted at most 0" in found.reasons
    (region,) = found.regions
    assert (region.x, region.y, region.width, region.height) == (10, 5, 60, 10)
    assert region.kind is RegionKind.RECOLOURED
    for index, name in enumerate(("red", "green", "blue")):
        expected = ask_scikit_image(baseline, candidate, index)
        assert found.channels[name] == pytest.approx(expected, abs=1e-6)
    assert found.channels == found.raw_channels
    assert found.score == min(found.channels.values())


def test_the_images_given_are_not_changed() -> None:
    baseline, candidate = draw_page(), draw_page()
    candidate[20:30] = 0
    candidate[50] = 254
    copies = baseline.copy(), candidate.copy()
    compare(baseline, candidate, Settings(masks=(Mask(x=0, y=0, width=30, height=30),)))
    assert np.array_equal(baseline, copies[0])
    assert np.array_equal(candidate, copies[1])


def test_ignored_differences_lower_the_raw_scores_only() -> None:
    baseline, candidate = draw_page(), draw_page()
    candidate[20:30, 20:40] = 0
    mask = Mask(x=20, y=20, width=20, height=10)
    found = compare(baseline, candidate, Settings(masks=(mask,)))
    assert found.passed
    assert found.channels == {"red": 1.0, "green": 1.0, "blue": 1.0}
    assert found.raw_channels["red"] == pytest.approx(
        ask_scikit_image(baseline, candidate, 0), abs=1e-6
    )
    assert found.raw_channels["red"] < 0.99
    assert found.ignored_pixels == IgnoredPixels(masked=200)


def test_what_is_left_is_scored_with_the_ignored_pixels_of_the_baseline() -> None:
    baseline, candidate = draw_page(), draw_page()
    candidate[20:30, 20:40] = 0
    mask = Mask(x=20, y=20, width=7, height=100)
    found = compare(baseline, candidate, Settings(masks=(mask,)))
    neutral = candidate.copy()
    neutral[20:30, 20:27] = baseline[20:30, 20:27]
    assert found.diff_pixels == 130
    assert found.masked_pixels == 40 * 7
    counted = np.ones((54, 74), np.bool_)
    counted[17:, 17:24] = False  # the windows around masked pixels
    for index, name in enumerate(("red", "green", "blue")):
        expected = ask_scikit_image(baseline, candidate, index)
        assert found.raw_channels[name] == pytest.approx(expected, abs=1e-6)
        similarities = map_scikit_image(baseline, neutral, index)[3:-3, 3:-3]
        assert found.channels[name] == pytest.approx(similarities[counted].mean(), abs=1e-6)


def test_the_gaussian_variant_can_be_chosen() -> None:
    baseline, candidate = draw_page(), draw_page()
    candidate[20:30, 20:40] = 0
    candidate[50:, 50:] = 254
    found = compare(baseline, candidate, Settings(ssim="gaussian"))
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    neutral = candidate.copy()
    neutral[50:, 50:] = 255
    for scores, image in ((found.channels, neutral), (found.raw_channels, candidate)):
        expected = ask_scikit_image(baseline, image, 0, **options)
        assert scores["red"] == pytest.approx(expected, abs=1e-6)


SIZES = [
    ((60, 80), (60, 90)),
    ((60, 80), (75, 80)),
    ((60, 80), (75, 90)),
    ((60, 80), (50, 70)),
    ((60, 80), (50, 90)),
    ((60, 80), (75, 70)),
    ((1, 1), (9, 9)),
]


@pytest.mark.parametrize(("old", "new"), SIZES, ids=str)
def test_another_size_is_padded_never_resampled(
    old: tuple[int, int], new: tuple[int, int]
) -> None:
    whole = np.random.default_rng(12).integers(0, 256, (90, 90, 3), np.uint8)
    baseline, candidate = whole[: old[0], : old[1]], whole[: new[0], : new[1]]
    compared = compare_arrays(baseline, candidate, Settings())
    found = compared.comparison
    assert (found.height, found.width) == (max(old[0], new[0]), max(old[1], new[1]))
    assert (found.baseline_size, found.candidate_size) == (old[::-1], new[::-1])
    unpaired = np.zeros((found.height, found.width), np.bool_)
    unpaired[: old[0], : old[1]] = True
    unpaired[: new[0], : new[1]] ^= True
    assert np.array_equal(compared.visible, unpaired)
    assert found.diff_pixels == np.count_nonzero(unpaired)
    assert np.array_equal(compared.baseline[: old[0], : old[1]], baseline)
    assert np.array_equal(compared.candidate[: new[0], : new[1]], candidate)
    assert compared.baseline.shape == compared.candidate.shape


@pytest.mark.parametrize(("old", "new"), SIZES, ids=str)
def test_another_size_is_explained_with_both_sizes(
    old: tuple[int, int], new: tuple[int, int]
) -> None:
    lenient = Settings(threshold=0, max_diff_ratio=1)
    found = compare(np.zeros((*old, 3), np.uint8), np.zeros((*new, 3), np.uint8), lenient)
    assert found.status is Status.FAILED
    (reason,) = found.reasons
    assert reason.startswith(f"size {old[1]}×{old[0]} → {new[1]}×{new[0]}: the candidate is ")


@pytest.mark.parametrize(("old", "new"), SIZES, ids=str)
def test_strips_cover_each_pixel_that_one_image_lacks_once(
    old: tuple[int, int], new: tuple[int, int]
) -> None:
    black = [np.zeros((*size, 3), np.uint8) for size in (old, new)]
    compared = compare_arrays(black[0], black[1], Settings())
    times = np.zeros(compared.visible.shape, np.int64)
    for region in compared.comparison.regions:
        assert region.diff_pixels == region.width * region.height > 0
        assert region.kind is RegionKind.CHANGED
        times[region.y : region.y + region.height, region.x : region.x + region.width] += 1
    assert np.array_equal(times, compared.visible)


def test_strips_say_who_has_them() -> None:
    found = compare(np.zeros((60, 80), np.uint8), np.zeros((50, 90), np.uint8))
    assert [region.description for region in found.regions] == [
        "only in the candidate, which is wider",
        "only in the baseline, which is taller",
    ]
    found = compare(np.zeros((50, 90), np.uint8), np.zeros((60, 80), np.uint8))
    assert [region.description for region in found.regions] == [
        "only in the baseline, which is wider",
        "only in the candidate, which is taller",
    ]


def test_a_change_on_a_page_that_also_grew_has_its_own_region() -> None:
    baseline, candidate = draw_page(60), draw_page(70)
    candidate[45:50, 60:70] = 0
    change, strip = compare(baseline, candidate).regions
    assert (change.x, change.y, change.width, change.height) == (60, 45, 10, 5)
    assert (strip.x, strip.y, strip.width, strip.height) == (0, 60, 80, 10)


@given(
    seed=st.integers(0, 2**32 - 1),
    masks=st.lists(
        st.builds(
            Mask,
            x=st.integers(-80, 79),
            y=st.integers(-60, 59),
            width=st.integers(1, 79),
            height=st.integers(1, 59),
        ),
        min_size=2,
        max_size=4,
    ),
)
@settings(deadline=None, max_examples=60)
def test_a_further_mask_never_makes_a_pixel_visible(seed: int, masks: list[Mask]) -> None:
    rng = np.random.default_rng(seed)
    baseline, candidate = draw_page(), draw_page()
    candidate[rng.random((60, 80)) < 0.2] ^= 40
    # What is smoothing, or grain, depends on the surroundings, and so on a mask there.
    fewer, more = (
        Settings(masks=tuple(chosen), antialiasing="count", tolerance=0)
        for chosen in (masks[1:], masks)
    )
    try:
        before, after = (compare_arrays(baseline, candidate, chosen) for chosen in (fewer, more))
    except MaskError:
        return  # nothing was left
    assert not (after.visible & ~before.visible).any()
    assert after.comparison.masked_pixels >= before.comparison.masked_pixels
    for found in (before, after):
        masked = found.masked[1]
        assert masked is not None
        assert not (found.visible & masked).any()
        assert found.comparison.masked_pixels == np.count_nonzero(masked)
        compared = 4800 - np.count_nonzero(masked)
        assert found.comparison.diff_ratio == np.count_nonzero(found.visible) / compared


def test_a_change_under_a_mask_does_not_make_smoothing_beside_it_visible() -> None:
    rng = np.random.default_rng(8)
    baseline = np.full((60, 80, 3), 255, np.uint8)
    baseline[:, :40] = rng.integers(0, 256, (60, 40, 1))
    candidate = baseline.copy()
    candidate[30, 36] ^= 8
    assert compare(baseline, candidate).passed
    candidate[20:45, 40:] = rng.integers(0, 256, (25, 40, 1))
    assert compare(
        baseline, candidate, Settings(masks=(Mask(x=40, y=0, width=40, height=60),))
    ).passed
    assert not compare(baseline, candidate).passed


def test_a_region_does_not_reach_under_a_mask() -> None:
    baseline, candidate = draw_page(), draw_page()
    candidate[45:55, 20:60] = 0
    (region,) = compare(
        baseline, candidate, Settings(masks=(Mask(x=40, y=0, width=9, height=60),))
    ).regions
    whole = (region.x, region.y, region.width, region.height)
    assert whole == (20, 45, 40, 10)
    (region,) = compare(
        baseline, candidate, Settings(masks=(Mask(x=40, y=0, width=40, height=60),))
    ).regions
    assert (region.x, region.width, region.diff_pixels) == (20, 20, 200)


def test_masks_of_every_kind_are_joined() -> None:
    baseline, candidate = draw_page(), draw_page()
    baseline[50, 50] = (255, 0, 255)
    candidate[50, 50] = candidate[20, 20] = candidate[25, 60] = 0
    painted = np.zeros((60, 80), np.bool_)
    painted[25, 60] = True
    chosen = Settings(masks=(Mask(x=20, y=20, width=1, height=1),), mask_colour="#f0f")
    found = compare_arrays(baseline, candidate, chosen, [MaskImage("a.png", painted)]).comparison
    assert found.passed
    assert found.masked_pixels == found.ignored_pixels.masked == 3
    assert not compare(baseline, candidate, chosen).passed


def test_the_colour_of_the_candidate_masks_nothing() -> None:
    candidate = draw_page()
    candidate[:] = (255, 0, 255)
    assert not compare(draw_page(), candidate, Settings(mask_colour="#ff00ff")).passed


def test_a_mask_that_does_not_fit_is_refused_for_equal_images_too() -> None:
    outside = Settings(masks=(Mask(x=500, y=0, width=1, height=1),))
    with pytest.raises(MaskError, match="lies outside the baseline of 80×60 px"):
        compare(draw_page(), draw_page(), outside)
    with pytest.raises(MaskError, match="lies outside the baseline of 80×60 px"):
        conclude_identical((80, 60), ("red", "green", "blue"), outside)


def test_no_mask_hides_what_one_image_lacks() -> None:
    nearly_all = Mask(x=0, y=1, width=500, height=500)
    found = compare(draw_page(60), draw_page(70), Settings(masks=(nearly_all,)))
    assert found.diff_pixels == 800
    assert found.ignored_pixels.total == 0
    assert found.masked_pixels == 59 * 80
    assert found.diff_ratio == 800 / (70 * 80 - 59 * 80)


GRAY = np.asarray(draw_page()[..., 0])
LAYOUTS: dict[str, Pixels] = {
    "gray": GRAY,
    "gray with an axis": GRAY[:, :, None],
    "RGB": np.repeat(GRAY[:, :, None], 3, axis=2),
    "RGBA": with_alpha(np.repeat(GRAY[:, :, None], 3, axis=2), 255),
}
LAYOUTS |= {f"{name}, 16 bits": deepen(image) for name, image in LAYOUTS.items()}


@pytest.mark.parametrize("candidate", LAYOUTS.values(), ids=[*LAYOUTS])
@pytest.mark.parametrize("baseline", LAYOUTS.values(), ids=[*LAYOUTS])
def test_one_picture_stored_in_two_ways_is_the_same(baseline: Pixels, candidate: Pixels) -> None:
    found = compare(baseline, candidate, Settings(tolerance=0, threshold=1))
    assert found.passed
    assert found.score == 1.0
    assert found.diff_pixels == found.ignored_pixels.total == 0
    only_gray = max(baseline[..., None].shape[2], candidate[..., None].shape[2]) == 1
    assert [*found.channels] == (["gray"] if only_gray else ["red", "green", "blue"])


@pytest.mark.parametrize("candidate", LAYOUTS.values(), ids=[*LAYOUTS])
def test_a_change_is_found_whatever_the_layout(candidate: Pixels) -> None:
    changed = candidate.copy()
    changed[20:30, 20:40] //= 2
    if candidate.ndim == 3 and candidate.shape[2] == 4:
        changed[..., 3] = np.iinfo(candidate.dtype).max
    found = compare(LAYOUTS["gray"], changed)
    assert found.diff_pixels == 200
    assert found.status is Status.FAILED


@pytest.mark.parametrize(
    ("baseline", "candidate", "words"),
    [
        (GRAY, GRAY, ()),
        (deepen(GRAY), deepen(GRAY), ("16-bit images, compared at 16 bits",)),
        (
            GRAY,
            deepen(GRAY),
            ("one image has 8 bits per channel, the other 16: compared at 16 bits",),
        ),
    ],
    ids=["8 and 8", "16 and 16", "8 and 16"],
)
def test_sixteen_bits_are_worth_a_warning(
    baseline: Pixels, candidate: Pixels, words: tuple[str, ...]
) -> None:
    assert compare(baseline, candidate).warnings == words


def test_the_lower_eight_bits_of_sixteen_count() -> None:
    baseline = deepen(draw_page())
    candidate = baseline.copy()
    candidate[20, 20, 1] ^= 1
    assert compare(baseline, candidate, Settings(tolerance=0)).diff_pixels == 1
    found = compare(baseline, candidate)
    assert found.passed
    assert found.ignored_pixels == IgnoredPixels(tolerance=1)
    assert found.raw_channels["green"] < 1.0


def test_sixteen_bit_images_get_the_score_of_scikit_image() -> None:
    baseline, candidate = deepen(draw_page()), deepen(draw_page())
    candidate[20:30, 20:40, 1] = 12_345
    found = compare(baseline, candidate)
    expected = ask_scikit_image(baseline, candidate, 1)
    assert found.raw_channels["green"] == pytest.approx(expected, abs=1e-6)


@given(
    seed=st.integers(0, 2**32 - 1),
    ssim=st.sampled_from(["uniform", "gaussian"]),
    deep=st.booleans(),
    taller=st.integers(0, 30),
)
@settings(deadline=None, max_examples=60)
def test_an_opaque_alpha_channel_changes_nothing(
    seed: int, ssim: Any, deep: bool, taller: int
) -> None:
    rng = np.random.default_rng(seed)
    baseline = rng.integers(0, 256, (int(rng.integers(1, 400)), 60, 3), np.uint8)
    candidate = np.pad(baseline, ((0, taller), (0, 0), (0, 0)), constant_values=9)
    for _ in range(int(rng.integers(0, 4))):
        top, left, levels = (
            rng.integers(0, len(baseline)),
            rng.integers(0, 60),
            rng.integers(1, 90),
        )
        candidate[top : top + 3, left : left + 9] ^= np.uint8(levels)
    if deep:
        baseline, candidate = deepen(baseline), deepen(candidate)
    chosen = Settings(ssim=ssim)
    opaque = np.iinfo(baseline.dtype).max
    expected = compare_arrays(baseline, candidate, chosen)
    found = compare_arrays(with_alpha(baseline, opaque), with_alpha(candidate, opaque), chosen)
    assert found.comparison == expected.comparison
    for part in ("baseline", "candidate", "visible", "ignored"):
        assert np.array_equal(getattr(found, part), getattr(expected, part)), part


@pytest.mark.parametrize("alpha", [0, 128, 254])
def test_an_alpha_channel_that_is_not_opaque_is_compared(alpha: int) -> None:
    opaque, translucent = with_alpha(draw_page(), 255), with_alpha(draw_page(), alpha)
    for other in (opaque, draw_page(), GRAY):
        found = compare(other, translucent, Settings(tolerance=0, antialiasing="count"))
        assert [*found.channels] == ["red", "green", "blue", "alpha"]
        assert found.diff_pixels == 4800
        assert found.raw_channels["alpha"] < 1


def test_colour_under_full_transparency_is_nobodys_business() -> None:
    baseline, candidate = with_alpha(draw_page(), 0), with_alpha(255 - draw_page(), 0)
    found = compare(baseline, candidate)
    assert found.passed
    assert found.score == 1.0
    assert found.ignored_pixels.transparent == 4800
    assert min(found.raw_channels.values()) < 0.9


def check_numbers_are_plain(found: Comparison) -> None:
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own pickle

    def visit(value: Any) -> None:
        if isinstance(value, dict):
            value = [*value.keys(), *value.values()]
        if isinstance(value, (list, tuple)):
            for item in value:
                visit(item)
        else:
            assert type(value).__module__ != "numpy", value

    content = asdict(found)
    visit(content)
    # A float that came as numpy.float64 would pass the dump, not the visit.
    assert json.loads(json.dumps(content))["diff_pixels"] == found.diff_pixels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("ssim", ["uniform", "gaussian"])
def test_a_comparison_is_plain_data(ssim: Any, dtype: Any) -> None:
    baseline, candidate = draw_page().astype(dtype), draw_page(70, 90).astype(dtype)
    candidate[20:30, 20:40] = 0
    candidate[50, :] ^= 1
    masks = (Mask(x=0, y=0, width=25, height=25),)
    check_numbers_are_plain(compare(baseline, candidate, Settings(ssim=ssim, masks=masks)))


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(threshold=0.9),
        Settings(masks=(Mask(x=-9, y=0, width=30, height=7),)),
        Settings(focus=(Focus(x=9, y=9, width=30, height=7, threshold=0.7),)),
    ],
    ids=["plain", "mask", "focus"],
)
def test_identical_files_get_the_comparison_that_their_pixels_would_get(
    chosen: Settings,
) -> None:
    page = draw_page()
    concluded = conclude_identical((80, 60), ("red", "green", "blue"), chosen)
    assert concluded == compare(page, page, chosen)
    assert conclude_identical((80, 60), ("gray",), chosen) == compare(GRAY, GRAY, chosen)
    check_numbers_are_plain(concluded)


@given(
    seed=st.integers(0, 2**32 - 1),
    channels=st.tuples(*[st.sampled_from([1, 3, 4])] * 2),
    depths=st.tuples(*[st.sampled_from([np.uint8, np.uint16])] * 2),
    tolerance=st.sampled_from([0.0, 1.0, 10.0]),
)
@settings(deadline=None, max_examples=100)
def test_any_two_images_give_numbers_that_agree_with_each_other(
    seed: int, channels: tuple[int, int], depths: tuple[Any, Any], tolerance: float
) -> None:
    rng = np.random.default_rng(seed)
    same_size = rng.random() < 0.5
    size = rng.integers(1, 50, 2)
    images = []
    for count, depth in zip(channels, depths, strict=True):
        shape = (*(size if same_size else rng.integers(1, 50, 2)), count)
        images.append(rng.integers(0, np.iinfo(depth).max, shape, depth, endpoint=True))
    compared: Compared = compare_arrays(images[0], images[1], Settings(tolerance=tolerance))
    found = compared.comparison
    assert found.diff_pixels == np.count_nonzero(compared.visible)
    assert found.diff_ratio == found.diff_pixels / (found.width * found.height)
    assert found.ignored_pixels.total == np.count_nonzero(compared.ignored)
    assert not (compared.visible & compared.ignored).any()
    assert sum(region.diff_pixels for region in found.regions) == found.diff_pixels
    assert found.score == min(found.channels.values())
    sizes_agree = found.baseline_size == found.candidate_size
    assert found.passed == (found.score >= 0.99 and not found.diff_pixels and sizes_agree)
    assert all(-1 <= score <= 1 for score in found.raw_channels.values())
    check_numbers_are_plain(found)
