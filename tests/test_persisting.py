import errno
from collections.abc import Callable
from typing import Any

import pytest

from visualdiff.remote import persisting
from visualdiff.remote.persisting import persist


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses, and do not make them; forget what other tests gave up."""
    noted: list[float] = []
    monkeypatch.setattr("time.sleep", noted.append)
    monkeypatch.setattr(persisting._patience, "given_up", 0)
    return noted


def fail(*errors: Exception) -> Callable[[], str]:
    """Return a request that fails so, one time after the other, and then is answered."""
    coming = iter(errors)

    def request() -> str:
        for error in coming:
            raise error
        return "answer"

    return request


class NoCredentialsError(Exception):
    """As botocore calls it."""


class ClientError(Exception):
    """As botocore has it: the answer is kept."""

    def __init__(self, status: int) -> None:
        super().__init__("refused")
        self.response: Any = {"ResponseMetadata": {"HTTPStatusCode": status}}


def test_what_passes_is_tried_again_with_longer_pauses(pauses: list[float]) -> None:
    errors = ConnectionError("closed"), OSError(errno.EBUSY, "Please slow down"), RuntimeError("?")
    assert persist("s3://b/a", fail(*errors)) == "answer"
    assert len(pauses) == 3
    assert pauses[0] < 0.31 < pauses[2]
    # Many that are refused together come back at different times.
    persist("s3://b/a", fail(*errors))
    assert pauses[:3] != pauses[3:]


def test_in_the_end_the_words_of_the_store_are_told(pauses: list[float]) -> None:
    with pytest.raises(OSError, match="Please slow down") as caught:
        persist("s3://b/a", fail(*[OSError(errno.EBUSY, "Please slow down")] * 9))
    assert caught.value.strerror == "Please slow down"
    assert caught.value.filename == "s3://b/a"
    assert len(pauses) == 4


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (FileNotFoundError("b/a"), FileNotFoundError, "not found"),
        (PermissionError("Access Denied"), PermissionError, "Access Denied"),
        (NoCredentialsError("Unable to locate credentials"), OSError, "Unable to locate"),
        (ClientError(412), FileExistsError, "refused"),
        (ClientError(409), FileExistsError, "refused"),
        (NotImplementedError(), OSError, "NotImplementedError"),
    ],
)
def test_what_does_not_pass_is_told_at_once(
    pauses: list[float], error: Exception, kind: type[OSError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        persist("s3://b/a", fail(error))
    assert words in str(caught.value.strerror)
    assert pauses == []


@pytest.mark.usefixtures("pauses")
def test_a_cause_tells_the_status_too() -> None:
    error = OSError(22, "At least one of the pre-conditions did not hold")
    error.__cause__ = ClientError(412)
    with pytest.raises(FileExistsError, match="pre-conditions"):
        persist("s3://b/a", fail(error))


def test_a_store_that_is_down_is_not_waited_for_by_thousands(pauses: list[float]) -> None:
    for _ in range(40):
        with pytest.raises(OSError, match="closed"):
            persist("s3://b/a", fail(*[ConnectionError("closed")] * 9))
    assert len(pauses) == 20 * 4
    # It answers again: then it may have its weak moments again.
    persist("s3://b/a", fail())
    persist("s3://b/a", fail(ConnectionError("closed")))
    assert len(pauses) == 20 * 4 + 1


@pytest.mark.usefixtures("pauses")
def test_that_something_is_not_there_is_an_answer() -> None:
    with pytest.raises(OSError, match="closed"):
        persist("s3://b/a", fail(*[ConnectionError("closed")] * 5))
    assert persisting._patience.given_up == 1
    with pytest.raises(FileNotFoundError):
        persist("s3://b/a", fail(FileNotFoundError("a")))
    assert persisting._patience.given_up == 0


def test_what_took_long_to_fail_is_not_tried_again(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, 60.0, 120.0])
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    with pytest.raises(OSError, match="timed out"):
        persist("s3://b/a", fail(*[TimeoutError("timed out")] * 9))
    assert len(pauses) == 1
