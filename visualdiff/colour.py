"""How different two colours look."""

from functools import cache
from math import sqrt
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.tiles import PixelMask, Pixels, cover, make_sparse

# IEC 61966-2-1 (sRGB) to CIE XYZ under D65, each row divided by the white point.
_XYZ_FROM_RGB: Final = np.array(
    [
        [0.412453 / 0.95047, 0.357580 / 0.95047, 0.180423 / 0.95047],
        [0.212671, 0.715160, 0.072169],
        [0.019334 / 1.08883, 0.119193 / 1.08883, 0.950227 / 1.08883],
    ],
    np.float32,
)
# (6/29)³, up to which CIE L*a*b* replaces the cube root by a line, and the slope of that line.
_DARK: Final = np.float32(216 / 24389)
_DARK_SLOPE: Final = np.float32(24389 / 27 / 116)

# Levels of luma between two colours within a ΔE of 1, with a margin, and up to which ΔE its square
# root bounds it.
_MOST_LUMA: Final = 24.0
_HIGHEST_BOUNDED: Final = 30.0


def measure_colour_difference(first: Pixels, second: Pixels) -> NDArray[np.float32]:
    """Return the colour difference ΔE, `(N,)`, of two lists of colours, `(N, C)`.

    Colours are gray, RGB or RGBA in sRGB, uint8 or uint16. The formula is CIE94 (CIE 116-1995,
    graphic arts weights) with the geometric mean of the two chromas, which makes it symmetric.
    Translucent colours are compared over black and over white, and the larger difference counts.
    """
    if not len(first):
        return np.zeros(0, np.float32)
    starts = _find_runs(first, second)
    if 2 * len(starts) > len(first):
        return _measure(first, second)
    return np.repeat(_measure(first[starts], second[starts]), np.diff(starts, append=len(first)))


def _find_runs(first: Pixels, second: Pixels) -> NDArray[np.intp]:
    """Return where another pair of colours begins: flat areas of a page are long runs of one.

    To find that out costs a twentieth of measuring.
    """
    begins = np.zeros(len(first), np.bool_)
    begins[0] = True
    for colours in (first, second):
        packed = _pack(colours)
        begins[1:] |= packed[1:] != packed[:-1]
    return np.flatnonzero(begins)


def _pack(colours: Pixels) -> NDArray[np.unsignedinteger]:
    """Return one number for each colour, `(N,)`."""
    if colours.shape[1] == 3:
        colours = np.asarray(cv2.cvtColor(colours[:, np.newaxis], cv2.COLOR_RGB2RGBA))
    size = colours.dtype.itemsize * colours.shape[-1]
    return np.ascontiguousarray(colours).reshape(len(colours), -1).view(f"u{size}")[:, 0]


def _measure(first: Pixels, second: Pixels) -> NDArray[np.float32]:
    if first.shape[1] < 4:
        return _delta_e(_to_linear(first), _to_linear(second))
    over = [
        _delta_e(_composite(first, background), _composite(second, background))
        for background in (0.0, 1.0)
    ]
    return np.maximum(*over)


def bound_luma(colour_difference: float) -> float:
    """Return how many levels of luma two colours within a ΔE differ by at most, in 8 bits.

    The largest difference in luma found between two colours within a ΔE of 1 is 21 levels, within
    4 it is 41, within 30 it is 120: up to there less than it would be if it grew with the square
    root. Red beside full green and blue comes closest. Above, all is possible.
    """
    if colour_difference > _HIGHEST_BOUNDED:
        return 255.0
    # Luma is rounded, and 16 bits lose their lower half.
    return _MOST_LUMA * sqrt(colour_difference) + 2


def measure_largest_difference(first: Pixels, second: Pixels, pixels: PixelMask) -> float:
    """Return the largest colour difference ΔE of the marked pixels of two `(H, W, C)` blocks.

    0 where none is marked. Exact: with blocks that stay in the cache, a ΔE takes 20 ns.
    """
    places = np.flatnonzero(pixels)
    if not places.size:
        return 0.0
    return float(_measure_at(places, first, second).max())


def measure_hundredths(
    first: Pixels, second: Pixels, pixels: PixelMask, tolerance: float
) -> NDArray[np.uint16]:
    """Return the ΔE of the marked pixels of two `(H, W, C)` images, in hundredths; others are 0.

    Rounded, but never from above a tolerance down to it.
    """
    measured = np.zeros(pixels.shape, np.uint16)
    for tile in cover(make_sparse(pixels), 0):
        places = np.flatnonzero(tile.crop(pixels))
        differences = _measure_at(places, tile.crop(first), tile.crop(second))
        hundredths = np.rint(100 * differences)
        hundredths += (differences > tolerance) & (hundredths <= 100 * tolerance)
        block = np.zeros(tile.area, np.uint16)
        block[places] = np.minimum(hundredths, np.iinfo(np.uint16).max)
        tile.crop(measured)[:] = block.reshape(tile.crop(measured).shape)
    return measured


def _measure_at(places: NDArray[np.intp], first: Pixels, second: Pixels) -> NDArray[np.float32]:
    """Return the ΔE, `(N,)`, of two `(H, W, C)` blocks at places of their flat pixels, `(N,)`."""
    colours = (block.reshape(-1, block.shape[2]).take(places, axis=0) for block in (first, second))
    return measure_colour_difference(*colours)


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


def _to_lab(linear: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Return CIE L*, a* and b*, `(N,)` each, of linear light (CIE 15:2004, section 8.2.1)."""
    xyz = _XYZ_FROM_RGB @ linear
    # The standard's two branches as one sum: below the bound f goes on along its tangent.
    f = np.cbrt(np.maximum(xyz, _DARK))
    f += _DARK_SLOPE * (np.minimum(xyz, _DARK) - _DARK)
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def _delta_e(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return symmetric CIE94 ΔE, `(N,)`, of two lists of linear colours, `(3, N)`."""
    lab_1, lab_2 = _to_lab(first), _to_lab(second)
    squared_lightness, squared_a, squared_b = (
        np.square(old - new) for old, new in zip(lab_1, lab_2, strict=True)
    )
    # hypot guards against an overflow that cannot happen here, and takes ten times as long.
    chroma_1, chroma_2 = (np.sqrt(a * a + b * b) for _, a, b in (lab_1, lab_2))
    chroma = np.sqrt(chroma_1 * chroma_2)
    squared_chroma = np.square(chroma_1 - chroma_2)
    # Rounding can bring the squared hue difference below 0.
    squared_hue = np.maximum(squared_a + squared_b - squared_chroma, 0)
    squares = (
        squared_lightness
        + squared_chroma / np.square(1 + 0.045 * chroma)
        + squared_hue / np.square(1 + 0.015 * chroma)
    )
    return np.asarray(np.sqrt(squares), np.float32)
