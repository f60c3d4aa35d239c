"""Which differing pixels a person would see, and why the others are ignored."""

from functools import cache
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.model import IgnoredPixels, Mask, Settings
from visualdiff.ssim import K1, K2
from visualdiff.tiles import PixelMask, Pixels, Tile, any_channel, cover, to_8_bits

# Anti-aliasing is told from change after Playwright's "ssim-cie94" comparator: a pixel whose 3×3
# neighbourhood is flat in either image is a change; elsewhere it is anti-aliasing when the two
# images are alike in the surroundings. Playwright looks at 31×31 pixels around each pixel; here
# it is 28×28 around each cell of 4×4, which needs a fifth of the time and judges the same.
_CELL: Final = 4
_AA_CELLS: Final = 7
_AA_SSIM: Final = 0.99

# Levels of luma between two colours within a ΔE of 1; the largest found is 21.
_MOST_LUMA: Final = 24.0

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
    # Written only where something differs: the rest takes neither time nor memory.
    visible, ignored = np.zeros_like(differing), np.zeros_like(differing)
    counts = np.zeros(4, int)
    for tile in cover(differing, 0):
        marked = tile.crop(differing)
        left = marked.copy()
        counts += _sort_tile(baseline, candidate, left, tile, settings)
        tile.crop(visible)[:] = left
        np.not_equal(marked, left, out=tile.crop(ignored))
    masked, transparent, faint, antialiased = counts.tolist()
    return Perceived(
        visible,
        ignored,
        IgnoredPixels(
            masked=masked, transparent=transparent, tolerance=faint, antialiasing=antialiased
        ),
    )


def measure_colour_difference(first: Pixels, second: Pixels) -> NDArray[np.float32]:
    """Return the colour difference ΔE, `(N,)`, of two lists of colours, `(N, C)`.

    Colours are gray, RGB or RGBA in sRGB, uint8 or uint16. The formula is CIE94 (CIE 116-1995,
    graphic arts weights) with the geometric mean of the two chromas, which makes it symmetric.
    Translucent colours are compared over black and over white, and the larger difference counts.
    """
    if not len(first):
        return np.zeros(0, np.float32)
    if first.shape[1] < 4:
        return _delta_e(_to_linear(first), _to_linear(second))
    over = [
        _delta_e(_composite(first, background), _composite(second, background))
        for background in (0.0, 1.0)
    ]
    return np.maximum(*over)


def _sort_tile(
    baseline: Pixels, candidate: Pixels, left: PixelMask, tile: Tile, settings: Settings
) -> list[int]:
    """Clear the pixels of a tile that are ignored; return how many that were, by reason."""
    first, second = (np.ascontiguousarray(tile.crop(image)) for image in (baseline, candidate))
    counts = [0, 0, 0, 0]
    if settings.masks:
        counts[0] = _clear(left, _find_masked(left, tile, settings.masks))
    if first.shape[2] == 4:
        counts[1] = _clear(left, (first[:, :, 3] | second[:, :, 3]) == 0)
    if settings.tolerance > 0:
        counts[2] = _clear(left, _find_faint(first, second, left, settings.tolerance))
    if settings.antialiasing == "ignore":
        counts[3] = _clear(left, _find_antialiased(baseline, candidate, left, tile))
    return counts


def _clear(left: PixelMask, ignored: PixelMask) -> int:
    """Clear the ignored ones of the pixels that are left; return how many that were."""
    ignored &= left
    left ^= ignored
    return int(np.count_nonzero(ignored))


def _find_masked(left: PixelMask, tile: Tile, masks: tuple[Mask, ...]) -> PixelMask:
    """Return which pixels of a tile lie under a mask."""
    masked = np.zeros_like(left)
    for mask in masks:
        top, x = max(mask.y - tile.top, 0), max(mask.x - tile.left, 0)
        bottom, right = mask.y + mask.height - tile.top, mask.x + mask.width - tile.left
        masked[top : max(bottom, 0), x : max(right, 0)] = True
    return masked


