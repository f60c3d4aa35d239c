"""Targets: what a report says of itself, as it may come from elsewhere."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from fuzzing.taking import Taker
from visualdiff import RunResult, load_config, run
from visualdiff.approval.decisions import load_decisions
from visualdiff.approval.journal import take_back
from visualdiff.approval.plan import Selection, plan_approval, select_pairs
from visualdiff.approval.review import load_review
from visualdiff.caching.entries import Entry, open_entry, read_pictures, write_entry
from visualdiff.errors import BaselineError, ReportError, ReviewError
from visualdiff.images import encode_png
from visualdiff.report.build import build_page
from visualdiff.report.html import render_page
from visualdiff.report.junit import render_junit
from visualdiff.report.loading import load_results
from visualdiff.report.markdown import render_markdown
from visualdiff.report.results import render_results

# What stands in place of something else in a document.
_ODD: Final[tuple[Any, ...]] = (
    *(None, True, -1, 0, 1, 2.5, 1e308, 1 << 70, "", "\0", "\ud800", "../x", "/dev/zero", "a\nb"),
    *([], {}, [None], [[]], {"x": 1}, "failed", "new", "assets/0.png"),
)
_DECISIONS: Final = {
    "decisions_version": 1,
    "run": "0123456789ab",
    "decisions": [{"name": "a.png", "test": "", "candidate": "00", "decision": "accept"}],
}
_JOURNAL: Final = {"finished": True, "replaced": [{"path": "/p/a.png", "old": "", "new": "00"}]}


def read_results(data: bytes) -> None:
    """Load a results.json, and write of it whatever `visualdiff report` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "results.json")
        path.write_bytes(_damage(data, _make_results()))
        try:
            result = load_results(path)
        except ReportError:
            return
        pieces = [*render_results(result), *render_page(build_page(result))]
        pieces += [*render_junit(result), *render_markdown(result, "")]
    assert all(isinstance(piece, bytes) for piece in pieces)


def review_results(data: bytes) -> None:
    """Plan to approve all of a results.json, and find nothing outside of the baselines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        path = folder / "report/results.json"
        path.parent.mkdir()
        path.write_bytes(_damage(data, _make_results()))
        try:
            review = load_review(path, folder)
            chosen, _ = select_pairs(review, Selection(globs=("*",)))
        except ReviewError:
            return
        plan = plan_approval(review, chosen, prune=True)
    assert not plan.replacements, plan


def read_decisions(data: bytes) -> None:
    """Read a file of decisions."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(_damage(data, _DECISIONS))
        file.flush()
        try:
            load_decisions(Path(file.name))
        except ReviewError:
            return


def read_journal(data: bytes) -> None:
    """Take back what a journal tells, and restore nothing outside of the baselines."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder, "undo/journal.json")
        journal.parent.mkdir()
        journal.write_bytes(_damage(data, _JOURNAL))
        try:
            restored, _ = take_back(Path(folder), Path(folder, "baselines"))
        except (ReviewError, BaselineError):
            return
    assert not restored, restored


def read_entry(data: bytes) -> None:
    """Read an entry of a cache, whose checksum is right, and write a report of its result."""
    ran, _ = _make_run()
    whole = Entry(key="0" * 64, choice=0, result=ran.results[0], pictures=(("0a.png", 3),))
    document = json.loads(write_entry(whole).partition(b"\n")[2])
    told = json.loads(_damage(data, document)) if data[:1] == b"\1" else None
    line = _write_compactly(told) if told else data
    with tempfile.NamedTemporaryFile() as file:
        file.write(hashlib.sha256(line).hexdigest().encode() + b"\n" + line)
        file.flush()
        try:
            with open_entry(Path(file.name), whole.key) as (entry, pictures):
                list(read_pictures(entry, pictures))
        except ValueError:
            return
    result = replace(ran, results=(replace(entry.result, name="a.png"),))
    assert [*render_results(result), *render_page(build_page(result))]


def _write_compactly(document: object) -> bytes:
    """Return JSON as pydantic writes it."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _damage(data: bytes, document: dict[str, Any]) -> bytes:
    """Return any bytes as they are, or a document with something else at some of its places."""
    if data[:1] != b"\1":
        return data
    taker = Taker(data[1:])
    damaged = deepcopy(document)
    for _ in range(taker.number(1, 4)):
        *steps, last = taker.choose(list(_list_places(damaged)))
        holder = damaged
        for step in steps:
            holder = holder[step]
        if taker.number(0, 9):
            holder[last] = deepcopy(taker.choose(_ODD))
        else:
            holder[last] = taker.text(20)
    return json.dumps(damaged).encode()


def _list_places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of everything in a document, as the keys that lead there."""
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else items:
        yield from _list_places(item, (*place, key))


def _make_results() -> dict[str, Any]:
    return _make_run()[1]


@cache
def _make_run() -> tuple[RunResult, dict[str, Any]]:
    """Return a small run, which has a pair of each kind, and its results.json."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, pages in (("old", ("a", "b", "gone")), ("new", ("a", "b", "new"))):
            (folder / side).mkdir()
            for page in pages:
                image = np.full((30, 40, 3), 250, np.uint8)
                image[5:15, 5:30] = 90 if (side, page) == ("new", "a") else 20
                (folder / side / f"{page}.png").write_bytes(encode_png(image))
        (folder / "new/b.png").write_bytes(b"no image")
        config = folder / "visualdiff.yaml"
        config.write_text("baselines: old\ncandidates: new\nreport: report\nexecutor: serial\n")
        ran = run(load_config(config))
        document: dict[str, Any] = json.loads((folder / "report/results.json").read_bytes())
    return ran, document
