"""The installed command: exit codes, messages, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

from visualdiff.commands import COMMANDS

Run = Callable[..., "subprocess.CompletedProcess[str]"]

COMMAND = Path(sys.executable).with_name("visualdiff")


@pytest.fixture
def visualdiff(tmp_path: Path) -> Run:
    def run(*arguments: str, cwd: Path = tmp_path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nreport: report\n")
    for side in ("old", "new"):
        draw(tmp_path / side / "same.png")
        draw(tmp_path / side / "changed.png", square=255 if side == "new" else 0)
    return tmp_path


def draw(path: Path, square: int = 0, size: int = 64) -> Path:
    image = np.full((size, size, 3), 230, np.uint8)
    image[20:40, 10:50] = (square, 90, 40)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return path


def read(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of a file in OpenCV's order, BGR."""
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


class TestRun:
    def test_differences_end_with_1_a_table_and_the_report(
        self, project: Path, visualdiff: Run
    ) -> None:
        done = visualdiff("run")
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        lines = done.stdout.splitlines()
        assert any(line.split()[:2] == ["failed", "changed.png"] for line in lines)
        assert not any("same.png" in line for line in lines)
        assert "2 pairs: 1 passed, 1 failed" in done.stdout
        assert f"report: {project / 'report' / 'index.html'}" in lines
        assert (project / "report" / "index.html").is_file()

    def test_the_pictures_of_pairs_that_passed_are_in_the_report_on_demand(
        self, project: Path, visualdiff: Run
    ) -> None:
        def list_artifacts() -> dict[str, str]:
            results = json.loads((project / "report" / "results.json").read_text())["results"]
            (same,) = [result for result in results if result["name"] == "same.png"]
            assert same["status"] == "passed"
            return dict(same["artifacts"])

        visualdiff("run", "--passed-in-report", "thumbnails")
        shown = list_artifacts()
        assert {"baseline", "candidate", "baseline_thumbnail"} <= shown.keys()
        assert (project / "report" / shown["baseline"]).is_file()
        visualdiff("run")
        assert list_artifacts() == {}

    @pytest.mark.usefixtures("project")
    def test_another_way_to_show_them_ends_with_2(self, visualdiff: Run) -> None:
        done = visualdiff("run", "--passed-in-report", "all")
        assert done.returncode == 2
        assert done.stderr == (
            "error: --passed-in-report: got \"all\", wanted 'list' or 'thumbnails'\n"
        )

    def test_equal_folders_end_with_0(self, project: Path, visualdiff: Run) -> None:
        draw(project / "new" / "changed.png")
        done = visualdiff("run")
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
        assert "2 pairs: 2 passed in" in done.stdout

    @pytest.mark.usefixtures("project")
    def test_a_log_has_neither_colours_nor_a_bar(self, visualdiff: Run) -> None:
        done = visualdiff("run")
        assert "\x1b" not in done.stdout + done.stderr
        assert done.stderr.splitlines() == ["compared 2 of 2, 1 not passed"]

    def test_quiet_says_nothing_when_all_is_well(self, project: Path, visualdiff: Run) -> None:
        draw(project / "new" / "changed.png")
        done = visualdiff("run", "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_options_win_over_the_file(self, project: Path, visualdiff: Run) -> None:
        done = visualdiff("run", "--only", "same.png", "--threshold", "1", "--report", "other")
        assert done.returncode == 0
        (result,) = load(project / "other" / "results.json")["results"]
        assert (result["name"], result["threshold"]) == ("same.png", 1.0)

    def test_a_variable_chooses_among_the_baselines_of_browsers(
        self, project: Path, visualdiff: Run
    ) -> None:
        config = project / "visualdiff.yaml"
        text = config.read_text() + "variants: ['{name}-{browser}', '{name}']\n"
        config.write_text(text + "variables: {browser: chromium}\n")
        draw(project / "old" / "changed-chromium.png", square=40)
        draw(project / "old" / "changed-firefox@2.png", square=255)
        draw(project / "old" / "changed-firefox@3.png", square=30)
        failed = visualdiff("run")
        assert failed.returncode == 1
        assert "; baseline old/changed-chromium.png" in failed.stdout
        passed = visualdiff("run", "--variable", "browser=firefox")
        assert (passed.returncode, passed.stderr.count("Traceback")) == (0, 0)
        told = "warning: not compared: 2 baselines of other variants: changed-chromium.png, "
        assert f"{told}changed.png" in passed.stdout.splitlines()
        result = load(project / "report" / "results.json")["results"][0]
        assert result["baseline"] == "old/changed-firefox@2.png"
        assert result["alternates"] == ["old/changed-firefox@3.png"]
        page = (project / "report" / "index.html").read_text("utf-8")
        assert "matches old/changed-firefox@2.png, one of 2 baselines" in page
        assert "<dt>Variant</dt><dd>platform linux, browser firefox</dd>" not in page
        assert "<dt>Variant</dt><dd>browser firefox</dd>" in page

    def test_the_closest_of_several_baselines_is_shown(
        self, project: Path, visualdiff: Run
    ) -> None:
        image = read(project / "new" / "changed.png")
        image[5, 5:9] = 0
        (project / "old" / "changed@2.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
        done = visualdiff("run", "--workers", "2")
        assert done.returncode == 1
        assert "4 px differ visibly" in done.stdout
        assert "; baseline old/changed@2.png, the closest of 2" in done.stdout
        page = (project / "report" / "index.html").read_text("utf-8")
        assert '["Baseline","old/changed@2.png, the closest of 2"]' in page

    def test_a_variable_that_is_no_part_of_a_name_is_a_mistake(
        self, project: Path, visualdiff: Run
    ) -> None:
        done = visualdiff("run", "--variable", "browser=../x", cwd=project)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith('error: --variable browser: got "../x", wanted letters')

    def test_a_preset_says_in_every_place_what_it_did(
        self, project: Path, visualdiff: Run
    ) -> None:
        image = read(project / "old" / "same.png")
        image[5, 5] += 3
        (project / "new" / "same.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
        strict = visualdiff("run", "--preset", "strict", "--only", "same.png")
        assert strict.returncode == 1
        assert "1 px differ visibly" in strict.stdout
        assert "ignored" not in strict.stdout
        lenient = visualdiff("run", "--preset", "lenient", "--only", "same.png")
        assert lenient.returncode == 0
        assert "ignored in 1 pair: 1 px below the tolerance" in lenient.stdout.splitlines()
        (result,) = load(project / "report" / "results.json")["results"]
        assert result["settings"]["preset"] == "lenient"
        assert result["settings"]["tolerance"] == 2.0
        assert 1 < result["largest_ignored"]["tolerance"] < 2.5
        page = (project / "report" / "index.html").read_text("utf-8")
        assert "1 px below the tolerance ignored, largest ΔE 1." in page
        assert "preset lenient" in page

    @pytest.mark.usefixtures("project")
    def test_a_wrong_preset_ends_with_2(self, visualdiff: Run) -> None:
        done = visualdiff("run", "--preset", "lax")
        assert done.returncode == 2
        wanted = "wanted 'strict', 'default' or 'lenient'"
        assert done.stderr == f'error: --preset: got "lax", {wanted}\n'

    def test_paths_on_the_command_line_are_relative_to_the_working_directory(
        self, project: Path, visualdiff: Run
    ) -> None:
        elsewhere = project / "elsewhere"
        elsewhere.mkdir()
        done = visualdiff(
            "run", "--config", "../visualdiff.yaml", "--report", "here", cwd=elsewhere
        )
        assert done.returncode == 1
        assert (elsewhere / "here" / "results.json").is_file()

    @pytest.mark.parametrize("policy", ["fail", "warn", "ignore"])
    def test_a_new_image_ends_as_the_policy_says(
        self, project: Path, visualdiff: Run, policy: str
    ) -> None:
        (project / "old" / "changed.png").unlink()
        config = project / "visualdiff.yaml"
        config.write_text(config.read_text() + f"on_new: {policy}\n")
        assert visualdiff("run").returncode == (1 if policy == "fail" else 0)

    def test_an_unreadable_image_ends_with_1_and_the_rest_is_compared(
        self, project: Path, visualdiff: Run
    ) -> None:
        data = (project / "new" / "same.png").read_bytes()
        (project / "new" / "same.png").write_bytes(data[: len(data) // 2])
        done = visualdiff("run")
        assert done.returncode == 1
        assert "1 failed, 1 error" in done.stdout
        assert "candidate cannot be compared: PNG is damaged or truncated" in " ".join(
            done.stdout.split()
        )

    def test_no_images_at_all_end_with_2(self, project: Path, visualdiff: Run) -> None:
        for path in project.glob("*/*.png"):
            path.unlink()
        done = visualdiff("run")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: nothing to compare")

    @pytest.mark.usefixtures("project")
    def test_a_filter_that_matches_nothing_ends_with_2(self, visualdiff: Run) -> None:
        done = visualdiff("run", "--only", "typo/*.png")
        assert done.returncode == 2
        assert "--only typo/*.png" in done.stderr

    def test_all_mistakes_of_the_file_are_told_with_their_places(
        self, project: Path, visualdiff: Run
    ) -> None:
        (project / "visualdiff.yaml").write_text(
            "baselines: old\ncandidates: new\nthresold: 0.9\nmax_diff_pixels: -1\n"
        )
        done = visualdiff("run")
        assert done.returncode == 2
        assert done.stderr.splitlines() == [
            "error: visualdiff.yaml:3:1: thresold: unknown key, did you mean `threshold`?",
            "error: visualdiff.yaml:4:18: max_diff_pixels: got -1, wanted at least 0",
        ]

    def test_a_missing_config_names_the_command_that_writes_one(
        self, tmp_path: Path, visualdiff: Run
    ) -> None:
        done = visualdiff("run", cwd=tmp_path)
        assert done.returncode == 2
        assert "visualdiff.yaml: cannot be read" in done.stderr
        assert "visualdiff init" in done.stderr

    @pytest.mark.parametrize("report", [".", "old", "new"])
    def test_a_folder_that_is_not_a_report_is_never_written_to(
        self, project: Path, visualdiff: Run, report: str
    ) -> None:
        before = sorted(project.rglob("*"))
        done = visualdiff("run", "--report", report)
        assert done.returncode == 2
        assert done.stderr.startswith("error: report: ")
        assert sorted(project.rglob("*")) == before

    def test_a_second_run_replaces_the_report_and_its_pictures(
        self, project: Path, visualdiff: Run
    ) -> None:
        visualdiff("run")
        assert list((project / "report" / "assets").iterdir())
        draw(project / "new" / "changed.png")
        assert visualdiff("run").returncode == 0
        assert not list((project / "report" / "assets").iterdir())

    @pytest.mark.usefixtures("project")
    def test_wrong_usage_ends_with_2(self, visualdiff: Run) -> None:
        done = visualdiff("run", "--tresold", "1")
        assert done.returncode == 2
        assert "--threshold" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_new_image_warns_or_is_ignored_as_the_policy_says(
        self, project: Path, visualdiff: Run
    ) -> None:
        (project / "old" / "changed.png").unlink()
        config = project / "visualdiff.yaml"
        text = config.read_text()
        config.write_text(f"{text}on_new: warn\n")
        done = visualdiff("run")
        assert "warning: 1 with no baseline (on_new: warn)" in done.stdout
        assert any(line.split()[:2] == ["new", "changed.png"] for line in done.stdout.splitlines())
        config.write_text(f"{text}on_new: ignore\n")
        done = visualdiff("run")
        assert "warning" not in done.stdout
        assert "changed.png" not in done.stdout

    def test_a_run_that_saw_no_candidate_says_why_it_fails(
        self, project: Path, visualdiff: Run
    ) -> None:
        for path in (project / "new").iterdir():
            path.unlink()
        config = project / "visualdiff.yaml"
        config.write_text(f"{config.read_text()}on_missing: ignore\n")
        done = visualdiff("run")
        assert done.returncode == 1
        assert "warning: nothing was compared" in done.stdout

    def test_an_override_that_matches_nothing_is_told(
        self, project: Path, visualdiff: Run
    ) -> None:
        config = project / "visualdiff.yaml"
        config.write_text(f"{config.read_text()}overrides: [{{match: 'tpyo/*', threshold: 0}}]\n")
        assert "warning: an override matches no image: tpyo/*" in visualdiff("run").stdout
        with (project / "visualdiff.yaml").open("a") as file:
            file.write("strict: true\n")
        done = visualdiff("run")
        assert done.returncode == 2
        assert done.stderr == "error: an override matches no image: tpyo/* (strict: true)\n"

    def test_a_log_has_one_unfolded_line_for_each_pair(
        self, project: Path, visualdiff: Run
    ) -> None:
        name = "a-rather-long-name/" * 8 + "changed.png"
        draw(project / "old" / name)
        draw(project / "new" / name, square=255)
        (line,) = [line for line in visualdiff("run").stdout.splitlines() if name in line]
        assert line.split()[0] == "failed"
        assert line.rstrip().endswith("wanted at most 0")

    def test_output_that_knows_no_unicode_gets_escapes(self, project: Path) -> None:
        for side in ("old", "new"):
            draw(project / side / "übergrößenträger.png", square=255 if side == "new" else 0)
        plain = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0"}
        plain["PYTHONCOERCECLOCALE"] = "0"
        for arguments in (["run"], ["compare", "old/same.png", "new/same.png"], ["compare", "-h"]):
            done = subprocess.run(
                [COMMAND, *arguments], cwd=project, env=plain, capture_output=True, check=False
            )
            assert b"Traceback" not in done.stderr
            assert done.returncode == (1 if arguments == ["run"] else 0)

    @pytest.mark.parametrize("arguments", [["run"], ["schema"]])
    def test_a_full_output_ends_with_2(self, project: Path, arguments: list[str]) -> None:
        with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a path
            done = subprocess.run(
                [COMMAND, *arguments],
                cwd=project,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "No space left on device" in done.stderr

    @pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("run --workers 3", 1),
            ("compare old/same.png new/same.png", 0),
            ("compare -h", 0),
            ("schema", 0),
            ("init other.yaml", 0),
            ("nonsense", 2),
        ],
    )
    def test_closed_streams_do_not_change_the_exit_code(
        self, project: Path, line: str, code: int, closed: str
    ) -> None:
        # The pool starts no more workers than there are pairs.
        for side in ("old", "new"):
            draw(project / side / "third.png")
        done = subprocess.run(
            ["sh", "-c", f"{COMMAND} {line} {closed}"],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code

    def test_a_reader_that_leaves_does_not_change_the_exit_code(self, project: Path) -> None:
        for name, code in (("same.png", 0), ("changed.png", 1)):
            process = subprocess.Popen(
                [COMMAND, "run", "--only", name],
                cwd=project,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            assert process.stdout
            assert process.stderr
            process.stdout.close()
            assert b"Traceback" not in process.stderr.read()
            process.stderr.close()
            assert process.wait() == code

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ("schema", 0),
            ("completion zsh", 0),
            ("report report/results.json", 0),
            ("report report/results.json --github", 0),
            ("check", 0),
            ("check new old not.png", 1),
            ("approve --all --force", 0),
        ],
    )
    def test_a_reader_who_leaves_is_not_worth_a_word(
        self, project: Path, words: str, code: int
    ) -> None:
        subprocess.run([COMMAND, "run"], cwd=project, capture_output=True, check=False)
        (project / "not.png").write_bytes(b"")
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [COMMAND, *words.split()],
            cwd=project,
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(writing)
        assert (done.stderr, done.returncode) == (b"", code)

    @pytest.mark.parametrize(
        ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "term"]
    )
    def test_an_interrupted_run_leaves_no_process_behind(
        self, project: Path, number: signal.Signals, code: int
    ) -> None:
        for index in range(40):
            for side in ("old", "new"):
                value = 255 if side == "new" else 0
                draw(project / side / f"{index}.png", square=value, size=1500)
        # Of its own group, so that the signal reaches the workers too, as Ctrl-C does.
        process = subprocess.Popen(
            [COMMAND, "run", "--workers", "2"],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stderr
        assert process.stdout
        assert process.stderr.readline().startswith("compared ")
        assert len(processes_of_group(process.pid)) >= 3
        os.killpg(process.pid, number)
        assert process.wait(60) == code
        by = "Ctrl-C" if number is signal.SIGINT else "SIGTERM"
        assert f"warning: interrupted by {by}: not all pairs" in process.stdout.read()
        process.stdout.close()
        told = json.loads((project / "report/results.json").read_bytes())
        assert told["run"]["interrupted"] == by
        assert 0 < len(told["results"]) < 40
        assert "Traceback" not in process.stderr.read()
        process.stderr.close()
        deadline = time.monotonic() + 10
        while processes_of_group(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_of_group(process.pid) == []

    def test_a_second_interrupt_ends_it_at_once_and_leaves_the_earlier_report(
        self, project: Path, visualdiff: Run
    ) -> None:
        draw(project / "new/same.png", square=255)
        assert visualdiff("run", cwd=project).returncode == 1
        before = (project / "report/results.json").read_bytes()
        # Whoever writes the report of an interrupted run is interrupted again.
        code = (
            "import signal, os, sys\nimport visualdiff.batch as batch\n"
            "from visualdiff.cli import main\n"
            "def interrupt(*_): os.kill(os.getpid(), signal.SIGINT)\n"
            "batch.Listener.advance = interrupt\n"
            "import visualdiff.console\nvisualdiff.console.Reporter.advance = interrupt\n"
            "batch.write_report = interrupt\n"
            "sys.argv[1:] = ['run']\nmain()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr.splitlines()[-1]) == (130, "interrupted")
        assert (project / "report/results.json").read_bytes() == before

    @pytest.mark.parametrize(("square", "code"), [(0, 0), (255, 1)], ids=["green", "red"])
    def test_a_reader_who_leaves_changes_no_verdict(
        self, tmp_path: Path, square: int, code: int
    ) -> None:
        for number in range(300):  # more than a pipe holds
            draw(tmp_path / "old" / f"{number:0200}.png")
            draw(tmp_path / "new" / f"{number:0200}.png", square=square)
        (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\n")
        process = subprocess.Popen(
            [COMMAND, "run"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert b"Broken" not in process.stderr.read()
        process.stderr.close()
        assert process.wait(60) == code


def processes_of_group(group: int) -> list[int]:
    """Return the living processes of a process group (Linux)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


class TestCompare:
    def test_equal_images_end_with_0(self, tmp_path: Path, visualdiff: Run) -> None:
        draw(tmp_path / "a.png")
        done = visualdiff("compare", "a.png", "a.png")
        assert done.returncode == 0
        assert "passed: score 1.0000, wanted ≥ 0.99" in done.stdout

    def test_a_change_ends_with_1_and_says_where(self, tmp_path: Path, visualdiff: Run) -> None:
        draw(tmp_path / "a.png")
        draw(tmp_path / "b.png", square=255)
        done = visualdiff("compare", "a.png", "b.png")
        assert done.returncode == 1
        assert "region 1: recoloured #285a00 → #285aff, 40×20 px at (10, 20)" in done.stdout
        assert "failed: score" in done.stdout
        assert "\x1b" not in done.stdout

    def test_a_comparison_says_what_was_ignored(self, tmp_path: Path, visualdiff: Run) -> None:
        draw(tmp_path / "a.png", square=100)
        draw(tmp_path / "b.png", square=101)
        done = visualdiff("compare", "a.png", "b.png")
        assert done.returncode == 0
        assert "  800 px below the tolerance ignored, largest ΔE 0." in done.stdout
        assert visualdiff("compare", "a.png", "b.png", "--preset", "strict").returncode == 1

    def test_the_tutorials_options_work(self, tmp_path: Path, visualdiff: Run) -> None:
        draw(tmp_path / "a.png")
        draw(tmp_path / "b.png", square=255)
        for options in (("--first", "a.png", "--second", "b.png"), ("-s", "b.png", "-f", "a.png")):
            done = visualdiff("compare", *options)
            assert done.returncode == 1
            assert "#285a00 → #285aff" in done.stdout

    def test_output_holds_the_four_pictures(self, tmp_path: Path, visualdiff: Run) -> None:
        draw(tmp_path / "a.png")
        draw(tmp_path / "b.png", square=255)
        assert visualdiff("compare", "a.png", "b.png", "--output", "out").returncode == 1
        names = ("baseline.png", "candidate.png", "diff.png", "mask.png")
        pictures = {name: read(tmp_path / "out" / name) for name in names}
        for side in ("baseline.png", "candidate.png"):
            # A red box (BGR) around the square, and the square itself untouched.
            assert pictures[side][19, 30].tolist() == [72, 29, 225]
            assert pictures[side][20, 30, 1] == 90
        mask = pictures["mask.png"]
        assert set(np.unique(mask)) == {0, 255}
        assert np.count_nonzero(mask) == 40 * 20

    def test_sizes_and_alignment_can_be_chosen(self, tmp_path: Path, visualdiff: Run) -> None:
        draw(tmp_path / "a.png")
        picture = read(tmp_path / "a.png")
        large = np.repeat(np.repeat(picture, 2, axis=0), 2, axis=1)
        (tmp_path / "b.png").write_bytes(cv2.imencode(".png", large)[1].tobytes())
        assert visualdiff("compare", "a.png", "b.png").returncode == 1
        done = visualdiff("compare", "a.png", "b.png", "--on-size-mismatch", "scale")
        assert done.returncode == 0
        assert "candidate scaled by 0.5" in done.stdout
        done = visualdiff("compare", "a.png", "b.png", "--align", "sideways")
        assert done.returncode == 2
        assert "wanted 'none', 'rows', 'translate' or 'similarity'" in done.stderr

    def test_json_follows_the_results_schema(self, tmp_path: Path, visualdiff: Run) -> None:
        draw(tmp_path / "a.png")
        draw(tmp_path / "b.png", square=255)
        comparison = json.loads(visualdiff("compare", "a.png", "b.png", "--json").stdout)
        schema = json.loads(visualdiff("schema", "results").stdout)
        entry = schema["$defs"]["result"]
        of_files = {"name", "baseline", "alternates", "candidate", "artifacts", "target", "hashes"}
        of_tests = {"test", "attempts", "flaky", "updated"}
        wanted = set(entry["required"]) - of_files - of_tests - {"seconds"}
        assert wanted <= set(comparison)
        assert comparison["status"] == "failed"
        Draft202012Validator({**schema, **schema["$defs"]["region"]}).validate(
            comparison["regions"][0]
        )

    def test_masks_hide_a_change_and_are_refused_outside(
        self, tmp_path: Path, visualdiff: Run
    ) -> None:
        draw(tmp_path / "a.png")
        draw(tmp_path / "b.png", square=255)
        pair = ("compare", "a.png", "b.png")
        assert visualdiff(*pair, "--mask", "-54,10,40,50%").returncode == 0
        assert visualdiff(*pair, "--mask", "0,0,9,9").returncode == 1
        done = visualdiff(*pair, "--mask", "64,0,9,9")
        assert done.returncode == 1
        assert done.stderr.startswith(
            "error: masks[0] (x 64, y 0, width 9, height 9) lies outside"
        )
        done = visualdiff(*pair, "--mask", "0,0,0,9")
        assert done.returncode == 2
        assert done.stderr.startswith("error: masks[0].width: got 0, wanted pixels")

    def test_an_image_that_cannot_be_read_ends_with_1(
        self, tmp_path: Path, visualdiff: Run
    ) -> None:
        draw(tmp_path / "a.png")
        (tmp_path / "b.png").write_text("<html>502 Bad Gateway</html>")
        done = visualdiff("compare", "a.png", "b.png")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "error: b.png: an HTML page, not an image\n"

    def test_json_tells_of_an_image_that_cannot_be_read(
        self, tmp_path: Path, visualdiff: Run
    ) -> None:
        draw(tmp_path / "a.png")
        (tmp_path / "b.png").touch()
        done = visualdiff("compare", "a.png", "b.png", "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["status"] == "error"

    @pytest.mark.parametrize(
        "arguments", [(), ("a.png",), ("a.png", "a.png", "a.png"), ("a.png", "no.png")]
    )
    def test_anything_but_two_files_ends_with_2(
        self, tmp_path: Path, visualdiff: Run, arguments: tuple[str, ...]
    ) -> None:
        draw(tmp_path / "a.png")
        assert visualdiff("compare", *arguments).returncode == 2

    def test_a_wrong_setting_ends_with_2(self, tmp_path: Path, visualdiff: Run) -> None:
        draw(tmp_path / "a.png")
        done = visualdiff("compare", "a.png", "a.png", "--threshold", "7")
        assert done.returncode == 2
        assert done.stderr == "error: threshold: got 7.0, wanted at most 1\n"


class TestReport:
    def test_a_report_is_rendered_again_whatever_it_found(
        self, project: Path, visualdiff: Run
    ) -> None:
        assert visualdiff("run").returncode == 1
        page = (project / "report" / "index.html").read_bytes()
        (project / "report" / "index.html").unlink()
        done = visualdiff("report", "report/results.json")
        index = project / "report" / "index.html"
        assert (done.returncode, done.stdout) == (0, f"report: {index}\n")
        assert index.read_bytes() == page

    @pytest.mark.usefixtures("project")
    def test_a_wrong_file_ends_with_2_and_one_sentence(self, visualdiff: Run) -> None:
        done = visualdiff("report", "visualdiff.yaml")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: visualdiff.yaml is not of this visualdiff (")
        assert visualdiff("report").stderr.startswith(
            "error: visualdiff-report/results.json: cannot be read: No such file"
        )


class TestShards:
    def test_a_merged_run_ends_as_one_run_and_shows_all(
        self, project: Path, visualdiff: Run
    ) -> None:
        codes, told = [], []
        for number in (1, 2, 3):
            done = visualdiff("run", "--shard", f"{number}/3", "--report", f"shards/{number}")
            assert "Traceback" not in done.stderr
            codes.append(done.returncode)
            told += [line for line in done.stdout.splitlines() if line.startswith("shard ")]
        assert sorted(codes) == [0, 0, 1]
        counts = [int(line.split()[2]) for line in told]
        assert sum(counts) == 2
        empty = counts.index(0) + 1
        assert told[empty - 1] == (
            f"shard {empty}/3: 0 of 2 pairs; the other shards have them all"
        )
        page = (project / "shards" / str(empty) / "index.html").read_text("utf-8")
        assert "No screenshots in this shard" in page
        done = visualdiff("merge", "shards/1", "shards/2", "shards/3", "--report", "report")
        assert done.returncode == 1
        assert "2 pairs: 1 passed, 1 failed in " in done.stdout
        assert f"report: {project / 'report' / 'index.html'}" in done.stdout.splitlines()
        draw(project / "new" / "changed.png")
        for number in (1, 2):
            visualdiff("run", "--shard", f"{number}/2", "--report", f"green/{number}")
        done = visualdiff("merge", "green/1", "green/2", "--report", "report", "-q")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_what_cannot_be_merged_ends_with_2_and_is_named(
        self, project: Path, visualdiff: Run
    ) -> None:
        visualdiff("run", "--shard", "1/3", "--report", "one")
        done = visualdiff("merge", "one", "--report", "merged")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            f"error: shard {number}/3 is missing: name the folder of its report too"
            for number in (2, 3)
        ]
        assert not (project / "merged").exists()

    def test_an_empty_run_is_an_error_of_every_shard(self, project: Path, visualdiff: Run) -> None:
        for path in project.glob("*/*.png"):
            path.unlink()
        done = visualdiff("run", "--shard", "1/2")
        assert done.returncode == 2
        assert done.stderr.startswith("error: nothing to compare")


class TestInitAndSchema:
    def test_the_starter_file_runs_as_it_is(self, tmp_path: Path, visualdiff: Run) -> None:
        assert visualdiff("init").returncode == 0
        draw(tmp_path / "baselines" / "a.png")
        draw(tmp_path / "screenshots" / "a.png")
        assert visualdiff("run").returncode == 0

    def test_an_existing_file_is_never_overwritten(self, tmp_path: Path, visualdiff: Run) -> None:
        (tmp_path / "visualdiff.yaml").write_text("mine")
        done = visualdiff("init")
        assert done.returncode == 2
        assert "exists already" in done.stderr
        assert (tmp_path / "visualdiff.yaml").read_text() == "mine"

    @pytest.mark.parametrize("which", ["config", "results"])
    def test_schemas_are_schemas(self, visualdiff: Run, which: str) -> None:
        Draft202012Validator.check_schema(json.loads(visualdiff("schema", which).stdout))


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_teaches_by_example(visualdiff: Run, command: str) -> None:
    done = visualdiff(*command.split(), "--help")
    assert done.returncode == 0
    examples = [line for line in done.stdout.splitlines() if line.startswith("    visualdiff ")]
    assert any(line.split()[1] == (command or "run") for line in examples)


def test_the_module_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "visualdiff", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("visualdiff ")


def test_help_loads_next_to_nothing() -> None:
    code = (
        "import sys\nbefore = set(sys.modules)\nfrom visualdiff.cli import execute\n"
        "execute(['run', '--help'])\n"
        "heavy = {'numpy', 'cv2', 'skimage', 'scipy', 'pydantic', 'jinja2', 'rich', 'yaml'}\n"
        "heavy |= {'dataclasses', 'inspect', 'multiprocessing', 'json'}\n"
        "print('loaded', sorted(heavy & set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded []"
