"""Whether all tests that use baselines have run and passed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

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


def run(*phases: tuple[str, str]) -> Progress:
    progress = Progress()
    progress.users = {"test_home"}
    for phase, outcome in phases:
        progress.note("test_home", phase, outcome)
    return progress


PASSED = (("setup", "passed"), ("call", "passed"), ("teardown", "passed"))


@pytest.mark.parametrize("exitstatus", [0, 1])
def test_a_suite_whose_users_have_passed_is_whole(exitstatus: int) -> None:
    # Another test, that uses no images, may have failed.
    assert run(*PASSED).is_whole(configure(), exitstatus)


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
def test_a_user_that_has_not_passed_leaves_it_open(phases: tuple[tuple[str, str], ...]) -> None:
    assert not run(*phases).is_whole(configure(), 0)


def test_a_test_that_passes_when_run_again_has_passed() -> None:
    again = run(("setup", "passed"), ("call", "rerun"), ("teardown", "passed"), *PASSED)
    assert again.is_whole(configure(), 0)


@pytest.mark.parametrize("exitstatus", [2, 3, 4, 5])
def test_a_session_that_was_broken_off_is_not_whole(exitstatus: int) -> None:
    assert not run(*PASSED).is_whole(configure(), exitstatus)


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
    assert not run(*PASSED).is_whole(configure(**more), 0)


def test_the_folders_of_the_ini_file_are_the_whole_suite() -> None:
    assert run(*PASSED).is_whole(configure(args_source=Source.TESTPATHS), 0)


def test_what_one_process_knows_counts_for_all() -> None:
    worker, controller = Progress(), run(*PASSED)
    controller.add({})
    controller.add(worker.ship())
    assert controller.is_whole(configure(), 0)
    worker.users.add("test_menu")
    controller.add(worker.ship())
    assert not controller.is_whole(configure(), 0)
    controller.users.discard("test_menu")
    worker.users.clear()
    worker.partial = True
    controller.add(worker.ship())
    assert not controller.is_whole(configure(), 0)
