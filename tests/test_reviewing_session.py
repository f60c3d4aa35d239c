"""What is decided in a review: done or refused pair by pair, taken back, one approval."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from approving import Project, copy_project

from visualdiff.approval.journal import take_back
from visualdiff.errors import ReportError, ReviewError
from visualdiff.files import write_durably
from visualdiff.identity import identify_pair
from visualdiff.locking import lock_folder
from visualdiff.reviewing.audit import LOG
from visualdiff.reviewing.session import Session, State

HOME, ABOUT, BOTH, TEXT, NEW = (
    identify_pair(name, "")
    for name in ("a/home.png", "a/about.png", "both.png", "text.png", "new.png")
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("template"))
    assert not project.run()
    return project.folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Project:
    return copy_project(template, tmp_path / "project")


@pytest.fixture
def session(project: Project) -> Session:
    return Session(project.review())


def read_log(project: Project) -> list[dict[str, Any]]:
    lines = (project.folder / "report" / LOG).read_text().splitlines()
    return [json.loads(line) for line in lines]


def accepted(project: Project, *names: str) -> dict[str, bytes]:
    return {name: project.candidate(name) for name in names}


def test_what_is_accepted_is_written_at_once_and_taken_back(
    project: Project, session: Session
) -> None:
    before = project.baselines()
    known = session.decide("accept", [TEXT, NEW])
    assert known.states == {TEXT: State.ACCEPTED, NEW: State.ACCEPTED}
    assert project.baselines() == before | accepted(project, "text.png", "new.png")
    known = session.decide("take back", [NEW])
    assert known.states == {TEXT: State.ACCEPTED}
    assert project.baselines() == before | accepted(project, "text.png")


def test_undo_takes_back_one_action_after_the_other(project: Project, session: Session) -> None:
    before = project.baselines()
    session.decide("reject", [HOME, ABOUT])
    session.decide("accept", [HOME, TEXT])
    session.decide("reject", [TEXT])
    session.decide("take back", [HOME])
    assert project.baselines() == before
    assert session.undo().states == {
        HOME: State.ACCEPTED,
        ABOUT: State.REJECTED,
        TEXT: State.REJECTED,
    }
    assert project.baselines() == before | accepted(project, "a/home.png")
    assert session.undo().states[TEXT] is State.ACCEPTED
    assert project.baselines() == before | accepted(project, "a/home.png", "text.png")
    assert session.undo().states == {HOME: State.REJECTED, ABOUT: State.REJECTED}
    assert project.baselines() == before
    known = session.undo()
    assert (known.states, known.can_undo) == ({}, False)
    assert session.undo() == known


def test_a_whole_review_is_one_approval(project: Project, session: Session) -> None:
    before = project.baselines()
    session.decide("accept", [TEXT])
    session.decide("accept", [NEW, BOTH])
    session.decide("take back", [BOTH])
    lines, counts = session.end()
    assert [line.split(":")[0] for line in lines] == ["replaced", "written"]
    assert counts == {State.ACCEPTED: 2, State.REJECTED: 0, State.OPEN: 3}
    review = project.review()
    restored, refused = take_back(review.report, review.baselines)
    assert (len(restored), refused) == (2, {})
    assert project.baselines() == before


def test_an_approval_of_which_nothing_is_left_cannot_be_undone(
    project: Project, session: Session
) -> None:
    session.decide("accept", [TEXT])
    session.undo()
    assert session.end()[0] == []
    review = project.review()
    with pytest.raises(ReviewError, match="no approval that could be undone"):
        take_back(review.report, review.baselines)


def test_a_review_that_accepts_nothing_leaves_the_approval_before_it(project: Project) -> None:
    before = project.baselines()
    first = Session(project.review())
    first.decide("accept", [TEXT])
    first.end()
    second = Session(project.review())
    second.decide("accept", [TEXT])
    second.decide("reject", [NEW])
    known = second.decide("take back", [TEXT])
    assert known.refused == {TEXT: "was accepted before this review"}
    assert known.states == {TEXT: State.ACCEPTED, NEW: State.REJECTED}
    second.end()
    take_back(project.review().report, project.review().baselines)
    assert project.baselines() == before


def test_a_review_that_was_killed_is_gone_on_with(project: Project, session: Session) -> None:
    before = project.baselines()
    session.decide("accept", [TEXT, BOTH])  # and never ended
    second = Session(project.review())
    assert second.tell().states == {TEXT: State.ACCEPTED, BOTH: State.ACCEPTED}
    assert second.decide("take back", [BOTH]).refused == {}
    second.decide("accept", [NEW])
    second.end()
    take_back(project.review().report, project.review().baselines)
    assert project.baselines() == before


def test_what_was_decided_is_known_after_a_restart(project: Project, session: Session) -> None:
    session.decide("accept", [TEXT])
    session.decide("reject", [NEW, HOME, BOTH])
    session.decide("take back", [HOME])
    session.decide("accept", [BOTH])
    session.decide("take back", [BOTH])
    session.end()
    assert Session(project.review()).tell().states == {TEXT: State.ACCEPTED, NEW: State.REJECTED}


def _change_candidate(project: Project) -> None:
    project.write("new", "text.png", project.candidate("a/home.png"))


def _change_baseline(project: Project) -> None:
    project.write("old", "text.png", project.candidate("a/home.png"))


def _link_baseline(project: Project) -> None:
    path = project.folder / "old" / "text.png"
    path.unlink()
    path.symlink_to(project.folder / "old" / "both.png")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_change_candidate, "its candidate .* was changed since it was compared"),
        (_change_baseline, "its baseline .* was changed since it was compared"),
        (_link_baseline, "its baseline .* is a link"),
    ],
    ids=["candidate", "baseline", "link"],
)
def test_what_has_changed_is_refused_and_the_others_accepted(
    project: Project, session: Session, change: Callable[[Project], None], told: str
) -> None:
    change(project)
    before = project.baselines()
    known = session.decide("accept", [TEXT, NEW])
    assert known.states == {NEW: State.ACCEPTED}
    assert known.refused.keys() == {TEXT}
    assert re.search(told, known.refused[TEXT])
    assert project.baselines() == before | accepted(project, "new.png")
    assert session.undo().states == {}
    assert project.baselines() == before


def test_a_refusal_is_forgotten_once_it_is_none(project: Project, session: Session) -> None:
    seen = project.candidate("text.png")
    _change_candidate(project)
    assert session.decide("accept", [TEXT]).refused
    project.write("new", "text.png", seen)
    assert session.decide("accept", [TEXT]).refused == {}


def test_a_baseline_that_changed_meanwhile_is_not_taken_back(
    project: Project, session: Session
) -> None:
    session.decide("accept", [TEXT, NEW])
    _change_baseline(project)
    changed = project.baselines()
    known = session.undo()
    assert known.states == {TEXT: State.ACCEPTED}
    assert known.refused == {TEXT: "was changed since it was approved"}
    del changed["new.png"]
    assert project.baselines() == changed


def test_another_run_ends_what_can_be_decided(project: Project, session: Session) -> None:
    session.decide("accept", [TEXT])
    project.run()
    before = project.baselines()
    with pytest.raises(ReviewError, match="of another run by now"):
        session.decide("accept", [NEW])
    with pytest.raises(ReviewError, match="of another run by now"):
        session.undo()
    assert project.baselines() == before


def test_a_run_that_is_writing_is_waited_for(project: Project, session: Session) -> None:
    before = project.baselines()
    with ThreadPoolExecutor(1) as other, lock_folder(project.folder / "report"):
        asked = other.submit(session.decide, "accept", [TEXT])
        with pytest.raises(ReportError, match=r"is writing to .*; try again when it has ended"):
            asked.result()
        assert project.baselines() == before
    assert session.decide("accept", [TEXT]).states == {TEXT: State.ACCEPTED}


def test_only_what_failed_or_is_new_is_decided_on(project: Project, session: Session) -> None:
    before = project.baselines()
    for name in ("same.png", "gone.png", "broken.png", "nobody.png"):
        with pytest.raises(ReviewError, match="nothing that could be accepted"):
            session.decide("accept", [NEW, identify_pair(name, "")])
    assert project.baselines() == before


def test_a_disk_that_is_full_refuses_the_rest_and_what_was_written_is_taken_back(
    project: Project, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = project.baselines()

    def write(path: Path, data: bytes) -> None:
        if path.name == "new.png":
            raise OSError(28, "No space left on device")
        write_durably(path, data)

    monkeypatch.setattr("visualdiff.approval.journal.write_durably", write)
    known = session.decide("accept", [TEXT, NEW, HOME])
    assert known.states == {TEXT: State.ACCEPTED}
    assert known.refused.keys() == {NEW, HOME}
    assert "new.png cannot be written: No space left" in known.refused[NEW]
    assert [line["outcome"] for line in read_log(project)] == ["accepted", "refused", "refused"]
    assert project.baselines() == before | accepted(project, "text.png")
    assert session.undo().states == {}
    assert project.baselines() == before


def test_a_folder_in_the_place_of_a_baseline_is_refused(
    project: Project, session: Session
) -> None:
    (project.folder / "old" / "new.png").mkdir()
    known = session.decide("accept", [TEXT, NEW])
    assert known.states == {TEXT: State.ACCEPTED}
    assert "cannot be read" in known.refused[NEW]


def test_pairs_of_several_tests_with_one_baseline_go_together(
    project: Project,
) -> None:
    document = json.loads(project.results.read_text())
    (entry,) = (item for item in document["results"] if item["name"] == "text.png")
    document["results"] += [entry | {"test": "second"}]
    project.results.write_text(json.dumps(document))
    session = Session(project.review())
    second = identify_pair("text.png", "second")
    before = project.baselines()
    assert session.decide("accept", [TEXT, second]).states == dict.fromkeys(
        (TEXT, second), State.ACCEPTED
    )
    assert session.decide("reject", [TEXT]).states == {TEXT: State.REJECTED}
    assert project.baselines() == before
    assert session.undo().states == dict.fromkeys((TEXT, second), State.ACCEPTED)


def test_each_decision_is_a_line_in_the_log(project: Project, session: Session) -> None:
    session.decide("accept", [TEXT, NEW])
    _change_baseline(project)
    session.decide("reject", [HOME])
    session.undo()
    session.decide("take back", [TEXT])
    lines = read_log(project)
    told = [(line["action"], line["name"], line["outcome"]) for line in lines]
    assert told == [
        ("accept", "text.png", "accepted"),
        ("accept", "new.png", "accepted"),
        ("reject", "a/home.png", "rejected"),
        ("undo", "a/home.png", "open"),
        ("take back", "text.png", "refused"),
    ]
    hashes = next(
        item["hashes"]
        for item in json.loads(project.results.read_text())["results"]
        if item["name"] == "text.png"
    )
    assert lines[0]["baseline"] == "old/text.png"
    assert (lines[0]["old"], lines[0]["new"]) == (hashes["baseline"], hashes["candidate"])
    assert lines[1]["old"] == ""
    assert lines[-1]["reason"] == "was changed since it was approved"
    assert {line["run"] for line in lines} == {project.review().run}


def test_nothing_is_written_without_a_log(project: Project, session: Session) -> None:
    (project.folder / "report" / LOG).mkdir()
    before = project.baselines()
    with pytest.raises(ReviewError, match=r"review\.log: cannot be written"):
        session.decide("accept", [TEXT])
    assert project.baselines() == before
    assert session.tell().states == {}


def test_another_run_keeps_the_log(project: Project, session: Session) -> None:
    session.decide("accept", [TEXT])
    session.end()
    before = read_log(project)
    project.run()
    assert read_log(project) == before
    assert Session(project.review()).tell().states == {}
