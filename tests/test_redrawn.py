from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from visualdiff import Status, compare_images
from visualdiff.redrawn import find_redrawn
from visualdiff.tiles import find_differing_pixels, make_empty_mask

Levels = NDArray[np.uint8]
FINE = 16
SIZE = (160, 120)
PAPER = (252, 252, 250)
INK = (31, 41, 55)


def draw(
    shift: float = 0, *, radius: float = 12, ink: tuple[int, int, int] = INK, bars: int = 3
) -> Levels:
    """Draw an icon, a ring with bars in it, a part of a pixel further right."""
    image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), PAPER)
    pencil = ImageDraw.Draw(image)
    middle = round((60 + shift) * FINE)
    outer, rows = round(radius * FINE), 50 * FINE
    ring = (middle - outer, rows - outer, middle + outer, rows + outer)
    pencil.ellipse(ring, outline=ink, width=3 * FINE // 2)
    for bar in range(bars):
        top = rows + (bar * 4 - 5) * FINE
        pencil.rectangle((middle - 5 * FINE, top, middle + 5 * FINE, top + 2 * FINE), fill=ink)
    return np.array(image.resize(SIZE, Image.Resampling.BOX))


def count_left(baseline: Levels, candidate: Levels) -> int:
    differing = find_differing_pixels(baseline, candidate)
    nothing = make_empty_mask(differing.pixels.shape)
    redrawn = find_redrawn(baseline, candidate, differing, nothing)
    return int(np.count_nonzero(differing.pixels & ~redrawn))


def test_an_icon_a_part_of_a_pixel_further_was_redrawn() -> None:
    assert count_left(draw(), draw(0.25)) == 0
    found = compare_images(draw(), draw(0.25))
    assert found.status is Status.PASSED
    assert found.score == 1
    assert found.ignored_pixels.antialiasing > 50
    assert found.ignored_pixels.rasterising == 0
    assert found.warnings == ()


@pytest.mark.parametrize(
    "candidate",
    [
        draw(1),
        np.roll(draw(), 1, axis=0),
        draw(radius=13),
        draw(ink=(60, 70, 84)),
        draw(ink=(31, 41, 160)),
        draw(bars=2),
    ],
    ids=["moved right", "moved down", "larger", "paler", "bluer", "another icon"],
)
def test_a_changed_icon_was_not_redrawn(candidate: Levels) -> None:
    assert count_left(draw(), candidate) > 0
    assert compare_images(draw(), candidate).status is Status.FAILED


def test_one_thing_may_be_redrawn_and_another_changed() -> None:
    candidate = draw(0.25)
    candidate[100:104, 120:124] = (220, 38, 38)
    found = compare_images(draw(), candidate)
    (region,) = found.regions
    assert (region.x, region.y, region.width, region.height) == (120, 100, 4, 4)


def test_counting_anti_aliasing_counts_it() -> None:
    found = compare_images(draw(), draw(0.25), antialiasing="count")
    assert found.status is Status.FAILED
    assert found.ignored_pixels.antialiasing == 0


def test_a_thing_cut_off_by_the_edge_of_the_image_is_left_alone() -> None:
    # Its ink may have gone beyond the edge: nobody can tell.
    baseline, candidate = draw()[:, 50:], draw(0.25)[:, 50:]
    differing = (baseline != candidate).any(axis=2)
    assert differing[:, :6].any()
    left = count_left(np.ascontiguousarray(baseline), np.ascontiguousarray(candidate))
    assert left == np.count_nonzero(differing)


def test_a_page_full_of_such_things_is_left_alone() -> None:
    baseline, candidate = (np.tile(image, (9, 9, 1)) for image in (draw(), draw(0.25)))
    assert count_left(baseline, candidate) == (baseline != candidate).any(axis=2).sum()


def test_equal_images_have_no_such_thing() -> None:
    assert count_left(draw(), draw()) == 0


@pytest.mark.parametrize("shape", [(1, 200), (2, 90), (9, 9), (200, 1)])
def test_noise_at_the_border_was_not_drawn_anew(shape: tuple[int, int]) -> None:
    for seed in range(20):
        random = np.random.default_rng(seed)
        first, second = (random.integers(0, 256, (*shape, 3), np.uint8) for _ in range(2))
        assert not compare_images(first, second).passed


@pytest.mark.parametrize("size", [9, 10, 11, 12, 13, 16])
def test_another_digit_was_not_drawn_anew(size: int) -> None:
    pages = [write(f"Total: 1{digit}4.00 EUR", size) for digit in "0123456789"]
    assert not any(compare_images(*pair).passed for pair in combinations(pages, 2))


def write(text: str, size: int) -> Levels:
    page = Image.new("RGB", (240, 50), PAPER)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(page).text((10, 15), text, fill=INK, font=font)
    return np.asarray(page)
