"""What a run was measured on: the machine, the versions, the suite."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, version
from pathlib import Path
from typing import Final

from benchmarks.answers import read_manifest
from benchmarks.contestants import PEERS

_HERE: Final = Path(__file__).parent
_PACKAGES: Final = ("numpy", "opencv-python-headless", "kornia-rs", "scikit-image")
_PEERS: Final = ("odiff-bin", "reg-cli", "pixelmatch", "pngjs")


def describe_run(suite: Path) -> dict[str, str]:
    """Return what the README says of a run, by title."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": f"`python -m benchmarks.bench {' '.join(sys.argv[1:])}".rstrip() + "`",
        "machine": describe_machine(),
        "versions": ", ".join(f"{name} {number}" for name, number in _list_versions()),
        "suite": _describe_suite(suite),
        "workers": "two for each contestant; medians of n runs, start-up included",
    }


def describe_machine() -> str:
    """Return what runs here, and how busy it is at this moment."""
    system = f"{platform.system()} {platform.release()}"
    load = f"load when it began: {os.getloadavg()[0]:.1f}"
    return f"{_name_processor()}, {os.cpu_count()} CPUs, {system}; {load}"


def _name_processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _list_versions() -> Iterator[tuple[str, str]]:
    yield "Python", platform.python_version()
    yield "visualdiff", version("visualdiff-ssim") + _name_commit()
    for name in _PACKAGES:
        yield name, version(name)
    for found in Distribution.discover(name="blazediff", path=[str(PEERS / "python")]):
        yield "blazediff", found.version
    for name in _PEERS:
        path = PEERS / "node_modules" / name / "package.json"
        if path.exists():
            yield name, json.loads(path.read_text("utf-8"))["version"]


def _name_commit() -> str:
    """Return the commit in brackets, and whether files differ from it; nothing outside git."""
    command = ["git", "describe", "--always", "--dirty=, changed since", "--exclude=*"]
    done = subprocess.run(command, cwd=_HERE, capture_output=True, text=True, check=False)
    return f" ({done.stdout.strip()})" if done.returncode == 0 else ""


def _describe_suite(suite: Path) -> str:
    entries = read_manifest(suite)
    pages = [entry[side] for entry in entries for side in ("page", "candidate")]
    pixels = sum(page["width"] * page["height"] for page in pages)
    size = sum(path.stat().st_size for path in suite.rglob("*.png"))
    return (
        f"{len(entries)} pairs, {pixels / 1e6:,.0f} million pixels in {len(pages)} files, "
        f"{size / 1e6:,.0f} MB, {size / pixels:.2f} bytes per pixel"
    )
