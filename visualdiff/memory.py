"""How much memory there is for this process and its children.

A container may have far less than its machine, and is killed when it takes more. Linux only; what
no file tells is not known.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

# Each may be `max`, or be missing: cgroups of version 2, then 1.
_LIMITS: Final = (
    ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current"),
    (
        "sys/fs/cgroup/memory/memory.limit_in_bytes",
        "sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


def find_free_memory(root: Path = Path("/")) -> int | None:
    """Return the bytes that are free for this process group; None where nobody says."""
    free = [*_list_unlimited(root), *_list_limited(root)]
    return max(min(free), 0) if free else None


def _list_unlimited(root: Path) -> Iterator[int]:
    with suppress(OSError, ValueError, IndexError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                yield int(line.split()[1]) * 1024


def _list_limited(root: Path) -> Iterator[int]:
    for limit, usage in _LIMITS:
        with suppress(OSError, ValueError):
            yield int((root / limit).read_text()) - int((root / usage).read_text())
