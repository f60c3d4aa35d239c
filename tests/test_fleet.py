"""A run by Dask: the same results as any other, whatever becomes of workers."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dasking import Running, start_cluster, wait_for
from test_runner import add_odd_jpeg, add_slow_pairs, make_config

import visualdiff.fleet
from visualdiff.errors import ConfigError, WorkerStartError
from visualdiff.model import Pair, PairResult, RunResult, Status
from visualdiff.pairing import find_pairs
from visualdiff.report.results import render_results
from visualdiff.runner import run_pairs
from visualdiff.settings import Config

DIE = "__import__('os').kill(__import__('os').getpid(), 9)"


class Poison(str):
    """Text that does something when a worker unpacks it."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return eval, (str(self),)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    # What was lost with two workers is no longer tried: each takes seconds to start.
    once_more = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with start_cluster(tmp_path_factory.mktemp("cluster"), variables=once_more) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left(cluster: Running) -> Iterator[None]:
    # One that an earlier test has killed may still be on its way.
    wait_for(lambda: len(cluster.evaluate("1")) == 2)
    yield
    # What was lost with a worker is found out by its process, which then ends.
    wait_for(lambda: cluster.list_left() == [])


@pytest.fixture
def config(tmp_path: Path, cluster: Running) -> Config:
    return dataclasses.replace(
        make_config(tmp_path), executor="dask", scheduler=cluster.address, workers=2
    )


def tell(run: RunResult, report: Path) -> Any:
    """Return all that a run says and shows, but how long it took."""
    entries = json.loads(b"".join(render_results(run)))["results"]
    assert all(entry.pop("seconds") >= 0 for entry in entries)
    return run.results, entries, {path.name: path.read_bytes() for path in report.glob("assets/*")}


def poison(pair: Pair, code: str) -> Pair:
    return dataclasses.replace(pair, problem=Poison(code))


def test_every_executor_gives_the_same_results(config: Config, cluster: Running) -> None:
    add_odd_jpeg(config)
    pairs = find_pairs(config)
    told: list[Any] = []
    for executor, scheduler in (
        ("processes", "local"),
        ("dask", "local"),
        ("dask", cluster.address),
        ("dask", str(cluster.file)),
    ):
        report = config.folder / f"report-{len(told)}"
        report.mkdir()
        changes: Any = {"executor": executor, "scheduler": scheduler, "report": report}
        told.append(tell(run_pairs(pairs, dataclasses.replace(config, **changes)), report))
    assert told[0] == told[1] == told[2] == told[3]
    statuses = [result.status.value for result in told[0][0]]
    assert statuses == ["failed", "passed", "passed"] * 3 + ["error", "new", "missing", "passed"]
    assert "Corrupt JPEG data" in told[0][1][-1]["warnings"][0]


def test_a_pair_that_takes_too_long_is_an_error_as_without_dask(config: Config) -> None:
    add_slow_pairs(config)
    pairs = [pair for pair in find_pairs(config) if pair.name[0] in "1l"]
    config.report.mkdir()
    slow = dataclasses.replace(config, pair_timeout=1.5, ssim="gaussian")
    small, *large = run_pairs(pairs, slow).results
    assert small.status is Status.PASSED
    words = "could not be compared: its worker process gave no answer within 1.5 s (pair_timeout)"
    assert [result.reasons for result in large] == [(words,)] * 2


