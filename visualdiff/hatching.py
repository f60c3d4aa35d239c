"""Masked areas as a person sees them: pale, outlined and hatched, in pictures of any scale.

The lines fall to the right and are of a colour of their own, bands of rows rise and are blue: they
can be told apart without seeing colours.
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.tiles import PixelMask

MASK_COLOUR: Final = (15, 118, 110)
# Of what is not masked, what is, and the lines: `(256, 3)` RGB, and how opaque each is.
MASK_PALETTE: Final = np.zeros((256, 3), np.uint8)
MASK_PALETTE[1:3] = (255, 255, 255), MASK_COLOUR
MASK_OPACITY: Final = bytes((0, 128, 255))
_PERIOD: Final = 12
_THICKNESS: Final = 2
_SQUARE: Final = np.ones((3, 3), np.uint8)
# Strips keep temporaries small and cached.
_STRIP_ROWS: Final = 64


def draw_masked(picture: NDArray[np.uint8], masked: PixelMask | None) -> NDArray[np.uint8]:
    """Return an RGB picture on which a mask, `(H, W)`, is pale, outlined and hatched."""
    if masked is None:
        return picture
    drawn = np.ascontiguousarray(picture).copy()
    pale = cv2.convertScaleAbs(drawn, alpha=0.5, beta=127)
    cv2.copyTo(pale, np.ascontiguousarray(masked).view(np.uint8), drawn)
    for rows, lines in find_lines(masked):
        drawn[rows][lines] = MASK_COLOUR
    return drawn


def index_masked(masked: PixelMask) -> NDArray[np.uint8]:
    """Return the same as `(H, W)` indices into `MASK_PALETTE`, to be laid over a picture."""
    indices = masked.astype(np.uint8)
    for rows, lines in find_lines(masked):
        indices[rows][lines] = 2
    return indices


def find_lines(masked: PixelMask) -> Iterator[tuple[slice, PixelMask]]:
    """Yield strips of rows, and which of their pixels the outline and the lines of a mask take."""
    mask = np.ascontiguousarray(masked).view(np.uint8)
    # Beyond the border nothing is masked: the outline goes along it.
    inner = cv2.erode(mask, _SQUARE, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    columns = np.arange(masked.shape[1])
    for top in range(0, len(masked), _STRIP_ROWS):
        rows = slice(top, min(top + _STRIP_ROWS, len(masked)))
        if masked[rows].any():
            places = np.arange(rows.start, rows.stop)[:, np.newaxis] - columns
            hatched = places % _PERIOD < _THICKNESS
            yield rows, masked[rows] & (hatched | (inner[rows] == 0))


def shrink_mask(masked: PixelMask, size: tuple[int, int]) -> PixelMask:
    """Return a mask at a smaller `(width, height)`: what holds a masked pixel is masked."""
    levels = np.ascontiguousarray(masked).view(np.uint8) * np.uint8(255)
    return np.asarray(cv2.resize(levels, size, interpolation=cv2.INTER_AREA) > 0)
