"""The fixture as a tester meets it: what passes, what fails, and what is said of it."""

import re
import runpy

import pytest
from drawing import draw_png
from suite import BLUE, GREEN, Suite, says

import visualdiff.pytest_plugin

HOME = """
def test_home(assert_images_match):
    assert_images_match("green.png", "home")
"""
# How pytest shows a frame of a traceback: its path first.
FRAME = re.compile(r"^(?:/\S*/)?(\S+?\.py):\d+: ", re.MULTILINE)


def list_frames(shown: pytest.RunResult) -> list[str]:
    """Return the files of all frames, short ones of `--tb=short` too."""
    return FRAME.findall(shown.stdout.str())


class TestOutcome:
    def test_an_image_that_matches_passes(self, suite: Suite) -> None:
        suite.accept("home.png", data=GREEN)
        suite.write("test_a.py", HOME)
        done = suite.run()
        done.assert_outcomes(passed=1)
        says(done, "1 image: 1 passed", "report: visualdiff-report/index.html")
        assert suite.names("visualdiff-report/candidates") == []
        (result,) = suite.results()
        assert (result["test"], result["attempts"]) == ("test_a.py::test_home", 1)

    def test_an_image_that_differs_fails_with_all_that_is_needed(self, suite: Suite) -> None:
        suite.accept("home.png")
        suite.write("test_a.py", HOME)
        done = suite.run()
        done.assert_outcomes(failed=1)
        says(
            done,
            "AssertionError: home.png differs from its baseline: score 0.",
            "region 1: recoloured #2563eb → #25a03c, 100×40 px at (30, 40)",
            "baseline:  baselines/home.png",
            "candidate: visualdiff-report/candidates/home.png",
            "diff:      visualdiff-report/assets/",
            "report:    visualdiff-report/index.html",
            "accept:    pytest test_a.py::test_home --visualdiff-update=changed",
            "1 image: 1 failed",
        )
        assert list_frames(done) == ["test_a.py"]
        assert (suite.report / "index.html").is_file()

    def test_a_result_is_returned(self, suite: Suite) -> None:
        suite.accept("home.png")
        suite.write(
            "test_a.py",
            "from visualdiff.testing import AssertImagesMatch\n"
            "def test_home(assert_images_match: AssertImagesMatch) -> None:\n"
            "    assert isinstance(assert_images_match, AssertImagesMatch)\n"
            "    assert assert_images_match('blue.png', 'home').comparison.score == 1\n",
        )
        suite.run().assert_outcomes(passed=1)

    def test_verbose_tells_all_and_the_default_tells_less(self, suite: Suite) -> None:
        suite.accept("home.png")
        suite.write("test_a.py", HOME)
        assert "with nothing ignored" not in suite.run().stdout.str()
        says(suite.run("-v"), "blue: 0.", "with nothing ignored")

    @pytest.mark.parametrize("style", ["short", "long", "native", "line"])
    def test_no_style_of_traceback_shows_more_than_the_fixture(
        self, suite: Suite, style: str
    ) -> None:
        suite.accept("home.png")
        suite.write("test_a.py", HOME)
        shown = suite.run(f"--tb={style}").stdout.str()
        assert "region 1: recoloured" in shown
        assert not re.search(r"(asserting|judging|captures|settling)\.py", shown)

    @pytest.mark.parametrize(
        ("call", "reason"),
        [
            ('"blue.png", "broken"', "baseline cannot be compared: PNG is damaged"),
            ('b"no image", "home"', "candidate cannot be compared: "),
            ('"absent.png", "home"', "absent.png cannot be read: No such file"),
            ('"green.png", "home", mask_images=["small.png"]', "small.png"),
        ],
    )
    def test_what_cannot_be_compared_fails_with_its_reason(
        self, suite: Suite, call: str, reason: str
    ) -> None:
        suite.accept("broken.png", data=BLUE[:200])
        suite.accept("home.png")
        suite.accept("small.png", data=b"", folder=".")
        suite.write("test_a.py", f"def test_a(assert_images_match): assert_images_match({call})")
        done = suite.run()
        done.assert_outcomes(failed=1)
        says(done, "could not be compared: ", reason, "1 image: 1 error")
        assert list_frames(done) == ["test_a.py"]
        assert "accept:" not in done.stdout.str()
        (result,) = suite.results()
        assert result["status"] == "error"
        if result["candidate"]:
            assert (suite.path / result["candidate"]).is_file()

    @pytest.mark.parametrize(
        ("call", "error"),
        [
            ("object()", "got object, wanted a path, the bytes of an image file, a numpy array"),
            ('"blue.png", "../home"', "name: got '../home', wanted a name that stays"),
            ('"blue.png", thresold=1', "thresold: unknown key, did you mean `threshold`?"),
            ('"blue.png", timeout="5"', "timeout: got '5', wanted seconds"),
            ("lambda: 1 / 0", "ZeroDivisionError: division by zero"),
        ],
    )
    def test_a_mistake_in_a_test_is_shown_where_it_stands(
        self, suite: Suite, call: str, error: str
    ) -> None:
        suite.write("test_a.py", f"def test_a(assert_images_match): assert_images_match({call})")
        done = suite.run()
        done.assert_outcomes(failed=1)
        says(done, error)
        assert set(list_frames(done)) == {"test_a.py"}

    def test_a_mistake_in_a_marker_is_told_without_a_traceback(self, suite: Suite) -> None:
        suite.write(
            "test_a.py",
            "import pytest\n@pytest.mark.visualdiff('home')\n"
            "def test_a(assert_images_match): pass\n"
            "@pytest.mark.visualdiff(name='home')\n"
            "def test_b(assert_images_match): pass\n",
        )
        done = suite.run()
        done.assert_outcomes(errors=2)
        says(done, "test_a.py::test_a: @pytest.mark.visualdiff takes settings by keyword")
        assert list_frames(done) == []

    def test_a_wrong_configuration_is_told_without_a_traceback(self, suite: Suite) -> None:
        suite.write("visualdiff.yaml", "thresold: 1\n")
        suite.write("test_a.py", HOME + "def test_other(): pass")
        done = suite.run()
        done.assert_outcomes(errors=1, passed=1)
        says(done, "visualdiff.yaml:1:1: thresold: unknown key")
        assert list_frames(done) == []
        assert "During handling of the above exception" not in done.stdout.str()
        assert not suite.report.exists()


