"""One `PairResult` → its entry in the report: what is told of a pair, and in which words."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from visualdiff.accepted import tell_baseline
from visualdiff.affine import to_affine
from visualdiff.bands import (
    SIDES,
    Piece,
    Side,
    count_differing,
    list_pieces,
    place_regions,
    select_bands,
)
from visualdiff.identity import identify_pair
from visualdiff.ignored import list_ignored
from visualdiff.margin import tell_margin
from visualdiff.model import Comparison, PairResult, Region, Status
from visualdiff.report.bars import build_bars
from visualdiff.report.page import Box, Entry, Picture, Rectangle
from visualdiff.settings import Settings
from visualdiff.verdict import (
    describe_scope,
    format_ratio,
    format_score,
    format_threshold,
    list_scope,
)

_LABELS: Final = {"baseline": "Baseline", "candidate": "Candidate", "diff": "Difference"}
_MOST_REGIONS: Final = 3
_ABSENT: Final = {
    Status.NEW: Picture(role="baseline", label="Baseline", note="No baseline yet"),
    Status.MISSING: Picture(role="candidate", label="Candidate", note="No candidate"),
}


def identify(item: PairResult) -> str:
    """Return what a link to a pair calls it."""
    return identify_pair(item.name, item.test)


def build_entry(item: PairResult, settings: Settings) -> Entry:
    """Return the entry of a pair, which was compared with these settings."""
    if item.comparison is None:
        return _build_uncompared(item)
    comparison = item.comparison
    passed = item.status is Status.PASSED
    differing = count_differing(comparison)
    return Entry(
        id=identify(item),
        name=item.name,
        test=item.test,
        status=item.status.value,
        score=format_score(comparison.score, comparison.threshold),
        wanted=format_threshold(comparison.threshold),
        margin=tell_margin(comparison, settings) if passed else "",
        note=_explain_pass(item, comparison) if passed else "",
        rank_score=comparison.score,
        changed_share=differing / (comparison.width * comparison.height),
        changed=_tell_changed(comparison),
        reasons=() if passed else item.reasons,
        warnings=item.warnings,
        facts=_list_facts(item, comparison),
        channels=build_bars(comparison),
        boxes=_build_boxes(comparison),
        pictures=_build_pictures(item),
        size=_measure_canvas(comparison),
        pieces=_list_pieces(comparison),
        motion=_lay_motion(comparison),
        ignored=quote(item.artifacts.get("ignored", "")),
        pixels=quote(item.artifacts.get("pixels", "")),
        hash=item.hashes.get("candidate", ""),
    )


def _build_uncompared(item: PairResult) -> Entry:
    baseline = tell_baseline(item)
    return Entry(
        id=identify(item),
        name=item.name,
        test=item.test,
        status=item.status.value,
        reasons=item.reasons,
        warnings=item.warnings,
        facts=(("Baseline", baseline),) if baseline else (),
        pictures=_build_pictures(item),
        size=item.size or (),
        hash=item.hashes.get("candidate", ""),
    )


def _tell_changed(comparison: Comparison) -> str:
    return f"{comparison.diff_pixels:,} px ({format_ratio(comparison.diff_ratio)})"


def _list_facts(item: PairResult, comparison: Comparison) -> tuple[tuple[str, str], ...]:
    baseline = tell_baseline(item)
    sizes = [
        "{} × {}".format(*size) for size in (comparison.baseline_size, comparison.candidate_size)
    ]
    ignored = list_ignored(comparison, verb="")
    return (
        *((("Baseline", baseline),) if baseline else ()),
        ("Score", format_score(comparison.score, comparison.threshold)),
        ("Wanted", f"≥ {format_threshold(comparison.threshold)}"),
        *list_scope(comparison),
        ("Visibly different", _tell_changed(comparison)),
        ("Size", sizes[0] if sizes[0] == sizes[1] else " → ".join(sizes)),
        *([("Preset", comparison.preset)] if comparison.preset != "default" else []),
        *([("Ignored", "; ".join(ignored))] if ignored else []),
    )


def _explain_pass(item: PairResult, comparison: Comparison) -> str:
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
    compared = f"{said}; compared {scope}" if scope else said
    return "; ".join(filter(None, (tell_baseline(item), compared)))


def _build_boxes(comparison: Comparison) -> tuple[Box, ...]:
    regions = comparison.regions
    before, after = (place_regions(regions, side, comparison.motion) for side in SIDES)
    placed = enumerate(zip(regions, before, after, strict=True), 1)
    return tuple(_build_box(number, *three, comparison) for number, three in placed)


def _build_box(
    number: int, region: Region, before: Region, after: Region, comparison: Comparison
) -> Box:
    """Return the box of a region; `before` and `after` are as it is drawn on either side."""
    return Box(
        number=number,
        kind=region.kind.value,
        description=region.description,
        where=tell_place(region),
        change=region.change,
        baseline=_to_rectangle(before, "baseline", comparison),
        candidate=_to_rectangle(after, "candidate", comparison),
    )


def _to_rectangle(region: Region, side: Side, comparison: Comparison) -> Rectangle | tuple[()]:
    width, height = _show_size(side, comparison)
    if region.x >= width or region.y >= height + (not region.height):
        return ()
    return region.x, region.y, region.width, region.height


def list_first_regions(item: PairResult, tell: Callable[[Region], str]) -> list[str]:
    """Return the first regions of a pair as `tell` says them, and how many more there are."""
    regions = item.comparison.regions if item.comparison else ()
    more = len(regions) - _MOST_REGIONS
    told = [tell(region) for region in regions[:_MOST_REGIONS]]
    return [*told, f"... and {more:,} more region{'s' if more > 1 else ''}"] if more > 0 else told


def describe_region(region: Region) -> str:
    """Return what happened in a region, and where it is."""
    return f"{region.description}: {tell_place(region)}"


def tell_place(region: Region) -> str:
    """Return where a region is, and how much of it differs."""
    place = f"{region.width} × {region.height} px at ({region.x}, {region.y})"
    if region.space == "baseline":
        return f"{place} of the baseline"
    return place if select_bands([region]) else f"{place}, {region.diff_pixels:,} px differ"


def _list_pieces(comparison: Comparison) -> tuple[Piece, ...]:
    if not select_bands(comparison.regions):
        return ()
    return list_pieces(comparison.regions, *comparison.baseline_size)


def _lay_motion(comparison: Comparison) -> tuple[float, ...]:
    if comparison.motion is None:
        return ()
    found = to_affine(comparison.motion)
    return found.a, found.b, -found.b, found.a, found.dx, found.dy


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
    width, height = _show_size(role, comparison) if comparison else item.size or (0, 0)
    return Picture(
        role=role,
        label=_LABELS[role],
        note="by ΔE, on the candidate" if role == "diff" else _tell_size(role, item),
        url=quote(item.artifacts[role]),
        thumbnail=quote(item.artifacts[f"{role}_thumbnail"]),
        mask=quote(item.artifacts.get(f"{role}_mask", "")),
        width=width,
        height=height,
    )


def _tell_size(role: str, item: PairResult) -> str:
    found = item.comparison
    if found is None:
        return "{} × {}".format(*item.size or (0, 0))
    size = found.baseline_size if role == "baseline" else found.candidate_size
    shown = _show_size(role, found)
    words = "{} × {}".format(*size)
    return words if size == shown else f"{words}, shown as {shown[0]} × {shown[1]}"


def _measure_canvas(comparison: Comparison) -> tuple[int, int]:
    sizes = (_show_size(role, comparison) for role in _LABELS)
    width, height = (max(sides) for sides in zip(*sizes, strict=True))
    return width, height


def _show_size(role: str, comparison: Comparison) -> tuple[int, int]:
    """Return the size of a picture: one that was scaled is shown as large as it was compared."""
    compared = comparison.width, comparison.height
    sizes = {"baseline": comparison.baseline_size, "candidate": comparison.candidate_size}
    if comparison.fitted == "scaled":
        return compared
    if select_bands(comparison.regions):
        return sizes.get(role, comparison.candidate_size)
    return sizes.get(role, compared)
