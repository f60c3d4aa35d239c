"""What a worker has for a run, without a cluster."""

import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest
from test_cli import draw

from visualdiff.errors import ConfigError, ReportError
from visualdiff.fleet.shipping import measure_files
from visualdiff.fleet.sites import Site, Terms
from visualdiff.model import Pair, PairResult, Status
from visualdiff.pool import Lost
from visualdiff.provenance import list_versions
from visualdiff.remote.stores import look_up
from visualdiff.remote.traffic import list_known, remember
from visualdiff.runner import check_safely
from visualdiff.settings import Config, Settings
from visualdiff.staging import list_remote
from visualdiff.tasks import Task, make_task
from visualdiff.urls import place

WORKER: Any = SimpleNamespace(address="tcp://there:1")
KILL = "__import__('os').kill(__import__('os').getpid(), 9)"


def make_site(folder: Path, **changes: Any) -> Site:
    function: Any = eval
    terms = Terms(function, 60.0, (), list_versions(), {"baselines": folder})
    site = Site(terms._replace(**changes))
    site.setup(WORKER)
    return site


def check(site: Site, *tasks: str) -> list[Any]:
    found: list[Any] = site.check(tasks)  # type: ignore[arg-type]  # of any kind
    return found


def test_tasks_are_answered_in_their_order_and_a_crash_is_told_of_its_own(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    first, lost, last = check(site, "1 + 1", KILL, "3")
    assert (first, last) == (2, 3)
    assert lost == Lost("its worker process was killed by signal 9 (SIGKILL)")
    site.teardown(WORKER)


def test_processes_are_kept_from_one_batch_to_the_next_and_end_with_the_run(
    tmp_path: Path,
) -> None:
    site = make_site(tmp_path)
    pid = "__import__('os').getpid()"
    (process,) = check(site, pid)
    assert check(site, pid, pid) == [process, process]
    site.teardown(WORKER)
    assert not Path(f"/proc/{process}").exists()


def test_a_batch_ends_with_the_run_and_leaves_no_process(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.teardown(WORKER)
    (process,) = check(site, "__import__('os').getpid()", "2")
    assert not Path(f"/proc/{process}").exists()


def test_what_is_not_as_the_run_wants_it_is_told_of_the_worker(tmp_path: Path) -> None:
    versions = {**list_versions(), "numpy": "0.1", "kornia-rs": "", "another": "2"}
    site = make_site(tmp_path / "nowhere", versions=versions)
    here = list_versions()
    place = tmp_path / "nowhere"
    assert [
        problem.removeprefix("the Dask worker tcp://there:1 ") for problem in site.problems
    ] == [
        f"has kornia-rs {here['kornia-rs']}, this machine (none)",
        f"has numpy {here['numpy']}, this machine 0.1",
        "has another (none), this machine 2",
        f"does not see the folder baselines: {place}; all machines must share the folders",
    ]
    # One that comes while a run goes on is found out by its first batch.
    with pytest.raises(ConfigError, match=r"tcp://there:1 has numpy"):
        check(site, "1")


def test_what_a_task_reads_is_measured_and_another_size_is_refused(tmp_path: Path) -> None:
    config = Config(folder=tmp_path, baselines=tmp_path, candidates=tmp_path)
    paths = [tmp_path / f"{size}.png" for size in (3, 4, 5, 6)]
    for path in paths:
        path.write_bytes(bytes(int(path.stem)))
    gone = tmp_path / "gone.png"
    pair = Pair(name="3.png", baseline=paths[0], candidate=paths[1], alternates=(paths[2], gone))
    settings = Settings(mask_images=(paths[3],))
    sizes = measure_files((make_task(pair, settings, config),))
    assert sizes == {paths[0]: 3, paths[1]: 4, paths[2]: 5, paths[3]: 6, gone: None}
    site = make_site(tmp_path)
    site.refuse_copies(sizes, sizes)
    for path, other in ((paths[1], 5), (gone, 0)):
        with pytest.raises(ConfigError, match=rf"tcp://there:1 sees another .*/{path.name}; all"):
            site.refuse_copies({**sizes, path: other}, sizes)


def test_daemons_are_refused_where_they_can_start_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multiprocessing, "current_process", lambda: SimpleNamespace(daemon=True))
    assert make_site(tmp_path).problems == []
    monkeypatch.setattr(sys, "platform", "darwin")
    (problem,) = make_site(tmp_path).problems
    assert "DASK_DISTRIBUTED__WORKER__DAEMON=False" in problem


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Site]:
    """Return a site of a run over a store, as a worker of this process."""
    draw(tmp_path / "a.png")
    files = fsspec.filesystem("memory")
    for side in ("old", "new"):
        files.pipe(f"/shots/{side}/a.png", (tmp_path / "a.png").read_bytes())
    files.pipe("/shots/new/b.png", (tmp_path / "a.png").read_bytes())
    folders = {"report": place("memory://shots/report")}
    worker: Any = SimpleNamespace(address="tcp://there:1", local_directory=str(tmp_path))
    site = Site(Terms(check_safely, 60.0, (), list_versions(), folders))
    site.setup(worker)
    yield site
    site.teardown(worker)
    assert not list(tmp_path.glob("visualdiff-remote-*"))
    files.rm("/shots", recursive=True)


