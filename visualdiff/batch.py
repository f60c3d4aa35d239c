"""A configuration → a run and its report: `visualdiff run`, and the same from Python."""

from collections.abc import Callable

from visualdiff.model import RunResult
from visualdiff.pairing import find_pairs
from visualdiff.report import prepare_report, write_report
from visualdiff.runner import Progress, run_pairs
from visualdiff.settings import Config


def run(
    config: Config,
    *,
    command: str = "",
    on_start: Callable[[int], None] = lambda _: None,
    on_result: Progress = lambda _: None,
) -> RunResult:
    """Compare all pairs of a configuration and write the report to its `report` folder.

    `on_start` is called with the number of pairs, `on_result` with each `PairResult` as it
    arrives. Except on Linux, a script that calls this with more than one worker needs
    `if __name__ == "__main__":`, because workers are spawned there. Raises `ConfigError` when
    nothing can be compared.
    """
    pairs = find_pairs(config)
    prepare_report(config.report, {"baselines": config.baselines, "candidates": config.candidates})
    on_start(len(pairs))
    result = run_pairs(pairs, config, command=command, on_result=on_result)
    write_report(result)
    return result
