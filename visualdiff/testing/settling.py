"""Captures of something that may still be moving → the one to judge."""

import time
from collections.abc import Callable
from itertools import chain, repeat
from typing import Final, NamedTuple

from visualdiff.model import PairResult, Status

# Seconds between captures. An animation that rests for the first of them is told by the others:
# two equal captures end the wait only where they do not match.
_PAUSES: Final = (0.1, 0.25, 0.5)
_LAST_PAUSE: Final = 1.0


class Settled(NamedTuple):
    """The capture that was judged, how, and how many captures that took.

    It is `stable` unless it has changed from each capture to the next one until the time was up.
    """

    capture: bytes
    result: PairResult
    attempts: int
    stable: bool


def settle(
    capture: bytes,
    retake: Callable[[], bytes] | None,
    compare: Callable[[bytes], PairResult],
    timeout: float,
) -> Settled:
    """Compare a capture, and further ones until one matches or two in a row are equal.

    `retake` makes another one, if that is possible; after `timeout` seconds none is made, but two
    there are always: one alone says nothing of whether it rests.
    """
    __tracebackhide__ = True
    end = time.monotonic() + timeout
    result = compare(capture)
    attempts = 1
    if retake is None:
        return Settled(capture, result, attempts, stable=True)
    for pause in chain(_PAUSES, repeat(_LAST_PAUSE)):
        if result.status is Status.PASSED:
            return Settled(capture, result, attempts, stable=True)
        left = end - time.monotonic()
        if left <= 0 and attempts > 1:
            return Settled(capture, result, attempts, stable=False)
        time.sleep(max(min(pause, left), 0))
        before, capture = capture, retake()
        attempts += 1
        if capture == before:
            return Settled(capture, result, attempts, stable=True)
        result = compare(capture)
    raise AssertionError  # the pauses never end
