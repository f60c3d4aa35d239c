"""Free memory, as a machine or a container tells it."""

from pathlib import Path

import pytest

from visualdiff.memory import find_free_memory

MACHINE = {"proc/meminfo": "MemTotal: 8000000 kB\nMemAvailable:    4000000 kB\n"}
V2 = {"sys/fs/cgroup/memory.max": "1000000000\n", "sys/fs/cgroup/memory.current": "400000000\n"}
V1 = {
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "500000000\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "100000000\n",
}


@pytest.mark.parametrize(
    ("files", "free"),
    [
        pytest.param({}, None, id="nobody tells"),
        pytest.param(MACHINE, 4_096_000_000, id="a machine"),
        pytest.param(MACHINE | V2, 600_000_000, id="a container"),
        pytest.param(MACHINE | V1, 400_000_000, id="an older container"),
        pytest.param(
            MACHINE | V2 | {"sys/fs/cgroup/memory.max": "max\n"}, 4_096_000_000, id="no limit"
        ),
        pytest.param(
            V2 | {"sys/fs/cgroup/memory.current": "1000000001\n"}, 0, id="nothing is left"
        ),
        pytest.param({"proc/meminfo": "MemAvailable:\nodd"}, None, id="an odd file"),
    ],
)
def test_the_scarcest_counts(tmp_path: Path, files: dict[str, str], free: int | None) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert find_free_memory(tmp_path) == free


def test_this_machine_tells() -> None:
    assert (find_free_memory() or 0) > 10_000_000
