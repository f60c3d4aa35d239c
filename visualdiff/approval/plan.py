"""What was reviewed and is wanted → which baselines to replace, and what is refused and why."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from visualdiff.approval.review import Review, Reviewed
from visualdiff.files import is_inside, read_file
from visualdiff.globs import matches
from visualdiff.model import Status
from visualdiff.remote.traffic import bring_anew
from visualdiff.urls import show_urls


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A baseline to be written, or to be removed where `data` is None.

    `old` and `new` are SHA-256 of its bytes before and after, "" where there are none.
    """

    title: str
    path: Path
    old: str
    new: str
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an approval will do, and of which pairs it will not and why, each in a sentence.

    `accepted` are baselines that hold the candidate's bytes already.
    """

    replacements: tuple[Replacement, ...]
    refused: tuple[str, ...]
    accepted: tuple[Path, ...] = ()


class _Refused(Exception):  # noqa: N818 - it is no error of the program
    """A pair is left alone; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which pairs are meant: those that fit all that is said.

    `globs` are of names, `decisions` maps a name and a test to the hash of the accepted candidate.
    Of `groups`, pairs are meant in which nothing else has changed.
    """

    globs: tuple[str, ...] = ()
    statuses: frozenset[Status] = frozenset()
    groups: frozenset[str] = frozenset()
    decisions: Mapping[tuple[str, str], str] | None = None


def select_pairs(review: Review, wanted: Selection) -> tuple[list[Reviewed], list[str]]:
    """Return the pairs that did not pass and are meant; and those that are near, and why not."""
    chosen, left = [], []
    for pair in review.pairs:
        if pair.status is Status.PASSED or not _is_meant(pair, wanted):
            continue
        others = len(pair.changes - wanted.groups) if wanted.groups else 0
        if others:
            more = "another change" if others == 1 else f"{others} other changes"
            left.append(f"{pair.title}: has {more} beside this")
        elif wanted.decisions and wanted.decisions[pair.name, pair.test] != pair.candidate_hash:
            left.append(f"{pair.title}: another candidate was accepted than this report is of")
        else:
            chosen.append(pair)
    return chosen, [*left, *_list_unknown(review, wanted)]


def _list_unknown(review: Review, wanted: Selection) -> Iterator[str]:
    """Yield what is named and nothing: a slip of the pen must not look as if all were done."""
    open_pairs = [pair for pair in review.pairs if pair.status is not Status.PASSED]
    for glob in wanted.globs:
        if not any(_has_name(pair, glob) for pair in open_pairs):
            yield f"{glob}: nothing that did not pass is called so"
    known = {(pair.name, pair.test) for pair in open_pairs}
    for name, test in wanted.decisions or ():
        if (name, test) not in known:
            yield f"{name}: was accepted, but nothing that did not pass is called so"


def _has_name(pair: Reviewed, glob: str) -> bool:
    return pair.name == glob or matches(pair.name, (glob,))


def _is_meant(pair: Reviewed, wanted: Selection) -> bool:
    return (
        (not wanted.globs or any(_has_name(pair, glob) for glob in wanted.globs))
        and (not wanted.statuses or pair.status in wanted.statuses)
        and (not wanted.groups or not pair.changes.isdisjoint(wanted.groups))
        and (wanted.decisions is None or (pair.name, pair.test) in wanted.decisions)
    )


def plan_approval(review: Review, chosen: Iterable[Reviewed], *, prune: bool = False) -> Plan:
    """Return what accepting pairs comes to, as far as nothing has changed since they were seen.

    Only the very bytes that were compared become a baseline, and replace only those that they
    were compared with. With `prune`, baselines of missing candidates are removed.
    """
    replacements: dict[Path, Replacement] = {}
    refused, accepted = [], []
    for pair, found in plan_each(review, chosen, prune=prune):
        if isinstance(found, str):
            refused.append(f"{pair.title}: {found}")
        elif found.old == found.new:
            accepted.append(found.path)
        else:
            replacements[found.path] = found
    return Plan(
        replacements=tuple(replacements.values()),
        refused=tuple(refused),
        accepted=tuple(accepted),
    )


def plan_each(
    review: Review, chosen: Iterable[Reviewed], *, prune: bool = False
) -> Iterator[tuple[Reviewed, Replacement | str]]:
    """Yield each pair with what accepting it comes to, or with why it is refused.

    Where a baseline is accepted already, `old` and `new` are the same. What is in a store is
    fetched before, as it is now.
    """
    chosen = list(chosen)
    bring_anew(path for pair in chosen for path in _list_files(review, pair))
    replacements: dict[Path, Replacement] = {}
    for pair in chosen:
        try:
            found = _plan(review, pair, prune=prune)
            _refuse_twice(found, replacements)
        except _Refused as reason:
            yield pair, show_urls(str(reason))
        else:
            if found.old != found.new:
                replacements[found.path] = found
            yield pair, found


def hash_bytes(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, "" where there is none; raise `OSError`."""
    try:
        return hash_bytes(read_file(path))
    except FileNotFoundError:
        return ""


