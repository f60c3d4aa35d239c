"""What presets set, and what wins over them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.metrics import structural_similarity

from visualdiff import Status, compare_images
from visualdiff.compare import Compared, compare_arrays
from visualdiff.config import build_config, config_schema, parse_settings
from visualdiff.errors import ConfigError
from visualdiff.globs import settings_for
from visualdiff.presets import PRESETS, expand_preset
from visualdiff.settings import Config, Policy, Settings
from visualdiff.strict_yaml import parse_yaml
from visualdiff.tiles import Pixels

FOLDERS = "baselines: old\ncandidates: new\n"
CASES = sorted((Path(__file__).parent / "cases").glob("*/*/"))


def read(text: str, **changes: object) -> Config:
    document = parse_yaml((FOLDERS + text).encode())
    return build_config(document, Path("/project/visualdiff.yaml"), changes)


def compare(baseline: Pixels, candidate: Pixels, preset: str, **more: object) -> Compared:
    return compare_arrays(baseline, candidate, parse_settings({"preset": preset, **more}))


def load_case(folder: Path) -> tuple[Pixels, Pixels]:
    images = (Image.open(folder / f"{side}.png") for side in ("baseline", "candidate"))
    baseline, candidate = (np.asarray(image) for image in images)
    return baseline, candidate


def test_the_default_preset_is_the_defaults() -> None:
    assert parse_settings({"preset": "default"}) == Settings()


def test_each_preset_sets_the_same_settings() -> None:
    assert len({frozenset(values) for values in PRESETS.values()}) == 1


def test_the_schema_offers_each_preset() -> None:
    assert config_schema()["properties"]["preset"]["enum"] == list(PRESETS)


def test_without_a_preset_nothing_is_set() -> None:
    assert expand_preset({"tolerance": 3}) == {"tolerance": 3}


def test_strict_becomes_plain_settings() -> None:
    strict = read("preset: strict")
    assert (strict.preset, strict.tolerance, strict.antialiasing) == ("strict", 0.0, "count")
    assert (strict.transparent, strict.align, strict.min_region_pixels) == ("count", "none", 1)
    assert strict.on_renderer_change is strict.on_shift is Policy.FAIL


def test_what_stands_beside_a_preset_wins() -> None:
    config = read("tolerance: 3\npreset: strict\nmax_diff_ratio: 0.25")
    assert (config.tolerance, config.max_diff_ratio, config.antialiasing) == (3.0, 0.25, "count")
    assert parse_settings({"preset": "lenient", "tolerance": 1.0}).tolerance == 1.0


def test_an_override_s_preset_wins_over_what_the_file_sets() -> None:
    config = read(
        "tolerance: 3\nthreshold: 0.9\nmax_diff_pixels: 7\noverrides:\n"
        "  - {match: 'pay*', preset: strict}\n"
        "  - {match: '*b', tolerance: 5}\n"
        "  - {match: 'payc', preset: default}\n"
    )
    assert settings_for(config, "home").tolerance == 3
    strict = settings_for(config, "pay")
    assert (strict.preset, strict.tolerance, strict.max_diff_pixels) == ("strict", 0.0, None)
    assert strict.threshold == 0.9  # no preset sets it
    assert settings_for(config, "payb").tolerance == 5
    assert settings_for(config, "payc") == Settings(threshold=0.9)


def test_the_command_line_s_preset_wins_over_the_file_and_its_options_over_the_preset() -> None:
    text = "preset: lenient\ntolerance: 3\noverrides: [{match: a, tolerance: 4}]"
    assert read(text, preset="strict").tolerance == 0
    assert read(text, preset="strict", tolerance=2.0).tolerance == 2
    assert read(text, tolerance=2.0).min_region_pixels > 1
    assert settings_for(read(text, preset="strict"), "a").tolerance == 4


@pytest.mark.parametrize("value", ["lax", "3", "[strict]", "{a: 1}", "null"])
def test_an_unknown_preset_is_told_where_it_stands(value: str) -> None:
    for text, place in ((f"preset: {value}", "3:9: preset"),):
        with pytest.raises(ConfigError) as caught:
            read(text)
        (mistake,) = caught.value.mistakes
        assert mistake.startswith(f"/project/visualdiff.yaml:{place}: got ")
        assert mistake.endswith(", wanted 'strict', 'default' or 'lenient'")


def test_an_unknown_preset_of_an_override_or_an_option_is_told() -> None:
    with pytest.raises(ConfigError, match=r":3:32: overrides\[0\]\.preset: got \"lax\", wanted"):
        read("overrides: [{match: a, preset: lax}]")
    with pytest.raises(ConfigError, match=r"--preset: got \"lax\", wanted 'strict', 'default' or"):
        read("", preset="lax")
    with pytest.raises(ConfigError, match=r"overrides\[0\]: got \"a\", wanted a mapping"):
        read("overrides: [a]")


@pytest.mark.parametrize("text", ["min_region_pixels: 0", "min_region_pixels: 1.5"])
def test_a_wrong_least_number_of_pixels_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match=r"3:20: min_region_pixels: got .*, wanted a"):
        read(text)


def test_strict_scores_as_scikit_image_does_and_one_pixel_fails() -> None:
    baseline, candidate = load_case(
        next(folder for folder in CASES if folder.name == "text-rasterised-anew")
    )
    found = compare_images(baseline, candidate, preset="strict")
    reference = [
        float(structural_similarity(baseline[..., c], candidate[..., c]))  # type: ignore[no-untyped-call]  # it has no types
        for c in range(3)
    ]
    assert found.score == pytest.approx(min(reference), abs=1e-6)
    assert found.channels == found.raw_channels
    assert found.ignored_pixels.total == 0
    candidate = baseline.copy()
    candidate[5, 5, 2] ^= 1
    assert compare_images(baseline, candidate, preset="strict").diff_pixels == 1
    assert compare_images(baseline, candidate, preset="strict").status is Status.FAILED
    assert compare_images(baseline, candidate).passed


def test_strict_counts_what_is_hidden_under_full_transparency() -> None:
    red, blue = (np.full((20, 20, 4), (*colour, 0), np.uint8) for colour in ((9, 0, 0), (0, 0, 9)))
    strict = compare_images(red, blue, preset="strict")
    assert (strict.diff_pixels, strict.ignored_pixels.total) == (400, 0)
    assert strict.channels == strict.raw_channels
    assert compare_images(red, blue, preset="strict", transparent="ignore").passed
    assert compare_images(red, blue).passed


def check_order(baseline: Pixels, candidate: Pixels) -> None:
    """Check that a laxer preset sees nothing that a stricter one does not see."""
    # Of images of which rows were aligned, the masks are other places: they are compared alike.
    strict, default, lenient = (
        compare(baseline, candidate, preset, align="none").visible
        for preset in ("strict", "default", "lenient")
    )
    assert not (default & ~strict).any()
    assert not (lenient & ~default).any()


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_laxer_preset_sees_no_more(folder: Path) -> None:
    check_order(*load_case(folder))


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3, 4]), st.sampled_from([0.001, 0.02, 0.3]))
@settings(deadline=None, max_examples=60)
def test_a_laxer_preset_sees_no_more_of_noise(seed: int, channels: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 120, 2)
    baseline = rng.choice(np.array([0, 90, 250], np.uint8), (height, width, channels))
    baseline[: height // 2] = 250
    candidate = baseline.copy()
    touched: Any = rng.random((height, width)) < share
    candidate[touched] ^= rng.integers(0, 64, (np.count_nonzero(touched), channels), np.uint8)
    check_order(baseline, candidate)


def test_lenient_ignores_what_another_rasteriser_draws_in_one_word() -> None:
    folder = next(folder for folder in CASES if folder.name == "text-rasterised-anew")
    baseline, redrawn = load_case(folder)
    candidate = baseline.copy()
    # By default a line drawn anew passes, and one that moved by a whole pixel does not.
    assert redrawn.shape == baseline.shape
    candidate[38:52] = np.roll(baseline[38:52], 1, axis=1)
    assert not compare_images(baseline, candidate).passed
    lenient = compare_images(baseline, candidate, preset="lenient")
    assert lenient.passed
    assert lenient.score == 1
    assert lenient.ignored_pixels.rasterising > 20


@pytest.mark.parametrize(
    "name",
    [
        "one-digit", "recoloured-at-equal-luminance", "thin-line-gone", "faint-background",
        "badge-added", "rasterised-anew-with-another-digit", "banner-inserted",
    ],
)  # fmt: skip
def test_lenient_still_finds_changes(name: str) -> None:
    folder = next(folder for folder in CASES if folder.name == name)
    assert not compare_images(*load_case(folder), preset="lenient").passed
