"""`visualdiff run` in the working directory; it leaves its own peak memory in `peak.json`."""

import json
import resource
import sys
from pathlib import Path

from visualdiff.cli import main as run_cli


def main() -> None:
    """Run, and write the peak memory of this process, the parent of the workers, in bytes."""
    sys.argv[1:] = ["run", "--quiet"]
    try:
        run_cli()
    finally:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        Path("peak.json").write_text(json.dumps(peak), encoding="utf-8")