def _list_files(review: Review, pair: Reviewed) -> Iterator[Path]:
    """Yield the baseline and the candidate of a pair, as far as they may be read."""
    if pair.target and is_inside(pair.target.parent, review.baselines):
        yield Path(os.path.normpath(pair.target))
    yield from islice((path for path in _list_sources(pair) if _is_own(review, path)), 1)


def _plan(review: Review, pair: Reviewed, *, prune: bool) -> Replacement:
    if pair.status is Status.PASSED:
        raise _Refused("passed, so there is nothing to accept")
    if pair.status is Status.ERROR:
        why = "; ".join(pair.reasons)
        raise _Refused(f"nobody has seen what would be accepted: {why}")
    if pair.status is Status.MISSING and not prune:
        raise _Refused("has no candidate; --prune removes its baseline")
    path = _find_target(review, pair)
    old = _check_baseline(pair, path)
    data = None if pair.status is Status.MISSING else _read_candidate(review, pair)
    return Replacement(title=pair.title, path=path, old=old, new=pair.candidate_hash, data=data)


def _find_target(review: Review, pair: Reviewed) -> Path:
    """Return where the baseline stands, which no report may have elsewhere."""
    if pair.target is None:
        raise _Refused("has no place for a baseline")
    path = Path(os.path.normpath(pair.target))
    if not is_inside(path.parent, review.baselines):
        raise _Refused(f"its baseline would be {path}, outside of {review.baselines}")
    if path.is_symlink():
        raise _Refused(f"its baseline {path} is a link; accept it where the file is")
    return path


def _check_baseline(pair: Reviewed, path: Path) -> str:
    """Return the hash of what stands there: as it was compared, or accepted since."""
    try:
        found = hash_file(path)
    except OSError as error:
        raise _Refused(f"its baseline {path} cannot be read: {error.strerror}") from error
    if found in (pair.baseline_hash, pair.candidate_hash):
        return found
    if not found:
        raise _Refused(f"its baseline {path} is gone since it was compared")
    if not pair.baseline_hash:
        raise _Refused(f"has a baseline {path} now, with which it was not compared")
    raise _Refused(f"its baseline {path} was changed since it was compared")


def _read_candidate(review: Review, pair: Reviewed) -> bytes:
    """Return the bytes that were compared: the file's, or the report's copy where it is gone.

    What lies elsewhere is not read, whoever says so: after `run --candidates`, there is the copy.
    """
    outside = None
    for path in _list_sources(pair):
        if not _is_own(review, path):
            outside = outside or path
            continue
        try:
            data = read_file(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _Refused(f"its candidate {path} cannot be read: {error.strerror}") from error
        if hash_bytes(data) != pair.candidate_hash:
            raise _Refused(f"its candidate {path} was changed since it was compared")
        return data
    if outside:
        raise _Refused(f"its candidate would be {outside}, outside of {review.candidates}")
    raise _Refused(f"its candidate {pair.candidate} is gone, and the report has no copy of it")


def _is_own(review: Review, path: Path) -> bool:
    return any(is_inside(path, place) for place in (review.candidates, review.report))


def _list_sources(pair: Reviewed) -> Iterator[Path]:
    if pair.candidate:
        yield pair.candidate
    # What was no image for browsers has been encoded anew for the report.
    if pair.copy and pair.copy.stem == pair.candidate_hash[: len(pair.copy.stem)]:
        yield pair.copy


def _refuse_twice(found: Replacement, others: dict[Path, Replacement]) -> None:
    """Refuse a second candidate for one baseline, unless it is the same."""
    if found.path in others and others[found.path].new != found.new:
        raise _Refused(f"another image, of {others[found.path].title}, goes to {found.path} too")