class TestNames:
    def test_images_are_named_after_their_test(self, suite: Suite) -> None:
        suite.write(
            "shop/test_a.py",
            "import pytest\n"
            "class TestMenu:\n"
            "    @pytest.mark.parametrize('theme', ['dark', 'a/b'])\n"
            "    def test_open(self, assert_images_match, theme):\n"
            "        assert_images_match('blue.png')\n"
            "        assert_images_match('blue.png')\n",
        )
        suite.run("--visualdiff-update=missing").assert_outcomes(passed=2)
        assert suite.names() == [
            "shop/test_a/TestMenu.test_open-a-b-2.png",
            "shop/test_a/TestMenu.test_open-a-b.png",
            "shop/test_a/TestMenu.test_open-dark-2.png",
            "shop/test_a/TestMenu.test_open-dark.png",
        ]

    @pytest.mark.parametrize(
        ("parameters", "calls"),
        [("a/b a?b", 1), ("Dark dark", 1), ("x.png x-png", 1), ("a a-2", 2)],
    )
    def test_tests_that_would_share_a_name_are_refused(
        self, suite: Suite, parameters: str, calls: int
    ) -> None:
        suite.write(
            "test_a.py",
            "import pytest\n"
            f"@pytest.mark.parametrize('page', {parameters.split()})\n"
            "def test_open(assert_images_match, page):\n"
            f"    for _ in range({calls}): assert_images_match('blue.png')\n",
        )
        done = suite.run("--visualdiff-update=missing")
        assert done.parseoutcomes()["failed"] >= 1
        one, other = sorted(f"test_a.py::test_open[{page}]" for page in parameters.split())
        assert f"name: {one} and {other} would share the baseline test_a/test_open-" in (
            done.stdout.str()
        )

    def test_a_given_name_may_be_shared_by_tests_that_compare(self, suite: Suite) -> None:
        suite.accept("home.png", data=GREEN)
        suite.write("test_a.py", HOME)
        suite.write("test_b.py", HOME)
        suite.run().assert_outcomes(passed=2)
        assert [item["name"] for item in suite.results()] == ["home.png", "home.png"]

    def test_each_test_of_a_name_keeps_its_own_candidate(self, suite: Suite) -> None:
        suite.accept("home.png", data=draw_png((220, 38, 38)))
        suite.write("test_a.py", HOME)
        suite.write("test_b.py", HOME.replace("green", "blue"))
        for _ in range(2):
            suite.run().assert_outcomes(failed=2)
            kept = [(suite.path / item["candidate"]).read_bytes() for item in suite.results()]
            assert kept == [GREEN, BLUE]
        assert suite.names("visualdiff-report/candidates") == ["home.png", "home~2.png"]

    def test_a_given_name_that_two_tests_write_fails_the_session(self, suite: Suite) -> None:
        suite.write("test_a.py", HOME)
        suite.write("test_b.py", HOME.replace("green", "blue"))
        done = suite.run("-U")
        done.assert_outcomes(passed=2)
        assert done.ret == pytest.ExitCode.TESTS_FAILED
        says(done, "baselines/home.png was written, and 2 images share it, of ", "test_b.py::")
        assert suite.load()["run"]["warnings"]


