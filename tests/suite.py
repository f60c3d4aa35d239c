"""A test suite of a user of the plugin, which tests write and run."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from drawing import draw_png
from jsonschema import Draft202012Validator

# What a test session imports stays: pytester takes back what only the session within has, and
# neither numpy nor what is compiled can be imported twice.
import visualdiff.check
import visualdiff.testing.session  # noqa: F401 - see above
from visualdiff.report.results import load_results_schema

BLUE: Final = draw_png()
GREEN: Final = draw_png((37, 160, 60))


class Suite:
    """A folder with tests, the images blue.png and green.png, and baselines."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.report = self.path / "visualdiff-report"
        (self.path / "blue.png").write_bytes(BLUE)
        (self.path / "green.png").write_bytes(GREEN)

    def write(self, name: str, text: str) -> Path:
        """Write a file, such as a module of tests."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def accept(self, *names: str, data: bytes = BLUE, folder: str = "baselines") -> Path:
        """Write baselines, and return the last one."""
        path = self.path
        for name in names:
            path = self.path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return path

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run the tests in this process."""
        return self.pytester.runpytest_inprocess(*arguments, no_reraise_ctrlc=True)

    def run_apart(self, *arguments: str) -> pytest.RunResult:
        """Run the tests in a process of their own."""
        return self.pytester.run(sys.executable, "-m", "pytest", *arguments)

    def obey(self, told: str) -> pytest.RunResult:
        """Run the one command by which a failure says that it can be accepted."""
        (line,) = [line for line in told.splitlines() if "accept:" in line]
        command = shlex.split(line.partition("accept:")[2])
        assert command[0] == "pytest"
        return self.run_apart(*command[1:])

    def load(self, folder: str | Path = "visualdiff-report") -> dict[str, Any]:
        """Return results.json, which is valid."""
        text = (self.path / folder / "results.json").read_text("utf-8")
        document: dict[str, Any] = json.loads(text)
        Draft202012Validator(load_results_schema()).validate(document)
        return document

    def results(self, folder: str | Path = "visualdiff-report") -> list[dict[str, Any]]:
        """Return the entries of results.json."""
        entries: list[dict[str, Any]] = self.load(folder)["results"]
        return entries

    def statuses(self) -> dict[str, str]:
        """Return the status of each image by its name."""
        return {item["name"]: item["status"] for item in self.results()}

    def names(self, folder: str = "baselines") -> list[str]:
        """Return the files below a folder."""
        start = self.path / folder
        found = (path for path in start.rglob("*") if path.is_file())
        return sorted(path.relative_to(start).as_posix() for path in found)


def says(shown: pytest.RunResult, *wanted: str) -> None:
    """Require words on the terminal, in this order."""
    text, start = shown.stdout.str(), 0
    for words in wanted:
        start = text.find(words, start) + len(words)
        assert start >= len(words), f"{words!r} is not there, or not behind the others"
