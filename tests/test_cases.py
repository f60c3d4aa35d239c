"""The folders of `tests/cases`: pairs that must match, or fail, at default or own settings."""

import json
from pathlib import Path

import pytest

from visualdiff import Comparison, Status, compare_images

CASES = Path(__file__).parent / "cases"
MATCH = sorted(folder.name for folder in (CASES / "should_match").iterdir())
FAIL = sorted(folder.name for folder in (CASES / "should_fail").iterdir())


def compare(folder: Path) -> Comparison:
    file = folder / "settings.json"
    settings = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if "mask_images" in settings:
        settings["mask_images"] = [folder / name for name in settings["mask_images"]]
    return compare_images(folder / "baseline.png", folder / "candidate.png", **settings)


def test_there_are_cases_of_both_kinds() -> None:
    assert len(MATCH) >= 6
    assert len(FAIL) >= 10


@pytest.mark.parametrize("name", MATCH)
def test_should_match(name: str) -> None:
    comparison = compare(CASES / "should_match" / name)
    assert comparison.status is Status.PASSED, comparison.reasons
    assert comparison.score == 1
    assert comparison.regions == ()


@pytest.mark.parametrize("name", FAIL)
def test_should_fail(name: str) -> None:
    comparison = compare(CASES / "should_fail" / name)
    assert comparison.status is Status.FAILED
    assert comparison.reasons
    assert len(comparison.regions) >= 1


@pytest.mark.parametrize(
    "file", sorted(CASES.glob("*/*/words.txt")), ids=lambda file: file.parent.name
)
def test_should_say(file: Path) -> None:
    comparison = compare(file.parent)
    said = sorted(region.description for region in comparison.regions)
    assert said == file.read_text("utf-8").splitlines()


@pytest.mark.parametrize("folder", sorted(CASES.glob("*/*/")), ids=lambda folder: folder.name)
def test_every_case_says_why(folder: Path) -> None:
    assert len((folder / "README.md").read_text("utf-8")) > 40