@pytest.fixture
def layered(suite: Suite) -> Suite:
    suite.accept("bare.png", "shop/a.png")
    suite.write(
        "test_a.py",
        """
import pytest

def check(assert_images_match, name="bare", **settings):
    assert_images_match("blue.png", name, **settings)

def test_yaml(assert_images_match):
    check(assert_images_match)

def test_override(assert_images_match):
    check(assert_images_match, "shop/a")
""",
    )
    suite.write(
        "test_b.py",
        """
import pytest
from test_a import check

pytestmark = pytest.mark.visualdiff(threshold=0.5, tolerance=3)

def test_module(assert_images_match):
    check(assert_images_match)

@pytest.mark.visualdiff(threshold=0.6)
class TestMarked:
    def test_class(self, assert_images_match):
        check(assert_images_match)

    @pytest.mark.visualdiff(threshold=0.7)
    def test_function(self, assert_images_match):
        check(assert_images_match)

    @pytest.mark.visualdiff(preset="strict")
    def test_preset(self, assert_images_match):
        check(assert_images_match)

    @pytest.mark.visualdiff(threshold=0.7)
    def test_call(self, assert_images_match):
        check(assert_images_match, threshold=0.8, preset="lenient")
""",
    )
    return suite


def choose(suite: Suite, *arguments: str) -> dict[str, tuple[str, float, float]]:
    """Return preset, threshold and tolerance of each test."""
    done = suite.run(*arguments)
    assert done.ret == 0, done.stdout.str()
    return {
        item["test"].rpartition("::test_")[2]: (
            item["settings"]["preset"],
            item["threshold"],
            item["settings"].get("tolerance", 1.0),
        )
        for item in suite.results()
    }


class TestSettings:
    def test_markers_and_calls_count_more_than_anything_else(self, layered: Suite) -> None:
        layered.write("visualdiff.yaml", "threshold: 0.1\n")
        chosen = choose(layered, "--visualdiff-threshold=0.4", "test_b.py")
        assert chosen == {
            "module": ("default", 0.5, 3.0),
            "class": ("default", 0.6, 3.0),
            "function": ("default", 0.7, 3.0),
            "preset": ("strict", 0.6, 0.0),
            "call": ("lenient", 0.8, 2.0),
        }

    def test_below_them_are_command_line_ini_file_override_and_file(self, layered: Suite) -> None:
        assert choose(layered, "test_a.py")["yaml"] == ("default", 0.99, 1.0)
        layered.write(
            "visualdiff.yaml",
            "threshold: 0.1\noverrides: [{match: 'shop/**', threshold: 0.2, preset: lenient}]\n",
        )
        chosen = choose(layered, "test_a.py")
        assert chosen == {"yaml": ("default", 0.1, 1.0), "override": ("lenient", 0.2, 2.0)}
        layered.write("pytest.ini", "[pytest]\nvisualdiff_threshold = 0.3\n")
        chosen = choose(layered, "test_a.py")
        assert chosen == {"yaml": ("default", 0.3, 1.0), "override": ("lenient", 0.3, 2.0)}
        options = "--visualdiff-threshold=0.4", "--visualdiff-preset=strict"
        chosen = choose(layered, "test_a.py", *options)
        assert chosen == dict.fromkeys(("yaml", "override"), ("strict", 0.4, 0.0))

    def test_the_configuration_baselines_and_report_may_be_elsewhere(self, suite: Suite) -> None:
        suite.accept("home.png", data=GREEN, folder="old")
        suite.write("conf/own.yaml", "threshold: 0.3\nbaselines: nowhere\n")
        suite.write("test_a.py", HOME)
        folders = "--visualdiff-baselines=old", "--visualdiff-report=out"
        suite.run("--visualdiff-config=conf/own.yaml", *folders).assert_outcomes(passed=1)
        (result,) = suite.results("out")
        assert (result["threshold"], result["baseline"]) == (0.3, "../old/home.png")

    @pytest.mark.parametrize("policy", ["fail", "warn", "ignore"])
    def test_an_image_without_a_baseline_means_what_the_option_says(
        self, suite: Suite, policy: str
    ) -> None:
        suite.write("test_a.py", HOME)
        done = suite.run(f"--visualdiff-on-new={policy}")
        assert done.ret == (policy == "fail")
        told = "home.png (test_a.py::test_home): no baseline of this name" in done.stdout.str()
        assert told is (policy == "warn")
        says(done, "1 image: 1 new")
        assert suite.names("visualdiff-report/candidates") == ["home.png"]
        assert suite.names() == []


