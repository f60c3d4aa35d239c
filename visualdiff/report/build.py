"""`RunResult` → the report's data; what to show, in which order and in which words."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import isfinite
from typing import Final

from visualdiff.files import relative_to
from visualdiff.globs import resolve_settings
from visualdiff.groups import find_groups
from visualdiff.heat import HEAT
from visualdiff.identity import identify_run
from visualdiff.model import PairResult, RunResult, Shard
from visualdiff.remote.traffic import bring_all
from visualdiff.report.assets import Inlined, choose_inlined, embed, measure_assets, say_size
from visualdiff.report.entries import build_entry, identify
from visualdiff.report.page import Each, Entry, Page, SharedChange
from visualdiff.report.urgency import ORDER, rank, say_headline
from visualdiff.settings import Policy, Settings
from visualdiff.variants import tell_environment
from visualdiff.verdict import format_threshold
from visualdiff.version import __version__

# The page tells of each pair twice. So many entries, of those that are first, are three megabytes.
_KEPT: Final = 1000


def build_page(result: RunResult) -> Page:
    """Return the report's data: pairs that need a look first, the worst of them first."""
    config = result.config
    variant = tell_environment(config)
    look = sum(result.policy(item.status) is not Policy.IGNORE for item in result.results)
    facts = [
        ("Threshold", f"SSIM ≥ {format_threshold(config.threshold)} on every channel"),
        *([("Preset", config.preset)] if config.preset != "default" else []),
        ("Baselines", relative_to(config.folder, config.baselines)),
        ("Candidates", relative_to(config.folder, config.candidates)),
        *([("Variant", variant)] if variant else []),
        *([("Shard", tell_shard(result.shard, len(result.results)))] if result.shard else []),
        ("Started", result.started),
        ("Duration", _say_duration(result.seconds)),
        *([("Unchanged", tell_reused(result))] if result.reused else []),
    ]
    if flaky := sum(item.flaky for item in result.results):
        facts.append(("Flaky", f"{flaky:,} passed, but not at once"))
    ordered = sorted(result.results, key=rank)
    inlined = Inlined((), 0)
    if config.single_file:
        inlined = choose_inlined(config.report, ordered, config.max_inline_mb)
        bring_all(config.report / path for path in inlined.paths)
    facts += _tell_assets(result, inlined)
    if result.command:
        facts.append(("Command", result.command))
    return Page(
        title="visualdiff report",
        headline=say_headline(result, look),
        passed=result.passed,
        counts=tuple((status.value, result.count(status)) for status in ORDER),
        total=len(result.results),
        facts=tuple(facts),
        warnings=result.warnings,
        entries=Each(partial(_build_entry, resolve=resolve_settings(config)), ordered, _KEPT),
        files=Each(partial(embed, config.report), inlined.paths),
        version=__version__,
        run=_identify(result),
        legend=tuple(_list_heat()),
        shared=tuple(_list_shared(result.results)),
    )


def _identify(result: RunResult) -> str:
    candidates = (
        (item.name, item.test, item.hashes.get("candidate", "")) for item in result.results
    )
    return identify_run(result.started, candidates)


def tell_shard(shard: Shard, pairs: int) -> str:
    """Return which share of a run `pairs` are, in words."""
    told = f"{shard}: {pairs:,} of {shard.total:,} pairs"
    return told if pairs else f"{told}; the other shards have them all"


def tell_reused(result: RunResult) -> str:
    """Return how many pairs were not compared again, in words."""
    return f"{result.reused:,} of {len(result.results):,} pairs, since an earlier run"


def _tell_assets(result: RunResult, inlined: Inlined) -> list[tuple[str, str]]:
    count, size = measure_assets(result.config.report, result.results)
    facts = [("Pictures", f"{say_size(size)} in {count:,} files")] if count else []
    if inlined.left_out:
        limit = say_size(result.config.max_inline_mb * 1e6)
        pairs = f"{inlined.left_out:,} pair{'s' if inlined.left_out > 1 else ''}"
        facts.append(("Not in this file", f"pictures of {pairs}, beyond {limit}: see assets/"))
    return facts


def _build_entry(item: PairResult, resolve: Callable[[str], Settings]) -> Entry:
    return build_entry(item, item.settings or resolve(item.name))


def _list_shared(results: Sequence[PairResult]) -> Iterator[SharedChange]:
    for group in find_groups(results):
        yield SharedChange(
            id=group.id,
            kind=group.kind.value,
            description=group.description,
            pairs=tuple(identify(results[place]) for place in group.pairs),
        )


def _list_heat() -> Iterator[tuple[str, str]]:
    """Yield the steps of a difference image: up to which ΔE in words, and the colour."""
    for step, last in zip(HEAT, (None, *HEAT), strict=False):
        words = (
            f"≤ {step.up_to:g}" if isfinite(step.up_to) or last is None else f"> {last.up_to:g}"
        )
        yield words, "#{:02x}{:02x}{:02x}".format(*step.colour)


def _say_duration(seconds: float) -> str:
    seconds = round(seconds, 3)  # as results.json has it, of which the page may be made again
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