def _find_faint(first: Pixels, second: Pixels, left: PixelMask, tolerance: float) -> PixelMask:
    """Return which of the pixels that are left differ too little to be seen."""
    unsure = np.flatnonzero(left & ~_is_obvious(first, second, tolerance))
    colours = (block.reshape(-1, block.shape[2]).take(unsure, axis=0) for block in (first, second))
    faint = np.zeros_like(left)
    np.put(faint, unsure, measure_colour_difference(*colours) <= tolerance)
    return faint


def _is_obvious(first: Pixels, second: Pixels, tolerance: float) -> PixelMask:
    """Return which opaque pixels differ so much in luma that their ΔE must exceed the tolerance.

    No two colours within a ΔE of 1 differ by more than 21 levels of luma, within 4 by 42: it grows
    with the square root. Red beside full green and blue comes closest. The margin covers rounding.
    """
    lumas = [_to_luma(to_8_bits(block)) for block in (first, second)]
    obvious = cv2.absdiff(*lumas) > _MOST_LUMA * tolerance**0.5 + 2
    if first.shape[2] == 4:
        obvious &= (first[:, :, 3] & second[:, :, 3]) == np.iinfo(first.dtype).max
    return np.asarray(obvious)


def _to_luma(block: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if block.shape[2] == 1:
        return block[:, :, 0]
    to_gray = cv2.COLOR_RGBA2GRAY if block.shape[2] == 4 else cv2.COLOR_RGB2GRAY
    return np.asarray(cv2.cvtColor(block, to_gray), np.uint8)


def _find_antialiased(
    baseline: Pixels, candidate: Pixels, left: PixelMask, tile: Tile
) -> PixelMask:
    """Return which of the pixels that are left differ by anti-aliasing only."""
    edges = left & ~(_is_flat(baseline, tile) | _is_flat(candidate, tile))
    if not edges.any():
        return edges
    return edges & _is_alike(baseline, candidate, tile)


def _is_flat(image: Pixels, tile: Tile) -> PixelMask:
    """Return which pixels of a tile have a 3×3 neighbourhood of one colour."""
    wide = tile.grow(1, *image.shape[:2])
    block = to_8_bits(wide.crop(image))
    kernel = np.ones((3, 3), np.uint8)
    # Beyond the border of a block OpenCV looks at nothing, here as good as a mirror.
    span = cv2.subtract(cv2.dilate(block, kernel), cv2.erode(block, kernel))
    return ~tile.move(-wide.top, -wide.left).crop(any_channel(span))


def _is_alike(baseline: Pixels, candidate: Pixels, tile: Tile) -> PixelMask:
    """Return which pixels of a tile lie in surroundings of equal structure in both images."""
    margin = _AA_CELLS // 2 * _CELL
    # Cells lie on one grid for the whole image: tiles must not show in the result.
    top, left = tile.top // _CELL * _CELL, tile.left // _CELL * _CELL
    bottom, right = -(-tile.bottom // _CELL) * _CELL, -(-tile.right // _CELL) * _CELL
    around = top - margin, bottom + margin, left - margin, right + margin
    deficits = _measure_deficits(
        *(_with_border(image, *around) for image in (baseline, candidate))
    )
    alike = deficits.mean(axis=2) <= 1 - _AA_SSIM
    pixels = np.repeat(np.repeat(alike, _CELL, axis=0), _CELL, axis=1)
    rows, columns = tile.bottom - tile.top, tile.right - tile.left
    return pixels[tile.top - top :, tile.left - left :][:rows, :columns]


def _measure_deficits(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return 1 - SSIM of the surroundings of each inner cell, `(rows, columns, C)`.

    This is SSIM as in `ssim`, with F = Sd² and H = N Sdd - Sd² called d1 and d2 here.
    """
    x, y = first.astype(np.uint16), second.astype(np.uint16)
    d = np.maximum(x, y) - np.minimum(x, y)
    sum_x, sum_y, sum_xy, sum_dd = (_sum_around_cells(part) for part in (x, y, x * y, d * d))
    count = (_AA_CELLS * _CELL) ** 2
    product, d1 = sum_x * sum_y, (sum_x - sum_y) ** 2
    d2 = count * sum_dd - d1
    a1 = 2 * product + count**2 * (K1 * 255) ** 2
    b2 = 2 * (count * sum_xy - product) + count * (count - 1) * (K2 * 255) ** 2 + d2
    return np.asarray((d1 * b2 + a1 * d2) / ((a1 + d1) * b2))


def _sum_around_cells(values: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Return the sum over the surroundings of each inner cell, `(rows, columns, C)`."""
    # Rows of cells first: what follows has a quarter of the work.
    rows = values[::_CELL].astype(np.int32)
    for row in range(1, _CELL):
        rows += values[row::_CELL]
    width, height = _AA_CELLS * _CELL, _AA_CELLS
    sums = cv2.boxFilter(rows, cv2.CV_32S, (width, height), anchor=(0, 0), normalize=False)
    inner = sums.reshape(rows.shape)[: 1 - height, : 1 - width : _CELL]
    return inner.astype(np.float64)


def _with_border(image: Pixels, top: int, bottom: int, left: int, right: int) -> NDArray[np.uint8]:
    """Return part of an image in 8 bits; what lies beyond its border mirrors what lies within."""
    height, width = image.shape[:2]
    block = to_8_bits(image[max(top, 0) : bottom, max(left, 0) : right])
    sides = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)
    if any(sides):
        bordered = cv2.copyMakeBorder(block, *sides, cv2.BORDER_REFLECT)
        return np.asarray(bordered, np.uint8).reshape(*bordered.shape[:2], image.shape[2])
    return block


def _to_linear(colours: Pixels) -> NDArray[np.float32]:
    """Return linear light, `(3, N)` in 0..1, of gray or RGB colours (IEC 61966-2-1)."""
    levels = _linear_levels(int(np.iinfo(colours.dtype).max))
    linear = cv2.LUT(colours, levels) if colours.dtype == np.uint8 else levels[colours]
    planes = np.asarray(linear, np.float32).reshape(colours.shape).T
    return planes if len(planes) == 3 else np.repeat(planes, 3, axis=0)


@cache
def _linear_levels(highest: int) -> NDArray[np.float32]:
    """Return the linear light of every level from 0 to `highest`."""
    return _decode_srgb(np.arange(highest + 1) / highest)


def _decode_srgb(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return linear light of sRGB values in 0..1 (IEC 61966-2-1)."""
    bright = ((values + 0.055) / 1.055) ** 2.4
    return np.where(values <= 0.04045, values / 12.92, bright).astype(np.float32)


def _composite(colours: Pixels, background: float) -> NDArray[np.float32]:
    """Return linear light, `(3, N)`, of translucent colours over a gray.

    They are blended in sRGB, as browsers do.
    """
    scale = np.float32(np.iinfo(colours.dtype).max)
    planes = colours.T / scale
    return _decode_srgb(planes[:3] * planes[3] + np.float32(background) * (1 - planes[3]))


def _to_lab(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return CIE L*a*b*, `(3, N)`, of linear light (CIE 15:2004, section 8.2.1)."""
    xyz = _XYZ_FROM_RGB @ linear
    f = np.cbrt(xyz)
    np.copyto(f, (24389 / 27 * xyz + 16) / 116, where=xyz <= 216 / 24389)
    return np.stack((116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])))


def _delta_e(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return symmetric CIE94 ΔE, `(N,)`, of two lists of linear colours, `(3, N)`."""
    lab_1, lab_2 = _to_lab(first), _to_lab(second)
    squared_lightness, squared_a, squared_b = (lab_1 - lab_2) ** 2
    # hypot guards against an overflow that cannot happen here, and takes ten times as long.
    chroma_1, chroma_2 = (np.sqrt(a * a + b * b) for _, a, b in (lab_1, lab_2))
    chroma = np.sqrt(chroma_1 * chroma_2)
    squared_chroma = (chroma_1 - chroma_2) ** 2
    # Rounding can bring the squared hue difference below 0.
    squared_hue = np.maximum(squared_a + squared_b - squared_chroma, 0)
    return np.asarray(
        np.sqrt(
            squared_lightness
            + squared_chroma / (1 + 0.045 * chroma) ** 2
            + squared_hue / (1 + 0.015 * chroma) ** 2
        )
    )
