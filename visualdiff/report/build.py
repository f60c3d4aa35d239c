"""`RunResult` → the report's data; what to show, in which order and in which words."""

import hashlib
from math import log10
from typing import Final
from urllib.parse import quote

from visualdiff.accepted import tell_baseline
from visualdiff.bands import SIDES, count_differing, place_regions, select_bands
from visualdiff.files import relative_to
from visualdiff.ignored import list_ignored
from visualdiff.model import Comparison, PairResult, Region, RunResult, Status
from visualdiff.report.page import Box, Card, ChannelBar, Each, Page, Picture, Row
from visualdiff.settings import Policy
from visualdiff.variants import tell_environment
from visualdiff.verdict import (
    describe_scope,
    format_ratio,
    format_score,
    format_threshold,
    list_scope,
)
from visualdiff.version import __version__

_LABELS: Final = {"baseline": "Baseline", "candidate": "Candidate", "diff": "Difference"}
_ABSENT: Final = {
    Status.NEW: Picture(role="baseline", label="Baseline", note="No baseline yet"),
    Status.MISSING: Picture(role="candidate", label="Candidate", note="No candidate"),
}
_DIFFERENCE_NOTE: Final = "red: visible, amber: ignored"
_UNFOLDED_BOXES: Final = 6
# Where the bars' mark stands, which a channel must reach, and what every bar shows at least.
_MARK_PERCENT: Final = 50.0
_LEAST_PERCENT: Final = 4.0
_ORDER: Final = (Status.FAILED, Status.ERROR, Status.MISSING, Status.NEW)


def build_page(result: RunResult) -> Page:
    """Return the report's data: pairs that need a look first, the worst of them first."""
    config = result.config
    variant = tell_environment(config)
    cards = [item for item in result.results if item.status is not Status.PASSED]
    look = sum(result.policy(item.status) is not Policy.IGNORE for item in cards)
    facts = [
        ("Threshold", f"SSIM ≥ {format_threshold(config.threshold)} on every channel"),
        *([("Preset", config.preset)] if config.preset != "default" else []),
        ("Baselines", relative_to(config.folder, config.baselines)),
        ("Candidates", relative_to(config.folder, config.candidates)),
        *([("Variant", variant)] if variant else []),
        ("Started", result.started),
        ("Duration", _say_duration(result.seconds)),
    ]
    if flaky := sum(item.flaky for item in result.results):
        facts.append(("Flaky", f"{flaky:,} passed, but not at once"))
    if result.command:
        facts.append(("Command", result.command))
    return Page(
        title="visualdiff report",
        headline=_say_headline(look, len(result.results)),
        passed=result.passed,
        counts=tuple((status.value, result.count(status)) for status in Status),
        total=len(result.results),
        facts=tuple(facts),
        warnings=result.warnings,
        cards=Each(_build_card, sorted(cards, key=_urgency)),
        rows=Each(_build_row, [item for item in result.results if item.status is Status.PASSED]),
        version=__version__,
    )


def _say_headline(look: int, total: int) -> str:
    if not look:
        return f"{total:,} screenshots match" if total > 1 else "1 screenshot matches"
    verb = "needs" if look == 1 else "need"
    return f"{look:,} of {total:,} {'screenshots' if total > 1 else 'screenshot'} {verb} a look"


def _say_duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _urgency(item: PairResult) -> tuple[int, float, str]:
    """Sort failures by how many pixels differ, then errors, missing and new ones, by name."""
    diff_pixels = count_differing(item.comparison) if item.comparison else 0
    return _ORDER.index(item.status), -diff_pixels, item.name


def _anchor(item: PairResult) -> str:
    # Several tests may compare with one baseline.
    identity = f"{item.name}\n{item.test}" if item.test else item.name
    return hashlib.sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _build_card(item: PairResult) -> Card:
    comparison = item.comparison
    boxes = _build_boxes(comparison) if comparison else ()
    failed = item.status is Status.ERROR
    return Card(
        anchor=_anchor(item),
        name=item.name,
        test=item.test,
        status=item.status.value,
        reasons=() if failed else item.reasons,
        problems=item.reasons if failed else (),
        warnings=item.warnings,
        facts=_list_facts(item),
        channels=_build_bars(comparison) if comparison else (),
        boxes=boxes[:_UNFOLDED_BOXES],
        more_boxes=boxes[_UNFOLDED_BOXES:],
        pictures=_build_pictures(item),
    )


def _build_row(item: PairResult) -> Row:
    comparison = item.comparison
    tolerated = _say_tolerated(comparison) if comparison else ""
    return Row(
        anchor=_anchor(item),
        name=item.name,
        test=item.test,
        score=format_score(comparison.score, comparison.threshold) if comparison else "",
        note="; ".join(filter(None, (tell_baseline(item), tolerated))),
        warnings=item.warnings,
    )


def _list_facts(item: PairResult) -> tuple[tuple[str, str], ...]:
    baseline = tell_baseline(item)
    told = (("Baseline", baseline),) if baseline else ()
    return (*told, *_list_measures(item.comparison)) if item.comparison else told


