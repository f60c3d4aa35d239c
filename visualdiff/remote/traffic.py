"""Objects come to the paths that stand for them, and go from there, many at once."""

import errno
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self, TypeVar

from visualdiff.remote.crew import Crew
from visualdiff.remote.stores import (
    Objects,
    Seen,
    copy_object,
    count_lanes,
    list_objects,
    look_up,
    read_object,
    remove_objects,
    replace_object,
    write_object,
)
from visualdiff.urls import is_stand_in, show

Item = TypeVar("Item")
Found = TypeVar("Found")

# As of a file that is read.
_MOST_BYTES: Final = 1 << 29
# Files that wait for each that is being sent.
_MOST_WAITING: Final = 8
# What this process knows of objects: None for what is not there.
_known: Final[dict[Path, Seen | None]] = {}


def explore(folder: Path) -> dict[Path, Seen]:
    """Return all objects below a folder with what is known of them; raise `OSError`.

    What was fetched of one that is another now, or gone, is fetched no more.
    """
    return explore_names(folder).seen


def explore_names(folder: Path) -> Objects:
    """Return what `explore` does, and the names that no path can stand for."""
    listed = list_objects(folder)
    found = listed.seen
    for path in list_known(folder):
        if found.get(path) != _known[path]:
            path.unlink(missing_ok=True)
            _known[path] = None
    _known.update(found)
    return listed


def list_known(folder: Path) -> list[Path]:
    """Return the objects below a folder that this process has found there."""
    return [path for path in _list_below(folder) if _known.get(path)]


def remember(seen: Mapping[Path, Seen | None]) -> None:
    """Take over what another process knows, or what was taken for granted: None for no object."""
    _known.update(seen)


def forget(folder: Path) -> None:
    """Let go of what this process knows of objects below a folder."""
    for path in _list_below(folder):
        _known.pop(path, None)


def recall(paths: Iterable[Path | None]) -> dict[Path, Seen]:
    """Return what is known of paths that stand for objects."""
    return {path: seen for path in paths if path and (seen := _known.get(path))}


def bring(path: Path, *, twin: Path | None = None) -> None:
    """Fetch the object that a path stands for, unless it is here; raise `OSError`.

    Where `twin`, which is here, is of the same content, it is copied.
    """
    if not is_stand_in(path) or path.exists():
        return
    seen = _known[path] if path in _known else look_up(path)
    _known[path] = seen
    if seen is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    if seen.size > _MOST_BYTES:
        raise OSError(
            errno.EFBIG, f"{seen.size:,} bytes, wanted at most {_MOST_BYTES:,}", str(path)
        )
    if twin and _are_equal(_known.get(twin), seen) and twin.exists():
        _lay_down(path, twin.read_bytes())
    else:
        _lay_down(path, read_object(path, seen))


def bring_all(paths: Iterable[Path]) -> None:
    """Fetch what paths stand for, many at once; what cannot be fetched is found out later."""
    _fetch_all(bring, (path for path in paths if is_stand_in(path) and not path.exists()))


def bring_anew(paths: Iterable[Path]) -> None:
    """Fetch what paths stand for as `bring_all` does, and what has changed since once more."""
    _fetch_all(_bring_anew, set(filter(is_stand_in, paths)))


def renew(path: Path) -> None:
    """Look at an object again, and let go of what was fetched of another; raise `OSError`."""
    if is_stand_in(path):
        seen = look_up(path)
        if seen != _known.get(path):
            path.unlink(missing_ok=True)
        _known[path] = seen


def do_each(
    act: Callable[[Item], Found], items: Sequence[Item], place: Path | None
) -> Iterator[Found]:
    """Yield what an act returns of each item, in their order.

    Many are done at once where `place` is in the store to which they belong; else each is when it
    is asked for.
    """
    if place is None or not is_stand_in(place):
        yield from map(act, items)
        return
    threads = Crew(count_lanes(place))
    try:
        yield from threads.map(act, items)
    finally:
        threads.shutdown(cancel_futures=True)


def send(path: Path) -> None:
    """Write the object that a path stands for, as the file there is; raise `OSError`."""
    overwrite(path, path.read_bytes())


def overwrite(path: Path, data: bytes) -> None:
    """Write an object, whatever is there; raise `OSError`."""
    write_object(path, data)
    _known.pop(path, None)


def convey(path: Path, target: Path) -> None:
    """Write an object as another one is, or as a file; raise `OSError`."""
    if is_stand_in(path):
        copy_object(path, target)
    else:
        write_object(target, path.read_bytes())


def discard(folder: Path, paths: Iterable[Path]) -> None:
    """Remove objects below a folder, and what was fetched of them; raise `OSError`."""
    paths = list(paths)
    remove_objects(folder, paths)
    for path in paths:
        path.unlink(missing_ok=True)
        _known.pop(path, None)


def exchange(path: Path, data: bytes | None) -> None:
    """Write an object, or remove it, if it still is as this process has seen it.

    Raises `FileExistsError` where it was written by others meanwhile, `OSError` where it cannot be
    written.
    """
    seen = _known[path] if path in _known else look_up(path)
    try:
        _known[path] = replace_object(path, data, seen)
    except OSError:  # nor is it known what it is now
        _known.pop(path, None)
        path.unlink(missing_ok=True)
        raise
    if data is None:
        path.unlink(missing_ok=True)
    else:
        _lay_down(path, data)


class Courier:
    """Sends files while other things go on; a context manager, at whose end all are sent.

    `folder` is in the store that they go to. A file that the store is known to have is not sent:
    its name tells its content. `problems` say why others could not be sent.
    """

    def __init__(self, folder: Path) -> None:
        lanes = count_lanes(folder)
        self._threads = Crew(lanes)
        # What is to be sent waits on the disk, but not without end.
        self._room = threading.Semaphore(lanes * _MOST_WAITING)
        self.problems: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._threads.shutdown(wait=kind is None)

    def post(self, paths: Iterable[Path]) -> None:
        """Send files, as far as there are any, and remove them here."""
        for path in set(paths):
            self._room.acquire()
            self._threads.submit(self._send, path)

    def _send(self, path: Path) -> None:
        try:
            if not _known.get(path):
                send(path)
            path.unlink()
        except FileNotFoundError:  # the same picture was sent for another pair
            pass
        except OSError as error:
            self.problems.append(f"{show(path)}: {error.strerror}")
        finally:
            self._room.release()


def _list_below(folder: Path) -> list[Path]:
    """Return what is known below a folder, whether it is there or not."""
    start = f"{folder}{os.sep}"  # `is_relative_to` takes twenty times as long
    return [path for path in [*_known] if str(path).startswith(start)]


def _fetch_all(fetch: Callable[[Path], None], paths: Iterable[Path]) -> None:
    wanted = list(paths)
    if wanted:
        with Crew(count_lanes(wanted[0])) as threads:
            done = [threads.submit(fetch, path) for path in wanted]
        for future in done:
            future.exception()


def _bring_anew(path: Path) -> None:
    renew(path)
    bring(path)


def _are_equal(one: Seen | None, other: Seen) -> bool:
    return one is not None and bool(one.fingerprint) and one[:2] == other[:2]


def _lay_down(path: Path, data: bytes) -> None:
    """Write a file whole: other threads may look whether it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{threading.get_ident()}")
    unfinished.write_bytes(data)
    unfinished.replace(path)
