from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from skimage.color import deltaE_ciede94, rgb2lab

from visualdiff.colour import measure_colour_difference
from visualdiff.model import IgnoredPixels
from visualdiff.perceived import Perceived
from visualdiff.perception import perceive
from visualdiff.settings import Settings
from visualdiff.tiles import Pixels, find_differing_pixels

Colour = tuple[int, ...]

# Everything counts: no tolerance, no anti-aliasing.
STRICT = Settings(tolerance=0, antialiasing="count")


def look(baseline: Pixels, candidate: Pixels, chosen: Settings) -> Perceived:
    return perceive(baseline, candidate, find_differing_pixels(baseline, candidate), chosen)


def fill(colour: Colour, size: tuple[int, int] = (20, 20), depth: Any = np.uint8) -> Pixels:
    return np.full((*size, len(colour)), colour, depth)


@pytest.mark.parametrize(
    ("baseline", "candidate"),
    [((255, 255, 255), (247, 248, 250)), ((37, 99, 235), (40, 103, 238)), ((90,), (95,))],
    ids=["white", "blue", "gray"],
)
def test_a_flat_colour_shift_counts_only_above_the_tolerance(
    baseline: Colour, candidate: Colour
) -> None:
    labs = [rgb2lab(np.resize(colour, 3) / 255) for colour in (baseline, candidate)]
    # It weighs by the chroma of the first colour alone, which hardly matters so near.
    difference = float(deltaE_ciede94(*labs))  # type: ignore[no-untyped-call]  # it has no types
    images = (fill(baseline), fill(candidate))
    below = look(*images, Settings(tolerance=difference - 0.05))
    assert below.visible.pixels.all()
    assert below.counts == IgnoredPixels()
    above = look(*images, Settings(tolerance=difference + 0.05))
    assert not above.visible.pixels.any()
    assert above.counts == IgnoredPixels(tolerance=400)


def test_a_difference_equal_to_the_tolerance_is_ignored() -> None:
    images = (fill((10, 20, 30)), fill((14, 20, 30)))
    # The very number that the code computes: the boundary cannot be met otherwise.
    lists = [image.reshape(-1, 3) for image in images]
    difference = float(measure_colour_difference(lists[0], lists[1]).max())
    assert look(*images, Settings(tolerance=difference)).counts.tolerance == 400


def test_the_default_tolerance_is_the_just_noticeable_difference() -> None:
    white = fill((255, 255, 255))
    assert not look(white, fill((255, 255, 254)), Settings()).visible.pixels.any()
    assert look(white, fill((250, 250, 250)), Settings()).visible.pixels.all()


@pytest.mark.parametrize("tolerance", [0.25, 1.0, 2.3, 10.0, 30.0])
def test_no_colour_within_the_tolerance_is_taken_for_obvious(tolerance: float) -> None:
    # Walks from colour to colour towards pairs that differ most in luma within the tolerance.
    rng = np.random.default_rng(int(tolerance * 100))
    colours = rng.integers(0, 256, (2000, 3))
    colours[:1000] = rng.choice([0, 255], (1000, 3))
    pairs = np.concatenate((colours, colours), axis=1)
    for _ in range(60):
        steps = rng.integers(-6, 7, (6 * len(pairs), 6)) * (rng.random((6 * len(pairs), 6)) < 0.5)
        near = np.clip(np.repeat(pairs, 6, axis=0) + steps, 0, 255)
        tried = np.concatenate((pairs, near)).astype(np.uint8)
        first, second = tried[:, :3], tried[:, 3:]
        allowed = np.flatnonzero(measure_colour_difference(first, second) <= tolerance)
        luma = np.abs((first.astype(float) - second) @ (0.299, 0.587, 0.114))[allowed]
        far = allowed[np.argsort(-luma)[:1500]]
        pairs = tried[np.concatenate((far, rng.choice(allowed, 500)))].astype(int)
    baseline, candidate = (
        half[np.newaxis].astype(np.uint8) for half in np.split(pairs, 2, axis=1)
    )
    perceived = look(baseline, candidate, Settings(tolerance=tolerance, antialiasing="count"))
    assert not perceived.visible.pixels.any()
    # The walk has come far enough to mean something.
    assert (
        np.abs((pairs[:, :3] - pairs[:, 3:]) @ (0.299, 0.587, 0.114)).max() > 15 * tolerance**0.5
    )


