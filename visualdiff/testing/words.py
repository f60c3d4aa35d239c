"""A result → what a tester reads: enough to act on without opening anything."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from visualdiff.accepted import tell_rank
from visualdiff.files import locate
from visualdiff.ignored import list_ignored
from visualdiff.model import Comparison, PairResult, Region, Status
from visualdiff.report.outputs import find_page
from visualdiff.settings import Config
from visualdiff.urls import find_url
from visualdiff.verdict import format_score, format_threshold, list_scope

_MOST_REGIONS: Final = 3
_HEADLINES: Final = {
    Status.FAILED: "differs from its baseline",
    Status.NEW: "has no baseline",
    Status.ERROR: "could not be compared",
}


def explain_failure(
    result: PairResult, config: Config, accept: str, *, verbose: bool = False
) -> str:
    """Return why an image did not pass, where its files are, and the command that accepts it.

    `verbose` shows all regions, channels, and what was ignored.
    """
    lines = [_say_headline(result)]
    if result.comparison:
        lines += _list_figures(result.comparison, said=lines[0])
        lines += _describe(result.comparison, verbose=verbose)
    lines += [f"warning: {warning}" for warning in result.warnings]
    places = _list_places(result, config)
    if result.status is not Status.ERROR:
        places["accept"] = accept
    lines += [f"{label + ':':10} {place}" for label, place in places.items()]
    return "\n  ".join(lines)


def explain_failures(explained: Sequence[str], compared: int) -> str:
    """Return the failures of a test that went on after them, as `explain_failure` tells each."""
    images = f"{len(explained)} of {compared} images" if compared > 1 else "1 image"
    verb = "does" if len(explained) == 1 else "do"
    return "\n".join([f"{images} {verb} not match (soft)", *explained])


def describe_region(region: Region) -> str:
    """Return a region in words, with its box."""
    place = f"{region.width}×{region.height} px at ({region.x}, {region.y})"
    where = f"{place} of the baseline" if region.space == "baseline" else place
    return f"{region.description}, {where}"


def show_path(path: Path) -> str:
    """Return the URL that a path stands for, or the path, relative if it is inside of here."""
    here, path = Path.cwd(), Path(os.path.normpath(path))
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return find_url(path) or str(shown)


def _say_headline(result: PairResult) -> str:
    reasons = () if result.status is Status.NEW else result.reasons
    headline = f"{result.name} {_HEADLINES[result.status]}"
    return f"{headline}: {'; '.join(reasons)}" if reasons else headline


def _list_figures(found: Comparison, said: str) -> Iterator[str]:
    """Yield the score and the differing pixels, unless they are the reason, and so `said`."""
    if found.score >= found.threshold:
        worst = min(found.channels, key=lambda name: found.channels[name])
        shown = format_score(found.score, found.threshold)
        yield f"score {shown} ({worst}), wanted ≥ {format_threshold(found.threshold)}"
    pixels = f"{found.diff_pixels:,} px differ visibly"
    # Not as a part of a larger number.
    if f" {pixels}" not in said:
        yield pixels


def _describe(found: Comparison, *, verbose: bool) -> Iterator[str]:
    if verbose:
        yield from _list_channels(found)
    shown = found.regions if verbose else found.regions[:_MOST_REGIONS]
    for number, region in enumerate(shown, 1):
        yield f"region {number}: {describe_region(region)}"
    if more := len(found.regions) - len(shown):
        yield f"and {more} more: all with -v, or in the report"
    if verbose:
        yield from list_ignored(found)
        yield from (f"{label}: {text}" for label, text in list_scope(found))


def _list_channels(found: Comparison) -> Iterator[str]:
    for name, score in found.channels.items():
        raw = format_score(found.raw_channels[name])
        yield f"{name}: {format_score(score, found.threshold)}, {raw} with nothing ignored"


def _list_places(result: PairResult, config: Config) -> dict[str, str]:
    """Return the paths of all there is, by what it is."""
    places: dict[str, Path] = {}
    if result.baseline:
        places["baseline"] = locate(config.folder, result.baseline)
    if result.candidate:
        places["candidate"] = locate(config.folder, result.candidate)
    if diff := result.artifacts.get("diff"):
        places["diff"] = config.report / diff
    places["report"] = find_page(config)
    shown = {label: show_path(path) for label, path in places.items()}
    if rank := tell_rank(result):
        shown["baseline"] += f", {rank}"
    return shown
