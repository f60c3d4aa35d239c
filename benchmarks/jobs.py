"""What a process is asked to do: two folders of images, and a folder to work in."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Job:
    """Two folders to compare, and a folder of one's own to work in."""

    baselines: Path
    candidates: Path
    scratch: Path
    workers: int = 2

    @property
    def answers(self) -> Path:
        """Where most contestants leave what they found."""
        return self.scratch / "answers.json"


def write_config(job: Job) -> Path:
    """Write a `visualdiff.yaml` for a job; all settings but the folders are the defaults."""
    path = job.scratch / "visualdiff.yaml"
    lines = (
        f"baselines: {job.baselines}",
        f"candidates: {job.candidates}",
        f"workers: {job.workers}",
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def call(script: str) -> list[str]:
    """Return the command that calls `main` of a script in `contest`.

    It is imported, not run as `__main__`: worker processes must find its functions by name.
    """
    return [sys.executable, "-c", f"from benchmarks.contest.{script} import main; main()"]


def new_job(folder: Path) -> Job:
    """Return a job on two folders, empty yet, below `folder`."""
    job = Job(folder / "baselines", folder / "candidates", folder)
    job.baselines.mkdir(parents=True)
    job.candidates.mkdir()
    return job


def link_copies(suite: Path, name: str, job: Job, copies: Sequence[str]) -> None:
    """Give a job copies of one pair of a suite: hard links, which take no room."""
    for folder in (job.baselines, job.candidates):
        for copy in copies:
            os.link(suite / folder.name / name, folder / copy)
