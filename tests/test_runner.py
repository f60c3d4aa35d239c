import dataclasses
import json
import math
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visualdiff.check import check_pair
from visualdiff.model import Pair, PairResult, Status
from visualdiff.pairing import find_pairs
from visualdiff.pool import Lost, Pool
from visualdiff.report.results import render_results
from visualdiff.runner import _make_budget, count_workers, run_pairs
from visualdiff.settings import Config, Settings
from visualdiff.tasks import make_task


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return make_config(tmp_path)


def make_config(tmp_path: Path) -> Config:
    """Return a run of pairs of every status, of sizes that are not in the order of names."""
    random = np.random.default_rng(3)
    for number in range(9):
        size = 20 + 13 * (number * 5 % 9)
        baseline = random.integers(0, 256, (size, size, 3), np.uint8)
        candidate = baseline.copy()
        if number % 3 == 0:
            candidate[3:9, 2:12] ^= 255
        save(tmp_path / "old" / f"{number}.png", baseline)
        # Other bytes for equal pixels, so that each pair is decoded.
        save(tmp_path / "new" / f"{number}.png", candidate, level=number % 9 + 1)
    save(tmp_path / "old" / "gone.png", np.zeros((8, 8, 3), np.uint8))
    save(tmp_path / "new" / "fresh.png", np.zeros((8, 8, 3), np.uint8))
    save(tmp_path / "old" / "broken.png", np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "new" / "broken.png").write_bytes(b"no image")
    return Config(
        folder=tmp_path,
        baselines=tmp_path / "old",
        candidates=tmp_path / "new",
        report=tmp_path / "report",
    )


def save(
    path: Path, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], level: int = 6
) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(path, compress_level=level)


def choose(config: Config, workers: int) -> Config:
    """Return a configuration that takes as many processes, 0 for none but this one."""
    if not workers:
        return dataclasses.replace(config, executor="serial")
    return dataclasses.replace(config, workers=workers)


def _crash(_: object) -> None:
    os.kill(os.getpid(), 11)


def test_any_number_of_workers_gives_the_same_results(config: Config) -> None:
    pairs = find_pairs(config)
    runs = []
    for workers in (0, 1, 4):
        report = config.folder / f"report-{workers}"
        run = run_pairs(pairs, dataclasses.replace(choose(config, workers), report=report))
        names = sorted(path.name for path in (report / "assets").iterdir())
        entries = json.loads(b"".join(render_results(run)))["results"]
        assert all(entry.pop("seconds") >= 0 for entry in entries)
        runs.append((run.results, entries, names))
    assert runs[0] == runs[1] == runs[2]
    statuses = [result.status.value for result in runs[0][0]]
    assert statuses == ["failed", "passed", "passed"] * 3 + ["error", "new", "missing"]


@pytest.mark.parametrize("workers", [0, 2])
def test_pairs_that_passed_are_drawn_if_the_report_is_to_show_them(
    config: Config, workers: int
) -> None:
    config = dataclasses.replace(choose(config, workers), passed_in_report="thumbnails")
    for result in run_pairs(find_pairs(config), config).results:
        shown = "baseline" if result.name == "gone.png" else "candidate"
        drawn = f"{shown}_thumbnail" in result.artifacts
        assert drawn is (result.name != "broken.png")


@pytest.mark.parametrize("workers", [0, 2])
def test_results_are_sorted_by_name_whatever_the_order_of_pairs(
    config: Config, workers: int
) -> None:
    pairs = find_pairs(config)
    run = run_pairs(pairs[::-1], choose(config, workers))
    assert [result.name for result in run.results] == sorted(pair.name for pair in pairs)


@pytest.mark.parametrize("workers", [0, 2])
def test_each_result_is_reported_once_in_this_thread_of_this_process(
    config: Config, workers: int
) -> None:
    seen: list[PairResult] = []
    places = set()

    def note(result: PairResult) -> None:
        seen.append(result)
        places.add((os.getpid(), threading.get_ident()))

    pairs = find_pairs(config)
    run = run_pairs(pairs, choose(config, workers), on_result=note)
    assert len(seen) == len(pairs)
    assert sorted(seen, key=lambda result: result.name) == list(run.results)
    assert places == {(os.getpid(), threading.get_ident())}


def test_the_largest_pairs_come_first_and_equal_ones_by_name(tmp_path: Path) -> None:
    sizes = {"a": (10, 10), "b": (500, 0), "c": (0, 300), "d": (10, 10), "e": (200, 200)}
    pairs = []
    for name, (old, new) in sizes.items():
        for side, size in (("old", old), ("new", new)):
            path = tmp_path / side / f"{name}.png"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x" * size)
        pairs.append(
            Pair(
                name=name,
                baseline=tmp_path / "old" / f"{name}.png" if old else None,
                candidate=tmp_path / "new" / f"{name}.png",
            )
        )
    (tmp_path / "old" / "d@2.png").write_bytes(b"x" * 900)
    pairs[3] = dataclasses.replace(pairs[3], alternates=(tmp_path / "old" / "d@2.png",))
    pairs.append(Pair(name="f", baseline=tmp_path / "nowhere.png", candidate=None))
    seen: list[str] = []
    config = Config(folder=tmp_path, baselines=tmp_path, candidates=tmp_path, executor="serial")
    run_pairs(pairs, config, on_result=lambda result: seen.append(result.name))
    # d has an alternate; b is of 500 bytes and an empty file, e of twice 200; f of no size at all.
    assert seen == ["d", "b", "e", "c", "a", "f"]


