"""What a result depends on → a key: where it is the same, so is the result.

Names and folders are no part of it: a page that was renamed is not compared again. What a file
holds is, and what its extension says that it holds, since a result warns if they disagree. Of an
object, the checksum that its store tells stands for what it holds: it need not be fetched.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from visualdiff.files import FORMAT_OF_SUFFIX, open_file
from visualdiff.provenance import list_versions
from visualdiff.remote.stores import Seen as Listed
from visualdiff.remote.traffic import bring, recall
from visualdiff.settings import Settings
from visualdiff.tasks import Task
from visualdiff.urls import is_stand_in

# Device, inode, size, and the times of the last changes; of an object its path, and what is seen.
_Stamp: TypeAlias = tuple[int | str, ...]
# How that begins which tells the content of an object that was not read.
_OBJECT: Final = "object "


class Seen(NamedTuple):
    """A pair as it was looked at: its key, and what a file that is written again does not keep."""

    key: str
    stamps: tuple[_Stamp, ...]


class Look(NamedTuple):
    """What was seen of a pair, and its files, by the SHA-256 of what they hold.

    `unread` are objects of which the checksum that their store tells is known only.
    """

    seen: Seen
    files: Mapping[str, Path]
    unread: frozenset[Path] = frozenset()


def look_at(task: Task) -> Look:
    """Return what is seen of a pair; raise `OSError` where a file of it cannot be read.

    Of an object, that is what it was when its folder was listed: none else is compared.
    """
    pair = task.pair
    files: dict[str, Path] = {}
    unread: set[Path] = set()
    stamps: list[_Stamp] = []
    held: list[tuple[str, str | None] | None] = []
    for path in (pair.baseline, pair.candidate, *pair.alternates):
        if path is None:
            held.append(None)
            continue
        digest, stamp = _identify(path) if is_stand_in(path) else _hash(path)
        if digest.startswith(_OBJECT):
            unread.add(path)
        else:
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
    return Look(Seen(key, (*stamps, *(stamp for _, stamp in masks))), files, frozenset(unread))


def _identify(path: Path) -> tuple[str, _Stamp]:
    """Return what tells the content of an object, which is no SHA-256 where it was not read."""
    if path not in recall([path]):
        bring(path)
    seen = recall([path])[path]
    told = f"{_OBJECT}{seen.fingerprint} {seen.size}" if seen.fingerprint else _read(path, seen)
    return told, (str(path), *seen)


@lru_cache(maxsize=100_000)
def _read(path: Path, _: Listed) -> str:
    """Return the hash of an object; it need not be fetched again for it."""
    return _hash(path)[0]


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
