"""`RunResult` → results.json, the machine interface; described by results.schema.json beside this.

History of `schema_version`: 1, the first. Keys are only added to it: last, what `run` tells of its
configuration, so that the file alone can be rendered again (`loading`), of its shard, and how many
results are of earlier runs.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, asdict, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any, Final

from visualdiff.files import relative_to
from visualdiff.globs import resolve_settings
from visualdiff.groups import find_groups
from visualdiff.model import (
    Comparison,
    Group,
    IgnoredPixels,
    Motion,
    PairResult,
    Region,
    RunResult,
    Shard,
    Status,
)
from visualdiff.settings import Config, Settings
from visualdiff.variants import describe_environment
from visualdiff.version import __version__

SCHEMA_VERSION: Final = 1
# What `run` tells apart from its settings, or what concerns one machine only. Overrides are told
# by the settings of each pair.
_NO_SETTINGS: Final = ("folder", "baselines", "candidates", "report", "cache", "overrides")


def render_results(result: RunResult) -> Iterator[bytes]:
    """Yield results.json entry by entry: UTF-8, sorted by name, no NaN."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "visualdiff_version": __version__,
        "run": _describe_run(result),
        "summary": {
            "total": len(result.results),
            **{status.value: result.count(status) for status in Status},
        },
    }
    yield _dump(document).removesuffix(b"\n}")
    entries = _describe_pairs(result)
    yield from _dump_list("results", entries)
    groups = find_groups(result.results)
    yield from _dump_list("groups", (_describe_group(item, result.results) for item in groups))
    yield b"\n}\n"


def _describe_run(result: RunResult) -> dict[str, Any]:
    config = result.config
    return {
        "passed": result.passed,
        "command": result.command,
        "started": result.started,
        "seconds": round(result.seconds, 3),
        "reused": result.reused,
        "warnings": list(result.warnings),
        "folder": relative_to(config.report, config.folder),
        "baselines": relative_to(config.folder, config.baselines),
        "candidates": relative_to(config.folder, config.candidates),
        "settings": _describe_config(config),
        "interrupted": result.interrupted or None,
        **_describe_shard(result.shard),
    }


def _describe_shard(shard: Shard | None) -> dict[str, Any]:
    if shard is None:
        return dict.fromkeys(("shard", "fingerprint", "pairs"))
    pairs = {"total": shard.total, "missing": shard.missing, "new": shard.new}
    return {"shard": str(shard), "fingerprint": shard.fingerprint, "pairs": pairs}


def _describe_config(config: Config) -> dict[str, Any]:
    """Return the settings of a run as those of a pair, but for its folders and overrides."""
    if config.variants != Config.__dataclass_fields__["variants"].default:
        # Whoever reads this may be on another platform.
        config = replace(config, variables=describe_environment(config))
    told = _describe_settings(config, config.folder)
    return {name: value for name, value in told.items() if name not in _NO_SETTINGS}


