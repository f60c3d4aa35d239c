"""A folder → the images in it, by relative name; and folders that must not be what they are."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from visualdiff.errors import ConfigError
from visualdiff.files import FORMAT_OF_SUFFIX, is_inside
from visualdiff.settings import Config


def refuse_bad_folders(config: Config) -> None:
    """Raise `ConfigError` if a folder is missing, or both are the same."""
    mistakes = [
        f"{key}: {folder} is not a folder"
        for key, folder in (("baselines", config.baselines), ("candidates", config.candidates))
        if not folder.is_dir()
    ]
    if not mistakes and config.baselines.samefile(config.candidates):
        mistakes.append(f"baselines and candidates are the same folder: {config.baselines}")
    if mistakes:
        raise ConfigError(*mistakes)


def refuse_overlap(key: str, folder: Path, others: Mapping[str, Path]) -> None:
    """Raise `ConfigError` where a folder holds another one, or is inside; both by their keys."""
    for other, place in others.items():
        if is_inside(place, folder):
            raise ConfigError(f"{key}: {folder} holds the {other}; choose a folder of its own")
        if is_inside(folder, place):
            raise ConfigError(f"{key}: {folder} is inside the {other}; choose a folder of its own")


def list_images(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield relative POSIX name and path of every image below a folder, but not hidden ones."""
    for parent, folders, files in os.walk(folder, onerror=_refuse_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [link for name in folders if (link := Path(parent, name)).is_symlink()]
        if links:
            # Left out silently, its images would be untested; followed, it could lead anywhere.
            raise ConfigError(
                *(f"{link} is a link to a folder, which is not followed" for link in links)
            )
        for name in files:
            path = Path(parent, name)
            if path.suffix.lower() in FORMAT_OF_SUFFIX and not name.startswith("."):
                yield _show(path.relative_to(folder).as_posix()), path


def _refuse_unreadable(error: OSError) -> NoReturn:
    raise ConfigError(f"{error.filename}: cannot be listed: {error.strerror}") from error


def _show(name: str) -> str:
    """Return a name that can be written as UTF-8: undecodable bytes become backslash escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
