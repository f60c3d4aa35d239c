import numpy as np
import pytest
from numpy.typing import NDArray

from visualdiff import compare_images
from visualdiff.grain import find_grain
from visualdiff.tiles import Pixels, find_differing_pixels, make_sparse

Levels = NDArray[np.uint8]


def draw_texture(colour: tuple[int, int, int] = (120, 90, 60)) -> Levels:
    """Draw a rough surface, as a photograph has it."""
    rough = np.random.default_rng(1).normal(0, 12, (96, 128, 1))
    return np.clip(np.array(colour) + rough, 0, 255).astype(np.uint8)


def encode_again(image: Levels) -> Levels:
    """Return the image with small errors everywhere, as JPEG leaves them."""
    errors = np.random.default_rng(2).normal(0, 3, image.shape)
    return np.clip(image + errors, 0, 255).round().astype(np.uint8)


def count_left(baseline: Pixels, candidate: Pixels, tolerance: float = 1) -> int:
    differing = find_differing_pixels(baseline, candidate)
    grain = find_grain(baseline, candidate, differing, tolerance)
    return int(np.count_nonzero(differing.pixels & ~grain))


def test_a_picture_that_was_encoded_again_is_grain() -> None:
    texture = draw_texture()
    assert count_left(texture, encode_again(texture)) == 0
    compared = compare_images(texture, encode_again(texture))
    assert compared.regions == ()
    assert compared.ignored_pixels.grain > 5000


def test_scattered_faint_pixels_are_grain() -> None:
    paper = np.full((64, 64, 3), 240, np.uint8)
    dithered = paper.copy()
    dithered[5::13, 3::11] -= np.uint8(8)
    assert count_left(paper, dithered) == 0


@pytest.mark.parametrize("alpha", [False, True], ids=["RGB", "RGBA"])
def test_a_faint_line_is_none(alpha: bool) -> None:
    paper = np.full((64, 64, 3), 240, np.uint8)
    if alpha:
        paper = np.dstack((paper, np.full((64, 64), 255, np.uint8)))
    lined = paper.copy()
    lined[30, 4:60, :3] -= np.uint8(9)
    # An end of half the length that is averaged may fade into the paper.
    assert count_left(paper, lined) >= 40
    assert count_left(np.rot90(paper).copy(), np.rot90(lined).copy()) >= 40


def test_a_faint_area_is_none() -> None:
    paper = np.full((64, 64, 3), 240, np.uint8)
    shaded = paper.copy()
    shaded[20:40, 20:44] -= np.uint8(8)
    assert count_left(paper, shaded) >= 0.9 * 20 * 24


def test_a_recoloured_texture_is_none() -> None:
    texture = draw_texture()
    assert count_left(texture, encode_again(draw_texture((128, 98, 68)))) > 0.9 * 96 * 128


def test_what_is_clearly_visible_is_none_however_small() -> None:
    texture = draw_texture()
    spotted = encode_again(texture)
    spotted[40:43, 50:53] = (220, 38, 38)
    assert count_left(texture, spotted) >= 9


def test_a_higher_tolerance_takes_more_for_grain() -> None:
    paper = np.full((64, 64, 3), 240, np.uint8)
    dithered = paper.copy()
    dithered[5::13, 3::11] -= np.uint8(32)
    assert count_left(paper, dithered, 1) == (dithered != paper)[:, :, 0].sum()
    assert count_left(paper, dithered, 2) == 0
    dithered[5::13, 3::11] -= np.uint8(90)
    assert count_left(paper, dithered, 20) > 0


def test_translucent_pixels_have_no_grain() -> None:
    glass = np.dstack((draw_texture(), np.full((96, 128), 200, np.uint8)))
    other = np.dstack((encode_again(draw_texture()), np.full((96, 128), 200, np.uint8)))
    assert count_left(glass, other) == (glass != other).any(axis=2).sum()


@pytest.mark.parametrize("channels", [1, 3])
def test_gray_and_16_bits_are_looked_at_alike(channels: int) -> None:
    texture = draw_texture()[:, :, :channels]
    again = encode_again(texture)
    assert count_left(texture, again) == 0
    assert count_left(texture * np.uint16(257), again * np.uint16(257)) == 0


def test_a_tolerance_of_0_takes_nothing_for_grain() -> None:
    texture = draw_texture()
    found = compare_images(texture, encode_again(texture), tolerance=0, antialiasing="count")
    assert found.ignored_pixels.tolerance == 0
    assert found.diff_pixels > 5000


def test_a_tint_of_a_rough_area_is_none() -> None:
    texture = draw_texture()
    tinted = texture.copy()
    tinted[16:80, 24:104] += np.uint8(5)
    assert count_left(texture, tinted) > 0.8 * 64 * 80


def test_tiles_do_not_show_in_the_result() -> None:
    texture = np.tile(draw_texture(), (2, 1, 1))
    spotted = encode_again(texture)
    spotted[63, 20:110:9] = 255
    differing = find_differing_pixels(texture, spotted)
    # The rows that glare lie on one side of a tile's edge, and with fewer above them on the other.
    whole = find_grain(texture, spotted, differing, 1)
    moved = find_grain(texture[6:], spotted[6:], make_sparse(differing.pixels[6:]), 1)
    assert np.array_equal(whole[24:], moved[18:])
    assert not whole[64:66, 20:110:9].any()
    assert whole[70:].any()
