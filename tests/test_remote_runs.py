"""Runs over a real S3 server, by the installed command."""

import json
import re
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest
from drawing import BLUE_600, draw_png
from faulting import SLOW_DOWN, Close, Cut, Delay, Proxy, Status, fail_every
from storing import SECRET, Bucket, run, start

RED = (220, 38, 38)


def draw_suite(folder: Path) -> None:
    """Draw a pair that passes, one that does not, a new one, a missing one, a broken one."""
    for name, colours in {
        "same.png": (BLUE_600, BLUE_600),
        "shop/changed.png": (BLUE_600, RED),
        "shop/new page.png": (None, RED),
        "gone.png": (BLUE_600, None),
        "broken.png": (BLUE_600, ()),
    }.items():
        for side, colour in zip(("old", "new"), colours, strict=True):
            path = folder / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if colour is not None:
                path.write_bytes(draw_png(colour) if colour else draw_png(RED)[:60])


@pytest.fixture
def suite(tmp_path: Path, bucket: Bucket) -> Path:
    """Return a project whose images are in a bucket, and in folders, too."""
    draw_suite(tmp_path)
    bucket.fill("old", tmp_path / "old")
    bucket.fill("new", tmp_path / "new")
    configure(tmp_path, bucket)
    return tmp_path


def configure(folder: Path, bucket: Bucket, **changes: str) -> None:
    places = {"baselines": "old", "candidates": "new", "report": "report"}
    urls = {key: f"{bucket.url}/{name}" for key, name in places.items()} | changes
    lines = [f"{key}: {url}" for key, url in urls.items()]
    (folder / "visualdiff.yaml").write_text("\n".join(lines) + "\n")


def read_results(data: bytes, bucket: Bucket) -> Any:
    """Return results.json without what differs between two runs, and between places."""
    document = json.loads(data.replace(f"{bucket.url}/".encode(), b""))
    for key in "command", "started", "seconds", "folder":
        del document["run"][key]
    for entry in document["results"]:
        del entry["seconds"]
    return document


def test_a_run_over_a_store_finds_what_one_over_folders_does(suite: Path, bucket: Bucket) -> None:
    told, said = run(suite, bucket.variables, "run")
    assert told == 1
    assert "5 pairs: 1 passed, 1 failed, 1 new, 1 missing, 1 error" in said
    assert f"report: {bucket.url}/report/index.html" in said
    words = ("--baselines", "old", "--candidates", "new", "--report", "here")
    assert run(suite, {}, "run", *words)[0] == 1
    here = suite / "here"
    results = bucket.get("report/results.json")
    assert read_results(results, bucket) == read_results(
        (here / "results.json").read_bytes(), bucket
    )
    files = {path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file()}
    there = {name.removeprefix("report/") for name in bucket.names("report/")}
    assert there == files - {".visualdiff-lock"}
    for name in there:
        if name.startswith("assets/"):
            assert bucket.get(f"report/{name}") == (here / name).read_bytes(), name
    page = bucket.get("report/index.html").decode()
    assert f"{bucket.url}/old" in page
    for text in results.decode(), page, said:
        assert "visualdiff-remote" not in text
        assert SECRET not in text
    assert not (suite / "s3:").exists()


def test_a_run_leaves_nothing_on_this_machine(suite: Path, bucket: Bucket) -> None:
    temporary = suite / "tmp"
    temporary.mkdir()
    run(suite, {**bucket.variables, "TMPDIR": str(temporary)}, "run")
    assert list(temporary.iterdir()) == []
    temporary.rmdir()
    assert {path.name for path in suite.iterdir()} == {"old", "new", "visualdiff.yaml"}


def test_images_are_fetched_once_and_equal_ones_are_fetched_for_one_side(
    suite: Path, bucket: Bucket, proxy: Proxy
) -> None:
    assert run(suite, bucket.variables, "run")[0] == 1
    asked = [request.path for request in proxy.find("GET", f"/{bucket.name}/*/*.png")]
    assert len(asked) == len(set(asked))
    assert f"/{bucket.name}/old/same.png" in asked
    assert f"/{bucket.name}/new/same.png" not in asked


def test_pictures_that_are_there_are_not_sent_again_and_old_ones_go(
    suite: Path, bucket: Bucket, proxy: Proxy
) -> None:
    run(suite, bucket.variables, "run", "--junit", "junit.xml")
    first = bucket.names("report/assets/")
    bucket.put("report/assets/0123.png", b"of an earlier run")
    bucket.put("report/junit.xml", b"of an earlier run")
    bucket.put("report/notes.txt", b"of somebody")
    proxy.forget()
    run(suite, bucket.variables, "run")
    assert proxy.find("PUT", "*/assets/*") == []
    assert bucket.names("report/assets/") == first
    assert "report/junit.xml" not in bucket.names()
    assert bucket.get("report/notes.txt") == b"of somebody"


