import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import faulting
import pytest
from faulting import Proxy
from storing import Bucket

from visualdiff import staging
from visualdiff.errors import ReportError
from visualdiff.model import Pair, PairResult, Status
from visualdiff.remote.traffic import bring, explore
from visualdiff.settings import Settings
from visualdiff.tasks import Task
from visualdiff.urls import place


def make_task(folder: Path, name: str, **changes: Any) -> Task:
    pair = Pair(name=name, baseline=folder / f"old/{name}", candidate=folder / f"new/{name}")
    pair = replace(pair, **changes)
    return Task(pair, Settings(), folder, folder / "report", 1000)


@pytest.fixture
def tasks(bucket: Bucket) -> list[Task]:
    for number in range(8):
        bucket.put(f"old/{number}.png", b"old %d" % number)
        bucket.put(f"new/{number}.png", b"new %d" % number)
    folder = place(bucket.url)
    explore(folder)
    return [make_task(folder, f"{number}.png") for number in range(8)]


def test_tasks_come_in_their_order_with_their_images(tasks: list[Task]) -> None:
    with staging.staging(tasks) as staged:
        for number, task in enumerate(staged):
            assert task == tasks[number]
            assert task.pair.candidate
            assert task.pair.candidate.read_bytes() == b"new %d" % number
            staging.unstage(task)
            assert not task.pair.candidate.exists()
    assert number == 7


def test_where_all_is_here_nothing_is_done(tmp_path: Path) -> None:
    tasks = [make_task(tmp_path, "a.png")]
    with staging.staging(tasks) as staged:
        assert staged is tasks
    assert make_task(tmp_path, "b.png").pair.baseline
    staging.unstage(tasks[0])


def test_an_image_that_cannot_be_had_is_a_problem_of_its_pair(
    tasks: list[Task], bucket: Bucket
) -> None:
    bucket.delete("old/3.png")
    bucket.put("new/4.png", b"written again")
    bucket.put("old/5@2.png", b"old")
    known = tasks[0].pair.baseline
    assert known
    lost = known.with_name("lost.png")
    tasks[6] = make_task(tasks[6].folder, "6.png", alternates=(lost,))
    tasks[7] = make_task(tasks[7].folder, "7.png", problem="known already")
    with staging.staging(tasks) as staged:
        problems = [task.pair.problem for task in staged]
    assert problems[:3] == ["", "", ""]
    assert problems[3] == "baseline cannot be fetched: not found"
    assert problems[4].startswith("candidate cannot be fetched: was written again")
    assert problems[5] == ""
    assert problems[6].startswith("baseline cannot be fetched: ")
    assert problems[7] == "known already"


def test_others_are_fetched_while_one_is_compared(tasks: list[Task], proxy: Proxy) -> None:
    arrived = threading.Semaphore(0)

    def count(request: object) -> None:
        if ".png" in str(request):
            arrived.release()

    proxy.rule = count
    with staging.staging(tasks) as staged:
        next(iter(staged))
        for _ in range(16):
            assert arrived.acquire(timeout=30)


def test_images_do_not_fill_the_disk(
    tasks: list[Task], proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_MOST_BYTES", 20)  # of pairs of 10
    with staging.staging(tasks) as staged:
        coming = iter(staged)
        next(coming)
        assert len(proxy.find("GET", "*.png")) <= 2 * 3
        assert len(list(coming)) == 7


def test_what_pairs_share_stays_until_none_needs_it(tasks: list[Task]) -> None:
    first, second, *rest = tasks
    shared = first.pair.baseline
    assert shared
    second = second._replace(pair=replace(second.pair, alternates=(shared,)))
    with staging.staging([first, second, *rest]) as staged:
        list(staged)
        staging.unstage(first)
        assert first.pair.candidate
        assert (shared.exists(), first.pair.candidate.exists()) == (True, False)
        staging.unstage(second)
        assert not shared.exists()
    # What was not compared in the end is not needed, either.
    assert not [path for task in rest for path in staging.list_remote(task.pair) if path.exists()]


def test_what_is_fetched_to_be_looked_at_goes_with_that(tasks: list[Task]) -> None:
    path = tasks[0].pair.baseline
    assert path
    with staging.holding(tasks[0]):
        bring(path)
        assert path.exists()
    assert not path.exists()


RESULT = PairResult(
    name="a.png",
    status=Status.FAILED,
    reasons=(),
    baseline=None,
    candidate=None,
    artifacts={"diff": "assets/a.png", "baseline": "assets/a.png"},
)


def draw(report: Path) -> Path:
    """Write the picture of a result, as a worker does; return it."""
    path = report / "assets/a.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"picture")
    return path


def test_pictures_are_sent_to_the_reports_store(bucket: Bucket, tmp_path: Path) -> None:
    folder, store = tmp_path / "report", place(f"{bucket.url}/report")
    for report in folder, store:
        assert bucket.names() == []
        draw(report)
        with staging.sending_pictures(report) as post:
            post(RESULT)
    assert bucket.names() == ["report/assets/a.png"]
    assert (folder / "assets/a.png").exists()


def test_pictures_that_cannot_be_sent_are_no_report(bucket: Bucket, proxy: Proxy) -> None:
    report = place(f"{bucket.url}/report")
    draw(report)
    proxy.rule = lambda _: faulting.Status(403, "AccessDenied")
    with (
        pytest.raises(ReportError, match=r"report: cannot write to s3://.*/assets/a.png: "),
        staging.sending_pictures(report) as post,
    ):
        post(RESULT)