def make_tasks(site: Site) -> tuple[Task, ...]:
    """Return tasks of a pair that is the same, and of one that is new, as the site has them."""
    assert site.root
    folder = site.root / "memory;/shots"
    config = Config(
        folder=site.root.parent,
        baselines=folder / "old",
        candidates=folder / "new",
        report=folder / "report",
    )
    pairs = (
        Pair(name="a.png", baseline=folder / "old/a.png", candidate=folder / "new/a.png"),
        Pair(name="b.png", baseline=None, candidate=folder / "new/b.png"),
    )
    remember({path: seen for path in list_remote_of(pairs) if (seen := look_up(path))})
    return tuple(make_task(pair, Settings(), config) for pair in pairs)


def list_remote_of(pairs: tuple[Pair, ...]) -> list[Path]:
    return [path for pair in pairs for path in list_remote(pair)]


def test_a_site_fetches_compares_sends_and_removes(store: Site) -> None:
    passed, new = store.check(make_tasks(store))
    assert isinstance(passed, PairResult)
    assert isinstance(new, PairResult)
    assert (passed.status, new.status) == (Status.PASSED, Status.NEW)
    assert new.candidate == "memory://shots/new/b.png"
    sent = fsspec.filesystem("memory").find("/shots/report")
    assert sent == sorted(f"/shots/report/{path}" for path in {*new.artifacts.values()})
    assert store.root
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_a_batch_that_outlasts_its_run_leaves_nothing_fetched(store: Site) -> None:
    tasks = make_tasks(store)
    root = store.root
    assert root
    store.teardown(WORKER)
    assert list_known(root) == []
    store.check(tasks)
    assert not root.exists()


def test_pictures_that_cannot_be_sent_end_the_run(
    store: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "denied", str(path))

    monkeypatch.setattr("visualdiff.remote.traffic.send", refuse)
    words = r"report: cannot write to memory://shots/report/assets/\w+\.\w+: denied"
    with pytest.raises(ReportError, match=words):
        store.check(make_tasks(store))


def test_a_worker_without_the_driver_of_a_store_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    site = Site(Terms(check_safely, 60.0, (), {}, {"report": place("gs://bucket/report")}))
    site.setup(SimpleNamespace(address="tcp://there:1", local_directory=str(tmp_path)))  # type: ignore[arg-type]  # of Dask's, these are used only
    (problem,) = site.problems
    assert problem.startswith("the Dask worker tcp://there:1 cannot use the report: gs://bucket")
    assert "pip install 'visualdiff-ssim[gs]'" in problem
    site.teardown(WORKER)


def test_a_worker_whose_folder_cannot_be_written_says_so(tmp_path: Path) -> None:
    site = Site(Terms(check_safely, 60.0, (), {}, {"report": place("memory://report")}))
    place_of_dask = str(tmp_path / "gone")
    site.setup(SimpleNamespace(address="tcp://there:1", local_directory=place_of_dask))  # type: ignore[arg-type]  # of Dask's, these are used only
    (problem,) = site.problems
    assert f"cannot write to {place_of_dask}: No such file" in problem
