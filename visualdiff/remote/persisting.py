"""Requests that fail for a while are made again; what a driver raises becomes an `OSError`."""

import errno
import logging
import random
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

Found = TypeVar("Found")

_TRIES: Final = 5
_FIRST_PAUSE: Final = 0.2
# Seconds after which nothing is tried again: what does not answer takes a minute to be given up.
_LONGEST: Final = 90.0
# So many requests, one after another, were given up: the store is down, and others are made but
# once, or a run of thousands would last for hours.
_MOST_GIVEN_UP: Final = 20
# What a store says of an object, and will say again.
_ANSWERS: Final = (FileNotFoundError, FileExistsError, PermissionError)
# What else does not pass by itself.
_FINAL: Final = (
    IsADirectoryError,
    NotADirectoryError,
    NotImplementedError,
    ImportError,
    TypeError,
    ValueError,
)
_FINAL_NAMES: Final = frozenset(
    (
        "AuthenticationException",
        "BadHostKeyException",
        "BadZipFile",
        "ClientAuthenticationError",
        "DefaultCredentialsError",
        "NoCredentialsError",
        "ParamValidationError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "ValueError",
    )
)
# Conflict, and precondition failed.
_CONDITIONS: Final = frozenset((409, 412))
_NOT_FOUND: Final = 404
_REFUSALS: Final = frozenset((401, 403))
# What drivers log, they raise, too. Without a handler, it would be printed, with tracebacks.
for _name in ("adlfs", "azure", "gcsfs", "paramiko", "s3fs"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


class _Patience:
    """How many requests were given up since one was answered."""

    given_up = 0
    hurried = False


_patience: Final = _Patience()


def hurry(*, leaving: bool = True) -> None:
    """Make each request but once from now on: somebody wants to leave."""
    _patience.hurried = leaving


def persist(path: str, request: Callable[[], Found]) -> Found:
    """Return what a request gives, which is made again with longer and longer pauses.

    `path` stands for its object. Raises `OSError`: `FileNotFoundError` and
    `PermissionError` as they are, `FileExistsError` where a condition was not met.
    """
    tries = 1 if _patience.hurried or _patience.given_up >= _MOST_GIVEN_UP else _TRIES
    end = time.monotonic() + _LONGEST
    for attempt in range(tries):
        try:
            found = request()
        except Exception as error:
            told = _translate(error, path)
            if isinstance(told, _ANSWERS):
                _patience.given_up = 0
                raise told from error
            final = isinstance(error, _FINAL) or type(error).__name__ in _FINAL_NAMES
            if final or attempt == tries - 1 or time.monotonic() > end:
                _patience.given_up += not final
                raise told from error
            # At random, so that many that were refused together do not come again together.
            time.sleep(_FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        else:
            _patience.given_up = 0
            return found
    raise AssertionError("unreachable")


def _translate(error: Exception, path: str) -> OSError:
    """Return an error of a driver with the words of the store, and the name of the object."""
    words = (error.strerror if isinstance(error, OSError) else "") or str(error)
    # Azure's package goes on, with what was sent.
    words = next(iter(words.strip().splitlines()), type(error).__name__)
    status = _read_status(error)
    if status in _CONDITIONS or isinstance(error, FileExistsError):
        return FileExistsError(errno.EEXIST, words, path)
    if isinstance(error, FileNotFoundError) or status == _NOT_FOUND:
        return FileNotFoundError(errno.ENOENT, "not found", path)
    if isinstance(error, PermissionError) or status in _REFUSALS:
        return PermissionError(errno.EACCES, words, path)
    return OSError(errno.EIO, words, path)


def _read_status(error: BaseException | None) -> int:
    """Return the HTTP status that a driver was answered with, 0 where it tells none."""
    while error is not None:
        response: Any = getattr(error, "response", None)
        if isinstance(response, dict):
            return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        # Of Azure's package, and of gcsfs.
        status = getattr(error, "status_code", None) or getattr(error, "code", None)
        if isinstance(status, int):
            return status
        error = error.__cause__
    return 0
