"""Runs that find the results of earlier ones: the same reports, and never another verdict."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawing import draw_page
from PIL import Image

from visualdiff import ConfigError, RunResult, load_config, run
from visualdiff.check import check_pair
from visualdiff.model import PairResult, Status
from visualdiff.report.build import build_page
from visualdiff.report.html import render_page
from visualdiff.report.results import render_results
from visualdiff.tiles import Pixels

COMMAND = Path(sys.executable).with_name("visualdiff")
PAGE = draw_page(4, width=80)
CONFIG = """
baselines: old
candidates: new
cache: cache
executor: serial
overrides:
  - {match: masked.png, masks: [{x: 0, y: 0, width: 100%, height: 30%}]}
  - {match: painted.png, mask_images: [mask.png]}
"""
STATUSES = {
    "alternate.png": "passed",
    "broken.png": "error",
    "closest.png": "failed",
    "faint.png": "passed",
    "fresh.png": "new",
    "gone.png": "missing",
    "home.png": "failed",
    "masked.png": "failed",
    "painted.png": "passed",
    "rows.png": "failed",
    "same.png": "passed",
    "scan.tiff": "failed",
    "wrong.jpg": "failed",
}


def change(top: int = 40, colour: tuple[int, int, int] = (220, 38, 38)) -> Pixels:
    """Return the page with a box of a colour."""
    page = PAGE.copy()
    page[top : top + 12, 20:50] = colour
    return page


def write(path: Path, image: Pixels, kind: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(image, np.uint8)).save(path, kind or None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a pair of everything; each that differs has another change."""
    (tmp_path / "visualdiff.yaml").write_text(CONFIG)
    inserted = np.asarray(np.insert(change(50), 20, np.full((20, 80, 3), 200), axis=0))
    pairs: dict[str, tuple[Pixels | None, Pixels | None]] = {
        "alternate.png": (change(), PAGE),
        "alternate@2.png": (PAGE, None),
        "broken.png": (PAGE, None),
        "closest.png": (change(60, (0, 0, 0)), change(10)),
        "closest@2.png": (PAGE, None),
        "faint.png": (PAGE, np.asarray(PAGE + (PAGE == 40), np.uint8)),
        "fresh.png": (None, change(20)),
        "gone.png": (change(30), None),
        "home.png": (PAGE, change()),
        "masked.png": (PAGE, change(15)),
        "painted.png": (PAGE, change(44)),
        "rows.png": (PAGE, inserted),
        "same.png": (PAGE, PAGE),
        "scan.tiff": (PAGE, change(48)),
    }
    for name, (before, after) in pairs.items():
        for side, image in (("old", before), ("new", after)):
            if image is not None:
                write(tmp_path / side / name, image)
    (tmp_path / "new" / "broken.png").write_bytes(b"no image")
    for side, image in (("old", PAGE), ("new", change(52))):
        write(tmp_path / side / "wrong.jpg", image, "PNG")
    mask = np.zeros_like(PAGE)
    mask[40:60] = 255
    write(tmp_path / "mask.png", mask)
    return tmp_path


def go(project: Path, **changes: Any) -> RunResult:
    return run(load_config(project / "visualdiff.yaml", **changes))


def go_without(project: Path) -> RunResult:
    """Run without a cache, into a report of its own."""
    config = load_config(project / "visualdiff.yaml", report=project / "without")
    return run(dataclasses.replace(config, cache=None))


def tell(result: RunResult) -> tuple[list[Any], bytes, bytes, dict[str, bytes]]:
    """Return all that a run says and draws, but when, how long, and how many were reused."""
    pairs = tuple(dataclasses.replace(item, seconds=None) for item in result.results)
    same = dataclasses.replace(result, results=pairs, started="", seconds=0.0, reused=0)
    assets = result.config.report / "assets"
    report = dataclasses.replace(same.config, report=result.config.folder / "visualdiff-report")
    return (
        list(result.results),
        b"".join(render_results(dataclasses.replace(same, config=report))),
        b"".join(render_page(build_page(same))),
        {path.name: path.read_bytes() for path in assets.iterdir()},
    )


