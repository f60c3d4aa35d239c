"""A test session as a whole: what it writes, judges and reports, in one process or in many."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from drawing import BLUE_600, draw_button
from suite import BLUE, GREEN, Suite, says

from visualdiff.images import COMPACT, encode_png
from visualdiff.testing.session import identify_test

TWO = """
def test_home(assert_images_match):
    assert_images_match("blue.png", "home")

def test_menu(assert_images_match):
    assert_images_match("blue.png", "menu")
"""
MANY = """
import pytest

@pytest.mark.parametrize("number", range(9))
def test_page(assert_images_match, number):
    assert_images_match("green.png" if number == 7 else "blue.png", f"page{number}")
"""
HOME = """
def test_1(assert_images_match):
    assert_images_match('{shot}.png')
"""
FUNCTION = """
from visualdiff.testing import assert_images_match

def test_b():
    assert_images_match("blue.png", "baselines/home.png")
"""
INTERRUPTED = """
def test_z(assert_images_match):
    assert_images_match("green.png", "home", soft=True)
    raise KeyboardInterrupt
"""
PAGES = [f"page{number}.png" for number in range(9)]
IN_PARALLEL = ("-n2", "-p", "no:cacheprovider")


def touch_back(path: Path) -> None:
    os.utime(path, (1e9, 1e9))


def is_untouched(path: Path) -> bool:
    return path.stat().st_mtime == 1e9


class TestUpdate:
    @pytest.mark.parametrize(
        ("mode", "written"),
        [
            ("none", []),
            ("missing", ["new"]),
            ("changed", ["changed", "new"]),
            ("all", ["changed", "new", "other"]),
        ],
    )
    def test_each_mode_writes_what_it_says_and_lists_it(
        self, suite: Suite, mode: str, written: list[str]
    ) -> None:
        suite.write(
            "test_a.py",
            "import pytest\n"
            "@pytest.mark.parametrize('name', ['same', 'other', 'changed', 'new'])\n"
            "def test_page(assert_images_match, name):\n"
            "    assert_images_match('blue.png', name)\n",
        )
        paths = [suite.accept("same.png"), suite.accept("changed.png", data=GREEN)]
        # The same picture in other bytes.
        paths.append(suite.accept("other.png", data=encode_png(draw_button(BLUE_600), COMPACT)))
        for path in paths:
            touch_back(path)
        done = suite.run(f"--visualdiff-update={mode}")
        says(done, *(f"{name}.png (test_a.py::test_page[{name}]): baseline w" for name in written))
        updated = [item["name"] for item in suite.results() if item["updated"]]
        assert updated == [f"{name}.png" for name in written]
        untouched = {path.stem for path in paths if is_untouched(path)}
        assert untouched == {"same", "other", "changed"} - set(written)
        for name in written:
            assert (suite.path / "baselines" / f"{name}.png").read_bytes() == BLUE
        # Nothing unfinished is left.
        assert set(suite.names()) == {"same.png", "other.png", "changed.png"} | set(updated)

    def test_the_command_that_is_told_accepts_a_missing_baseline(self, suite: Suite) -> None:
        suite.write("own.ini", "[pytest]\nvisualdiff_baselines = old\n")
        suite.write(
            "tests/test_a.py",
            "import pytest\n"
            "class TestMenu:\n"
            "    @pytest.mark.parametrize('theme', ['dark mode', '$HOME'])\n"
            "    def test_open(self, assert_images_match, theme):\n"
            "        assert_images_match('blue.png')\n",
        )
        options = "-c", "own.ini", "--visualdiff-report=my report", "-k", "dark"
        failed = suite.run(*options)
        failed.assert_outcomes(failed=1, deselected=1)
        accepted = suite.obey(failed.stdout.str())
        accepted.assert_outcomes(passed=1)
        assert suite.names("old") == ["tests/test_a/TestMenu.test_open-dark-mode.png"]
        suite.run(*options).assert_outcomes(passed=1, deselected=1)

    def test_the_command_that_is_told_judges_as_the_session_has(self, suite: Suite) -> None:
        baseline = suite.accept("home.png", data=GREEN)
        suite.write("visualdiff.yaml", "preset: lenient\nmax_diff_pixels: 9999\nthreshold: 0.1\n")
        suite.write("test_a.py", TWO.partition("def test_menu")[0])
        options = "--visualdiff-preset=strict", "--visualdiff-threshold=0.9"
        suite.run().assert_outcomes(passed=1)
        failed = suite.run(*options)
        failed.assert_outcomes(failed=1)
        suite.obey(failed.stdout.str()).assert_outcomes(passed=1)
        assert baseline.read_bytes() == BLUE

    @pytest.mark.parametrize("option", ["--visualdiff-update=missing", "-U"])
    def test_baselines_are_not_written_in_ci_unless_forced(
        self, suite: Suite, monkeypatch: pytest.MonkeyPatch, option: str
    ) -> None:
        monkeypatch.setenv("CI", "true")
        suite.write("test_a.py", TWO)
        refused = suite.run(option)
        assert refused.ret == pytest.ExitCode.USAGE_ERROR
        assert "is refused, as CI is set" in refused.stderr.str()
        assert suite.names() == []
        suite.run(option, "--visualdiff-force-update").assert_outcomes(passed=2)
        assert suite.names() == ["home.png", "menu.png"]

    def test_an_ini_file_writes_baselines_but_not_in_ci(
        self, suite: Suite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        suite.write("pytest.ini", "[pytest]\nvisualdiff_update = missing\n")
        suite.write("test_a.py", TWO)
        with monkeypatch.context() as patch:
            patch.setenv("CI", "true")
            suite.run().assert_outcomes(failed=2)
            assert suite.names() == []
        suite.run().assert_outcomes(passed=2)
        assert suite.names() == ["home.png", "menu.png"]

    def test_a_baseline_that_cannot_be_written_fails_its_test(self, suite: Suite) -> None:
        suite.write("test_a.py", TWO)
        suite.write("baselines", "a file")
        done = suite.run("--visualdiff-update=changed")
        done.assert_outcomes(failed=2)
        says(done, "baselines/home.png cannot be written: ", "2 images: 2 error")


class TestUnused:
    @pytest.fixture(autouse=True)
    def old(self, suite: Suite) -> Path:
        suite.write("test_a.py", TWO)
        return suite.accept("home.png", "menu.png", "shop/old.png")

    @pytest.mark.parametrize(
        ("policy", "code", "told", "left"),
        [
            ("ignore", 0, False, True),
            ("warn", 0, True, True),
            ("fail", 1, True, True),
            ("delete", 0, True, False),
        ],
    )
    def test_a_baseline_of_no_test_means_what_the_option_says(
        self, suite: Suite, old: Path, policy: str, code: int, told: bool, left: bool
    ) -> None:
        done = suite.run(f"--visualdiff-unused={policy}")
        done.assert_outcomes(passed=2)
        assert done.ret == code
        words = "deleted" if policy == "delete" else "used by no test"
        assert (f"baseline {words}: baselines/shop/old.png" in done.stdout.str()) is told
        assert old.exists() is left
        assert {"home.png", "menu.png"} <= set(suite.names())
        assert bool(suite.load()["run"]["warnings"]) is told

    @pytest.mark.parametrize(
        "arguments",
        [("-k", "home"), ("test_a.py",), ("--deselect=test_a.py::test_menu",), ("--lf",)],
    )
    def test_nothing_is_judged_after_a_selection(
        self, suite: Suite, old: Path, arguments: tuple[str, ...]
    ) -> None:
        done = suite.run("--visualdiff-unused=delete", *arguments)
        assert done.ret == 0
        assert "shop/old.png" not in done.stdout.str()
        says(done, "unused baselines were not judged: ")
        assert old.exists()

    @pytest.mark.parametrize(
        "more",
        [
            "def test_b(assert_images_match): raise OSError",
            "def test_b(assert_images_match): pytest.skip()",
            "@pytest.mark.skip\ndef test_b(assert_images_match): pass",
            "@pytest.mark.xfail\ndef test_b(assert_images_match): raise OSError",
            "pytest.skip(allow_module_level=True)",
            "pytest.importorskip('a_module_that_nobody_has')",
            "raise OSError",
            # It may have wanted to ask for the fixture.
            "def test_b(): raise OSError",
            FUNCTION,
        ],
    )
    def test_nothing_is_judged_where_a_test_may_not_have_come_to_its_images(
        self, suite: Suite, old: Path, more: str
    ) -> None:
        suite.write("test_b.py", f"import pytest\n{more}\n")
        done = suite.run("--visualdiff-unused=delete", "--continue-on-collection-errors")
        assert "shop/old.png" not in done.stdout.str()
        says(done, "unused baselines were not judged: ")
        assert old.exists()

    def test_nothing_is_judged_where_a_plugin_left_out_tests_without_a_word(
        self, suite: Suite, old: Path
    ) -> None:
        suite.write("conftest.py", "def pytest_collection_modifyitems(items): items.pop()")
        done = suite.run("--visualdiff-unused=delete")
        says(done, "unused baselines were not judged: tests were deselected")
        assert old.exists()

    def test_nothing_is_judged_after_the_first_failure_ended_the_session(
        self, suite: Suite, old: Path
    ) -> None:
        suite.write("test_0.py", "def test_0(): raise OSError")
        suite.run("--visualdiff-unused=delete", "-x").assert_outcomes(failed=1)
        assert set(suite.names()) == {"home.png", "menu.png", "shop/old.png"}
        assert old.exists()

    def test_where_no_test_uses_images_all_baselines_are_unused(self, suite: Suite) -> None:
        suite.write("test_a.py", "def test_a(): pass")
        done = suite.run("--visualdiff-unused=fail")
        assert done.ret == 1
        says(done, "none compared", "used by no test: baselines/home.png")

    @pytest.mark.parametrize("option", ["--collect-only", "--fixtures"])
    def test_nothing_is_judged_where_no_test_is_run(
        self, suite: Suite, old: Path, option: str
    ) -> None:
        suite.write("test_a.py", "def test_a(): pass")
        assert suite.run("--visualdiff-unused=delete", option).ret == 0
        assert old.exists()

    def test_a_wrong_configuration_fails_the_session_even_if_no_test_has_used_it(
        self, suite: Suite
    ) -> None:
        suite.write("test_a.py", "def test_a(): pass")
        suite.write("visualdiff.yaml", "thresold: 1\n")
        done = suite.run("--visualdiff-unused=warn")
        assert done.ret == 1
        says(done, "= visualdiff =", "visualdiff.yaml:1:1: thresold: unknown key")
        assert suite.run().ret == 0

    def test_a_baseline_that_cannot_be_deleted_fails_the_session(
        self, suite: Suite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: Path, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("visualdiff.testing.unused.Path.unlink", refuse)
        done = suite.run("--visualdiff-unused=delete", "-p", "no:cacheprovider")
        assert done.ret == 1
        says(done, "shop/old.png cannot be deleted: Permission denied")


class TestReport:
    def test_it_has_every_comparison_of_every_test(self, suite: Suite) -> None:
        suite.accept("home.png")
        suite.write("test_a.py", TWO)
        done = suite.run("--visualdiff-on-new=ignore", "-rA")
        document = suite.load()
        assert document["run"]["command"] == "pytest --visualdiff-on-new=ignore -rA"
        assert document["summary"]["total"] == 2
        told = [(item["name"], item["test"], item["status"]) for item in document["results"]]
        assert told == [
            ("home.png", "test_a.py::test_home", "passed"),
            ("menu.png", "test_a.py::test_menu", "new"),
        ]
        page = (suite.report / "index.html").read_text("utf-8")
        assert "menu.png" in page
        says(done, "2 images: 1 passed, 1 new", "report: visualdiff-report/index.html")

    def test_a_change_that_images_share_is_told_once(self, suite: Suite) -> None:
        suite.accept("home.png", "menu.png", data=GREEN)
        suite.write("test_a.py", TWO)
        done = suite.run()
        (group,) = suite.load()["groups"]
        assert group["pairs"] == [
            {"name": f"{name}.png", "test": f"test_a.py::test_{name}"} for name in ("home", "menu")
        ]
        words = "the same change in 2 screenshots: recoloured #25a03c → #2563eb"
        says(done, "2 images: 2 failed", f"{words} (group {group['id']})", "report: ")

    def test_outputs_are_those_of_the_configuration_wherever_the_tests_run(
        self, suite: Suite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(suite.path / "summary"))
        suite.accept("home.png", data=GREEN)
        suite.write("test_a.py", TWO)
        done = suite.run()
        assert "::error" not in done.stdout.str()
        assert not (suite.path / "summary").exists()
        suite.write("visualdiff.yaml", "reports: [junit]")
        says(suite.run(), "2 images: 1 failed, 1 new", "report: visualdiff-report")
        names = {path.name for path in suite.report.glob("[!.]*") if path.is_file()}
        assert names == {"junit.xml"}
        text = (suite.report / "junit.xml").read_text("utf-8")
        assert '<testcase name="home.png" classname="test_a.py::test_home" time=' in text

    def test_a_cache_is_for_runs_only(self, suite: Suite) -> None:
        suite.accept("home.png", "menu.png", data=GREEN)
        suite.write("visualdiff.yaml", "cache: kept")
        suite.write("test_a.py", TWO)
        for _ in range(2):
            suite.run().assert_outcomes(failed=2)
        assert not (suite.path / "kept").exists()

    def test_nothing_is_written_where_no_test_has_asked_for_it(self, suite: Suite) -> None:
        suite.write("test_a.py", "def test_a(): pass")
        done = suite.run()
        assert "visualdiff =" not in done.stdout.str()
        assert not suite.report.exists()

    def test_what_an_earlier_run_has_left_is_removed(self, suite: Suite) -> None:
        suite.accept("home.png", "menu.png", data=GREEN)
        suite.write("test_a.py", TWO)
        suite.run().assert_outcomes(failed=2)
        assert suite.names("visualdiff-report/candidates") == ["home.png", "menu.png"]
        assert suite.names("visualdiff-report/assets")
        suite.accept("home.png", "menu.png")
        suite.run().assert_outcomes(passed=2)
        assert suite.names("visualdiff-report") == [
            ".visualdiff-lock",
            ".visualdiff-report",
            "index.html",
            "results.json",
        ]

    def test_a_folder_of_somebody_else_is_refused(self, suite: Suite) -> None:
        suite.write("out/thesis.txt", "mine")
        suite.write("test_a.py", TWO)
        done = suite.run("--visualdiff-report=out")
        done.assert_outcomes(errors=2)
        says(done, "out is not empty and was not written by visualdiff")
        assert suite.names("out") == ["thesis.txt"]

    @pytest.mark.parametrize("arguments", [(), IN_PARALLEL])
    def test_where_it_cannot_be_written_it_goes_elsewhere_and_that_is_told(
        self, suite: Suite, arguments: tuple[str, ...]
    ) -> None:
        suite.accept("home.png")
        suite.accept("menu.png", data=GREEN)
        suite.write("test_a.py", TWO)
        # As root, no folder is read-only.
        suite.write("blocked", "a file")
        run = suite.run_apart if arguments else suite.run
        done = run("--visualdiff-report=blocked/report", *arguments)
        done.assert_outcomes(passed=1, failed=1)
        shown = done.stdout.str()
        says(done, "report: cannot write to ", "blocked/report: ", "; it is in ")
        (line,) = [line for line in done.outlines if line.startswith("report: /")]
        index = Path(line.removeprefix("report: "))
        try:
            assert index.is_file()
            assert len(suite.results(index.parent)) == 2
            assert (index.parent / "candidates" / "menu.png").is_file()
            assert f"candidate: {index.parent}/candidates/menu.png" in shown
        finally:
            shutil.rmtree(index.parent)

    def test_a_report_that_fails_at_the_end_fails_the_session(
        self, suite: Suite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        suite.accept("home.png", "menu.png")
        suite.write("test_a.py", TWO)
        monkeypatch.setattr("visualdiff.report.write_together", refuse)
        done = suite.run()
        done.assert_outcomes(passed=2)
        assert done.ret == 1
        says(done, "report: cannot write to ", "No space left on device")

    def test_an_interrupt_leaves_a_report_of_what_was_compared(self, suite: Suite) -> None:
        suite.accept("home.png")
        suite.write("test_a.py", TWO + INTERRUPTED)
        done = suite.run()
        assert done.ret == pytest.ExitCode.INTERRUPTED
        says(done, "3 images: 1 passed, 1 failed, 1 new", "interrupted: not all tests have run")
        assert "in tests that passed" not in done.stdout.str()
        assert suite.load()["run"]["warnings"] == ["interrupted: not all tests have run"]
        assert len(suite.results()) == 3

    def test_without_a_terminal_it_is_written_too(self, suite: Suite) -> None:
        suite.write("test_a.py", TWO)
        done = suite.run_apart("-p", "no:terminal", "-p", "no:xdist")
        assert done.ret == 1
        assert len(suite.results()) == 2


RERUN = """
from pathlib import Path

