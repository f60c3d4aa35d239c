"""Reports of shards → one report, as a single run would have written it, or why not."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawing import draw_page
from reporting import write_png

from visualdiff import ConfigError, RunResult, load_config, run
from visualdiff.errors import ReportError
from visualdiff.merging import merge_reports

ROOT = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).with_name("visualdiff")
# What may differ between shards that were merged and one run.
_OWN = {"command": "", "started": "", "seconds": 0, "shard": None}


def normalise(results: Path) -> bytes:
    """Return results.json without what every run has of its own."""
    document = json.loads(results.read_bytes())
    document["run"] |= _OWN
    for entry in document["results"]:
        entry["seconds"] = 0
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def list_assets(report: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (report / "assets").iterdir()}


def test_four_shards_of_the_demo_set_are_one_run_byte_for_byte(tmp_path: Path) -> None:
    def call(*words: str) -> int:
        done = subprocess.run([COMMAND, *words, "-q"], cwd=ROOT, capture_output=True, check=False)
        assert b"Traceback" not in done.stderr
        return done.returncode

    folders = [tmp_path / f"shard-{number}" for number in (1, 2, 3, 4)]
    for number, folder in enumerate(folders, 1):
        assert call("run", "--shard", f"{number}/4", "--report", str(folder)) == 1
        assert json.loads((folder / "results.json").read_bytes())["run"]["shard"] == f"{number}/4"
    one, merged = tmp_path / "one", tmp_path / "merged"
    assert call("run", "--report", str(one)) == 1
    assert call("merge", *map(str, reversed(folders)), "--report", str(merged)) == 1
    assert normalise(merged / "results.json") == normalise(one / "results.json")
    assert list_assets(merged) == list_assets(one)
    pages = [(folder / "index.html").read_text("utf-8") for folder in (merged, one)]
    assert all("12 of 17 screenshots need a look" in page for page in pages)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    page = draw_page(4, width=80)
    for index in range(9):
        for side in ("old", "new"):
            write_png(tmp_path / side / f"{index}.png", page + np.uint8(index))
    (tmp_path / "visualdiff.yaml").write_text(
        "baselines: old\ncandidates: new\nexecutor: serial\n"
    )
    return tmp_path


Shard = Callable[..., list[Path]]


@pytest.fixture
def shard(project: Path) -> Shard:
    def write(count: int = 3, name: str = "shard", **changes: object) -> list[Path]:
        folders = []
        for number in range(1, count + 1):
            folder = project / f"{name}-{number}"
            config = load_config(project / "visualdiff.yaml", report=folder, **changes)
            run(config, shard=(number, count))
            folders.append(folder)
        return folders

    return write


def append(project: Path, text: str) -> None:
    path = project / "visualdiff.yaml"
    path.write_text(path.read_text() + text)


def merge(folders: list[Path], report: Path) -> list[str]:
    """Return why reports cannot be merged, and require that nothing was written."""
    with pytest.raises(ReportError) as caught:
        merge_reports(folders, report)
    assert not report.exists()
    return str(caught.value).replace(f"{report.parent}/", "").splitlines()


class TestRefusals:
    def test_what_is_missing_or_there_twice_is_named(self, project: Path, shard: Shard) -> None:
        one, two, three = shard()
        shutil.copytree(two, project / "again")
        assert merge([one, two], project / "out") == [
            "shard 3/3 is missing: name the folder of its report too"
        ]
        assert merge([three, two, project / "again"], project / "out") == [
            "shard 1/3 is missing: name the folder of its report too",
            "shard 2/3 is there repeatedly: shard-2, again; name one",
        ]

    def test_a_report_of_all_pairs_is_no_shard(self, project: Path, shard: Shard) -> None:
        run(load_config(project / "visualdiff.yaml", report=project / "whole"))
        assert merge([*shard(), project / "whole"], project / "out") == [
            "whole is no shard: it was written without `--shard`"
        ]

    def test_a_shard_that_was_interrupted_is_named(self, project: Path, shard: Shard) -> None:
        folders = shard()
        path = folders[1] / "results.json"
        data = json.loads(path.read_bytes())
        data["run"]["interrupted"] = "SIGTERM"
        path.write_text(json.dumps(data))
        assert merge(folders, project / "out") == [
            "shard-2 was interrupted by SIGTERM: run that shard again"
        ]

    def test_a_folder_without_a_report_is_named(self, project: Path, shard: Shard) -> None:
        (told,) = merge([*shard(), project / "old"], project / "out")
        assert told.startswith("old/results.json: cannot be read: No such file")

    def test_shards_of_other_settings_are_named_with_them(
        self, project: Path, shard: Shard
    ) -> None:
        one, two, _ = shard()
        *_, three = shard(name="other", threshold=0.5, only=("*.png",))
        told = "other-3 (shard 3/3) and shard-1 (shard 1/3) are of different runs: "
        assert merge([one, two, three], project / "out") == [
            f"{told}threshold 0.5, 0.99; only ('*.png',), ()"
        ]

    def test_shards_of_another_number_are_named(self, project: Path, shard: Shard) -> None:
        one, _, three = shard()
        two = shard(2, name="half")[1]
        told = "half-2 (shard 2/2) and shard-1 (shard 1/3) are of different runs: "
        assert merge([one, two, three], project / "out") == [f"{told}one of 2 shards, one of 3"]

    def test_shards_of_other_images_are_named(self, project: Path, shard: Shard) -> None:
        one, two, _ = shard()
        write_png(project / "new" / "0.png", draw_page(5, width=80))
        three = shard(name="later")[2]
        told = "later-3 (shard 3/3) and shard-1 (shard 1/3) are of different runs: "
        assert merge([one, two, three], project / "out") == [
            f"{told}other images, overrides or version of visualdiff"
        ]
        write_png(project / "new" / "9.png", draw_page(5, width=80))
        three = shard(name="later")[2]
        assert merge([one, two, three], project / "out") == [f"{told}10 pairs, 9"]

    def test_a_file_that_was_edited_is_found_out(self, project: Path, shard: Shard) -> None:
        def edit(folder: Path, change: Callable[[list[Any]], object]) -> None:
            document = json.loads((folder / "results.json").read_bytes())
            change(document["results"])
            (folder / "results.json").write_text(json.dumps(document))

        folders = shard()
        edit(folders[0], lambda results: results[0].update(name="2.png"))
        told = merge(folders, project / "out")
        assert any(line.startswith("2.png is in shard-") for line in told)
        folders = shard()
        edit(folders[0], lambda results: results.pop())
        assert merge(folders, project / "out") == [
            "the shards have 8 pairs, wanted 9: one was changed"
        ]

    def test_pictures_that_lack_are_named(self, project: Path, shard: Shard) -> None:
        for index in range(9):
            write_png(project / "new" / f"{index}.png", draw_page(4, seed=index + 9, width=80))
        folders = shard()
        shutil.rmtree(folders[1] / "assets")
        with pytest.raises(ReportError, match="shard-2 lacks assets/"):
            merge_reports(folders, project / "out")

    @pytest.mark.parametrize(
        ("place", "said"),
        [
            ("shard-2", "holds the report of shard 2/3"),
            ("shard-2/merged", "is inside the report of shard 2/3"),
            ("old", "holds the baselines"),
        ],
    )
    def test_no_folder_that_holds_something_else_is_written_to(
        self, project: Path, shard: Shard, place: str, said: str
    ) -> None:
        folders = shard()
        before = sorted(project.rglob("*"))
        with pytest.raises(ConfigError, match=said):
            merge_reports(folders, project / place)
        assert sorted(project.rglob("*")) == before


class TestVerdict:
    @pytest.mark.parametrize("policy", ["fail", "warn", "ignore"])
    def test_policies_and_warnings_are_those_of_one_run(
        self, project: Path, shard: Shard, policy: str
    ) -> None:
        for name in ("0.png", "4.png", "8.png"):
            (project / "old" / name).unlink()
        (project / "new" / "5.png").unlink()
        append(
            project,
            f"on_new: {policy}\non_missing: {policy}\n"
            "variants: ['{name}-{platform}', '{name}']\n"
            "overrides: [{match: 3.png, threshold: 0.5}, {match: typo.png, threshold: 0.5}]\n",
        )
        write_png(project / "old" / "6-macos.png", draw_page(4, width=80))
        merged = merge_reports(shard(), project / "merged")
        whole = run(load_config(project / "visualdiff.yaml", report=project / "whole"))
        assert (merged.passed, merged.warnings) == (policy != "fail", whole.warnings)
        assert whole.warnings[-2:] == (
            "an override matches no image: typo.png",
            "not compared: 1 baseline of other variants: 6-macos.png",
        )
        assert normalise(project / "merged/results.json") == normalise(
            project / "whole/results.json"
        )

    def test_shards_without_a_pair_are_fine(self, project: Path, shard: Shard) -> None:
        folders = shard(30)
        assert sum(not list_results(folder) for folder in folders) >= 21
        assert merge_reports(folders, project / "out").passed

    def test_a_run_without_any_candidate_never_passes(self, project: Path, shard: Shard) -> None:
        for path in (project / "new").iterdir():
            path.unlink()
        append(project, "on_missing: ignore\n")
        for folder in (folders := shard(12)):
            assert json.loads((folder / "results.json").read_bytes())["run"]["passed"] is False
        merged = merge_reports(folders, project / "out")
        assert not merged.passed
        assert merged.warnings == (
            "nothing was compared: no candidate has a baseline, which never passes",
        )

    def test_a_shard_passes_that_has_only_missing_ones(self, project: Path, shard: Shard) -> None:
        append(project, "on_missing: ignore\n")
        first = list_results(shard()[0])
        for name in first:
            (project / "new" / name).unlink()
        folders = shard()
        passed = [
            json.loads((folder / "results.json").read_bytes())["run"]["passed"]
            for folder in folders
        ]
        assert passed == [True] * 3
        assert merge_reports(folders, project / "out").passed

    def test_times_add_up(self, project: Path, shard: Shard) -> None:
        folders = shard()
        runs = [json.loads((folder / "results.json").read_bytes())["run"] for folder in folders]
        merged = merge_reports(folders, project / "out", command="visualdiff merge")
        assert merged.seconds == pytest.approx(sum(told["seconds"] for told in runs))
        assert merged.started == min(told["started"] for told in runs)
        assert (merged.command, merged.shard) == ("visualdiff merge", None)


def list_results(folder: Path) -> list[str]:
    document = json.loads((folder / "results.json").read_bytes())
    return [item["name"] for item in document["results"]]


class TestPlaces:
    def test_reports_that_lie_deeper_name_the_same_folder(
        self, project: Path, shard: Shard
    ) -> None:
        folders = shard(name="a/b/shard")
        merged = merge_reports(folders, project / "merged")
        assert merged.config.folder == project
        assert tell_folder(merged) == ".."

    def test_downloaded_reports_stand_for_those_that_were_written(
        self, project: Path, shard: Shard
    ) -> None:
        append(project, "mask_images: [mask.png]\n")
        write_png(project / "mask.png", np.zeros((80, 80, 3), np.uint8))
        folders = []
        for folder in shard():
            moved = project / "ci" / "artifacts" / folder.name
            moved.parent.mkdir(parents=True, exist_ok=True)
            folders.append(Path(shutil.move(folder, moved)))
        merged = merge_reports(folders, project / "merged")
        assert tell_folder(merged) == ".."
        assert merged.config.folder == project
        assert {item.settings.mask_images for item in merged.results if item.settings} == {
            (project / "mask.png",)
        }


def tell_folder(result: RunResult) -> str:
    document = json.loads((result.config.report / "results.json").read_bytes())
    return str(document["run"]["folder"])
