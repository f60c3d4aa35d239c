"""A run that is to be reviewed: pairs of every status, and one change that several share."""

from pathlib import Path
from shutil import copytree
from typing import Any

import cv2
import numpy as np

from visualdiff import load_config, run
from visualdiff.approval.review import Review, load_review

BLUE, RED = (235, 99, 37), (38, 38, 220)


def draw(*, button: tuple[int, int, int] = BLUE, words: int = 0, width: int = 240) -> bytes:
    """Return a page as PNG: a button, and lines of one of several texts."""
    image = np.full((160, width, 3), 250, np.uint8)
    image[20:50, 20:120] = button
    image[80:90, 20 : 60 + 20 * words] = 60
    return cv2.imencode(".png", image)[1].tobytes()


class Project:
    """A folder with baselines, candidates and the report of a run over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, old, new in (
            ("same.png", draw(), draw()),
            ("a/home.png", draw(), draw(button=RED)),
            ("a/about.png", draw(words=2), draw(words=2, button=RED)),
            ("both.png", draw(words=3), draw(words=4, button=RED)),
            ("text.png", draw(words=1), draw(words=5)),
            ("new.png", None, draw(words=1)),
            ("gone.png", draw(words=1), None),
            ("broken.png", draw(), b"no image"),
        ):
            self.write("old", name, old)
            self.write("new", name, new)
        self.config = folder / "visualdiff.yaml"
        self.config.write_text(
            "baselines: old\ncandidates: new\nreport: report\nexecutor: serial\n"
        )

    def write(self, side: str, name: str, data: bytes | None) -> None:
        if data is not None:
            path = self.folder / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def run(self, **changes: Any) -> bool:
        return run(load_config(self.config, **changes)).passed

    @property
    def results(self) -> Path:
        return self.folder / "report" / "results.json"

    def review(self) -> Review:
        return load_review(self.results, self.folder)

    def baselines(self) -> dict[str, bytes]:
        """Return the bytes of all baselines by name."""
        start = self.folder / "old"
        files = (path for path in start.rglob("*") if path.is_file())
        return {path.relative_to(start).as_posix(): path.read_bytes() for path in files}

    def candidate(self, name: str) -> bytes:
        return (self.folder / "new" / name).read_bytes()


def copy_project(template: Path, folder: Path) -> Project:
    """Return a project like one that was run."""
    copytree(template, folder)
    project = Project.__new__(Project)
    project.folder = folder
    project.config = folder / "visualdiff.yaml"
    return project