SOFT = """
import pytest

@pytest.fixture
def opened(assert_images_match):
    assert_images_match("green.png", "menu", soft=True)
    yield
"""


class TestSoft:
    @pytest.fixture(autouse=True)
    def accepted(self, suite: Suite) -> None:
        suite.accept("home.png", "menu.png", "cart.png")

    def test_all_soft_failures_are_told_once_at_the_end(self, suite: Suite) -> None:
        suite.write(
            "test_a.py",
            "def test_a(assert_images_match):\n"
            "    for name in ('home', 'menu'):\n"
            "        assert_images_match('green.png', name, soft=True)\n"
            "    assert_images_match('blue.png', 'cart', soft=True)\n"
            "    print('went on')\n",
        )
        done = suite.run()
        done.assert_outcomes(failed=1)
        shown = done.stdout.str()
        says(done, "2 of 3 images do not match (soft)", "home.png differs", "menu.png differs")
        says(done, "FAILED test_a.py::test_a - SoftFailure: 2 of 3 images")
        assert "went on" in shown
        assert shown.count("home.png differs from its baseline") == 1
        assert list_frames(done) == []

    @pytest.mark.parametrize(
        ("end", "error"),
        [
            ('assert_images_match("green.png", "menu")', "menu.png differs"),
            ("raise OSError('gone')", "OSError: gone"),
        ],
    )
    def test_soft_failures_are_not_lost_where_the_test_fails_otherwise(
        self, suite: Suite, end: str, error: str
    ) -> None:
        suite.write(
            "test_a.py",
            "def test_a(assert_images_match):\n"
            f"    assert_images_match('green.png', 'home', soft=True)\n    {end}\n",
        )
        done = suite.run()
        done.assert_outcomes(failed=1)
        says(done, error, "visualdiff", "does not match (soft)", "home.png differs")

    def test_a_test_that_is_skipped_after_a_difference_has_not_passed(self, suite: Suite) -> None:
        suite.write(
            "test_a.py",
            SOFT + "def test_a(opened): pytest.skip('too late')\n"
            "def test_b(assert_images_match): pytest.skip('in time')\n",
        )
        done = suite.run()
        done.assert_outcomes(failed=1, skipped=1)
        says(done, "1 image does not match (soft)")

    def test_what_a_fixture_finds_before_a_test_fails_the_test(self, suite: Suite) -> None:
        suite.write("test_a.py", SOFT + "def test_a(opened): pass")
        done = suite.run()
        done.assert_outcomes(failed=1)
        says(done, "1 image does not match (soft)", "menu.png differs")

    def test_what_a_fixture_finds_after_a_test_fails_it_too(self, suite: Suite) -> None:
        after = SOFT.replace("    assert_", "    yield\n    assert_").replace("    yield\n\n", "")
        after = after.removesuffix("    yield\n")
        suite.write("test_a.py", after + "def test_a(opened): pass")
        done = suite.run()
        done.assert_outcomes(passed=1, errors=1)
        says(done, "1 image does not match (soft)", "menu.png differs")

    def test_what_was_found_before_a_fixture_broke_is_told(self, suite: Suite) -> None:
        suite.write(
            "test_a.py",
            SOFT + "@pytest.fixture\ndef broken(opened): raise OSError('gone')\n"
            "def test_a(broken): pass",
        )
        says(suite.run(), "1 image does not match (soft)", "menu.png differs", "OSError: gone")
        assert suite.statuses() == {"menu.png": "failed"}

    def test_a_failure_that_nobody_has_raised_is_told(self, suite: Suite) -> None:
        suite.write(
            "test_a.py",
            "def test_a(assert_images_match):\n"
            "    try: assert_images_match('green.png', 'home')\n"
            "    except AssertionError: pass\n"
            "def test_b(assert_images_match): assert_images_match('green.png', 'menu')\n",
        )
        done = suite.run()
        done.assert_outcomes(passed=1, failed=1)
        says(done, "\n1 image failed in tests that passed: home.png (test_a.py::test_a)\n")

    def test_a_soft_failure_of_a_test_that_is_to_fail_is_no_surprise(self, suite: Suite) -> None:
        suite.write(
            "test_a.py",
            SOFT + "@pytest.mark.xfail(strict=True)\ndef test_a(opened): 0\n"
            "@pytest.mark.xfail(raises=AssertionError)\ndef test_b(opened): 0\n"
            "@pytest.mark.xfail(raises=OSError)\ndef test_c(opened): 0\n",
        )
        done = suite.run()
        done.assert_outcomes(xfailed=2, failed=1)
        assert list_frames(done) == []


