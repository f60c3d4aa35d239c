"""Which baselines there are, told by a store that is asked once."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest

from visualdiff.errors import ConfigError
from visualdiff.testing.shelf import Shelf
from visualdiff.urls import find_url, place


@pytest.fixture
def baselines() -> Iterator[Path]:
    """Return what stands for a folder in memory, which nobody else has."""
    folder = place(f"memory://{uuid4().hex}/baselines")
    yield folder
    fsspec.filesystem("memory").store.clear()


def put(path: Path) -> None:
    fsspec.filesystem("memory").pipe_file(find_url(path), b"any")


def test_a_store_is_listed_once(baselines: Path) -> None:
    put(baselines / "shop" / "a.png")
    put(baselines / "notes.txt")
    shelf = Shelf()
    assert set(shelf.list_names(baselines, baselines / "shop")) == {"a.png"}
    put(baselines / "shop" / "b.png")
    assert set(shelf.list_names(baselines, baselines / "shop")) == {"a.png"}
    assert set(shelf.list_names(baselines, baselines)) == set()
    assert set(Shelf().list_names(baselines, baselines / "shop")) == {"a.png", "b.png"}


def test_what_was_written_is_there(baselines: Path) -> None:
    shelf = Shelf()
    assert set(shelf.list_names(baselines, baselines)) == set()
    shelf.add(baselines / "home.png")
    assert set(shelf.list_names(baselines, baselines)) == {"home.png"}


def test_a_store_that_did_not_answer_is_asked_again(
    baselines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise OSError(5, "is down")

    put(baselines / "home.png")
    shelf = Shelf()
    with monkeypatch.context() as down:
        down.setattr("visualdiff.remote.traffic.list_objects", refuse)
        with pytest.raises(ConfigError, match=r"^memory://\S+ cannot be listed: is down$"):
            shelf.list_names(baselines, baselines)
    assert set(shelf.list_names(baselines, baselines)) == {"home.png"}


def test_a_folder_is_looked_at_each_time(tmp_path: Path) -> None:
    shelf = Shelf()
    assert set(shelf.list_names(tmp_path, tmp_path / "shop")) == set()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.png").touch()
    assert set(shelf.list_names(tmp_path, tmp_path / "shop")) == {"a.png"}
