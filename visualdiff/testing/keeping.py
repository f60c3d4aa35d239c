"""Candidates that did not pass → files to look at and to accept, each one's own."""

from contextlib import suppress
from itertools import count
from pathlib import Path

from visualdiff.files import write_atomically


class Keeper:
    """Keeps the candidates of one process, beside others that keep theirs in the same folder.

    `started` is when the session of all of them began, in seconds since the epoch: what is older
    was left by an earlier one.
    """

    def __init__(self, started: float = 0.0) -> None:
        self._started = started
        self._places: dict[tuple[Path, str], Path] = {}

    def keep(self, path: Path, owner: str, data: bytes) -> Path:
        """Write a candidate to `path`, or beside it if another's is there; return its place.

        `owner` has one place, however often it comes. Raises `OSError`.
        """
        place = self._places.get((path, owner)) or self._claim(path)
        self._places[path, owner] = place
        write_atomically(place, data)
        return place

    def _claim(self, path: Path) -> Path:
        """Make the first file that nobody has made in this session: home.png, home~2.png, ..."""
        path.parent.mkdir(parents=True, exist_ok=True)
        numbers = count(2)
        place = path
        while True:
            with suppress(FileNotFoundError):
                if place.stat().st_mtime < self._started:
                    place.unlink()
            try:
                place.touch(exist_ok=False)
            except FileExistsError:
                place = path.with_stem(f"{path.stem}~{next(numbers)}")
            else:
                return place
