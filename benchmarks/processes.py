"""Run a command and measure what it and all its descendants cost."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PR_SET_CHILD_SUBREAPER: Final = 36
_LONGEST_REST: Final = 10.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: user + sys of all its processes, and the peak memory of the largest."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    exit_code: int


def measure(
    command: Sequence[str], *, folder: Path | None = None, environment: Mapping[str, str] = {}
) -> Cost:
    """Run a command to its end and return its cost; raise `RuntimeError` if a process stays.

    The kernel adds a process's use to its parent's when the parent waits for it. What nobody
    waited for, such as a server that outlives its parent, becomes a child of this process, which
    therefore must have no other children.
    """
    _adopt_orphans()
    # What a new process holds before it runs its program is counted for it: keep this one small.
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        return _wait(process, started)
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise


def _wait(process: "subprocess.Popen[bytes]", started: float) -> Cost:
    """Wait for a process and what it left behind, and add up what they cost."""
    ended, cpu, peak = 0.0, 0.0, 0
    while True:
        pid, status, usage = os.wait4(-1, os.WNOHANG if ended else 0)
        if pid == process.pid:
            ended = time.monotonic()
            process.returncode = os.waitstatus_to_exitcode(status)
        if pid:
            cpu += usage.ru_utime + usage.ru_stime
            peak = max(peak, usage.ru_maxrss * 1024)
        if ended and not _has_children():
            return Cost(cpu, ended - started, peak, process.returncode)
        if ended and time.monotonic() - ended > _LONGEST_REST:
            raise RuntimeError(f"{process.args!r} left a process running, whose cost is not known")
        if not pid:
            time.sleep(0.01)


def _adopt_orphans() -> None:
    if not sys.platform.startswith("linux"):
        raise RuntimeError("the benchmarks need Linux: it can count what orphaned processes cost")
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot become the reaper of orphaned processes")


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
