"""Which visible differences are noise after all: they are judged with what lies around them."""

from dataclasses import replace

import numpy as np

from visualdiff.corners import find_corners
from visualdiff.grain import find_grain
from visualdiff.perception import Perceived
from visualdiff.rasterising import Explained, explain_by_rasterising
from visualdiff.redrawn import find_redrawn
from visualdiff.settings import Settings
from visualdiff.tints import find_tints
from visualdiff.tiles import PixelMask, Pixels, make_empty_mask, make_sparse


def judge_noise(
    baseline: Pixels,
    candidate: Pixels,
    perceived: Perceived,
    settings: Settings,
    *,
    opaque: bool,
    masked: PixelMask | None = None,
) -> tuple[Perceived, Explained | None]:
    """Return what is left of the visible differences, and how the page was rasterised anew, if so.

    Images are `(H, W, C)`. Only `opaque` ones can be taken for rasterised anew, all of a page or a
    thing on it, and only if anti-aliasing is ignored. Nothing differs under what is `masked`.
    """
    images = baseline, candidate
    may_be_redrawn = opaque and settings.antialiasing == "ignore"
    if may_be_redrawn and perceived.antialiased.any():
        perceived = _restore(perceived, find_tints(*images, perceived.antialiased))
    explained = None
    if may_be_redrawn:
        explained = explain_by_rasterising(*images, perceived.visible, masked)
    if explained:
        perceived = _ignore(perceived, explained.pixels, "rasterising")
    if settings.tolerance > 0 and perceived.visible.rows.any():
        grain = find_grain(*images, perceived.visible, settings.tolerance)
        perceived = _ignore(perceived, grain, "tolerance")
    if may_be_redrawn and not explained and perceived.visible.rows.any():
        redrawn = find_redrawn(*images, perceived.visible, perceived.antialiased)
        perceived = _ignore(perceived, redrawn, "antialiasing")
    if may_be_redrawn:
        nothing = make_empty_mask(perceived.ignored.shape)
        rasterised = explained.pixels if explained else nothing
        perceived = _restore_corners(*images, perceived, rasterised)
    return perceived, explained


def _ignore(perceived: Perceived, pixels: PixelMask, reason: str) -> Perceived:
    """Ignore visible pixels, `(H, W)`, for a reason that `IgnoredPixels` names."""
    more = int(np.count_nonzero(pixels))
    if not more:
        return perceived
    antialiased, counts = perceived.antialiased, perceived.counts
    return Perceived(
        make_sparse(perceived.visible.pixels & ~pixels),
        perceived.ignored | pixels,
        antialiased | pixels if reason == "antialiasing" else antialiased,
        replace(counts, **{reason: getattr(counts, reason) + more}),
    )


def _restore_corners(
    baseline: Pixels, candidate: Pixels, perceived: Perceived, rasterised: PixelMask
) -> Perceived:
    """Make the corners of boxes visible that have another radius.

    `rasterised` are the pixels ignored as rasterised anew, `(H, W)`.
    """
    drawn_anew = perceived.antialiased | rasterised
    if not drawn_anew.any():
        return perceived
    corners = find_corners(baseline, candidate, perceived.visible.pixels | drawn_anew)
    restored = _restore(perceived, corners & drawn_anew)
    fewer = int(np.count_nonzero(corners & rasterised))
    counts = replace(restored.counts, rasterising=restored.counts.rasterising - fewer)
    return restored._replace(counts=counts)


def _restore(perceived: Perceived, pixels: PixelMask) -> Perceived:
    """Make ignored pixels, `(H, W)`, visible again."""
    if not pixels.any():
        return perceived
    visible, ignored, antialiased, counts = perceived
    fewer = int(np.count_nonzero(pixels & antialiased))
    return Perceived(
        make_sparse(visible.pixels | pixels),
        ignored & ~pixels,
        antialiased & ~pixels,
        replace(counts, antialiasing=counts.antialiasing - fewer),
    )
