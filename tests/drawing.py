"""Pages that tests draw, and what is found between two of them."""

from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.images import encode_png
from visualdiff.model import Region, RegionKind
from visualdiff.regions import find_regions
from visualdiff.tiles import Pixels, find_differing_pixels

CHANNELS: Final = {
    1: ("gray",),
    3: ("red", "green", "blue"),
    4: ("red", "green", "blue", "alpha"),
}
PAPER, INK, BLUE_600 = (250, 250, 246), (31, 41, 55), (37, 99, 235)
# Rows of a line of text and the gap below it.
LINE: Final = 20
WIDTH: Final = 320
Box = tuple[int, int, int, int]


def find(baseline: Pixels, candidate: Pixels) -> tuple[Region, ...]:
    """Return the regions of two images of which every difference is visible."""
    differing = find_differing_pixels(baseline, candidate)
    return find_regions(baseline, candidate, differing, CHANNELS[baseline.shape[2]])


def tell(baseline: Pixels, candidate: Pixels) -> list[str]:
    return sorted(region.description for region in find(baseline, candidate))


def box_of(region: Region) -> Box:
    return region.x, region.y, region.width, region.height


def region_at(x: int, y: int, width: int, height: int) -> Region:
    """Return a region of which only the place matters."""
    return Region(
        x=x,
        y=y,
        width=width,
        height=height,
        diff_pixels=1,
        kind=RegionKind.CHANGED,
        space="candidate",
        channel="red",
        description="changed",
    )


def draw_noise(*shape: int, depth: Any = np.uint8) -> Pixels:
    highest = np.iinfo(depth).max
    return np.random.default_rng(1).integers(0, highest, shape, depth, endpoint=True)


def draw(*edits: Callable[[NDArray[np.uint8]], object]) -> NDArray[np.uint8]:
    """Return a page of paper with edits."""
    page = np.full((300, 500, 3), PAPER, np.uint8)
    for edit in edits:
        edit(page)
    return page


def rectangle(
    left: int, top: int, width: int, height: int, colour: tuple[int, ...], thickness: int = -1
) -> Callable[[NDArray[np.uint8]], object]:
    corners = (left, top), (left + width - 1, top + height - 1)
    return lambda page: cv2.rectangle(page, *corners, colour, thickness)


def text(
    left: int, bottom: int, words: str, colour: tuple[int, ...] = INK, size: float = 0.7
) -> Callable[[NDArray[np.uint8]], object]:
    font, smooth = cv2.FONT_HERSHEY_SIMPLEX, cv2.LINE_AA
    return lambda page: cv2.putText(page, words, (left, bottom), font, size, colour, 2, smooth)


def draw_button(colour: tuple[int, ...], depth: Any = np.uint8) -> Pixels:
    """Return a page with a frame and a button on it."""
    page = np.full((120, 160, len(colour)), np.iinfo(depth).max, depth)
    page[10:14, 10:150, :3] = 0
    page[40:80, 30:130] = colour
    return page


def draw_round_button(
    colour: tuple[int, ...], paper: tuple[int, ...], radius: float = 8
) -> NDArray[np.uint8]:
    """Return a round button of 90×36 pixels, 15 from the edge, smoothed exactly."""
    y, x = (np.mgrid[0:528, 0:960] + 0.5) / 8
    gap_x, gap_y = (
        np.maximum(abs(v - m) - h + radius, 0) for v, m, h in ((x, 60, 45), (y, 33, 18))
    )
    inside = (gap_x**2 + gap_y**2 <= radius**2).astype(float)
    cover = inside.reshape(66, 8, 120, 8).mean(axis=(1, 3))[:, :, None]
    page = cover * np.array(colour) + (1 - cover) * np.array(paper)
    return np.asarray(page.round(), np.uint8)


def draw_page(lines: int, seed: int = 0, width: int = WIDTH, channels: int = 3) -> Pixels:
    """Draw lines of what looks like text: 12 rows of ink, each line another, and 8 blank rows."""
    random = np.random.default_rng(seed)
    page = np.full((lines * LINE, width, channels), 250, np.uint8)
    for top in range(0, len(page), LINE):
        ink = random.random((12, width // 4)) < 0.4
        page[top : top + 12][np.repeat(ink, 4, axis=1)] = 40
    return page


def draw_change(visible: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    baseline = np.full((*visible.shape, 1), 250, np.uint8)
    candidate = baseline.copy()
    candidate[visible] = 20
    return baseline, candidate


def draw_glyphs(seed: int = 0, width: int = 640, height: int = 480) -> NDArray[np.uint8]:
    """Draw lines of words of random glyphs, no two alike."""
    random = np.random.default_rng(seed)
    page = np.full((height, width, 3), 245, np.uint8)
    for top in range(20, height - 20, 24):
        for left in range(20, width - 60, 48):
            glyphs = random.random((7, 20)) < 0.5
            ink = np.repeat(np.repeat(glyphs, 2, axis=0), 2, axis=1)
            page[top : top + 14, left : left + 40][ink] = 40
    return np.asarray(cv2.GaussianBlur(page, (3, 3), 0), np.uint8)


def draw_png(colour: tuple[int, ...] = BLUE_600) -> bytes:
    """Return a page with a button of a colour as a PNG file."""
    return encode_png(draw_button(colour))
