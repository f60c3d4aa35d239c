"""The fixture `assert_images_match`: a result → a test that goes on or fails."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import pytest

from visualdiff.errors import ConfigError, VisualdiffError
from visualdiff.model import PairResult
from visualdiff.testing.asserting import ImageAsserter
from visualdiff.testing.attachments import attach_to_row, attach_to_test
from visualdiff.testing.gathering import Shipped, ship
from visualdiff.testing.session import Session, identify_test
from visualdiff.testing.words import explain_failures

MARKER = "visualdiff"


class AssertImagesMatch:
    """Asserts that images look as their baselines."""

    def __init__(self, session: Session, item: pytest.Item) -> None:
        self._session = session
        self._config = item.config
        self._asserter = ImageAsserter(
            session.project,
            identify_test(item),
            lambda number: session.name_image(item, number),
            _read_markers(item),
        )
        # With --dist=each, all workers run each test.
        worker = session.worker
        self._label = identify_test(item) + (f" on {worker}" if worker else "")
        self._shipped = 0
        self._explained = 0
        self._ended = False

    def __call__(
        self, image: object, name: str | PurePath | None = None, **settings: Any
    ) -> PairResult:
        """Compare an image with its baseline; raise `AssertionError` that says what differs.

        `image` is a path, the bytes of an image file, a numpy array, a Pillow image, a matplotlib
        figure, a Playwright page or locator, a Selenium driver or element, or a function without
        arguments that returns one of these. `name`, by default that of the test, is the baseline's
        in its folder. `settings` are the keys of visualdiff.yaml for a pair, and `soft` (go on,
        and fail at the end of the test), `timeout` (seconds within which a page or a function must
        match or come to rest) and `bgr` (an array has OpenCV's order of channels).
        """
        __tracebackhide__ = True
        if self._ended:
            raise VisualdiffError(
                f"assert_images_match: {self._label}, which asked for it, has ended, and nobody "
                "would be told; ask for the fixture in the test that compares"
            )
        try:
            result = self._asserter.check(image, name, settings)
        except VisualdiffError as error:
            # Where in visualdiff it was raised tells a tester nothing.
            raise error.with_traceback(None) from None
        attach_to_test(self._config, result, self._session.project.config.report)
        if self._asserter.is_failure(result) and not self._asserter.is_soft(result):
            raise AssertionError(self._session.explain(result))
        return result

    def end(self) -> None:
        """Compare nothing from now on: the test has ended."""
        self._ended = True

    def explain_soft_failures(self) -> str:
        """Return what soft assertions have found since this was last called, or ""."""
        failures = self._asserter.soft_failures[self._explained :]
        self._explained += len(failures)
        if not failures:
            return ""
        explained = [self._session.explain(result) for result in failures]
        return explain_failures(explained, len(self._asserter.results))

    def attach_images(self, report: pytest.TestReport) -> None:
        """Attach the images of what was not shipped yet to a report of pytest-html."""
        results = self._asserter.results[self._shipped :]
        attach_to_row(self._config, report, results, self._session.project.config.report)

    def ship(self, run: str, *, failed: bool) -> Shipped:
        """Return the results since this was last called as plain data.

        `run` differs whenever the test is set up again; `failed` says that it did not pass.
        """
        start, results = self._shipped, self._asserter.results
        self._shipped = len(results)
        return ship(self._label, run, results[start:], failed=failed)


def _read_markers(item: pytest.Item) -> list[Mapping[str, Any]]:
    """Return what markers say, those nearest to the test last; raise `ConfigError`."""
    markers = list(item.iter_markers(MARKER))
    for marker in markers:
        if marker.args or "name" in marker.kwargs:
            raise ConfigError(
                f"{item.nodeid}: @pytest.mark.visualdiff takes settings by keyword, and no name"
            )
    return [marker.kwargs for marker in reversed(markers)]
