"""Two folders → sorted pairs of images by relative name; a side may be absent."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NoReturn

from visualdiff.errors import ConfigError
from visualdiff.files import FORMAT_OF_SUFFIX
from visualdiff.globs import matches
from visualdiff.model import Pair
from visualdiff.settings import Config


def find_pairs(config: Config) -> tuple[Pair, ...]:
    """Return the pairs of both folders, sorted by name.

    Images pair by relative name; what is left pairs by name without extension, where only one
    image on each side can be meant. Raises `ConfigError` when a folder is missing or nothing is
    found.
    """
    _refuse_bad_folders(config)
    baselines, candidates = (
        list_images(folder, config) for folder in (config.baselines, config.candidates)
    )
    if not baselines and not candidates:
        raise ConfigError(_explain_empty(config))
    pairs = [
        Pair(name=name, baseline=baselines[name], candidate=candidates[name])
        for name in baselines.keys() & candidates.keys()
    ]
    pairs += _pair_by_stem(
        {name: baselines[name] for name in baselines.keys() - candidates.keys()},
        {name: candidates[name] for name in candidates.keys() - baselines.keys()},
    )
    return tuple(sorted(pairs, key=lambda pair: pair.name))


def list_images(folder: Path, config: Config) -> dict[str, Path]:
    """Return the images below a folder that a configuration includes, by relative POSIX name."""
    return {name: path for name, path in _scan(folder) if _wanted(name, config)}


def _refuse_bad_folders(config: Config) -> None:
    mistakes = [
        f"{key}: {folder} is not a folder"
        for key, folder in (("baselines", config.baselines), ("candidates", config.candidates))
        if not folder.is_dir()
    ]
    if not mistakes and config.baselines.samefile(config.candidates):
        mistakes.append(f"baselines and candidates are the same folder: {config.baselines}")
    if mistakes:
        raise ConfigError(*mistakes)


def _scan(folder: Path) -> Iterator[tuple[str, Path]]:
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


def _wanted(name: str, config: Config) -> bool:
    return (
        matches(name, config.include)
        and not matches(name, config.exclude)
        and (not config.only or matches(name, config.only))
    )


def _explain_empty(config: Config) -> str:
    suffixes = ", ".join(sorted(FORMAT_OF_SUFFIX))
    filters = [f"include {list(config.include)}"] if config.include != ("**/*",) else []
    filters += [f"exclude {list(config.exclude)}"] if config.exclude else []
    filters += [f"--only {' '.join(config.only)}"] if config.only else []
    told = f" with {' and '.join(filters)}" if filters else f" ({suffixes})"
    return (
        f"nothing to compare: no image in {config.baselines} or {config.candidates}{told}; "
        "an empty run never passes"
    )


def _pair_by_stem(baselines: Mapping[str, Path], candidates: Mapping[str, Path]) -> Iterator[Pair]:
    """Yield pairs of the images that have no partner of the very same name."""
    stems: dict[str, tuple[list[str], list[str]]] = {}
    for side, names in enumerate((baselines, candidates)):
        for name in names:
            stems.setdefault(str(PurePosixPath(name).with_suffix("")), ([], []))[side].append(name)
    for stem, (old, new) in stems.items():
        if len(old) == 1 and len(new) == 1:
            yield Pair(name=old[0], baseline=baselines[old[0]], candidate=candidates[new[0]])
        elif old and new:
            files = " or ".join(sorted(new)), " or ".join(sorted(old))
            problem = "ambiguous: candidate {} for baseline {}; keep one of each".format(*files)
            yield Pair(name=stem, baseline=None, candidate=None, problem=problem)
        else:
            yield from (Pair(name=name, baseline=baselines[name], candidate=None) for name in old)
            yield from (Pair(name=name, baseline=None, candidate=candidates[name]) for name in new)
