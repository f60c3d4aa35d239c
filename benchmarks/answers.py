"""Whether a contestant's answers make sense, by what the suite is known to hold."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.contestants import Answers, Contestant

# A pair of the manifest: name, kind, both pages, ...
Entry: TypeAlias = Mapping[str, Any]

_CHANGED: Final = ("small", "large", "shifted")
_TOLERANCE: Final = 1e-6


def read_manifest(suite: Path, kind: str = "") -> list[Entry]:
    """Return the pairs of a suite, or those of one kind, by the names that a job sees."""
    entries: list[Entry] = json.loads((suite / "manifest.json").read_text("utf-8"))["pairs"]
    if not kind:
        return entries
    return [
        {**entry, "name": entry["name"].removeprefix(f"{kind}/")}
        for entry in entries
        if entry["kind"] == kind
    ]


def find_mistakes(contestant: Contestant, answers: Answers, entries: Sequence[Entry]) -> list[str]:
    """Return what a contestant got wrong, in words; empty when all is as it should be."""
    if "all" in answers:
        return list(_check_bound(answers["all"], entries))
    mistakes = [*_check_names(answers, entries), *_check_differs(answers, entries)]
    if contestant.ours and not mistakes:
        mistakes += _check_exactness(answers, entries)
    return mistakes


def compare_channels(ours: Answers, theirs: Answers) -> tuple[int, list[str]]:
    """Return how many pairs have the same SSIM by both in each channel, and where they differ."""
    same, mistakes = 0, []
    for name, answer in theirs.items():
        reference, found = answer.get("raw_channels"), ours[name]["raw_channels"]
        if reference is None:
            continue  # sizes differ: scikit-image cannot compare
        worst = max(abs(found[channel] - value) for channel, value in reference.items())
        same += worst <= _TOLERANCE
        if worst > _TOLERANCE:
            mistakes.append(f"{name}: raw_channels are {worst:.1e} off scikit-image's")
    return same, mistakes


def _check_bound(total: Mapping[str, Any], entries: Sequence[Entry]) -> Iterator[str]:
    wanted = 2 * len(entries)
    if total["files"] != wanted:
        yield f"touched {total['files']} files of {wanted}"
    samples = sum(
        page["width"] * page["height"] * (4 if entry["rgba"] else 3)
        for entry in entries
        for page in (entry["page"], entry["candidate"])
    )
    if total["unit"] == "samples" and total["count"] != samples:
        yield f"decoded {total['count']} samples of {samples}"


def _check_names(answers: Answers, entries: Sequence[Entry]) -> Iterator[str]:
    names = {entry["name"] for entry in entries}
    if answers.keys() != names:
        yield f"answered {len(answers.keys() & names)} of {len(names)} pairs"


def _check_differs(answers: Answers, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield how many changes were missed, and how many equal pairs were flagged, by kind."""
    total = Counter(entry["kind"] for entry in entries)
    wrong = Counter(
        entry["kind"]
        for entry in entries
        if entry["name"] in answers
        and answers[entry["name"]]["differs"] != (entry["kind"] in _CHANGED)
    )
    for kind, count in wrong.items():
        verb = "missed" if kind in _CHANGED else "flagged"
        yield f"{verb} {count} of {total[kind]} {kind}"


def _check_exactness(answers: Answers, entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        answer = answers[entry["name"]]
        equal = answer["score"] == 1 and answer["diff_pixels"] == 0
        kinds = [region["kind"] for region in answer["regions"]]
        # A page that was pushed down by a banner is the same below it.
        if equal == (entry["kind"] in ("small", "large")) or (
            entry["kind"] == "shifted" and kinds != ["inserted rows"]
        ):
            found = f"score {answer['score']}, {answer['diff_pixels']} px differ"
            yield f"{entry['name']} ({entry['kind']}): {found}, regions: {kinds}"
