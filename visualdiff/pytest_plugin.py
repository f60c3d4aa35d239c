"""The pytest plugin: the fixture `assert_images_match`, and hooks that hand on what happens.

It is loaded into everybody's test session: nothing but its options is imported before a test asks
for the fixture.
"""

import sys
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final

import pytest

from visualdiff.testing.options import add_options, check_options, read_option
from visualdiff.testing.progress import Progress

if TYPE_CHECKING:
    from visualdiff.testing.fixture import AssertImagesMatch
    from visualdiff.testing.gathering import Shipped
    from visualdiff.testing.session import Session

_MARKER: Final = (
    "visualdiff(**settings): settings of assert_images_match for a test or a class, such as "
    "threshold=0.97 or masks=[...]; those of a call count more"
)
_NAME: Final = "visualdiff-session"
# The attribute of a test's report that holds its results; xdist carries all attributes over.
_SHIPPED: Final = "visualdiff"
# What a worker of xdist tells the controller, and is told by it.
_PROGRESS: Final = "visualdiff_progress"
_STARTED: Final = "visualdiff_started"
_WORKER: Final = "visualdiff_worker"
# What is imported when the function of visualdiff.testing is called, which no report tells.
_FUNCTION: Final = "visualdiff.testing.process"
_ASSERT: Final = pytest.StashKey["AssertImagesMatch"]()
# How often a test was set up.
_RUNS: Final = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse wrong options before any test runs, and begin to watch the session."""
    check_options(config)
    config.addinivalue_line("markers", _MARKER)
    config.pluginmanager.register(_Watcher(config), _NAME)


@pytest.fixture
def assert_images_match(
    request: pytest.FixtureRequest,
) -> "Generator[AssertImagesMatch, None, None]":
    """Compare images with their baselines: `assert_images_match(image, name=None, **settings)`."""
    from visualdiff.errors import VisualdiffError  # noqa: PLC0415 - see above
    from visualdiff.testing.fixture import AssertImagesMatch  # noqa: PLC0415

    watcher = request.config.pluginmanager.getplugin(_NAME)
    try:
        matcher = AssertImagesMatch(watcher.open_session(request.session), request.node)
    except VisualdiffError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    request.node.stash[_ASSERT] = matcher
    yield matcher
    matcher.end()


class _Watcher:
    """Hooks that need to know the session; in a worker of xdist, and in what controls them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        given = getattr(config, "workerinput", None)
        self._is_worker = given is not None
        self._started = given[_STARTED] if given else time.time()
        self._worker = given[_WORKER] if given else ""
        self._process = given["workerid"] if given else ""
        self._session: Session | None = None
        self._progress = Progress()
        self._problem = ""
        self._notes: list[str] = []
        self._item: pytest.Item | None = None

    def open_session(self, session: pytest.Session | None = None) -> "Session":
        """Return the session of this process, which the first call makes."""
        if self._session is None:
            from visualdiff.testing.session import Session  # noqa: PLC0415 - see above

            self._session = Session(self._config, self._started, self._worker)
        if session:
            self._session.items = session.items
        return self._session

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of xdist when the session began, and its name if all run the same."""
        each = self._config.getoption("dist", "no") == "each"
        node.workerinput |= {_STARTED: self._started, _WORKER: node.gateway.id if each else ""}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker of xdist knows of the suite, and of its last test."""
        output = getattr(node, "workeroutput", {})
        self._progress.add(output.get(_PROGRESS, {}))
        self._gather(output.get(_SHIPPED))

    def pytest_deselected(self) -> None:
        """Note that not the whole suite runs."""
        self._progress.gap = "tests were deselected"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Note whether a plugin leaves out tests without a word."""
        before = set(items)
        outcome = yield
        if not before <= set(items):
            self._progress.gap = "tests were deselected"
        return outcome

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that the tests of a module, which was skipped or is broken, are not known."""
        if not report.passed:
            self._progress.gap = f"{report.nodeid} was not collected"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note how many tests there are."""
        self._progress.count = len(session.items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Count the runs of a test."""
        self._item = item
        item.stash[_RUNS] = item.stash.get(_RUNS, 0) + 1

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fail a test at its end for what its soft assertions have found."""
        return (yield from _fail_softly(item, "call"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fail a test for what soft assertions have found after its end, or in a broken setup."""
        return (yield from _fail_softly(item, "teardown"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the results of a phase to its report, which xdist carries to the controller."""
        report = yield
        matcher = item.stash.get(_ASSERT, None)
        if matcher:
            matcher.attach_images(report)
            vars(report)[_SHIPPED] = self._ship(item, failed=not report.passed)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the results of a phase of a test."""
        if self._is_worker:
            return
        self._progress.note(report)
        if str(report.when) == "???":  # so xdist tells it
            self._notes.append(f"{report.nodeid} crashed: what it has compared is not all here")
        self._gather(vars(report).get(_SHIPPED))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the report; a worker of xdist says what it knows of the suite."""
        if _FUNCTION in sys.modules:
            self._progress.gap = "visualdiff.testing.assert_images_match was used, too"
        # Of a test that was interrupted there is no report.
        unfinished = self._ship(self._item, failed=True) if self._item else None
        unfinished = unfinished if unfinished and unfinished["results"] else None
        if self._is_worker:
            output: dict[str, Any] = getattr(self._config, "workeroutput")  # noqa: B009 - xdist's
            output |= {_PROGRESS: self._progress.ship(), _SHIPPED: unfinished}
            return
        self._gather(unfinished)
        judged = read_option(self._config, "unused") not in (None, "ignore")
        gap = self._progress.explain_gap(self._config, exitstatus) if judged else ""
        if gap:
            self._notes.append(f"unused baselines were not judged: {gap}")
        if self._session or (judged and not gap):
            interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
            failed = self._finish(judged=judged and not gap, interrupted=interrupted)
            if failed and exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif self._config.getoption("visualdiff_unused"):
            self._problem = "\n".join(self._notes)

    def _ship(self, item: pytest.Item, *, failed: bool) -> "Shipped | None":
        """Return what a test has found since this was last called."""
        matcher = item.stash.get(_ASSERT, None)
        # A worker that died may have begun to run the test, too.
        run = f"{self._process}:{item.stash.get(_RUNS, 0)}"
        return matcher.ship(run, failed=failed) if matcher else None

    def _gather(self, shipped: "Shipped | None") -> None:
        if shipped:
            self.open_session().gathering.add(shipped)

    def _finish(self, *, judged: bool, interrupted: bool) -> bool:
        from visualdiff.errors import VisualdiffError  # noqa: PLC0415 - see above

        try:
            return self.open_session().finish(self._notes, judged=judged, interrupted=interrupted)
        except VisualdiffError as error:  # no test has asked for a session
            self._problem = str(error)
            return True

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Tell the counts, what a tester should know of passes, and where the report is."""
        if self._is_worker or not (self._session or self._problem):
            return
        terminalreporter.section("visualdiff")
        if self._problem:
            terminalreporter.write_line(self._problem, red=True)
        for line, markup in self._session.summarise() if self._session else ():
            terminalreporter.write_line(line, **markup)


def _fail_softly(item: pytest.Item, phase: str) -> Generator[None, object, object]:
    """Fail a phase of a test for what soft assertions have found, or tell it with its failure."""
    try:
        outcome = yield
    except pytest.skip.Exception:
        if text := _explain_soft_failures(item):
            raise _make_failure(text) from None
        raise
    except BaseException:
        if text := _explain_soft_failures(item):
            item.add_report_section(phase, "visualdiff", text)
        raise
    if text := _explain_soft_failures(item):
        raise _make_failure(text)
    return outcome


def _make_failure(text: str) -> BaseException:
    """Return a failure that pytest shows without a traceback, and that is an `AssertionError`.

    So `xfail(raises=AssertionError)` takes it as it takes the failure of a call that is not soft.
    """
    # As pytest's own, it is shown without its module.
    words = {"__module__": "builtins"}
    kind = type("SoftFailure", (pytest.fail.Exception, AssertionError), words)
    failure: BaseException = kind(text, pytrace=False)
    return failure


def _explain_soft_failures(item: pytest.Item) -> str:
    matcher = item.stash.get(_ASSERT, None)
    return matcher.explain_soft_failures() if matcher else ""
