"""A run from Python, and what it loads."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from visualdiff import PairResult, RunResult, Status, load_config, run
from visualdiff.batch import Listener
from visualdiff.report.loading import load_results


@pytest.fixture
def project(tmp_path: Path) -> Path:
    picture = np.full((60, 90, 3), 240, np.uint8)
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        for name in ("a.png", "b.png"):
            (tmp_path / side / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\n")
    return tmp_path


def call_python(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )


class Notes(Listener):
    def __init__(self) -> None:
        self.totals: list[int] = []
        self.names: list[str] = []
        self.reported: list[RunResult] = []

    def start(self, total: int) -> None:
        self.totals.append(total)

    def advance(self, result: PairResult) -> None:
        self.names.append(result.name)

    def report(self, result: RunResult) -> None:
        assert (result.config.report / "index.html").is_file()
        self.reported.append(result)


@pytest.mark.parametrize(
    ("ends", "told"),
    [(KeyboardInterrupt(), "Ctrl-C"), (SystemExit(143), "SIGTERM")],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_what_was_compared_before_an_interrupt_is_reported_and_never_passes(
    project: Path, ends: BaseException, told: str
) -> None:
    class Impatient(Notes):
        def advance(self, result: PairResult) -> None:
            super().advance(result)
            raise ends

    listener = Impatient()
    config = load_config(project / "visualdiff.yaml", executor="serial")
    with pytest.raises(type(ends)) as caught:
        run(config, listener=listener)
    assert caught.value.args == ends.args
    (result,) = listener.reported
    assert [item.status.value for item in result.results] == ["passed"]
    assert not result.passed
    assert result.warnings == (f"interrupted by {told}: not all pairs were compared",)
    data = json.loads((config.report / "results.json").read_bytes())
    assert (data["run"]["interrupted"], data["run"]["passed"]) == (told, False)
    assert not load_results(config.report / "results.json").passed


def test_a_run_writes_a_report_and_calls_back(project: Path) -> None:
    listener = Notes()
    config = load_config(project / "visualdiff.yaml", executor="serial")
    result = run(config, listener=listener)
    assert result.passed
    assert listener.totals == [2]
    assert sorted(listener.names) == ["a.png", "b.png"]
    assert listener.reported == [result]
    assert (project / "visualdiff-report" / "index.html").is_file()


def test_shares_of_a_run_have_each_pair_once(project: Path) -> None:
    names, listener = [], Notes()
    for number in (1, 2, 3):
        config = load_config(project / "visualdiff.yaml", executor="serial")
        result = run(config, shard=(number, 3), listener=listener)
        assert result.passed
        assert str(result.shard) == f"{number}/3"
        names += [item.name for item in result.results]
    assert sorted(names) == ["a.png", "b.png"]
    assert (sum(listener.totals), min(listener.totals)) == (2, 0)


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ("", []),
        ("m", ["not compared: 1 baseline of other variants: a-m.png"]),
        ("mnop", ["not compared: 4 baselines of other variants: a-m.png, a-n.png, a-o.png, ..."]),
    ],
)
def test_baselines_of_other_variants_are_told(project: Path, others: str, told: list[str]) -> None:
    picture = (project / "old" / "a.png").read_bytes()
    for name in others:
        (project / "old" / f"a-{name}.png").write_bytes(picture)
    changes: dict[str, object] = {"variants": ("{name}-{system}", "{name}"), "workers": 1}
    config = load_config(project / "visualdiff.yaml", variables={"system": "x"}, **changes)
    result = run(config)
    assert (result.passed, list(result.warnings)) == (True, told)
    assert result.count(Status.PASSED) == 2


def test_a_script_needs_no_main_guard(project: Path) -> None:
    script = project / "script.py"
    code = "from visualdiff import load_config, run\nprint(run(load_config(workers=2)).passed)\n"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, script], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_the_parent_of_a_pool_loads_no_image_library(project: Path) -> None:
    code = (
        "import sys; from visualdiff import load_config, run\n"
        "run(load_config(workers=2))\n"
        "print(sorted({'cv2', 'numpy', 'kornia_rs', 'PIL'} & set(sys.modules)))"
    )
    done = call_python(code, project)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_workers_load_nothing_of_the_configuration(project: Path) -> None:
    code = (
        "from visualdiff.pool import Pool; from visualdiff.runner import _PRELOAD\n"
        "heavy = {'pydantic', 'wcmatch', 'yaml', 'rich', 'jinja2'}\n"
        "ask = f\"sorted({heavy} & set(__import__('sys').modules))\"\n"
        "with Pool(eval, 1, 60.0, _PRELOAD) as pool:\n"
        "    print(*pool.run([ask, \"'cv2' in __import__('sys').modules\"]))"
    )
    done = call_python(code, project)
    assert done.stderr == ""
    assert done.stdout.endswith(", []) (\"'cv2' in __import__('sys').modules\", True)\n")
