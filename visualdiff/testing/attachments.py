"""The images of a result → the reports of other plugins: rows of pytest-html, tests of Allure.

Both are imported by name, so that nobody needs them, and only where their report is written.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

import pytest

from visualdiff.model import PairResult, Status

# The roles of a comparison, and what they are called in Allure's kind of attachment that a person
# may slide over; its report shows the three as one.
_ROLES: Final = {"baseline": "expected", "candidate": "actual", "diff": "diff"}
_COMPARISON: Final = "application/vnd.allure.image.diff"


class _Image(NamedTuple):
    role: str
    path: Path
    extension: str

    @property
    def mime_type(self) -> str:
        return f"image/{self.extension}"

    def encode(self) -> str:
        """Return the content of the file in base64."""
        return b64encode(self.path.read_bytes()).decode("ascii")


def attach_to_row(
    config: pytest.Config, report: pytest.TestReport, results: Iterable[PairResult], folder: Path
) -> None:
    """Attach the images of results that did not pass to a test's row in pytest-html's report.

    `folder` is that of our own report, which holds the images. The row holds copies: either report
    may be moved or deleted.
    """
    if not config.getoption("htmlpath", None):
        return
    extras = import_module("pytest_html.extras")
    attached = [
        extras.image(image.encode(), _name(result, image), image.mime_type, image.extension)
        for result in results
        for image in _list_images(result, folder)
    ]
    if attached:
        vars(report)["extras"] = [*getattr(report, "extras", ()), *attached]


def attach_to_test(config: pytest.Config, result: PairResult, folder: Path) -> None:
    """Attach the images of a result that did not pass to the test of Allure that runs now.

    Baseline, candidate and difference become one comparison; what else there is, single images.
    """
    images = list(_list_images(result, folder))
    if not images or not config.getoption("allure_report_dir", None):
        return
    attach = import_module("allure").attach
    if len(images) == len(_ROLES):
        urls = {
            _ROLES[image.role]: f"data:{image.mime_type};base64,{image.encode()}"
            for image in images
        }
        attach(json.dumps(urls), result.name, _COMPARISON, "imagediff")
        return
    for image in images:
        data = image.path.read_bytes()
        attach(data, _name(result, image), image.mime_type, image.extension)


def _list_images(result: PairResult, folder: Path) -> Iterator[_Image]:
    if result.status is Status.PASSED:
        return
    for role in _ROLES:
        if path := result.artifacts.get(role):
            yield _Image(role, folder / path, PurePosixPath(path).suffix.removeprefix("."))


def _name(result: PairResult, image: _Image) -> str:
    return f"{result.name}: {image.role}"
