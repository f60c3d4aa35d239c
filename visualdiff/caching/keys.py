"""What a result depends on → a key: where it is the same, so is the result.

Names and folders are no part of it: a page that was renamed is not compared again. What a file
holds is, and what its extension says that it holds, since a result warns if they disagree.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from visualdiff.files import FORMAT_OF_SUFFIX, open_file
from visualdiff.provenance import list_versions
from visualdiff.settings import Settings
from visualdiff.tasks import Task

# Device, inode, size, and the times of the last changes.
_Stamp: TypeAlias = tuple[int, int, int, int, int]


class Seen(NamedTuple):
    """A pair as it was looked at: its key, and what a file that is written again does not keep."""

    key: str
    stamps: tuple[_Stamp, ...]


class Look(NamedTuple):
    """What was seen of a pair, and its files, by the SHA-256 of what they hold."""

    seen: Seen
    files: Mapping[str, Path]


def look_at(task: Task) -> Look:
    """Return what is seen of a pair; raise `OSError` where a file of it cannot be read."""
    pair = task.pair
    files: dict[str, Path] = {}
    stamps: list[_Stamp] = []
    held: list[tuple[str, str | None] | None] = []
    for path in (pair.baseline, pair.candidate, *pair.alternates):
        if path is None:
            held.append(None)
            continue
        digest, stamp = _hash(path)
        files[digest] = path
        stamps.append(stamp)
        held.append((digest, FORMAT_OF_SUFFIX.get(path.suffix.lower())))
    masks = [(path, _stamp(path.stat())) for path in task.settings.mask_images]
    told = {
        "files": held,
        # Links to one file prove nothing, though it holds what two did that were compared.
        "count": len({stamp[:2] for stamp in stamps}),
        "masks": [_hash_once(path, stamp) for path, stamp in masks],
        "limits": (task.max_image_pixels, task.show_passed),
        "settings": _tell_settings(task.settings),
        "environment": _tell_environment(),
    }
    key = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    return Look(Seen(key, (*stamps, *(stamp for _, stamp in masks))), files)


def _hash(path: Path) -> tuple[str, _Stamp]:
    with open_file(path) as file:
        stamp = _stamp(os.fstat(file.fileno()))
        return hashlib.file_digest(file, "sha256").hexdigest(), stamp


def _stamp(status: os.stat_result) -> _Stamp:
    changed = status.st_mtime_ns, status.st_ctime_ns
    return status.st_dev, status.st_ino, status.st_size, *changed


@lru_cache(maxsize=100)
def _hash_once(path: Path, _: _Stamp) -> str:
    """Return the hash of a file that many pairs share; read it again when its stamp is another."""
    return _hash(path)[0]


@lru_cache(maxsize=100)
def _tell_settings(settings: Settings) -> str:
    """Return all settings as text, but where masks are: what they hold is told apart."""
    told = asdict(settings)
    del told["mask_images"]
    return json.dumps(told)


@cache
def _tell_environment() -> tuple[str, ...]:
    """Return what else a result may depend on: versions, and how this processor calculates."""
    return platform.machine(), *list_versions().values()
