"""Keys of the cache: another one for whatever may change a result, the same for all else."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import pytest

from visualdiff.caching import keys
from visualdiff.caching.keys import look_at
from visualdiff.model import Pair
from visualdiff.provenance import list_versions
from visualdiff.remote.stores import Seen
from visualdiff.remote.traffic import forget, remember
from visualdiff.settings import Focus, Mask, Policy, Settings
from visualdiff.tasks import Task
from visualdiff.urls import find_root, place

# A value of each setting that is not its default.
OTHERS: Final[dict[str, Any]] = {
    "preset": "lenient",
    "threshold": 0.5,
    "max_diff_pixels": 7,
    "max_diff_ratio": 0.5,
    "tolerance": 2.0,
    "antialiasing": "count",
    "transparent": "count",
    "rasterising": "anywhere",
    "min_region_pixels": 2,
    "masks": (Mask(x=0, y=0, width=1, height=1),),
    "mask_images": (Path("mask.png"),),
    "mask_colour": "#ff00ff",
    "focus": (Focus(x=0, y=0, width=1, height=1),),
    "on_renderer_change": Policy.FAIL,
    "on_size_mismatch": "pad",
    "align": "none",
    "on_shift": Policy.IGNORE,
    "max_shift_rows": 3,
    "ssim": "gaussian",
}


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    monkeypatch.chdir(tmp_path)
    for name in ("old.png", "new.png", "old@2.png", "mask.png"):
        Path(name).write_text(name)
    pair = Pair(
        name="a.png",
        baseline=Path("old.png"),
        candidate=Path("new.png"),
        alternates=(Path("old@2.png"),),
    )
    return Task(pair, Settings(), tmp_path, tmp_path / "report", 100)


def find_key(task: Task) -> str:
    return look_at(task).seen.key


def test_the_key_of_a_pair_is_the_same_each_time(task: Task) -> None:
    assert find_key(task) == find_key(task)
    assert look_at(task) == look_at(task)


@pytest.mark.parametrize("name", [item.name for item in fields(Settings)])
def test_every_setting_counts(task: Task, name: str) -> None:
    changed = replace(task.settings, **{name: OTHERS[name]})
    assert changed != task.settings
    assert find_key(task._replace(settings=changed)) != find_key(task)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Mask(x=0, y=0, width=1, height=1), Mask(x=0, y=0, width=1, height="1%")),
        (Focus(x=0, y=0, width=1, height=1), Focus(x=0, y=0, width=1, height=1, threshold=0.5)),
    ],
)
def test_every_part_of_a_rectangle_counts(task: Task, first: Mask, second: Mask) -> None:
    name = "focus" if isinstance(first, Focus) else "masks"
    found = {
        find_key(task._replace(settings=Settings(**{name: rectangles})))  # type: ignore[arg-type]
        for rectangles in ((first,), (second,), (first, second), (second, first))
    }
    assert len(found) == 4


def test_a_rectangle_of_one_list_is_not_one_of_another(task: Task) -> None:
    mask = (Focus(x=0, y=0, width=1, height=1),)
    masked, focused = Settings(masks=mask), Settings(focus=mask)
    assert find_key(task._replace(settings=masked)) != find_key(task._replace(settings=focused))


@pytest.mark.parametrize("name", ["old.png", "new.png", "old@2.png"])
def test_what_a_file_holds_counts(task: Task, name: str) -> None:
    before = find_key(task)
    Path(name).write_text("something else")
    assert find_key(task) != before


def test_which_file_is_which_counts(task: Task) -> None:
    pair = task.pair
    others: list[dict[str, Any]] = [
        {},
        {"baseline": pair.candidate, "candidate": pair.baseline},
        {"baseline": pair.alternates[0], "alternates": (pair.baseline,)},
        {"alternates": ()},
        {"baseline": None},
        {"candidate": None},
        {"baseline": None, "candidate": pair.baseline},
    ]
    found = {find_key(task._replace(pair=replace(pair, **changes))) for changes in others}
    assert len(found) == len(others)


def test_limits_count_and_whether_pictures_of_all_are_drawn(task: Task) -> None:
    others = (task, task._replace(max_image_pixels=99), task._replace(show_passed=True))
    assert len({find_key(other) for other in others}) == 3


def test_names_and_folders_do_not_count(task: Task) -> None:
    pair, before = task.pair, find_key(task)
    Path("elsewhere").mkdir()
    moved = Path("elsewhere/b.png")
    moved.write_text("old.png")
    other = replace(pair, name="b.png", baseline=moved, target=Path("c.png"))
    there = task._replace(pair=other, folder=Path("/"), report=Path("/report"))
    assert find_key(there) == before


def test_what_an_extension_promises_counts(task: Task) -> None:
    found = set()
    for name in ("same.png", "same.PNG", "same.bmp", "same.jpg", "same.jpeg", "same"):
        Path(name).write_text("old.png")
        found.add(find_key(task._replace(pair=replace(task.pair, baseline=Path(name)))))
    assert len(found) == 4
    assert find_key(task) in found


def test_what_a_mask_holds_counts_and_not_what_it_is_called(task: Task) -> None:
    masked = task._replace(settings=Settings(mask_images=(Path("mask.png"),)))
    before = find_key(masked)
    Path("other.png").write_text("mask.png")
    assert find_key(task._replace(settings=Settings(mask_images=(Path("other.png"),)))) == before
    Path("mask.png").write_text("another")
    assert find_key(masked) != before


@pytest.mark.parametrize(
    "package", ["visualdiff", "kornia-rs", "numpy", "opencv-python-headless", "pillow"]
)
def test_versions_count(task: Task, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    before = find_key(task)
    versions = {**list_versions(), package: "0"}
    monkeypatch.setattr(keys, "list_versions", lambda: versions)
    keys._tell_environment.cache_clear()
    after = find_key(task)
    monkeypatch.undo()
    keys._tell_environment.cache_clear()
    assert after != before


def test_the_machine_counts(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    before = find_key(task)
    monkeypatch.setattr("visualdiff.caching.keys.platform.machine", lambda: "other")
    keys._tell_environment.cache_clear()
    after = find_key(task)
    monkeypatch.undo()
    keys._tell_environment.cache_clear()
    assert after != before


@pytest.mark.parametrize("name", ["old.png", "new.png"])
def test_a_file_that_was_written_again_shows(task: Task, name: str) -> None:
    before = look_at(task).seen
    os.utime(name, ns=(1, 1))
    after = look_at(task).seen
    assert (after.key, after == before) == (before.key, False)


@pytest.mark.parametrize("kind", ["lacks", "folder", "pipe"])
def test_what_cannot_be_read_has_no_key(task: Task, kind: str) -> None:
    Path("new.png").unlink()
    if kind == "folder":
        Path("new.png").mkdir()
    if kind == "pipe":
        os.mkfifo("new.png")
    with pytest.raises(OSError, match=r"new\.png"):
        look_at(task)


@pytest.fixture
def stored(task: Task) -> Iterator[Task]:
    """Return a task of objects that nobody can fetch, of which something is known."""
    old, new = place("s3://nowhere/old.png"), place("s3://nowhere/new.png")
    remember({old: Seen(3, "one", "of today"), new: Seen(3, "two", "of today")})
    yield task._replace(pair=replace(task.pair, baseline=old, candidate=new, alternates=()))
    forget(find_root())


def test_an_object_is_known_by_the_checksum_that_its_store_tells(stored: Task) -> None:
    pair = stored.pair
    assert pair.candidate
    before = look_at(stored)
    assert (len(before.files), before.unread) == (0, frozenset((pair.baseline, pair.candidate)))
    assert look_at(stored) == before
    for told in (Seen(3, "three", "of today"), Seen(4, "two", "of today"), Seen(3, "one", "")):
        remember({pair.candidate: told})
        assert find_key(stored) != before.seen.key
    # What was written again is the same, but was it when it was compared?
    remember({pair.candidate: Seen(3, "two", "of tomorrow")})
    after = look_at(stored).seen
    assert (after.key, after == before.seen) == (before.seen.key, False)


def test_two_objects_of_one_content_are_not_one(stored: Task) -> None:
    assert stored.pair.candidate
    remember({stored.pair.candidate: Seen(3, "one", "of today")})
    both = find_key(stored)
    same = replace(stored.pair, candidate=stored.pair.baseline)
    assert find_key(stored._replace(pair=same)) != both


def test_a_checksum_is_never_taken_for_what_a_file_holds(stored: Task, task: Task) -> None:
    digest = hashlib.sha256(b"new.png").hexdigest()
    candidate = stored.pair.candidate
    assert candidate
    remember({candidate: Seen(7, digest, "of today")})
    mixed = replace(task.pair, candidate=candidate)
    assert find_key(task._replace(pair=mixed)) != find_key(task)
