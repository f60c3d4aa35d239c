"""results.json → its report, rendered again: nothing is compared."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from visualdiff.errors import ConfigError
from visualdiff.model import RunResult
from visualdiff.report import hold_report, rewrite_page, write_report
from visualdiff.report.copying import copy_assets, list_assets
from visualdiff.report.loading import load_results
from visualdiff.report.outputs import NOWHERE, refuse_places
from visualdiff.settings import Config, Output


def render_again(
    path: Path,
    report: Path | None = None,
    outputs: Mapping[Output, Path] = NOWHERE,
    **changes: object,
) -> RunResult:
    """Write index.html again beside the results.json at `path`, or all of the report elsewhere.

    `report` is another folder for it, `outputs` are files of further outputs. `changes` are
    settings of how it is rendered, but None for those that stay. Return the run with its
    configuration as it was rendered. Raises `ReportError` for a wrong file and where pictures lack
    or nothing can be written, `ConfigError` for a wrong setting.
    """
    result = load_results(path)
    folder = result.config.report
    result = replace(result, config=_change(result.config, changes))
    refuse_places(result.config, outputs)
    if report is None or report.resolve() == folder.resolve():
        list_assets(result.results, folder)
        rewrite_page(result, outputs)
        return result
    config = replace(result.config, report=report.absolute())
    refuse_places(config, outputs)
    images = {"baselines": config.baselines, "candidates": config.candidates}
    result = replace(result, config=config)
    with hold_report(config.report, {**images, "report that is read": folder}):
        copy_assets(result.results, folder, config.report)
        write_report(result, outputs)
    return result


def _change(config: Config, changes: Mapping[str, object]) -> Config:
    given: dict[str, Any] = {key: value for key, value in changes.items() if value is not None}
    size = given.get("max_inline_mb", 0.0)
    if not size >= 0:  # nor is NaN
        raise ConfigError(f"--max-inline-mb: got {size}, wanted at least 0")
    return replace(config, **given)