def test_home(assert_images_match):
    runs = Path("runs")
    runs.write_text(runs.read_text() + "." if runs.exists() else ".")
    shot = "blue.png" if len(runs.read_text()) >= {needed} else "green.png"
    assert_images_match("blue.png", "menu")
    assert_images_match(shot, "home")
"""


class TestReruns:
    @pytest.mark.parametrize("arguments", [(), IN_PARALLEL])
    def test_a_test_that_passes_when_run_again_is_flaky_everywhere(
        self, suite: Suite, arguments: tuple[str, ...]
    ) -> None:
        suite.accept("home.png", "menu.png", "old.png")
        suite.write("test_a.py", RERUN.format(needed=3))
        run = suite.run_apart if arguments else suite.run
        done = run("--reruns=3", "--visualdiff-unused=warn", *arguments)
        assert done.ret == 0
        says(done, "2 images: 2 passed, 1 flaky", "home.png (test_a.py::test_home): flaky: ")
        # It has passed in the end, and so has the whole suite.
        says(done, "baseline used by no test: baselines/old.png")
        home, menu = suite.results()
        assert (home["status"], home["attempts"], home["flaky"]) == ("passed", 3, True)
        assert (menu["status"], menu["attempts"], menu["flaky"]) == ("passed", 1, False)
        assert "flaky" in (suite.report / "index.html").read_text("utf-8")

    def test_a_test_that_fails_whenever_it_runs_is_one_failure(self, suite: Suite) -> None:
        suite.accept("home.png", "menu.png")
        suite.write("test_a.py", RERUN.format(needed=9))
        done = suite.run("--reruns=2")
        assert done.ret == 1
        says(done, "2 images: 1 passed, 1 failed")
        home, menu = suite.results()
        assert (home["status"], home["attempts"], home["flaky"]) == ("failed", 3, False)
        assert menu["status"] == "passed"
        assert suite.names("visualdiff-report/candidates") == ["home.png"]


@pytest.mark.parametrize(
    ("nodeid", "path", "test"),
    [
        ("test_a.py::test_home", "/suite/test_a.py", "test_a.py::test_home"),
        # So --dist=loadgroup does it, before pytest 9.2.
        ("test_a.py::test_home@group", "/suite/test_a.py", "test_a.py::test_home"),
        ("a.yaml::of_another_plugin", "/suite/a.yaml", "a.yaml::of_another_plugin"),
        # So pytest does it outside of its root folder.
        ("::test_home", "/tests/test_a.py", "../tests/test_a.py::test_home"),
    ],
)
def test_a_test_has_one_id_whoever_runs_it(nodeid: str, path: str, test: str) -> None:
    item: Any = SimpleNamespace(
        nodeid=nodeid,
        name="test_home",
        parent=SimpleNamespace(nodeid="test_a.py"),
        path=Path(path),
        config=SimpleNamespace(rootpath=Path("/suite")),
    )
    assert identify_test(item) == test


def test_tests_outside_of_the_root_folder_are_not_taken_for_each_other(suite: Suite) -> None:
    suite.accept("t/test_q/test_1.png", "t/test_r/test_1.png", folder="cfg/baselines")
    ini = suite.write("cfg/p.ini", "[pytest]\naddopts = --import-mode=importlib")
    for name, shot in (("q", "green"), ("r", "blue")):
        suite.write(f"t/test_{name}.py", HOME.format(shot=shot))
    done = suite.run("-c", str(ini), "t/test_q.py", "t/test_r.py")
    done.assert_outcomes(failed=1, passed=1)
    says(done, "2 images: 1 passed, 1 failed")
    suite.obey(done.stdout.str()).assert_outcomes(passed=1)


class TestParallel:
    def test_a_test_that_all_workers_run_has_a_result_of_each(self, suite: Suite) -> None:
        suite.accept("test_a/test_1.png")
        shot = "green' if __import__('os').environ['PYTEST_XDIST_WORKER'] == 'gw0' else 'blue"
        suite.write("test_a.py", HOME.format(shot=f"' + ('{shot}') + '"))
        done = suite.run_apart(*IN_PARALLEL, "--dist=each")
        done.assert_outcomes(failed=1, passed=1)
        says(done, "2 images: 1 passed, 1 failed")
        told = {item["test"]: item["status"] for item in suite.results()}
        assert told == {
            "test_a.py::test_1 on gw0": "failed",
            "test_a.py::test_1 on gw1": "passed",
        }

    def test_all_workers_make_one_report(self, suite: Suite) -> None:
        suite.accept(*PAGES[:-1], folder="old")
        suite.write("test_a.py", MANY)
        options = "--visualdiff-update=missing", "--visualdiff-baselines=old"
        settings = "--visualdiff-preset=lenient", "--visualdiff-threshold=0.97"
        done = suite.run_apart(*IN_PARALLEL, *options, *settings)
        done.assert_outcomes(passed=8, failed=1)
        says(
            done,
            "page7.png differs from its baseline",
            "accept:    pytest 'test_a.py::test_page[7]' --visualdiff-update=changed "
            "--visualdiff-baselines=old --visualdiff-preset=lenient --visualdiff-threshold=0.97\n",
            "9 images: 8 passed, 1 failed",
            "page8.png (test_a.py::test_page[8]): baseline written: no baseline",
        )
        assert [item["name"] for item in suite.results()] == PAGES
        assert [item["name"] for item in suite.results() if item["updated"]] == ["page8.png"]
        assert suite.load()["run"]["command"].startswith("pytest -n2")
        assert {item["settings"]["preset"] for item in suite.results()} == {"lenient"}
        assert {item["threshold"] for item in suite.results()} == {0.97}

    def test_a_worker_that_dies_loses_nothing_of_finished_tests(self, suite: Suite) -> None:
        suite.accept(*PAGES)
        suite.write(
            "test_a.py",
            MANY + "    if number == 4:\n        import os\n        os._exit(3)\n",
        )
        done = suite.run_apart(*IN_PARALLEL, "--visualdiff-unused=fail")
        done.assert_outcomes(passed=7, failed=2)
        says(done, "8 images: 7 passed, 1 failed", "test_a.py::test_page[4] crashed: what it has")
        # A crash leaves it open which baselines would have been used.
        assert "used by no test" not in done.stdout.str()
        assert [item["name"] for item in suite.results()] == [*PAGES[:4], *PAGES[5:]]

    def test_what_workers_have_left_out_is_not_judged_and_nothing_is_written(
        self, suite: Suite
    ) -> None:
        suite.accept("home.png")
        suite.write("test_a.py", TWO + "def test_a(): pass\ndef test_b(): pass")
        done = suite.run_apart(
            *IN_PARALLEL, "--visualdiff-unused=fail", "-k", "not home and not menu"
        )
        done.assert_outcomes(passed=2)
        assert done.ret == 0
        assert not suite.report.exists()
        says(done, "= visualdiff =", "unused baselines were not judged: tests were deselected")

    def test_an_interrupt_leaves_a_report_of_what_was_compared(self, suite: Suite) -> None:
        suite.accept(*PAGES)
        suite.write("test_a.py", MANY)
        suite.write(
            "conftest.py",
            "class Controller:\n"
            "    count = 0\n"
            "    def pytest_runtest_logfinish(self):\n"
            "        self.count += 1\n"
            "        if self.count == 3: raise KeyboardInterrupt\n"
            "def pytest_configure(config):\n"
            "    if not hasattr(config, 'workerinput'):\n"
            "        config.pluginmanager.register(Controller())\n",
        )
        done = suite.run_apart(*IN_PARALLEL)
        assert done.ret == pytest.ExitCode.INTERRUPTED
        # What workers have sent before they are stopped is reported too.
        count = len(suite.results())
        assert 3 <= count < len(PAGES)
        says(done, f"{count} images: {count} passed", "interrupted: not all tests have run")
