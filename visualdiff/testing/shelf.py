"""Which baselines there are: a store is asked once in a session, not by each test."""

from collections.abc import Collection
from pathlib import Path

from visualdiff.listing import list_images
from visualdiff.urls import is_stand_in
from visualdiff.variants import list_entries


class Shelf:
    """The names of the baselines that a process has found in a store, or written there."""

    def __init__(self) -> None:
        self._names: dict[Path, set[str]] = {}
        self._listed: set[Path] = set()

    def list_names(self, baselines: Path, folder: Path) -> Collection[str]:
        """Return the names in a folder of the baselines; on this machine, as they are now.

        Raises `ConfigError` where a store does not answer; it is asked again next time.
        """
        if not is_stand_in(baselines):
            return list_entries(folder)
        if baselines not in self._listed:
            for path in list_images(baselines).images.values():
                self.add(path)
            self._listed.add(baselines)
        return self._names.get(folder, ())

    def add(self, path: Path) -> None:
        """Note a baseline that was found or written."""
        self._names.setdefault(path.parent, set()).add(path.name)
