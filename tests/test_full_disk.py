"""Every step at which a command writes, failed: what was there stays, or what was meant is there.

Each command is run again and again, in one process, on copies of one project, of which each fails
one step later than the one before: at the opening, renaming or making of a file or a folder below
the project. Whatever fails, the exit code tells, and one line says why.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pytest
from injecting import run_injected

from visualdiff.cli import execute
from visualdiff.images import encode_png

# Words: command, whether the disk stays full, errno, the project.
STEP_BY_STEP: Final = """
import contextlib, errno, json, os, shutil, sys
from pathlib import Path

from visualdiff.cli import main

words, stays, number, project = sys.argv[1].split(), sys.argv[2] == "stays", *sys.argv[3:]
number, left = getattr(errno, number), None
FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT
WRITES = {
    # The library of locks asks a folder whether it could be written, and believes no answer.
    "open": lambda path, mode, flags: flags & FLAGS and not os.path.isdir(path),
    "os.mkdir": lambda path, *_: not os.path.isdir(path),
    "os.rename": lambda *_: True,
    "os.chmod": lambda *_: True,
}


def fail(event, arguments):
    global left
    if left is None or event not in WRITES or isinstance(arguments[0], int):
        return
    path = os.path.abspath(os.fsdecode(arguments[0]))
    if not path.startswith(os.getcwd()):
        return
    if not WRITES[event](*arguments):
        return
    left -= 1
    if left == 0 or left < 0 and stays:
        raise OSError(number, os.strerror(number), arguments[0])


sys.addaudithook(fail)
for step in range(1, 1000):
    copy = f"{project}-{step}"
    shutil.copytree(project, copy)
    os.chdir(copy)
    sys.argv[1:] = words
    # Files, as the command closes descriptors when it cannot write.
    out, err = open(f"{copy}.out", "w+"), open(f"{copy}.err", "w+")
    with out, err, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        left = step
        try:
            main()
        except SystemExit as end:
            code = end.code
        came, left = left <= 0, None
    print(json.dumps([copy, code, Path(out.name).read_text(), Path(err.name).read_text()]))
    if not came:
        break
