"""The least that any comparison costs: every file decoded once, or only read.

`BASELINES CANDIDATES ANSWERS decode|read`, in visualdiff's own pool of two processes, with
visualdiff's own decoder, which is imported once for both as visualdiff does it.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.contest.arguments import read_arguments, write_answers
from visualdiff.pool import Lost, Pool


def decode_file(path: str) -> int:
    """Return the number of pixels and channels of an image, once it is decoded."""
    from visualdiff.images import decode, open_image  # noqa: PLC0415 - reading needs no decoder

    return decode(open_image(Path(path), 1 << 30)).size


def read_file(path: str) -> int:
    """Return the number of bytes of a file, once it is read."""
    return len(Path(path).read_bytes())


_FUNCTIONS: Final[dict[str, Callable[[str], int]]] = {"decode": decode_file, "read": read_file}
PRELOAD: Final = {"decode": ("visualdiff.images",), "read": ()}
_UNITS: Final = {"decode": "samples", "read": "bytes"}


def main() -> None:
    """Decode or read all files."""
    pairs, answers = read_arguments()
    bound = sys.argv[4]
    paths = [path for _, *both in pairs for path in both]
    done = 0
    with Pool(_FUNCTIONS[bound], 2, 60.0, PRELOAD[bound]) as pool:
        for path, size in pool.run(paths):
            if isinstance(size, Lost):
                raise RuntimeError(  # noqa: TRY004 - no wrong type, but a lost worker
                    f"{path}: {size.reason}"
                )
            done += size
    write_answers(answers, {"all": {"files": len(paths), "unit": _UNITS[bound], "count": done}})
