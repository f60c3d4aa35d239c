"""Whether a comparison passes, and why not, in words. Pure policy: no arrays, no files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan

from visualdiff.aspect import explain_refusal
from visualdiff.model import Comparison, FocusScore, Region, Status, Verdict
from visualdiff.settings import Policy, Settings

_MOST_BANDS_SHOWN = 3


def judge(  # noqa: PLR0913 - each is a measurement of its own
    channels: Mapping[str, float],
    diff_pixels: int,
    baseline_size: tuple[int, int],
    candidate_size: tuple[int, int],
    settings: Settings,
    bands: Sequence[Region] = (),
    *,
    masked_pixels: int = 0,
) -> Verdict:
    """Return the verdict on a comparison, decided on unrounded numbers.

    It fails when the lowest channel's score is below the threshold, when too many visible pixels
    differ, when rows were inserted or removed, which `bands` are, and that is not allowed, or when
    the sizes, (width, height), differ for another reason, and are not to be padded. Shares are
    those of the pixels that are not masked.
    """
    compared_pixels = _canvas_pixels(baseline_size, candidate_size) - masked_pixels
    shifted = [_list_bands(bands)] if bands else []
    resized = [] if bands else _judge_size(baseline_size, candidate_size, settings)
    reasons = [
        *([] if settings.on_size_mismatch == "pad" else resized),
        *(shifted if settings.on_shift is Policy.FAIL else []),
        *_judge_shift(bands, settings.max_shift_rows),
        *_judge_score(channels, settings.threshold),
        *_judge_pixels(diff_pixels, compared_pixels, settings, masked=masked_pixels > 0),
    ]
    return Verdict(
        status=Status.FAILED if reasons else Status.PASSED,
        reasons=tuple(reasons),
        warnings=(
            *(resized if settings.on_size_mismatch == "pad" else []),
            *(shifted if settings.on_shift is Policy.WARN else []),
        ),
    )


def judge_focus(verdict: Verdict, scores: Sequence[FocusScore]) -> Verdict:
    """Return the verdict on a pair whose rectangles of focus have thresholds of their own."""
    reasons = [
        f"focus[{number}] ({_place(score)}): {reason}"
        for number, score in enumerate(scores)
        for reason in _judge_score(score.channels, score.threshold)
    ]
    if not reasons:
        return verdict
    return replace(verdict, status=Status.FAILED, reasons=(*verdict.reasons, *reasons))


def describe_scope(comparison: Comparison) -> str:
    """Return which part of the image was compared, or "" where it is all of it."""
    masked, pixels = comparison.masked_pixels, comparison.width * comparison.height
    if not masked:
        return ""
    why = "masked or without a counterpart" if comparison.motion else "masked"
    return f"{format_ratio(1 - masked / pixels)} of the image: {masked:,} px {why}"


def list_scope(comparison: Comparison) -> list[tuple[str, str]]:
    """Return what the score is about, as labels and texts, where that is not all of the image."""
    scope = describe_scope(comparison)
    told = []
    for number, score in enumerate(comparison.focus):
        shown = format_score(score.score, score.threshold)
        wanted = format_threshold(score.threshold)
        told.append((f"focus[{number}]", f"{shown}, wanted ≥ {wanted}, {_place(score)}"))
    return [("Score over", scope), *told] if scope else told


def note_renderer_change(verdict: Verdict, words: str, policy: Policy) -> Verdict:
    """Return the verdict on a pair whose page was re-rasterised, as `words` say, if they do."""
    if not words:
        return verdict
    if policy is Policy.FAIL:
        return replace(verdict, status=Status.FAILED, reasons=(*verdict.reasons, words))
    if policy is Policy.WARN:
        return replace(verdict, warnings=(*verdict.warnings, words))
    return verdict


def describe_renderer_change(coverage: float, flat_pixels: int, ignored_pixels: int) -> str:
    """Return in words that a page was re-rasterised, over which share of its inked blocks."""
    flat = f"{flat_pixels:,} px of flat areas changed" if flat_pixels else "no flat area changed"
    return (
        f"text re-rasterised over {int(100 * coverage)} % of the inked page, {flat}: "
        f"{ignored_pixels:,} px ignored; render both images with the same fonts and browser"
    )


def format_score(score: float, threshold: float | None = None) -> str:
    """Return a score with four digits, or as many as keep it on its side of 1 and the threshold.

    A failing 0.98996 is never shown as 0.9900, nor 0.99999 as 1.0000.
    """
    for digits in range(4, 17):
        text = f"{score:.{digits}f}"
        shown = float(text)
        keeps_one = (shown == 1) == (score == 1)
        if keeps_one and (threshold is None or (shown < threshold) == (score < threshold)):
            return text
    return repr(score)


def format_threshold(threshold: float) -> str:
    """Return a threshold with all its digits, 1.0 as 1; `:g` would round 0.9999999 to 1."""
    return repr(threshold).removesuffix(".0")


def format_ratio(ratio: float, limit: float | None = None) -> str:
    """Return a share of 0..1 in percent, never 0 % or 100 % unless it is so.

    A share above the limit is shown with as many digits as keep it there.
    """
    for digits in range(2, 12):
        text = f"{100 * ratio:.{digits}f}"
        keeps_ends = (float(text) == 0) == (ratio == 0) and (float(text) == 100) == (ratio == 1)
        if keeps_ends and (limit is None or (float(text) > 100 * limit) == (ratio > limit)):
            return f"{text} %"
    return f"{100 * ratio!r} %"


def _place(score: FocusScore) -> str:
    return f"{score.width}×{score.height} px at ({score.x}, {score.y})"


def _judge_size(
    baseline_size: tuple[int, int], candidate_size: tuple[int, int], settings: Settings
) -> list[str]:
    if baseline_size == candidate_size:
        return []
    differences = [
        f"{abs(new - old)} px {larger if new > old else smaller}"
        for old, new, larger, smaller in zip(
            baseline_size,
            candidate_size,
            ("wider", "taller"),
            ("narrower", "shorter"),
            strict=True,
        )
        if new != old
    ]
    sizes = " → ".join("{}×{}".format(*size) for size in (baseline_size, candidate_size))
    words = f"size {sizes}: the candidate is {' and '.join(differences)}"
    if settings.on_size_mismatch == "scale":
        words += f"; {explain_refusal(baseline_size, candidate_size)}"
    return [words]


def _list_bands(bands: Sequence[Region]) -> str:
    more = len(bands) - _MOST_BANDS_SHOWN
    shown = [band.description for band in bands[:_MOST_BANDS_SHOWN]]
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown)


def _judge_shift(bands: Sequence[Region], most: int | None) -> list[str]:
    rows = sum(band.height for band in bands)
    if most is None or rows <= most:
        return []
    return [f"{rows:,} rows inserted or removed, wanted at most {most:,} (max_shift_rows)"]


def _judge_score(channels: Mapping[str, float], threshold: float) -> list[str]:
    # NaN is neither above nor below anything: without the first key it could hide from `min`.
    channel, score = min(channels.items(), key=lambda item: (not isnan(item[1]), item[1]))
    if score >= threshold:
        return []
    wanted = format_threshold(threshold)
    return [f"score {format_score(score, threshold)} < threshold {wanted} ({channel})"]


def _judge_pixels(
    diff_pixels: int, compared_pixels: int, settings: Settings, *, masked: bool
) -> list[str]:
    reasons = []
    ratio = diff_pixels / compared_pixels
    whole = "unmasked image" if masked else "image"
    limit = settings.max_diff_pixels
    if limit is None and settings.max_diff_ratio is None:
        limit = 0
    if limit is not None and diff_pixels > limit:
        share = format_ratio(ratio)
        reasons.append(
            f"{diff_pixels:,} px differ visibly ({share} of the {whole}), wanted at most {limit:,}"
        )
    if settings.max_diff_ratio is not None and ratio > settings.max_diff_ratio:
        share = format_ratio(ratio, settings.max_diff_ratio)
        wanted = f"{100 * settings.max_diff_ratio:.15g}"
        if float(share.removesuffix(" %")) <= float(wanted):
            # Rounded, a limit just below a share is the same number.
            wanted = repr(100 * settings.max_diff_ratio)
        reasons.append(
            f"{share} of the {whole} differs visibly ({diff_pixels:,} px), "
            f"wanted at most {wanted} %"
        )
    return reasons


def _canvas_pixels(baseline_size: tuple[int, int], candidate_size: tuple[int, int]) -> int:
    return max(baseline_size[0], candidate_size[0]) * max(baseline_size[1], candidate_size[1])
