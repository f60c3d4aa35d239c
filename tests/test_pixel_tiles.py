"""What hovering reads: decoded here by other means than it is encoded, and held against arrays."""

import base64
import re
import struct
import zlib
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import visualdiff.pixel_tiles
from visualdiff.colour import measure_colour_difference
from visualdiff.compare import Compared, compare_arrays
from visualdiff.difference import measure_difference
from visualdiff.pixel_tiles import MARGIN, MOST_PIXELS, encode_pixels
from visualdiff.settings import Mask, Settings
from visualdiff.tiles import PixelMask, Pixels

EQUAL, IGNORED, VISIBLE, MASKED = range(4)


class Told(NamedTuple):
    """What a style sheet tells: of each pixel of the canvas that is `known`, what is in a tile."""

    truncated: bool
    boxes: list[tuple[int, ...]]
    known: PixelMask
    baseline: Pixels
    candidate: Pixels
    hundredths: Pixels
    kinds: Pixels


def encode(compared: Compared) -> bytes:
    differing = compared.visible | compared.ignored
    return encode_pixels(compared, measure_difference(compared, differing))


def decode(sheet: bytes, shape: tuple[int, ...]) -> Told:
    """Read a style sheet as its documentation says, number by number."""
    found = re.fullmatch(rb':root\{--visualdiff-pixels:"([A-Za-z0-9+/]+=*)"\}', sheet)
    assert found
    data = zlib.decompress(base64.b64decode(found[1], validate=True))
    flags, count = struct.unpack_from("<II", data)
    assert flags in (0, 1)
    boxes = [struct.unpack_from("<4I", data, 8 + 16 * number) for number in range(count)]
    total = sum(width * height for _, _, width, height in boxes)
    offset = 8 + 16 * count
    assert len(data) == offset + total * (4 + 4 + 2 + 1)
    height, width = shape[:2]
    known = np.zeros((height, width), np.bool_)
    planes: list[Any] = [
        np.zeros((height, width, 4), np.uint8),
        np.zeros((height, width, 4), np.uint8),
        np.zeros((height, width), np.uint16),
        np.zeros((height, width), np.uint8),
    ]
    for plane, size in zip(planes, (4, 4, 2, 1), strict=True):
        for x, y, wide, high in boxes:
            part = np.frombuffer(
                data, f"<u{plane.itemsize}", wide * high * plane[0, 0].size, offset
            )
            plane[y : y + high, x : x + wide] = part.reshape(high, wide, *plane.shape[2:])
            offset += wide * high * size
    for x, y, wide, high in boxes:
        assert not known[y : y + high, x : x + wide].any(), "tiles overlap"
        known[y : y + high, x : x + wide] = True
    assert known.sum() == total, "a tile reaches beyond the canvas"
    return Told(flags == 1, boxes, known, *planes)


def to_rgba(pixels: Pixels) -> Pixels:
    """Return pixels of any layout as RGBA of 8 bits."""
    image = np.asarray(pixels >> 8 if pixels.dtype == np.uint16 else pixels, np.uint8)
    if image.shape[2] == 1:
        image = np.repeat(image, 3, axis=2)
    if image.shape[2] == 3:
        image = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    return image


def check_told(told: Told, compared: Compared) -> None:
    """Check all that is told of the pixels of an unpadded comparison."""
    known, masked = told.known, compared.masked[1]
    assert np.array_equal(told.baseline[known], to_rgba(compared.overlaid)[known])
    assert np.array_equal(told.candidate[known], to_rgba(compared.candidate)[known])
    kinds = np.where(compared.visible, VISIBLE, np.where(compared.ignored, IGNORED, EQUAL))
    if masked is not None:
        kinds[masked] = MASKED
    assert np.array_equal(told.kinds[known], kinds[known])
    shape = compared.candidate.shape
    colours = (image.reshape(-1, shape[2]) for image in (compared.overlaid, compared.candidate))
    differences = measure_colour_difference(*colours).reshape(shape[:2])
    assert np.abs(told.hundredths[known] - 100 * differences[known]).max() <= 1.01


