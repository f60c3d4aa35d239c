"""What every contestant's script is told and what it leaves: `BASELINES CANDIDATES ANSWERS`."""

import json
import sys
from pathlib import Path
from typing import Any


def read_arguments() -> tuple[list[tuple[str, str, str]], Path]:
    """Return name, baseline and candidate of each pair, and the file for the answers."""
    baselines, candidates, answers = map(Path, sys.argv[1:4])
    names = sorted(path.relative_to(baselines).as_posix() for path in baselines.rglob("*.png"))
    pairs = [(name, str(baselines / name), str(candidates / name)) for name in names]
    return pairs, answers


def write_answers(path: Path, answers: dict[str, dict[str, Any]]) -> None:
    """Write what was found of each pair: `differs`, and what else the contestant tells."""
    path.write_text(json.dumps(answers), encoding="utf-8")