def _dump_list(key: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a key at the end of a document, and its list entry by entry."""
    start, end = f',\n "{key}": ['.encode(), b"]"
    for entry in entries:
        # One step deeper than an entry alone; within a text, JSON writes a line break as \n.
        yield start + b"\n  " + _dump(entry).replace(b"\n", b"\n  ")
        start, end = b",", b"\n ]"
    yield start.removesuffix(b",") + end


def _dump(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    # A path whose bytes are not UTF-8 holds lone surrogates: they become JSON's own escapes.
    return text.encode("utf-8", "backslashreplace")


def _describe_group(group: Group, results: Sequence[PairResult]) -> dict[str, Any]:
    """Return an entry of `groups`; tests may share a name, so each pair is told with its test."""
    pairs = (results[place] for place in group.pairs)
    return {
        "id": group.id,
        "kind": group.kind,
        "description": group.description,
        "count": len(group.pairs),
        "pairs": [{"name": item.name, "test": item.test or None} for item in pairs],
    }


def _describe_pairs(result: RunResult) -> Iterator[dict[str, Any]]:
    resolve = resolve_settings(result.config)
    # By identity, since 1 and 1.0 are equal, but not written alike.
    known: dict[int, dict[str, Any]] = {}
    for item in result.results:
        settings = item.settings or resolve(item.name)
        told = known.get(id(settings)) or _describe_settings(settings, result.config.folder)
        if not item.settings:  # these are shared, and stay
            known[id(settings)] = told
        yield _describe_pair(item, settings, told)


def _describe_pair(
    item: PairResult, settings: Settings, told: Mapping[str, Any]
) -> dict[str, Any]:
    """Return an entry of `results`; what was not measured is null or empty."""
    return {
        "name": item.name,
        "status": item.status,
        "reasons": list(item.reasons),
        "warnings": list(item.warnings),
        "threshold": (item.comparison or settings).threshold,
        "settings": told,
        **_describe_comparison(item.comparison, item.size),
        "baseline": item.baseline,
        "alternates": list(item.alternates),
        "candidate": item.candidate,
        "target": item.target,
        "artifacts": dict(item.artifacts),
        "hashes": dict(item.hashes),
        "test": item.test or None,
        "attempts": item.attempts,
        "flaky": item.flaky,
        "updated": item.updated,
        "seconds": None if item.seconds is None else round(item.seconds, 3),
    }


def describe_comparison(comparison: Comparison, settings: Settings) -> dict[str, Any]:
    """Return a comparison of two images as `visualdiff compare --json` prints it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "visualdiff_version": __version__,
        "status": comparison.status,
        "reasons": list(comparison.reasons),
        "warnings": list(comparison.warnings),
        "threshold": comparison.threshold,
        "settings": _describe_settings(settings, Path()),
        **_describe_comparison(comparison),
    }


def _describe_settings(settings: Settings, folder: Path) -> dict[str, Any]:
    """Return the preset and all settings that are not the defaults."""
    values = asdict(settings)
    values["mask_images"] = [relative_to(folder, path) for path in settings.mask_images]
    return {
        item.name: values[item.name]
        for item in fields(settings)
        if item.name == "preset" or getattr(settings, item.name) != _default(item)
    }


def _default(item: "Field[Any]") -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory()


def load_results_schema() -> dict[str, Any]:
    """Return the JSON Schema of results.json."""
    text = resources.files("visualdiff.report").joinpath("results.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _describe_comparison(
    comparison: Comparison | None, size: tuple[int, int] | None = None
) -> dict[str, Any]:
    if comparison is None:
        absent = ("score", "diff_pixels", "diff_ratio", "baseline_size", "candidate_size")
        width, height = size or (None, None)
        return {
            **dict.fromkeys(absent),
            "fitted": None,
            "motion": None,
            "width": width,
            "height": height,
            "channels": {},
            "raw_channels": {},
            "ignored_pixels": {},
            "masked_pixels": None,
            "focus": [],
            "largest_ignored": {},
            "regions": [],
        }
    return {
        "score": comparison.score,
        "channels": dict(comparison.channels),
        "raw_channels": dict(comparison.raw_channels),
        "ignored_pixels": _list_fields(comparison.ignored_pixels),
        "masked_pixels": comparison.masked_pixels,
        "focus": [asdict(score) for score in comparison.focus],
        "largest_ignored": dict(comparison.largest_ignored),
        "diff_pixels": comparison.diff_pixels,
        "diff_ratio": comparison.diff_ratio,
        "width": comparison.width,
        "height": comparison.height,
        "baseline_size": list(comparison.baseline_size),
        "candidate_size": list(comparison.candidate_size),
        "fitted": comparison.fitted,
        "motion": _list_fields(comparison.motion) if comparison.motion else None,
        "regions": [_list_fields(region) for region in comparison.regions],
    }


def _list_fields(flat: IgnoredPixels | Motion | Region) -> dict[str, Any]:
    """Return the fields of what holds no list; `asdict`, which looks for some, is slower."""
    return {item.name: getattr(flat, item.name) for item in fields(flat)}
