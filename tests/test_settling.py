"""Captures of something that moves: which one is judged, and after how many."""

from collections.abc import Iterator

import pytest

from visualdiff.model import PairResult, Status
from visualdiff.testing.settling import Settled, settle


class Clock:
    """A clock that only sleeping moves."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0  # as the real one
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("visualdiff.testing.settling.time", clock)
    return clock


def compare(capture: bytes) -> PairResult:
    status = Status.PASSED if capture == b"match" else Status.FAILED
    return PairResult(
        name=capture.decode(), status=status, reasons=(), baseline=None, candidate=None
    )


def run(*captures: bytes, timeout: float = 5.0) -> Settled:
    """Settle captures, of which the last one never ends."""

    def take() -> Iterator[bytes]:
        yield from captures
        while True:
            yield captures[-1]

    taken = take()
    settled = settle(next(taken), lambda: next(taken), compare, timeout)
    # A result is that of the capture it comes with.
    assert settled.result.name == settled.capture.decode()
    return settled


@pytest.mark.parametrize(
    ("captures", "judged", "attempts"),
    [
        ([b"match"], b"match", 1),
        ([b"a", b"match"], b"match", 2),
        ([b"a", b"b", b"match"], b"match", 3),
        ([b"a", b"a"], b"a", 2),
        ([b"a", b"b", b"b"], b"b", 3),
    ],
)
def test_captures_are_taken_until_one_matches_or_two_are_equal(
    clock: Clock, captures: list[bytes], judged: bytes, attempts: int
) -> None:
    settled = run(*captures)
    assert (settled.capture, settled.attempts, settled.stable) == (judged, attempts, True)
    assert clock.now < 1002


def test_what_never_rests_ends_with_the_time(clock: Clock) -> None:
    settled = run(*(b"%d" % number for number in range(99)), timeout=3)
    assert not settled.stable
    assert settled.result.status is Status.FAILED
    assert 4 <= settled.attempts <= 7
    assert clock.now == pytest.approx(1003)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("second", "stable"), [(b"a", True), (b"b", False), (b"match", True)])
def test_even_without_time_one_capture_does_not_tell_whether_it_rests(
    second: bytes, stable: bool
) -> None:
    settled = run(b"a", second, timeout=0)
    assert (settled.attempts, settled.stable) == (2, stable)


def test_what_cannot_be_taken_again_is_judged_at_once(clock: Clock) -> None:
    settled = settle(b"a", None, compare, 5)
    assert (settled.attempts, settled.stable, clock.now) == (1, True, 1000)
