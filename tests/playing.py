"""Test sessions within tests."""

import pytest

# Half of a small session's time, for strategies that none of these tests has.
_UNNEEDED = ("-p", "no:hypothesispytest", "-p", "no:cacheprovider")


def play(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest in a process of its own: libraries of images stand no second import in one."""
    return pytester.runpytest_subprocess(*_UNNEEDED, *options)
