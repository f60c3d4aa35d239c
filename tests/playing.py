"""Test sessions within tests."""

# What a test session imports stays: pytester takes back what only the session within has, and
# what is compiled cannot be imported twice.
import matplotlib.figure  # noqa: F401 - see above
import playwright.async_api  # noqa: F401
import pytest
import selenium.webdriver  # noqa: F401

import visualdiff.check
import visualdiff.testing.session  # noqa: F401 - see above

# Half of a small session's time, for strategies that none of these tests has.
_UNNEEDED = ("-p", "no:hypothesispytest", "-p", "no:cacheprovider")


def play(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest in this process, which takes a third less time."""
    return pytester.runpytest_inprocess(*_UNNEEDED, *options)


def play_apart(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest in a process of its own, where it may change what it likes."""
    return pytester.runpytest_subprocess(*_UNNEEDED, *options)
