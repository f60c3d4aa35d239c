"""How far a comparison is from the other verdict, in words."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal
from math import isnan

from visualdiff.bands import select_bands
from visualdiff.model import Comparison
from visualdiff.settings import Settings
from visualdiff.verdict import format_threshold


def tell_margin(comparison: Comparison, settings: Settings) -> str:
    """Return how far each measure is from its limit, on whichever side; "" for equal images.

    "0.0087 above the threshold 0.99 (blue); 120 of 500 allowed px differ". `settings` are those
    that the pair was compared with. Of rectangles of focus, the one nearest to failing is told,
    where it is nearer than the whole.
    """
    if _is_untouched(comparison):
        return ""
    return "; ".join(_list_margins(comparison, settings))


def _is_untouched(comparison: Comparison) -> bool:
    return (
        comparison.fitted == "equal"
        and comparison.motion is None
        and not comparison.regions
        and not comparison.ignored_pixels.total
    )


def _list_margins(comparison: Comparison, settings: Settings) -> Iterator[str]:
    scores = [("", comparison.score, comparison.threshold, comparison.channels)]
    for number, area in enumerate(comparison.focus):
        scores.append((f"focus[{number}]: ", area.score, area.threshold, area.channels))
    where, score, threshold, channels = min(scores, key=lambda item: item[1] - item[2])
    if not isnan(score):
        lowest = [name for name, value in channels.items() if value == score]
        which = f" ({lowest[0]})" if len(lowest) < len(channels) else ""
        yield f"{where}{_tell_distance(score, threshold)}{which}"
    allowed = _count_allowed(comparison, settings)
    if allowed or comparison.diff_pixels:
        yield _tell_amount(comparison.diff_pixels, allowed, "px differ")
    else:
        yield "any visible px would fail"
    bands, most = select_bands(comparison.regions), settings.max_shift_rows
    if bands and most is not None:
        rows = sum(band.height for band in bands)
        yield _tell_amount(rows, most, "rows inserted or removed")


def _tell_distance(score: float, threshold: float) -> str:
    """Return how far a score is from its threshold, with four digits or the first that is not 0.

    What follows is cut off, so that nothing looks further from failing than it is.
    """
    # As people write them: in binary, 0.9986 - 0.99 is 0.00859999.
    distance = Decimal(str(score)) - Decimal(str(threshold))
    wanted = f"the threshold {format_threshold(threshold)}"
    if not distance:
        return f"at {wanted}"
    last = Decimal(1).scaleb(min(distance.adjusted(), -4))
    shown = abs(distance).quantize(last, ROUND_DOWN)
    return f"{shown:f} {'above' if distance > 0 else 'below'} {wanted}"


def _count_allowed(comparison: Comparison, settings: Settings) -> int:
    """Return how many pixels may differ: the stricter of both limits, and none without any."""
    limits = []
    if settings.max_diff_pixels is not None:
        limits.append(settings.max_diff_pixels)
    if settings.max_diff_ratio is not None:
        pixels = comparison.width * comparison.height - comparison.masked_pixels
        most = int(settings.max_diff_ratio * pixels)
        # A product may be rounded, where the verdict divides.
        near = (most - 1, most, most + 1)
        limits.append(max(n for n in near if n / pixels <= settings.max_diff_ratio))
    return min(limits, default=0)


def _tell_amount(count: int, most: int, what: str) -> str:
    if count > most:
        return f"{count:,} {what}, {count - most:,} more than allowed"
    return f"{count:,} of {most:,} allowed {what}"