@pytest.mark.parametrize(
    ("first", "second", "tolerance"),
    [
        ((0, 0, 0), (255, 255, 255), 100),
        ((0, 0, 0), (240, 240, 240), 95),
        ((0, 0, 255), (255, 197, 255), 60),
    ],
)
def test_a_high_tolerance_ignores_all_that_it_says(
    first: Colour, second: Colour, tolerance: float
) -> None:
    chosen = Settings(tolerance=tolerance, antialiasing="count")
    assert look(fill(first), fill(second), chosen).counts == IgnoredPixels(tolerance=400)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tolerance_zero_counts_the_least_difference(channels: int, depth: Any) -> None:
    baseline = fill((200,) * channels, depth=depth)
    candidate = baseline.copy()
    candidate[3, 4, -1] += 1
    perceived = look(baseline, candidate, STRICT)
    assert np.argwhere(perceived.visible.pixels).tolist() == [[3, 4]]
    assert perceived.counts.total == 0


def test_tolerance_zero_counts_what_no_formula_can_tell_apart() -> None:
    # Under next to no opacity the difference is lost in single precision.
    baseline, candidate = fill((9, 9, 9, 1), depth=np.uint16), fill((10, 9, 9, 1), depth=np.uint16)
    assert look(baseline, candidate, STRICT).visible.pixels.all()


def test_colours_of_equal_luminance_differ_visibly() -> None:
    blue, red = fill((37, 99, 235)), fill((220, 44, 38))
    grays = [cv2.cvtColor(image.astype(np.uint8), cv2.COLOR_RGB2GRAY) for image in (blue, red)]
    assert grays[0].tolist() == grays[1].tolist()
    assert look(blue, red, Settings()).visible.pixels.all()


@pytest.mark.parametrize("chosen", [STRICT, Settings()], ids=["strict", "default"])
def test_a_colour_that_is_transparent_in_both_images_is_ignored(chosen: Settings) -> None:
    perceived = look(fill((255, 0, 0, 0)), fill((0, 0, 255, 0)), chosen)
    assert not perceived.visible.pixels.any()
    assert perceived.counts == IgnoredPixels(transparent=400)


@pytest.mark.parametrize(
    ("baseline", "candidate"),
    [
        ((255, 0, 0, 0), (255, 0, 0, 255)),
        ((255, 0, 0, 255), (255, 0, 0, 0)),
        ((0, 0, 0, 255), (0, 0, 0, 128)),
        ((255, 255, 255, 255), (255, 255, 255, 128)),
    ],
    ids=["appears", "vanishes", "black fades", "white fades"],
)
def test_a_change_of_opacity_is_visible(baseline: Colour, candidate: Colour) -> None:
    assert look(fill(baseline), fill(candidate), Settings()).visible.pixels.all()


def draw_disc(shift: float) -> NDArray[np.uint8]:
    """Return an anti-aliased disc, drawn eight times as large and averaged."""
    canvas = Image.new("RGB", (120 * 8, 100 * 8), "white")
    box = ((20 + shift) * 8, 20 * 8, (80 + shift) * 8, 80 * 8)
    ImageDraw.Draw(canvas).ellipse(box, fill=(20, 60, 160))
    return np.asarray(canvas.resize((120, 100), Image.Resampling.BOX))


def test_a_shape_moved_by_a_quarter_of_a_pixel_is_anti_aliasing() -> None:
    baseline, candidate = draw_disc(0), draw_disc(0.25)
    ignored = look(baseline, candidate, Settings())
    assert not ignored.visible.pixels.any()
    assert ignored.counts.antialiasing > 100
    counted = look(baseline, candidate, Settings(antialiasing="count"))
    assert np.count_nonzero(counted.visible.pixels) == ignored.counts.antialiasing
    assert counted.counts.antialiasing == 0


