from dataclasses import replace
from typing import Any

import pytest
from outcomes import make_comparison, make_pair

from visualdiff.model import PairResult, Status
from visualdiff.soundness import require_sound

PICTURES = {"diff": "assets/0123456789abcdef0123.png", "diff_thumbnail": "assets/ff.webp"}
FAILED = make_pair("a.png", artifacts=PICTURES)


def change(**changes: Any) -> PairResult:
    return replace(FAILED, comparison=replace(make_comparison(Status.FAILED), **changes))


def test_what_visualdiff_writes_is_sound() -> None:
    assert require_sound(FAILED) is FAILED
    require_sound(make_pair("a.png", Status.ERROR))


@pytest.mark.parametrize(
    "path",
    [
        "../secret.png",
        "assets/../../secret.png",
        "/etc/passwd",
        "assets/0a",
        "assets/0a.png\n",
        "assets/0A.png",
        "assets/0a.html",
        "assets/0a.svg",
        "C:assets/0a.png",
        "",
    ],
)
def test_a_picture_is_one_of_the_report(path: str) -> None:
    with pytest.raises(ValueError, match="artifact ignored is"):
        require_sound(replace(FAILED, artifacts={"ignored": path}))


@pytest.mark.parametrize("role", ["baseline", "candidate", "diff"])
def test_a_picture_that_is_shown_has_a_thumbnail(role: str) -> None:
    with pytest.raises(ValueError, match=f"artifact {role} has no thumbnail"):
        require_sound(replace(FAILED, artifacts={role: "assets/0a.png"}))


@pytest.mark.parametrize(
    ("unsound", "told"),
    [
        (change(channels={}, raw_channels={}), "a score without channels"),
        (change(raw_channels={"gray": 1.0}), "a score without channels"),
        (change(width=0), "an image without pixels"),
        (change(candidate_size=(3, 0)), "an image without pixels"),
    ],
)
def test_a_comparison_is_one_of_two_images(unsound: PairResult, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        require_sound(unsound)
