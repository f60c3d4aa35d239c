"""Candidates that did not pass: each has a file of its own."""

import os
import time
from pathlib import Path

import pytest

from visualdiff.testing.keeping import Keeper


def test_a_candidate_has_the_name_of_its_baseline(tmp_path: Path) -> None:
    path = tmp_path / "shop" / "home.png"
    assert Keeper().keep(path, "test_a", b"a") == path
    assert path.read_bytes() == b"a"


def test_candidates_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    path = tmp_path / "home.png"
    one, other = Keeper(), Keeper()  # as in two processes
    places = [keeper.keep(path, test, b"") for keeper in (one, other) for test in ("a", "b")]
    assert [place.name for place in places] == [
        "home.png",
        "home~2.png",
        "home~3.png",
        "home~4.png",
    ]


def test_a_test_that_runs_again_keeps_its_place(tmp_path: Path) -> None:
    path, keeper = tmp_path / "home.png", Keeper()
    keeper.keep(path, "test_a", b"")
    place = keeper.keep(path, "test_b", b"1")
    assert keeper.keep(path, "test_b", b"2") == place
    assert place.read_bytes() == b"2"


def test_what_an_earlier_session_has_left_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "home.png"
    path.write_bytes(b"old")
    os.utime(path, (1e9, 1e9))
    assert Keeper(time.time() - 60).keep(path, "test_a", b"new") == path
    assert path.read_bytes() == b"new"


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("a file")
    with pytest.raises(OSError, match="shop"):
        Keeper().keep(tmp_path / "shop" / "home.png", "test_a", b"")