def test_a_test_that_has_ended_compares_nothing_more(suite: Suite) -> None:
    suite.write(
        "test_a.py",
        "kept = []\n"
        "def test_a(assert_images_match): kept.append(assert_images_match)\n"
        "def test_b(): kept[0]('blue.png', 'home', soft=True)\n",
    )
    done = suite.run("--visualdiff-update=missing")
    done.assert_outcomes(passed=1, failed=1)
    says(done, "assert_images_match: test_a.py::test_a, which asked for it, has ended")
    assert list_frames(done) == ["test_a.py"]
    assert suite.names() == []


LIVE = """
from itertools import count
from pathlib import Path

shots = iter({shots})

def test_home(assert_images_match):
    assert_images_match(lambda: Path(next(shots)).read_bytes(), "home", timeout={timeout})
"""


class TestLive:
    def film(self, suite: Suite, *shots: str, timeout: float = 5) -> None:
        suite.write(
            "test_a.py", LIVE.format(shots=[f"{shot}.png" for shot in shots], timeout=timeout)
        )

    def test_a_first_capture_that_matches_is_enough(self, suite: Suite) -> None:
        suite.accept("home.png")
        self.film(suite, "blue")
        done = suite.run()
        done.assert_outcomes(passed=1)
        assert "flaky" not in done.stdout.str()

    def test_a_later_capture_that_matches_is_flaky_everywhere(self, suite: Suite) -> None:
        suite.accept("home.png")
        self.film(suite, "green", "blue")
        done = suite.run()
        done.assert_outcomes(passed=1)
        says(done, "1 image: 1 passed, 1 flaky", "home.png (test_a.py::test_home): flaky: only")
        (result,) = suite.results()
        assert (result["flaky"], result["attempts"]) == (True, 2)
        assert result["warnings"] == ["flaky: only capture 2 matched"]
        page = (suite.report / "index.html").read_text("utf-8")
        assert "flaky: only capture 2 matched" in page

    def test_what_rests_but_differs_fails(self, suite: Suite) -> None:
        suite.accept("home.png")
        self.film(suite, "green", "green", timeout=60)
        suite.run().assert_outcomes(failed=1)
        assert suite.results()[0]["attempts"] == 2

    @pytest.mark.parametrize("options", [(), ("-U",)])
    def test_what_never_rests_fails_and_is_never_written(
        self, suite: Suite, options: tuple[str, ...]
    ) -> None:
        names = [f"shot{number}" for number in range(300)]
        for number, name in enumerate(names):
            suite.accept(f"{name}.png", data=draw_png((200, 30, number % 256)), folder=".")
        self.film(suite, *names, timeout=0.1)
        done = suite.run(*options)
        done.assert_outcomes(failed=1)
        says(done, "home.png has no baseline", "warning: did not come to rest within 0.1 s")
        assert suite.names() == []