@pytest.mark.parametrize("executor", ["processes", "serial"])
@pytest.mark.parametrize("fault", [Status(500), SLOW_DOWN, Close(), Cut()])
def test_a_store_with_weak_moments_gives_the_same_results(
    suite: Path, bucket: Bucket, proxy: Proxy, fault: Any, executor: str
) -> None:
    run(suite, bucket.variables, "run", "--executor", executor)
    expected = read_results(bucket.get("report/results.json"), bucket)
    for name in bucket.names("report/"):
        bucket.delete(name)
    proxy.rule = fail_every(3, fault)
    told, said = run(suite, bucket.variables, "run", "--executor", executor)
    assert (told, "Traceback" in said) == (1, False), said
    proxy.rule = lambda _: None
    assert read_results(bucket.get("report/results.json"), bucket) == expected


def test_an_object_that_cannot_be_read_is_an_error_of_its_pair(
    suite: Path, bucket: Bucket, proxy: Proxy
) -> None:
    proxy.rule = lambda request: (
        Status(403, "AccessDenied") if request.matches("GET", "*/new/same.png") else None
    )
    bucket.put("new/same.png", draw_png(RED))
    told, said = run(suite, bucket.variables, "run")
    assert told == 1
    assert re.search(r"error +same.png .*candidate cannot be fetched: ", said)
    assert "1 failed" in said


def test_a_report_that_cannot_be_sent_is_told(suite: Path, bucket: Bucket, proxy: Proxy) -> None:
    for glob in "*/assets/*", "*/index.html", "*/.visualdiff-report":
        proxy.rule = lambda request, glob=glob: (  # type: ignore[misc]  # a rule has one argument
            Status(403, "AccessDenied") if request.matches("PUT", glob) else None
        )
        told, said = run(suite, bucket.variables, "run")
        assert told == 2
        assert f"error: report: cannot write to {bucket.url}/report" in said
        assert "report/index.html" not in bucket.names()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"baselines": "s3://no-such-bucket-at-all/x"}, "s3://no-such-bucket-at-all/x does not"),
        ({"report": "s3://no-such-bucket-at-all/x"}, "s3://no-such-bucket-at-all/x: not found"),
        ({"baselines": "s3://{}/new"}, "are the same folder: s3://"),
        ({"report": "s3://{}/new/report"}, "is inside the candidates"),
        ({"report": "s3://{}"}, "holds the baselines"),
        ({"report": "s3://{}/mine"}, "was not written by visualdiff"),
        ({"baselines": "s3a://{}/new"}, "are the same folder: s3://"),
        ({"baselines": "file:///srv/x"}, "wanted its path"),
        ({"report": "zip://report::a.zip"}, "in which nothing is written"),
        ({"baselines": "simplecache::s3://{}/old"}, "visualdiff.yaml:1:12: baselines: got "),
        ({"mask_images": "[s3://{}/a.png]"}, "mask_images: got a URL, wanted paths"),
        ({"baselines": "s4://bucket"}, "s4://bucket: Protocol not known: s4"),
        ({"baselines": "sftp://me:hidden@host/x"}, "visualdiff.yaml:1:12: baselines: got a pass"),
        ({"baselines": "s3://bucket/../x"}, "visualdiff.yaml:1:12: baselines: got "),
        ({"baselines": "s3://{}/nothing", "candidates": "s3://{}/void"}, "nothing to compare"),
    ],
)
def test_wrong_places_are_told(
    suite: Path, bucket: Bucket, changes: dict[str, str], told: str
) -> None:
    bucket.put("mine/letter.txt", b"of somebody")
    filled = {key: url.format(bucket.name) for key, url in changes.items()}
    configure(suite, bucket, **filled)
    code, said = run(suite, bucket.variables, "run")
    assert (code, "Traceback" in said, "hidden" in said) == (2, False, False), said
    assert said.startswith("error: ")
    assert told in said


def test_urls_may_be_options(suite: Path, bucket: Bucket) -> None:
    (suite / "visualdiff.yaml").write_text("baselines: old\ncandidates: none\n")
    words = ("--candidates", f"{bucket.url}/new", "--report", f"{bucket.url}/other")
    assert run(suite, bucket.variables, "run", *words)[0] == 1
    assert "other/index.html" in bucket.names()
    told, said = run(suite, bucket.variables, "run", "--report", "sftp://me:hidden@host/x")
    assert told == 2
    assert "password" in said
    assert "hidden" not in said


