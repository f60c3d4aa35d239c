"""Runs that were never run: results of every status, with names that nobody would choose."""

from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from visualdiff.model import (
    Comparison,
    IgnoredPixels,
    PairResult,
    Region,
    RegionKind,
    RunResult,
    Status,
)
from visualdiff.settings import Config

REASONS: Final = {
    Status.PASSED: (),
    Status.FAILED: ("score 0.5 < threshold 0.99 (red)",),
    Status.NEW: ("no baseline of this name",),
    Status.MISSING: ("no candidate of this name",),
    Status.ERROR: ("candidate cannot be compared: not an image",),
}
# What breaks out of XML, of Markdown, of tables and of GitHub's commands.
_PIECES: Final = (
    "]]>",
    "::",
    "::error::",
    "\n",
    "\r",
    "\t",
    "|",
    "`",
    "``",
    "<script>",
    "</details>",
    "&amp;",
    "%0A",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "\ufffe",
    "\u2028",
    "\u202e",
    "[a](b)",
    "![a](b)",
    "**",
    "_",
    "~~",
    "\\",
    "#1",
    "@someone",
    "https://example.com",
    "www.example.com",
    "1. ",
    "- ",
    "    ",
    "'",
    '"',
    " ",
    ",",
    "=",
    "ü",
    "猫",
)
hostile = st.lists(
    st.sampled_from(_PIECES) | st.text(st.characters(), max_size=5), min_size=1, max_size=6
).map("".join)


def make_region(description: str = "recoloured #2563eb → #dc2626", change: str = "") -> Region:
    return Region(
        x=10,
        y=20,
        width=120,
        height=40,
        diff_pixels=1240,
        kind=RegionKind.RECOLOURED,
        space="candidate",
        channel="red",
        description=description,
        change=change,
    )


def make_comparison(
    status: Status, *regions: Region, score: float = 0.5, diff_pixels: int = 1240
) -> Comparison:
    return Comparison(
        status=status,
        reasons=REASONS[status],
        threshold=0.99,
        score=score,
        channels={"red": score},
        raw_channels={"red": score},
        diff_pixels=diff_pixels,
        diff_ratio=diff_pixels / 480_000,
        ignored_pixels=IgnoredPixels(),
        width=800,
        height=600,
        baseline_size=(800, 600),
        candidate_size=(800, 600),
        regions=regions,
    )


def make_pair(name: str, status: Status = Status.FAILED, **more: Any) -> PairResult:
    """Return a result; `more` are fields of `PairResult`."""
    if status in (Status.PASSED, Status.FAILED):
        regions = (make_region(),) if status is Status.FAILED else ()
        more = {"comparison": make_comparison(status, *regions)} | more
    if status is Status.FAILED:
        roles = ("baseline", "candidate", "diff")
        pictures = {role: f"assets/{role}.png" for role in roles}
        pictures |= {f"{role}_thumbnail": f"assets/{role}.webp" for role in roles}
        more = {"artifacts": pictures} | more
    sides = {
        "baseline": None if status is Status.NEW else f"old/{name}",
        "candidate": None if status is Status.MISSING else f"new/{name}",
    }
    return PairResult(
        **{"name": name, "status": status, "reasons": REASONS[status], **sides, **more}
    )


def make_run(*results: PairResult, warnings: tuple[str, ...] = (), **settings: Any) -> RunResult:
    """Return a run of the project /p; `settings` are those of its configuration."""
    folder = Path("/p")
    config = Config(
        folder=folder,
        baselines=folder / "old",
        candidates=folder / "new",
        **{"report": folder / "report", **settings},
    )
    return RunResult(
        results=results,
        config=config,
        command="visualdiff run",
        started="2026-01-02T03:04:05+00:00",
        seconds=1234.5678,
        warnings=warnings,
    )


def make_one_of_each(**settings: Any) -> RunResult:
    return make_run(*(make_pair(f"shop/{status}.png", status) for status in Status), **settings)
