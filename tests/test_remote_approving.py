"""Baselines, candidates and reports in a store: accepted, taken back, and never by mistake."""

import json
import re
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from shutil import make_archive, rmtree

import pytest
import storing
from approving import RED, Project, draw
from faulting import SLOW_DOWN, Fault, Lose, Proxy, Request, Rule, Status, fail_first
from storing import Bucket, run

from visualdiff import load_config
from visualdiff import run as compare
from visualdiff.approval import Approved, approve, open_review
from visualdiff.approval.journal import replace_baselines, take_back
from visualdiff.approval.plan import Replacement, hash_bytes, hash_file
from visualdiff.commands import parse_arguments
from visualdiff.errors import BaselineError, ConfigError, ReviewError, VisualdiffError
from visualdiff.files import read_file, write_durably
from visualdiff.identity import identify_pair
from visualdiff.remote import drivers, traffic
from visualdiff.reviewing.audit import LOG, Line, append_lines, read_outcomes
from visualdiff.reviewing.pages import Pages
from visualdiff.reviewing.session import Session
from visualdiff.urls import find_root, place

_DENIED = Status(403, "AccessDenied")
_OLD = {"a.png": draw(), "b.png": draw(words=2), "gone.png": draw(words=1), "same.png": draw()}
_NEW = {
    "a.png": draw(button=RED),
    "b.png": draw(words=4),
    "new.png": draw(words=3),
    "same.png": draw(),
}


