"""Which visible differences are noise after all: they are judged with what lies around them."""

from dataclasses import replace
from typing import Final

import numpy as np

from visualdiff.anywhere import find_drawn_anew
from visualdiff.corners import find_corners
from visualdiff.grain import find_grain
from visualdiff.perceived import Perceived
from visualdiff.rasterising import Explained, explain_by_rasterising
from visualdiff.redrawn import find_redrawn
from visualdiff.settings import Settings
from visualdiff.tiles import PixelMask, Pixels, SparseMask, count, make_sparse
from visualdiff.tints import find_tints

# No step looks further than this around a differing pixel.
_SURROUNDINGS: Final = 32


def judge_noise(
    pictures: tuple[Pixels, Pixels],
    perceived: Perceived,
    differing_rows: PixelMask,
    settings: Settings,
    *,
    opaque: bool,
    masked: PixelMask | None = None,
) -> tuple[Perceived, Explained | None]:
    """Return what is left of the visible differences, and whether the page was rasterised anew.

    Pictures are `(H, W, C)`. Only `opaque` ones can be taken for rasterised anew, all of a page
    or a thing on it, and only if anti-aliasing is ignored. Nothing differs under what is `masked`,
    nor in other rows than `differing_rows`.
    """
    rows = np.flatnonzero(differing_rows)
    if not rows.size:
        return perceived, None
    explained = None
    may_be_redrawn = opaque and settings.antialiasing == "ignore"
    if may_be_redrawn:
        antialiased = perceived.antialiased if perceived.counts.antialiasing else None
        explained = explain_by_rasterising(*pictures, perceived.visible, antialiased, masked)
    # Most pages differ in a few rows only: arrays of all of a page cost as much as decoding it.
    band = slice(max(int(rows[0]) - _SURROUNDINGS, 0), int(rows[-1]) + 1 + _SURROUNDINGS)
    images = pictures[0][band], pictures[1][band]
    rasterised = explained.pixels[band] if explained else None
    inner = _crop(perceived, band)
    # On a page rasterised anew single blocks may go one way; all of them together may not.
    if may_be_redrawn and rasterised is None:
        inner = _restore(inner, find_tints(*images, inner.antialiased))
    if rasterised is not None:
        inner = inner.ignore(rasterised, "rasterising")
    if settings.tolerance > 0:
        grain = find_grain(*images, inner.visible, settings.tolerance)
        inner = inner.ignore(grain, "grain").measure(grain, "grain", images)
    if may_be_redrawn:
        inner, rasterised = _ignore_redrawn(images, inner, rasterised, settings)
        inner = _restore_corners(*images, inner, rasterised)
    return _paste(perceived, _measure(inner, rasterised, images), band), explained


def _ignore_redrawn(
    images: tuple[Pixels, Pixels],
    perceived: Perceived,
    rasterised: PixelMask | None,
    settings: Settings,
) -> tuple[Perceived, PixelMask | None]:
    """Ignore things drawn anew on a page that was not, and where it is asked for, any such ink."""
    if rasterised is None:
        redrawn = find_redrawn(*images, perceived.visible, perceived.antialiased)
        perceived = perceived.ignore(redrawn, "antialiasing")
    if settings.rasterising == "anywhere":
        anew = find_drawn_anew(*images, perceived.visible)
        perceived = perceived.ignore(anew, "rasterising")
        rasterised = anew if rasterised is None else rasterised | anew
    return perceived, rasterised


def _crop(perceived: Perceived, band: slice) -> Perceived:
    visible = SparseMask(perceived.visible.pixels[band], perceived.visible.rows[band])
    masks = perceived.ignored[band], perceived.antialiased[band]
    return Perceived(visible, *masks, perceived.counts, perceived.largest)


def _paste(perceived: Perceived, inner: Perceived, band: slice) -> Perceived:
    """Return all of a page with what was judged in a band of its rows."""
    if inner.counts == perceived.counts:
        return perceived._replace(largest=inner.largest)
    if len(inner.ignored) == len(perceived.ignored):
        return inner
    whole = (perceived.visible.pixels, perceived.ignored, perceived.antialiased)
    parts = (inner.visible.pixels, inner.ignored, inner.antialiased)
    pixels, ignored, antialiased = (np.zeros(mask.shape, np.bool_) for mask in whole)
    for mask, part in zip((pixels, ignored, antialiased), parts, strict=True):
        mask[band] = part
    rows = np.zeros_like(perceived.visible.rows)
    rows[band] = inner.visible.rows
    return Perceived(SparseMask(pixels, rows), ignored, antialiased, inner.counts, inner.largest)


def _measure(
    perceived: Perceived, rasterised: PixelMask | None, images: tuple[Pixels, Pixels]
) -> Perceived:
    """Return the same with the largest ΔE of what was ignored; nothing becomes visible later."""
    measured = perceived.measure(perceived.antialiased, "antialiasing", images)
    if rasterised is None:
        return measured
    return measured.measure(rasterised & perceived.ignored, "rasterising", images)


def _restore_corners(
    baseline: Pixels, candidate: Pixels, perceived: Perceived, rasterised: PixelMask | None
) -> Perceived:
    """Make the corners of boxes visible that have another radius.

    `rasterised` are the pixels ignored as rasterised anew, `(H, W)`, if any.
    """
    redrawn = perceived.antialiased
    if rasterised is not None:
        redrawn = (redrawn | rasterised) & perceived.ignored
    if not count(redrawn):
        return perceived
    corners = find_corners(baseline, candidate, perceived.visible.pixels | redrawn) & redrawn
    restored = _restore(perceived, corners)
    if rasterised is None:
        return restored
    fewer = int(np.count_nonzero(corners & ~perceived.antialiased))
    counts = replace(restored.counts, rasterising=restored.counts.rasterising - fewer)
    return restored._replace(counts=counts)


def _restore(perceived: Perceived, pixels: PixelMask) -> Perceived:
    """Make ignored pixels, `(H, W)`, visible again."""
    if not count(pixels):
        return perceived
    fewer = int(np.count_nonzero(pixels & perceived.antialiased))
    counts = perceived.counts
    return perceived._replace(
        visible=make_sparse(perceived.visible.pixels | pixels),
        ignored=perceived.ignored & ~pixels,
        antialiased=perceived.antialiased & ~pixels,
        counts=replace(counts, antialiasing=counts.antialiasing - fewer),
    )
