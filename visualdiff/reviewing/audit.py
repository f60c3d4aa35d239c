"""review.log, beside results.json: one JSON line for each pair that somebody decided on."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from visualdiff.errors import ReviewError
from visualdiff.files import open_file, read_file, write_durably
from visualdiff.remote.traffic import renew
from visualdiff.urls import is_stand_in

LOG: Final = "review.log"
REFUSED: Final = "refused"
# How often a log in a store is appended to before others have it for themselves.
_TRIES: Final = 5
# Windows lacks it.
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
# Whose reader would be waited for.
_NO_PIPE: Final = getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was asked for, and what came of it.

    `outcome` is accepted, rejected, open or refused, then with a reason. `old` and `new` are the
    SHA-256 of the baseline and the candidate that were compared, `old` is "" where there was none;
    `baseline` is its path from the folder of the configuration.
    """

    run: str
    action: str
    name: str
    test: str
    baseline: str
    old: str
    new: str
    outcome: str
    reason: str = ""


def append_lines(report: Path, lines: Iterable[Line]) -> None:
    """Append lines, each as soon as it comes; once this returns, a power cut takes none away.

    Raises `ReviewError` where the log cannot be written, and takes no more lines: what they tell
    of is done when they are taken, and nothing shall be done without a line. Objects of a store
    grow by no line: there, all are appended when the last was taken.
    """
    path = report / LOG
    if is_stand_in(path):
        _append_object(path, lines)
        return
    try:
        # A report may be downloaded: its log must not lead to somebody else's file.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_LINK | _NO_PIPE
        descriptor = os.open(path, flags, 0o644)
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
            for line in lines:
                file.write(_write(line))
                file.flush()
            os.fsync(descriptor)
    except OSError as error:
        place = error.filename or path
        raise ReviewError(f"{place}: cannot be written: {error.strerror}") from error


def _append_object(path: Path, lines: Iterable[Line]) -> None:
    told: list[str] = []
    try:
        told.extend(map(_write, lines))
    finally:  # what was done before an error has its lines
        for attempt in range(_TRIES):
            try:
                _rewrite(path, "".join(told).encode("ascii"))
                break
            except OSError as error:
                # Another review has appended something a moment before.
                if not isinstance(error, FileExistsError) or attempt == _TRIES - 1:
                    raise ReviewError(
                        f"{path}: cannot be written, though all was done: {error.strerror}"
                    ) from error


def _rewrite(path: Path, more: bytes) -> None:
    """Append to an object; raise `FileExistsError` where others do so at the same time."""
    renew(path)
    try:
        before = read_file(path)
    except FileNotFoundError:
        before = b""
    write_durably(path, before + more)


def _write(line: Line) -> str:
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # Names of files as ASCII: they may hold what would steer a terminal.
    return json.dumps({"time": time, **asdict(line)}) + "\n"


def read_outcomes(report: Path, run: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, test and outcome of what was done in earlier reviews of a run."""
    try:
        with open_file(report / LOG) as file:
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        try:
            told = json.loads(line)
            if told["run"] == run and told["outcome"] != REFUSED:
                yield str(told["name"]), str(told["test"]), str(told["outcome"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # somebody else wrote it
