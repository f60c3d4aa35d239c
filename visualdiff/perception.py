"""Which differing pixels a person would see, and why the others are ignored."""

from functools import cache
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.model import IgnoredPixels, Mask, Settings
from visualdiff.ssim import measure_deficits
from visualdiff.tiles import PixelMask, Pixels, Tile, any_channel, cover, to_8_bits

# Anti-aliasing is told from change as in Playwright's "ssim-cie94" comparator: a pixel whose 3×3
# neighbourhood is flat in either image is a change; elsewhere it is anti-aliasing when the two
# images are alike in the 31×31 pixels around it.
_AA_WINDOW: Final = 31
_AA_SSIM: Final = 0.99

# IEC 61966-2-1 (sRGB) to CIE XYZ under D65, each row divided by the white point.
_XYZ_FROM_RGB: Final = np.array(
    [
        [0.412453 / 0.95047, 0.357580 / 0.95047, 0.180423 / 0.95047],
        [0.212671, 0.715160, 0.072169],
        [0.019334 / 1.08883, 0.119193 / 1.08883, 0.950227 / 1.08883],
    ],
    np.float32,
)


class Perceived(NamedTuple):
    """Differing pixels, sorted into those a person would see and those that are ignored."""

    visible: PixelMask
    ignored: PixelMask
    counts: IgnoredPixels


def perceive(
    baseline: Pixels, candidate: Pixels, differing: PixelMask, settings: Settings
) -> Perceived:
    """Sort the differing pixels of two `(H, W, C)` images by what a person sees.

    `differing` is the `(H, W)` mask of pixels that differ. Each ignored pixel is counted under the
    first reason that applies: masked, transparent in both images, below the tolerance,
    anti-aliasing.
    """
    visible = differing.copy()
    masked = _clear_masked(visible, settings.masks)
    transparent = tolerated = 0
    for tile in cover(visible, 0):
        hidden, faint = _clear_faint(baseline, candidate, visible, tile, settings.tolerance)
        transparent += hidden
        tolerated += faint
    antialiased = 0
    if settings.antialiasing == "ignore":
        antialiased = _clear_antialiased(to_8_bits(baseline), to_8_bits(candidate), visible)
    counts = IgnoredPixels(
        masked=masked, transparent=transparent, tolerance=tolerated, antialiasing=antialiased
    )
    return Perceived(visible, differing & ~visible, counts)


def measure_colour_difference(first: Pixels, second: Pixels) -> NDArray[np.float32]:
    """Return the colour difference ΔE, `(N,)`, of two lists of colours, `(N, C)`.

    Colours are gray, RGB or RGBA in sRGB, uint8 or uint16. The formula is CIE94 (CIE 116-1995,
    graphic arts weights) with the geometric mean of the two chromas, which makes it symmetric.
    Translucent colours are compared over black and over white, and the larger difference counts.
    """
    if first.shape[1] < 4:
        return _delta_e(_to_linear(first), _to_linear(second))
    over = [
        _delta_e(_composite(first, background), _composite(second, background))
        for background in (0.0, 1.0)
    ]
    return np.maximum(*over)


def _clear_masked(visible: PixelMask, masks: tuple[Mask, ...]) -> int:
    """Clear the masked rectangles; return how many pixels that were."""
    cleared = 0
    for mask in masks:
        under = visible[mask.y : mask.y + mask.height, mask.x : mask.x + mask.width]
        cleared += int(np.count_nonzero(under))
        under[:] = False
    return cleared


def _clear_faint(
    baseline: Pixels, candidate: Pixels, visible: PixelMask, tile: Tile, tolerance: float
) -> tuple[int, int]:
    """Clear a tile's invisible pixels; return how many are transparent and how many are faint."""
    marked = tile.crop(visible)
    first, second = tile.crop(baseline)[marked], tile.crop(candidate)[marked]
    hidden = np.zeros(len(first), np.bool_)
    if first.shape[1] == 4:
        hidden = (first[:, 3] == 0) & (second[:, 3] == 0)
    faint = np.zeros_like(hidden)
    if tolerance > 0:
        faint = (measure_colour_difference(first, second) <= tolerance) & ~hidden
    marked[marked] = ~(hidden | faint)
    return int(np.count_nonzero(hidden)), int(np.count_nonzero(faint))


def _clear_antialiased(
    baseline: NDArray[np.uint8], candidate: NDArray[np.uint8], visible: PixelMask
) -> int:
    """Clear the pixels that differ by anti-aliasing only; return how many those are."""
    cleared = 0
    for tile in cover(visible, 0):
        marked = tile.crop(visible)
        before = int(np.count_nonzero(marked))
        marked &= (
            _is_flat(baseline, tile)
            | _is_flat(candidate, tile)
            | ~_is_alike(baseline, candidate, tile)
        )
        cleared += before - int(np.count_nonzero(marked))
    return cleared


