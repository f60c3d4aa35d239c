"""What a worker is handed: tasks whose objects are its own to fetch."""

from pathlib import Path

import pytest

from visualdiff.fleet.shipping import measure_files, pack_batch, unpack_batch
from visualdiff.model import Pair
from visualdiff.remote.stores import Seen
from visualdiff.remote.traffic import forget, list_known, recall, remember
from visualdiff.settings import Settings
from visualdiff.tasks import Task, name_files
from visualdiff.urls import find_root, find_url, make_root, place

SEEN = Seen(7, "a checksum", "of today")


@pytest.fixture
def task(tmp_path: Path) -> Task:
    store = place("s3://bucket/folder")
    mask = tmp_path / "mask.png"
    mask.write_bytes(b"mask")
    pair = Pair(
        name="a.png",
        baseline=store / "old/a.png",
        candidate=place("zip://new/a.png::s3://bucket/shots.zip"),
        alternates=(store / "old/a@2.png", tmp_path / "a@3.png"),
        target=store / "old/a.png",
    )
    return Task(pair, Settings(mask_images=(mask,)), tmp_path, store / "report", 100)


def list_paths(task: Task) -> list[Path]:
    pair = task.pair
    found = (pair.baseline, pair.candidate, *pair.alternates, pair.target, task.report)
    return [path for path in found if path]


def test_objects_of_a_task_are_below_the_root_of_the_worker(task: Task, tmp_path: Path) -> None:
    assert task.pair.baseline
    remember({task.pair.baseline: SEEN})
    root = make_root(tmp_path)
    tasks, sizes, seen = unpack_batch(pack_batch((task,)), root)
    for before, after in zip(list_paths(task), list_paths(tasks[0]), strict=True):
        assert find_url(after) == find_url(before)
        assert after.is_relative_to(root) or after == before == tmp_path / "a@3.png"
    assert name_files(tasks[0].pair, task.folder) == name_files(task.pair, task.folder)
    assert seen == {tasks[0].pair.baseline: SEEN}
    # Of objects, what is seen tells more than a size does.
    assert sizes == {tmp_path / "mask.png": 4, tmp_path / "a@3.png": None}
    assert tasks[0].settings == task.settings
    forget(find_root())


def test_files_of_shared_folders_are_the_same_everywhere(tmp_path: Path) -> None:
    (tmp_path / "new.png").write_bytes(b"new")
    pair = Pair(name="a.png", baseline=None, candidate=tmp_path / "new.png")
    task = Task(pair, Settings(), tmp_path, tmp_path / "report", 100)
    found = unpack_batch(pack_batch((task,)), None)
    assert found == ((task,), measure_files((task,)), {})


def test_what_is_known_below_a_root_is_let_go_with_it(tmp_path: Path) -> None:
    one, other = make_root(tmp_path), make_root(tmp_path)
    remember({root / "s3;/bucket/a.png": SEEN for root in (one, other)})
    assert list_known(one) == [one / "s3;/bucket/a.png"]
    forget(one)
    assert (list_known(one), len(recall(list_known(other)))) == ([], 1)
    forget(other)
