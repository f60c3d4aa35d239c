"""Files → whether they can be compared as baselines, found out before a run stumbles over them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from visualdiff.config import load_config
from visualdiff.errors import ConfigError, DamagedImageError, ImageError
from visualdiff.globs import matches
from visualdiff.images import decode, open_image
from visualdiff.listing import OUTSIDE, list_images
from visualdiff.settings import MAX_IMAGE_PIXELS, Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found in a file: why it cannot be compared, if so, and what is odd about it."""

    path: Path
    problem: str = ""
    warning: str = ""


def inspect_baselines(paths: Iterable[Path], config: Path | None) -> Iterator[Finding]:
    """Yield a finding for each of some files, and of the images in folders, decoded wholly.

    Without any, these are the baselines of a configuration. A link that leads out of its folder is
    not read, as a run would not, unless the configuration follows it. Raises `ConfigError` where
    that cannot be read, or where there is nothing to inspect.
    """
    loaded = load_config(config) if config else None
    limit = loaded.max_image_pixels if loaded else MAX_IMAGE_PIXELS
    follows = loaded.follow_links if loaded else False
    files = dict(_list_files(tuple(paths), loaded))
    if not files:
        where = ", ".join(map(str, paths)) or (loaded and loaded.baselines)
        raise ConfigError(f"nothing to check: no image in {where}")
    return (
        Finding(path=path, problem=OUTSIDE)
        if outside and not follows
        else inspect_image(path, limit)
        for path, outside in files.items()
    )


def inspect_image(path: Path, max_pixels: int) -> Finding:
    """Return what was found in one file."""
    try:
        file = open_image(path, max_pixels)
        decode(file)
    except DamagedImageError as error:
        restore = "take it again, or take it back from an earlier commit"
        return Finding(path=path, problem=f"{error}; {restore}")
    except ImageError as error:
        return Finding(path=path, problem=str(error))
    return Finding(path=path, warning=file.warning)


def _list_files(paths: tuple[Path, ...], config: Config | None) -> Iterator[tuple[Path, bool]]:
    """Yield each file, and whether it is a link that leads out of the folder that is looked at."""
    for path in paths:
        if path.is_dir():
            yield from _list_folder(path)
        else:
            yield path, False
    if config and not paths:
        yield from _list_folder(config.baselines, config.exclude)


def _list_folder(folder: Path, exclude: tuple[str, ...] = ()) -> Iterator[tuple[Path, bool]]:
    found = list_images(folder)
    for name, path in sorted(found.images.items()):
        if not matches(name, exclude):
            yield path, path in found.outside
