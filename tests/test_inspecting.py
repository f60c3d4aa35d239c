"""`visualdiff check`, also as the hook of pre-commit calls it: what is no image is found out."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from test_cli import COMMAND, Run, draw
from test_lfs import POINTER

from visualdiff.files import FORMAT_OF_SUFFIX
from visualdiff.inspecting import Finding, inspect_baselines, inspect_image

ROOT = Path(__file__).resolve().parents[1]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
RESTORE = "take it again, or take it back from an earlier commit"


@pytest.fixture
def visualdiff(tmp_path: Path) -> Run:
    def run(*words: str, cwd: Path = tmp_path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [COMMAND, *words], cwd=cwd, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with two baselines, and no candidates yet."""
    (tmp_path / "visualdiff.yaml").write_text("baselines: baselines\ncandidates: new\n")
    draw(tmp_path / "baselines/home.png")
    draw(tmp_path / "baselines/shop/cart.png")
    return tmp_path


def spoil(project: Path, data: bytes) -> Path:
    path = project / "baselines/shop/cart.png"
    path.write_bytes(data)
    return path


@pytest.mark.usefixtures("project")
def test_whole_images_end_with_0(visualdiff: Run) -> None:
    done = visualdiff("check")
    assert (done.returncode, done.stdout) == (0, "2 images can be compared\n")
    done = visualdiff("check", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = visualdiff("check", "baselines/home.png")
    assert (done.returncode, done.stdout) == (0, "1 image can be compared\n")


def cut_off(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flip_a_pixel(data: bytes) -> bytes:
    at = data.index(b"IDAT") + 20
    return data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (cut_off, f"PNG is damaged or truncated: .*; {RESTORE}"),
        (flip_a_pixel, f"PNG is damaged: wrong checksum of IDAT .*; {RESTORE}"),
        (lambda _: b"", rf"empty file \(0 bytes\); {RESTORE}"),
        (lambda _: b"<!doctype html>", f"an HTML page, not an image; {RESTORE}"),
        (
            lambda _: POINTER,
            "a Git LFS pointer, not an image: run `git lfs pull`; in a CI job, .*",
        ),
    ],
    ids=["cut", "flipped", "empty", "page", "pointer"],
)
def test_what_is_no_whole_image_is_one_line_that_says_what_to_do(
    project: Path, visualdiff: Run, change: Any, words: str
) -> None:
    path = spoil(project, change((project / "baselines/home.png").read_bytes()))
    done = visualdiff("check")
    line, last = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert re.fullmatch(f"baselines/shop/cart.png: {words}", line)
    assert last == "1 of 2 images cannot be compared"
    assert visualdiff("check", str(path)).stdout.splitlines()[0] == line
    assert visualdiff("check", "--quiet", "baselines").stdout.splitlines() == [line, last]


def save_frames(path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(path, kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_an_animation_is_found(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind.lower()}"
    save_frames(path, kind)
    problem = inspect_image(path, 1000).problem
    assert "animated PNG" in problem or "2 frames" in problem
    assert "take it again" not in problem


def test_what_only_decoding_shows_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:9000])
    assert inspect_image(path, 100_000).problem == (
        f"JPEG is damaged or truncated: its pixels cannot be decoded; {RESTORE}"
    )


def test_the_wrong_extension_is_a_warning(project: Path, visualdiff: Run) -> None:
    Image.new("RGB", (20, 20)).save(project / "baselines/shop/cart.png", "JPEG")
    done = visualdiff("check")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "baselines/shop/cart.png: warning: cart.png holds JPEG, not PNG",
        "2 images can be compared",
    ]


def test_the_configuration_says_how_many_pixels_are_too_many(
    project: Path, visualdiff: Run
) -> None:
    config = project / "visualdiff.yaml"
    config.write_text(config.read_text() + "max_image_pixels: 1000\n")
    for words in ((), ("baselines/home.png",), ("-c", "visualdiff.yaml", "baselines/home.png")):
        done = visualdiff("check", *words)
        assert done.returncode == 1
        assert "(max_image_pixels)" in done.stdout.splitlines()[0]
    config.rename(project / "other.yaml")
    assert visualdiff("check", "baselines").returncode == 0
    assert visualdiff("check", "-c", "other.yaml").returncode == 1


