"""Exact per-channel SSIM of two images, computed only where they differ.

SSIM is that of Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error
Visibility to Structural Similarity", IEEE TIP 13(4), 2004, equation 13, as scikit-image computes
it by default: 7×7 uniform window, sample covariance, K1 = 0.01, K2 = 0.03, mean over the windows
that lie wholly inside the image.

A window without a differing pixel has SSIM 1 exactly, so the mean is 1 minus twice the mean
*dissimilarity*, (1 - SSIM) / 2, for which only the other windows are looked at. With s = x + y and
d = x - y, sums S over the N pixels of a window, and equation 13 multiplied by 2 N² and 2 N(N - 1),
all but the constants are integers:

    E = Ss² + 2 N² C1    G = N Sss - Ss² + 2 N(N-1) C2
    F = Sd²              H = N Sdd - Sd²
    SSIM = (E - F)(G - H) / ((E + F)(G + H))
    (1 - SSIM) / 2 = (E H + F G) / ((E + F)(G + H))

F and H are not negative (Cauchy-Schwarz for H), so nothing cancels: float32 is enough for the
last line, and the dissimilarity of equal windows is exactly 0. Sss is Sdd + 4 Sxy, which spares a
product of more than 16 bits.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.tiles import (
    TILE_COLUMNS,
    TILE_ROWS,
    PixelMask,
    Pixels,
    Scalar,
    SparseMask,
    Tile,
    count,
    cover,
    make_sparse,
)

Channels: TypeAlias = tuple[float, ...]

K1: Final = 0.01
K2: Final = 0.03
_WINDOW: Final = 7
_GAUSSIAN_RADIUS: Final = 5  # scikit-image cuts the Gaussian at 3.5 σ: int(3.5 * 1.5 + 0.5)
WIDEST_WINDOW: Final = 2 * _GAUSSIAN_RADIUS + 1
_COUNT: Final = _WINDOW**2
_C1: Final = np.float32(2 * _COUNT**2 * (K1 * 255) ** 2)
_C2: Final = np.float32(2 * _COUNT * (_COUNT - 1) * (K2 * 255) ** 2)


def measure_ssim(
    baseline: Pixels,
    candidate: Pixels,
    differing: SparseMask,
    ignored: PixelMask,
    variant: Literal["uniform", "gaussian"] = "uniform",
    masked: PixelMask | None = None,
) -> tuple[Channels, Channels]:
    """Return the mean SSIM of each channel twice: of all pixels, and with the ignored ones equal.

    Values lie in [-1, 1] and are 1 where a channel does not differ. Images are `(H, W, C)`, both
    uint8 or both uint16; `differing` marks at least the pixels in which they differ; those of
    `ignored`, `(H, W)`, count in the second figure as if the candidate had the baseline's
    colour. Windows around a pixel of `masked`, of which all that differ are ignored, are left out
    of it; where no other is left, those that hold a pixel that is not masked count. An image
    smaller than the window is extended by reflection.
    """
    kernel = _choose_kernel(variant, baseline)
    side = 2 * kernel.radius + 1
    if min(ignored.shape) < side:
        baseline, candidate = _extend(baseline, side), _extend(candidate, side)
        differing, ignored = make_sparse(_extend(differing.pixels, side)), _extend(ignored, side)
        masked = None if masked is None else _extend(masked, side)
    left_out = None if masked is None else _find_left_out(masked, kernel.radius)
    raw, perceived = np.zeros((2, baseline.shape[2]))
    for block in _find_blocks(differing, kernel.radius):
        first, second, hidden = block.crop(baseline), block.crop(candidate), block.crop(ignored)
        dissimilarities = kernel.find_dissimilarities(first, second)
        whole = _sum(dissimilarities)
        raw += whole
        hides = count(hidden) > 0
        if hides and np.array_equal(hidden, block.crop(differing.pixels)):
            continue
        omitted = None if left_out is None else _shrink(block, kernel.radius).crop(left_out)
        if omitted is not None and omitted.any():
            neutral = _neutralise(first, second, hidden)
            whole = _sum_others(kernel.find_dissimilarities(first, neutral), omitted)
        elif hides:
            whole = _discount(whole, dissimilarities, first, second, hidden, kernel)
        perceived += whole
    height, width = ignored.shape
    windows = (height - side + 1) * (width - side + 1)
    counted = windows if left_out is None else windows - int(np.count_nonzero(left_out))
    similarities = [1.0 - 2.0 * raw / windows, 1.0 - 2.0 * perceived / counted]
    return tuple(similarities[0].tolist()), tuple(similarities[1].tolist())


class _Kernel(NamedTuple):
    """A window of 2 `radius` + 1 pixels a side, and what is computed with it.

    `find_dissimilarities` takes two blocks and returns (1 - SSIM) / 2 of the windows inside, by
    their centres, `(H - 2 radius, W - 2 radius, C)`, in memory that its next call uses again.
    """

    radius: int
    find_dissimilarities: Callable[[Pixels, Pixels], NDArray[np.floating]]


def _choose_kernel(variant: str, image: Pixels) -> _Kernel:
    radius = _WINDOW // 2 if variant == "uniform" else _GAUSSIAN_RADIUS
    if variant == "uniform" and image.dtype == np.uint8:
        return _Kernel(radius, partial(_find_dissimilarities, scratch=_Scratch(image.shape[2])))
    return _Kernel(radius, partial(_find_dissimilarities_by_scikit_image, variant=variant))


def _find_blocks(mask: SparseMask, radius: int) -> Iterator[Tile]:
    """Yield, tile by tile, the pixels under all windows that hold a set pixel of the mask."""
    height, width = mask.pixels.shape
    for tile in cover(mask, radius):
        # Windows that reach out of the image do not count.
        top, bottom = max(tile.top, radius), min(tile.bottom, height - radius)
        left, right = max(tile.left, radius), min(tile.right, width - radius)
        if top < bottom and left < right:
            yield Tile(top - radius, bottom + radius, left - radius, right + radius)


def _find_left_out(masked: PixelMask, radius: int) -> PixelMask:
    """Return which windows do not count, by the place of their upper left corner."""
    centres = masked[radius:-radius, radius:-radius]
    if not centres.all():
        return centres
    side = 2 * radius + 1
    # What is left is a strip at the border, where no window has its centre.
    held = cv2.erode(masked.view(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray(held[radius:-radius, radius:-radius], np.bool_)


def _neutralise(first: Pixels, second: Pixels, hidden: PixelMask) -> Pixels:
    """Return the second of two blocks with the hidden pixels of the first."""
    neutral = second.copy()
    cv2.copyTo(first, hidden.view(np.uint8), neutral)
    return neutral


def _sum_others(dissimilarities: NDArray[np.floating], omitted: PixelMask) -> NDArray[np.float64]:
    """Return the sum of each channel over the windows that are not omitted."""
    dissimilarities[omitted] = 0
    return _sum(dissimilarities)


def _discount(
    whole: NDArray[np.float64],
    dissimilarities: NDArray[np.floating],
    first: Pixels,
    second: Pixels,
    hidden: PixelMask,
    kernel: _Kernel,
) -> NDArray[np.float64]:
    """Return the sum of a block's dissimilarities as it were if its hidden pixels did not differ.

    `whole` is the sum of the `dissimilarities` as they are.
    """
    neutral = _neutralise(first, second, hidden)
    # Only windows with hidden pixels change.
    parts = list(_find_blocks(make_sparse(hidden), kernel.radius))
    if sum(part.area for part in parts) > hidden.size:
        return _sum(kernel.find_dissimilarities(first, neutral))
    left = whole.copy()
    for part in parts:
        left -= _sum(_shrink(part, kernel.radius).crop(dissimilarities))
    for part in parts:
        left += _sum(kernel.find_dissimilarities(part.crop(first), part.crop(neutral)))
    # Sums in another order leave a trace where nothing differs any more.
    differs = cv2.sumElems(cv2.absdiff(first, neutral))[: len(left)]
    return np.where(differs, np.maximum(left, 0), 0)


def _shrink(part: Tile, radius: int) -> Tile:
    """Return where the windows inside a part of a block stand in the block's dissimilarities."""
    return Tile(part.top, part.bottom - 2 * radius, part.left, part.right - 2 * radius)


