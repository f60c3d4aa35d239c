"""A folder → the images in it, by relative name; and folders that must not be what they are."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from visualdiff.errors import ConfigError
from visualdiff.files import FORMAT_OF_SUFFIX, is_inside
from visualdiff.settings import Config
from visualdiff.urls import is_stand_in, show


def refuse_bad_folders(config: Config) -> None:
    """Raise `ConfigError` if a folder is missing, or both are the same."""
    mistakes = [
        f"{key}: {folder} is not a folder"
        for key, folder in (("baselines", config.baselines), ("candidates", config.candidates))
        if not folder.is_dir() and not is_stand_in(folder)  # a store has none
    ]
    if not mistakes and _are_same(config.baselines, config.candidates):
        mistakes.append(f"baselines and candidates are the same folder: {config.baselines}")
    if mistakes:
        raise ConfigError(*mistakes)


def _are_same(folder: Path, other: Path) -> bool:
    if is_stand_in(folder) or is_stand_in(other):
        return folder == other
    return folder.samefile(other)


def refuse_overlap(key: str, folder: Path, others: Mapping[str, Path]) -> None:
    """Raise `ConfigError` where a folder holds another one, or is inside; both by their keys."""
    for other, place in others.items():
        if is_inside(place, folder):
            raise ConfigError(f"{key}: {folder} holds the {other}; choose a folder of its own")
        if is_inside(folder, place):
            raise ConfigError(f"{key}: {folder} is inside the {other}; choose a folder of its own")


# What is said of a link in `Listing.outside`, unless the configuration follows it.
OUTSIDE: Final = "a link that leads out of its folder (follow_links: false)"


class Listing(NamedTuple):
    """The images in a folder by relative POSIX name, sorted out by whether they are to be read.

    The name of a `hidden` one begins with a dot; `outside` are links that lead out of the folder.
    Those of a store that are `unplaced` have names that no path can have.
    """

    images: Mapping[str, Path]
    hidden: frozenset[str] = frozenset()
    outside: frozenset[Path] = frozenset()
    unplaced: frozenset[str] = frozenset()


def list_images(folder: Path) -> Listing:
    """Return every image below a folder, hidden folders aside.

    Left out, too, is what macOS keeps beside each file on file systems of others. Raises
    `ConfigError` for what cannot be listed.
    """
    if is_stand_in(folder):
        return _list_objects(folder)
    images: dict[str, Path] = {}
    hidden, outside = set(), set()
    for path in _walk(folder):
        name = _show(path.relative_to(folder).as_posix())
        if path.name.startswith("."):
            hidden.add(name)
            continue
        images[name] = path
        if path.is_symlink() and not is_inside(path, folder):
            outside.add(path)
    return Listing(images, frozenset(hidden), frozenset(outside))


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the path of every image."""
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
            if _is_image(name):
                yield path


def _list_objects(folder: Path) -> Listing:
    """Return the images of a store."""
    from visualdiff.remote.traffic import explore_names  # noqa: PLC0415 - most runs need no driver

    try:
        found = explore_names(folder)
    except FileNotFoundError:
        raise ConfigError(f"{show(folder)} does not exist") from None
    except OSError as error:
        raise ConfigError(f"{show(folder)} cannot be listed: {error.strerror}") from error
    named = {
        _show(path.relative_to(folder).as_posix()): path
        for path in found.seen
        if _is_image(path.name)
    }
    wanted = [name for name in named if "/." not in f"/{name.rpartition('/')[0]}"]
    hidden = frozenset(name for name in wanted if named[name].name.startswith("."))
    # Consoles leave marks of folders, whose names end with a slash.
    unplaced = (name for name in found.unplaced if _is_image(name) and not name.endswith("/"))
    return Listing(
        images={name: named[name] for name in wanted if name not in hidden},
        hidden=hidden,
        unplaced=frozenset(map(_show, unplaced)),
    )


def _is_image(name: str) -> bool:
    return Path(name).suffix.lower() in FORMAT_OF_SUFFIX and not name.startswith("._")


def _refuse_unreadable(error: OSError) -> NoReturn:
    raise ConfigError(f"{error.filename}: cannot be listed: {error.strerror}") from error


def _show(name: str) -> str:
    """Return a name that can be written as UTF-8: undecodable bytes become backslash escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
