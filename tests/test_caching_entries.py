"""Entries of the cache that are damaged, forged or foreign: a miss or the right result."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from drawing import draw_page
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from visualdiff.caching import Cache
from visualdiff.caching.folder import place_entry
from visualdiff.caching.keys import look_at
from visualdiff.model import Pair, PairResult
from visualdiff.report.build import build_page
from visualdiff.report.html import render_page
from visualdiff.report.results import render_results
from visualdiff.runner import check_safely, run_pairs
from visualdiff.settings import Config, Settings
from visualdiff.tasks import Task

PAGE = draw_page(3, width=60)
# A test of its own is given the project as hypothesis leaves it.
RELAXED: Final = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Kept:
    """A failing pair whose result is kept, and the one file of that."""

    def __init__(self, folder: Path) -> None:
        changed = PAGE.copy()
        changed[25:40, 10:40] = (220, 38, 38)
        for name, image in (("old.png", PAGE), ("new.png", changed)):
            Image.fromarray(np.asarray(image, np.uint8)).save(folder / name)
        pair = Pair(name="a.png", baseline=folder / "old.png", candidate=folder / "new.png")
        self.folder = folder / "cache"
        self.task = Task(pair, Settings(), folder, folder / "report", 10_000)
        cache = Cache(self.folder, self.task.report)
        ((_, known),) = cache.look_up([self.task])
        assert known is None
        self.result = check_safely(self.task)
        cache.keep(self.task, self.result)
        (self.path,) = self.folder.glob("*.entry")
        self.content = self.path.read_bytes()
        self.assets = self.read_assets()

    def read_assets(self) -> dict[str, bytes]:
        folder = self.task.report / "assets"
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def look_up(self, *, fresh: bool = True) -> PairResult | None:
        """Return what is known of the pair; the report is empty if it is a fresh one."""
        if fresh:
            for path in (self.task.report / "assets").iterdir():
                path.unlink()
        ((_, known),) = Cache(self.folder, self.task.report).look_up([self.task])
        return known

    def is_safe(self) -> bool:
        """Return whether the pair is unknown, or its result right and its pictures whole."""
        known = self.look_up()
        written = self.read_assets()
        whole = all(self.assets.get(name) == data for name, data in written.items())
        return whole and (known is None or (known == self.result and written == self.assets))

    def forge(self, change: Callable[[Any], object]) -> None:
        """Change the JSON of the entry, and let its checksum be right."""
        _, line, pictures = self.content.split(b"\n", 2)
        document = json.loads(line)
        change(document)
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        line = text.encode("utf-8", "surrogatepass") + b"\n"
        checksum = hashlib.sha256(line).hexdigest().encode()
        self.path.write_bytes(checksum + b"\n" + line + pictures)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept"))


@pytest.fixture(autouse=True)
def whole(kept: Kept) -> Iterator[None]:
    """Let every test begin with the entry as it was written."""
    yield
    if kept.path.is_dir():
        kept.path.rmdir()
    kept.path.unlink(missing_ok=True)
    kept.path.write_bytes(kept.content)


def test_what_is_whole_is_known(kept: Kept) -> None:
    assert kept.look_up() == kept.result
    assert kept.read_assets() == kept.assets
    assert kept.look_up(fresh=False) == kept.result


def test_an_entry_tells_no_names(kept: Kept) -> None:
    for word in (b"a.png", b"old.png", b"new.png", str(kept.task.folder).encode()):
        assert word not in kept.content.split(b"\n")[1]


def test_the_pictures_of_the_pair_are_not_stored_again(kept: Kept) -> None:
    for path in (kept.task.pair.baseline, kept.task.pair.candidate):
        assert path
        assert path.read_bytes() not in kept.content


def test_an_entry_that_was_cut_anywhere_is_none(kept: Kept) -> None:
    head = len(kept.content) - len(kept.content.split(b"\n", 2)[2])
    for end in (*range(head), *range(head, len(kept.content), 97), len(kept.content) - 1):
        kept.path.write_bytes(kept.content[:end])
        assert kept.look_up() is None, end
        assert kept.is_safe(), end


@RELAXED
@given(data=st.data())
def test_bytes_that_were_changed_are_found_out(kept: Kept, data: st.DataObject) -> None:
    content = bytearray(kept.content)
    place = data.draw(st.integers(0, len(content) - 1) | st.integers(0, 2000))
    content[place] ^= data.draw(st.integers(1, 255))
    kept.path.write_bytes(content)
    assert kept.look_up() is None
    assert kept.is_safe()


@RELAXED
@given(data=st.binary(max_size=200))
def test_what_is_foreign_is_none(kept: Kept, data: bytes) -> None:
    kept.path.write_bytes(data)
    assert kept.look_up() is None
    line = data.replace(b"\n", b"") + b"\n"
    kept.path.write_bytes(hashlib.sha256(line).hexdigest().encode() + b"\n" + line)
    assert kept.look_up() is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**20) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def list_places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    items: Any = value.items() if isinstance(value, dict) else ()
    for key, inner in enumerate(value) if isinstance(value, list) else items:
        yield from list_places(inner, (*place, key))


@settings(RELAXED, max_examples=300)
@given(data=st.data())
def test_whatever_is_forged_never_breaks_a_run(kept: Kept, data: st.DataObject) -> None:
    def replace(document: Any) -> None:
        *steps, last = data.draw(st.sampled_from(list(list_places(document))))
        for step in steps:
            document = document[step]
        document[last] = data.draw(JSON)

    kept.forge(replace)
    known = kept.look_up()
    names = kept.read_assets().items()
    assert all(hashlib.sha256(held).hexdigest().startswith(name[:20]) for name, held in names)
    if known:
        config = Config(
            folder=kept.task.folder,
            baselines=kept.task.folder / "old",
            candidates=kept.task.folder / "new",
            report=kept.task.report,
        )
        run = dataclasses.replace(run_pairs([], config), results=(known,))
        assert b"".join(render_results(run))
        assert b"".join(render_page(build_page(run)))


@pytest.mark.parametrize(
    "path", ["assets/../../secret.png", "/secret/x.png", "assets/x/0a.png", "../0a.png"]
)
def test_no_picture_is_written_elsewhere(kept: Kept, path: str) -> None:
    def lead_astray(document: Any) -> None:
        document["result"]["artifacts"]["diff"] = path
        document["pictures"][0][0] = path.removeprefix("assets/")

    kept.forge(lead_astray)
    before = sorted(kept.task.folder.rglob("*"))
    assert kept.look_up(fresh=False) is None
    assert sorted(kept.task.folder.rglob("*")) == before


@pytest.mark.parametrize("size", [-1, 0, 10**6, 10**15])
def test_the_size_of_a_picture_is_not_believed(kept: Kept, size: int) -> None:
    def lie(document: Any) -> None:
        document["pictures"][0][1] = size

    kept.forge(lie)
    assert kept.look_up() is None
    assert kept.is_safe()


def test_an_entry_of_another_key_is_none(kept: Kept) -> None:
    other = kept.task._replace(settings=Settings(threshold=0.0, max_diff_pixels=10**6))
    kept.path.unlink()
    ((_, known),) = Cache(kept.folder, kept.task.report).look_up([other])
    assert known is None
    path = place_entry(kept.folder, look_at(other).seen.key)
    path.write_bytes(kept.content)
    ((_, known),) = Cache(kept.folder, kept.task.report).look_up([other])
    path.unlink()
    assert known is None


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_only_a_file_is_an_entry(kept: Kept, tmp_path: Path, kind: str) -> None:
    kept.path.unlink()
    if kind == "link":
        (tmp_path / "entry").write_bytes(kept.content)
        kept.path.symlink_to(tmp_path / "entry")
    elif kind == "folder":
        kept.path.mkdir()
    else:
        os.mkfifo(kept.path)
    assert kept.look_up() is None


def test_a_result_is_that_of_the_very_files(kept: Kept) -> None:
    def lie(document: Any) -> None:
        document["result"]["hashes"]["candidate"] = "0" * 64

    kept.forge(lie)
    assert kept.look_up() is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("status", "error"), ("name", "b.png"), ("test", "t"), ("attempts", 2), ("updated", True)],
)
def test_what_no_run_keeps_is_not_believed(kept: Kept, field: str, value: Any) -> None:
    def lie(document: Any) -> None:
        document["result"][field] = value

    kept.forge(lie)
    assert kept.look_up() is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("score", float("inf")), ("score", float("nan")), ("score", 1), ("unknown", 1)],
)
def test_what_would_not_be_written_like_that_is_not_believed(
    kept: Kept, field: str, value: Any
) -> None:
    def lie(document: Any) -> None:
        document["result"]["comparison"][field] = value

    kept.forge(lie)
    assert kept.look_up() is None
