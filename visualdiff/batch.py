"""A configuration → a run and its report: `visualdiff run`, and the same from Python."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from visualdiff.concluding import list_warnings
from visualdiff.errors import ConfigError
from visualdiff.listing import refuse_overlap
from visualdiff.model import TERMINATED, PairResult, RunResult
from visualdiff.pairing import Pairing, pair_folders
from visualdiff.report import hold_report, write_report
from visualdiff.report.outputs import NOWHERE, refuse_places
from visualdiff.runner import run_pairs, warn_of_overrides
from visualdiff.settings import Config, Output
from visualdiff.sharding import take_share

_MOST_NAMES: Final = 3


class Listener:
    """Hears how a run goes on; by itself it does nothing."""

    def start(self, total: int) -> None:
        """Hear how many pairs there are."""

    def advance(self, result: PairResult) -> None:
        """Hear of a pair as soon as it is compared."""

    def report(self, result: RunResult) -> None:
        """Hear of the run when its report is written."""


_NOBODY: Final = Listener()


def run(
    config: Config,
    *,
    command: str = "",
    shard: tuple[int, int] | None = None,
    outputs: Mapping[Output, Path] = NOWHERE,
    listener: Listener = _NOBODY,
) -> RunResult:
    """Compare all pairs of a configuration and write the report to its `report` folder.

    `shard`, such as (2, 4), takes the second of four shares of the pairs.
    `outputs` are files that are written beside, or instead, those that its `reports` name.
    Ctrl-C, and SIGTERM where it raises `SystemExit(143)`, go on once the report tells what was
    compared until then. Except on Linux, a script that calls this needs
    `if __name__ == "__main__":`, because workers are spawned there. Raises `ConfigError` when
    nothing can be compared.
    """
    refuse_places(config, outputs)
    pairing = pair_folders(config)
    pairs = pairing.pairs
    unused = tuple(warn_of_overrides(config, [pair.name for pair in pairs]))
    if config.strict and unused:
        raise ConfigError(*(f"{told} (strict: true)" for told in unused))
    images = {"baselines": config.baselines, "candidates": config.candidates}
    cache = {"cache": config.cache} if config.cache else {}
    for key, folder in cache.items():
        refuse_overlap(key, folder, images)
    with hold_report(config.report, images | cache):
        mine, share = take_share(pairs, config, *shard) if shard else (pairs, None)
        listener.start(len(mine))
        result = run_pairs(mine, config, command=command, on_result=listener.advance)
        if share:
            result = replace(result, shard=share)
        told = (*list_warnings(result), *unused, *_list_left_out(pairing))
        result = replace(result, warnings=(*told, *result.warnings))
        write_report(result, outputs)
    listener.report(result)
    if result.interrupted == "Ctrl-C":
        raise KeyboardInterrupt
    if result.interrupted:
        raise SystemExit(TERMINATED)
    return result


def _list_left_out(pairing: Pairing) -> Iterator[str]:
    """Yield a warning of each kind of images that were not compared."""
    for names, what, why in (
        (pairing.elsewhere, "baseline", "of other variants"),
        (pairing.hidden, "image", "whose name begins with a dot"),
    ):
        if names:
            count = f"{len(names):,} {what}{'s' if len(names) > 1 else ''}"
            told = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
            yield f"not compared: {count} {why}: {told}"