@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_all_that_differs_is_told_and_all_that_is_told_is_true(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 150)), data.draw(st.integers(1, 90))
    channels, depth = data.draw(st.sampled_from([1, 3, 4])), data.draw(st.sampled_from([8, 16]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    dtype = np.uint8 if depth == 8 else np.uint16
    baseline = rng.integers(0, np.iinfo(dtype).max, (height, width, channels), dtype)
    candidate = baseline.copy()
    for _ in range(data.draw(st.integers(1, 4))):
        y, x = rng.integers(0, height), rng.integers(0, width)
        change = rng.choice([1, 90])
        candidate[y : y + rng.integers(1, 30), x : x + rng.integers(1, 30)] ^= dtype(change)
    assume((candidate != baseline).any())
    masks = (Mask(x=0, y=0, width=20, height=20),) if min(height, width) > 20 else ()
    compared = compare_arrays(baseline, candidate, Settings(masks=masks, align="none"))
    told = decode(encode(compared), compared.candidate.shape)
    assert not told.truncated
    assert told.known[compared.visible | compared.ignored].all()
    check_told(told, compared)


def page(height: int = 400, width: int = 600) -> Pixels:
    return np.full((height, width, 3), 240, np.uint8)


def test_the_surroundings_of_a_change_are_told_the_rest_of_a_page_is_not() -> None:
    baseline = page()
    candidate = baseline.copy()
    candidate[100:120, 200:260] = (220, 40, 40)
    compared = compare_arrays(baseline, candidate, Settings())
    told = decode(encode(compared), candidate.shape)
    expected = np.zeros((400, 600), np.bool_)
    expected[100 - MARGIN : 120 + MARGIN, 200 - MARGIN : 260 + MARGIN] = True
    assert np.array_equal(told.known, expected)


def test_equal_pages_have_nothing_to_tell() -> None:
    assert encode(compare_arrays(page(), page(), Settings())) == b""


def test_a_margin_ends_at_the_border() -> None:
    baseline = page(50, 60)
    candidate = baseline.copy()
    candidate[:, :] = 20
    told = decode(encode(compare_arrays(baseline, candidate, Settings())), candidate.shape)
    assert told.known.all()


def test_rows_are_told_beside_those_that_they_were_laid_over() -> None:
    baseline = np.full((300, 200, 3), 255, np.uint8)
    for top in range(10, 290, 14):
        baseline[top : top + 6, 10 : 20 + top // 2] = (30, 60, top // 2)
    inserted = np.full((32, 200, 3), (120, 200, 120), np.uint8)
    candidate = np.concatenate([baseline[:150], inserted, baseline[150:]])
    candidate[250:256, 150:160] = 100
    compared = compare_arrays(baseline, candidate, Settings())
    assert compared.comparison.fitted == "aligned"
    told = decode(encode(compared), candidate.shape)
    check_told(told, compared)
    # The band itself has no counterpart.
    assert not told.known[150:182].any()
    assert (told.baseline[250:256, 150:160] == 255).all()


def test_of_what_only_one_image_has_the_other_has_nothing() -> None:
    baseline, candidate = page(70, 40), page(50, 60)
    compared = compare_arrays(baseline, candidate, Settings())
    told = decode(encode(compared), (70, 60))
    right, bottom = np.s_[:50, 40:], np.s_[50:, :40]
    for strip, here, there in (
        (right, told.candidate, told.baseline),
        (bottom, told.baseline, told.candidate),
    ):
        assert told.known[strip].all()
        assert (here[strip] == (240, 240, 240, 255)).all()
        assert not there[strip].any()
        assert (told.kinds[strip] == VISIBLE).all()
        assert (told.hundredths[strip] == 65535).all()
    corner = told.known[50:, 40:]
    assert not told.baseline[50:, 40:][corner].any()
    assert not told.candidate[50:, 40:][corner].any()


def test_drawing_does_not_change_what_was_compared() -> None:
    baseline, candidate = np.zeros((2, 70, 60, 4), np.uint8)
    candidate[5:20, 5:20] = (90, 90, 90, 128)
    before = candidate.copy()
    compared = compare_arrays(baseline, candidate[:50], Settings())
    encode(compared)
    assert np.array_equal(candidate, before)
    assert not compared.overlaid.any()


def limit(monkeypatch: pytest.MonkeyPatch, pixels: int) -> None:
    monkeypatch.setattr(visualdiff.pixel_tiles, "MOST_PIXELS", pixels)


def test_the_surroundings_are_left_out_before_any_difference_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    baseline = page()
    candidate = baseline.copy()
    candidate[100:120, 200:260] = (220, 40, 40)
    compared = compare_arrays(baseline, candidate, Settings())
    limit(monkeypatch, 20 * 60)
    told = decode(encode(compared), candidate.shape)
    assert not told.truncated
    assert np.array_equal(told.known, compared.visible)


def test_too_much_is_cut_off_beginning_with_what_was_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    baseline = page()
    candidate = baseline.copy()
    candidate[10:30, 10:50] -= np.uint8(1)  # ignored
    candidate[100:110, 200:220] = (220, 40, 40)  # the smaller region
    candidate[300:340, 200:260] = (40, 40, 220)  # the larger one, told first
    compared = compare_arrays(baseline, candidate, Settings())
    assert [region.y for region in compared.comparison.regions] == [300, 100]
    for most, told_of in ((2400, {300}), (2600, {300, 100}), (3399, {300, 100})):
        limit(monkeypatch, most)
        told = decode(encode(compared), candidate.shape)
        assert told.truncated
        assert {y for y in (10, 100, 300) if told.known[y].any()} == told_of
    limit(monkeypatch, 3400)
    told = decode(encode(compared), candidate.shape)
    assert not told.truncated
    assert told.known[compared.ignored].all()


def test_a_page_that_changed_all_over_is_cut_off_at_two_million_pixels() -> None:
    baseline = page(1700, 1280)
    compared = compare_arrays(baseline, baseline - np.uint8(90), Settings())
    sheet = encode(compared)
    told = decode(sheet, baseline.shape)
    assert told.truncated
    assert 0.95 * MOST_PIXELS < told.known.sum() <= MOST_PIXELS == 2_000_000
    assert told.known[: told.known.sum() // 1280 - 64].all()
    assert len(sheet) < 1_000_000
