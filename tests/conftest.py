"""What all tests need: no deadlines, and interrupts that interrupt."""

import signal
import sys

import pytest
from hypothesis import settings
from suite import Suite

# How long an example takes says more of the machine than of the code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

# Started in the background by a shell, tests are told to ignore interrupts, and so are the
# processes that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Return a test suite of a user, on a desk, whose screenshots are retaken at once."""
    monkeypatch.delenv("CI", raising=False)
    # It loads all of hypothesis to say nothing at the end of a session.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
    monkeypatch.setattr("visualdiff.testing.settling._PAUSES", (0.0,) * 9)
    monkeypatch.setattr("visualdiff.testing.settling._LAST_PAUSE", 0.01)
    # Left by another test, it would say that the suite has used it.
    monkeypatch.delitem(sys.modules, "visualdiff.testing.process", raising=False)
    return Suite(pytester)
