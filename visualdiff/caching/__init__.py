"""Results of earlier runs: a pair that is as it was is not compared again.

Whoever can write to the folder decides what passes, as who can write baselines does; but what it
holds is never believed further: nothing in it is run, no link followed, no other file touched.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self, TypeAlias

from visualdiff.caching.entries import open_entry, read_pictures
from visualdiff.caching.folder import note_use, open_folder, place_entry, remove_unused
from visualdiff.caching.keys import Look, Seen, look_at
from visualdiff.caching.pairs import (
    list_lacking,
    match_entry,
    name_result,
    pack_result,
    write_pictures,
)
from visualdiff.files import ASSETS, list_names, write_together
from visualdiff.model import PairResult, Status
from visualdiff.remote.traffic import Courier, do_each, list_known
from visualdiff.staging import find_remote, holding
from visualdiff.tasks import Task
from visualdiff.urls import is_stand_in, show

_Found: TypeAlias = tuple[Seen | None, PairResult | None]

# Pairs that are looked up together, where something must be fetched for it.
_MOST_AT_ONCE: Final = 200


class Cache:
    """The results of earlier runs in a folder, for one run; other runs may use it meanwhile.

    A context manager, at whose end all that is kept is in the folder, which may be one of a store.
    `reused` counts the pairs that were known, `warnings` say why others will not be. Raises
    `ConfigError` for a folder of somebody else.
    """

    def __init__(self, folder: Path, report: Path) -> None:
        self.reused = 0
        self._folder = folder
        self._present = _list_present(report)
        self._missed: dict[str, Seen] = {}
        self._problem = ""
        try:
            open_folder(folder)
        except OSError as error:
            self._problem = f"{show(folder)}: {error.strerror}"
        self._courier = Courier(folder) if is_stand_in(folder) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._courier:
            self._courier.__exit__(kind)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why results are not kept, as far as that is known."""
        unsent = self._courier.problems if self._courier else []
        problem = self._problem or next(iter(unsent), "")
        return (f"cache: cannot write to {problem}; results are not kept",) if problem else ()

    def look_up(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, PairResult | None]]:
        """Yield each task with its result, if that is known; its pictures are in the report then.

        In this process, as neither numpy nor workers are needed where nothing has changed. Threads
        were tried: for files of 250 KB they spare a tenth of the time, and take a fifth more CPU.
        They pay where requests are waited for.
        """
        if self._problem and self._courier:  # what does not answer is not asked again and again
            yield from ((task, None) for task in tasks)
            return
        remote = self._folder if self._courier else find_remote(tasks)
        for start in range(0, len(tasks), _MOST_AT_ONCE):
            part = tasks[start : start + _MOST_AT_ONCE]
            for task, (seen, result) in zip(part, do_each(self._find, part, remote), strict=True):
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
            self._problem = f"{show(self._folder)}: {error.strerror}"
            return
        if self._courier:
            self._courier.post([place_entry(self._folder, seen.key)])

    def clean(self) -> None:
        """Remove what no run has used for a while."""
        remove_unused(self._folder)

    def _find(self, task: Task) -> _Found:
        """Return what is seen of a pair, if it can be looked at, and its result if it is known."""
        clock = time.monotonic()
        if task.pair.problem:  # there is nothing to compare
            return None, None
        with holding(task):
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
            files = match_entry(entry, task, look)
            if lacking := list_lacking(entry.result, self._present):
                write_pictures(lacking, task.report, files, dict(read_pictures(entry, file)))
        note_use(path)
        return name_result(entry, task, time.monotonic() - clock)


def _list_present(report: Path) -> frozenset[str]:
    """Return the names of the pictures in a report; a store was listed when it was prepared."""
    if is_stand_in(report):
        return frozenset(path.name for path in list_known(report / ASSETS))
    return frozenset(list_names(report / ASSETS))
