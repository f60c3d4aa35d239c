"""The plugin with baselines and a report in a store, with and without xdist."""

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import storing
from faulting import Close, Proxy, Request, Status, fail_every
from storing import SECRET, Bucket
from suite import BLUE, GREEN, Suite, says

from visualdiff.remote import persisting

DENIED = Status(403, "AccessDenied")
HOME = """
def test_home(assert_images_match):
    assert_images_match("green.png", "home")
"""
MANY = """
import pytest
@pytest.mark.parametrize("name", ["a", "b", "c", "d"])
def test_many(assert_images_match, name):
    assert_images_match("green.png", f"shop/{name}")
"""


@pytest.fixture
def remote(suite: Suite, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Return a suite whose baselines and report are in a bucket."""
    suite.write(
        "visualdiff.yaml",
        f"baselines: {bucket.url}/baselines\nreport: {bucket.url}/report\ncandidates: shots\n",
    )
    # What the plugin leaves there, it leaves in all tests.
    scratch = suite.path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return suite


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up a store that is down at once."""
    monkeypatch.setattr(persisting, "_TRIES", 1)


def load(bucket: Bucket) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bucket.get("report/results.json"))
    return document


def test_what_matches_passes_and_the_report_is_in_the_store(remote: Suite, bucket: Bucket) -> None:
    bucket.put("baselines/home.png", GREEN)
    remote.write("test_a.py", HOME)
    done = remote.run()
    done.assert_outcomes(passed=1)
    says(done, "1 image: 1 passed", f"report: {bucket.url}/report/index.html")
    assert bucket.names("report/") == [
        "report/.visualdiff-report",
        "report/index.html",
        "report/results.json",
    ]
    (result,) = load(bucket)["results"]
    assert (result["status"], result["baseline"]) == (
        "passed",
        f"{bucket.url}/baselines/home.png",
    )
    assert not remote.report.exists()
    assert not list(Path(tempfile.gettempdir()).glob("visualdiff-report-*"))


def test_what_differs_is_told_by_urls_that_hold_and_can_be_approved(
    remote: Suite, bucket: Bucket
) -> None:
    bucket.put("baselines/home.png", BLUE)
    # Of earlier sessions.
    bucket.put("report/.visualdiff-report", b"")
    bucket.put("report/candidates/home.png", BLUE)
    bucket.put("report/candidates/old.png", BLUE)
    bucket.put("report/assets/old.png", BLUE)
    remote.write("test_a.py", HOME)
    done = remote.run()
    done.assert_outcomes(failed=1)
    says(
        done,
        "AssertionError: home.png differs from its baseline",
        f"baseline:  {bucket.url}/baselines/home.png",
        f"candidate: {bucket.url}/report/candidates/home.png",
        f"diff:      {bucket.url}/report/assets/",
        f"report:    {bucket.url}/report/index.html",
        f"report: {bucket.url}/report/index.html",
    )
    assert bucket.get("report/candidates/home.png") == GREEN
    document = load(bucket)
    (result,) = document["results"]
    assert result["candidate"] == f"{bucket.url}/report/candidates/home.png"
    assert document["run"]["candidates"] == f"{bucket.url}/report/candidates"
    pictures = {f"report/{path}" for path in result["artifacts"].values()}
    there = set(bucket.names("report/assets/")) | set(bucket.names("report/candidates/"))
    assert there == pictures | {"report/candidates/home.png"}
    assert str(tempfile.gettempdir()) not in bucket.get("report/index.html").decode()
    told = ("approve", "--all", "--results", f"{bucket.url}/report/results.json")
    code, said = storing.run(remote.path, bucket.variables, *told)
    assert code == 0, said
    assert bucket.get("baselines/home.png") == GREEN


def test_update_writes_what_passes_then(remote: Suite, bucket: Bucket) -> None:
    bucket.put("baselines/home.png", BLUE)
    remote.write("test_a.py", HOME + MANY)
    done = remote.run("-U")
    done.assert_outcomes(passed=5)
    says(done, "baseline written")
    assert bucket.get("baselines/home.png") == GREEN
    assert bucket.get("baselines/shop/a.png") == GREEN
    remote.run().assert_outcomes(passed=5)


def test_update_writes_over_nothing_that_was_not_compared(
    remote: Suite, bucket: Bucket, proxy: Proxy
) -> None:
    def write_first(request: Request) -> None:
        if request.matches("*", "*/baselines/home.png") and not bucket.names("baselines/home"):
            bucket.put("baselines/home.png", BLUE)

    remote.write("test_a.py", HOME)
    proxy.rule = write_first
    done = remote.run("--visualdiff-update=missing")
    done.assert_outcomes(failed=1)
    says(
        done,
        f"baseline {bucket.url}/baselines/home.png cannot be written: "
        "was written by others meanwhile",
    )
    assert bucket.get("baselines/home.png") == BLUE


def test_a_store_is_listed_once_and_a_baseline_fetched_once(
    remote: Suite, bucket: Bucket, proxy: Proxy
) -> None:
    for name in "abcd":
        bucket.put(f"baselines/shop/{name}.png", GREEN)
    remote.write("test_a.py", MANY)
    remote.write("test_b.py", MANY)
    remote.run().assert_outcomes(passed=8)
    asked = [request.query for request in proxy.find("GET", f"/{bucket.name}")]
    assert len([query for query in asked if "baselines" in query]) == 1
    assert len(proxy.find("GET", "*.png")) == 4


