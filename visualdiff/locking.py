"""One process at a time acts on a report: approvals must not overlap."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from visualdiff.errors import ReviewError
from visualdiff.files import TEMPORARY

_LOCK: Final = f"{TEMPORARY}lock"


@contextmanager
def lock_report(report: Path) -> Iterator[None]:
    """Hold the report's lock; a process that ends, however it does, gives it back.

    Raises `ReviewError` where another process has it, or the folder cannot be written.
    """
    # It loads asyncio, which `--help` shall not wait for.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    lock = FileLock(report / _LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ReviewError(
            f"{report}: another `visualdiff approve` or `visualdiff review` is at work there; "
            "wait for its end, or stop it"
        ) from None
    except OSError as error:
        raise ReviewError(f"{report}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
