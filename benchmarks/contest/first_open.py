"""`visualdiff run` that notes the CPU seconds spent when the first image is opened.

Written into a folder as `sitecustomize.py`, which every Python process of the run then imports:
nothing of visualdiff itself is changed. What the first process to open a file below
BENCHMARK_IMAGES finds in /proc for all processes of the group is written to BENCHMARK_NOTE.
"""

import os
import sys
from pathlib import Path


def main() -> None:
    """Listen to the opening of files."""
    sys.addaudithook(_listen)


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or not str(arguments[0]).startswith(os.environ["BENCHMARK_IMAGES"]):
        return
    note = Path(os.environ["BENCHMARK_NOTE"])
    if not note.exists():
        note.write_text(str(_sum_cpu_seconds()))


def _sum_cpu_seconds() -> float:
    """Return user + sys of all processes in this group, with the children they waited for."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile; its parent counts it
        if int(fields[2]) == os.getpgrp():
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
