"""What was ignored, and why, in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from visualdiff.model import Comparison, PairResult

_WORDS: Final = {
    "masked": "under masks",
    "transparent": "under full transparency",
    "tolerance": "below the tolerance",
    "grain": "of grain",
    "antialiasing": "of anti-aliasing",
    "rasterising": "of re-rasterised ink",
    "small": "in places too small to count",
}


def list_ignored(comparison: Comparison, *, verb: str = "ignored") -> list[str]:
    """Return a line for each reason: "1,204 px of anti-aliasing ignored, largest ΔE 4.1"."""
    lines = []
    for reason in _WORDS:
        if not (pixels := getattr(comparison.ignored_pixels, reason)):
            continue
        line = f"{pixels:,} px {_WORDS[reason]} {verb}".rstrip()
        if reason in comparison.largest_ignored:
            largest = comparison.largest_ignored[reason]
            line += f", largest ΔE {format_delta_e(largest, comparison.tolerance)}"
        lines.append(line)
    return lines


def sum_up_ignored(results: Iterable[PairResult]) -> str:
    """Return in one line what was ignored in all pairs together, or "" if nothing was."""
    pixels: Counter[str] = Counter()
    pairs = 0
    for item in results:
        if item.comparison and item.comparison.ignored_pixels.total:
            pixels.update(asdict(item.comparison.ignored_pixels))
            pairs += 1
    told = ", ".join(
        f"{pixels[reason]:,} px {words}" for reason, words in _WORDS.items() if pixels[reason]
    )
    return f"ignored in {pairs:,} {'pair' if pairs == 1 else 'pairs'}: {told}" if pairs else ""


def format_delta_e(value: float, tolerance: float) -> str:
    """Return a ΔE with one digit, or as many as keep it on its side of the tolerance.

    What is above a tolerance of 1 by little is never shown as 1.0, nor what is below 0.96 as 1.0.
    """
    for digits in range(1, 8):
        text = f"{value:.{digits}f}"
        if (float(text) > tolerance) == (value > tolerance):
            return text
    return repr(value)
