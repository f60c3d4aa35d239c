"""Exact per-channel SSIM of two images, computed only where they differ.

SSIM is that of Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error
Visibility to Structural Similarity", IEEE TIP 13(4), 2004, equation 13, as scikit-image computes
it by default: 7×7 uniform window, sample covariance, K1 = 0.01, K2 = 0.03, mean over the windows
that lie wholly inside the image.

A window without a differing pixel has SSIM 1 exactly, so the mean is 1 minus the mean of the
*deficits* 1 - SSIM of the other windows. With sums S over the N pixels of a window and d = x - y,
multiplying equation 13 by N² and N(N - 1) leaves integers beside the constants:

    A1 = 2 Sx Sy + N² C1               B1 = A1 + D1,  D1 = Sd²
    A2 = 2 (N Sxy - Sx Sy) + N(N-1) C2 B2 = A2 + D2,  D2 = N Sdd - Sd²
    1 - SSIM = 1 - A1 A2 / (B1 B2) = (D1 B2 + A1 D2) / (B1 B2)

D1 and D2 are not negative (Cauchy-Schwarz for D2), so nothing cancels: float32 is enough for the
last line, and the deficit of equal windows is exactly 0.
"""

from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.tiles import PixelMask, Pixels, Scalar, Tile, cover

WINDOW: Final = 7
_K1: Final = 0.01
_K2: Final = 0.03
_GAUSSIAN_RADIUS: Final = 5  # scikit-image cuts the Gaussian at 3.5 σ: int(3.5 * 1.5 + 0.5)


def measure_ssim(
    baseline: Pixels,
    candidate: Pixels,
    differing: PixelMask,
    variant: Literal["uniform", "gaussian"] = "uniform",
) -> tuple[float, ...]:
    """Return the mean SSIM of each channel, in [-1, 1], 1 where a channel does not differ.

    Images are `(H, W, C)`, both uint8 or both uint16; `differing`, `(H, W)`, marks at least the
    pixels in which they differ. An image smaller than the window is extended by reflection.
    """
    radius = WINDOW // 2 if variant == "uniform" else _GAUSSIAN_RADIUS
    side = 2 * radius + 1
    if min(differing.shape) < side:
        baseline, candidate = _extend(baseline, side), _extend(candidate, side)
        differing = _extend(differing, side)
    fast = variant == "uniform" and baseline.dtype == np.uint8
    measure = _sum_deficits if fast else _sum_deficits_by_scikit_image
    height, width = differing.shape
    deficits = np.zeros(baseline.shape[2])
    for tile in cover(differing, radius):
        block = _windows_inside(tile, radius, height, width)
        if block:
            deficits += measure(block.crop(baseline), block.crop(candidate), variant)
    windows = (height - side + 1) * (width - side + 1)
    return tuple((1.0 - deficits / windows).tolist())


def measure_deficits(baseline: Pixels, candidate: Pixels, window: int) -> NDArray[np.float32]:
    """Return 1 - SSIM, `(H - window + 1, W - window + 1, C)`, of every window inside two blocks.

    Blocks are `(H, W, C)` uint8; `window` is odd, at most 31 so that sums of squares fit int32.
    """
    radius, count = window // 2, window * window
    # 7 × 7: every product below fits int32. Larger windows need doubles, exact up to 2^53.
    number = np.int32 if window <= WINDOW else np.float64

    def box_sums(values: NDArray[Any]) -> NDArray[Any]:
        sums = cv2.boxFilter(values, cv2.CV_32S, (window, window), normalize=False)
        inner = sums.reshape(baseline.shape)[radius:-radius, radius:-radius]
        return inner.astype(number, copy=False)

    difference = np.asarray(cv2.absdiff(baseline, candidate))
    sum_x, sum_y = box_sums(baseline), box_sums(candidate)
    sum_xy = box_sums(np.multiply(baseline, candidate, dtype=np.uint16))
    sum_dd = box_sums(np.multiply(difference, difference, dtype=np.uint16))
    # In place from here on: fresh memory for each term costs more than the arithmetic.
    twice_product = 2 * sum_x
    twice_product *= sum_y
    sum_x -= sum_y
    sum_x *= sum_x
    sum_dd *= count
    sum_dd -= sum_x
    sum_xy *= 2 * count
    sum_xy -= twice_product
    d1, d2 = sum_x.astype(np.float32), sum_dd.astype(np.float32)
    a1, b2 = twice_product.astype(np.float32), sum_xy.astype(np.float32)
    a1 += np.float32(count**2 * (_K1 * 255) ** 2)
    b2 += np.float32(count * (count - 1) * (_K2 * 255) ** 2)
    b2 += d2
    # From (a1, d1, d2, b2) to the numerator in d1 and the denominator in a1.
    d2 *= a1
    a1 += d1
    d1 *= b2
    d1 += d2
    a1 *= b2
    d1 /= a1
    return d1


def _windows_inside(tile: Tile, radius: int, height: int, width: int) -> Tile | None:
    """Return the pixels under all windows that are centred in `tile` and lie inside the image."""
    top, bottom = max(tile.top, radius), min(tile.bottom, height - radius)
    left, right = max(tile.left, radius), min(tile.right, width - radius)
    if top >= bottom or left >= right:
        return None
    return Tile(top - radius, bottom + radius, left - radius, right + radius)


def _sum_deficits(baseline: Pixels, candidate: Pixels, _variant: str) -> NDArray[np.float64]:
    """Return the sum over a block's windows of 1 - SSIM, for each channel."""
    deficits = measure_deficits(baseline, candidate, WINDOW)
    # sumElems adds up in double precision, and without a temporary.
    return np.array(cv2.sumElems(deficits)[: baseline.shape[2]])


def _sum_deficits_by_scikit_image(
    baseline: Pixels, candidate: Pixels, variant: str
) -> NDArray[np.float64]:
    """Return what `_sum_deficits` returns, for the depths and the window that it does not know."""
    from skimage.metrics import structural_similarity  # noqa: PLC0415 - half a second, rarely needed

    radius = WINDOW // 2
    options: dict[str, Any] = {"win_size": WINDOW}
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
    inner = similarity[radius:-radius, radius:-radius]
    return np.asarray((1.0 - inner).sum(axis=(0, 1)))


def _extend(array: NDArray[Scalar], side: int) -> NDArray[Scalar]:
    """Return the array with its first two axes reflected until both reach `side`."""
    missing = [max(side - size, 0) for size in array.shape[:2]]
    pads = [(gap // 2, gap - gap // 2) for gap in missing] + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, pads, mode="symmetric")
