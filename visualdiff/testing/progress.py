"""Whether the tests that ran are the whole suite, and all of them have passed.

Standard library and pytest only: every test session has one.
"""

from collections.abc import Mapping
from typing import Any, Final

import pytest

# Options that leave out tests without a word of it, or run none.
_NARROWING: Final = {
    "lf": "--last-failed",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
    "override_ini": "--override-ini",
    "collectonly": "--collect-only",
    "showfixtures": "--fixtures",
}


class Progress:
    """What is known of all tests, of which any may use baselines.

    `gap` says why there may be more of them, or other uses of baselines, than this knows.
    """

    def __init__(self) -> None:
        self.gap = ""
        self.count = 0
        self._passed: set[tuple[str, ...]] = set()
        self._failed: dict[tuple[str, ...], str] = {}

    def note(self, report: pytest.TestReport) -> None:
        """Note the outcome of a phase of a test, which may run more than once."""
        # With --dist=each on each worker; two outside of the root folder may share an id.
        test = str(vars(report).get("worker_id")), report.location[0], report.nodeid
        if report.when == "setup":
            self._failed.pop(test, None)
        if report.outcome != "passed":
            self._failed[test] = report.nodeid
        elif report.when == "call":
            self._passed.add(test)

    def ship(self) -> dict[str, Any]:
        """Return what a worker knows of the suite as plain data."""
        return {"count": self.count, "gap": self.gap}

    def add(self, shipped: Mapping[str, Any]) -> None:
        """Add what a worker has shipped; each of them knows all tests."""
        self.count = max(self.count, shipped.get("count", 0))
        self.gap = self.gap or shipped.get("gap", "")

    def explain_gap(self, config: pytest.Config, exitstatus: int) -> str:
        """Return why it is not known which baselines the suite uses, or "".

        Of a test that did not pass, nobody knows which ones it would have used.
        """
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return "not all tests have run"
        given = [text for name, text in _NARROWING.items() if config.getoption(name, None)]
        if given:
            return f"{given[0]} was given"
        if self.gap:
            return self.gap
        if not _selects_all(config):
            return "not the whole suite was selected"
        if self._failed:
            return f"{next(iter(self._failed.values()))} did not pass"
        return "not all tests have run" if len(self._passed) < self.count else ""


def _selects_all(config: pytest.Config) -> bool:
    sources = pytest.Config.ArgsSource
    if config.args_source is sources.INVOCATION_DIR:
        return config.invocation_params.dir == config.rootpath
    return config.args_source is sources.TESTPATHS
