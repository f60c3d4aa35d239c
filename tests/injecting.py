"""The installed command with code of a test inside all of its processes, and what it leaves."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

COMMAND: Final = Path(sys.executable).with_name("visualdiff")
# Far more than anything takes, on a machine that does other things too.
_LONGEST: Final = 300
_PATIENCE: Final = 30


class Done(NamedTuple):
    """How a command ended, what it said, and which of its processes are still there."""

    code: int
    out: str
    err: str
    left: list[int]


def run_injected(words: Sequence[str | Path], *, cwd: Path, code: str = "", **env: str) -> Done:
    """Run `visualdiff` with `code` executed at the start of each of its Python processes.

    That is what Python offers as `sitecustomize`: the product knows nothing of it. The processes
    are a session of their own, by which those that outlive it are found, and have a folder of
    their own for temporary files, `cwd.parent / "temporary"`.
    """
    hooks, temporary = cwd.parent / "hooks", cwd.parent / "temporary"
    hooks.mkdir(exist_ok=True)
    temporary.mkdir(exist_ok=True)
    (hooks / "sitecustomize.py").write_text(code)
    process = subprocess.Popen(
        [COMMAND, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(hooks), "TMPDIR": str(temporary), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        out, err = process.communicate(timeout=_LONGEST)
    return Done(process.returncode, out, err, _list_left(process.pid))


def load_results(report: Path) -> dict[str, Any]:
    """Return the entries of results.json by name."""
    document = json.loads((report / "results.json").read_bytes())
    return {item["name"]: item for item in document["results"]}


def _list_left(session: int) -> list[int]:
    """Return the processes of a session; what has ended, but is nobody's child yet, soon goes."""
    deadline = time.monotonic() + _PATIENCE
    while (left := _list_session(session)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def _list_session(session: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if fields[0] not in "ZX" and int(fields[3]) == session:
            found.append(int(path.parent.name))
    return found
