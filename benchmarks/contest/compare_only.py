"""visualdiff's whole comparison, SSIM, perception and regions, without pictures and report.

Every pair passes, whatever it holds: pictures are written for failed ones only.
"""

import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.contest.arguments import write_answers
from visualdiff.config import load_config
from visualdiff.pairing import find_pairs
from visualdiff.runner import run_pairs
from visualdiff.settings import Policy


def main() -> None:
    """Compare the pairs that a configuration names: `CONFIG ANSWERS`."""
    config = load_config(Path(sys.argv[1]), max_diff_ratio=1.0)
    # SSIM goes down to -1, where a file may not set the threshold.
    config = replace(config, threshold=-1.0, on_shift=Policy.IGNORE)
    result = run_pairs(find_pairs(config), config)
    answers = {}
    for item in result.results:
        found = item.comparison
        if found is None:
            raise RuntimeError(f"{item.name}: {item.reasons}")
        answers[item.name] = {
            "differs": found.score < 1 or bool(found.regions),
            "score": found.score,
            "diff_pixels": found.diff_pixels,
            "raw_channels": dict(found.raw_channels),
            "regions": [{"kind": region.kind} for region in found.regions],
            "sizes": [found.baseline_size, found.candidate_size],
        }
    write_answers(Path(sys.argv[2]), answers)