def test_candidates_may_come_in_an_archive(suite: Path, bucket: Bucket) -> None:
    with zipfile.ZipFile(suite / "shots.zip", "w") as archive:
        for path in (suite / "new").rglob("*.png"):
            archive.write(path, f"ci/{path.relative_to(suite / 'new').as_posix()}")
    bucket.put("shots.zip", (suite / "shots.zip").read_bytes())
    for url in "zip://ci::shots.zip", f"zip://ci::{bucket.url}/shots.zip":
        configure(suite, bucket, candidates=url)
        told, said = run(suite, bucket.variables, "run")
        assert told == 1
        assert "5 pairs: 1 passed, 1 failed, 1 new, 1 missing, 1 error" in said


def test_a_store_that_is_lost_is_an_error_of_each_pair(
    suite: Path, bucket: Bucket, proxy: Proxy
) -> None:
    proxy.rule = lambda request: Close() if request.matches("GET", "*.png") else None
    told, said = run(suite, bucket.variables, "run", "--report", "here")
    assert told == 1
    assert "5 pairs: 0 passed, 5 error" in said or "5 pairs: 5 error" in said
    assert "cannot be fetched" in said


@pytest.mark.parametrize("asked", ["GET */new/*.png", "PUT */assets/*"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_whose_store_hangs_can_be_left(
    suite: Path, bucket: Bucket, proxy: Proxy, number: signal.Signals, code: int, asked: str
) -> None:
    temporary = suite / "tmp"
    temporary.mkdir()
    method, glob = asked.split()
    proxy.rule = lambda request: Delay(600.0) if request.matches(method, glob) else None
    with start(suite, {**bucket.variables, "TMPDIR": str(temporary)}, "run") as process:
        while not proxy.find(method, glob):
            assert process.poll() is None
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "Traceback" not in said
    results = json.loads(bucket.get("report/results.json"))
    assert results["run"]["interrupted"] == {130: "Ctrl-C", 143: "SIGTERM"}[code]
    assert list(temporary.iterdir()) == []


def test_a_page_that_is_not_sent_is_told_to_be_of_an_earlier_run(
    suite: Path, bucket: Bucket, proxy: Proxy
) -> None:
    run(suite, bucket.variables, "run")
    for glob, told in (
        ("*/results.json", "; the report there is of an earlier run"),
        ("*/index.html", "; the page there is of an earlier run, results.json of this one"),
    ):
        before = bucket.get("report/index.html"), bucket.get("report/results.json")
        proxy.rule = lambda request, glob=glob: (  # type: ignore[misc]  # a rule has one argument
            Status(403, "AccessDenied") if request.matches("PUT", glob) else None
        )
        code, said = run(suite, bucket.variables, "run")
        assert code == 2
        assert said.rstrip().endswith(told)
        assert bucket.get("report/index.html") == before[0]
        assert (bucket.get("report/results.json") == before[1]) is ("results" in glob)


def test_names_that_no_file_can_have_are_errors_and_odd_ones_are_compared(
    suite: Path, bucket: Bucket
) -> None:
    for key in bucket.names():
        bucket.delete(key)
    odd = "a b+c%20#?é*[1]:;@.png", "dd:dark.png", "@2x/x.png", "😀.png", 'it\'s (1), "2".png'
    unplaced = "x//y.png", "dd::dark.png", "zip;/z.png", "l" * 300 + ".png"
    for name in *odd, *unplaced:
        bucket.put(f"old/{name}", draw_png())
        bucket.put(f"new/{name}", draw_png())
    bucket.put("new/folder/", b"")
    bucket.put("new/.hidden/x.png", draw_png())
    bucket.put("new/.hidden.png", draw_png())
    told, said = run(suite, bucket.variables, "run")
    assert told == 1
    assert "9 pairs: 5 passed, 4 error" in said
    assert "not compared: 1 image whose name begins with a dot: .hidden.png" in said
    results = json.loads(bucket.get("report/results.json"))["results"]
    assert {entry["name"] for entry in results if entry["status"] == "error"} == set(unplaced)
    assert "no file can have this name" in said


def test_outputs_tell_the_url_of_the_report(suite: Path, bucket: Bucket) -> None:
    outputs = suite / "outputs.txt"
    variables = {**bucket.variables, "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(outputs)}
    written = "a.md", "a.xml", "a.json"
    words = ("--markdown", "a.md", "--junit", "a.xml", "--reg", "a.json")
    told, said = run(suite, variables, "run", *words)
    assert told == 1
    for text in said, outputs.read_text(), *((suite / name).read_text() for name in written):
        assert "visualdiff-remote" not in text
    assert f"\n{bucket.url}/report\n" in outputs.read_text()
    assert f'href="{bucket.url}/report/index.html"' in (suite / "a.md").read_text()