def list_entries(project: Path) -> list[Path]:
    return sorted((project / "cache").glob("*.entry"))


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the names of pairs are added as they are compared."""
    names: list[str] = []

    def note(*arguments: Any, **more: Any) -> PairResult:
        names.append(arguments[0].name)
        return check_pair(*arguments, **more)

    monkeypatch.setattr("visualdiff.check.check_pair", note)
    return names


class TestTheSameReport:
    @pytest.mark.parametrize("shown", ["list", "thumbnails"])
    def test_with_and_without_what_is_known(self, project: Path, shown: str) -> None:
        with (project / "visualdiff.yaml").open("a") as file:
            file.write(f"passed_in_report: {shown}\n")
        plain = go_without(project)
        assert {item.name: item.status.value for item in plain.results} == STATUSES
        first, second = go(project), go(project)
        assert (plain.reused, first.reused, second.reused) == (0, 0, len(STATUSES) - 2)
        assert tell(first) == tell(plain)
        assert tell(second) == tell(plain)
        shutil.rmtree(first.config.report)
        third = go(project)
        assert third.reused == second.reused
        assert tell(third) == tell(plain)

    def test_by_the_command_with_any_number_of_workers(self, project: Path) -> None:
        def call(*words: str) -> dict[str, Any]:
            done = subprocess.run(
                [COMMAND, "run", *words], cwd=project, capture_output=True, check=False, text=True
            )
            assert (done.returncode, "Traceback" in done.stderr) == (1, False)
            text = (project / "visualdiff-report" / "results.json").read_text("utf-8")
            document: dict[str, Any] = json.loads(text)
            for entry in document["results"]:
                del entry["seconds"]
            told = f"unchanged: {document['run']['reused']} of 13 pairs, since an earlier run\n"
            assert (told in done.stdout) is (document["run"]["reused"] > 0)
            return document

        documents = [
            call("--no-cache", "--workers", "2"),
            call("--cache", "other", "--workers", "2"),
            call("--cache", "other", "--workers", "3"),
            call("--no-cache"),
        ]
        assert [item["run"].pop("reused") for item in documents] == [0, 0, 11, 0]
        assert not (project / "cache").exists()
        assert all(item["results"] == documents[0]["results"] for item in documents)
        assert not any("cache" in item["run"]["settings"] for item in documents)

    def test_the_page_tells_how_many_were_known(self, project: Path) -> None:
        go(project)
        go(project)
        page = (project / "visualdiff-report" / "index.html").read_text("utf-8")
        assert "11 of 13 pairs, since an earlier run" in page

    def test_nothing_is_compared_where_nothing_has_changed(
        self, project: Path, checked: list[str]
    ) -> None:
        go(project)
        assert sorted(checked) == sorted(STATUSES)
        checked.clear()
        go(project)
        assert sorted(checked) == ["broken.png", "wrong.jpg"]

    def test_neither_numpy_nor_a_worker_is_needed(self, project: Path) -> None:
        for name in ("broken.png", "wrong.jpg"):
            for side in ("old", "new"):
                (project / side / name).unlink()
        go(project)
        code = (
            "import sys\nfrom visualdiff import load_config, run\n"
            "print(run(load_config('visualdiff.yaml', workers=2)).reused)\n"
            "print(sorted({'numpy', 'cv2', 'visualdiff.pool'} & sys.modules.keys()))"
        )
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == ["11", "[]"]


class TestWhatIsReused:
    def test_a_page_by_another_name(self, project: Path, checked: list[str]) -> None:
        go(project)
        checked.clear()
        for side in ("old", "new"):
            (project / side / "home.png").rename(project / side / "start.png")
        found = {item.name: item for item in go(project).results}
        assert "start.png" not in checked
        assert (found["start.png"].baseline, found["start.png"].candidate) == (
            "old/start.png",
            "new/start.png",
        )
        assert found["start.png"].target == "old/start.png"

    def test_the_closest_of_several_baselines_by_other_names(
        self, project: Path, checked: list[str]
    ) -> None:
        before = next(item for item in go(project).results if item.name == "closest.png")
        assert (before.baseline, before.alternates) == ("old/closest@2.png", ("old/closest.png",))
        checked.clear()
        for path in (project / "old/closest.png", project / "old/closest@2.png"):
            path.rename(path.with_name(path.name.replace("closest", "best")))
        (project / "new/closest.png").rename(project / "new/best.png")
        after = next(item for item in go(project).results if item.name == "best.png")
        assert "best.png" not in checked
        assert (after.baseline, after.alternates) == ("old/best@2.png", ("old/best.png",))

    def test_not_the_result_of_a_file_that_has_changed(
        self, project: Path, checked: list[str]
    ) -> None:
        assert get_status(go(project), "home.png") is Status.FAILED
        checked.clear()
        shutil.copyfile(project / "new" / "home.png", project / "old" / "home.png")
        assert get_status(go(project), "home.png") is Status.PASSED
        write(project / "old" / "same.png", change())
        assert get_status(go(project), "same.png") is Status.FAILED
        assert {"home.png", "same.png"} <= set(checked)

    @pytest.mark.parametrize("link", [os.symlink, os.link])
    def test_not_that_of_two_files_where_there_is_one(
        self, project: Path, link: Callable[[Path, Path], None]
    ) -> None:
        assert get_status(go(project), "same.png") is Status.PASSED
        (project / "new" / "same.png").unlink()
        link(project / "old" / "same.png", project / "new" / "same.png")
        result = go(project, follow_links=True)
        assert get_status(result, "same.png") is Status.ERROR

    def test_not_that_of_another_extension(self, project: Path) -> None:
        go(project)
        for side in ("old", "new"):
            (project / side / "home.png").rename(project / side / "home.bmp")
        (found,) = (item for item in go(project).results if item.name == "home.bmp")
        assert found.warnings == (
            "baseline home.bmp holds PNG, not BMP",
            "candidate home.bmp holds PNG, not BMP",
        )

    def test_not_that_of_a_mask_that_was_painted_anew(self, project: Path) -> None:
        assert get_status(go(project), "painted.png") is Status.PASSED
        write(project / "mask.png", np.zeros_like(PAGE))
        assert get_status(go(project), "painted.png") is Status.FAILED

    def test_a_picture_is_drawn_again_where_a_report_lacks_it(self, project: Path) -> None:
        go(project)
        report = project / "visualdiff-report"
        drawn = {path.name: path.read_bytes() for path in (report / "assets").iterdir()}
        for path in sorted((report / "assets").iterdir())[::2]:
            path.unlink()
        assert go(project).reused == 11
        assert drawn == {path.name: path.read_bytes() for path in (report / "assets").iterdir()}


def get_status(result: RunResult, name: str) -> Status:
    return next(item.status for item in result.results if item.name == name)


class TestWhatIsKept:
    @pytest.mark.parametrize("name", ["old/home.png", "new/home.png", "mask.png"])
    @pytest.mark.parametrize("back", [False, True])
    def test_not_what_was_written_while_it_was_compared(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, name: str, back: bool
    ) -> None:
        pair = "painted.png" if name == "mask.png" else "home.png"
        path = project / name
        before = path.read_bytes()
        # With any of these, the pair passes.
        white = np.zeros_like(PAGE)
        white[30:70] = 255
        others: dict[str, Callable[[], object]] = {
            "old/home.png": lambda: shutil.copyfile(project / "new/home.png", path),
            "new/home.png": lambda: shutil.copyfile(project / "old/home.png", path),
            "mask.png": lambda: write(path, white),
        }

        def compare(*arguments: Any, **more: Any) -> PairResult:
            if arguments[0].name != pair:
                return check_pair(*arguments, **more)
            others[name]()
            try:
                return check_pair(*arguments, **more)
            finally:
                if back:
                    path.write_bytes(before)

        monkeypatch.setattr("visualdiff.check.check_pair", compare)
        assert get_status(go(project), pair) is Status.PASSED
        assert len(list_entries(project)) == 10
        monkeypatch.undo()
        path.write_bytes(before)
        again = go(project)
        assert again.reused == 10
        assert tell(again)[0] == tell(go_without(project))[0]

    def test_not_a_picture_that_was_changed_in_the_report(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def compare(*arguments: Any, **more: Any) -> PairResult:
            result = check_pair(*arguments, **more)
            if result.name == "home.png":
                path = project / "visualdiff-report" / result.artifacts["diff"]
                path.write_bytes(path.read_bytes()[:-1] + b"?")
            return result

        monkeypatch.setattr("visualdiff.check.check_pair", compare)
        go(project)
        assert len(list_entries(project)) == 10

    def test_full_disks_and_folders_of_others_are_a_warning(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("visualdiff.caching.write_together", refuse)
        result = go(project)
        told = f"cache: cannot write to {project / 'cache'}: No space left on device"
        assert result.warnings == (f"{told}; results are not kept",)
        assert tell(dataclasses.replace(result, warnings=()))[1:] == tell(go_without(project))[1:]

    def test_a_folder_that_cannot_be_made_is_a_warning(self, project: Path) -> None:
        (project / "file").touch()
        result = go(project, cache=project / "file" / "cache")
        assert result.warnings[0].startswith(f"cache: cannot write to {project}/file/cache: ")
        assert result.reused == 0

    def test_shards_share_a_folder(self, project: Path) -> None:
        config = load_config(project / "visualdiff.yaml")
        for number in (1, 2):
            run(config, shard=(number, 2))
        assert go(project).reused == 11

    def test_runs_at_the_same_time_share_a_folder(self, project: Path) -> None:
        commands = [
            [str(COMMAND), "run", "--report", f"report-{number}", "--workers", "2", "-q"]
            for number in range(3)
        ]
        running = [
            subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL)
            for command in commands
        ]
        assert [process.wait() for process in running] == [1, 1, 1]
        assert len(list_entries(project)) == 11
        assert tell(go(project)) == tell(go_without(project))


class TestTheFolder:
    def test_is_left_out_of_repositories_and_backups(self, project: Path) -> None:
        go(project)
        assert (project / "cache" / ".gitignore").read_text() == "*\n"
        tag = (project / "cache" / "CACHEDIR.TAG").read_text()
        assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")

    def test_survives_without_hidden_files(self, project: Path) -> None:
        go(project)
        (project / "cache" / ".gitignore").unlink()
        assert go(project).reused == 11

    def test_is_not_one_of_somebody_else(self, project: Path) -> None:
        (project / "cache").mkdir()
        (project / "cache" / "notes.txt").touch()
        with pytest.raises(ConfigError, match=r"cache: .* holds no CACHEDIR\.TAG"):
            go(project)
        assert [path.name for path in (project / "cache").iterdir()] == ["notes.txt"]

    def test_is_no_file(self, project: Path) -> None:
        (project / "cache").touch()
        with pytest.raises(ConfigError, match=r"cache: .* is a file, wanted a folder"):
            go(project)

    @pytest.mark.parametrize(
        ("place", "told"),
        [
            ("old", "holds the baselines"),
            ("old/cache", "is inside the baselines"),
            ("new/cache", "is inside the candidates"),
            (".", "holds the baselines"),
        ],
    )
    def test_shares_no_place_with_images(self, project: Path, place: str, told: str) -> None:
        with pytest.raises(ConfigError, match=f"cache: .* {told}; choose a folder of its own"):
            go(project, cache=project / place)

    @pytest.mark.parametrize("place", ["visualdiff-report", "visualdiff-report/cache"])
    def test_shares_no_place_with_the_report(self, project: Path, place: str) -> None:
        with pytest.raises(ConfigError, match=r"report: .* holds the cache"):
            go(project, cache=project / place)
        with pytest.raises(ConfigError, match=r"report: .* is inside the cache"):
            go(project, cache=project / "kept", report=project / "kept" / "report")

    def test_forgets_what_nobody_has_used_for_a_month(self, project: Path) -> None:
        go(project)
        used, *unused = list_entries(project)
        others = [project / "cache" / name for name in ("README", f"{'0' * 63}.entry")]
        left = project / "cache" / ".visualdiff-killed"
        for path in (*unused, *others, left):
            path.touch()
            set_age(path, 31)
        set_age(used, 29)
        go(project, only=("same.png",))
        kept = list_entries(project)
        assert used in kept
        assert not left.exists()
        assert all(path.exists() for path in others)
        assert len(set(kept) & set(unused)) <= 1

    def test_remembers_what_was_used(self, project: Path) -> None:
        go(project)
        for path in list_entries(project):
            set_age(path, 29)
        assert go(project).reused == 11
        assert all(path.stat().st_mtime > days_ago(1) for path in list_entries(project))


def set_age(path: Path, days: float) -> None:
    os.utime(path, (days_ago(days), days_ago(days)))


def days_ago(days: float) -> float:
    return time.time() - days * 86_400
