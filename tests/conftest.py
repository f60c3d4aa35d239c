"""What all tests need: no deadlines, and interrupts that interrupt."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import CHROMIUM, FLAGS
from hypothesis import settings
from suite import Suite

if TYPE_CHECKING:
    from faulting import Proxy
    from playwright.sync_api import Browser
    from reporting import Reader
    from storing import Bucket, Storage

# How long an example takes says more of the machine than of the code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

# Started in the background by a shell, tests are told to ignore interrupts, and so are the
# processes that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give browsers and clusters a second try, of which the summary tells.

    Each is many processes, which a busy machine may hold up in any order: one of some hundred
    tests once failed in CI that never did elsewhere. What is wrong fails twice.
    """
    for item in items:
        has_browser = "browser" in getattr(item, "fixturenames", ())
        if has_browser or item.path.stem.startswith(("test_dask", "test_fleet")):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide a CI service: it is told more than a person at home."""
    for name in ("ACTIONS", "OUTPUT", "STEP_SUMMARY", "WORKSPACE"):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)


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


# Of a module: an open browser lets no other test of its process have a loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Start Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a report that holds one of everything."""
    from reporting import make_report

    return make_report(tmp_path_factory.mktemp("report # 100%"))


@pytest.fixture
def reader(browser: "Browser") -> Iterator["Reader"]:
    """Open reports; fail on anything that a console says, or that is fetched from elsewhere."""
    from reporting import Reader

    reader = Reader(browser)
    yield reader
    reader.close()
    assert reader.complaints == []


# Of a session: it is a second's work, and each test has a bucket of its own.
@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Storage"]:
    """Start an S3 server on loopback. Who kills one starts one: `storing.start_storage`."""
    from storing import start_storage

    with start_storage(tmp_path_factory.mktemp("storage")) as storage:
        yield storage


@pytest.fixture
def bucket(storage: "Storage", monkeypatch: pytest.MonkeyPatch) -> Iterator["Bucket"]:
    """Make a bucket, which this process is led to by its variables."""
    from storing import describe_access, enter, forget, make_bucket

    enter(monkeypatch, describe_access(storage.address))
    with make_bucket(storage.address) as bucket:
        yield bucket
    forget()


@pytest.fixture
def proxy(
    storage: "Storage", bucket: "Bucket", monkeypatch: pytest.MonkeyPatch
) -> Iterator["Proxy"]:
    """Put a proxy before the storage; `bucket.variables` and this process lead through it."""
    from faulting import put_before
    from storing import describe_access, enter, forget

    with put_before(storage.address) as proxy:
        bucket.variables = describe_access(proxy.address)
        enter(monkeypatch, bucket.variables)
        yield proxy
        # While there is something to say goodbye to.
        forget()
