"""One test session: its project, the names of its tests, and the report at its end.

Made when the first test asks for `assert_images_match`, so it may import what it likes.
"""

import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pytest

from visualdiff.errors import BaselineNameError, VisualdiffError
from visualdiff.files import relative_to
from visualdiff.groups import list_groups
from visualdiff.model import Interrupt, PairResult, RunResult, Status
from visualdiff.report import write_report
from visualdiff.report.outputs import find_page
from visualdiff.settings import Policy
from visualdiff.testing.gathering import Gathering
from visualdiff.testing.keeping import Keeper
from visualdiff.testing.names import name_after, number_name
from visualdiff.testing.options import find_substitute, read_option, read_settings, tell_command
from visualdiff.testing.project import load_project
from visualdiff.testing.sending import move_config, move_result, remove_report, send_report
from visualdiff.testing.unused import delete_baselines, find_unused
from visualdiff.testing.words import explain_failure, show_path


class Session:
    """What one process knows of a test session; the one that reports gathers all results.

    `started` is in seconds since the epoch. `worker` tells this process from others that run the
    same tests. Raises `ConfigError` for a wrong configuration.
    """

    def __init__(self, config: pytest.Config, started: float, worker: str = "") -> None:
        self.gathering = Gathering()
        self.worker = worker
        self.items: Sequence[pytest.Item] = ()
        project = load_project(
            config.rootpath,
            read_option(config, "config"),
            read_settings(config),
            update=read_option(config, "update") or "none",
            substitute=find_substitute(started),
        )
        self.project = replace(project, keeper=Keeper(started))
        self._config = config
        self._started = started
        self._interrupted: Interrupt = ""
        # None, too, once the report could not be sent.
        self._destination = self.project.destination
        self._notes = [self.project.warning] if self.project.warning else []

    def name_image(self, item: pytest.Item, number: int) -> str:
        """Return the name of a test's `number`th image; raise `BaselineNameError` if not only its.

        The second image of `test_home` would be the first one of `test_home[2]`.
        """
        test = identify_test(item)
        name = number_name(name_after(test), number)
        sharing = sorted({test, *self._tests_by_name.get(name.casefold(), [])})
        if len(sharing) > 1:
            raise BaselineNameError(
                f"name: {' and '.join(sharing)} would share the baseline {name}; "
                "give the images of one of them a name"
            )
        return name

    @cached_property
    def _tests_by_name(self) -> dict[str, list[str]]:
        # Some file systems take upper and lower case for the same.
        tests: dict[str, list[str]] = {}
        for test in map(identify_test, self.items):
            tests.setdefault(name_after(test).casefold(), []).append(test)
        return tests

    def explain(self, result: PairResult) -> str:
        """Return why a result fails its test."""
        update = "missing" if result.status is Status.NEW else "changed"
        accept = tell_command(self._config, result.test, update)
        verbose = self._config.get_verbosity() > 0
        config = self.project.config
        if self._destination:  # where all will be when a person reads it
            result = move_result(result, config, self._destination)
            config = move_config(config, self._destination)
        return explain_failure(result, config, accept, verbose=verbose)

    def finish(self, notes: Sequence[str], *, judged: bool, interrupted: bool) -> bool:
        """Write the report; have unused baselines `judged` if that is asked for.

        `notes` are told in it, and in the summary.

        Return whether something was found that fails the session, though no test.
        """
        self._notes += notes
        conflicts = self.gathering.list_conflicts()
        self._notes += conflicts
        failed = bool(conflicts)
        try:
            if judged:
                failed |= self._judge_unused()
            if interrupted:
                self._notes.append("interrupted: not all tests have run")
                self._interrupted = "Ctrl-C"
            if self.gathering.results:
                failed |= self._write_report()
            elif self._destination:
                remove_report(self.project.config.report)
        except VisualdiffError as error:
            self._notes.append(str(error))
            failed = True
        return failed

    def _write_report(self) -> bool:
        """Write the report, or send it; return whether it had to stay on this machine."""
        run = self._conclude()
        if not self._destination:
            write_report(run)
            return False
        try:
            send_report(run, self._destination)
        except VisualdiffError as error:
            self._destination = None
            self._notes.append(f"{error}; it is in {run.config.report} instead")
            write_report(self._conclude())
            return True
        return False

    def summarise(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the lines of the terminal's summary, and how they are to be marked."""
        run, red = self._conclude(), {"red": True}
        counts = {status.value: run.count(status) for status in Status}
        counts["flaky"] = sum(item.flaky for item in run.results)
        told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        yield f"{_count_images(len(run.results))}: {told or 'none compared'}", {}
        yield from ((line, {}) for line in list_groups(run.results))
        for item in run.results:
            warnings = item.warnings
            if item.status is not Status.PASSED:
                warns = item.status is Status.NEW and run.policy(item.status) is Policy.WARN
                warnings = item.reasons if warns else ()
            yield from (
                (f"{item.name} ({item.test}): {text}", {"yellow": True}) for text in warnings
            )
        unheeded = [
            item
            for item in self.gathering.list_unheeded()
            if run.policy(item.status) is Policy.FAIL
        ]
        if unheeded:
            names = ", ".join(sorted({f"{item.name} ({item.test})" for item in unheeded}))
            yield f"{_count_images(len(unheeded))} failed in tests that passed: {names}", red
        yield from ((note, red) for note in self._notes)
        if run.results:
            config = run.config
            if self._destination:
                config = move_config(config, self._destination)
            yield f"report: {show_path(find_page(config))}", {}

    def _conclude(self) -> RunResult:
        arguments = map(str, self._config.invocation_params.args)
        return RunResult(
            results=self.gathering.results,
            config=self.project.config,
            command=shlex.join(["pytest", *arguments]),
            started=datetime.fromtimestamp(self._started, UTC).isoformat(timespec="seconds"),
            seconds=time.time() - self._started,
            warnings=tuple(self._notes),
            interrupted=self._interrupted,
        )

    def _judge_unused(self) -> bool:
        """Find unused baselines, and delete them if asked to; return whether they fail."""
        policy = read_option(self._config, "unused")
        unused = find_unused(self.project.config, self.gathering.results)
        if policy == "delete":
            delete_baselines(unused)
        words = "deleted" if policy == "delete" else "used by no test"
        self._notes += [f"baseline {words}: {show_path(path)}" for path in unused]
        return policy == "fail" and bool(unused)


def identify_test(item: pytest.Item) -> str:
    """Return the id of a test, with its path from the root folder.

    pytest's own begins at a folder of the command line where the test is outside of the root
    folder, so that two tests may share it. The group that xdist adds with --dist=loadgroup is
    left out.
    """
    plain = f"{item.parent.nodeid}::{item.name}" if item.parent else item.nodeid
    whole = plain if item.nodeid.startswith(f"{plain}@") else item.nodeid
    _, separator, rest = whole.partition("::")
    return f"{relative_to(item.config.rootpath, item.path)}{separator}{rest}"


def _count_images(count: int) -> str:
    return f"{count:,} {'image' if count == 1 else 'images'}"