def test_a_worker_that_is_killed_costs_a_retry(
    config: Config, cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each pair by itself, so that there are more when one is compared.
    monkeypatch.setattr("visualdiff.fleet.batches.MOST_PAIRS", 1)
    config.report.mkdir()
    add_slow_pairs(config)
    seen: list[PairResult] = []

    def kill(result: PairResult) -> None:
        seen.append(result)
        if len(seen) == 1:
            cluster.kill_busy()

    pairs = find_pairs(config)
    run = run_pairs(pairs, config, on_result=kill)
    plain = run_pairs(pairs, dataclasses.replace(config, executor="serial"))
    assert run.results == plain.results
    assert len(seen) == len(pairs)


def test_pairs_that_kill_every_worker_are_errors_and_no_others_are(config: Config) -> None:
    config.report.mkdir()
    pairs = [pair for pair in find_pairs(config) if pair.name[0].isdecimal()]
    killers = ("0.png", "3.png", "6.png")
    mixed = [poison(pair, DIE) if pair.name in killers else pair for pair in pairs]
    results = run_pairs(mixed, config).results
    for result in results:
        if result.name in killers:
            words = "could not be compared: 2 Dask workers died, one after the other, at this pair"
            assert (result.status, result.reasons) == (Status.ERROR, (words,))
            assert result.candidate == f"new/{result.name}"
        else:
            assert result.status is Status.PASSED, result
    assert [result.name for result in results] == [pair.name for pair in pairs]


def test_what_goes_wrong_on_a_worker_is_told_of_its_pair_only(config: Config) -> None:
    config.report.mkdir()
    pairs = [pair for pair in find_pairs(config) if pair.name[0] in "12"]
    fine, wrong = run_pairs([pairs[0], poison(pairs[1], "1 / 0")], config).results
    assert fine.status is Status.PASSED
    assert wrong.reasons == (
        "could not be compared: a Dask worker failed: ZeroDivisionError: division by zero",
    )


def test_an_interrupt_keeps_what_was_compared_and_the_cluster(
    config: Config, cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.fleet.batches.MOST_PAIRS", 1)
    config.report.mkdir()

    def interrupt(_: PairResult) -> None:
        raise KeyboardInterrupt

    run = run_pairs(find_pairs(config), config, on_result=interrupt)
    assert (len(run.results), run.interrupted) == (1, "Ctrl-C")
    assert len(cluster.evaluate("1")) == 2


def test_few_batches_are_handed_out_ahead_and_no_more_than_memory_allows(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.fleet.batches.MOST_PAIRS", 1)
    monkeypatch.setattr("visualdiff.fleet._FEWEST_AHEAD", 1)
    config.report.mkdir()
    most = []
    submit = visualdiff.fleet.Fleet._submit

    def note(fleet: visualdiff.fleet.Fleet, batch: Any) -> None:
        submit(fleet, batch)
        most.append(len(fleet._in_flight))

    monkeypatch.setattr(visualdiff.fleet.Fleet, "_submit", note)
    pairs = find_pairs(config)
    assert len(run_pairs(pairs, config).results) == len(pairs) == len(most)
    assert max(most) == 6
    most.clear()
    # Two workers need 80 MB each.
    run_pairs(pairs, dataclasses.replace(config, max_memory=170))
    assert max(most) == 2


def test_workers_of_another_version_are_refused_by_name(
    config: Config, cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.report.mkdir()
    monkeypatch.setattr("visualdiff.provenance.list_versions", lambda: {"numpy": "1.0"})
    with pytest.raises(ConfigError, match=r"has numpy \d\S*, this machine 1\.0") as caught:
        run_pairs(find_pairs(config), config)
    assert all(address in str(caught.value) for address in cluster.evaluate("1"))


def test_workers_that_see_other_folders_are_refused(config: Config) -> None:
    # There is no report folder, whereas a run from a configuration makes it.
    with pytest.raises(ConfigError, match=r"does not see the folder report: /.*/report; all m"):
        run_pairs(find_pairs(config), config)


def test_workers_that_see_other_files_are_refused(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.report.mkdir()
    measure = visualdiff.fleet.shipping.measure_files
    monkeypatch.setattr(
        "visualdiff.fleet.shipping.measure_files",
        lambda tasks: {**measure(tasks), config.candidates / "1.png": 7},
    )
    with pytest.raises(ConfigError, match=r"sees another .*/new/1\.png; all machines must share"):
        run_pairs(find_pairs(config), config)


def test_a_scheduler_that_ends_in_mid_run_ends_the_run(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.fleet.batches.MOST_PAIRS", 1)
    monkeypatch.setattr("visualdiff.fleet.connecting.PATIENCE", 5.0)
    add_slow_pairs(config)
    config.report.mkdir()
    with start_cluster(tmp_path, workers=1) as doomed:
        doomed_config = dataclasses.replace(config, scheduler=doomed.address)
        with pytest.raises(WorkerStartError, match=r"connection to the scheduler .* was lost"):
            run_pairs(find_pairs(config), doomed_config, on_result=lambda _: doomed.end())


def test_a_scheduler_that_loses_all_workers_is_not_waited_for_in_vain(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.fleet.PATIENCE", 0.5)
    config.report.mkdir()
    with start_cluster(tmp_path, workers=0) as empty:
        lonely = dataclasses.replace(config, scheduler=empty.address)
        with pytest.raises(WorkerStartError, match=r"has had no worker for 0\.5 s"):
            run_pairs(find_pairs(config), lonely)
