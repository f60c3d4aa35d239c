"""Where what looks like anti-aliasing is another colour: all of it goes one way.

Text in a colour that is a little nearer to blue differs at the edges of its strokes only, as thin
strokes have nothing else, and no more than by anti-aliasing. But anti-aliasing that is drawn anew
takes ink from one edge and adds it to another.
"""

from typing import Final

import cv2
import numpy as np

from visualdiff.blocks import BLOCK, crop_levels, reduce_blocks, split_colours
from visualdiff.tiles import PixelMask, Pixels, Tile, count, make_empty_mask, make_writable

# A block of 32×32 pixels has another colour when so many of its pixels differ, by so many levels
# of luma or of a difference of colour on average, and of all that this share goes one way.
_LEAST_PIXELS: Final = 100
_LEAST_LEVELS: Final = 3
_ONE_SIDED: Final = 0.97


def find_tints(baseline: Pixels, candidate: Pixels, antialiased: PixelMask) -> PixelMask:
    """Return the anti-aliased pixels, `(H, W)`, of blocks that have another colour.

    Images are `(H, W, C)`, gray, RGB or opaque RGBA.
    """
    tints = make_empty_mask(antialiased.shape)
    height, width = tints.shape
    for top in range(0, height, BLOCK):
        strip = Tile(top, min(top + BLOCK, height), 0, width)
        marked = strip.crop(antialiased)
        if count(marked) < _LEAST_PIXELS:
            continue
        columns = np.flatnonzero(_have_tint(baseline, candidate, strip, marked)[0])
        for column in columns.tolist():
            tints = make_writable(tints)
            block = np.s_[strip.top : strip.bottom, column * BLOCK : (column + 1) * BLOCK]
            tints[block] = antialiased[block]
    return tints


def _have_tint(baseline: Pixels, candidate: Pixels, strip: Tile, marked: PixelMask) -> PixelMask:
    """Return which blocks of a strip have another colour, `(1, columns)`."""
    pixels = reduce_blocks(np.add, marked.astype(np.int32))
    found = np.zeros(pixels.shape, np.bool_)
    images = (split_colours(crop_levels(image, strip)) for image in (baseline, candidate))
    for old, new in zip(*images, strict=True):
        changes = cv2.subtract(new, old, dtype=cv2.CV_16S) * marked
        one_way = np.abs(reduce_blocks(np.add, changes))
        in_all = reduce_blocks(np.add, np.abs(changes))
        found |= (one_way >= _ONE_SIDED * in_all) & (in_all >= _LEAST_LEVELS * pixels)
    return found & (pixels >= _LEAST_PIXELS)