def _is_flat(image: NDArray[np.uint8], tile: Tile) -> PixelMask:
    """Return which pixels of a tile have a 3×3 neighbourhood of one colour."""
    block, inner = _with_border(image, tile, 1)
    kernel = np.ones((3, 3), np.uint8)
    uneven = cv2.dilate(block, kernel) != cv2.erode(block, kernel)
    return ~any_channel(inner.crop(uneven.reshape(block.shape)))


def _is_alike(baseline: NDArray[np.uint8], candidate: NDArray[np.uint8], tile: Tile) -> PixelMask:
    """Return which pixels of a tile lie in surroundings of equal structure in both images."""
    radius = _AA_WINDOW // 2
    first, _ = _with_border(baseline, tile, radius)
    second, _ = _with_border(candidate, tile, radius)
    deficits = measure_deficits(first, second, _AA_WINDOW)
    return np.asarray(deficits.mean(axis=2) <= 1 - _AA_SSIM)


def _with_border(
    image: NDArray[np.uint8], tile: Tile, margin: int
) -> tuple[NDArray[np.uint8], Tile]:
    """Return a tile's pixels with `margin` more on each side, mirrored at the image's border.

    Also returns where the tile's own pixels are in that block.
    """
    height, width = image.shape[:2]
    wide = tile.grow(margin, height, width)
    sides = (
        margin - (tile.top - wide.top),
        margin - (wide.bottom - tile.bottom),
        margin - (tile.left - wide.left),
        margin - (wide.right - tile.right),
    )
    block = wide.crop(image)
    if any(sides):
        pads = ((sides[0], sides[1]), (sides[2], sides[3]), (0, 0))
        block = np.pad(block, pads, mode="symmetric")
    rows, columns = tile.bottom - tile.top, tile.right - tile.left
    return block, Tile(margin, margin + rows, margin, margin + columns)


def _to_linear(colours: Pixels) -> NDArray[np.float32]:
    """Return linear light, `(N, 3)` in 0..1, of gray or RGB colours (IEC 61966-2-1)."""
    if colours.shape[1] == 1:
        colours = np.repeat(colours, 3, axis=1)
    return _linear_levels(int(np.iinfo(colours.dtype).max))[colours]


@cache
def _linear_levels(highest: int) -> NDArray[np.float32]:
    """Return the linear light of every level from 0 to `highest`."""
    return _decode_srgb(np.arange(highest + 1) / highest)


def _decode_srgb(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return linear light of sRGB values in 0..1 (IEC 61966-2-1)."""
    bright = ((values + 0.055) / 1.055) ** 2.4
    return np.where(values <= 0.04045, values / 12.92, bright).astype(np.float32)


def _composite(colours: Pixels, background: float) -> NDArray[np.float32]:
    """Return linear light of translucent colours over a gray, blended in sRGB as browsers do."""
    scale = np.float32(np.iinfo(colours.dtype).max)
    alpha = colours[:, 3:] / scale
    return _decode_srgb(colours[:, :3] / scale * alpha + np.float32(background) * (1 - alpha))


def _to_lab(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return CIE L*a*b*, `(N, 3)`, of linear light (CIE 15:2004, section 8.2.1)."""
    xyz = linear @ _XYZ_FROM_RGB.T
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    lab = (116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2]))
    return np.stack(lab, axis=1).astype(np.float32)


def _delta_e(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return symmetric CIE94 ΔE, `(N,)`, of two lists of linear colours, `(N, 3)`."""
    lab_1, lab_2 = _to_lab(first), _to_lab(second)
    delta = lab_1 - lab_2
    chroma_1, chroma_2 = np.hypot(lab_1[:, 1], lab_1[:, 2]), np.hypot(lab_2[:, 1], lab_2[:, 2])
    chroma = np.sqrt(chroma_1 * chroma_2)
    delta_chroma = chroma_1 - chroma_2
    # Rounding can bring the squared hue difference below 0.
    hue_squared = np.maximum(delta[:, 1] ** 2 + delta[:, 2] ** 2 - delta_chroma**2, 0)
    squares = (
        delta[:, 0] ** 2
        + (delta_chroma / (1 + 0.045 * chroma)) ** 2
        + hue_squared / (1 + 0.015 * chroma) ** 2
    )
    return np.asarray(np.sqrt(squares), np.float32)