def test_a_bug_becomes_the_result_of_its_pair_and_the_rest_finish(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = 0

    def check(pair: Pair, *settings: Settings, **more: Any) -> PairResult:
        nonlocal line
        if pair.name == "4.png":
            line = sys._getframe().f_lineno + 1
            raise LookupError("a bug")
        return check_pair(pair, *settings, **more)

    monkeypatch.setattr("visualdiff.check.check_pair", check)
    run = run_pairs(find_pairs(config), dataclasses.replace(config, executor="serial"))
    wrong = next(result for result in run.results if result.name == "4.png")
    assert wrong == PairResult(
        name="4.png",
        status=Status.ERROR,
        reasons=(f"could not be compared: LookupError: a bug (test_runner.py:{line})",),
        baseline="old/4.png",
        candidate="new/4.png",
    )
    assert run.count(Status.ERROR) == 2
    assert run.count(Status.PASSED) == 5


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("deep"), OSError(28, "No space")])
def test_a_lack_of_memory_or_disk_becomes_a_result(
    config: Config, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def check(*_: object, **__: object) -> PairResult:
        raise error

    monkeypatch.setattr("visualdiff.check.check_pair", check)
    run = run_pairs(find_pairs(config), dataclasses.replace(config, executor="serial"))
    assert {result.status for result in run.results} == {Status.ERROR}
    assert all(type(error).__name__ in result.reasons[0] for result in run.results)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_report_that_cannot_be_written_becomes_the_result_of_pairs_with_pictures(
    config: Config, workers: int
) -> None:
    config.report.write_text("in the way")
    run = run_pairs(find_pairs(config), choose(config, workers))
    by_name = {result.name: result for result in run.results}
    assert by_name["0.png"].status is Status.ERROR
    assert by_name["0.png"].reasons[0].startswith("could not be compared: NotADirectoryError")
    assert by_name["1.png"].status is Status.PASSED


def test_a_pair_whose_worker_is_lost_is_an_error_that_says_how(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: object, tasks: Iterable[Any]) -> list[tuple[Any, PairResult | Lost]]:
        fine = PairResult(
            name="1.png", status=Status.PASSED, reasons=(), baseline=None, candidate=None
        )
        return [
            (task, fine if task.pair.name == "1.png" else Lost("its worker process was killed"))
            for task in tasks
        ]

    monkeypatch.setattr(Pool, "run", run)
    pairs = [pair for pair in find_pairs(config) if pair.name in {"0.png", "1.png"}]
    lost, fine = run_pairs(pairs, dataclasses.replace(config, workers=2)).results
    assert (lost.name, lost.status, fine.status) == ("0.png", Status.ERROR, Status.PASSED)
    assert lost.reasons == ("could not be compared: its worker process was killed",)
    assert (lost.baseline, lost.candidate) == ("old/0.png", "new/0.png")


def add_slow_pairs(config: Config) -> None:
    """Add pairs that take many seconds."""
    for name in ("large-1.png", "large-2.png"):
        blank = np.zeros((5000, 5000, 3), np.uint8)
        save(config.baselines / name, blank, level=1)
        save(config.candidates / name, blank + np.uint8(1), level=1)


def test_a_pair_that_takes_too_long_is_an_error_and_the_rest_finish(config: Config) -> None:
    add_slow_pairs(config)
    pairs = [pair for pair in find_pairs(config) if pair.name[0] in "1l"]
    # A worker needs some milliseconds for a small pair, and many seconds for a large one.
    slow = dataclasses.replace(config, workers=2, pair_timeout=1.5, ssim="gaussian")
    small, *large = run_pairs(pairs, slow).results
    assert small.status is Status.PASSED
    assert [result.status for result in large] == [Status.ERROR] * 2
    words = "could not be compared: its worker process gave no answer within 1.5 s (pair_timeout)"
    assert all(result.reasons == (words,) for result in large)


def test_an_exception_of_the_caller_leaves_no_worker(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    leave = Pool.__exit__

    def note(pool: Pool[Pair, PairResult], *error: object) -> None:
        left.append(pool)
        leave(pool, *error)

    monkeypatch.setattr(Pool, "__exit__", note)

    def fail(_: PairResult) -> None:
        raise LookupError

    with pytest.raises(LookupError) as caught:
        run_pairs(find_pairs(config), dataclasses.replace(config, workers=2), on_result=fail)
    # The traceback keeps the frames of the run, which must not keep the workers.
    assert caught.tb is not None
    assert len(left) == 1


def test_only_who_asks_for_it_or_has_no_pair_has_no_other_process(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.pool.Pool", lambda *_: pytest.fail("a pool was made"))
    pairs = find_pairs(config)
    assert len(run_pairs(pairs, choose(config, 0)).results) == len(pairs)
    assert run_pairs([], config).results == ()


def test_even_a_single_pair_that_kills_its_process_is_only_an_error(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker imports what it is told to call by its name, and none of what is changed here.
    monkeypatch.setattr("visualdiff.runner.check_safely", _crash)
    (result,) = run_pairs(find_pairs(config)[:1], dataclasses.replace(config, workers=1)).results
    assert result.status is Status.ERROR
    assert "was killed by signal 11 (SIGSEGV)" in result.reasons[0]


@pytest.mark.parametrize("by", [KeyboardInterrupt(), SystemExit(143)], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("workers", [0, 2])
def test_an_interrupt_keeps_what_was_compared(
    config: Config, workers: int, by: BaseException
) -> None:
    def interrupt(_: PairResult) -> None:
        raise by

    run = run_pairs(find_pairs(config), choose(config, workers), on_result=interrupt)
    assert len(run.results) == 1
    assert run.interrupted == ("SIGTERM" if by.args else "Ctrl-C")
    assert not run.passed


def test_another_end_of_the_program_is_none_of_the_run_s(config: Config) -> None:
    def leave(_: PairResult) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit, match="3"):
        run_pairs(find_pairs(config), choose(config, 0), on_result=leave)


def add_odd_jpeg(config: Config) -> None:
    """Add a pair of which a decoder has something to say."""
    random = np.random.default_rng(4)
    noise = Image.fromarray(random.integers(0, 256, (64, 64, 3), np.uint8))
    for folder in (config.baselines, config.candidates):
        noise.save(folder / "odd.jpg")
        data = bytearray((folder / "odd.jpg").read_bytes())
        data[-300:-290] = bytes(10)  # in the pixels, which have no checksum
        (folder / "odd.jpg").write_bytes(data)


def test_what_a_decoder_says_is_a_warning_of_its_pair(config: Config) -> None:
    add_odd_jpeg(config)
    run = run_pairs(find_pairs(config), dataclasses.replace(config, workers=2))
    told = {result.name: result.warnings for result in run.results}
    (warning,) = told.pop("odd.jpg")
    assert warning.startswith("a library said: Corrupt JPEG data")
    assert not any(told.values())


def test_a_run_tells_when_how_long_and_by_which_command(config: Config) -> None:
    run = run_pairs([], config, command="visualdiff run")
    assert (run.command, run.config) == ("visualdiff run", config)
    assert run.started.endswith("+00:00")
    assert 0 <= run.seconds < 60


@pytest.mark.parametrize(
    ("workers", "pairs", "taken"),
    [
        ("auto", 100, 6),
        ("auto", 4, 4),
        ("auto", 0, 0),
        (1, 100, 1),
        (64, 100, 64),
        (64, 3, 3),
        (2, 0, 0),
    ],
)
def test_how_many_workers_a_run_takes(
    config: Config,
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
    pairs: int,
    taken: int,
) -> None:
    # A container may have fewer CPUs than the machine.
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)))
    monkeypatch.setattr(os, "cpu_count", lambda: 96)
    assert count_workers(dataclasses.replace(config, workers=workers), pairs) == taken


@pytest.mark.parametrize(("count", "taken"), [(5, 5), (None, 1)])
def test_cpus_are_counted_where_the_system_knows_no_affinity(
    config: Config, monkeypatch: pytest.MonkeyPatch, count: int | None, taken: int
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert count_workers(config, 100) == taken


@pytest.mark.parametrize(
    ("max_memory", "free", "most"),
    [("auto", 4_000_000_000, 2e9), ("auto", None, math.inf), (300, 4_000_000_000, 300e6)],
)
def test_pairs_in_flight_may_need_what_memory_allows(
    config: Config,
    monkeypatch: pytest.MonkeyPatch,
    max_memory: Any,
    free: int | None,
    most: float,
) -> None:
    monkeypatch.setattr("visualdiff.runner.find_free_memory", lambda: free)
    config = dataclasses.replace(config, max_memory=max_memory, workers=2)
    budget = _make_budget(config)
    assert budget.most == most
    pair = next(pair for pair in find_pairs(config) if pair.name == "0.png")
    task = make_task(pair, Settings(), config)
    assert budget.weigh(task) == 80e6 + 8 * 2 * 20 * 20
    assert budget.weigh(task) == budget.weigh(task)
    # A pair that needs more than there is goes alone.
    assert len(run_pairs(find_pairs(config), config).results) == 12


def test_two_tall_pages_do_not_meet_where_memory_is_scarce(config: Config) -> None:
    rows = np.zeros((20_000, 400, 3), np.uint8)
    for number in (1, 2):
        save(config.baselines / f"tall-{number}.png", rows, level=1)
        save(config.candidates / f"tall-{number}.png", rows + np.uint8(3), level=1)
    pairs = [pair for pair in find_pairs(config) if pair.name.startswith("tall")]
    budget = _make_budget(dataclasses.replace(config, max_memory=400))
    weights = [budget.weigh(make_task(pair, Settings(), config)) for pair in pairs]
    assert all(weight < budget.most < sum(weights) for weight in weights)
