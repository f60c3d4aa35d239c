"""Two arrays and settings → `Comparison`. Pure: no files, no processes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np

from visualdiff.aspect import Size
from visualdiff.bands import select_bands
from visualdiff.canvas import Canvas, is_opaque, lay_out, unify_layout
from visualdiff.changes import identify_changes
from visualdiff.floating import tell_what_floats
from visualdiff.focus import choose_threshold, score_equal_focus, score_focus
from visualdiff.masks import MaskImage, find_masking
from visualdiff.model import Comparison, IgnoredPixels
from visualdiff.noise import judge_noise
from visualdiff.overlay import lay_over
from visualdiff.perceived import Perceived
from visualdiff.perception import perceive
from visualdiff.rasterising import Explained
from visualdiff.regions import find_regions
from visualdiff.settings import Settings
from visualdiff.sizes import find_strips, fit_sizes, measure
from visualdiff.specks import find_specks
from visualdiff.ssim import Channels, measure_ssim
from visualdiff.tiles import (
    PixelMask,
    Pixels,
    make_empty_mask,
)
from visualdiff.veil import Veiled, veil
from visualdiff.verdict import describe_renderer_change, judge, judge_focus, note_renderer_change

_CHANNELS: Final = {
    1: ("gray",),
    3: ("red", "green", "blue"),
    4: ("red", "green", "blue", "alpha"),
}


class Compared(NamedTuple):
    """A comparison and the arrays that its pictures are drawn from.

    `baseline` and `candidate` are `(H, W, C)`; `overlaid` is the baseline as it was laid over the
    candidate, with the candidate's shape: the baseline itself where nothing was aligned. `visible`
    and `ignored` are `(H, W)` masks of the candidate's differing pixels, `unpaired` those of the
    visible ones that only one image has, if any; `masked` is what is left out of either image, if
    anything. All are for reading only, and on a canvas that holds both images; but where rows were
    inserted or removed, the candidate and its masks have their own height.
    """

    comparison: Comparison
    baseline: Pixels
    candidate: Pixels
    overlaid: Pixels
    visible: PixelMask
    ignored: PixelMask
    unpaired: PixelMask | None = None
    masked: tuple[PixelMask | None, PixelMask | None] = (None, None)


def compare_arrays(
    baseline: Pixels,
    candidate: Pixels,
    settings: Settings,
    mask_images: Sequence[MaskImage] = (),
) -> Compared:
    """Compare two images and judge the result.

    Images are gray, RGB or RGBA, `(H, W)` or `(H, W, C)`, uint8 or uint16, of any two sizes.
    `mask_images` are what `settings.mask_images` names. Raises `MaskError` for masks that do not
    fit the baseline, or leave nothing of it.
    """
    sizes = measure(baseline), measure(candidate)
    warnings = _warn_of_depth(baseline, candidate)
    fitted = fit_sizes(*unify_layout(baseline, candidate), settings.on_size_mismatch)
    opaque = is_opaque(fitted.baseline) and is_opaque(fitted.candidate)
    masking = find_masking(sizes[0], settings, mask_images, baseline).change(fitted.change_mask)
    as_is = veil(lay_out(fitted.baseline, fitted.candidate, opaque=opaque), masking)
    names = _CHANNELS[as_is.canvas.pictures[0].shape[2]]
    overlay = lay_over(fitted, as_is, masking, settings, names[0])
    page = overlay.page
    canvas, shown, masked = page.canvas, page.shown, page.masking.masked
    perceived, explained = _sort_out(page, settings, opaque=opaque)
    visible, ignored, _, counts, largest = perceived
    regions = find_regions(*shown.compared, visible, names)
    images = fitted.baseline, fitted.candidate
    regions = overlay.bands + tell_what_floats(regions, overlay.bands, *images, visible.pixels)
    diff_pixels = int(np.count_nonzero(visible.pixels[visible.rows]))
    seen = visible.pixels
    if canvas.unpaired is not None:
        regions += find_strips(fitted.sizes, names[0])
        seen = seen | canvas.unpaired
        diff_pixels += int(np.count_nonzero(canvas.unpaired))
    raw, channels = _score(canvas, ignored, masked, settings)
    if page is not as_is:
        raw = _measure_raw(as_is.canvas, settings)
    facts = {
        "baseline_size": sizes[0],
        "candidate_size": sizes[1],
        "raw_channels": dict(zip(names, raw, strict=True)),
        "ignored_pixels": counts,
        "largest_ignored": largest,
        "masked_pixels": _count(masked),
        "focus": score_focus(page, seen, ignored, settings, names),
        "regions": regions,
        "warnings": (*warnings, *fitted.warnings, *overlay.warnings),
        "fitted": "aligned" if overlay.bands and fitted.how == "padded" else fitted.how,
        "motion": overlay.motion,
    }
    renderer_change = _describe(explained, counts)
    by_name = dict(zip(names, channels, strict=True))
    comparison = _conclude(by_name, diff_pixels, fitted.sizes, settings, renderer_change, **facts)
    if not comparison.passed:
        # Nobody asks for what passed, and on a page that differs all over it costs a tenth.
        regions = identify_changes(regions, images, canvas, visible.pixels)
        comparison = replace(comparison, regions=regions)
    overlaid, candidate = canvas.pictures
    return Compared(
        comparison,
        as_is.canvas.pictures[0],
        candidate,
        overlaid,
        seen,
        ignored,
        canvas.unpaired,
        (as_is.masking.masked, masked),
    )


def _score(
    canvas: Canvas, ignored: PixelMask, masked: PixelMask | None, settings: Settings
) -> tuple[Channels, Channels]:
    """Return the scores of a canvas, with nothing ignored and as it is judged."""
    if canvas.unpaired is not None and settings.on_size_mismatch == "pad":
        # What one image lacks counts as pixels; a score against black padding would say nothing.
        unscored = canvas.unpaired if masked is None else masked | canvas.unpaired
        # Where nothing else is left, it is the truth: the images have nothing in common.
        if not unscored.all():
            ignored, masked = ignored | canvas.unpaired, unscored
    return measure_ssim(*canvas.compared, canvas.differing, ignored, settings.ssim, masked)


def _measure_raw(canvas: Canvas, settings: Settings) -> Channels:
    """Return the scores of a canvas with nothing ignored."""
    nothing = make_empty_mask(canvas.differing.pixels.shape)
    raw, _ = measure_ssim(*canvas.compared, canvas.differing, nothing, settings.ssim)
    return raw


def _sort_out(
    page: Veiled, settings: Settings, *, opaque: bool
) -> tuple[Perceived, Explained | None]:
    """Return what is visible and what is ignored, and whether the page was rasterised anew."""
    shown, masked = page.shown, page.masking.masked
    perceived = perceive(*shown.compared, shown.paired, settings)
    perceived, explained = judge_noise(
        shown.pictures, perceived, shown.differing.rows, settings, opaque=opaque, masked=masked
    )
    specks = find_specks(perceived.visible, settings.min_region_pixels)
    perceived = perceived.ignore(specks, "small").measure(specks, "small", shown.pictures)
    return _add_hidden(perceived, page.hidden), explained


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
    size: Size,
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
    nothing |= {"raw_channels": channels, "baseline_size": size, "candidate_size": size}
    return _conclude(channels, 0, (size, size), settings, **nothing)


def _conclude(
    channels: Mapping[str, float],
    diff_pixels: int,
    sizes: tuple[Size, Size],
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
        warnings=warnings,
        preset=settings.preset,
        tolerance=settings.tolerance,
        **more,
    )


def _warn_of_depth(baseline: Pixels, candidate: Pixels) -> tuple[str, ...]:
    depths = {image.dtype.itemsize * 8 for image in (baseline, candidate)}
    if depths == {8}:
        return ()
    if depths == {16}:
        return ("16-bit images, compared at 16 bits",)
    return ("one image has 8 bits per channel, the other 16: compared at 16 bits",)
