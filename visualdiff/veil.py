"""Two images on a canvas and their masks → the same canvas, on which nothing differs under them.

Whatever looks at that one, for what a person sees, for regions, words or another rasteriser, needs
to know nothing of masks.
"""

from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from visualdiff.canvas import Canvas
from visualdiff.masks import Masking, fit_mask
from visualdiff.tiles import PixelMask, Pixels, SparseMask


class Veiled(NamedTuple):
    """A canvas, the masks on it, and the canvas as it is `shown` to those who look for changes.

    There, the candidate has the baseline's pixels where they are `hidden`: the differing ones
    under masks, `(H, W)`, None where there are none.
    """

    canvas: Canvas
    masking: Masking
    shown: Canvas
    hidden: PixelMask | None


def veil(canvas: Canvas, masking: Masking) -> Veiled:
    """Return a canvas with masks of its baseline; what only one image has is never masked."""
    laid = masking.change(partial(fit_mask, shape=canvas.differing.pixels.shape))
    if laid.masked is not None and canvas.unpaired is not None:
        laid = laid._replace(masked=laid.masked & ~canvas.unpaired)
    rows = _span(canvas.differing.rows)
    hidden = None if laid.masked is None else _find_hidden(canvas, laid.masked, rows)
    return Veiled(canvas, laid, canvas if hidden is None else _hide(canvas, hidden, rows), hidden)


def _span(rows: PixelMask) -> slice:
    """Return the range from the first set row to the last."""
    places = np.flatnonzero(rows)
    return slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0)


def _find_hidden(canvas: Canvas, masked: PixelMask, rows: slice) -> PixelMask | None:
    found = canvas.differing.pixels[rows] & masked[rows]
    if not found.any():
        return None
    hidden = np.zeros(masked.shape, np.bool_)
    hidden[rows] = found
    return hidden


def _hide(canvas: Canvas, hidden: PixelMask, rows: slice) -> Canvas:
    """Return the canvas as if no hidden pixel differed; all of them are in some rows."""
    pixels = np.zeros(hidden.shape, np.bool_)
    np.greater(canvas.differing.pixels[rows], hidden[rows], out=pixels[rows])
    differing = np.zeros_like(canvas.differing.rows)
    differing[rows] = pixels[rows].any(axis=1)
    shown = _cover_up(*canvas.pictures, hidden, rows)
    same = canvas.compared[1] is canvas.pictures[1]
    compared = shown if same else _cover_up(*canvas.compared, hidden, rows)
    return canvas._replace(
        pictures=(canvas.pictures[0], shown),
        compared=(canvas.compared[0], compared),
        differing=SparseMask(pixels, differing),
    )


def _cover_up(baseline: Pixels, candidate: Pixels, hidden: PixelMask, rows: slice) -> Pixels:
    """Return the candidate with the hidden pixels of the baseline."""
    covered = np.array(candidate, order="C")
    strip = np.ascontiguousarray(baseline[rows])
    cv2.copyTo(strip, hidden[rows].view(np.uint8), covered[rows])
    return covered
