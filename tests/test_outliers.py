import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from visualdiff.outliers import REACH, Outliers, find_outliers
from visualdiff.tiles import Tile

Levels = NDArray[np.uint8]
Colour = tuple[int, int, int]

FINE = 8
SIZE = (120, 40)
PAPER: Colour = (255, 255, 255)
INK: Colour = (20, 20, 30)


def write(
    text: str = "Order 1284",
    right: float = 0,
    down: float = 0,
    ink: Colour = INK,
    size: float = 14,
) -> Levels:
    """Write a line of text that lies a part of a pixel further."""
    image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), PAPER)
    font = ImageFont.load_default(size * FINE)
    place = round((12 + right) * FINE), round((12 + down) * FINE)
    ImageDraw.Draw(image).text(place, text, ink, font)
    return np.array(image.resize(SIZE, Image.Resampling.BOX))


def fringe(image: Levels) -> Levels:
    """Smooth text for an LCD: red is taken a third of a pixel further left, blue further right."""
    wide = np.repeat(image.astype(np.float64), 3, axis=1)
    smooth = (np.roll(wide, -1, axis=1) + wide + np.roll(wide, 1, axis=1)) / 3
    planes = [smooth[:, channel::3, channel] for channel in range(3)]
    return np.asarray(np.rint(np.stack(planes, axis=2)), np.uint8)


def find(baseline: Levels, candidate: Levels) -> Outliers:
    visible = (baseline != candidate).any(axis=2)
    return find_outliers(
        baseline, candidate, visible, Tile(0, len(baseline), 0, baseline.shape[1])
    )


@pytest.mark.parametrize("right", [-0.75, -0.25, 0.25, 0.5])
@pytest.mark.parametrize("down", [-1, -0.5, 0, 0.5, 1])
def test_text_at_another_part_of_a_pixel_has_no_outliers(right: float, down: float) -> None:
    assert not find(write(), write(right=right, down=down)).outlying.any()


def test_light_text_on_dark_has_no_outliers_either() -> None:
    assert not find(~write(), ~write(right=0.5, down=0.5)).outlying.any()


def test_text_smoothed_for_an_lcd_has_no_outliers() -> None:
    assert not find(write(), fringe(write())).outlying.any()


@pytest.mark.parametrize(
    "text", ["Order 1234", "Order 1281", "Order 128", "Order 1 284", "0rder 1284"]
)
@pytest.mark.parametrize("right", [0, 0.5])
def test_another_character_is_an_outlier(text: str, right: float) -> None:
    assert find(write(), write(text, right=right, down=0.25)).outlying.any()


@pytest.mark.parametrize("shift", [(3.0, 0.0), (0.0, 4.0), (2.5, 0.5)])
def test_text_further_away_is_an_outlier(shift: tuple[float, float]) -> None:
    assert find(write(), write(right=shift[0], down=shift[1])).outlying.any()


def test_text_in_another_size_is_an_outlier() -> None:
    assert find(write(), write(size=15)).outlying.any()


def test_text_in_another_colour_of_the_same_luma_is_an_outlier() -> None:
    found = find(write(ink=(0, 100, 0)), write(ink=(196, 0, 0), right=0.25))
    assert found.outlying.any()
    assert not found.flat.any()


def test_a_faint_line_is_an_outlier() -> None:
    lined = write()
    lined[34, 10:110] = 235
    found = find(write(), lined)
    assert found.outlying[34, 12:108].all()
    assert not found.outlying[:32].any()


def test_a_faint_change_of_a_flat_area_is_one_in_whatever_surroundings() -> None:
    candidate = write(right=0.25)
    candidate[28:36, 20:60] = (250, 250, 255)
    found = find(write(), candidate)
    assert found.flat[30:34, 22:58].all()
    assert found.flat.sum() == (found.flat & found.outlying).sum()


def test_a_run_as_thin_as_a_stroke_is_no_flat_area() -> None:
    stroke = np.full((40, 40, 3), 255, np.uint8)
    stroke[10:13, 5:35] = 30
    lighter = stroke.copy()
    lighter[10:13, 5:35] = 36
    assert not find(stroke, lighter).flat.any()


def test_nothing_is_said_of_ink_that_the_border_cuts() -> None:
    cut = write()
    cut[:2, 40:80] = INK
    visible = (write() != cut).any(axis=2)
    assert not find(write(), cut).outlying.any()
    # The same rows amid a larger image.
    assert find_outliers(write(), cut, visible, Tile(-90, 90, -90, 300)).outlying[0, 42:78].all()


def test_gray_images_have_no_colour_to_judge() -> None:
    gray, digit = write()[:, :, :1], write("Order 1234")[:, :, :1]
    assert not find(gray, write(right=0.25)[:, :, :1]).outlying.any()
    assert find(gray, digit).outlying.any()


def test_a_pixel_further_away_than_the_reach_changes_nothing() -> None:
    baseline, candidate = write(), write("Order 1234")
    whole = find(baseline, candidate).outlying
    for left in (0, 33, 60):
        tile = Tile(0, 40, left, 100)
        wide = tile.grow(REACH, 40, 120)
        visible = (baseline != candidate).any(axis=2)
        part = find_outliers(
            wide.crop(baseline).copy(),
            wide.crop(candidate).copy(),
            wide.crop(visible),
            Tile(0, 40, -wide.left, 120 - wide.left),
        ).outlying
        inner = tile.move(0, -wide.left)
        assert np.array_equal(inner.crop(part), tile.crop(whole))
