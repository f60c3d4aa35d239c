"""Captures of one image → its result, and what is written on the way."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from drawing import BLUE_600, draw_button, draw_png

from visualdiff.images import COMPACT, encode_png
from visualdiff.model import PairResult, Status
from visualdiff.testing.judging import Judge
from visualdiff.testing.project import choose_settings, load_project

BLUE, GREEN = draw_png(), draw_png((37, 160, 60))
# The same pixels in other bytes.
BLUE_AGAIN = encode_png(draw_button(BLUE_600), COMPACT)
assert BLUE_AGAIN != BLUE


class Folder:
    """A project with one image, home.png."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = load_project(path).config
        self.baseline = self.config.baselines / "home.png"
        self.kept = self.config.candidates / "home.png"

    def accept(self, data: bytes) -> None:
        self.baseline.parent.mkdir()
        self.baseline.write_bytes(data)
        os.utime(self.baseline, (1e9, 1e9))

    def judge(
        self,
        capture: bytes,
        *,
        update: str = "none",
        then: Sequence[bytes] | Callable[[], bytes] = (),
        timeout: float = 5,
        **settings: Any,
    ) -> PairResult:
        later = iter(then) if isinstance(then, Sequence) else iter(then, b"")
        chosen = choose_settings(load_project(self.path), "home.png", [settings])
        judge = Judge(config=self.config, name="home.png", settings=chosen, update=update)
        return judge.judge(capture, (lambda: next(later)) if then else None, timeout)

    @property
    def untouched(self) -> bool:
        return self.baseline.stat().st_mtime == 1e9


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualdiff.testing.settling._PAUSES", (0.0,) * 20)
    monkeypatch.setattr("visualdiff.testing.settling._LAST_PAUSE", 0.01)


def test_a_capture_that_matches_leaves_nothing_behind(folder: Folder) -> None:
    folder.accept(BLUE)
    result = folder.judge(BLUE)
    assert (result.status, result.candidate, result.attempts) == (Status.PASSED, None, 1)
    assert result.baseline == "baselines/home.png"
    assert not folder.kept.exists()


def test_a_capture_that_matches_is_shown_if_the_report_is_to_show_it(folder: Folder) -> None:
    folder.accept(BLUE)
    folder.config = dataclasses.replace(folder.config, passed_in_report="thumbnails")
    result = folder.judge(BLUE)
    assert (result.status, result.candidate) == (Status.PASSED, None)
    assert (folder.config.report / result.artifacts["candidate"]).read_bytes() == BLUE


def test_a_capture_that_differs_is_kept_with_its_pictures(folder: Folder) -> None:
    folder.accept(BLUE)
    result = folder.judge(GREEN)
    assert result.status is Status.FAILED
    assert result.candidate == "visualdiff-report/candidates/home.png"
    assert folder.kept.read_bytes() == GREEN
    assert all((folder.config.report / path).is_file() for path in result.artifacts.values())
    assert {"baseline", "candidate", "diff"} <= result.artifacts.keys()


def test_an_image_without_a_baseline_is_kept_and_not_accepted(folder: Folder) -> None:
    result = folder.judge(BLUE)
    assert (result.status, result.size, result.baseline) == (Status.NEW, (160, 120), None)
    assert folder.kept.read_bytes() == BLUE
    assert not folder.baseline.exists()


def test_a_candidate_that_cannot_be_kept_is_a_warning_and_no_crash(folder: Folder) -> None:
    folder.accept(BLUE)
    folder.kept.parent.write_text("a file")
    result = folder.judge(GREEN)
    assert (result.status, result.candidate) == (Status.FAILED, None)
    assert "candidate cannot be kept" in result.warnings[-1]


@pytest.mark.parametrize("update", ["missing", "changed", "all"])
def test_a_missing_baseline_is_written_by_every_update(folder: Folder, update: str) -> None:
    result = folder.judge(BLUE, update=update)
    assert (result.status, result.updated) == (Status.PASSED, True)
    assert result.warnings == ("baseline written: no baseline of this name",)
    assert result.baseline == "baselines/home.png"
    assert folder.baseline.read_bytes() == BLUE
    assert not folder.kept.exists()


@pytest.mark.parametrize(
    ("update", "written"), [("none", False), ("missing", False), ("changed", True), ("all", True)]
)
def test_a_baseline_that_does_not_match_is_written_on_demand(
    folder: Folder, update: str, written: bool
) -> None:
    folder.accept(BLUE)
    result = folder.judge(GREEN, update=update)
    assert (result.status is Status.PASSED, result.updated) == (written, written)
    assert folder.baseline.read_bytes() == (GREEN if written else BLUE)
    assert folder.untouched is not written


