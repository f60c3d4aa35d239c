"""Baselines that no test has used: found, and removed if that is asked for."""

from collections.abc import Iterable
from pathlib import Path

from visualdiff.errors import BaselineError
from visualdiff.files import locate, remove_durably
from visualdiff.listing import list_images
from visualdiff.model import PairResult
from visualdiff.pairing import is_wanted
from visualdiff.settings import Config
from visualdiff.urls import is_stand_in
from visualdiff.variants import Chain, group_accepted, split_name


def find_unused(config: Config, results: Iterable[PairResult]) -> list[Path]:
    """Return the baselines, sorted, that no result has used or could use in another environment.

    Raises `ConfigError` if their folder cannot be read.
    """
    if not (is_stand_in(config.baselines) or config.baselines.is_dir()):
        return []
    names, compared = set(), set()
    for result in results:
        names.add(result.name)
        paths = filter(None, (result.baseline, *result.alternates))
        compared |= {str(locate(config.folder, path)) for path in paths}
    images = list_images(config.baselines).images
    chain = Chain(config)
    unused = []
    for first, accepted in group_accepted(images, {split_name(name)[0] for name in names}).items():
        stem, extension = split_name(first)
        if not any(name + extension in names for name in chain.read(stem)):
            unused += [name for name in accepted if str(images[name]) not in compared]
    return sorted(images[name] for name in unused if is_wanted(name, config))


def delete_baselines(paths: Iterable[Path]) -> None:
    """Delete baselines; raise `BaselineError` for one that cannot be.

    One in a store is deleted only if it is still as it was listed.
    """
    for path in paths:
        try:
            remove_durably(path) if is_stand_in(path) else path.unlink()
        except OSError as error:
            raise BaselineError(f"baseline {path} cannot be deleted: {error.strerror}") from error
