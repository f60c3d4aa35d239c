"""Runs of any outcomes under any policies: statuses, JUnit and exit code follow one rule.

The rule is stated here a second time, in terms of what was done to the files.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from injecting import load_results
from test_faults import STRIKE

from visualdiff.cli import execute
from visualdiff.images import encode_png


class Deed(StrEnum):
    """What was done to the files of a pair."""

    SAME = "same"
    REENCODED = "reencoded"
    CHANGED = "changed"
    ONLY_CANDIDATE = "only candidate"
    ONLY_BASELINE = "only baseline"
    NO_IMAGE = "no image"
    BASELINE_CUT_OFF = "baseline cut off"
    BOTH_CUT_OFF = "both cut off"
    OTHER_SIZE = "other size"
    KILL = "kill"


POLICIES: Final = st.sampled_from(["fail", "warn", "ignore"])
# Pairs whose process is killed need processes, which take their time.
HARMLESS: Final = [deed for deed in Deed if deed is not Deed.KILL]
STATUS: Final = {
    Deed.SAME: "passed",
    Deed.REENCODED: "passed",
    Deed.CHANGED: "failed",
    Deed.OTHER_SIZE: "failed",
    Deed.ONLY_CANDIDATE: "new",
    Deed.ONLY_BASELINE: "missing",
    Deed.NO_IMAGE: "error",
    Deed.BASELINE_CUT_OFF: "error",
    Deed.BOTH_CUT_OFF: "error",
    Deed.KILL: "error",
}


def draw(square: int = 20, height: int = 24, level: int = 1) -> bytes:
    image = np.full((height, 32, 3), 240, np.uint8)
    image[4:12, 4:20] = square
    return encode_png(image, level)


def make_files(deed: Deed) -> tuple[bytes | None, bytes | None]:
    """Return baseline and candidate, None for one that there is not."""
    page = draw()
    candidates = {
        Deed.REENCODED: draw(level=9),
        Deed.CHANGED: draw(square=200),
        Deed.OTHER_SIZE: draw(height=30),
        Deed.ONLY_BASELINE: None,
        Deed.NO_IMAGE: b"<html>404</html>",
        Deed.BOTH_CUT_OFF: page[:-30],
        Deed.KILL: draw(level=9),
    }
    baselines = {
        Deed.ONLY_CANDIDATE: None,
        Deed.BASELINE_CUT_OFF: page[:-30],
        Deed.BOTH_CUT_OFF: page[:-30],
    }
    return baselines.get(deed, page), candidates.get(deed, page)


def expect_code(deeds: list[Deed], on_new: str, on_missing: str) -> int:
    """Return the exit code: 2 for no pairs, 0 if one was compared and none is bad."""
    if not deeds:
        return 2
    allowed = {Deed.SAME, Deed.REENCODED}
    if on_new != "fail":
        allowed.add(Deed.ONLY_CANDIDATE)
    if on_missing != "fail":
        allowed.add(Deed.ONLY_BASELINE)
    return 0 if compares(deeds) and allowed.issuperset(deeds) else 1


def compares(deeds: list[Deed]) -> bool:
    """Return whether any candidate has a baseline; without, no policy makes a run green."""
    return not {Deed.ONLY_BASELINE, Deed.ONLY_CANDIDATE}.issuperset(deeds)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder of a test that is run often; workers started meanwhile may be killed."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        hooks = Path(name, "hooks")
        hooks.mkdir()
        (hooks / "sitecustomize.py").write_text(STRIKE)
        patch.setenv("PYTHONPATH", str(hooks))
        yield Path(name, "project")


def run(folder: Path, deeds: list[Deed], *policies: str) -> int:
    """Write files anew, compare them, and return the exit code."""
    shutil.rmtree(folder, ignore_errors=True)
    for side in ("old", "new"):
        (folder / side).mkdir(parents=True)
    for name, deed in name_pairs(deeds).items():
        for side, data in zip(("old", "new"), make_files(deed), strict=True):
            if data is not None:
                (folder / side / name).write_bytes(data)
    on_new, on_missing = policies
    executor = "processes" if Deed.KILL in deeds else "serial"
    (folder / "visualdiff.yaml").write_text(
        f"baselines: old\ncandidates: new\nreport: report\nexecutor: {executor}\n"
        f"on_new: {on_new}\non_missing: {on_missing}\nreports: [json, junit]\n"
    )
    return execute(["run", "--quiet", "--config", str(folder / "visualdiff.yaml")])


def name_pairs(deeds: list[Deed]) -> dict[str, Deed]:
    """Return the pairs by name, by which a worker knows what to do."""
    return {f"{place}-{deed.replace(' ', '_')}.png": deed for place, deed in enumerate(deeds)}


def check(folder: Path, deeds: list[Deed], on_new: str, on_missing: str) -> None:
    code = run(folder, deeds, on_new, on_missing)
    assert code == expect_code(deeds, on_new, on_missing)
    if not deeds:
        assert not (folder / "report/results.json").exists()
        return
    found = load_results(folder / "report")
    wanted = {name: STATUS[deed] for name, deed in name_pairs(deeds).items()}
    assert {name: item["status"] for name, item in found.items()} == wanted
    assert all(bool(item["reasons"]) == (item["status"] != "passed") for item in found.values())
    policies = {"new": on_new, "missing": on_missing} if compares(deeds) else {}
    hold_junit(folder / "report/junit.xml", wanted, policies)


def hold_junit(path: Path, statuses: dict[str, str], policies: dict[str, str]) -> None:
    """Hold elements of JUnit to statuses, and its counts to its elements."""
    ends = ("failure", "error", "skipped")
    known = {"passed": "", "failed": "failure", "error": "error"}
    wanted = Counter(
        known.get(status, "failure" if policies.get(status, "fail") == "fail" else "skipped")
        for status in statuses.values()
    )
    root = ET.parse(path).getroot()  # noqa: S314 - our own
    cases = root.findall(".//testcase")
    found = (case.find(end) is not None and end for case in cases for end in ends)
    seen = Counter(end for end in found if end)
    seen[""] = len(cases) - seen.total()
    assert +seen == wanted
    assert int(root.attrib["tests"]) == len(cases) == len(statuses)
    assert int(root.attrib["failures"]) == wanted["failure"]
    assert int(root.attrib["errors"]) == wanted["error"]


@given(deeds=st.lists(st.sampled_from(HARMLESS), max_size=5), on_new=POLICIES, on_missing=POLICIES)
@example(deeds=[Deed.ONLY_CANDIDATE], on_new="ignore", on_missing="ignore")
@example(deeds=[Deed.ONLY_BASELINE, Deed.ONLY_CANDIDATE], on_new="warn", on_missing="warn")
@example(deeds=[Deed.BOTH_CUT_OFF, Deed.SAME], on_new="ignore", on_missing="ignore")
@settings(max_examples=100)
def test_any_outcomes_under_any_policies(
    folder: Path, deeds: list[Deed], on_new: str, on_missing: str
) -> None:
    check(folder, deeds, on_new, on_missing)


@given(deeds=st.lists(st.sampled_from(Deed), max_size=4), on_new=POLICIES, on_missing=POLICIES)
@settings(max_examples=12)
def test_any_outcomes_with_pairs_whose_process_is_killed(
    folder: Path, deeds: list[Deed], on_new: str, on_missing: str
) -> None:
    check(folder, [Deed.KILL, *deeds], on_new, on_missing)
