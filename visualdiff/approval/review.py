"""results.json of an earlier run → what a person has reviewed, and may accept."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visualdiff.errors import ReviewError
from visualdiff.files import read_file, to_path
from visualdiff.identity import identify_run
from visualdiff.model import Status
from visualdiff.urls import is_stand_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A pair as it was reported.

    `target` is where its accepted candidate belongs. `baseline_hash` and `candidate_hash` are
    SHA-256 of the files that were compared, "" for one that there was not; `copy` is the report's
    own copy of the candidate, if it has one. `changes` are the ids of what changed, `reasons` say
    in words why it did not pass.
    """

    name: str
    test: str
    status: Status
    target: Path | None
    candidate: Path | None
    copy: Path | None
    baseline_hash: str
    candidate_hash: str
    changes: frozenset[str]
    reasons: tuple[str, ...]

    @property
    def title(self) -> str:
        """What a person calls it: a name may be that of several tests."""
        return f"{self.name} ({self.test})" if self.test else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """All pairs of a report.

    `baselines` is the folder that holds every target, and `candidates` that of what was compared,
    unless it is in the report's own. `run` is what the report itself calls the run, `folder` that
    of its configuration.
    """

    report: Path
    run: str
    folder: Path
    baselines: Path
    candidates: Path
    pairs: tuple[Reviewed, ...]


def load_review(results: Path, folder: Path | None = None) -> Review:
    """Return what a results.json tells of a run.

    `folder` is that of the configuration, where it is not where it was: the report of a CI job,
    say. Raises `ReviewError` for what cannot be read, or was not written by this version.
    """
    try:
        document = json.loads(read_file(results).decode("utf-8"))
    except FileNotFoundError:
        raise ReviewError(
            f"{results}: not found; run `visualdiff run` first, or name the file by --results"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ReviewError(f"{results}: cannot be read as results.json: {why}") from None
    try:
        return _read(document, results.absolute().parent, folder)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ReviewError(
            f"{results}: does not tell what was compared, as this version of visualdiff needs it; "
            "run `visualdiff run` again"
        ) from None


def _read(document: Mapping[str, Any], report: Path, folder: Path | None) -> Review:
    run = document["run"]
    # No path leads from a store to the folder of a configuration.
    told = Path.cwd() if is_stand_in(report) else report / to_path(run["folder"])
    start = folder or told
    pairs = tuple(_read_pairs(document["results"], report, start))
    candidates = ((pair.name, pair.test, pair.candidate_hash) for pair in pairs)
    return Review(
        report=report,
        run=identify_run(run["started"], candidates),
        folder=start,
        baselines=start / to_path(run["baselines"], start),
        candidates=start / to_path(run["candidates"], start),
        pairs=pairs,
    )


def _read_pairs(entries: Any, report: Path, start: Path) -> Iterator[Reviewed]:
    for entry in entries:
        target, candidate = entry["target"], entry["candidate"]
        artifacts = entry["artifacts"]
        copy = artifacts.get("candidate_file") or artifacts.get("candidate")
        hashes = entry["hashes"]
        yield Reviewed(
            name=entry["name"],
            test=entry["test"] or "",
            status=Status(entry["status"]),
            target=start / to_path(target, start) if target else None,
            candidate=start / to_path(candidate, start) if candidate else None,
            copy=report / to_path(copy) if copy else None,
            baseline_hash=hashes.get("baseline", ""),
            candidate_hash=hashes.get("candidate", ""),
            changes=frozenset(region["change"] for region in entry["regions"]),
            reasons=tuple(map(str, entry["reasons"])),
        )
