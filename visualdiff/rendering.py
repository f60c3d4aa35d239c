"""results.json → its report, rendered again: nothing is compared."""

from dataclasses import replace
from pathlib import Path

from visualdiff.errors import ConfigError
from visualdiff.model import RunResult
from visualdiff.report import hold_report, rewrite_page, write_report
from visualdiff.report.copying import copy_assets, list_assets
from visualdiff.report.loading import load_results
from visualdiff.settings import Config


def render_again(
    path: Path,
    report: Path | None = None,
    *,
    single_file: bool = False,
    max_inline_mb: float | None = None,
) -> RunResult:
    """Write index.html again beside the results.json at `path`, or all of the report elsewhere.

    `report` is another folder for it. Return the run with its configuration as it was rendered.
    Raises `ReportError` for a wrong file and where pictures lack or nothing can be written,
    `ConfigError` for a wrong option.
    """
    result = load_results(path)
    folder = result.config.report
    result = replace(
        result, config=_change(result.config, single_file=single_file, max_inline_mb=max_inline_mb)
    )
    if report is None or report.resolve() == folder.resolve():
        list_assets(result.results, folder)
        rewrite_page(result)
        return result
    config = replace(result.config, report=report.absolute())
    images = {"baselines": config.baselines, "candidates": config.candidates}
    result = replace(result, config=config)
    with hold_report(config.report, {**images, "report that is read": folder}):
        copy_assets(result.results, folder, config.report)
        write_report(result)
    return result


def _change(config: Config, *, single_file: bool, max_inline_mb: float | None) -> Config:
    if max_inline_mb is None:
        max_inline_mb = config.max_inline_mb
    elif not max_inline_mb >= 0:  # nor is NaN
        raise ConfigError(f"--max-inline-mb: got {max_inline_mb}, wanted at least 0")
    single_file = single_file or config.single_file
    return replace(config, single_file=single_file, max_inline_mb=max_inline_mb)
