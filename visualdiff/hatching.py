"""Masked areas as a person sees them, pale, outlined and hatched, and ignored pixels, speckled.

The lines fall to the right and are of a colour of their own, bands of rows rise and are blue: they
can be told apart without seeing colours.
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.heat import IGNORED_COLOUR, IGNORED_SPECK
from visualdiff.tiles import PixelMask

MASK_COLOUR: Final = (15, 118, 110)
# Of what is not masked, what is, and the lines: `(256, 3)` RGB, and how opaque each is.
MASK_PALETTE: Final = np.zeros((256, 3), np.uint8)
MASK_PALETTE[1:3] = (255, 255, 255), MASK_COLOUR
MASK_OPACITY: Final = bytes((0, 128, 255))
# Of the rest, of ignored pixels, the specks in them, and what surrounds them.
IGNORED_PALETTE: Final = np.zeros((256, 3), np.uint8)
IGNORED_PALETTE[1:4] = IGNORED_COLOUR, IGNORED_SPECK, IGNORED_SPECK
IGNORED_OPACITY: Final = bytes((0, 255, 255, 128))
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


def index_ignored(ignored: PixelMask) -> NDArray[np.uint8]:
    """Return ignored pixels as `(H, W)` indices into `IGNORED_PALETTE`, to be laid over a picture.

    They are speckled, and have a dark edge: a single one can be seen on any ground.
    """
    indices = np.zeros(ignored.shape, np.uint8)
    for top in range(0, len(ignored), _STRIP_ROWS):
        inside = ignored[top : top + _STRIP_ROWS]
        around = ignored[max(top - 1, 0) : top + _STRIP_ROWS + 1]
        if around.any():
            strip = indices[top : top + _STRIP_ROWS]
            grown = cv2.dilate(np.ascontiguousarray(around).view(np.uint8), _SQUARE)
            strip[:] = 3 * grown[min(top, 1) :][: len(strip)]
            np.copyto(strip, 1, where=inside)
            np.copyto(strip, 2, where=find_specks(inside))
    return indices


def find_specks(ignored: PixelMask) -> PixelMask:
    """Return which ignored pixels are drawn as specks: a fifth of them, but none alone.

    They are a knight's move apart, so that lines of any direction have some.
    """
    height, width = ignored.shape
    # Every fifth pixel of each row, by small numbers: a modulo of all takes ten times as long.
    columns = (2 * np.arange(width) % 5).astype(np.uint8)
    rows = (-np.arange(height) % 5).astype(np.uint8)
    beside = np.zeros_like(ignored)
    beside[:, 1:] = ignored[:, :-1]
    beside[1:] |= ignored[:-1]
    return np.asarray(ignored & beside & (columns == rows[:, np.newaxis]))


def shrink_mask(masked: PixelMask, size: tuple[int, int]) -> PixelMask:
    """Return a mask at a smaller `(width, height)`: what holds a masked pixel is masked."""
    levels = np.ascontiguousarray(masked).view(np.uint8) * np.uint8(255)
    return np.asarray(cv2.resize(levels, size, interpolation=cv2.INTER_AREA) > 0)
