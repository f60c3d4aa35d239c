"""Words on a terminal and in a log."""

import io
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawing import BLUE_600, draw_button

from visualdiff import Mask, compare_images
from visualdiff.console import Reporter, print_comparison
from visualdiff.model import PairResult, RunResult, Status
from visualdiff.settings import Config


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def make_result(name: str, status: Status = Status.PASSED, *reasons: str) -> PairResult:
    return PairResult(name=name, status=status, reasons=reasons, baseline=None, candidate=None)


def make_run(results: list[PairResult], *warnings: str) -> RunResult:
    config = Config(
        folder=Path("/p"), baselines=Path("/p/old"), candidates=Path("/p/new"), report=Path("/p/r")
    )
    return RunResult(
        results=tuple(results),
        config=config,
        command="",
        started="",
        seconds=2.0,
        warnings=warnings,
    )


def test_a_long_run_writes_about_ten_lines_to_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter(quiet=False) as reporter:
        reporter.start(1234)
        for index in range(1234):
            reporter.advance(make_result("x", Status.FAILED if index == 7 else Status.PASSED))
    lines = capsys.readouterr().err.splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[0] == "compared 123 of 1,234, 1 not passed"
    assert lines[-1] == "compared 1,234 of 1,234, 1 not passed"


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    with Reporter(quiet=False) as reporter:
        reporter.start(3)
        for _ in range(3):
            reporter.advance(make_result("x"))
    told = terminal.getvalue()
    assert "comparing" in told
    assert "3/3" in told
    assert told.endswith("\x1b[2K")


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    Reporter(quiet=False).summarise(make_run([make_result("a.png", Status.FAILED, "why")]))
    assert "\x1b[1;31mfailed" in terminal.getvalue()


def test_a_hostile_name_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b[2Jb\n[red]c\u202egnp.png"
    Reporter(quiet=False).summarise(make_run([make_result(name, Status.NEW, "no baseline")]))
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert r"a\x1b[2Jb\n[red]c\u202egnp.png" in told


def test_more_than_fifty_failures_are_left_to_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    results = [make_result(f"{index}.png", Status.FAILED, "why") for index in range(60)]
    Reporter(quiet=False).summarise(make_run(results))
    told = capsys.readouterr().out
    assert "49.png" in told
    assert "50.png" not in told
    assert "... and 10 more: see the report" in told
    assert "60 pairs: 60 failed in 2.0 s" in told


def test_warnings_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    Reporter(quiet=False).summarise(make_run([make_result("a.png")], "something odd"))
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "warning: something odd"
    assert told[1] == "1 pair: 1 passed in 2.0 s"
    assert told[2] == "report: /p/r/index.html"


def test_a_comparison_says_over_what_it_was_made(capsys: pytest.CaptureFixture[str]) -> None:
    page = np.zeros((50, 100, 3), np.uint8)
    areas = [{"x": 0, "y": 0, "width": 50, "height": 50, "threshold": 0.5}]
    found = compare_images(page, page, focus=areas, masks=[Mask(x=0, y=0, width=9, height=9)])
    print_comparison(found, [Path("a.png"), Path("b.png")], None)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "passed: score 1.0000, wanted ≥ 0.5",
        "  score over: 48.38 % of the image: 2,581 px masked",
        "  focus[0]: 1.0000, wanted ≥ 0.5, 50×50 px at (0, 0)",
    ]


def test_pairs_that_passed_with_a_warning_are_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moved = replace(make_result("a\n.png"), warnings=("aligned by (3, -2) px", "16-bit images"))
    Reporter(quiet=True).summarise(make_run([moved, make_result("b.png")]))
    (line,) = capsys.readouterr().out.splitlines()
    assert line == "warning: a\\n.png passed: aligned by (3, -2) px; 16-bit images"


def test_more_than_ten_such_pairs_are_left_to_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moved = [replace(make_result(f"{n}.png"), warnings=("moved",)) for n in range(13)]
    Reporter(quiet=True).summarise(make_run(moved))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "... and 3 more passed with a warning: see the report"


@pytest.mark.parametrize("quiet", [False, True])
def test_a_change_that_screenshots_share_is_told_once(
    capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    found = compare_images(draw_button(BLUE_600), draw_button((220, 38, 38)))
    failed = replace(make_result("a.png", Status.FAILED, "why"), comparison=found)
    run = make_run([failed, replace(failed, name="b.png"), make_result("c.png")])
    Reporter(quiet=quiet).summarise(run)
    lines = capsys.readouterr().out.splitlines()
    words = "the same change in 2 screenshots: recoloured #2563eb → #dc2626"
    told = [f"{words} (group {found.regions[0].change})"]
    # After the table of the pairs.
    assert lines[3:4] == told or quiet
    assert [line for line in lines if "the same change" in line] == ([] if quiet else told)