@pytest.fixture
def project(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a configuration, all of whose folders are in a bucket."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.chdir(tmp_path)
    for side, images in (("old", _OLD), ("new", _NEW)):
        for name, data in images.items():
            bucket.put(f"{side}/{name}", data)
    folders = {"baselines": "old", "candidates": "new", "report": "report"}
    lines = [f"{key}: {bucket.url}/{name}" for key, name in folders.items()]
    (tmp_path / "visualdiff.yaml").write_text("\n".join([*lines, "executor: serial\n"]))
    return tmp_path


@pytest.fixture
def reported(project: Path) -> Path:
    """Return the folder once its screenshots were compared."""
    assert not compare(load_config(project / "visualdiff.yaml")).passed
    return project


def forget() -> None:
    """Know nothing of any store, as a process that starts."""
    storing.forget()
    drivers.find_driver.cache_clear()
    traffic._known.clear()
    for folder in find_root().iterdir():
        rmtree(folder)


def parse(*words: str) -> Namespace:
    return parse_arguments(["approve", *words])[1]


def act(*words: str) -> Approved:
    """Approve as a process that starts."""
    forget()
    return approve(parse(*words))


def read_baselines(bucket: Bucket) -> dict[str, bytes]:
    return {name.removeprefix("old/"): bucket.get(name) for name in bucket.names("old/")}


def test_red_approve_green_undo_red(project: Path, bucket: Bucket) -> None:
    def call(*words: str) -> tuple[int, str]:
        return run(project, bucket.variables, *words)

    assert call("run", "-q")[0] == 1
    code, said = call("approve", "--all", "--prune")
    assert code == 0, said
    assert f"replaced: {bucket.url}/old/a.png\n" in said
    assert f"removed: {bucket.url}/old/gone.png\n" in said
    assert "visualdiff-remote-" not in said
    assert read_baselines(bucket) == _NEW
    assert call("run", "-q")[0] == 0
    code, said = call("approve", "--undo", "--results", f"{bucket.url}/report/results.json")
    assert code == 0, said
    assert f"restored: {bucket.url}/old/a.png\n" in said
    assert read_baselines(bucket) == _OLD
    assert call("run", "-q")[0] == 1
    assert call("approve", "--undo") == (
        2,
        f"error: {bucket.url}/report: no approval that could be undone\n",
    )


@pytest.mark.usefixtures("reported")
def test_a_baseline_that_others_write_meanwhile_is_refused_and_the_rest_is_done(
    bucket: Bucket, proxy: Proxy
) -> None:
    theirs = draw(words=7)

    def write_first(request: Request) -> None:
        if request.matches("PUT", "*/old/a.png"):
            bucket.put("old/a.png", theirs)

    proxy.rule = write_first
    approved = act("--all")
    assert approved.changed == 2
    (refused,) = approved.refused
    assert refused.startswith("a.png: its baseline ")
    assert refused.endswith("was written by others meanwhile; run `visualdiff run` again")
    assert read_baselines(bucket) == _OLD | _NEW | {"a.png": theirs}
    # What was refused is no part of what is taken back.
    assert act("--undo").refused == ()
    assert read_baselines(bucket) == _OLD | {"a.png": theirs}


@pytest.mark.usefixtures("reported")
def test_a_baseline_takes_eight_requests(bucket: Bucket, proxy: Proxy) -> None:
    act("a.png")
    saved = f"/{bucket.name}/report/undo/{hash_bytes(_OLD['a.png'])}"
    asked = {
        glob: [request.method for request in proxy.find("*", glob)]
        for glob in ("*/old/a.png", "*/new/a.png", saved)
    }
    assert asked == {
        "*/old/a.png": ["HEAD", "GET", "HEAD", "PUT", "HEAD"],
        "*/new/a.png": ["HEAD", "GET"],
        saved: ["PUT"],
    }


@pytest.mark.usefixtures("reported")
def test_what_was_written_since_it_was_compared_is_refused(bucket: Bucket) -> None:
    bucket.put("old/a.png", draw(words=7))
    bucket.put("new/b.png", draw(words=6))
    before = read_baselines(bucket)
    refused = act("a.png", "b.png").refused
    assert "a.png was changed since it was compared" in refused[0]
    assert "b.png was changed since it was compared" in refused[1]
    assert read_baselines(bucket) == before


@pytest.mark.usefixtures("reported")
def test_a_candidate_that_is_gone_is_taken_from_the_report(bucket: Bucket) -> None:
    bucket.delete("new/a.png")
    assert act("a.png").refused == ()
    assert bucket.get("old/a.png") == _NEW["a.png"]


@pytest.mark.usefixtures("reported")
def test_wherever_it_ends_baselines_are_whole_and_can_be_old_again(
    bucket: Bucket, proxy: Proxy
) -> None:
    done, most = False, 0
    while not done:
        proxy.rule = deny_after(most)
        with suppress(VisualdiffError):
            done = not act("--all").refused
        proxy.rule = lambda _: None
        found = read_baselines(bucket)
        assert _OLD.keys() <= found.keys()
        assert all(data in (_OLD.get(name), _NEW.get(name)) for name, data in found.items())
        try:
            act("--undo")
        except ReviewError as error:
            assert "no approval that could be undone" in str(error)  # noqa: PT017 - or it was
        assert read_baselines(bucket) == _OLD
        most += 1
    # Two that are saved, three that are replaced, and the journal at both ends.
    assert most == 8


def deny_after(most: int) -> Rule:
    left = [most]

    def judge(request: Request) -> Fault | None:
        if request.method not in ("PUT", "DELETE"):
            return None
        left[0] -= 1
        return _DENIED if left[0] < 0 else None

    return judge


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("glob", ["*/old/a.png", "*/undo/*"])
@pytest.mark.parametrize("fault", [Lose(), SLOW_DOWN], ids=str)
def test_what_fails_for_a_moment_is_approved_once(
    bucket: Bucket, proxy: Proxy, fault: Fault, glob: str
) -> None:
    proxy.rule = fail_first(2, fault, "PUT", glob)
    approved = act("--all")
    assert (approved.changed, approved.refused) == (3, ())
    assert read_baselines(bucket) == _OLD | _NEW
    assert act("--undo").refused == ()
    assert read_baselines(bucket) == _OLD


@pytest.mark.usefixtures("reported")
def test_a_second_approval_at_once_is_told(bucket: Bucket, proxy: Proxy) -> None:
    def begin_first(request: Request) -> None:
        if request.matches("PUT", "*/undo/journal.json"):
            bucket.put("report/undo/journal.json", b'{"finished": false, "replaced": []}')

    proxy.rule = begin_first
    with pytest.raises(BaselineError, match="by another approval or review; wait for its end"):
        act("--all")
    assert read_baselines(bucket) == _OLD


@pytest.mark.usefixtures("reported")
def test_no_journal_is_lost_that_is_written_before_it_is_read(
    bucket: Bucket, proxy: Proxy
) -> None:
    other = {"path": f"{bucket.url}/old/b.png", "old": "", "new": hash_bytes(_OLD["b.png"])}
    told = json.dumps({"finished": False, "replaced": [other]}).encode()

    def begin_first(request: Request) -> None:
        if re.search("prefix=report(%2F|/)undo(%2F|/)(&|$)", request.query):
            bucket.put("report/undo/journal.json", told)

    proxy.rule = begin_first
    act("a.png")
    replaced = json.loads(bucket.get("report/undo/journal.json"))["replaced"]
    assert [entry["path"] for entry in replaced] == [
        f"{bucket.url}/old/b.png",
        f"{bucket.url}/old/a.png",
    ]


@pytest.mark.usefixtures("reported")
def test_a_report_of_others_leads_nowhere_else(bucket: Bucket, proxy: Proxy) -> None:
    bucket.put("elsewhere/a.png", _OLD["a.png"])
    bucket.put("elsewhere/b.png", _NEW["b.png"])
    document = json.loads(bucket.get("report/results.json"))
    for entry in document["results"]:
        if entry["name"] == "a.png":
            entry["target"] = f"{bucket.url}/elsewhere/a.png"
        if entry["name"] == "b.png":
            entry["candidate"] = f"{bucket.url}/elsewhere/b.png"
            entry["artifacts"] = {}
    bucket.put("report/results.json", json.dumps(document).encode())
    a, b = act("a.png", "b.png").refused
    assert "elsewhere/a.png, outside of" in a
    assert "elsewhere/b.png, outside of" in b
    journal = {"path": f"{bucket.url}/elsewhere/a.png", "old": "", "new": hash_bytes(b"")}
    told = {"finished": True, "replaced": [journal]}
    bucket.put("report/undo/journal.json", json.dumps(told).encode())
    (why,) = act("--undo").refused
    assert "is outside of" in why
    assert proxy.find("*", "*/elsewhere/*") == []


def test_without_a_configuration_no_baselines_of_a_store_are_written(
    reported: Path, bucket: Bucket
) -> None:
    (reported / "visualdiff.yaml").unlink()
    with pytest.raises(ReviewError, match=rf"says that baselines are in {bucket.url}/old, which"):
        act("--all", "--results", f"{bucket.url}/report/results.json")


@pytest.mark.usefixtures("reported")
def test_what_cannot_be_read_is_told_by_its_url(bucket: Bucket, proxy: Proxy) -> None:
    url = f"{bucket.url}/nowhere/results.json"
    with pytest.raises(ReviewError, match=f"^{url}: not found; run `visualdiff run` first"):
        act("--all", "--results", url)
    proxy.rule = lambda _: _DENIED
    url = f"{bucket.url}/report/results.json"
    with pytest.raises(ReviewError, match=f"^{url}: cannot be read as results.json: "):
        act("--all")


@pytest.mark.parametrize("kept", ["memory://kept", "kept"])
@pytest.mark.parametrize("old", ["memory://old", "old"])
def test_baselines_and_journal_may_be_in_different_places(
    tmp_path: Path, kept: str, old: str
) -> None:
    report, baselines = (
        place(f"{text}-{tmp_path.name}") if "://" in text else tmp_path / text
        for text in (kept, old)
    )
    write_durably(baselines / "a.png", b"a")
    write_durably(baselines / "gone.png", b"g")
    items = [
        make_replacement(baselines / "a.png", b"a", b"A"),
        make_replacement(baselines / "deep" / "b.png", None, b"B"),
        make_replacement(baselines / "gone.png", b"g", None),
    ]
    assert list(replace_baselines(report, items)) == [(item, "") for item in items]
    assert [read_or_none(item.path) for item in items] == [b"A", b"B", None]
    restored, refused = take_back(report, baselines)
    assert (len(restored), refused) == (3, {})
    assert [read_or_none(item.path) for item in items] == [b"a", None, b"g"]


def make_replacement(path: Path, old: bytes | None, new: bytes | None) -> Replacement:
    before, after = (hash_bytes(data) if data else "" for data in (old, new))
    # An approval has read it.
    assert hash_file(path) == before
    return Replacement(title=path.name, path=path, old=before, new=after, data=new)


def read_or_none(path: Path) -> bytes | None:
    try:
        return read_file(path)
    except FileNotFoundError:
        return None


def test_the_report_of_the_configuration_is_acted_on(reported: Path, bucket: Bucket) -> None:
    review = open_review(None, None)
    assert review.report == place(f"{bucket.url}/report")
    assert review.folder == reported


def test_a_review_acts_and_keeps_its_log_in_the_store(reported: Path, bucket: Bucket) -> None:
    forget()
    session = Session(open_review(None, None))
    a, b, new = (identify_pair(name, "") for name in ("a.png", "b.png", "new.png"))
    assert session.decide("accept", [a, new]).states == {a: "accepted", new: "accepted"}
    assert read_baselines(bucket) == _OLD | {name: _NEW[name] for name in ("a.png", "new.png")}
    session.decide("take back", [new])
    bucket.put("old/b.png", draw(words=7))
    (refusal,) = session.decide("accept", [b]).refused.values()
    assert refusal == f"its baseline {bucket.url}/old/b.png was changed since it was compared"
    told = [json.loads(line) for line in bucket.get("report/review.log").splitlines()]
    assert [(line["name"], line["outcome"]) for line in told] == [
        ("a.png", "accepted"),
        ("new.png", "accepted"),
        ("new.png", "open"),
        ("b.png", "refused"),
    ]
    session.end()
    assert act("--undo").changed == 1
    assert bucket.get("old/a.png") == _OLD["a.png"]
    assert not compare(load_config(reported / "visualdiff.yaml")).passed
    with pytest.raises(ReviewError, match="the report is of another run by now"):
        session.decide("accept", [new])


@pytest.mark.usefixtures("reported")
def test_a_review_refuses_what_others_write_meanwhile_until_it_was_compared(
    bucket: Bucket, proxy: Proxy
) -> None:
    theirs = iter((draw(words=7), draw(words=8)))

    def write_first(request: Request) -> None:
        if request.matches("PUT", "*/old/a.png") and (data := next(theirs, None)):
            bucket.put("old/a.png", data)

    forget()
    session = Session(open_review(None, None))
    proxy.rule = write_first
    a = identify_pair("a.png", "")
    (refusal,) = session.decide("accept", [a]).refused.values()
    assert refusal.startswith(f"its baseline {bucket.url}/old/a.png was written by others")
    (refusal,) = session.decide("accept", [a]).refused.values()
    assert "was changed since it was compared" in refusal
    assert bucket.get("old/a.png") == draw(words=7)


def test_a_log_in_a_store_grows_by_the_lines_of_all(tmp_path: Path) -> None:
    report = place(f"memory://log-{tmp_path.name}")
    line = Line(
        run="1", action="reject", name="a", test="", baseline="", old="", new="", outcome="open"
    )
    append_lines(report, [line])
    traffic.send(write_locally(report / LOG, b"of another\n"))
    append_lines(report, [line])
    forget()
    assert read_file(report / LOG).startswith(b"of another\n{")
    assert [outcome for *_, outcome in read_outcomes(report, "1")] == ["open"]


def write_locally(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.usefixtures("reported")
def test_the_page_of_a_review_shows_pictures_of_the_store(bucket: Bucket) -> None:
    forget()
    review = open_review(None, None)
    pages = Pages(review.report, review.folder, review.run)
    page = b"".join(pages.render()).decode()
    assert "visualdiff-remote-" not in page
    (name, *_) = bucket.names("report/assets/")
    asset = pages.read_asset(name.removeprefix("report/"))
    assert asset
    assert asset.data == bucket.get(name)
    bucket.put("report/assets/0a.png", b"of nobody")
    assert pages.read_asset("assets/0a.png") is None


def test_a_report_in_an_archive_can_be_looked_at_but_not_acted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.chdir(tmp_path)
    Project(tmp_path).run()
    make_archive("artifact", "zip", tmp_path, "report")
    words = ("text.png", "--results", "zip://report/results.json::artifact.zip")
    assert act(*words, "--dry-run").done == (f"would be replaced: {tmp_path}/old/text.png",)
    with pytest.raises(ConfigError, match="is in an archive, in which nothing is written"):
        act(*words)
