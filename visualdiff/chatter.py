"""What libraries write to the standard error stream of a worker, which is a file there → lines.

libpng and libjpeg tell of odd files there, and nowhere else.
"""

import os
import stat
from contextlib import suppress
from typing import Final

_STDERR: Final = 2
_MOST_BYTES: Final = 4096
_MOST_LINES: Final = 3
_LONGEST: Final = 200


def mark_chatter() -> int:
    """Return where the stream ends now; -1 where it is no file, but somebody's terminal."""
    with suppress(OSError):
        status = os.fstat(_STDERR)
        if stat.S_ISREG(status.st_mode):
            return status.st_size
    return -1


def read_chatter(mark: int) -> tuple[str, ...]:
    """Return the first lines that were written since `mark_chatter`, each once."""
    if mark < 0:
        return ()
    data = b""
    with suppress(OSError):  # a log of the caller's, which can only be written to
        data = os.pread(_STDERR, _MOST_BYTES, mark)
    lines = dict.fromkeys(data.decode("utf-8", "backslashreplace").split("\n"))
    return tuple(line.strip()[:_LONGEST] for line in lines if line.strip())[:_MOST_LINES]