def _sum(dissimilarities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the sum of each channel."""
    # sumElems adds up in double precision, and without a temporary.
    return np.array(cv2.sumElems(dissimilarities)[: dissimilarities.shape[2]])


class _Scratch:
    """Memory for the intermediate values of a tile, used again for each tile of an image.

    Fresh memory for each value would cost more than the arithmetic.
    """

    def __init__(self, channels: int) -> None:
        size = (TILE_ROWS + _WINDOW) * (TILE_COLUMNS + _WINDOW) * channels
        self._shorts = np.empty((4, size), np.int16)
        self._integers = np.empty((5, size), np.int32)

    def shape_as(self, block: Pixels) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
        """Return four arrays of int16 and five of int32, each in the shape of a block."""
        shorts, integers = self._shorts[:, : block.size], self._integers[:, : block.size]
        return shorts.reshape(4, *block.shape), integers.reshape(5, *block.shape)


def _find_dissimilarities(
    baseline: Pixels, candidate: Pixels, scratch: _Scratch
) -> NDArray[np.floating]:
    """Return (1 - SSIM) / 2 of each window inside a block."""
    (s, d, xy, dd), (e, f, g, h, spare) = scratch.shape_as(baseline)
    np.copyto(s, baseline)
    np.copyto(dd, candidate)
    np.subtract(s, dd, out=d)
    np.multiply(s, dd, out=xy)
    s += dd
    np.multiply(d, d, out=dd)
    # Products of two bytes fit 16 bits without a sign.
    for values, sums in ((s, e), (d, f), (xy.view(np.uint16), g), (dd.view(np.uint16), h)):
        cv2.boxFilter(values, cv2.CV_32S, (_WINDOW, _WINDOW), sums, normalize=False)
    # Windows that reach out of the block: rows of them are left out at once, columns at the end.
    radius = _WINDOW // 2
    e, f, g, h, spare = (part[radius:-radius] for part in (e, f, g, h, spare))
    e *= e
    f *= f
    h *= _COUNT
    g *= 4 * _COUNT
    g += h
    g -= e
    h -= f
    # Exact so far. Each becomes float32 in memory whose integers are not needed any more.
    e_, f_, g_, h_ = (part.view(np.float32) for part in (spare, e, f, g))
    for place, part in ((e_, e), (f_, f), (g_, g), (h_, h)):
        np.copyto(place, part, casting="same_kind")
    ratio = h.view(np.float32)
    e_ += _C1
    g_ += _C2
    np.multiply(e_, h_, out=ratio)
    e_ += f_
    f_ *= g_
    ratio += f_
    g_ += h_
    e_ *= g_
    ratio /= e_
    inside: NDArray[np.floating] = ratio[:, radius:-radius]
    return inside


def _crop_inside(values: NDArray[np.floating], radius: int) -> NDArray[np.floating]:
    return values[radius:-radius, radius:-radius]


def _find_dissimilarities_by_scikit_image(
    baseline: Pixels, candidate: Pixels, variant: str
) -> NDArray[np.floating]:
    """Return the same for the depths and the window that `_find_dissimilarities` does not know."""
    from skimage.metrics import structural_similarity  # noqa: PLC0415 - half a second, rarely needed

    radius = _WINDOW // 2
    options: dict[str, Any] = {"win_size": _WINDOW}
    if variant == "gaussian":
        radius = _GAUSSIAN_RADIUS
        options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    _, similarity = structural_similarity(  # type: ignore[no-untyped-call]  # it has no types
        baseline.astype(np.float64),
        candidate.astype(np.float64),
        data_range=np.iinfo(baseline.dtype).max,
        channel_axis=2,
        full=True,
        **options,
    )
    return (1.0 - _crop_inside(similarity, radius)) / 2


def _extend(array: NDArray[Scalar], side: int) -> NDArray[Scalar]:
    """Return the array with its first two axes reflected until both reach `side`."""
    missing = [max(side - size, 0) for size in array.shape[:2]]
    pads = [(gap // 2, gap - gap // 2) for gap in missing] + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, pads, mode="symmetric")
