"""Tasks → bytes → tasks of a worker, which sees the same folders or fetches the same objects."""

import pickle
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

from visualdiff.remote.stores import Seen
from visualdiff.remote.traffic import recall
from visualdiff.staging import list_remote
from visualdiff.tasks import Task
from visualdiff.urls import is_stand_in, move

Sizes: TypeAlias = Mapping[Path, int | None]


class Shipment(NamedTuple):
    """Tasks, the sizes of the files that they read, and what is known of the objects."""

    tasks: tuple[Task, ...]
    sizes: Sizes
    seen: Mapping[Path, Seen]


def pack_batch(tasks: tuple[Task, ...]) -> bytes:
    """Return what a worker needs of tasks.

    It is pickled here: Dask would look into them for what it may compute first.
    """
    objects = [path for task in tasks for path in list_remote(task.pair)]
    return pickle.dumps(Shipment(tasks, measure_files(tasks), recall(objects)))


def unpack_batch(packed: bytes, root: Path | None) -> Shipment:
    """Return what was packed; what stands for objects is below a root of this process."""
    found: Shipment = pickle.loads(packed)  # noqa: S301 - the run's own
    if root is None:
        return found
    tasks = tuple(_move_task(task, root) for task in found.tasks)
    return Shipment(tasks, found.sizes, move_seen(found.seen, root))


def move_seen(seen: Mapping[Path, Seen], root: Path) -> dict[Path, Seen]:
    """Return what is known of objects, by what stands for them below a root."""
    return {move(path, root): known for path, known in seen.items()}


def _move_task(task: Task, root: Path) -> Task:
    pair = task.pair
    moved = replace(
        pair,
        baseline=pair.baseline and move(pair.baseline, root),
        candidate=pair.candidate and move(pair.candidate, root),
        alternates=tuple(move(path, root) for path in pair.alternates),
        target=pair.target and move(pair.target, root),
    )
    return task._replace(pair=moved, report=move(task.report, root))


def measure_files(tasks: tuple[Task, ...]) -> Sizes:
    """Return the bytes of all files that tasks read in folders; None for what is not there."""
    sizes: dict[Path, int | None] = {}
    for task in tasks:
        pair = task.pair
        for path in (
            pair.baseline,
            pair.candidate,
            *pair.alternates,
            *task.settings.mask_images,
        ):
            if path and path not in sizes and not is_stand_in(path):
                sizes[path] = None
                with suppress(OSError):  # the check will say why
                    sizes[path] = path.stat().st_size
    return sizes