@pytest.mark.parametrize(("update", "written"), [("changed", False), ("all", True)])
def test_a_baseline_of_other_bytes_that_matches_is_written_only_if_all_are(
    folder: Folder, update: str, written: bool
) -> None:
    folder.accept(BLUE)
    result = folder.judge(BLUE_AGAIN, update=update)
    assert (result.status, result.updated) == (Status.PASSED, written)
    assert folder.untouched is not written
    wanted = ("baseline written: other bytes, nothing visible",) if written else ()
    assert result.warnings == wanted


def test_a_baseline_of_the_same_bytes_is_never_touched(folder: Folder) -> None:
    folder.accept(BLUE)
    result = folder.judge(BLUE, update="all")
    assert (result.status, result.updated, folder.untouched) == (Status.PASSED, False, True)


def test_a_damaged_baseline_is_an_error_and_can_be_replaced(folder: Folder) -> None:
    folder.accept(BLUE[:200])
    result = folder.judge(BLUE)
    assert result.status is Status.ERROR
    assert result.reasons[0].startswith("baseline cannot be compared: PNG is damaged")
    assert folder.kept.read_bytes() == BLUE
    assert folder.judge(BLUE, update="changed").status is Status.PASSED


@pytest.mark.parametrize("update", ["none", "all"])
def test_what_is_no_image_never_becomes_a_baseline(folder: Folder, update: str) -> None:
    result = folder.judge(BLUE[:200], update=update)
    assert result.status is Status.ERROR
    assert result.reasons[0].startswith("candidate cannot be compared: ")
    assert not folder.baseline.exists()


def test_a_mask_that_does_not_fit_is_an_error(folder: Folder) -> None:
    folder.accept(BLUE)
    (folder.path / "mask.png").write_bytes(draw_png()[:50])
    result = folder.judge(GREEN, mask_images=["mask.png"])
    assert result.status is Status.ERROR
    assert "mask.png" in result.reasons[0]


def test_a_baseline_that_cannot_be_written_is_an_error(folder: Folder) -> None:
    folder.baseline.parent.write_text("a file")
    result = folder.judge(BLUE, update="changed")
    assert (result.status, result.updated) == (Status.ERROR, False)
    assert "baselines/home.png cannot be written: " in result.reasons[0]
    assert folder.kept.read_bytes() == BLUE


@pytest.mark.parametrize("update", ["none", "missing"])
def test_what_stands_where_a_baseline_would_is_told(folder: Folder, update: str) -> None:
    folder.baseline.mkdir(parents=True)
    result = folder.judge(BLUE, update=update)
    assert result.reasons == (f"baseline {folder.baseline} is a folder, wanted a file",)
    folder.baseline.rmdir()
    folder.baseline.parent.rmdir()
    folder.baseline.parent.write_text("a file")
    result = folder.judge(BLUE, update=update)
    assert result.status is Status.ERROR
    assert result.reasons == (f"baselines: {folder.baseline.parent} is a file, wanted a folder",)


def test_a_later_capture_that_matches_is_flaky(folder: Folder) -> None:
    folder.accept(BLUE)
    result = folder.judge(GREEN, then=[BLUE])
    assert (result.status, result.attempts, result.flaky) == (Status.PASSED, 2, True)
    assert result.warnings == ("flaky: only capture 2 matched",)
    assert not folder.kept.exists()


def test_an_update_does_not_hide_that_only_a_later_capture_matched(folder: Folder) -> None:
    folder.accept(BLUE)
    result = folder.judge(GREEN, then=[BLUE_AGAIN], update="all")
    assert (result.updated, result.attempts, result.flaky) == (True, 2, True)
    assert "flaky: only capture 2 matched" in result.warnings


def test_what_rests_and_differs_fails_without_waiting_for_the_end(folder: Folder) -> None:
    folder.accept(BLUE)
    result = folder.judge(GREEN, then=[GREEN], timeout=99)
    assert (result.status, result.attempts, result.flaky) == (Status.FAILED, 2, False)
    assert result.warnings == ()


def test_what_rests_is_written_as_it_rests(folder: Folder) -> None:
    result = folder.judge(BLUE, then=[GREEN, GREEN], update="missing")
    assert (result.updated, result.flaky) == (True, False)
    assert folder.baseline.read_bytes() == GREEN


@pytest.mark.parametrize("update", ["none", "missing", "all"])
@pytest.mark.parametrize("has_baseline", [False, True])
def test_what_never_rests_fails_and_is_never_written(
    folder: Folder, update: str, has_baseline: bool
) -> None:
    if has_baseline:
        folder.accept(BLUE)
    shades = count()
    result = folder.judge(
        GREEN, then=lambda: draw_png((200, 30, next(shades))), update=update, timeout=0.2
    )
    assert result.status is (Status.FAILED if has_baseline else Status.NEW)
    assert not result.updated
    assert folder.baseline.exists() is has_baseline
    assert not has_baseline or folder.untouched
    expected = f"did not come to rest within 0.2 s, in {result.attempts} captures"
    assert result.warnings[-1] == expected
    assert folder.kept.exists()
