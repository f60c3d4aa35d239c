"""Pointers of Git LFS in place of images: every command names them, and what to do helps."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from suite import Suite
from test_cli import COMMAND, draw

from visualdiff import compare_images
from visualdiff.errors import DamagedImageError, ImageError
from visualdiff.images import parse_image
from visualdiff.lfs import explain_pointer, is_pointer

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:6997eb521aee8760b6d371236b2ca44a8c00d3c38575cb5fb6f3a9ee9bdc3c1a\nsize 20187\n"
)
WORDS = (
    "a Git LFS pointer, not an image: run `git lfs pull --include=old/changed.png`; in a CI job"
)
needs_git_lfs = pytest.mark.skipif(
    not shutil.which("git-lfs") and not os.environ.get("CI"),
    reason="no git-lfs here (Debian: apt-get install git-lfs); CI must have it",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a clone in which a baseline is a pointer."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\n")
    for side in ("old", "new"):
        draw(tmp_path / side / "same.png")
        draw(tmp_path / side / "changed.png")
    (tmp_path / "old/changed.png").write_bytes(POINTER)
    return tmp_path


def visualdiff(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *words],
        cwd=folder,
        env=os.environ | {"CI": "", "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_names_the_pointer_and_the_command(project: Path) -> None:
    done = visualdiff(project, "run")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if "changed.png" in line]
    assert f"baseline cannot be compared: {WORDS}" in line
    assert "1 passed, 1 error" in done.stdout


def test_a_pointer_on_both_sides_is_never_equal(project: Path) -> None:
    (project / "new/changed.png").write_bytes(POINTER)
    done = visualdiff(project, "run")
    assert done.returncode == 1
    assert "git lfs pull --include=new/changed.png" in done.stdout


def test_a_pointer_is_never_accepted_and_never_replaced(project: Path) -> None:
    visualdiff(project, "run")
    done = visualdiff(project, "approve", "changed.png")
    assert done.returncode == 1
    assert f"baseline cannot be compared: {WORDS}" in done.stderr
    assert (project / "old/changed.png").read_bytes() == POINTER


def test_compare_names_the_file_and_the_command(project: Path) -> None:
    done = visualdiff(project, "compare", "old/changed.png", "new/changed.png")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: old/changed.png: {WORDS}")


def test_check_names_the_file_and_the_command(project: Path) -> None:
    done = visualdiff(project, "check")
    assert done.returncode == 1
    assert done.stdout.startswith(f"old/changed.png: {WORDS}")


def test_a_mask_that_is_a_pointer_is_named(project: Path) -> None:
    (project / "mask.png").write_bytes(POINTER)
    with (project / "visualdiff.yaml").open("a") as file:
        file.write("mask_images: [mask.png]\n")
    draw(project / "new/same.png", square=255)
    done = visualdiff(project, "run")
    assert "mask_images[0] (mask.png): a Git LFS pointer" in done.stdout
    assert "git lfs pull --include=mask.png" in done.stdout


def test_a_test_names_a_baseline_that_is_a_pointer(suite: Suite) -> None:
    (suite.path / ".git").mkdir()
    suite.accept("a.png", data=POINTER)
    suite.write(
        "test_a.py", "def test_a(assert_images_match): assert_images_match('blue.png', 'a.png')"
    )
    shown = suite.run().stdout.str()
    assert "git lfs pull --include=baselines/a.png" in shown
    suite.run("--visualdiff-update=missing").assert_outcomes(failed=1)
    assert (suite.path / "baselines/a.png").read_bytes() == POINTER


def test_a_test_names_an_image_that_is_a_pointer(suite: Suite) -> None:
    (suite.path / ".git").mkdir()
    suite.write("shots/b.png", POINTER.decode())
    suite.write("test_a.py", "def test_a(assert_images_match): assert_images_match('shots/b.png')")
    run = suite.run("--visualdiff-update=missing")
    run.assert_outcomes(failed=1)
    assert "git lfs pull --include=shots/b.png" in run.stdout.str()
    assert suite.names() == []


def test_bytes_have_no_path_to_name() -> None:
    assert is_pointer(POINTER)
    with pytest.raises(ImageError, match="run `git lfs pull`; in a CI job"):
        compare_images(POINTER, POINTER)
    # Another file does not help here, so nobody is told to take the image again.
    with pytest.raises(ImageError) as caught:
        parse_image(POINTER, 100)
    assert not isinstance(caught.value, DamagedImageError)


def test_outside_of_a_repository_no_path_is_guessed(tmp_path: Path) -> None:
    assert "run `git lfs pull`;" in explain_pointer(tmp_path / "a.png")


@pytest.mark.slow
@needs_git_lfs
@pytest.mark.parametrize("name", ["home.png", "a, b/x [1] *?!#\\'$.png", " ü.png"], ids=ascii)
def test_the_command_fetches_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    path = f"shots/{name}"

    def git(folder: str, *words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path / folder, check=True, capture_output=True)

    git(".", "config", "--global", "user.name", "Somebody")
    git(".", "config", "--global", "user.email", "somebody@example.com")
    git(".", "lfs", "install")
    git(".", "init", "--bare", "origin")
    git(".", "clone", "origin", "work")
    image = draw(tmp_path / "work" / path).read_bytes()
    git("work", "lfs", "track", "*.png")
    git("work", "add", ".")
    git("work", "commit", "-m", "Accept")
    git("work", "push", "origin", "HEAD")
    monkeypatch.setenv("GIT_LFS_SKIP_SMUDGE", "1")
    git(".", "clone", "origin", "clone")
    monkeypatch.delenv("GIT_LFS_SKIP_SMUDGE")
    clone = tmp_path / "clone"
    assert is_pointer((clone / path).read_bytes())
    done = visualdiff(clone, "check", "shots")
    assert done.returncode == 1
    found = re.search("run `(.*?)`;", done.stdout.replace("\\\\", "\\"))
    assert found
    # As it stands, and in a folder of the repository.
    subprocess.run(found[1], shell=True, cwd=clone / "shots", check=True)  # noqa: S602 - to be pasted
    assert shlex.split(found[1])[:3] == ["git", "lfs", "pull"]
    assert (clone / path).read_bytes() == image
    assert visualdiff(clone, "check", "shots").returncode == 0
