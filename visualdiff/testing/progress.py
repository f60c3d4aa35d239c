"""Which tests may use baselines, and whether all of them have run and passed.

Standard library and pytest only: every test session has one.
"""

from collections.abc import Mapping
from typing import Any

import pytest

# Options that leave out tests without a word of it, or run none.
_NARROWING = ("lf", "ignore", "ignore_glob", "collectonly", "showfixtures")


class Progress:
    """What is known of the tests that ask for `assert_images_match`, by their ids.

    `partial` says that there are more tests than those that were selected.
    """

    def __init__(self) -> None:
        self.users: set[str] = set()
        self.partial = False
        self._passed: set[str] = set()
        self._failed: set[str] = set()

    def note(self, test: str, phase: str | None, outcome: str) -> None:
        """Note the outcome of a phase of a test, which may run more than once."""
        if phase == "setup":
            self._failed.discard(test)
        if outcome != "passed":
            self._failed.add(test)
        elif phase == "call":
            self._passed.add(test)

    def ship(self) -> dict[str, Any]:
        """Return what a worker knows of the suite as plain data."""
        return {"users": sorted(self.users), "partial": self.partial}

    def add(self, shipped: Mapping[str, Any]) -> None:
        """Add what a worker has shipped."""
        self.users |= set(shipped.get("users", ()))
        self.partial |= bool(shipped.get("partial"))

    def is_whole(self, config: pytest.Config, exitstatus: int) -> bool:
        """Return whether all tests that use baselines were selected, have run, and have passed.

        Of one that did not pass, nobody knows which baselines it would have used.
        """
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return False
        if self.partial or any(config.getoption(name, None) for name in _NARROWING):
            return False
        sources = pytest.Config.ArgsSource
        if config.args_source is sources.INVOCATION_DIR:
            selects_all = config.invocation_params.dir == config.rootpath
        else:
            selects_all = config.args_source is sources.TESTPATHS
        return selects_all and self.users <= self._passed - self._failed
