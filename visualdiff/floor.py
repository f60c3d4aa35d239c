"""What stands out of a page's own noise: ink that comes or goes as it does nowhere else on it.

Another smoothing, by LCD or by a GPU, leaves nearly as much ink around each pixel as there was.
The noise floor of such a page is low, and a letter that became a similar one stands out of it,
although each of its pixels lies among those near it in the other image. Where letters were set
elsewhere the floor is so high that nothing stands out.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import BLOCK, cover_blocks, crop_levels, reduce_blocks, to_luma
from visualdiff.outliers import LEAST_CONTRAST, measure_contrast
from visualdiff.tiles import PixelMask, Pixels, Tile

# The floor is what nine tenths of the blocks keep to: some hold the change that is looked for.
# With three quarters, pages of which a part is smoothed most are flagged.
_FLOOR: Final = 0.9
# How many times the floor no block of a page exceeds that only was rasterised anew: on 116 such
# pages it is up to 3.2 times. Of 140 letters that changed on pages where LCD smoothing became gray
# 26 passed without this module, and 15 with it, most of them pale; with 2.8 times 11 passed, but
# two of the pages were flagged.
_TIMES: Final = 3.5
# What is never much, as a share of the contrast, however low the floor is.
_LEAST: Final = 0.1
_SIGMA: Final = 1.0
# How far from a pixel all of this looks.
_REACH: Final = 5


def find_standing_out(
    baseline: Pixels, candidate: Pixels, differing: PixelMask, plain: PixelMask
) -> PixelMask:
    """Return which `differing` pixels, `(H, W)`, of `plain` blocks stand out of their noise.

    Images are `(H, W, C)`, `plain` is `(rows, columns)` of blocks.
    """
    height, width = differing.shape
    highest = np.zeros(plain.shape, np.float32)
    for tile in cover_blocks(plain, height, width):
        found = _measure_change(baseline, candidate, tile) * tile.crop(differing)
        _to_blocks(tile).crop(highest)[...] = reduce_blocks(np.maximum, found)
    most = max(_TIMES * float(np.quantile(highest[plain], _FLOOR)), _LEAST)
    standing = np.zeros(differing.shape, np.bool_)
    for top, left in (np.argwhere(plain & (highest > most)) * BLOCK).tolist():
        tile = Tile(top, min(top + BLOCK, height), left, min(left + BLOCK, width))
        above = _measure_change(baseline, candidate, tile) > most
        tile.crop(standing)[...] = _drop_specks(above & tile.crop(differing))
    return standing


def _measure_change(baseline: Pixels, candidate: Pixels, tile: Tile) -> NDArray[np.float32]:
    """Return by how much the ink around each pixel changed, as a share of the contrast around."""
    wide = tile.grow(_REACH, *baseline.shape[:2])
    first, second = (to_luma(crop_levels(image, wide)) for image in (baseline, candidate))
    change = cv2.subtract(first, second, dtype=cv2.CV_32F)
    blurred = np.abs(cv2.GaussianBlur(change, (0, 0), _SIGMA))
    share = blurred / (measure_contrast(first, second) + np.float32(LEAST_CONTRAST))
    return tile.move(-wide.top, -wide.left).crop(np.asarray(share, np.float32))


def _drop_specks(above: PixelMask) -> PixelMask:
    """Return the pixels of which at least three lie together: a single one may be a corner."""
    together = cv2.boxFilter(above.view(np.uint8), cv2.CV_8U, (3, 3), normalize=False)
    return above & (np.asarray(together) >= 3)


def _to_blocks(tile: Tile) -> Tile:
    return Tile(*(-(-edge // BLOCK) for edge in tile))