@pytest.mark.slow
def test_workers_send_one_report(remote: Suite, bucket: Bucket) -> None:
    bucket.put("baselines/shop/a.png", GREEN)
    bucket.put("baselines/shop/b.png", BLUE)
    remote.write("test_a.py", MANY)
    done = remote.run_apart("-n", "2")
    done.assert_outcomes(passed=1, failed=3)
    says(done, "4 images: 1 passed, 1 failed, 2 new", f"report: {bucket.url}/report/index.html")
    assert bucket.names("report/candidates/") == [
        f"report/candidates/shop/{name}.png" for name in "bcd"
    ]
    for result in load(bucket)["results"]:
        for path in result["artifacts"].values():
            assert bucket.get(f"report/{path}")
    assert SECRET not in done.stdout.str() + done.stderr.str()
    assert not list(Path(tempfile.gettempdir()).glob("visualdiff-*"))


@pytest.mark.usefixtures("hasty")
def test_a_store_that_is_down_is_an_error_in_words(
    remote: Suite, bucket: Bucket, proxy: Proxy
) -> None:
    proxy.rule = fail_every(1, Close())
    remote.write("test_a.py", HOME)
    done = remote.run("--visualdiff-on-new=ignore")
    done.assert_outcomes(failed=1)
    says(done, f"{bucket.url}/baselines cannot be listed: ")
    assert not re.search(r"(judging|traffic|persisting)\.py", done.stdout.str())


def test_a_baseline_that_cannot_be_fetched_neither_passes_nor_is_replaced(
    remote: Suite, bucket: Bucket, proxy: Proxy
) -> None:
    bucket.put("baselines/home.png", BLUE)
    proxy.rule = fail_every(1, DENIED, "GET", "*.png")
    remote.write("test_a.py", HOME)
    done = remote.run()
    done.assert_outcomes(failed=1)
    says(done, "home.png could not be compared: baseline cannot be compared: cannot be read: ")
    (result,) = load(bucket)["results"]
    assert result["status"] == "error"
    remote.run("--visualdiff-update=all").assert_outcomes(failed=1)
    assert bucket.get("baselines/home.png") == BLUE


def test_a_report_that_cannot_be_sent_is_kept_and_fails(
    remote: Suite, bucket: Bucket, proxy: Proxy
) -> None:
    bucket.put("baselines/home.png", BLUE)
    proxy.rule = fail_every(1, DENIED, "PUT", "*/assets/*")
    remote.write("test_a.py", HOME)
    done = remote.run()
    says(done, "report: cannot copy assets/", f" to {bucket.url}/report: ", "; it is in ")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    (page,) = Path(tempfile.gettempdir()).glob("visualdiff-report-*/index.html")
    says(done, f"report: {page.relative_to(remote.path)}")
    (result,) = remote.results(page.parent)
    assert (remote.path / result["candidate"]).read_bytes() == GREEN
    assert "report/results.json" not in bucket.names()


def test_a_prefix_that_holds_other_things_is_refused(remote: Suite, bucket: Bucket) -> None:
    bucket.put("report/diary.txt", b"")
    remote.write("test_a.py", HOME)
    done = remote.run()
    done.assert_outcomes(errors=1)
    says(done, f"report: {bucket.url}/report is not empty and was not written by visualdiff")
    assert bucket.names() == ["report/diary.txt"]


def test_unused_baselines_are_deleted_in_the_store(remote: Suite, bucket: Bucket) -> None:
    for name in ("home", "old", "old@2"):
        bucket.put(f"baselines/{name}.png", GREEN)
    remote.write("test_a.py", HOME)
    done = remote.run("--visualdiff-unused=delete")
    done.assert_outcomes(passed=1)
    says(done, f"baseline deleted: {bucket.url}/baselines/old.png")
    assert bucket.names("baselines/") == ["baselines/home.png"]


def test_where_nothing_was_compared_nothing_is_left(remote: Suite) -> None:
    remote.write("test_a.py", "def test_a(assert_images_match): pass")
    remote.run().assert_outcomes(passed=1)
    assert not list(Path(tempfile.gettempdir()).glob("visualdiff-report-*"))


def test_urls_are_options_too(suite: Suite, bucket: Bucket) -> None:
    bucket.put("here/home.png", GREEN)
    suite.write("test_a.py", HOME)
    options = f"--visualdiff-baselines={bucket.url}/here", f"--visualdiff-report={bucket.url}/to"
    done = suite.run(*options)
    done.assert_outcomes(passed=1)
    says(done, f"report: {bucket.url}/to/index.html")
    bucket.put("here/home.png", BLUE)
    says(suite.run(*options), f"--visualdiff-baselines={bucket.url}/here")
    suite.write("pytest.ini", f"[pytest]\nvisualdiff_baselines = {bucket.url}/here\n")
    says(suite.run(), f"baseline:  {bucket.url}/here/home.png")


def test_a_password_in_an_option_is_refused_and_not_shown(suite: Suite) -> None:
    done = suite.run("--visualdiff-baselines=sftp://me:hush@host/shots")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    shown = done.stderr.str()
    assert "--visualdiff-baselines: got a password in a URL, wanted none" in shown
    assert "hush" not in shown
