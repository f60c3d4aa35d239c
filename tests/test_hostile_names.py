"""Files with names that mean something to shells, terminals, XML, Markdown, URLs or file systems.

Each is paired, reported, told by every output and approved, through the installed command.
"""

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest
from drawing import draw, draw_page, rectangle
from numpy.typing import NDArray

COMMAND = str(Path(sys.executable).with_name("visualdiff"))
NAMES = [
    b"<script>alert(1)</script>.png",
    b"\"double\" and 'single'.png",
    b"line\nbreak.png",
    b"a#b?c%20d%.png",
    b"  sp  ace .png",
    "\u202egnp.exe.png".encode(),
    "cafe\u0301.png".encode(),
    "caf\u00e9.png".encode(),
    b"Case.png",
    b"case.png",
    b"x" * 251 + b".png",
    b"-rf.png",
    b"--all.png",
    b"con.png",
    b"NUL.png",
    b"dot..png",
    b"\x1b[31mred\x1b]0;title\x07.png",
    b"a|b*c.png",
    b"back\\slash.png",
    "日本/ü.png".encode(),
    b"%2e%2e%2f.png",
    b"::error::x.png",
    b"](x) ![](y).png",
    b"`code` @someone.png",
    b"&amp;.png",
    b"]]>.png",
    b"\xe2\x80\xa8line separator.png",
    b"{{ 7 * 7 }} {% raw %}.png",
    b"not UTF-8 \xff.png",
]
CONTROLS = {*map(chr, range(32)), "\x7f", "\u2028", "\u202e"} - {"\n"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    for side, edits in (("old", ()), ("new", (rectangle(20, 10, 30, 20, (200, 30, 30)),))):
        for name in NAMES:
            path = folder / side / os.fsdecode(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(image_bytes(draw(*edits)))
    (folder / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\n")
    return folder


def image_bytes(image: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def call(project: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [COMMAND, *words],
        cwd=project,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert not CONTROLS & {*done.stdout, *done.stderr}
    assert "Traceback" not in done.stderr
    return done


def test_every_name_is_told_approved_and_passes(project: Path) -> None:
    outputs = ("--junit", "junit.xml", "--markdown", "summary.md", "--reg", "reg.json", "--github")
    done = call(project, "run", *outputs)
    assert done.returncode == 1
    assert f"{len(NAMES)} pairs: {len(NAMES)} failed" in done.stdout
    told = json.loads((project / "visualdiff-report/results.json").read_bytes())["results"]
    assert {item["status"] for item in told} == {"failed"}
    shown = {name.decode("utf-8", "backslashreplace") for name in NAMES}
    assert {item["name"] for item in told} == shown
    assert len(ET.parse(project / "junit.xml").findall(".//testcase")) == len(NAMES)  # noqa: S314 - our own
    markdown = (project / "summary.md").read_text("utf-8")
    assert not CONTROLS & set(markdown)
    assert "<script>" not in markdown
    assert len(json.loads((project / "reg.json").read_bytes())["failedItems"]) == len(NAMES)
    # Annotations are commands for GitHub: a name must neither end one nor begin another.
    commands = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert all(line.startswith(("::error file=", "::error title=")) for line in commands)
    done = call(project, "approve", "--all")
    assert done.returncode == 0
    assert f"{len(NAMES)} changed" in done.stdout
    done = call(project, "run")
    assert (done.returncode, done.stderr) == (0, done.stderr)
    assert f"{len(NAMES)} pairs: {len(NAMES)} passed" in done.stdout


def test_one_file_is_approved_by_its_hostile_name(project: Path) -> None:
    """Names that look like options go behind `--`, and no other file is touched."""
    baseline = project / "old" / "--all.png"
    other = project / "old" / "Case.png"
    before = other.read_bytes()
    for path in (baseline, other):
        path.write_bytes(image_bytes(draw_page(4, width=72)))
    assert call(project, "run").returncode == 1
    changed = other.read_bytes()
    done = call(project, "approve", "--", "--all.png")
    assert done.returncode == 0
    assert baseline.read_bytes() == (project / "new" / "--all.png").read_bytes()
    assert other.read_bytes() == changed != before


def test_twins_of_other_normal_forms_are_two_images() -> None:
    names = [name.decode("utf-8", "replace") for name in NAMES]
    assert len({unicodedata.normalize("NFC", name) for name in names}) == len(names) - 1


def test_a_hidden_image_is_told_as_it_is_not_compared(tmp_path: Path) -> None:
    page = image_bytes(draw_page(4, width=80))
    for name in ("home.png", ".home.png", "._home.png", ".git/icon.png"):
        for side in ("old", "new"):
            path = tmp_path / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(page)
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\n")
    done = call(tmp_path, "run")
    assert done.returncode == 0
    warning = "warning: not compared: 1 image whose name begins with a dot: .home.png\n"
    assert warning in done.stdout
    with (tmp_path / "visualdiff.yaml").open("a") as file:
        file.write("exclude: ['.*']\n")
    assert "warning" not in call(tmp_path, "run").stdout
