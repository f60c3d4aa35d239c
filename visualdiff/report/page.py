"""What the HTML report shows, as plain data: `RunResult` in, `Page` out, no HTML.

Templates only place these values; every number is already text, every path already a URL.
"""

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from visualdiff.files import relative_to
from visualdiff.model import Comparison, IgnoredPixels, PairResult, Region, RunResult, Status
from visualdiff.verdict import format_ratio, format_score
from visualdiff.version import __version__

_PICTURES: Final = (("baseline", "Baseline"), ("candidate", "Candidate"), ("diff", "Difference"))
_ORDER: Final = (Status.FAILED, Status.ERROR, Status.MISSING, Status.NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelBar:
    """One channel's score as a bar; `threshold_percent` is where the bar must reach to pass."""

    name: str
    score: str
    raw_score: str
    percent: float
    threshold_percent: float
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A region, its place in percent of the canvas so that it scales with the picture."""

    number: int
    kind: str
    description: str
    where: str
    on_baseline: bool
    on_candidate: bool
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A full-size picture and its thumbnail; `thumbnail` is empty when there is none."""

    role: str
    label: str
    url: str
    thumbnail: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A pair that did not pass."""

    anchor: str
    name: str
    status: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    channels: tuple[ChannelBar, ...]
    boxes: tuple[Box, ...]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A pair that passed."""

    anchor: str
    name: str
    score: str
    note: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole report."""

    title: str
    headline: str
    passed: bool
    counts: tuple[tuple[str, int], ...]
    total: int
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    cards: tuple[Card, ...]
    rows: tuple[Row, ...]
    version: str


def build_page(result: RunResult) -> Page:
    """Return the report's data: pairs that need a look first, the worst of them first."""
    config = result.config
    look = [item for item in result.results if item.status is not Status.PASSED]
    facts = [
        ("Threshold", f"SSIM ≥ {config.threshold:g} on every channel"),
        ("Baselines", relative_to(config.folder, config.baselines)),
        ("Candidates", relative_to(config.folder, config.candidates)),
        ("Started", result.started),
        ("Duration", _say_duration(result.seconds)),
    ]
    if result.command:
        facts.append(("Command", result.command))
    return Page(
        title="visualdiff report",
        headline=_say_headline(len(look), len(result.results)),
        passed=result.passed,
        counts=tuple((status.value, result.count(status)) for status in Status),
        total=len(result.results),
        facts=tuple(facts),
        warnings=result.warnings,
        cards=tuple(_build_card(item) for item in sorted(look, key=_urgency)),
        rows=tuple(_build_row(item) for item in result.results if item.status is Status.PASSED),
        version=__version__,
    )


def _say_headline(look: int, total: int) -> str:
    if not look:
        return f"{total:,} screenshots match" if total > 1 else "1 screenshot matches"
    verb = "needs" if look == 1 else "need"
    return f"{look:,} of {total:,} {'screenshots' if total > 1 else 'screenshot'} {verb} a look"


def _say_duration(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f} min {rest:.0f} s" if minutes else f"{rest:.1f} s"


def _urgency(item: PairResult) -> tuple[int, float, str]:
    """Sort failures by how many pixels differ, then errors, missing and new ones, by name."""
    diff_pixels = item.comparison.diff_pixels if item.comparison else 0
    return _ORDER.index(item.status), -diff_pixels, item.name


def _anchor(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _build_card(item: PairResult) -> Card:
    comparison = item.comparison
    return Card(
        anchor=_anchor(item.name),
        name=item.name,
        status=item.status.value,
        reasons=item.reasons,
        warnings=item.warnings,
        facts=_list_facts(comparison),
        channels=_build_bars(comparison) if comparison else (),
        boxes=tuple(
            _build_box(number, region, comparison)
            for number, region in enumerate(comparison.regions, 1)
        )
        if comparison
        else (),
        pictures=tuple(
            _build_picture(role, label, item)
            for role, label in _PICTURES
            if role in item.artifacts
        ),
    )


def _build_row(item: PairResult) -> Row:
    comparison = item.comparison
    return Row(
        anchor=_anchor(item.name),
        name=item.name,
        score=format_score(comparison.score, comparison.threshold) if comparison else "",
        note=_say_ignored(comparison.ignored_pixels) if comparison else "",
        warnings=item.warnings,
    )


def _list_facts(comparison: Comparison | None) -> tuple[tuple[str, str], ...]:
    if comparison is None:
        return ()
    sizes = [
        "{} × {}".format(*size) for size in (comparison.baseline_size, comparison.candidate_size)
    ]
    differing = f"{comparison.diff_pixels:,} px ({format_ratio(comparison.diff_ratio)})"
    facts = [
        ("Score", format_score(comparison.score, comparison.threshold)),
        ("Wanted", f"≥ {comparison.threshold:g}"),
        ("Visibly different", differing),
        ("Size", sizes[0] if sizes[0] == sizes[1] else " → ".join(sizes)),
    ]
    ignored = _say_ignored(comparison.ignored_pixels)
    return (*facts, ("Ignored", ignored)) if comparison.ignored_pixels.total else tuple(facts)


def _say_ignored(ignored: IgnoredPixels) -> str:
    reasons = (
        (ignored.masked, "masked"),
        (ignored.transparent, "under full transparency"),
        (ignored.tolerance, "below the tolerance"),
        (ignored.antialiasing, "of anti-aliasing"),
    )
    told = [f"{pixels:,} px {reason}" for pixels, reason in reasons if pixels]
    return ", ".join(told) if told else "identical"


def _build_bars(comparison: Comparison) -> tuple[ChannelBar, ...]:
    """Return a bar for each channel on a scale that puts the threshold in the middle.

    On a scale from 0 every bar would look full: scores of screenshots lie close to 1.
    """
    threshold = comparison.threshold
    span = 2 * max(1 - threshold, 0.005)
    return tuple(
        ChannelBar(
            name=name,
            score=format_score(score, threshold),
            raw_score=format_score(comparison.raw_channels[name]),
            percent=round(100 * min(max(1 - (1 - score) / span, 0), 1), 2),
            threshold_percent=round(100 * (1 - (1 - threshold) / span), 2),
            failed=not score >= threshold,
        )
        for name, score in comparison.channels.items()
    )


def _build_box(number: int, region: Region, comparison: Comparison) -> Box:
    width, height = comparison.width, comparison.height
    return Box(
        number=number,
        kind=region.kind.value,
        description=region.description,
        where=f"{region.width} × {region.height} px at ({region.x}, {region.y}), "
        f"{region.diff_pixels:,} px differ, most in {region.channel}",
        on_baseline=_overlaps(region, comparison.baseline_size),
        on_candidate=_overlaps(region, comparison.candidate_size),
        left=round(100 * region.x / width, 4),
        top=round(100 * region.y / height, 4),
        width=round(100 * region.width / width, 4),
        height=round(100 * region.height / height, 4),
    )


def _overlaps(region: Region, size: tuple[int, int]) -> bool:
    return region.x < size[0] and region.y < size[1]


def _build_picture(role: str, label: str, item: PairResult) -> Picture:
    width, height = _picture_size(role, item)
    return Picture(
        role=role,
        label=label,
        url=quote(item.artifacts[role]),
        thumbnail=quote(item.artifacts.get(f"{role}_thumbnail", "")),
        width=width,
        height=height,
    )


def _picture_size(role: str, item: PairResult) -> tuple[int, int]:
    comparison = item.comparison
    if comparison is None:
        return item.size or (0, 0)
    sizes = {"baseline": comparison.baseline_size, "candidate": comparison.candidate_size}
    return sizes.get(role, (comparison.width, comparison.height))
