"""A baseline laid over its candidate: rows or the whole page are aligned, and masks with them."""

from functools import partial
from typing import Final, NamedTuple

import numpy as np

from visualdiff.align import align_rows, move_mask, moves_unmasked
from visualdiff.canvas import Canvas, lay_out
from visualdiff.masks import Masking
from visualdiff.model import Motion, Region
from visualdiff.perception import perceive
from visualdiff.registration import carry_mask, describe_registered, register
from visualdiff.settings import Settings
from visualdiff.sizes import Fitted
from visualdiff.veil import Veiled, veil

# Fewer differing rows are looked at as they are: rows of text that moved are more.
_LEAST_SHIFTED_ROWS: Final = 64
_NOTHING_LEFT: Final = "not aligned: nothing that is not masked would be left to compare"


class Overlay(NamedTuple):
    """A page on which the baseline lies on the candidate, under its masks.

    `bands` are the rows that only one image has, `motion` is how the page moved as a whole.
    """

    page: Veiled
    bands: tuple[Region, ...] = ()
    motion: Motion | None = None
    warnings: tuple[str, ...] = ()


def lay_over(
    fitted: Fitted, as_is: Veiled, masking: Masking, settings: Settings, channel: str
) -> Overlay:
    """Align two images, laid out `as_is`, as `settings.align` says.

    `masking` is that of the baseline, `channel` is named in bands. Where there is nothing to
    align, the page is returned as it is.
    """
    if settings.align == "rows":
        return _align_rows(fitted, as_is, masking, settings, channel)
    if settings.align == "none" or not as_is.canvas.differing.rows.any():
        return Overlay(as_is)
    masked = as_is.masking.masked if as_is.canvas.unpaired is None else None
    found = register(fitted.baseline, fitted.candidate, settings.align, masked)
    if isinstance(found, str):
        return Overlay(as_is, warnings=(found,) if found else ())
    moved = masking.change(partial(carry_mask, motion=found.motion))
    masked = found.uncovered if moved.masked is None else moved.masked | found.uncovered
    if masked.all() or any(masked[area.pixels].all() for area in moved.focus):
        return Overlay(as_is, warnings=(_NOTHING_LEFT,))
    canvas = lay_out(found.baseline, fitted.candidate, opaque=_is_opaque(as_is))
    page = veil(canvas, moved._replace(masked=masked))
    return Overlay(page, motion=found.motion, warnings=(describe_registered(found),))


def _align_rows(
    fitted: Fitted, as_is: Veiled, masking: Masking, settings: Settings, channel: str
) -> Overlay:
    # Where a few rows are in focus, more may have moved than can be seen there.
    looked_at = as_is.canvas if settings.focus else as_is.shown
    if not _may_have_shifted(looked_at, settings):
        return Overlay(as_is)
    aligned = align_rows(fitted.baseline, fitted.candidate, channel)
    if aligned is None or not moves_unmasked(aligned, masking.masked):
        return Overlay(as_is)
    canvas = lay_out(aligned.baseline, fitted.candidate, opaque=_is_opaque(as_is))
    page = veil(canvas, masking.change(partial(move_mask, aligned=aligned)))
    return Overlay(page, bands=aligned.bands)


def _is_opaque(page: Veiled) -> bool:
    """Return whether a page has no alpha channel, or one that was left out."""
    return bool(page.canvas.pictures[0].shape[2] < 4)


def _may_have_shifted(canvas: Canvas, settings: Settings) -> bool:
    """Return whether so many rows differ that they may have been moved as a whole."""
    if canvas.unpaired is not None:
        return True
    rows = canvas.differing.rows
    if canvas.compared[0].shape[2] == 4:
        # What moved where nobody can see it did not move.
        rows = perceive(*canvas.compared, canvas.paired, settings).visible.rows
    return int(np.count_nonzero(rows)) >= _LEAST_SHIFTED_ROWS