def _list_measures(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    sizes = [
        "{} × {}".format(*size) for size in (comparison.baseline_size, comparison.candidate_size)
    ]
    differing = f"{comparison.diff_pixels:,} px ({format_ratio(comparison.diff_ratio)})"
    facts = [
        ("Score", format_score(comparison.score, comparison.threshold)),
        ("Wanted", f"≥ {format_threshold(comparison.threshold)}"),
        *list_scope(comparison),
        ("Visibly different", differing),
        ("Size", sizes[0] if sizes[0] == sizes[1] else " → ".join(sizes)),
    ]
    if comparison.preset != "default":
        facts.append(("Preset", comparison.preset))
    ignored = list_ignored(comparison, verb="")
    return (*facts, ("Ignored", "; ".join(ignored))) if ignored else tuple(facts)


def _say_tolerated(comparison: Comparison) -> str:
    """Return why a pair passed although it differs, and by which preset if not the default."""
    told = [f"{band.description}, allowed" for band in select_bands(comparison.regions)]
    told += list_ignored(comparison)
    if comparison.diff_pixels:
        told.insert(0, f"{comparison.diff_pixels:,} px differ visibly, allowed")
    if told and comparison.preset != "default":
        told.append(f"preset {comparison.preset}")
    scope = describe_scope(comparison)
    is_untouched = min(comparison.raw_channels.values()) == 1 and comparison.fitted == "equal"
    said = "; ".join(told) or ("identical" if is_untouched else "nothing else differs")
    return f"{said}; compared {scope}" if scope else said


def _build_bars(comparison: Comparison) -> tuple[ChannelBar, ...]:
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


def _build_boxes(comparison: Comparison) -> tuple[Box, ...]:
    regions = comparison.regions
    before, after = (place_regions(regions, side, comparison.motion) for side in SIDES)
    placed = enumerate(zip(regions, before, after, strict=True), 1)
    return tuple(_build_box(number, *three, comparison) for number, three in placed)


def _build_box(
    number: int, region: Region, before: Region, after: Region, comparison: Comparison
) -> Box:
    """Return the box of a region; `before` and `after` are as it is drawn on either side."""
    shown = _shown_size("baseline", comparison), _shown_size("candidate", comparison)
    width, height = (max(sides) for sides in zip(*shown, strict=True))
    return Box(
        number=number,
        description=region.description,
        where=_tell_place(region),
        on_baseline=_overlaps(before, shown[0]),
        on_candidate=_overlaps(after, shown[1]),
        left=_to_share(region.x, width),
        top=_to_share(after.y, height),
        width=_to_share(region.width, width),
        height=_to_share(after.height, height),
        baseline_left=_to_share(before.x, width),
        baseline_width=_to_share(before.width, width),
        baseline_top=_to_share(before.y, height),
        baseline_height=_to_share(before.height, height),
    )


def _tell_place(region: Region) -> str:
    place = f"{region.width} × {region.height} px at ({region.x}, {region.y})"
    if region.space == "baseline":
        return f"{place} of the baseline"
    return place if select_bands([region]) else f"{place}, {region.diff_pixels:,} px differ"


def _to_share(pixels: int, whole: int) -> float:
    """Return pixels in percent of a side of the canvas."""
    return round(100 * pixels / whole, 4)


def _overlaps(region: Region, size: tuple[int, int]) -> bool:
    return region.x < size[0] and region.y < size[1]


def _build_pictures(item: PairResult) -> tuple[Picture, ...]:
    absent = _ABSENT.get(item.status)
    pictures = []
    for role in _LABELS:
        if role in item.artifacts:
            pictures.append(_build_picture(role, item))
        elif absent and absent.role == role:
            pictures.append(absent)
    return tuple(pictures)


def _build_picture(role: str, item: PairResult) -> Picture:
    comparison = item.comparison
    width, height = _shown_size(role, comparison) if comparison else item.size or (0, 0)
    return Picture(
        role=role,
        label=_LABELS[role],
        note=_explain_colours(item) if role == "diff" else _tell_size(role, item),
        url=quote(item.artifacts[role]),
        thumbnail=quote(item.artifacts[f"{role}_thumbnail"]),
        mask=quote(item.artifacts.get(f"{role}_mask", "")),
        width=width,
        height=height,
    )


def _explain_colours(item: PairResult) -> str:
    if item.comparison is None:
        return _DIFFERENCE_NOTE
    bands = ", blue: rows" if select_bands(item.comparison.regions) else ""
    masked = ", green hatching: masked" if item.comparison.masked_pixels else ""
    return _DIFFERENCE_NOTE + bands + masked


def _tell_size(role: str, item: PairResult) -> str:
    found = item.comparison
    if found is None:
        return "{} × {}".format(*item.size or (0, 0))
    size = found.baseline_size if role == "baseline" else found.candidate_size
    shown = _shown_size(role, found)
    words = "{} × {}".format(*size)
    return words if size == shown else f"{words}, shown as {shown[0]} × {shown[1]}"


def _shown_size(role: str, comparison: Comparison) -> tuple[int, int]:
    """Return the size of a picture: one that was scaled is shown as large as it was compared."""
    compared = comparison.width, comparison.height
    sizes = {"baseline": comparison.baseline_size, "candidate": comparison.candidate_size}
    if comparison.fitted == "scaled":
        return compared
    if select_bands(comparison.regions):
        return sizes.get(role, comparison.candidate_size)
    return sizes.get(role, compared)
