"""The benchmarks: the suite is the same each time, wrong answers are found, the harness runs."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from benchmarks.answers import compare_channels, find_mistakes
from benchmarks.contestants import BLAZEDIFF, COMPARE_ONLY, DECODE_ONLY, READ_ONLY
from benchmarks.fetching import AT_ONCE, measure_requests
from benchmarks.pages import count_places, draw_page
from benchmarks.painter import Edit, PageSpec
from benchmarks.suite import build_suite
from benchmarks.tables import keep_in_readme
from benchmarks.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parents[1]
PAGE = PageSpec(seed=3, width=640, height=480)
PAIRS: list[dict[str, Any]] = [
    {"name": f"{kind}/a.png", "kind": kind, "rgba": False, "page": size, "candidate": size}
    for kind in ("identical", "reencoded", "small", "shifted")
    for size in [{"width": 10, "height": 20}]
]


def right_answers() -> dict[str, dict[str, Any]]:
    """Return what one who makes no mistake says of `PAIRS`."""
    equal = {"differs": False, "score": 1, "diff_pixels": 0, "regions": []}
    answers = {
        "identical": equal,
        "reencoded": equal,
        "small": equal | {"differs": True, "score": 0.9, "diff_pixels": 7},
        "shifted": equal | {"differs": True, "regions": [{"kind": "inserted rows"}]},
    }
    return {pair["name"]: dict(answers[pair["kind"]]) for pair in PAIRS}


def read_all(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_suite_is_the_same_each_time_and_another_seed_gives_another(tmp_path: Path) -> None:
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        build_suite(tmp_path / name, "tiny", seed)
    first = read_all(tmp_path / "first")
    assert first == read_all(tmp_path / "again")
    assert first != read_all(tmp_path / "other")
    assert first["baselines/identical/tiny.png"] == first["candidates/identical/tiny.png"]
    assert first["baselines/small/tiny.png"] != first["candidates/small/tiny.png"]


@pytest.mark.parametrize("change", ["word", "button", "icon", "line"])
def test_every_place_of_a_small_change_is_seen_and_small(change: Any) -> None:
    page = draw_page(PAGE)
    places = count_places(PAGE, change)
    assert places > 0
    for index in {0, places // 2, places - 1}:
        changed = draw_page(replace(PAGE, edit=Edit(change, index)))
        share = (page != changed).any(axis=2).mean()
        assert 0 < share < 0.05, index


def test_a_banner_moves_what_is_below_it() -> None:
    page = draw_page(PAGE)
    shifted = draw_page(replace(PAGE, edit=Edit("banner")))
    assert np.array_equal(page[:56], shifted[:56])
    assert np.array_equal(page[56:400], shifted[100:444])


def test_right_answers_hold_no_mistake() -> None:
    assert find_mistakes(COMPARE_ONLY, right_answers(), PAIRS) == []


@pytest.mark.parametrize(
    ("name", "wrong", "told"),
    [
        ("small/a.png", {"differs": False}, "missed 1 of 1 small"),
        ("reencoded/a.png", {"differs": True}, "flagged 1 of 1 reencoded"),
        ("identical/a.png", {"diff_pixels": 1}, "identical/a.png (identical): score 1, 1 px"),
        ("small/a.png", {"score": 1, "diff_pixels": 0}, "small/a.png (small): score 1"),
        ("shifted/a.png", {"diff_pixels": 3}, "shifted/a.png (shifted): score 1, 3 px"),
        ("shifted/a.png", {"regions": []}, "shifted/a.png (shifted): score 1, 0 px"),
    ],
)
def test_a_wrong_answer_is_a_mistake(name: str, wrong: dict[str, Any], told: str) -> None:
    answers = right_answers()
    answers[name] |= wrong
    (mistake,) = find_mistakes(COMPARE_ONLY, answers, PAIRS)
    assert mistake.startswith(told)


def test_a_pair_without_an_answer_is_a_mistake() -> None:
    answers = right_answers()
    del answers["small/a.png"]
    assert find_mistakes(BLAZEDIFF, answers, PAIRS) == ["answered 3 of 4 pairs"]


def test_a_bound_must_have_touched_everything() -> None:
    everything = {"files": 8, "unit": "samples", "count": 8 * 10 * 20 * 3}
    assert find_mistakes(DECODE_ONLY, {"all": everything}, PAIRS) == []
    for less in ({"files": 7}, {"count": 1}):
        assert find_mistakes(DECODE_ONLY, {"all": everything | less}, PAIRS)


def test_the_decode_bound_imports_its_decoder_once_for_all_processes(tmp_path: Path) -> None:
    image = tmp_path / "a.bmp"
    image.write_bytes(cv2.imencode(".bmp", np.zeros((2, 3, 3), np.uint8))[1].tobytes())
    told = run_python(
        """
