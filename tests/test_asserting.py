"""The images of one test: how they are named, and what markers and calls say of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from drawing import BLUE_600, draw_button, draw_png

from visualdiff.errors import BaselineNameError, ConfigError, UnsupportedImageError
from visualdiff.model import PairResult, Status
from visualdiff.testing.asserting import ImageAsserter
from visualdiff.testing.names import number_name
from visualdiff.testing.project import load_project

BLUE, GREEN = draw_png(), draw_png((37, 160, 60))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "home.png").write_bytes(BLUE)
    return tmp_path


def start(folder: Path, *layers: Mapping[str, Any], **changes: Any) -> ImageAsserter:
    project = load_project(folder, None, changes)
    return ImageAsserter(project, "test_home", lambda number: number_name("home", number), layers)


def complain(folder: Path, *layers: Mapping[str, Any], **given: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        start(folder, *layers).check(BLUE, "home", given)
    return str(caught.value)


def test_images_without_a_name_are_numbered_and_others_are_not(folder: Path) -> None:
    asserter = start(folder)
    names = [asserter.check(BLUE, name, {}).name for name in (None, "other", None, None)]
    assert names == ["home.png", "other.png", "home-2.png", "home-3.png"]
    assert [item.name for item in asserter.results] == names
    assert {item.test for item in asserter.results} == {"test_home"}


def test_a_name_takes_the_extension_of_the_capture(folder: Path) -> None:
    asserter = start(folder)
    jpeg, webp = b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBPVP8 "
    names = [asserter.check(data, "shot", {}).name for data in (jpeg, webp, BLUE, b"")]
    assert names == ["shot.jpg", "shot.webp", "shot.png", "shot.png"]


def test_a_result_says_which_settings_were_chosen(folder: Path) -> None:
    result = start(folder, {"threshold": 0.5, "tolerance": 3}).check(BLUE, None, {"tolerance": 4})
    assert result.settings
    assert (result.settings.threshold, result.settings.tolerance) == (0.5, 4)


def test_options_of_a_call_count_more_than_those_of_a_marker(folder: Path) -> None:
    asserter = start(folder, {"soft": True, "bgr": True}, {"bgr": False})
    array = draw_button(BLUE_600)
    assert asserter.check(array, "home", {}).status is Status.PASSED
    assert asserter.check(array[..., ::-1], "home", {"bgr": True}).status is Status.PASSED
    assert asserter.check(GREEN, "home", {"soft": False}).status is Status.FAILED
    assert asserter.soft_failures == []


def test_only_failures_of_soft_calls_are_kept_for_the_end(folder: Path) -> None:
    asserter = start(folder)
    passed = asserter.check(BLUE, "home", {"soft": True})
    soft = asserter.check(GREEN, "home", {"soft": True})
    hard = asserter.check(GREEN, "home", {})
    assert [asserter.is_soft(item) for item in (passed, soft, hard)] == [False, True, False]
    assert [asserter.is_failure(item) for item in (passed, soft, hard)] == [False, True, True]


@pytest.mark.parametrize(("policy", "fails"), [("fail", True), ("warn", False), ("ignore", False)])
def test_a_new_image_fails_as_the_policy_says(folder: Path, policy: str, fails: bool) -> None:
    asserter = start(folder, on_new=policy)
    result = asserter.check(BLUE, "other", {"soft": True})
    assert result.status is Status.NEW
    assert asserter.is_failure(result) is fails
    assert bool(asserter.soft_failures) is fails


class _Driver:
    """A browser, for all that is asked of it."""

    capabilities = {"browserName": "chrome"}  # noqa: RUF012 - as Selenium has it

    def get_screenshot_as_png(self) -> bytes:
        return GREEN


_Driver.__module__ = "selenium.webdriver"


@pytest.mark.parametrize(
    ("said", "given", "wanted"),
    [
        ({}, {}, "home-chrome.png"),
        ({"variables": {"browser": "edge"}}, {}, "home-edge.png"),
        (
            {"variables": {"browser": "edge"}},
            {"variables": {"browser": "opera"}},
            "home-opera.png",
        ),
    ],
)
def test_what_a_person_says_of_the_browser_goes_before_what_was_seen(
    folder: Path, said: dict[str, Any], given: dict[str, Any], wanted: str
) -> None:
    for name in ("chrome", "edge", "opera"):
        (folder / "baselines" / f"home-{name}.png").write_bytes(GREEN)
    asserter = start(folder, **said, variants=["{name}-{browser}"])
    assert asserter.check(_Driver(), "home", given).baseline == f"baselines/{wanted}"


def test_an_error_fails_whatever_the_policy_says(folder: Path) -> None:
    asserter = start(folder, on_new="ignore")
    assert asserter.is_failure(asserter.check(b"no image", "other", {}))


def test_a_file_that_cannot_be_read_is_an_error_of_that_image(folder: Path) -> None:
    result = start(folder).check(folder / "absent.png", None, {})
    assert (result.name, result.status, result.candidate) == ("home.png", Status.ERROR, None)
    assert "absent.png cannot be read: No such file" in result.reasons[0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"soft": "yes"}, "soft: got 'yes', wanted True or False"),
        ({"bgr": 1}, "bgr: got 1, wanted True or False"),
        ({"timeout": -1}, "timeout: got -1, wanted seconds, 0 or more"),
        ({"timeout": "5"}, "timeout: got '5', wanted seconds, 0 or more"),
        ({"timeout": True}, "timeout: got True, wanted seconds, 0 or more"),
        ({"timeout": float("nan")}, "timeout: got nan, wanted seconds, 0 or more"),
        ({"variables": "firefox"}, "variables: got 'firefox', wanted names with texts"),
        ({"variables": {"dpr": 2}}, "variables: got {'dpr': 2}, wanted names with texts"),
        ({"thresold": 0.9}, "thresold: unknown key, did you mean `threshold`?"),
        ({"threshold": 2}, "threshold: got 2, wanted at most 1"),
        ({"report": "x"}, "report: unknown key"),
    ],
)
def test_wrong_settings_are_told_wherever_they_stand(
    folder: Path, given: dict[str, Any], message: str
) -> None:
    assert complain(folder, **given).startswith(message)
    assert complain(folder, given).startswith(message)


def test_what_is_not_compared_leaves_no_result(folder: Path) -> None:
    asserter = start(folder)
    with pytest.raises(UnsupportedImageError):
        asserter.check(None, None, {})
    with pytest.raises(BaselineNameError):
        asserter.check(BLUE, "../home", {})
    assert asserter.results == []


def test_a_function_is_given_time_and_an_array_is_not(folder: Path) -> None:
    captures = [GREEN, BLUE]
    result: PairResult = start(folder).check(lambda: captures.pop(0), None, {"timeout": 3})
    assert (result.status, result.attempts) == (Status.PASSED, 2)
    still = start(folder).check(draw_button((0, 0, 0)), None, {"timeout": 3})
    assert still.attempts == 1


def test_a_later_capture_that_cannot_be_read_is_an_error_like_the_first(folder: Path) -> None:
    shot = folder / "shot.png"

    def shoot() -> Path:
        # Written once, and then gone.
        shot.unlink() if shot.exists() else shot.write_bytes(GREEN)
        return shot

    asserter = start(folder)
    result = asserter.check(shoot, "home", {"soft": True})
    assert (result.status, result.test) == (Status.ERROR, "test_home")
    assert result.reasons[0].startswith(f"candidate cannot be compared: {shot} cannot be read: ")
    assert asserter.results == asserter.soft_failures == [result]
