"""The difference image: heat where a person sees a difference, speckles where it is ignored."""

from typing import Any

import numpy as np
import pytest
from drawing import draw_noise, region_at
from PIL import Image

from visualdiff.annotate import to_picture
from visualdiff.colour import measure_colour_difference
from visualdiff.compare import Compared, compare_arrays
from visualdiff.difference import (
    DIFFERENCE_PALETTE,
    UNPAIRED,
    draw_difference,
    hatch_bands,
    index_difference,
    mark_ignored,
    measure_difference,
    paint_difference,
)
from visualdiff.heat import HEAT, IGNORED_COLOUR, IGNORED_SPECK
from visualdiff.model import Region
from visualdiff.settings import Mask, Settings
from visualdiff.tiles import PixelMask, Pixels

BLUE = (59, 130, 246)
HEATS = [step.colour for step in HEAT]


def change_noise(*shape: int, depth: Any = np.uint8) -> Compared:
    """Compare two pictures with visible differences in the upper third, ignored ones below."""
    baseline = draw_noise(*shape, depth=depth)
    candidate = baseline.copy()
    height, width = shape[:2]
    candidate[: height // 3, width // 4 : width // 2] ^= np.iinfo(depth).max
    candidate[2 * height // 3 :, width // 4 : width // 2] ^= 1
    if len(shape) == 3 and shape[2] == 4:
        candidate[..., 3] = baseline[..., 3]
    compared = compare_arrays(baseline, candidate, Settings(align="none"))
    assert compared.visible.any()
    assert compared.ignored.any()
    return compared


def find(picture: Pixels, *colours: Any) -> PixelMask:
    """Return which pixels of a picture have one of some colours."""
    return np.asarray(np.any([(picture == colour).all(axis=2) for colour in colours], axis=0))


def draw_heat(compared: Compared) -> Pixels:
    measured = measure_difference(compared, compared.visible)
    return DIFFERENCE_PALETTE[index_difference(compared, measured)]


# --- Heat ---


def test_a_pixel_has_the_colour_of_its_difference() -> None:
    grays = np.arange(256, dtype=np.uint8)
    baseline = np.zeros((64, 256, 3), np.uint8)
    candidate = baseline.copy()
    candidate[:] = grays[:, None]
    settings = Settings(tolerance=0, antialiasing="count", align="none")
    drawn = draw_heat(compare_arrays(baseline, candidate, settings))
    for column in range(1, 256):
        (difference,) = measure_colour_difference(baseline[0, [column]], candidate[0, [column]])
        expected = next(
            step.colour for step in HEAT if round(100 * difference) <= 100 * step.up_to
        )
        assert (drawn[:, column] == expected).all()
    assert (drawn[:, 255] == HEAT[-1].colour).all()
    # Black changed nothing in itself: it is faded.
    assert (drawn[:, 0] == 191).all()


@pytest.mark.parametrize("shape", [(60, 9), (64, 9, 3), (65, 9, 3), (200, 30, 4)], ids=str)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_only_visible_pixels_are_coloured_on_a_faded_picture(
    shape: tuple[int, ...], depth: Any
) -> None:
    compared = change_noise(*shape, depth=depth)
    drawn = draw_heat(compared)
    assert drawn.dtype == np.uint8
    assert np.array_equal(find(drawn, *HEATS), compared.visible)
    rest = drawn[~compared.visible].astype(int)
    assert np.ptp(rest, axis=1).max() == 0
    gray = np.asarray(Image.fromarray(to_picture(compared.candidate)).convert("L"))
    expected = 255 - (255 - gray[~compared.visible].astype(float)) / 4
    assert np.abs(rest - expected[:, None]).max() <= 1


def test_what_only_one_image_has_is_of_the_last_step_whatever_its_colour() -> None:
    # Black as what is put beside it where it has no pixels.
    baseline = np.zeros((70, 40, 3), np.uint8)
    candidate = np.zeros((50, 60, 3), np.uint8)
    compared = compare_arrays(baseline, candidate, Settings(align="none"))
    measured = measure_difference(compared, compared.visible)
    expected = np.zeros((70, 60), np.bool_)
    expected[:50, 40:] = True
    expected[50:, :40] = True
    assert np.array_equal(measured == UNPAIRED, expected)
    assert not measured[~expected].any()
    assert np.array_equal(find(draw_heat(compared), HEATS[-1]), expected)


def test_rows_are_measured_against_those_that_they_were_laid_over() -> None:
    baseline = np.full((300, 200, 3), 255, np.uint8)
    for top in range(10, 290, 14):
        baseline[top : top + 6, 10 : 20 + top // 2] = (30, 60, top // 2)
    inserted = np.full((32, 200, 3), (120, 200, 120), np.uint8)
    candidate = np.concatenate([baseline[:150], inserted, baseline[150:]])
    candidate[250:256, 150:160] = 235
    compared = compare_arrays(baseline, candidate, Settings())
    assert compared.comparison.fitted == "aligned"
    assert compared.overlaid.shape == compared.candidate.shape
    visible = compared.visible
    assert np.array_equal(np.argwhere(visible).min(axis=0), (250, 150))
    assert visible.sum() == 60
    # A light gray on white: against what stood there before, nothing is that near.
    assert (draw_heat(compared)[visible] == HEAT[2].colour).all()


def test_nothing_aligned_leaves_the_baseline_as_it_is() -> None:
    compared = change_noise(60, 40, 3)
    assert compared.overlaid is compared.baseline


def test_a_visible_difference_never_rounds_down_to_the_tolerance() -> None:
    baseline = np.full((40, 60, 3), 30, np.uint8)
    (exact,) = measure_colour_difference(baseline[0, :1], baseline[0, :1] + np.uint8(2))
    compared = compare_arrays(
        baseline, baseline + np.uint8(2), Settings(tolerance=float(exact) - 0.001)
    )
    measured = measure_difference(compared, compared.visible)
    assert compared.visible.all()
    assert (measured > 100 * compared.comparison.tolerance).all()
    assert np.abs(measured / 100 - exact).max() <= 0.01


def test_no_gray_is_taken_for_a_difference() -> None:
    levels = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    drawn = draw_heat(compare_arrays(levels, levels, Settings()))
    assert np.ptp(drawn.astype(int), axis=2).max() == 0
    assert (np.diff(drawn[0, :, 0].astype(int)) >= 0).all()


# --- All in one ---


def test_ignored_pixels_are_speckled_and_visible_ones_plain() -> None:
    compared = change_noise(150, 90, 3)
    drawn = draw_difference(compared, ())
    assert np.array_equal(find(drawn, *HEATS), compared.visible)
    assert np.array_equal(find(drawn, IGNORED_COLOUR, IGNORED_SPECK), compared.ignored)
    specks = find(drawn, IGNORED_SPECK)[compared.ignored]
    assert specks.mean() == pytest.approx(1 / 5, abs=0.05)


def test_a_palette_holds_the_very_colours_of_the_difference() -> None:
    compared = change_noise(200, 30, 4)
    indices = index_difference(compared, measure_difference(compared, compared.visible))
    mark_ignored(indices, compared.ignored, None)
    assert np.array_equal(DIFFERENCE_PALETTE[indices], draw_difference(compared, ()))
    assert np.array_equal(paint_difference(indices), DIFFERENCE_PALETTE[indices])


def test_what_is_masked_is_hatched_and_what_differs_there_shines_through() -> None:
    baseline = np.full((200, 150, 3), 255, np.uint8)
    candidate = baseline.copy()
    candidate[60:100, 40:80] = 0
    settings = Settings(masks=(Mask(x=20, y=30, width=100, height=140),))
    drawn = draw_difference(compare_arrays(baseline, candidate, settings), ())
    assert find(drawn, IGNORED_COLOUR, IGNORED_SPECK)[60:100, 40:80].mean() == pytest.approx(
        10 / 12, abs=0.01
    )
    assert (drawn[30, 20:120] == (15, 118, 110)).all()


def hatch(bands: list[Region]) -> PixelMask:
    indices = np.full((60, 50), 255, np.uint8)
    hatch_bands(indices, bands)
    return find(DIFFERENCE_PALETTE[indices], BLUE)


def test_bands_of_rows_are_hatched_and_seams_are_lines() -> None:
    blue = hatch([region_at(5, 10, 40, 16), region_at(0, 40, 50, 0)])
    band = blue[10:26, 5:45]
    assert band.mean() == pytest.approx(0.25, abs=0.02)
    assert band.any(axis=1).all()
    assert band.any(axis=0).all()
    assert blue[39:41].all()
    assert blue.sum() == band.sum() + 100


@pytest.mark.parametrize("row", [0, 60])
def test_a_seam_at_the_border_is_drawn_inside(row: int) -> None:
    assert hatch([region_at(0, row, 50, 0)])[0 if row == 0 else -1].all()
