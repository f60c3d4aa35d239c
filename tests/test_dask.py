"""`visualdiff run --executor dask`, as it is installed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dasking import PATIENCE_SECONDS, Running, start_cluster, wait_for
from test_cli import COMMAND, draw, processes_of_group

from visualdiff import load_config, run
from visualdiff.errors import ConfigError


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with many pairs that differ, of which each takes a while."""
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nreport: report\n")
    for index in range(40):
        for side in ("old", "new"):
            draw(tmp_path / side / f"{index}.png", square=255 * (side == "new"), size=2000)
    return tmp_path


def start(project: Path, *words: str) -> "subprocess.Popen[str]":
    # Of its own group, so that a signal reaches the workers too, as Ctrl-C does.
    return subprocess.Popen(
        [COMMAND, "run", "--executor", "dask", "--workers", "2", *words],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def stop(process: "subprocess.Popen[str]", number: signal.Signals, project: Path) -> None:
    """Send a signal to a run once it has results; see that it tells what it has, and ends."""
    assert process.stderr
    assert process.stderr.readline().startswith("compared ")
    os.killpg(process.pid, number)
    output, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    by = "Ctrl-C" if number is signal.SIGINT else "SIGTERM"
    assert f"warning: interrupted by {by}: not all pairs" in output
    told = json.loads((project / "report/results.json").read_bytes())
    assert told["run"]["interrupted"] == by
    assert 0 < len(told["results"]) < 40
    # Nothing but progress: neither a traceback nor a word of Dask's.
    lines = [line for line in complaints.splitlines() if not line.startswith("compared ")]
    assert lines == ["interrupted"] * (number is signal.SIGINT)
    wait_for(lambda: processes_of_group(process.pid) == [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_an_interrupted_run_leaves_a_report_and_no_process(
    project: Path, number: signal.Signals
) -> None:
    stop(start(project), number, project)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_an_interrupted_run_leaves_a_cluster_of_others_as_it_was(
    project: Path, cluster: Running, number: signal.Signals
) -> None:
    stop(start(project, "--scheduler", str(cluster.file)), number, project)
    wait_for(lambda: cluster.list_left() == [])
    assert len(cluster.evaluate("1")) == 2


def test_a_cluster_takes_one_run_after_the_other_and_two_at_once(
    project: Path, cluster: Running
) -> None:
    both = [
        start(project, "--scheduler", cluster.address, "--report", f"report-{number}")
        for number in range(2)
    ]
    outputs = [process.communicate(timeout=PATIENCE_SECONDS) for process in both]
    assert [process.returncode for process in both] == [1, 1]
    assert all("40 pairs: 40 failed" in output for output, _ in outputs)
    assert cluster.list_left() == []


def test_a_second_run_finds_its_results_in_the_cache(project: Path, cluster: Running) -> None:
    config: dict[str, Any] = {"executor": "dask", "cache": "cache", "scheduler": cluster.address}
    first = run(load_config(project / "visualdiff.yaml", **config))
    again = run(load_config(project / "visualdiff.yaml", **config))
    assert (first.reused, again.reused) == (0, 40)
    assert again.results == first.results


def test_a_mistake_is_one_line_and_exit_code_2(project: Path) -> None:
    process = start(project, "--scheduler", "scheduler.json")
    _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    place = project / "scheduler.json"
    words = f"error: scheduler: {place}: no such file; an address begins as tcp:// does\n"
    assert (process.returncode, complaints) == (2, words)


def test_who_lacks_dask_is_told_how_to_get_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("visualdiff.fleet")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "dask", None)
    words = r"executor: dask needs \w+; `pip install 'visualdiff-ssim\[dask\]'` brings it"
    with pytest.raises(ConfigError, match=words):
        run(load_config(project / "visualdiff.yaml", executor="dask"))
