"""A long run through the installed command: 20,000 small pairs, of which hundreds fail or crash.

Prints how the memory of the command's own process grows, and ends with 1 if it grows by more than
results take, if a pair lacks or has another outcome, or if a process, a descriptor or a file is
left.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from visualdiff.images import encode_png

_COMMAND: Final = Path(sys.executable).with_name("visualdiff")
# One file has at most so many names on common file systems; each side has several.
_NAMES_OF_A_FILE: Final = 2_000
_FAILING_EVERY: Final = 50
_CRASHING_EVERY: Final = 400
# What a pair may add to the memory of the process that collects results, and what writing the
# report may take, however many there are.
_BYTES_OF_A_PAIR: Final = 4_000
_BYTES_OF_A_REPORT: Final = 20_000_000
_SECONDS_BETWEEN_LOOKS: Final = 0.2
# What pairs called so do to their worker, at the start of each Python process of the command.
_CRASH: Final = """
import os, signal, sys
BORN = os.getpid()


def strike(event, arguments):
    if event == "open" and os.getpid() != BORN and str(arguments[0]).endswith("-kill.png"):
        os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(strike)
"""


class Look(NamedTuple):
    """What a process takes: seconds since its start, bytes of memory, descriptors."""

    seconds: float
    memory: int
    descriptors: int


def main() -> int:
    """Run, print what was seen, and return 1 if it is not as it should be."""
    parser = ArgumentParser("python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--pairs", type=int, default=20_000)
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        wanted = write_pairs(folder / "project", pairs)
        looks, code, left = run(folder)
        document = json.loads((folder / "project/report/results.json").read_bytes())
        temporary = [path.name for path in (folder / "temporary").iterdir()]
    found = Counter(item["status"] for item in document["results"])
    describe(looks)
    print(f"exit code {code}; {dict(found)}; left: {left} processes, {len(temporary)} files")
    mistakes = [*list_mistakes(looks, pairs)]
    if (code, found, left, temporary) != (1, wanted, 0, []):
        mistakes.append(f"wanted exit code 1, {dict(wanted)} and nothing left")
    print(*(f"wrong: {text}" for text in mistakes), sep="\n", end="")
    return 1 if mistakes else 0


def write_pairs(folder: Path, count: int) -> Counter[str]:
    """Write two folders of small images, and return how many pairs of each status there are."""
    wanted: Counter[str] = Counter()
    for place in range(count):
        crashes, fails = place % _CRASHING_EVERY == 7, place % _FAILING_EVERY == 3
        wanted["error" if crashes else "failed" if fails else "passed"] += 1
        name = f"{place:05}{'-kill' if crashes else ''}.png"
        group = place // _NAMES_OF_A_FILE
        for side, square in (("old", 20), ("new", 200 if fails else 20)):
            source = folder / f"{side}-{square}-{group}.png"
            if not source.exists():
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_bytes(draw(square, 1 if side == "old" else 9))
            target = folder / side / f"{group}" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(source)
    (folder / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nreport: report\n")
    return wanted


def draw(square: int, level: int) -> bytes:
    """Return a small page; another level, other bytes of the same pixels."""
    image = np.full((64, 96, 3), 245, np.uint8)
    image[10:30, 10:60] = square
    return encode_png(image, level)


def run(folder: Path) -> tuple[list[Look], int, int]:
    """Run the command; return what it took from time to time, its exit code, and who is left."""
    for name in ("hooks", "temporary"):
        (folder / name).mkdir()
    (folder / "hooks/sitecustomize.py").write_text(_CRASH)
    env = {"PYTHONPATH": str(folder / "hooks"), "TMPDIR": str(folder / "temporary")}
    clock = time.monotonic()
    looks: list[Look] = []
    with subprocess.Popen(
        [_COMMAND, "run", "--quiet"],
        cwd=folder / "project",
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        while process.poll() is None:
            looks += look_at(process.pid, clock)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    return looks, process.returncode, count_left(process.pid)


def look_at(process: int, clock: float) -> Iterator[Look]:
    """Yield what a process takes, unless it has just ended."""
    place = Path(f"/proc/{process}")
    try:
        pages = int((place / "statm").read_text().split()[1])
        descriptors = sum(1 for _ in (place / "fd").iterdir())
    except (OSError, IndexError):
        return
    yield Look(time.monotonic() - clock, pages * os.sysconf("SC_PAGE_SIZE"), descriptors)


def count_left(session: int) -> int:
    """Return how many processes of a session there are that have not ended."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            state, _, _, own, *_ = path.read_text().rpartition(")")[2].split()
            found += state not in "ZX" and int(own) == session
    return found


def describe(looks: list[Look]) -> None:
    """Print a few of many looks."""
    print(f"{'seconds':>8}{'MB':>8}{'descriptors':>13}")
    for place in range(11):
        look = looks[place * (len(looks) - 1) // 10]
        print(f"{look.seconds:8.1f}{look.memory / 1e6:8.1f}{look.descriptors:13}")


def list_mistakes(looks: list[Look], pairs: int) -> Iterator[str]:
    """Yield what grows that should not; the first fifth of the time is start-up."""
    first, last = looks[len(looks) // 5], max(looks, key=lambda look: look.memory)
    grown = last.memory - first.memory
    print(f"memory: {grown / pairs:,.0f} bytes for each pair")
    if grown > pairs * _BYTES_OF_A_PAIR + _BYTES_OF_A_REPORT:
        yield f"the memory of the command grew by {grown / 1e6:.0f} MB"
    middle = sorted(look.descriptors for look in looks)[len(looks) // 2]
    if looks[-1].descriptors > middle + 2:
        yield f"{looks[-1].descriptors} descriptors at the end, {middle} on the way"


if __name__ == "__main__":
    sys.exit(main())
