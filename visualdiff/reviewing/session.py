"""What is decided in a review, one action after the other; together they are one approval."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from os.path import normpath
from pathlib import Path
from threading import Lock
from typing import Final, TypeAlias

from visualdiff.approval import tell_replacement
from visualdiff.approval.journal import end_approval, replace_baselines, take_back_some
from visualdiff.approval.plan import Replacement, hash_file, plan_each
from visualdiff.approval.review import Review, Reviewed
from visualdiff.errors import BaselineError, ReviewError
from visualdiff.files import is_inside, relative_to
from visualdiff.identity import identify_pair
from visualdiff.locking import lock_folder
from visualdiff.model import Status
from visualdiff.remote.traffic import bring_all, renew
from visualdiff.report import RESULTS
from visualdiff.reviewing.audit import REFUSED, Line, append_lines, read_outcomes
from visualdiff.urls import show_urls


class State(StrEnum):
    """What was decided on a pair."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OPEN = "open"


# What a page may ask for, and what pairs shall be then.
ACTIONS: Final[Mapping[str, State]] = {
    "accept": State.ACCEPTED,
    "reject": State.REJECTED,
    "take back": State.OPEN,
}
_DECIDABLE: Final = (Status.FAILED, Status.NEW)
# A pair by its id, what it is now, and why it is not what it should be: "" if it is.
_Outcome: TypeAlias = tuple[str, State, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What a page shows: states and refusals by the ids of pairs, and whether undo has a step."""

    states: Mapping[str, State]
    refused: Mapping[str, str]
    can_undo: bool


class Session:
    """A review of one report, whose journal must be held; threads take turns.

    What is asked for is done or refused pair by pair. `ReviewError` says why nothing could be, and
    `ReportError` that a run is writing the report.
    """

    def __init__(self, review: Review) -> None:
        self._review = review
        self._pairs = {
            identify_pair(pair.name, pair.test): pair
            for pair in review.pairs
            if pair.status in _DECIDABLE
        }
        self._seen = self._hash_results()
        self._states = dict.fromkeys(self._pairs, State.OPEN) | self._recall()
        self._refused: dict[str, str] = {}
        self._steps: list[dict[str, State]] = []
        self._acted = False
        self._written: dict[Path, Replacement] = {}
        self._turn = Lock()

    def tell(self) -> Known:
        """Return what is known of every pair on which something was decided."""
        with self._turn:
            return self._tell()

    def decide(self, action: str, ids: Iterable[str]) -> Known:
        """Do one of `ACTIONS` to pairs."""
        chosen = list(dict.fromkeys(ids))
        for one in chosen:
            if one not in self._pairs:
                raise ReviewError(f"{one!a} is nothing that could be accepted or rejected")
        with self._turn:
            before = dict(self._states)
            try:
                self._perform(action, {ACTIONS[action]: chosen})
            finally:
                step = {one: old for one, old in before.items() if self._states[one] is not old}
                if step:
                    self._steps.append(step)
            return self._tell()

    def undo(self) -> Known:
        """Make what the last action has changed what it was before."""
        with self._turn:
            if self._steps:
                wanted: dict[State, list[str]] = {}
                for one, state in self._steps[-1].items():
                    wanted.setdefault(state, []).append(one)
                self._perform("undo", wanted)
                self._steps.pop()
            return self._tell()

    def end(self) -> tuple[list[str], Mapping[State, int]]:
        """End the approval; return its baselines in lines, and how many pairs are in a state."""
        with self._turn:
            if self._acted:
                end_approval(self._review.report)
            states = list(self._states.values())
            lines = [tell_replacement(item) for item in self._written.values()]
            return lines, {state: states.count(state) for state in State}

    def _recall(self) -> dict[str, State]:
        """Return what was decided on this run before: the log tells it, and baselines do."""
        states = {}
        for name, test, outcome in read_outcomes(self._review.report, self._review.run):
            if (one := identify_pair(name, test)) in self._pairs:
                states[one] = State.REJECTED if outcome == State.REJECTED else State.OPEN
        baselines = self._review.baselines
        known = {
            one: pair for one, pair in self._pairs.items() if is_inside(_place(pair), baselines)
        }
        bring_all(map(_place, known.values()))
        for one, pair in known.items():
            with suppress(OSError):  # whoever accepts it will be told what is wrong
                if hash_file(_place(pair)) == pair.candidate_hash:
                    states[one] = State.ACCEPTED
        return states

    def _hash_results(self) -> str:
        path = self._review.report / RESULTS
        try:
            renew(path)
            return hash_file(path)
        except OSError as error:
            raise ReviewError(f"{path}: cannot be read: {error.strerror}") from error

    def _tell(self) -> Known:
        states = {one: state for one, state in self._states.items() if state is not State.OPEN}
        return Known(states, dict(self._refused), bool(self._steps))

    def _perform(self, action: str, wanted: Mapping[State, list[str]]) -> None:
        with lock_folder(self._review.report, advice="try again when it has ended"):
            if self._hash_results() != self._seen:
                raise ReviewError(
                    "the report is of another run by now than this page; stop the review, "
                    "and start it again"
                )
            for state, ids in wanted.items():
                outcomes = (
                    self._accept(ids) if state is State.ACCEPTED else self._leave(ids, state)
                )
                lines = (self._settle(action, *outcome) for outcome in outcomes)
                append_lines(self._review.report, lines)

    def _settle(self, action: str, one: str, state: State, refusal: str) -> Line:
        """Remember what came of a pair, and return its line in the log."""
        self._states[one] = state
        self._refused.pop(one, None)
        if refusal:
            self._refused[one] = refusal
        pair = self._pairs[one]
        return Line(
            run=self._review.run,
            action=action,
            name=pair.name,
            test=pair.test,
            baseline=relative_to(self._review.folder, _place(pair)) if pair.target else "",
            old=pair.baseline_hash,
            new=pair.candidate_hash,
            outcome=REFUSED if refusal else state,
            reason=refusal,
        )

    def _accept(self, ids: list[str]) -> Iterator[_Outcome]:
        """Write baselines, and yield each pair once it is accepted or refused."""
        waiting: dict[Path, tuple[Replacement, list[str]]] = {}
        found = plan_each(self._review, [self._pairs[one] for one in ids])
        for one, (_, item) in zip(ids, found, strict=True):
            if isinstance(item, str):
                yield one, self._states[one], item
            elif item.old == item.new:
                yield one, State.ACCEPTED, ""
            else:
                waiting.setdefault(item.path, (item, []))[1].append(one)
        if waiting:  # else there is no new approval, and the one before can still be undone
            yield from self._replace(waiting)

    def _replace(self, waiting: dict[Path, tuple[Replacement, list[str]]]) -> Iterator[_Outcome]:
        """Write baselines, and yield the pairs that wait for each."""
        self._acted = True
        items = [item for item, _ in waiting.values()]
        try:
            for item, why in replace_baselines(self._review.report, items, last=False):
                _, ids = waiting.pop(item.path)
                if why:
                    yield from ((one, self._states[one], show_urls(why)) for one in ids)
                    continue
                self._written[item.path] = item
                yield from ((one, State.ACCEPTED, "") for one in ids)
        except BaselineError as error:
            for _, ids in waiting.values():
                yield from ((one, self._states[one], str(error)) for one in ids)

    def _leave(self, ids: list[str], state: State) -> Iterator[_Outcome]:
        """Take back the accepted ones, and yield each pair, and who had the same baseline."""
        accepted = {one for one in ids if self._states[one] is State.ACCEPTED}
        paths = {_place(self._pairs[one]) for one in accepted}
        refused = take_back_some(self._review.report, self._review.baselines, paths)
        for path in paths - refused.keys():
            self._written.pop(path, None)
        for one in ids:
            refusal = refused.get(_place(self._pairs[one]), "") if one in accepted else ""
            yield one, State.ACCEPTED if refusal else state, refusal
        for one, pair in self._pairs.items():
            if self._states[one] is State.ACCEPTED and _place(pair) in paths - refused.keys():
                yield one, State.OPEN, ""


def _place(pair: Reviewed) -> Path:
    return Path(normpath(pair.target or ""))