def test_what_is_excluded_is_not_read(project: Path, visualdiff: Run) -> None:
    spoil(project, b"")
    config = project / "visualdiff.yaml"
    config.write_text(config.read_text() + "exclude: ['shop/*']\n")
    assert visualdiff("check").returncode == 0
    # Who names a file means it.
    assert visualdiff("check", "baselines/shop/cart.png").returncode == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "none.png"], "File 'none.png' does not exist."),
        (["check", "empty"], "error: nothing to check: no image in empty"),
        (["check", "-c", "none.yaml"], "none.yaml: cannot be read"),
    ],
    ids=["file", "folder", "configuration"],
)
def test_nothing_to_check_ends_with_2(
    project: Path, visualdiff: Run, words: list[str], said: str
) -> None:
    (project / "empty").mkdir()
    done = visualdiff(*words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_project_without_baselines_yet_ends_with_2(project: Path, visualdiff: Run) -> None:
    (project / "baselines/home.png").unlink()
    (project / "baselines/shop/cart.png").unlink()
    done = visualdiff("check")
    assert done.returncode == 2
    assert done.stderr == f"error: nothing to check: no image in {project / 'baselines'}\n"


def test_a_name_cannot_steer_a_terminal(tmp_path: Path, visualdiff: Run) -> None:
    (tmp_path / "a\x1b[2J\n.png").write_bytes(b"")
    done = visualdiff("check", ".")
    assert "\x1b" not in done.stdout
    assert done.stdout.startswith("a\\x1b[2J\\n.png: empty file")


def test_a_link_out_of_the_folder_is_read_only_if_a_run_would(
    project: Path, visualdiff: Run
) -> None:
    cart = project / "baselines/shop/cart.png"
    cart.rename(project / "elsewhere.png")
    cart.symlink_to(project / "elsewhere.png")
    done = visualdiff("check")
    assert done.returncode == 1
    assert done.stdout.startswith("baselines/shop/cart.png: a link that leads out of its folder")
    config = project / "visualdiff.yaml"
    config.write_text(config.read_text() + "follow_links: true\n")
    assert visualdiff("check").returncode == 0


def test_findings_come_in_the_order_of_names(tmp_path: Path) -> None:
    paths = [draw(tmp_path / name) for name in ("b.png", "a/z.png", "a.png")]
    found = list(inspect_baselines([tmp_path], None))
    assert found == [Finding(path=path) for path in reversed(paths)]


# --- The hook ---


def call_hook(project: Path, *names: str) -> "subprocess.CompletedProcess[str]":
    """Call the hook as pre-commit does: its entry, then the files that fit."""
    files = [name for name in names if re.search(HOOK["files"], name)]
    return subprocess.run(
        [*shlex.split(HOOK["entry"]), *files],
        cwd=project,
        env=os.environ | {"PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_hook_stops_a_commit_of_what_is_no_image(project: Path) -> None:
    done = call_hook(project, "baselines/home.png", "baselines/shop/cart.png", "README.md")
    assert (done.returncode, done.stdout) == (0, "")
    spoil(project, POINTER)
    done = call_hook(project, "baselines/home.png", "baselines/shop/cart.png")
    assert done.returncode == 1
    assert done.stdout.startswith("baselines/shop/cart.png: a Git LFS pointer")


def test_the_hook_is_called_for_every_image_that_a_run_reads() -> None:
    for suffix in FORMAT_OF_SUFFIX:
        assert re.search(HOOK["files"], f"web/baselines/a/b{suffix}")
        assert re.search(HOOK["files"], f"baselines/b{suffix.upper()}")
        assert not re.search(HOOK["files"], f"old_baselines/b{suffix}")
    assert not re.search(HOOK["files"], "baselines/readme.md")


def test_the_hook_has_no_key_that_pre_commit_does_not_know() -> None:
    known = {"id", "name", "description", "entry", "language", "files", "types", "require_serial"}
    assert HOOK.keys() == known
    assert HOOK["language"] == "python"
