"""What differs, on a faded picture of the candidate: by heat, with all that was ignored or not."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.annotate import Picture, to_picture
from visualdiff.colour import measure_hundredths
from visualdiff.compare import Compared
from visualdiff.hatching import MASK_COLOUR, find_lines, find_specks
from visualdiff.heat import HEAT, IGNORED_COLOUR, IGNORED_SPECK
from visualdiff.model import Region
from visualdiff.tiles import TILE_ROWS, PixelMask

Indices: TypeAlias = NDArray[np.uint8]
Hundredths: TypeAlias = NDArray[np.uint16]

# The ΔE, in hundredths, of what only one image has: the largest number.
UNPAIRED: Final = 65535
_BAND_COLOUR: Final = (59, 130, 246)
# Unchanged pixels fade to a quarter of their contrast on white: the coloured ones stand out.
_FADE: Final = 0.25
# Faded grays begin at 191, so that black and its neighbours are free to stand for the colours,
# those of the heat first.
_IGNORED_INDEX: Final = len(HEAT)
_SPECK_INDEX: Final = len(HEAT) + 1
_BAND_INDEX: Final = len(HEAT) + 2
_MASK_INDEX: Final = len(HEAT) + 3
_COLOURS: Final = (
    *(step.colour for step in HEAT),
    IGNORED_COLOUR,
    IGNORED_SPECK,
    _BAND_COLOUR,
    MASK_COLOUR,
)
# The step of heat of every ΔE in hundredths.
_STEPS: Final = np.searchsorted(
    [100 * step.up_to for step in HEAT[:-1]], np.arange(UNPAIRED + 1)
).astype(np.uint8)
_HATCH_PERIOD: Final = 8


def _make_palette() -> Picture:
    palette = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
    palette[: len(_COLOURS)] = _COLOURS
    return palette


# `(256, 3)` RGB: what the indices of a difference image stand for.
DIFFERENCE_PALETTE: Final = _make_palette()


def draw_difference(compared: Compared, bands: Sequence[Region]) -> Picture:
    """Return a faded gray picture with visible differences by heat, and all that was ignored.

    Ignored pixels are speckled amber. `bands` of rows are hatched in blue; of one that the picture
    lacks, the seam is blue. What is masked is hatched the other way.
    """
    indices = index_difference(compared, measure_difference(compared, compared.visible))
    mark_ignored(indices, compared.ignored, compared.masked[1])
    hatch_bands(indices, bands)
    return paint_difference(indices)


def measure_difference(compared: Compared, pixels: PixelMask) -> Hundredths:
    """Return the ΔE of marked pixels, `(H, W)` in hundredths; 0 where none is marked.

    What only one image has is `UNPAIRED`.
    """
    tolerance, unpaired = compared.comparison.tolerance, compared.unpaired
    paired = pixels if unpaired is None else pixels & ~unpaired
    measured = measure_hundredths(compared.overlaid, compared.candidate, paired, tolerance)
    if unpaired is not None:
        measured[unpaired & pixels] = UNPAIRED
    return measured


def index_difference(compared: Compared, measured: Hundredths) -> Indices:
    """Return the difference image as `(H, W)` indices into `DIFFERENCE_PALETTE`.

    It shows visible pixels only, by the heat of what was `measured` of them. It holds few colours:
    a byte a pixel is a third of the memory, and less work to compress.
    """
    visible, candidate = compared.visible, compared.candidate
    indices = np.empty(visible.shape, np.uint8)
    for rows in _cut(len(indices)):
        gray = cv2.cvtColor(to_picture(candidate[rows]), cv2.COLOR_RGB2GRAY)
        strip = cv2.convertScaleAbs(gray, indices[rows], alpha=_FADE, beta=255 * (1 - _FADE))
        if visible[rows].any():
            np.copyto(strip, _STEPS.take(measured[rows]), where=visible[rows])
    return indices


def mark_ignored(indices: Indices, ignored: PixelMask, masked: PixelMask | None) -> None:
    """Draw ignored pixels and masked areas into a difference image."""
    for rows in _cut(len(indices)):
        if ignored[rows].any():
            strip = indices[rows]
            np.copyto(strip, _IGNORED_INDEX, where=ignored[rows])
            np.copyto(strip, _SPECK_INDEX, where=find_specks(ignored[rows]))
    for rows, lines in find_lines(masked) if masked is not None else ():
        indices[rows][lines] = _MASK_INDEX


def hatch_bands(indices: Indices, bands: Sequence[Region]) -> None:
    """Hatch bands of rows in a difference image; one without height becomes a line."""
    for band in bands:
        top = max(band.y - 1, 0) if not band.height else band.y
        block = indices[top : max(band.y + band.height, top + 2), band.x : band.x + band.width]
        rows, columns = np.ogrid[: block.shape[0], : block.shape[1]]
        lines = (rows + columns) % _HATCH_PERIOD < _HATCH_PERIOD // 4
        block[lines if band.height else ...] = _BAND_INDEX


def paint_difference(indices: Indices) -> Picture:
    """Return the RGB picture that the indices of a difference image stand for."""
    # Four times as fast as numpy's indexing.
    return np.asarray(cv2.applyColorMap(indices, DIFFERENCE_PALETTE[:, np.newaxis]), np.uint8)


def _cut(height: int) -> Iterator[slice]:
    """Yield strips of rows, whose temporaries stay small and cached."""
    return (slice(top, top + TILE_ROWS) for top in range(0, height, TILE_ROWS))