class TestSeveralBaselines:
    def test_any_match_passes_and_the_closest_is_shown(self, suite: Suite) -> None:
        red = draw_png((220, 38, 38))
        suite.accept("home.png", data=red)
        suite.accept("home@3.png", data=GREEN)
        suite.write("test_a.py", HOME)
        suite.run().assert_outcomes(passed=1)
        assert suite.results()[0]["baseline"] == "baselines/home@3.png"
        suite.accept("home@3.png", data=draw_png((37, 160, 90)))
        done = suite.run()
        done.assert_outcomes(failed=1)
        says(done, "home.png differs", "baseline:  baselines/home@3.png, the closest of 2")

    def test_the_one_that_was_shown_is_replaced(self, suite: Suite) -> None:
        suite.accept("home.png", data=draw_png((220, 38, 38)))
        suite.accept("home@2.png", data=draw_png((37, 160, 90)))
        suite.write("test_a.py", HOME)
        suite.run("-U").assert_outcomes(passed=1)
        assert (suite.path / "baselines" / "home@2.png").read_bytes() == GREEN
        assert (suite.path / "baselines" / "home.png").read_bytes() != GREEN

    def test_an_environment_has_a_baseline_of_its_own(self, suite: Suite) -> None:
        suite.write("visualdiff.yaml", 'variants: ["{name}-{browser}", "{name}"]\n')
        suite.write("test_a.py", HOME)
        options = ("--visualdiff-variable=browser=firefox", "--visualdiff-update=missing")
        suite.run(*options).assert_outcomes(passed=1)
        assert suite.names() == ["home-firefox.png"]
        suite.accept("home.png")
        suite.run(options[0]).assert_outcomes(passed=1)
        done = suite.run()
        done.assert_outcomes(failed=1)
        says(done, "baseline:  baselines/home.png\n")

    def test_a_call_may_name_its_environment(self, suite: Suite) -> None:
        suite.write("visualdiff.yaml", 'variants: ["{browser}/{name}"]\n')
        suite.accept("safari/home.png", data=GREEN)
        call = "assert_images_match('green.png', 'home', variables={'browser': 'safari'})"
        suite.write("test_a.py", f"def test_home(assert_images_match):\n    {call}\n")
        suite.run().assert_outcomes(passed=1)

    def test_those_of_other_environments_are_not_unused(self, suite: Suite) -> None:
        suite.write("visualdiff.yaml", 'variants: ["{name}-{platform}", "{name}"]\n')
        suite.accept("home.png", "home@2.png", data=GREEN)
        suite.accept("home-windows.png", "home-macos@2.png", "old@2.png")
        suite.write("test_a.py", HOME)
        done = suite.run("--visualdiff-unused=warn")
        unused = [line for line in done.outlines if "used by no test" in line]
        assert unused == ["baseline used by no test: baselines/old@2.png"]


def test_who_does_not_use_it_is_not_burdened(suite: Suite) -> None:
    suite.write("test_a.py", "def test_a(): pass")
    suite.write(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    first = {name.partition('.')[0] for name in sys.modules}\n"
        "    print('LIBRARIES', first & {'numpy', 'cv2', 'PIL', 'kornia_rs', 'pydantic',\n"
        "                                'jinja2', 'yaml', 'rich', 'fsspec'})\n"
        "    print('OURS', *sorted(n for n in sys.modules if n.startswith('visualdiff.')))\n",
    )
    before = sorted(path.name for path in suite.path.iterdir())
    # Of the other plugins that this project's tests need, one imports jinja2.
    others = ("-p", "no:html", "-p", "no:html_fixtures")
    done = suite.run_apart("-p", "no:cacheprovider", *others)
    done.assert_outcomes(passed=1)
    says(done, "LIBRARIES set()")
    (ours,) = [line.split()[1:] for line in done.outlines if line.startswith("OURS")]
    assert ours == [
        "visualdiff.environment",
        "visualdiff.pytest_plugin",
        "visualdiff.testing",
        "visualdiff.testing.options",
        "visualdiff.testing.progress",
        "visualdiff.urls",
        "visualdiff.version",
        "visualdiff.words",
    ]
    left = {path.name for path in suite.path.iterdir()} - {"__pycache__", "stdout", "stderr"}
    assert sorted(left) == before


def test_the_oldest_pytest_that_it_is_for_can_load_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest 8.2 has no such name.
    monkeypatch.delattr(pytest, "TerminalReporter", raising=False)
    assert "pytest_addoption" in runpy.run_path(visualdiff.pytest_plugin.__file__)


def test_the_help_tells_all_options(suite: Suite) -> None:
    done = suite.run("--help")
    shown = done.stdout.str()
    for name in ("config", "baselines", "report", "preset", "threshold", "update", "on-new"):
        assert f"--visualdiff-{name}=" in shown
        assert f"visualdiff_{name.replace('-', '_')} (string)" in shown
    assert "--visualdiff-variable=NAME=VALUE" in shown
    assert "visualdiff_variable (linelist)" in shown
    assert "  -U " in shown
    assert (
        "assert_images_match(image, name=None, **settings)" in suite.run("--fixtures").stdout.str()
    )
    assert "@pytest.mark.visualdiff(**settings)" in suite.run("--markers").stdout.str()