import sys
from importlib import import_module
from benchmarks.contest.bounds import PRELOAD, decode_file
for name in PRELOAD["decode"]:
    import_module(name)
before = set(sys.modules)
decode_file(sys.argv[1])
print({"numpy", "cv2"} <= before, {"numpy", "cv2"} <= {*sys.modules})
""",
        str(image),
    )
    assert told == "True True\n"


def test_ssim_must_be_that_of_scikit_image() -> None:
    ours = {"a": {"raw_channels": {"red": 0.5}}, "b": {"raw_channels": {"red": 1.0}}}
    theirs: dict[str, dict[str, Any]] = {
        "a": {"raw_channels": {"red": 0.5 + 5e-7}},
        "b": {"differs": True},
    }
    assert compare_channels(ours, theirs) == (1, [])
    theirs["a"] = {"raw_channels": {"red": 0.5 + 2e-6}}
    assert compare_channels(ours, theirs) == (
        0,
        ["a: raw_channels are 2.0e-06 off scikit-image's"],
    )


def test_a_target_that_cannot_be_measured_is_not_met() -> None:
    target = Target("ratio", 2.0, lambda results: float(results["suite"]["peer"]["cpu_seconds"]))
    assert target.judge({"suite": {}}) == (None, "not measured")
    assert target.judge({"suite": {"peer": {"cpu_seconds": 2.0}}}) == (2.0, "met")
    assert target.judge({"suite": {"peer": {"cpu_seconds": 2.1}}}) == (2.1, "missed")


def test_what_drowned_in_noise_is_no_victory() -> None:
    (further,) = [target for target in TARGETS if "further identical" in target.text]
    costs = {COMPARE_ONLY.name: {"cpu_seconds": -0.1}, READ_ONLY.name: {"cpu_seconds": 0.1}}
    assert further.judge({"further identical": costs}) == (None, "not measured")
    costs[COMPARE_ONLY.name]["cpu_seconds"] = 0.2
    assert further.judge({"further identical": costs}) == (2.0, "met")


def test_the_readme_keeps_its_text_around_the_last_run(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text((ROOT / "benchmarks" / "README.md").read_text("utf-8"), "utf-8")
    keep_in_readme(readme, "first table")
    keep_in_readme(readme, "second table")
    text = readme.read_text("utf-8")
    assert "second table" in text
    assert "first table" not in text
    assert text.startswith("# Benchmarks")
    readme.write_text("no place", "utf-8")
    with pytest.raises(ValueError, match="no place for the last run"):
        keep_in_readme(readme, "third table")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to adopt orphans")
def test_a_wrong_answer_of_ours_stops_the_race(tmp_path: Path) -> None:
    build_suite(tmp_path, "tiny", 1)
    candidates = tmp_path / "candidates"
    changed = (candidates / "small" / "tiny.png").read_bytes()
    (candidates / "identical" / "tiny.png").write_bytes(changed)
    code = """
import sys
from pathlib import Path
from benchmarks.contestants import COMPARE_ONLY
from benchmarks.race import race
try:
    race([COMPARE_ONLY], Path(sys.argv[1]), 0)
except RuntimeError as error:
    print(error)
"""
    assert "visualdiff, compare only is wrong: flagged 1 of 1 identical" in run_python(
        code, str(tmp_path)
    )


# It adopts the orphans of its children and waits for all of them, so it needs its own process.
MEASURE = """
import sys
from benchmarks.processes import measure
print(measure([sys.executable, "-c", sys.argv[1]]).cpu_seconds)
"""
BURN = "import time\nwhile time.process_time() < 0.3: pass"


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to adopt orphans")
@pytest.mark.parametrize(
    ("call", "options"), [("run", ""), ("Popen", ""), ("Popen", ", start_new_session=True")]
)
def test_what_descendants_burn_is_counted_waited_for_or_not(call: str, options: str) -> None:
    parent = (
        f"import subprocess, sys; subprocess.{call}([sys.executable, '-c', {BURN!r}]{options})"
    )
    grandparent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {parent!r}])"
    told = run_python(MEASURE, grandparent)
    assert float(told) >= 0.3


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """Return the JSON and the Markdown of a run on a few small pairs, without peers."""
    folder = tmp_path_factory.mktemp("benchmarks")
    options = ["--quick", "--without-peers", "--suites", str(folder)]
    output = folder / "results.json"
    code = "import sys\nfrom benchmarks.bench import main\nmain()"
    markdown = run_python(code, *options, "--output", str(output))
    return json.loads(output.read_text("utf-8")), markdown


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to adopt orphans")
def test_the_harness_runs_end_to_end_without_peers(
    quick_run: tuple[dict[str, Any], str],
) -> None:
    results, markdown = quick_run
    assert COMPARE_ONLY.name in results["suite"]
    assert BLAZEDIFF.name not in results["suite"]
    assert BLAZEDIFF.name in results["about"]["missing"]
    assert "on all 9 pairs" in results["about"]["exactness"]
    assert all(row["cpu_seconds"] > 0 for row in results["suite"].values())
    for heading in ("The race", "Targets", "Growth", "The dense worst case"):
        assert f"### {heading}" in markdown
    assert "| compare only ÷ blazediff | 0.5 | – | not measured |" in markdown


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to adopt orphans")
def test_runs_with_and_without_a_cache_are_measured(tmp_path: Path) -> None:
    build_suite(tmp_path / "suite", "tiny", 1)
    code = """
