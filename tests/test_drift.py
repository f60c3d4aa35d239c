import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from visualdiff import Status, compare_images
from visualdiff.drift import find_drifted
from visualdiff.outliers import find_outliers
from visualdiff.tiles import PixelMask, Tile

Levels = NDArray[np.uint8]

FINE = 4
LINE = "Order 1284 of this year, paid in full"


def write(
    *lines: str, drift: float = 0, right: float = 0, ink: tuple[int, int, int] = (20, 20, 30)
) -> Levels:
    """Write lines of text, each letter `drift` px further from the start of its line."""
    size = (340, 16 + 20 * len(lines))
    image = Image.new("RGB", (size[0] * FINE, size[1] * FINE), (255, 255, 255))
    font = ImageFont.load_default(14 * FINE)
    for row, text in enumerate(lines):
        place = (16 + right) * FINE
        for letter in text:
            spot = round(place), (10 + 20 * row) * FINE
            ImageDraw.Draw(image).text(spot, letter, ink, font)
            place += font.getlength(letter) + drift * FINE
    return np.array(image.resize(size, Image.Resampling.BOX))


def find_left(baseline: Levels, candidate: Levels) -> PixelMask:
    """Return the outliers that no drift explains."""
    inside = Tile(0, baseline.shape[0], 0, baseline.shape[1])
    visible = (baseline != candidate).any(axis=2)
    outlying = find_outliers(baseline, candidate, visible, inside).outlying
    assert outlying.any()
    left: PixelMask = outlying & ~find_drifted(baseline, candidate, outlying, inside)
    return left


@pytest.mark.parametrize("drift", [0.1, 0.2, -0.1])
def test_letters_that_drift_along_their_line_are_found(drift: float) -> None:
    assert not find_left(write(LINE), write(LINE, drift=drift)).any()


@pytest.mark.parametrize("right", [3, -6, 8])
def test_a_line_that_stands_further_along_is_found(right: float) -> None:
    assert not find_left(write(LINE), write(LINE, right=right)).any()


def test_further_than_a_letter_is_elsewhere() -> None:
    assert find_left(write(LINE), write(LINE, right=14)).any()


@pytest.mark.parametrize("number", ["1234", "1286", "7284", "1281"])
def test_another_digit_is_found_at_no_distance(number: str) -> None:
    changed = LINE.replace("1284", number)
    left = find_left(write(LINE), write(changed, drift=0.1))
    columns = np.flatnonzero(left.any(axis=0))
    assert columns.size
    assert columns[0] >= 55
    assert columns[-1] <= 100


def test_what_is_gone_is_found_at_no_distance() -> None:
    """All around it there is paper in both images."""
    baseline, candidate = write(LINE, ""), write(LINE, "", drift=0.1)
    baseline[32:42, 100:110] = (40, 90, 200)
    assert find_left(baseline, candidate)[32:42, 100:110].any()
    assert find_left(candidate, baseline)[32:42, 100:110].any()


def test_text_of_another_colour_is_found_at_no_distance() -> None:
    assert find_left(write(LINE), write(LINE, drift=0.1, ink=(20, 90, 200))).any()


def test_a_page_whose_letters_drift_passes_with_a_warning() -> None:
    words = [LINE[row:] + LINE[:row] for row in range(24)]
    found = compare_images(write(*words), write(*words, drift=0.1))
    assert found.status is Status.PASSED
    assert found.warnings
    words[4] = words[4].replace("1284", "1281")
    changed = compare_images(write(*words), write(*[*words[:4], LINE, *words[5:]], drift=0.1))
    assert changed.status is Status.FAILED
    assert all(90 <= region.y <= 106 for region in changed.regions)


def test_one_line_that_moved_on_a_page_rasterised_anew_is_a_change() -> None:
    words = [LINE[row:] + LINE[:row] for row in range(24)]
    candidate = write(*words, right=0.25)
    candidate[106:126] = write(*words, right=5)[106:126]
    found = compare_images(write(*words), candidate)
    assert found.status is Status.FAILED
    assert all(region.y >= 104 and region.y + region.height <= 128 for region in found.regions)
