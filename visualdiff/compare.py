"""Two arrays and settings → `Comparison`. Pure: no files, no processes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from visualdiff.align import align_rows, move_mask, moves_unmasked
from visualdiff.bands import select_bands
from visualdiff.canvas import Canvas, is_opaque, lay_out, unify_layout
from visualdiff.floating import tell_what_floats
from visualdiff.focus import choose_threshold, score_equal_focus, score_focus
from visualdiff.masks import MaskImage, find_masking
from visualdiff.model import Comparison, IgnoredPixels, Region, RegionKind
from visualdiff.noise import judge_noise
from visualdiff.perception import Perceived, perceive
from visualdiff.rasterising import Explained
from visualdiff.regions import find_regions
from visualdiff.settings import Settings
from visualdiff.ssim import Channels, measure_ssim
from visualdiff.tiles import (
    PixelMask,
    Pixels,
    make_empty_mask,
)
from visualdiff.veil import veil
from visualdiff.verdict import describe_renderer_change, judge, judge_focus, note_renderer_change

# (width, height) of the baseline and of the candidate, in pixels.
Sizes: TypeAlias = tuple[tuple[int, int], tuple[int, int]]

_CHANNELS: Final = {
    1: ("gray",),
    3: ("red", "green", "blue"),
    4: ("red", "green", "blue", "alpha"),
}
# Fewer differing rows are looked at as they are: rows of text that moved are more.
_LEAST_SHIFTED_ROWS: Final = 64


class Compared(NamedTuple):
    """A comparison and the arrays that its pictures are drawn from.

    `baseline` and `candidate` are `(H, W, C)`; `visible` and `ignored` are `(H, W)` masks of the
    candidate's differing pixels; `masked` is what is left out of either image, if anything. All
    are for reading only, and on a canvas that holds both images; but where rows were inserted or
    removed, the candidate and its masks have their own height.
    """

    comparison: Comparison
    baseline: Pixels
    candidate: Pixels
    visible: PixelMask
    ignored: PixelMask
    masked: tuple[PixelMask | None, PixelMask | None] = (None, None)


def compare_arrays(
    baseline: Pixels,
    candidate: Pixels,
    settings: Settings,
    mask_images: Sequence[MaskImage] = (),
) -> Compared:
    """Compare two images and judge the result.

    Images are gray, RGB or RGBA, `(H, W)` or `(H, W, C)`, uint8 or uint16, of any two sizes: the
    smaller is padded, never resampled, and the pixels that only one of them has differ visibly.
    `mask_images` are what `settings.mask_images` names. Raises `MaskError` for masks that do not
    fit the baseline, or leave nothing of it.
    """
    sizes = _size(baseline), _size(candidate)
    masking = find_masking(sizes[0], settings, mask_images, baseline)
    warnings = _warn_of_depth(baseline, candidate)
    baseline, candidate = unify_layout(baseline, candidate)
    opaque = is_opaque(baseline) and is_opaque(candidate)
    names = _CHANNELS[3 if opaque and baseline.shape[2] == 4 else baseline.shape[2]]
    page = before = veil(lay_out(baseline, candidate, opaque=opaque), masking)
    bands: tuple[Region, ...] = ()
    raw = None
    if settings.align == "rows" and _may_have_shifted(page.shown, settings):
        aligned = align_rows(baseline, candidate, names[0])
        if aligned and moves_unmasked(aligned, masking.masked):
            raw = _measure_raw(page.canvas, settings)
            bands = aligned.bands
            moved = masking.change(partial(move_mask, aligned=aligned))
            page = veil(lay_out(aligned.baseline, candidate, opaque=opaque), moved)
    canvas, shown, masked = page.canvas, page.shown, page.masking.masked
    perceived = perceive(*shown.compared, shown.paired, settings)
    perceived, explained = judge_noise(
        shown.pictures, perceived, shown.differing.rows, settings, opaque=opaque, masked=masked
    )
    visible, ignored, _, counts = _add_hidden(perceived, page.hidden)
    renderer_change = _describe(explained, counts)
    regions = find_regions(*shown.compared, visible, names)
    regions = bands + tell_what_floats(regions, bands, baseline, candidate, visible.pixels)
    diff_pixels = int(np.count_nonzero(visible.pixels[visible.rows]))
    seen = visible.pixels
    if canvas.unpaired is not None:
        regions += _find_strips(sizes, names)
        seen = seen | canvas.unpaired
        diff_pixels += int(np.count_nonzero(canvas.unpaired))
    images = canvas.compared
    here, channels = measure_ssim(*images, canvas.differing, ignored, settings.ssim, masked)
    facts = {"ignored_pixels": counts, "regions": regions, "warnings": warnings}
    facts["raw_channels"] = dict(zip(names, raw or here, strict=True))
    facts["masked_pixels"] = _count(masked)
    facts["focus"] = score_focus(page, seen, ignored, settings, names)
    by_name = dict(zip(names, channels, strict=True))
    comparison = _conclude(by_name, diff_pixels, sizes, settings, renderer_change, **facts)
    masks = before.masking.masked, masked
    old = before.canvas.pictures[0]
    return Compared(comparison, old, canvas.pictures[1], seen, ignored, masks)


def _measure_raw(canvas: Canvas, settings: Settings) -> Channels:
    """Return the scores of a canvas with nothing ignored."""
    nothing = make_empty_mask(canvas.differing.pixels.shape)
    raw, _ = measure_ssim(*canvas.compared, canvas.differing, nothing, settings.ssim)
    return raw


def _may_have_shifted(canvas: Canvas, settings: Settings) -> bool:
    """Return whether so many rows differ that they may have been moved as a whole."""
    if canvas.unpaired is not None:
        return True
    rows = canvas.differing.rows
    if canvas.compared[0].shape[2] == 4:
        # What moved where nobody can see it did not move.
        rows = perceive(*canvas.compared, canvas.paired, settings).visible.rows
    return int(np.count_nonzero(rows)) >= _LEAST_SHIFTED_ROWS


def _add_hidden(perceived: Perceived, hidden: PixelMask | None) -> Perceived:
    """Add the differing pixels under masks to the ignored ones of a canvas that hides them."""
    if hidden is None:
        return perceived
    counts = replace(perceived.counts, masked=_count(hidden))
    # Two arrays of a page are joined only if both say something.
    ignored = perceived.ignored | hidden if perceived.counts.total else hidden
    return perceived._replace(ignored=ignored, counts=counts)


def _count(mask: PixelMask | None) -> int:
    return 0 if mask is None else int(np.count_nonzero(mask))


def _describe(explained: Explained | None, counts: IgnoredPixels) -> str:
    """Return in words how the page was rasterised anew, or "" if it was not."""
    if explained is None:
        return ""
    return describe_renderer_change(explained.coverage, explained.flat_pixels, counts.rasterising)


def conclude_identical(
    size: tuple[int, int],
    names: tuple[str, ...],
    settings: Settings,
    mask_images: Sequence[MaskImage] = (),
) -> Comparison:
    """Return the comparison of two images known to be equal, (width, height), without pixels.

    They have no `mask_colour`, which could be told by their pixels only. Raises `MaskError` as
    `compare_arrays` does: a mask that does not fit may hide a change tomorrow.
    """
    masking = find_masking(size, settings, mask_images)
    channels = dict.fromkeys(names, 1.0)
    nothing: dict[str, Any] = {"ignored_pixels": IgnoredPixels(), "regions": ()}
    nothing["masked_pixels"] = _count(masking.masked)
    nothing["focus"] = score_equal_focus(masking, settings, names)
    return _conclude(channels, 0, (size, size), settings, raw_channels=channels, **nothing)


def _conclude(
    channels: Mapping[str, float],
    diff_pixels: int,
    sizes: Sizes,
    settings: Settings,
    renderer_change: str = "",
    **more: Any,
) -> Comparison:
    """Return a comparison with its verdict; `more` are the fields that the verdict leaves out."""
    bands = select_bands(more["regions"])
    settings = choose_threshold(settings)
    verdict = judge(
        channels, diff_pixels, *sizes, settings, bands, masked_pixels=more["masked_pixels"]
    )
    verdict = judge_focus(verdict, more["focus"])
    verdict = note_renderer_change(verdict, renderer_change, settings.on_renderer_change)
    warnings = more.pop("warnings", ()) + verdict.warnings
    width, height = (max(sides) for sides in zip(*sizes, strict=True))
    return Comparison(
        status=verdict.status,
        reasons=verdict.reasons,
        threshold=settings.threshold,
        score=min(channels.values()),
        channels=channels,
        diff_pixels=diff_pixels,
        diff_ratio=diff_pixels / (width * height - more["masked_pixels"]),
        width=width,
        height=height,
        baseline_size=sizes[0],
        candidate_size=sizes[1],
        warnings=warnings,
        **more,
    )


def _size(image: Pixels) -> tuple[int, int]:
    return image.shape[1], image.shape[0]


def _warn_of_depth(baseline: Pixels, candidate: Pixels) -> tuple[str, ...]:
    depths = {image.dtype.itemsize * 8 for image in (baseline, candidate)}
    if depths == {8}:
        return ()
    if depths == {16}:
        return ("16-bit images, compared at 16 bits",)
    return ("one image has 8 bits per channel, the other 16: compared at 16 bits",)


def _find_strips(sizes: Sizes, names: tuple[str, ...]) -> tuple[Region, ...]:
    """Return the strips at the right and at the bottom that only one image has.

    The corner that both strips could claim belongs to the right one: no pixel counts twice.
    """
    (old_width, old_height), (new_width, new_height) = sizes
    common_width, common_height = min(old_width, new_width), min(old_height, new_height)
    strips = []
    if old_width != new_width:
        owner, height = (
            ("candidate", new_height) if new_width > old_width else ("baseline", old_height)
        )
        strips.append((owner, common_width, 0, abs(new_width - old_width), height))
    if old_height != new_height:
        owner = "candidate" if new_height > old_height else "baseline"
        strips.append((owner, 0, common_height, common_width, abs(new_height - old_height)))
    return tuple(_strip_region(*strip, names[0]) for strip in strips)


def _strip_region(owner: str, x: int, y: int, width: int, height: int, channel: str) -> Region:
    return Region(
        x=x,
        y=y,
        width=width,
        height=height,
        diff_pixels=width * height,
        kind=RegionKind.CHANGED,
        space="candidate",
        channel=channel,
        description=f"only in the {owner}, which is {'taller' if x == 0 else 'wider'}",
    )
