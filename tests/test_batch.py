"""A run from Python, and what it loads."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from visualdiff import Status, load_config, run


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


def test_a_run_writes_a_report_and_calls_back(project: Path) -> None:
    totals: list[int] = []
    names: list[str] = []
    config = load_config(project / "visualdiff.yaml", workers=1)
    result = run(config, on_start=totals.append, on_result=lambda item: names.append(item.name))
    assert result.passed
    assert (totals, sorted(names)) == ([2], ["a.png", "b.png"])
    assert (project / "visualdiff-report" / "index.html").is_file()


def test_shares_of_a_run_have_each_pair_once(project: Path) -> None:
    names, totals = [], list[int]()
    for number in (1, 2, 3):
        config = load_config(project / "visualdiff.yaml", workers=1)
        result = run(config, shard=(number, 3), on_start=totals.append)
        assert result.passed
        assert str(result.shard) == f"{number}/3"
        names += [item.name for item in result.results]
    assert sorted(names) == ["a.png", "b.png"]
    assert (sum(totals), min(totals)) == (2, 0)


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