import sys
from pathlib import Path
from benchmarks.cache import measure_runs
folder = Path(sys.argv[1])
(folder / "scratch").mkdir()
costs = measure_runs(folder / "suite", folder / "scratch", 2)
print(*(f"{name}: {len(values)}" for name, values in costs.items()), sep="\\n")
"""
    assert run_python(code, str(tmp_path)).splitlines() == [
        "hashing all files: 2",
        "run without a cache: 1",
        "first run with one: 1",
        "second run: 2",
        "second run, into an empty report folder: 2",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to adopt orphans")
def test_runs_in_processes_and_by_dask_are_measured(tmp_path: Path) -> None:
    build_suite(tmp_path / "suite", "tiny", 1)
    code = """
import sys
from pathlib import Path
from benchmarks.scale import _write_table, measure_executors
found = measure_executors(Path(sys.argv[1]), 45, 2, 1)
print(*_write_table(found, 45), sep="\\n")
"""
    table = run_python(code, str(tmp_path / "suite"))
    assert [line.split(" | ")[0] for line in table.splitlines()[2:4]] == ["| processes", "| dask"]
    assert "Dask − processes: " in table


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to adopt orphans")
def test_each_kind_of_pair_is_measured(tmp_path: Path) -> None:
    build_suite(tmp_path / "suite", "quick", 1)
    code = """
import sys
from pathlib import Path
from benchmarks.kinds import _write_table, measure_kinds
print(*_write_table(measure_kinds(Path(sys.argv[1]), (1, 2), 1)), sep="\\n")
"""
    rows = [line.split(" | ") for line in run_python(code, str(tmp_path / "suite")).splitlines()]
    kinds = ["identical", "reencoded", "small", "large", "new"]
    assert [row[0] for row in rows[2:]] == [f"| {kind}" for kind in kinds]
    pictures = {row[0]: float(row[5]) for row in rows[2:]}
    assert pictures["| identical"] == pictures["| reencoded"] == 0
    assert min(pictures["| small"], pictures["| large"]) > pictures["| new"] > 0


def test_what_a_scheduler_takes_is_measured() -> None:
    code = """
from benchmarks.scheduling import measure_tasks
for name, costs in measure_tasks(20, 2).items():
    print(name, len(costs), min(costs) >= 0)
"""
    assert run_python(code).splitlines() == ["scheduler 2 True", "client 2 True"]


class Store:
    """An object store in memory, which notes how much it was asked for at once."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.at_once: set[int] = set()

    def mkdir(self, name: str) -> None:
        assert "/" not in name

    def pipe(self, objects: dict[str, bytes], *, batch_size: int) -> None:
        self.at_once.add(batch_size)
        self.objects |= objects

    def cat(self, names: list[str], *, on_error: str, batch_size: int) -> dict[str, Any]:
        assert on_error == "return"
        self.at_once.add(batch_size)
        return {name: self.objects.get(name, FileNotFoundError(name)) for name in names}

    def find(self, bucket: str, *, detail: bool) -> dict[str, Any]:
        assert detail
        return {name: {} for name in self.objects if name.startswith(f"{bucket}/")}

    def rm(self, names: list[str]) -> None:
        for name in names:
            del self.objects[name]


def test_requests_are_measured_as_many_at_once_as_runs_send() -> None:
    store = Store()
    costs = measure_requests(store, 5, 2)
    assert store.at_once == {AT_ONCE}
    assert {len(values) for values in costs.values()} == {2}
    assert len(store.objects) == 5, "what was listed is removed in each round"


def test_an_answer_that_is_none_stops_the_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "find", lambda *_, **__: {})
    with pytest.raises(RuntimeError, match="wanted 1000 names, got 0"):
        measure_requests(Store(), 5, 1)


def run_python(code: str, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
