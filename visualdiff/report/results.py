"""`RunResult` → results.json, the machine interface; described by results.schema.json beside this.

History of `schema_version`: 1, the first.
"""

import json
from dataclasses import asdict
from importlib import resources
from typing import Any, Final

from visualdiff.config import settings_for
from visualdiff.model import Comparison, Config, PairResult, RunResult, Status
from visualdiff.version import __version__

SCHEMA_VERSION: Final = 1


def render_results(result: RunResult) -> bytes:
    """Return results.json: UTF-8, sorted by name, no NaN."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "visualdiff_version": __version__,
        "run": {
            "passed": result.passed,
            "command": result.command,
            "started": result.started,
            "seconds": round(result.seconds, 3),
            "warnings": list(result.warnings),
        },
        "summary": {
            "total": len(result.results),
            **{status.value: result.count(status) for status in Status},
        },
        "results": [describe_pair(item, result.config) for item in result.results],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    # A path whose bytes are not UTF-8 holds lone surrogates: they become JSON's own escapes.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def describe_pair(item: PairResult, config: Config) -> dict[str, Any]:
    """Return an entry of `results`; what was not measured is null or empty."""
    # The overrides are looked through again only for a pair that was never judged by them.
    judged = item.comparison or settings_for(config, item.name)
    return {
        "name": item.name,
        "status": item.status,
        "reasons": list(item.reasons),
        "warnings": list(item.warnings),
        "threshold": judged.threshold,
        **_describe_comparison(item.comparison, item.size),
        "baseline": item.baseline,
        "candidate": item.candidate,
        "artifacts": dict(item.artifacts),
    }


def describe_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison of two images as `visualdiff compare --json` prints it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "visualdiff_version": __version__,
        "status": comparison.status,
        "reasons": list(comparison.reasons),
        "warnings": list(comparison.warnings),
        "threshold": comparison.threshold,
        **_describe_comparison(comparison),
    }


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
            "width": width,
            "height": height,
            "channels": {},
            "raw_channels": {},
            "ignored_pixels": {},
            "regions": [],
        }
    return {
        "score": comparison.score,
        "channels": dict(comparison.channels),
        "raw_channels": dict(comparison.raw_channels),
        "ignored_pixels": asdict(comparison.ignored_pixels),
        "diff_pixels": comparison.diff_pixels,
        "diff_ratio": comparison.diff_ratio,
        "width": comparison.width,
        "height": comparison.height,
        "baseline_size": list(comparison.baseline_size),
        "candidate_size": list(comparison.candidate_size),
        "regions": [asdict(region) for region in comparison.regions],
    }
