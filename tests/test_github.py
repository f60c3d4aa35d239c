"""Annotations, as the runner of GitHub Actions reads them."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import hostile, make_comparison, make_one_of_each, make_pair, make_region, make_run

from visualdiff.concluding import list_warnings
from visualdiff.model import RunResult, Status
from visualdiff.report.github import render_github
from visualdiff.settings import Policy


class Command(NamedTuple):
    kind: str
    properties: dict[str, str]
    message: str


def parse(line: str) -> Command:
    """Read a line by the rules of GitHub's runner."""
    assert line.startswith("::")
    head, separator, data = line[2:].partition("::")
    assert separator
    kind, _, told = head.partition(" ")
    properties = dict(part.split("=", 1) for part in told.split(","))
    return Command(kind, {key: unescape(text) for key, text in properties.items()}, unescape(data))


def unescape(text: str) -> str:
    for code, character in (("0D", "\r"), ("0A", "\n"), ("3A", ":"), ("2C", ","), ("25", "%")):
        text = text.replace(f"%{code}", character)
    return text


def read(run: RunResult, workspace: Path | None = None) -> list[Command]:
    text = b"".join(render_github(run, workspace)).decode()
    assert text == "" or text[-1] == "\n"
    return [parse(line) for line in text.splitlines()]


def test_each_pair_that_fails_is_an_error_at_its_baseline() -> None:
    found = read(make_one_of_each())
    assert [(item.kind, item.properties) for item in found] == [
        ("error", {"file": f"{side}/shop/{status}.png", "title": f"shop/{status}.png {status}"})
        for status, side in (
            ("failed", "old"),
            ("error", "old"),
            ("missing", "old"),
            ("new", "new"),
        )
    ]
    assert found[0].message == "score 0.5 < threshold 0.99 (red)\nrecoloured #2563eb → #dc2626"


def test_what_policies_allow_is_a_warning_or_nothing() -> None:
    found = read(make_one_of_each(on_new=Policy.WARN, on_missing=Policy.IGNORE))
    assert [item.kind for item in found] == ["error", "error", "warning"]
    assert found[2].properties["title"] == "shop/new.png new"
    # Unless that is all that there is.
    alone = make_run(make_pair("a.png", Status.MISSING), on_missing=Policy.IGNORE)
    assert not alone.passed
    assert [item.kind for item in read(alone)] == ["error"]


def test_warnings_of_the_run_and_of_pairs_that_passed_are_told() -> None:
    passed = make_pair("a.png", Status.PASSED, warnings=("text re-rasterised",))
    first, second = read(make_run(passed, warnings=("1 with no baseline (on_new: warn)",)))
    assert first == ("warning", {"title": "visualdiff"}, "1 with no baseline (on_new: warn)")
    assert second.properties == {"file": "old/a.png", "title": "a.png passed"}
    assert second.message == "text re-rasterised"


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (
            replace(make_run(make_pair("a.png", Status.PASSED)), interrupted="Ctrl-C"),
            "interrupted by Ctrl-C: not all pairs were compared",
        ),
        (
            make_run(make_pair("a.png", Status.NEW), on_new=Policy.IGNORE),
            "nothing was compared: no candidate has a baseline, which never passes",
        ),
    ],
    ids=["interrupted", "nothing compared"],
)
def test_why_a_run_fails_as_a_whole_is_an_error(run: RunResult, said: str) -> None:
    run = replace(run, warnings=tuple(list_warnings(run)))
    assert not run.passed
    commands = read(run)
    assert (commands[0].kind, commands[0].message) == ("error", said)
    assert said not in [command.message for command in commands if command.kind == "warning"]


@pytest.mark.parametrize("total", [9, 10, 11, 1234])
def test_no_more_are_told_than_github_shows_the_worst_first(total: int) -> None:
    def compare(number: int) -> object:
        return make_comparison(Status.FAILED, make_region(), diff_pixels=number + 1)

    failed = (make_pair(f"{n:04}.png", comparison=compare(n)) for n in range(total))
    run = make_run(*failed, warnings=tuple(f"{number}" for number in range(total)))
    found = read(run)
    for kind in ("error", "warning"):
        told = [item for item in found if item.kind == kind]
        assert len(told) == min(total, 10)
        more = f"... and {total - 9:,} more: see the report"
        assert (told[-1].message == more) == (total > 10)
    assert found[0].properties["title"] == f"{total - 1:04}.png failed"


def test_files_are_told_as_the_repository_names_them() -> None:
    run = make_run(make_pair("a.png"))
    assert read(run, Path("/"))[0].properties["file"] == "p/old/a.png"
    assert read(run, Path("/p/deeper"))[0].properties["file"] == "../old/a.png"


def test_of_many_regions_the_first_are_told() -> None:
    regions = [make_region(f"moved {number}") for number in range(5)]
    pair = make_pair("a.png", comparison=make_comparison(Status.FAILED, *regions))
    (found,) = read(make_run(pair))
    assert found.message.splitlines()[1:] == [
        "moved 0",
        "moved 1",
        "moved 2",
        "... and 2 more regions",
    ]


@given(hostile, hostile, st.sampled_from(Status))
def test_nothing_that_others_wrote_is_a_command_or_a_property(
    name: str, words: str, status: Status
) -> None:
    pair = make_pair(name, status, warnings=(words,), reasons=(words,) * 2)
    (found,) = read(make_run(pair))
    assert found.kind == ("warning" if status is Status.PASSED else "error")
    assert set(found.properties) == {"file", "title"}
    if name.isprintable():
        assert found.properties["title"] == f"{name} {status}"
    if words.isprintable():
        assert words in found.message.splitlines() or not words