"""
SAYS: Final = {
    "ENOSPC": "No space left on device",
    "EDQUOT": "Disk quota exceeded",
    "EROFS": "Read-only file system",
}


class Tried(NamedTuple):
    """A copy of the project, and how a command ended in it."""

    folder: Path
    code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with the report of an earlier run, and the reports of two shards."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "visualdiff.yaml").write_text(
        "baselines: old\ncandidates: new\nreport: report\nexecutor: serial\n"
        "reports: [html, json, junit, markdown]\n"
    )
    for name in ("a.png", "b.png", "same.png"):
        save(folder / "old" / name, 0)
        save(folder / "new" / name, 0 if name == "same.png" else 90)
    config = ["--config", str(folder / "visualdiff.yaml")]
    for number in (1, 2):
        shard = ["--shard", f"{number}/2", "--report", str(folder / f"shard-{number}")]
        assert execute(["run", *config, *shard, "--quiet"]) in (0, 1)
    save(folder / "new/a.png", 200)
    assert execute(["run", *config, "--quiet"]) == 1
    shutil.copytree(folder / "report", folder / "other")
    save(folder / "new/b.png", 40)
    return folder


def save(path: Path, square: int) -> None:
    image = np.full((60, 80, 3), 250, np.uint8)
    image[10:30, 20:60] = square
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encode_png(image))


def fail_each_step(project: Path, command: str, how: str, number: str) -> list[Tried]:
    """Return how a command ended that failed at its first step, at its second, ... and at none."""
    done = subprocess.run(
        [sys.executable, "-c", STEP_BY_STEP, command, how, number, project],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    told = map(json.loads, done.stdout.splitlines())
    tried = [Tried(Path(folder), *rest) for folder, *rest in told]
    for item in tried[:-1]:
        assert item.code in (1, 2), item
        assert "Traceback" not in item.err
        assert SAYS[number] in item.out + item.err, item
        assert item.code == 1 or item.err.splitlines()[-1].startswith("error: ")
        assert not [*item.folder.rglob("*.tmp")]
    return tried


def load(report: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((report / "results.json").read_bytes())
    return document


def is_whole(report: Path) -> bool:
    """Return whether all that a report names is there, each file from its beginning to its end."""
    page = (report / "index.html").read_text("utf-8")
    pictures = [path for item in load(report)["results"] for path in item["artifacts"].values()]
    return page.rstrip().endswith("</html>") and all(
        (report / path).is_file() for path in pictures
    )


HOW: Final = pytest.mark.parametrize(
    ("how", "number"), [("stays", "ENOSPC"), ("passes", "EDQUOT")], ids=["full disk", "a quota"]
)


@HOW
@pytest.mark.parametrize(
    ("command", "steps", "code"),
    [
        pytest.param("run", 28, 1, id="run"),
        pytest.param("merge shard-1 shard-2 --report report", 15, 1, id="merge"),
        pytest.param("report report/results.json --report other", 15, 0, id="report"),
    ],
)
def test_a_report_is_the_earlier_one_or_the_new_one(
    project: Path, command: str, steps: int, code: int, how: str, number: str
) -> None:
    place = "other" if "other" in command else "report"
    before = (project / place / "results.json").read_bytes()
    *failed, last = fail_each_step(project, command, how, number)
    assert len(failed) > steps
    assert last.code == code
    refused = []
    for item in failed:
        shown = (item.folder / place / "results.json").read_bytes()
        assert is_whole(item.folder / place), item
        if item.code == 1:  # a picture that could not be written is told of its pair
            assert load(item.folder / place)["summary"]["error"] == 1
            assert "  could not be compared: OSError: " in item.out
        else:
            refused.append(shown != before)
    # Once it is there, it stays.
    assert refused == sorted(refused)


def test_a_page_that_is_rendered_again_is_the_earlier_one_or_the_new_one(project: Path) -> None:
    before = (project / "report/index.html").read_bytes()
    *failed, last = fail_each_step(
        project, "report report/results.json --single-file", "stays", "ENOSPC"
    )
    assert (len(failed), last.code) == (4, 0)
    assert all((item.folder / "report/index.html").read_bytes() == before for item in failed)
    assert (last.folder / "report/index.html").read_bytes() != before


@HOW
def test_baselines_are_whole_and_can_be_taken_back(
    project: Path, how: str, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert execute(["run", "--config", str(project / "visualdiff.yaml"), "--quiet"]) == 1
    old, new = read_images(project / "old"), read_images(project / "new")
    *failed, last = fail_each_step(project, "approve --all --force", how, number)
    assert len(failed) > 15
    assert (last.code, read_images(last.folder / "old")) == (0, new)
    for item in failed:
        found = read_images(item.folder / "old")
        assert all(found[name] in (old[name], new[name]) for name in old)
        monkeypatch.chdir(item.folder)
        execute(["approve", "--undo", "--force"])
        assert read_images(item.folder / "old") == old


@HOW
def test_a_configuration_is_there_or_not(tmp_path: Path, how: str, number: str) -> None:
    (tmp_path / "empty").mkdir()
    *failed, last = fail_each_step(tmp_path / "empty", "init", how, number)
    assert failed
    assert all([*item.folder.iterdir()] == [] for item in failed)
    assert (last.folder / "visualdiff.yaml").stat().st_size > 1000


@pytest.mark.parametrize("command", ["run", "merge shard-1 shard-2", "approve --all --force"])
def test_a_folder_that_can_only_be_read_is_told_at_once(project: Path, command: str) -> None:
    before = read_images(project / "old")
    first, *_ = fail_each_step(project, command, "stays", "EROFS")
    assert first.code == 2
    assert str(first.folder) in first.err
    assert (len(first.err.splitlines()), first.out) == (1, "")
    assert read_images(first.folder / "old") == before


@pytest.mark.parametrize("words", [["run"], ["init", "new.yaml"]], ids=["run", "init"])
def test_files_that_may_not_grow_leave_what_was_there(project: Path, words: list[str]) -> None:
    before = (project / "report/results.json").read_bytes()
    limit, codes = 0, list[int]()
    while not codes or codes[-1] == 2:
        code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
        done = run_injected(words, cwd=project, code=code, PYTHONDONTWRITEBYTECODE="1")
        codes.append(done.code)
        if done.code == 2:
            assert done.err.splitlines()[-1].startswith("error: "), done
            assert "File too large" in done.err
            assert (project / "report/results.json").read_bytes() == before
            assert not (project / "new.yaml").exists()
        assert done.left == []
        limit = limit * 2 or 500
    assert len(codes) > 2
    assert codes[-1] == (1 if words == ["run"] else 0)


def read_images(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
