"""Runs by Dask over object storage: each worker fetches and sends for itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dasking import Running, start_cluster, wait_for
from drawing import draw_noise
from faulting import Proxy
from storing import Bucket, Storage, describe_access
from test_runner import add_odd_jpeg, make_config, save

from visualdiff import load_config, run
from visualdiff.batch import Listener
from visualdiff.errors import ConfigError
from visualdiff.model import PairResult
from visualdiff.urls import find_root


@pytest.fixture(scope="module")
def cluster(storage: Storage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    variables = describe_access(storage.address)
    with start_cluster(tmp_path_factory.mktemp("cluster"), variables=variables) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left(cluster: Running) -> Iterator[None]:
    wait_for(lambda: len(cluster.evaluate("1")) == 2)
    before = set(find_root().rglob("*.png"))
    yield
    wait_for(lambda: cluster.list_left() == [])
    wait_for(lambda: not list(cluster.file.parent.rglob("visualdiff-remote-*")))
    assert set(find_root().rglob("*.png")) == before


@pytest.fixture
def project(tmp_path: Path, bucket: Bucket) -> Path:
    """Return a configuration of which all folders are in the bucket."""
    local = make_config(tmp_path)
    add_odd_jpeg(local)
    for side in ("old", "new"):
        bucket.fill(side, tmp_path / side)
    folders = {"baselines": "old", "candidates": "new", "report": "report"}
    lines = [f"{key}: {bucket.url}/{name}" for key, name in folders.items()]
    (tmp_path / "visualdiff.yaml").write_text("\n".join([*lines, "workers: 2", ""]))
    return tmp_path


def tell(bucket: Bucket, report: str) -> tuple[Any, dict[str, bytes]]:
    """Return all that a report says and shows, but when it was, how long it took, and how."""
    told = json.loads(bucket.get(f"{report}/results.json"))
    for name in ("seconds", "started", "command", "settings"):
        told["run"].pop(name)
    for entry in told["results"]:
        entry.pop("seconds")
    names = bucket.names(f"{report}/assets/")
    return told, {name.removeprefix(report): bucket.get(name) for name in names}


def test_every_executor_gives_the_same_report(
    project: Path, bucket: Bucket, cluster: Running
) -> None:
    told = []
    for number, (executor, scheduler) in enumerate(
        (
            ("serial", "local"),
            ("processes", "local"),
            ("dask", "local"),
            ("dask", cluster.address),
        )
    ):
        changes: Any = {"executor": executor, "scheduler": scheduler}
        report = f"report-{number}"
        result = run(
            load_config(project / "visualdiff.yaml", report=f"{bucket.url}/{report}", **changes)
        )
        assert {item.status.value for item in result.results} == {
            "failed",
            "passed",
            "error",
            "new",
            "missing",
        }
        told.append(tell(bucket, report))
    assert told[0] == told[1] == told[2] == told[3]
    assert len(told[0][1]) > 10


def test_the_client_fetches_no_image_and_a_second_run_nobody(
    project: Path, bucket: Bucket, cluster: Running, proxy: Proxy
) -> None:
    changes: Any = {
        "executor": "dask",
        "scheduler": cluster.address,
        "cache": f"{bucket.url}/cache",
    }
    config = load_config(project / "visualdiff.yaml", **changes)
    first = run(config)
    assert not proxy.find("GET", "*/old/*")
    assert not proxy.find("GET", "*/new/*")
    before = tell(bucket, "report")
    bucket.delete(bucket.names("report/assets/")[0])
    again = run(config)
    # The error is compared again.
    assert (first.reused, again.reused) == (0, len(first.results) - 1)
    told, pictures = tell(bucket, "report")
    assert (told["results"], pictures) == (before[0]["results"], before[1])


def test_a_worker_that_is_killed_costs_a_retry(
    project: Path, bucket: Bucket, cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.fleet.batches.MOST_PAIRS", 1)
    for number in range(2):  # each takes a while
        for side in ("old", "new"):
            large = draw_noise(1800, 1800) ^ np.uint8(64 * (side == "new"))
            save(project / side / f"large-{number}.png", large, level=1)
            bucket.fill(side, project / side)

    seen: list[PairResult] = []

    class Killer(Listener):
        def advance(self, result: PairResult) -> None:
            seen.append(result)
            if len(seen) == 1:
                cluster.kill_busy()

    changes: Any = {"executor": "dask", "scheduler": cluster.address}
    run(load_config(project / "visualdiff.yaml", **changes), listener=Killer())
    plain = f"{bucket.url}/plain"
    run(load_config(project / "visualdiff.yaml", report=plain, executor="serial"))
    assert tell(bucket, "report") == tell(bucket, "plain")
    # All that it has fetched went with it, and with the next worker in its place.
    wait_for(lambda: len(cluster.evaluate("1")) == 2)


def test_what_is_in_the_memory_of_a_process_is_refused(project: Path, cluster: Running) -> None:
    words = r"report: memory://here is in the memory of this process, which the workers of"
    changes: Any = {"executor": "dask", "scheduler": cluster.address, "report": "memory://here"}
    with pytest.raises(ConfigError, match=words):
        run(load_config(project / "visualdiff.yaml", **changes))


def test_an_interrupt_leaves_a_report_and_nothing_on_the_workers(
    project: Path, bucket: Bucket, cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualdiff.fleet.batches.MOST_PAIRS", 1)

    class Impatient(Listener):
        def advance(self, _: PairResult) -> None:
            raise KeyboardInterrupt

    changes: Any = {"executor": "dask", "scheduler": cluster.address}
    with pytest.raises(KeyboardInterrupt):
        run(load_config(project / "visualdiff.yaml", **changes), listener=Impatient())
    told, _ = tell(bucket, "report")
    assert (told["run"]["interrupted"], len(told["results"])) == ("Ctrl-C", 1)
