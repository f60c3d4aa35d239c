"""Run targets one after the other: how many inputs each was given, and what was found."""

import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Final

from fuzzing.targets import TARGETS

# Inputs that led to new places, kept between runs, and those that were found.
_PLACE: Final = Path(os.environ.get("FUZZED", Path(__file__).parent))
_KEPT: Final = _PLACE / ".corpus"
_FOUND: Final = _PLACE / ".findings"
_OPTIONS: Final = (
    "-timeout=20",
    "-rss_limit_mb=2000",
    "-max_len=4096",
    "-print_final_stats=1",
    "-verbosity=0",
)


def main() -> int:
    """Fuzz all targets, or those that are named; return 1 if something was found."""
    parser = ArgumentParser("python -m fuzzing", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target; default: 1")
    options = parser.parse_args()
    print(f"{'target':15}{'runs':>12}  findings")
    found = [fuzz(name, options.minutes) for name in options.targets or TARGETS]
    return 1 if any(found) else 0


def fuzz(name: str, minutes: float) -> bool:
    """Give a target as many inputs as it takes in some minutes; return whether one was found."""
    kept, findings = _KEPT / name, _FOUND / name
    for folder in (kept, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].make_seeds()):
        (kept / f"seed-{number}").write_bytes(seed)
    before = {*findings.iterdir()}
    limits = [f"-max_total_time={minutes * 60:.0f}", f"-artifact_prefix={findings}/"]
    words = [sys.executable, "-m", "fuzzing.harness", name, *_OPTIONS, *limits, str(kept)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, errors="replace")
    runs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    fresh = sorted({*findings.iterdir()} - before)
    told = ", ".join(map(str, fresh)) or ("none" if done.returncode == 0 else "it did not run")
    print(f"{name:15}{int(runs[1]) if runs else 0:12,}  {told}", flush=True)
    if done.returncode:
        print(done.stderr[-4000:], file=sys.stderr)
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
