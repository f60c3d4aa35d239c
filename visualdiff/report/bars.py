"""Scores of channels → bars whose marks tell whether they pass."""

from math import log10
from typing import Final

from visualdiff.model import Comparison
from visualdiff.report.page import ChannelBar
from visualdiff.verdict import format_score

# Where the bars' mark stands, which a channel must reach, and what every bar shows at least.
_MARK_PERCENT: Final = 50.0
_LEAST_PERCENT: Final = 4.0


def build_bars(comparison: Comparison) -> tuple[ChannelBar, ...]:
    """Return a bar for each channel."""
    threshold = comparison.threshold
    bars = []
    for name, score in comparison.channels.items():
        shown, raw = format_score(score, threshold), format_score(comparison.raw_channels[name])
        bars.append(
            ChannelBar(
                name=name,
                score=shown,
                note="" if raw == shown else f"{raw} with nothing ignored",
                percent=_to_percent(score, threshold),
                threshold_percent=_MARK_PERCENT,
                failed=not score >= threshold,
            )
        )
    return tuple(bars)


def _to_percent(score: float, threshold: float) -> float:
    """Return how far a bar reaches: half way at the threshold, a quarter more for each tenth.

    The scale is logarithmic in the distance from 1, as scores of screenshots lie close to 1; on a
    linear one every bar looks full, or, stretched around the threshold, every failure empty.
    """
    passed, distance = score >= threshold, 1 - score
    if distance <= 0:
        return 100.0
    allowed = max(1 - threshold, 1e-6)
    percent = _MARK_PERCENT - 25 * log10(distance / allowed)
    percent = min(max(percent, _LEAST_PERCENT), 100.0)
    # Rounding must not carry a bar across the mark.
    return round(max(percent, _MARK_PERCENT) if passed else min(percent, _MARK_PERCENT), 2)
