"""Whether all tests have run and passed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from visualdiff.testing.progress import Progress

Source = pytest.Config.ArgsSource


def configure(**more: Any) -> Any:
    """Return what pytest knows after `pytest` without words."""
    options = {"lf": False, "ignore": None} | more.pop("options", {})
    values = {
        "args_source": Source.INVOCATION_DIR,
        "rootpath": Path("/suite"),
        "invocation_params": SimpleNamespace(dir=Path("/suite")),
        "getoption": options.get,
    }
    return SimpleNamespace(**(values | more))


def tell(phase: str, outcome: Any, *, path: str = "test_a.py", **more: Any) -> Any:
    return pytest.TestReport(
        f"{path}::test_home", (path, 0, ""), {}, outcome, None, cast("Any", phase), **more
    )


def run(*phases: tuple[str, str]) -> Progress:
    progress = Progress()
    progress.count = 1
    for phase, outcome in phases:
        progress.note(tell(phase, outcome))
    return progress


PASSED = (("setup", "passed"), ("call", "passed"), ("teardown", "passed"))


@pytest.mark.parametrize("exitstatus", [0, 1])
def test_a_suite_that_has_passed_has_no_gap(exitstatus: int) -> None:
    # A session may fail although its tests pass.
    assert not run(*PASSED).explain_gap(configure(), exitstatus)


@pytest.mark.parametrize(
    "phases",
    [
        (),
        (("setup", "skipped"), ("teardown", "passed")),
        (("setup", "failed"), ("teardown", "passed")),
        (("setup", "passed"), ("call", "failed"), ("teardown", "passed")),
        (("setup", "passed"), ("call", "passed"), ("teardown", "failed")),
        (*PASSED, ("setup", "passed"), ("call", "failed")),
        # As xdist tells a crash.
        (("???", "failed"),),
    ],
)
def test_a_test_that_has_not_passed_leaves_it_open(phases: tuple[tuple[str, str], ...]) -> None:
    assert run(*phases).explain_gap(configure(), 0)


def test_a_test_that_passes_when_run_again_has_passed() -> None:
    again = run(("setup", "passed"), ("call", "rerun"), ("teardown", "passed"), *PASSED)
    assert not again.explain_gap(configure(), 0)


@pytest.mark.parametrize("exitstatus", [2, 3, 4, 5])
def test_a_session_that_was_broken_off_is_not_whole(exitstatus: int) -> None:
    assert run(*PASSED).explain_gap(configure(), exitstatus)


@pytest.mark.parametrize(
    "more",
    [
        {"args_source": Source.ARGS},
        {"invocation_params": SimpleNamespace(dir=Path("/suite/tests"))},
        {"options": {"lf": True}},
        {"options": {"ignore": ["tests/slow"]}},
        {"options": {"ignore_glob": ["slow*"]}},
    ],
)
def test_a_selection_is_not_the_whole_suite(more: dict[str, Any]) -> None:
    assert run(*PASSED).explain_gap(configure(**more), 0)


def test_the_folders_of_the_ini_file_are_the_whole_suite() -> None:
    assert not run(*PASSED).explain_gap(configure(args_source=Source.TESTPATHS), 0)


@pytest.mark.parametrize(
    ("more", "gap"),
    [
        ({"args_source": Source.ARGS}, "not the whole suite was selected"),
        ({"options": {"override_ini": ["python_functions=a"]}}, "--override-ini was given"),
    ],
)
def test_a_gap_is_told_with_its_reason(more: dict[str, Any], gap: str) -> None:
    assert run(*PASSED).explain_gap(configure(**more), 0) == gap


def test_a_test_that_did_not_pass_is_named() -> None:
    gap = run(("setup", "skipped")).explain_gap(configure(), 0)
    assert gap == "test_a.py::test_home did not pass"


@pytest.mark.parametrize("other", [{"worker_id": "gw1"}, {"path": "test_b.py"}])
def test_another_test_of_the_same_id_does_not_hide_a_failure(other: dict[str, Any]) -> None:
    progress = run(("setup", "passed"), ("call", "failed"))
    for phase, outcome in PASSED:
        report = tell(phase, outcome, **other)
        report.nodeid = "test_a.py::test_home"
        progress.note(report)
    assert progress.explain_gap(configure(), 0)


def test_what_one_process_knows_counts_for_all() -> None:
    worker, controller = Progress(), run(*PASSED)
    controller.add({})
    worker.count = 1
    controller.add(worker.ship())
    assert not controller.explain_gap(configure(), 0)
    worker.count = 2
    controller.add(worker.ship())
    assert controller.explain_gap(configure(), 0) == "not all tests have run"
    worker.gap = "tests were deselected"
    controller.add(worker.ship())
    assert controller.explain_gap(configure(), 0) == "tests were deselected"
