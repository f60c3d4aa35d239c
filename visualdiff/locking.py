"""A folder that one process at a time may write to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from visualdiff.errors import ReportError
from visualdiff.files import LOCK

# How long another process may take to write a report that is complete already.
PATIENCE: Final = 60.0
_ADVICE: Final = "wait for it, or choose another folder by --report"


@contextmanager
def lock_folder(folder: Path, patience: float = 0.0, *, advice: str = _ADVICE) -> Iterator[None]:
    """Keep other processes from locking a folder, which must exist, until the context ends.

    The lock is the kernel's: it ends with its process, however that ends. The same thread may
    lock a folder again. Raises `ReportError` where another process has it for longer than
    `patience` seconds, with an advice what to do, and where nothing can be written.
    """
    lock = FileLock(folder / LOCK, is_singleton=True)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise ReportError(f"report: another visualdiff is writing to {folder}; {advice}") from None
    except OSError as error:
        raise ReportError(f"report: cannot write to {folder}: {error.strerror}") from error
    except NotImplementedError:  # a file system without locks is no reason not to compare
        yield
        return
    try:
        yield
    finally:
        lock.release()
