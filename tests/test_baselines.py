"""A candidate becomes a baseline: which are written, and how."""

import os
from pathlib import Path

import pytest

from visualdiff.baselines import UPDATES, wants_update, write_baseline
from visualdiff.errors import BaselineError
from visualdiff.model import PairResult, Status


@pytest.mark.parametrize(
    ("mode", "written"),
    [
        ("none", set()),
        ("missing", {Status.NEW}),
        ("changed", {Status.NEW, Status.FAILED, Status.ERROR}),
        ("all", {Status.NEW, Status.FAILED, Status.ERROR, Status.PASSED}),
    ],
)
def test_each_mode_writes_what_it_says(mode: str, written: set[Status]) -> None:
    outcomes = [Status.NEW, Status.FAILED, Status.ERROR, Status.PASSED]
    results = [
        PairResult(name="a", status=status, reasons=(), baseline=None, candidate=None)
        for status in outcomes
    ]
    assert mode in UPDATES
    assert {item.status for item in results if wants_update(mode, item)} == written


def test_a_baseline_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "shop" / "cart.png"
    assert write_baseline(path, b"one")
    assert write_baseline(path, b"two")
    assert path.read_bytes() == b"two"
    assert [item.name for item in path.parent.iterdir()] == ["cart.png"]


def test_a_baseline_of_the_same_bytes_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "home.png"
    path.write_bytes(b"one")
    os.utime(path, (1e9, 1e9))
    before = path.stat()
    assert not write_baseline(path, b"one")
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_baseline_that_cannot_be_written_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("a file")
    path = tmp_path / "shop" / "cart.png"
    with pytest.raises(BaselineError, match=f"^baseline {path} cannot be written: [A-Z]"):
        write_baseline(path, b"one")
    assert (tmp_path / "shop").read_text() == "a file"


def test_an_interrupted_write_leaves_the_old_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "home.png"
    path.write_bytes(b"one")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_baseline(path, b"two")
    assert [item.name for item in tmp_path.iterdir()] == ["home.png"]
    assert path.read_bytes() == b"one"