def test_a_shape_moved_by_whole_pixels_is_visible() -> None:
    assert np.count_nonzero(look(draw_disc(0), draw_disc(2), Settings()).visible.pixels) > 100


@pytest.mark.parametrize("direction", ["row", "column"])
def test_a_line_one_pixel_thin_is_seen_to_be_gone(direction: str) -> None:
    candidate = draw_disc(0)
    baseline = candidate.copy()
    line = np.s_[90, 10:110] if direction == "row" else np.s_[10:90, 100]
    baseline[line] = (90, 90, 90)
    perceived = look(baseline, candidate, Settings())
    assert np.array_equal(
        perceived.visible.pixels, find_differing_pixels(baseline, candidate).pixels
    )


def compare_window(x: Pixels, y: Pixels) -> float:
    """Return equation 13 of Wang et al. 2004 for two windows, `(H, W)`, in double precision."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    (var_x, cov), (_, var_y) = np.cov(x.ravel(), y.ravel())
    mean_x, mean_y = x.mean(), y.mean()
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return float(luminance * (2 * cov + c2) / (var_x + var_y + c2))


def classify_one_by_one(baseline: Pixels, candidate: Pixels) -> NDArray[np.bool_]:
    """Return which differing pixels are anti-aliasing, by the definition, one at a time."""
    pads = [(16, 16), (16, 16), (0, 0)]
    old, new = (np.pad(image, pads, mode="symmetric") for image in (baseline, candidate))
    found = np.zeros(baseline.shape[:2], np.bool_)
    for row, column in np.argwhere(find_differing_pixels(baseline, candidate).pixels).tolist():
        middle = np.s_[row + 15 : row + 18, column + 15 : column + 18]
        flat = any((image[middle] == image[middle][1, 1]).all() for image in (old, new))
        # Three cells of 4×4 pixels on each side of its own, 28 pixels in all.
        top, left = row // 4 * 4 + 4, column // 4 * 4 + 4
        around = np.s_[top : top + 28, left : left + 28]
        channels = range(baseline.shape[2])
        similarities = [compare_window(old[around][..., c], new[around][..., c]) for c in channels]
        found[row, column] = not flat and np.mean(similarities) >= 0.99
    return found


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("seed", range(3))
def test_anti_aliasing_is_told_from_change_as_defined(seed: int, channels: int) -> None:
    rng = np.random.default_rng(seed)
    baseline = np.full((70, 150, channels), 200, np.uint8)
    # Flat above, structure below, changes in both and at every border of the image.
    baseline[30:] = rng.integers(0, 256, (40, 150, channels))
    candidate = baseline.copy()
    for _ in range(25):
        row, column, channel = rng.integers(0, baseline.shape)
        candidate[row, column, channel] ^= rng.choice(np.array([4, 32, 128], np.uint8))
    candidate[[0, -1, 35], [0, -1, 149]] ^= 16
    candidate[60:66, 20:26] = rng.integers(0, 256, (6, 6, channels))
    # Alike in all channels together, not in the one that changed.
    for size, left in ((3, 60), (4, 95), (5, 130)):
        candidate[50 : 50 + size, left : left + size, 0] ^= 255
    # A speck on a small flat patch, in either image, in the midst of equal structure.
    for speckled, clean, left in ((baseline, candidate, 40), (candidate, baseline, 78)):
        speckled[45:50, left : left + 5] = clean[45:50, left : left + 5] = 120
        speckled[47, left + 2] = 110
    expected = classify_one_by_one(baseline, candidate)
    perceived = look(baseline, candidate, Settings(tolerance=0))
    assert np.array_equal(perceived.ignored, expected)
    assert 5 < perceived.counts.antialiasing == np.count_nonzero(expected)
    assert perceived.visible.pixels.any()


@pytest.mark.parametrize("shape", [(121, 125), (122, 126), (123, 127), (124, 128), (5, 9), (1, 1)])
@pytest.mark.parametrize("edge", [np.s_[-1], np.s_[:, -1]], ids=["last row", "last column"])
def test_anti_aliasing_at_the_border_is_as_defined(shape: tuple[int, int], edge: Any) -> None:
    rng = np.random.default_rng(12)
    baseline = rng.integers(90, 110, (*shape, 1), np.uint8)
    # A line of strong contrast, so far from the border that only its mirror image comes near.
    baseline[-15:-13], baseline[:, -15:-13] = baseline[-15:-13] * 2, baseline[:, -15:-13] * 2
    baseline[-15:-13, ::2], baseline[::2, -15:-13] = 0, 0
    candidate = baseline.copy()
    # Stronger and stronger: on the way it stops being anti-aliasing.
    line = candidate[edge][:, 0]
    line += np.linspace(1, 60, len(line)).astype(np.uint8)
    found = look(baseline, candidate, Settings(tolerance=0)).ignored
    assert np.array_equal(found, classify_one_by_one(baseline, candidate))
    # Whether something differs elsewhere in a tile does not matter.
    candidate[0, 0] ^= 255
    accompanied = look(baseline, candidate, Settings(tolerance=0)).ignored
    assert np.array_equal(found[20:, 20:], accompanied[20:, 20:])


def test_sixteen_bit_images_have_anti_aliasing_too() -> None:
    baseline, candidate = (draw_disc(shift) * np.uint16(257) for shift in (0, 0.25))
    perceived = look(baseline, candidate, Settings())
    assert not perceived.visible.pixels.any()
    assert perceived.counts.antialiasing > 100


@given(
    seed=st.integers(0, 2**32 - 1),
    channels=st.sampled_from([1, 3, 4]),
    depth=st.sampled_from([np.uint8, np.uint16]),
    tolerance=st.sampled_from([0.0, 1.0, 20.0, 100.0]),
    antialiasing=st.sampled_from(["ignore", "count"]),
)
@settings(deadline=None, max_examples=150)
def test_each_differing_pixel_is_either_visible_or_ignored_for_one_reason(
    seed: int,
    channels: int,
    depth: Any,
    tolerance: float,
    antialiasing: Any,
) -> None:
    rng = np.random.default_rng(seed)
    height, width = int(rng.integers(1, 90)), int(rng.integers(1, 50))
    baseline = rng.integers(0, 2, (height, width, channels)).astype(depth)
    baseline *= np.iinfo(depth).max
    candidate = baseline.copy()
    touched = rng.random((height, width)) < rng.choice([0.02, 0.3, 1.0])
    candidate[touched] ^= rng.integers(0, 2, (np.count_nonzero(touched), channels)).astype(
        depth
    ) << rng.integers(0, 8, dtype=depth)
    found = find_differing_pixels(baseline, candidate)
    differing = found.pixels.copy()
    chosen = Settings(tolerance=tolerance, antialiasing=antialiasing)
    visible, ignored, antialiased, counts, largest = perceive(baseline, candidate, found, chosen)
    assert np.array_equal(found.pixels, differing)
    assert not (visible.pixels & ignored).any()
    assert np.array_equal(visible.pixels | ignored, differing)
    assert np.array_equal(visible.rows, visible.pixels.any(axis=1))
    assert counts.total == np.count_nonzero(ignored)
    assert counts.antialiasing == np.count_nonzero(antialiased & ignored)

    assert counts.masked == 0
    rest = differing
    if channels == 4:
        hidden = rest & (baseline[..., 3] == 0) & (candidate[..., 3] == 0)
        assert counts.transparent == np.count_nonzero(hidden)
        rest &= ~hidden
    differences = measure_colour_difference(baseline[rest], candidate[rest])
    faint = differences <= tolerance
    assert counts.tolerance == np.count_nonzero(faint) * (tolerance > 0)
    # One colour alone is rounded otherwise than among many.
    most = differences[faint].max(initial=0) if tolerance else 0
    assert largest.get("tolerance", 0) == pytest.approx(most, rel=1e-5)
    smoothed = ignored & rest
    if tolerance:
        smoothed[rest] &= ~faint
    assert counts.antialiasing == np.count_nonzero(smoothed)
    if antialiasing == "count":
        assert counts.antialiasing == 0
