"""What is handed out at once is many small pairs, or a large one."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from visualdiff.fleet import batches
from visualdiff.fleet.batches import cut_batches
from visualdiff.model import Pair
from visualdiff.settings import Config, Settings
from visualdiff.tasks import Task, make_task


def make_tasks(folder: Path, *sides: int) -> list[Task]:
    """Return tasks of square images, of which each pair has twice the pixels of one."""
    config = Config(folder=folder, baselines=folder, candidates=folder)
    tasks = []
    for number, side in enumerate(sides):
        path = folder / f"{number}.png"
        path.write_bytes(cv2.imencode(".png", np.zeros((side, side), np.uint8))[1].tobytes())
        pair = Pair(name=path.name, baseline=path, candidate=path)
        tasks.append(make_task(pair, Settings(), config))
    return tasks


def test_batches_are_cut_by_pixels_and_by_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_PIXELS", 1000)
    monkeypatch.setattr(batches, "MOST_PAIRS", 3)
    tasks = make_tasks(tmp_path, 40, 20, 10, 20, 5, 5, 5, 5)
    cut = list(cut_batches(tasks))
    # 3200; 800 + 200; 800 + 50 + 50; 50 + 50
    assert [len(batch.tasks) for batch in cut] == [1, 2, 3, 2]
    assert [task for batch in cut for task in batch.tasks] == tasks
    assert [batch.heaviest.pair.name for batch in cut] == ["0.png", "1.png", "3.png", "6.png"]


def test_no_tasks_are_no_batches() -> None:
    assert list(cut_batches([])) == []


def test_tasks_are_weighed_as_they_are_asked_for(tmp_path: Path) -> None:
    asked: list[Task] = []
    tasks = make_tasks(tmp_path, *[5] * (2 * batches.MOST_PAIRS + 1))

    def ask() -> Iterator[Task]:
        for task in tasks:
            asked.append(task)
            yield task

    first = next(cut_batches(ask()))
    assert len(first.tasks) == batches.MOST_PAIRS
    assert len(asked) == batches.MOST_PAIRS + 1
