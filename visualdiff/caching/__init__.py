"""Results of earlier runs: a pair that is as it was is not compared again.

Whoever can write to the folder decides what passes, as who can write baselines does; but what it
holds is never believed further: nothing in it is run, no link followed, no other file touched.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from visualdiff.caching.entries import open_entry, read_pictures
from visualdiff.caching.folder import note_use, open_folder, place_entry, remove_unused
from visualdiff.caching.keys import Look, Seen, look_at
from visualdiff.caching.pairs import (
    list_lacking,
    name_result,
    pack_result,
    write_pictures,
)
from visualdiff.files import ASSETS, list_names, write_together
from visualdiff.model import PairResult, Status
from visualdiff.tasks import Task


class Cache:
    """The results of earlier runs in a folder, for one run; other runs may use it meanwhile.

    `reused` counts the pairs that were known, `warnings` say why others will not be. Raises
    `ConfigError` for a folder of somebody else.
    """

    def __init__(self, folder: Path, report: Path) -> None:
        self.reused = 0
        self.warnings: tuple[str, ...] = ()
        self._folder = folder
        self._present = frozenset(list_names(report / ASSETS))
        self._missed: dict[str, Seen] = {}
        try:
            open_folder(folder)
        except OSError as error:
            self._warn(error)

    def look_up(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, PairResult | None]]:
        """Yield each task with its result, if that is known; its pictures are in the report then.

        In this process, as neither numpy nor workers are needed where nothing has changed. Threads
        were tried: for files of 250 KB they spare a tenth of the time, and take a fifth more CPU.
        """
        for task in tasks:
            seen, result = self._find(task)
            self.reused += result is not None
            if seen and not result:
                self._missed[task.pair.name] = seen
            yield task, result

    def keep(self, task: Task, result: PairResult) -> None:
        """Keep the result of a task that was looked up in vain, unless it is an error.

        The files are looked at again: what was compared may have been written in between.
        """
        seen = self._missed.pop(task.pair.name, None)
        if seen is None or result.status is Status.ERROR or self.warnings:
            return
        try:
            look = look_at(task)
            if look.seen != seen:
                return
            pieces = pack_result(task, result, look)
        except (OSError, ValueError):  # a file is gone, or this result cannot be another pair's
            return
        try:
            write_together({place_entry(self._folder, seen.key): pieces})
        except OSError as error:
            self._warn(error)

    def clean(self) -> None:
        """Remove what no run has used for a while."""
        remove_unused(self._folder)

    def _find(self, task: Task) -> tuple[Seen | None, PairResult | None]:
        """Return what is seen of a pair, if it can be looked at, and its result if it is known."""
        clock = time.monotonic()
        if task.pair.problem:  # there is nothing to compare
            return None, None
        try:
            look = look_at(task)
        except OSError:  # the check will say why
            return None, None
        # Whatever is wrong with an entry, the pair can be compared.
        with suppress(OSError, ValueError, MemoryError):
            return look.seen, self._restore(task, look, clock)
        return look.seen, None

    def _restore(self, task: Task, look: Look, clock: float) -> PairResult:
        """Return the result of a pair; raise `OSError` or `ValueError` where it is not known.

        Its seconds are those since `clock`: what it took to look it up.
        """
        path = place_entry(self._folder, look.seen.key)
        with open_entry(path, look.seen.key) as (entry, file):
            if lacking := list_lacking(entry.result, self._present):
                write_pictures(lacking, task.report, look, dict(read_pictures(entry, file)))
        note_use(path)
        return name_result(entry, task, look, time.monotonic() - clock)

    def _warn(self, error: OSError) -> None:
        told = f"cache: cannot write to {self._folder}: {error.strerror}; results are not kept"
        self.warnings = (told,)
