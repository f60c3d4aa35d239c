"""`visualdiff approve`: from a red run to accepted baselines, and back, byte for byte."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import cv2
import numpy as np
import pytest
from approving import RED, Project, copy_project, draw

from visualdiff.approval.journal import replace_baselines, take_back
from visualdiff.approval.plan import Replacement, hash_bytes
from visualdiff.errors import BaselineError, ReviewError

COMMAND = str(Path(sys.executable).with_name("visualdiff"))
Approve = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("template"))
    assert not project.run()
    return project.folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Project:
    return copy_project(template, tmp_path / "project")


@pytest.fixture
def approve(project: Project) -> Approve:
    def call(*words: str, folder: Path = project.folder, **env: str):  # type: ignore[no-untyped-def]  # of the alias
        clean = {name: value for name, value in os.environ.items() if name != "CI"}
        return subprocess.run(
            [COMMAND, "approve", *words],
            cwd=folder,
            env=clean | env,
            capture_output=True,
            text=True,
            check=False,
        )

    return call


def test_red_approve_one_then_all_then_green_then_undo_then_red(
    project: Project, approve: Approve
) -> None:
    before = project.baselines()
    done = approve("text.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert project.baselines() == before | {"text.png": project.candidate("text.png")}
    rmtree(project.folder / "report")
    (project.folder / "new" / "broken.png").write_bytes(draw())
    assert not project.run()
    done = approve("--all", "--prune")
    assert (done.returncode, done.stderr) == (0, "")
    assert "removed: " in done.stdout
    accepted = project.baselines()
    assert "gone.png" not in accepted
    assert all(accepted[name] == project.candidate(name) for name in accepted)
    assert project.run()
    undone = approve("--undo")
    assert (undone.returncode, undone.stderr) == (0, "")
    assert project.baselines() == before | {"text.png": project.candidate("text.png")}
    assert not project.run()


def test_a_group_is_accepted_where_nothing_else_changed(
    project: Project, approve: Approve
) -> None:
    before = project.baselines()
    groups = json.loads(project.results.read_text())["groups"]
    (group,) = [group for group in groups if group["count"] == 3]
    done = approve("--group", group["id"])
    assert done.returncode == 1
    assert done.stderr == "refused: both.png: has another change beside this\n"
    after = project.baselines()
    assert {name for name in before if after[name] != before[name]} == {
        "a/home.png",
        "a/about.png",
    }


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["a/*"], {"a/home.png", "a/about.png"}),
        (["--status", "new"], {"new.png"}),
        (["--status", "failed,new", "*e*.png"], {"a/home.png", "new.png", "text.png"}),
        (["--all"], {"a/home.png", "a/about.png", "both.png", "text.png", "new.png"}),
        (["--status", "missing", "--prune"], {"gone.png"}),
    ],
    ids=lambda words: " ".join(sorted(words)),
)
def test_names_globs_and_statuses_choose_together(
    project: Project, approve: Approve, words: list[str], names: set[str]
) -> None:
    before = project.baselines()
    assert approve(*words, "--dry-run").returncode == 0
    assert project.baselines() == before
    done = approve(*words)
    assert (done.returncode, done.stderr) == (0, "")
    after = project.baselines()
    assert {name for name in before | after if before.get(name) != after.get(name)} == names


def test_a_literal_name_with_brackets_is_no_glob(tmp_path: Path, approve: Approve) -> None:
    project = Project(tmp_path)
    project.write("new", "page[1].png", draw(words=2))
    project.run()
    assert approve("page[1].png", folder=tmp_path).returncode == 0
    assert "page[1].png" in project.baselines()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            lambda p: p.write("new", "text.png", draw(words=6)),
            "its candidate .* was changed since",
        ),
        (lambda p: p.write("old", "text.png", draw(words=6)), "its baseline .* was changed since"),
        (lambda p: (p.folder / "old" / "text.png").unlink(), "its baseline .* is gone since"),
        (lambda p: _link(p.folder / "old" / "text.png"), "is a link"),
    ],
    ids=["candidate", "baseline", "gone", "link"],
)
def test_what_changed_since_it_was_compared_is_refused_by_name(
    project: Project, approve: Approve, spoil: Callable[[Project], None], reason: str
) -> None:
    spoil(project)
    before = project.baselines()
    done = approve("text.png", "new.png")
    assert done.returncode == 1
    assert re.match(f"refused: text.png: .*{reason}", done.stderr)
    assert project.baselines() == before | {"new.png": project.candidate("new.png")}


def _link(path: Path) -> None:
    other = path.with_name("elsewhere.dat")
    path.rename(other)
    path.symlink_to(other)


def test_a_new_pair_that_has_a_baseline_by_now_is_refused(
    project: Project, approve: Approve
) -> None:
    project.write("old", "new.png", draw(words=9))
    done = approve("new.png")
    assert done.returncode == 1
    assert "has a baseline" in done.stderr
    assert project.baselines()["new.png"] == draw(words=9)


def test_what_was_accepted_already_is_no_complaint(approve: Approve) -> None:
    assert approve("text.png").returncode == 0
    done = approve("text.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("accepted already: ")


def test_a_downloaded_report_is_accepted_without_its_candidates(
    project: Project, approve: Approve, tmp_path: Path
) -> None:
    rmtree(project.folder / "new")
    artefact = tmp_path / "artefact"
    (project.folder / "report").rename(artefact)
    (project.folder / "new").mkdir()
    done = approve("a/home.png", "--results", str(artefact / "results.json"))
    assert (done.returncode, done.stderr) == (0, "")
    assert project.baselines()["a/home.png"] == draw(button=RED)


def test_a_report_cannot_write_outside_of_the_baselines(
    project: Project, approve: Approve
) -> None:
    document = json.loads(project.results.read_text())
    for entry in document["results"]:
        if entry["name"] == "new.png":
            entry["target"] = "old/../../evil.png"
    project.results.write_text(json.dumps(document))
    done = approve("new.png")
    assert done.returncode == 1
    assert "outside of" in done.stderr
    assert not (project.folder.parent / "evil.png").exists()


@pytest.mark.parametrize("path", ["../secret", "/dev/zero", "old/same.png", "new/pipe"])
def test_a_report_cannot_make_a_baseline_of_anything_else(
    project: Project, approve: Approve, path: str
) -> None:
    secret = project.folder.parent / "secret"
    secret.write_bytes(b"token")
    os.mkfifo(project.folder / "new/pipe")
    document = json.loads(project.results.read_text())
    for entry in document["results"]:
        if entry["name"] == "new.png":
            entry["candidate"] = path
            entry["hashes"]["candidate"] = hash_bytes(b"token")
    project.results.write_text(json.dumps(document))
    done = approve("new.png")
    assert done.returncode == 1
    assert "outside of" in done.stderr or "not a file" in done.stderr
    assert "new.png" not in project.baselines()


@pytest.mark.parametrize("path", ["a\0b", "\ud800", 7, ["x"]], ids=["NUL", "half", "7", "list"])
@pytest.mark.parametrize("key", ["target", "candidate"])
def test_a_path_that_no_file_can_have_is_refused(
    project: Project, approve: Approve, key: str, path: object
) -> None:
    document = json.loads(project.results.read_text())
    document["results"][0][key] = path
    project.results.write_text(json.dumps(document))
    done = approve("--all")
    assert done.returncode == 2
    assert "does not tell what was compared" in done.stderr


def test_the_configuration_says_where_to_write_and_not_the_report(
    project: Project, approve: Approve
) -> None:
    evil = project.folder.parent / "evil"
    evil.mkdir()
    document = json.loads(project.results.read_text())
    document["run"]["baselines"] = str(evil)
    for entry in document["results"]:
        if entry["name"] == "new.png":
            entry["target"] = str(evil / ".profile")
    project.results.write_text(json.dumps(document))
    done = approve("new.png")
    assert done.returncode == 1
    assert f"outside of {project.folder / 'old'}" in done.stderr
    # Without a configuration, only what is below the working folder.
    project.config.unlink()
    done = approve("new.png", "--results", str(project.results))
    assert done.returncode == 2
    assert "name its configuration by --config" in done.stderr
    assert list(evil.iterdir()) == []


@pytest.mark.parametrize("name", ["undo", "undo/.visualdiff-lock", ".visualdiff-lock"])
def test_a_report_cannot_lead_approvals_elsewhere(
    project: Project, approve: Approve, tmp_path: Path, name: str
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter").write_text("Dear")
    link = project.folder / "report" / name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(mine if name == "undo" else mine / "letter")
    before = project.baselines()
    assert approve("--all").returncode == 2
    assert [path.read_text() for path in mine.iterdir()] == ["Dear"]
    assert project.baselines() == before


def test_a_journal_cannot_restore_what_is_no_baseline(project: Project, approve: Approve) -> None:
    folder = project.folder / "report" / "undo"
    folder.mkdir()
    digest = hash_bytes(b"echo evil")
    (folder / digest).write_bytes(b"echo evil")
    path = project.folder / ".profile"
    entry = {"path": str(path), "old": digest, "new": ""}
    (folder / "journal.json").write_text(json.dumps({"finished": True, "replaced": [entry]}))
    done = approve("--undo")
    assert done.returncode == 1
    assert f"refused: {path}: is outside of" in done.stderr
    assert not path.exists()


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "old/a\0.png", "old": "", "new": ""},
        {"path": "old/same.png", "old": "../../secret", "new": ""},
        {"path": "old/same.png", "old": "/dev/zero", "new": 7},
    ],
    ids=["no path", "no hash", "a device"],
)
def test_a_journal_that_no_approval_has_written_is_refused(
    project: Project, approve: Approve, entry: object
) -> None:
    folder = project.folder / "report" / "undo"
    folder.mkdir()
    (folder / "journal.json").write_text(json.dumps({"finished": True, "replaced": [entry]}))
    done = approve("--undo")
    assert (done.returncode, "cannot be read as a journal" in done.stderr) == (2, True)


def test_a_journal_that_is_a_pipe_is_not_waited_for(project: Project, approve: Approve) -> None:
    (project.folder / "report" / "undo").mkdir()
    os.mkfifo(project.folder / "report" / "undo" / "journal.json")
    done = approve("--undo")
    assert (done.returncode, "cannot be read as a journal" in done.stderr) == (2, True)


@pytest.mark.parametrize("words", [("--all", "--results"), ("--decisions",)])
def test_a_file_that_is_nested_without_end_is_refused(
    approve: Approve, tmp_path: Path, words: tuple[str, ...]
) -> None:
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 200_000)
    done = approve(*words, str(deep))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert done.stderr.startswith(f"error: {deep}: ")


def test_candidates_of_another_folder_are_accepted_from_the_report_s_copy(
    project: Project, approve: Approve
) -> None:
    (project.folder / "new").rename(project.folder / "newer")
    assert not project.run(candidates="newer")
    (project.folder / "new").mkdir()
    done = approve("new.png", "text.png")
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("new.png", "text.png"):
        assert project.baselines()[name] == (project.folder / "newer" / name).read_bytes()


def test_an_undo_says_what_it_removes(project: Project, approve: Approve) -> None:
    assert approve("new.png", "text.png").returncode == 0
    old = project.folder / "old"
    would = f"would be removed: {old / 'new.png'}\nwould be restored: {old / 'text.png'}\n"
    assert approve("--undo", "--dry-run").stdout == would
    assert approve("--undo").stdout == would.replace("would be ", "")


def test_who_goes_on_with_an_approval_that_was_stopped_is_told(
    project: Project, approve: Approve
) -> None:
    folder = project.folder / "report" / "undo"
    (folder / "of somebody else").mkdir(parents=True)
    same = project.folder / "old" / "same.png"
    entry = {"path": str(same), "old": "", "new": hash_bytes(same.read_bytes())}
    (folder / "journal.json").write_text(json.dumps({"finished": False, "replaced": [entry]}))
    done = approve("new.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--undo will take back as well what an approval had begun that was stopped: 1" in (
        done.stdout
    )
    assert f"removed: {same}" in approve("--undo").stdout
    assert "stopped" not in approve("new.png").stdout


def test_one_undo_takes_back_an_approval_that_was_repeated(tmp_path: Path) -> None:
    baselines, report = tmp_path / "old", tmp_path / "report"
    baselines.mkdir()
    (baselines / "a.png").write_bytes(b"a")
    (baselines / "deep").write_bytes(b"a file where a folder is wanted")
    first = Replacement(
        title="a", path=baselines / "a.png", old=hash_bytes(b"a"), new=hash_bytes(b"A"), data=b"A"
    )
    place = baselines / "deep" / "b.png"
    second = Replacement(title="b", path=place, old="", new=hash_bytes(b"B"), data=b"B")
    done = replace_baselines(report, [first, second])
    assert next(done) == (first, "")
    with pytest.raises(BaselineError, match="--undo takes back what was written before it"):
        next(done)
    (baselines / "deep").unlink()
    assert list(replace_baselines(report, [second])) == [(second, "")]
    assert take_back(report, baselines) == ({baselines / "a.png": hash_bytes(b"a"), place: ""}, {})
    assert (baselines / "a.png").read_bytes() == b"a"
    assert not place.exists()
    with pytest.raises(ReviewError, match="no approval that could be undone"):
        take_back(report, baselines)


def test_a_format_that_browsers_do_not_show_is_accepted_from_the_report_too(
    tmp_path: Path, approve: Approve
) -> None:
    project = Project(tmp_path)
    image = cv2.imdecode(np.frombuffer(draw(words=4), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    data = cv2.imencode(".tiff", image)[1].tobytes()
    project.write("new", "scan.tiff", data)
    project.run()
    (tmp_path / "new" / "scan.tiff").unlink()
    done = approve("scan.tiff", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert project.baselines()["scan.tiff"] == data


def test_a_suite_of_tests_is_approved_without_a_configuration(
    tmp_path: Path, approve: Approve
) -> None:
    (tmp_path / "shot.png").write_bytes(draw())
    (tmp_path / "test_shot.py").write_text(
        "def test_it(assert_images_match):\n    assert_images_match('shot.png', 'it.png')\n"
    )

    def test() -> int:
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        clean = {name: value for name, value in os.environ.items() if name != "CI"}
        return subprocess.run(
            words, cwd=tmp_path, env=clean, capture_output=True, check=False
        ).returncode

    assert test() == 1
    done = approve("it.png", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "baselines" / "it.png").read_bytes() == draw()
    assert test() == 0
    assert approve("--undo", folder=tmp_path).returncode == 0
    assert test() == 1


@pytest.mark.parametrize("name", ["broken.png", "gone.png"])
def test_what_nobody_can_have_seen_is_refused(
    project: Project, approve: Approve, name: str
) -> None:
    before = project.baselines()
    done = approve(name)
    assert done.returncode == 1
    assert f"refused: {name}: " in done.stderr
    assert project.baselines() == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "say which"),
        (["same.png"], 1, "refused: same.png: nothing that did not pass is called so"),
        (["--status", "missing", "text.png"], 2, "nothing that did not pass fits"),
        (["--undo", "text.png"], 2, "--undo takes back the last approval as a whole"),
        (["--all", "--run", "0" * 12], 2, "is of another run than"),
        (["--status", "passed"], 2, "is not one of"),
        (["--all", "--results", "no.json"], 2, "no.json: not found"),
        (["--all", "--results", "visualdiff.yaml"], 2, "cannot be read as results.json"),
        (["--undo"], 2, "no approval that could be undone"),
        (["--decisions", "visualdiff.yaml"], 2, "is no file of decisions"),
    ],
)
def test_mistakes_are_told_and_change_nothing(
    project: Project, approve: Approve, words: list[str], code: int, told: str
) -> None:
    before = project.baselines()
    done = approve(*words)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert project.baselines() == before


def test_results_of_an_older_version_are_refused(project: Project, approve: Approve) -> None:
    document = json.loads(project.results.read_text())
    del document["run"]["baselines"]
    project.results.write_text(json.dumps(document))
    done = approve("--all")
    assert done.returncode == 2
    assert "run `visualdiff run` again" in done.stderr


def test_a_ci_job_accepts_nothing_unless_it_is_forced(project: Project, approve: Approve) -> None:
    before = project.baselines()
    done = approve("--all", CI="true")
    assert done.returncode == 2
    assert "this is a CI job" in done.stderr
    assert project.baselines() == before
    assert approve("--all", "--dry-run", CI="true").returncode == 0
    assert approve("--all", "--force", CI="true").returncode == 0
    assert project.baselines() != before


def test_decisions_of_the_report_are_followed(project: Project, approve: Approve) -> None:
    hashes = {
        entry["name"]: entry["hashes"].get("candidate", "")
        for entry in json.loads(project.results.read_text())["results"]
    }
    decisions = [
        {"name": name, "test": "", "decision": decision, "candidate": candidate}
        for name, decision, candidate in (
            ("text.png", "accept", hashes["text.png"]),
            ("new.png", "accept", "0" * 64),
            ("a/home.png", "reject", hashes["a/home.png"]),
            ("typo.png", "accept", ""),
        )
    ]
    path = project.folder / "decisions.json"
    run = project.review().run
    path.write_text(json.dumps({"decisions_version": 1, "run": run, "decisions": decisions}))
    before = project.baselines()
    done = approve("--decisions", str(path))
    assert done.returncode == 1
    assert "new.png: another candidate was accepted than this report is of" in done.stderr
    assert "typo.png: was accepted, but nothing that did not pass is called so" in done.stderr
    assert project.baselines() == before | {"text.png": project.candidate("text.png")}


def test_a_smaller_file_has_the_same_pixels(project: Project, approve: Approve) -> None:
    large = cv2.imencode(
        ".png", np.full((300, 300, 3), 200, np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 0]
    )[1].tobytes()
    project.write("new", "new.png", large)
    project.run()
    assert approve("new.png", "--optimize").returncode == 0
    written = project.baselines()["new.png"]
    assert len(written) < len(large) // 10
    pixels = cv2.imdecode(np.frombuffer(written, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    assert np.array_equal(pixels, np.full((300, 300, 3), 200))
    assert approve("--undo").returncode == 0
    assert "new.png" not in project.baselines()


def test_killed_at_any_step_every_baseline_is_whole_and_can_be_undone(
    project: Project, approve: Approve
) -> None:
    before = project.baselines()
    wanted = before | {
        name: project.candidate(name)
        for name in ("a/home.png", "a/about.png", "both.png", "text.png", "new.png")
    }
    steps = 0
    while True:
        code = (
            "import os, sys\n"
            "left = int(sys.argv[1])\n"
            "def count(event, arguments):\n"
            "    global left\n"
            "    if event in ('open', 'os.rename', 'os.remove', 'os.mkdir', 'os.chmod'):\n"
            "        left -= 1\n"
            "        if left < 0: os.kill(os.getpid(), 9)\n"
            "from visualdiff.approval import approve\n"
            "from visualdiff.commands import parse_arguments\n"
            "import visualdiff.approval.journal, tempfile\n"
            "original = visualdiff.approval.replace_baselines\n"
            "def replace(*words):\n"
            "    sys.addaudithook(count)\n"
            "    list(original(*words))\n"
            "    os._exit(0)\n"
            "visualdiff.approval.replace_baselines = replace\n"
            "approve(parse_arguments(['approve', '--all', '--force'])[1])\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(steps)], cwd=project.folder, check=False
        )
        after = {
            name: data for name, data in project.baselines().items() if ".visualdiff-" not in name
        }
        assert all(data in (before.get(name), wanted[name]) for name, data in after.items())
        assert before.keys() <= after.keys()
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        undone = approve("--undo")
        assert undone.returncode in (0, 2), undone.stderr  # 2: it had not come to the journal
        back = project.baselines()
        assert {name: data for name, data in back.items() if ".visualdiff-" not in name} == before
        steps += 5
    assert steps > 20
    assert after == wanted
