"""A configuration → a run and its report: `visualdiff run`, and the same from Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from visualdiff.model import RunResult
from visualdiff.pairing import pair_folders
from visualdiff.report import hold_report, write_report
from visualdiff.runner import Progress, run_pairs, warn_of_overrides, warn_of_statuses
from visualdiff.settings import Config, Output
from visualdiff.sharding import take_share

_MOST_NAMES: Final = 3
_NOWHERE: Final[Mapping[Output, Path]] = {}


def run(
    config: Config,
    *,
    command: str = "",
    shard: tuple[int, int] | None = None,
    outputs: Mapping[Output, Path] = _NOWHERE,
    on_start: Callable[[int], None] = lambda _: None,
    on_result: Progress = lambda _: None,
) -> RunResult:
    """Compare all pairs of a configuration and write the report to its `report` folder.

    `shard`, such as (2, 4), takes the second of four shares of the pairs.
    `outputs` are files that are written beside, or instead, those that its `reports` name.
    `on_start` is called with the number of pairs, `on_result` with each `PairResult` as it
    arrives. Except on Linux, a script that calls this with more than one worker needs
    `if __name__ == "__main__":`, because workers are spawned there. Raises `ConfigError` when
    nothing can be compared.
    """
    pairs, elsewhere = pair_folders(config)
    images = {"baselines": config.baselines, "candidates": config.candidates}
    with hold_report(config.report, images):
        mine, share = take_share(pairs, config, *shard) if shard else (pairs, None)
        on_start(len(mine))
        result = run_pairs(mine, config, command=command, on_result=on_result)
        if share:
            result = replace(result, shard=share)
            unused = warn_of_overrides(config, [pair.name for pair in pairs])
            result = replace(result, warnings=(*warn_of_statuses(result), *unused))
        result = replace(result, warnings=(*result.warnings, *_tell_elsewhere(elsewhere)))
        write_report(result, outputs)
    return result


def _tell_elsewhere(names: Sequence[str]) -> tuple[str, ...]:
    """Return a warning of baselines that were not compared, as they are of another variant."""
    if not names:
        return ()
    count = f"{len(names):,} baselines" if len(names) > 1 else "1 baseline"
    told = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
    return (f"not compared: {count} of other variants: {told}",)
