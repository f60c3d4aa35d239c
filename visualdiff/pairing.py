"""Two folders → sorted pairs of images by relative name; a side may be absent."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from visualdiff.errors import ConfigError
from visualdiff.files import FORMAT_OF_SUFFIX
from visualdiff.globs import matches
from visualdiff.listing import OUTSIDE, list_images, refuse_bad_folders
from visualdiff.model import Pair
from visualdiff.settings import Config
from visualdiff.variants import Chain, group_accepted, split_name

# All accepted baselines of an image, by the name that the first of them has, or would have.
_Accepted: TypeAlias = Mapping[str, tuple[Path, ...]]


_UNPLACED: Final = (
    "a part of it is empty, `.`, `..`, too long, or means something else in a URL, or it is the "
    "name of a folder, too"
)


class Pairing(NamedTuple):
    """The pairs of a run, sorted by name; and images that were left out with good reason.

    `elsewhere` are baselines of images that were found, but for another environment, `hidden`
    images whose name begins with a dot.
    """

    pairs: tuple[Pair, ...]
    elsewhere: tuple[str, ...]
    hidden: tuple[str, ...] = ()


def find_pairs(config: Config) -> tuple[Pair, ...]:
    """Return the pairs of both folders, as `pair_folders` does."""
    return pair_folders(config).pairs


def pair_folders(config: Config) -> Pairing:
    """Return the pairs of both folders, sorted by name, and what was left out.

    Images pair by relative name, as the variants have it; what is left pairs by name without
    extension, where only one image on each side can be meant. Raises `ConfigError` when a folder
    is missing or nothing is found.
    """
    refuse_bad_folders(config)
    chain = Chain(config)
    # Whose a baseline is does not depend on what is asked for: `--only home.png` must not make
    # that of home@2.png acceptable.
    taken, accepted = list_images(config.candidates), list_images(config.baselines)
    images = taken.images
    candidates = {name: path for name, path in images.items() if is_wanted(name, config)}
    baselines = _group_baselines(accepted.images, config, chain, images)
    users = _find_users(baselines, images, chain)
    used = {name for names in users.values() for name in names}
    old = {
        first: paths
        for first, paths in baselines.items()
        if first not in users and _expected(first, chain, config)
    }
    new = {name: path for name, path in candidates.items() if name not in used}
    elsewhere = _find_elsewhere(old, chain, images)
    rest, more = _pair_rest(_leave_out(old, elsewhere), new, chain)
    pairs = [*_pair_by_name(users, baselines, images, candidates), *rest]
    pairs += _list_unplaced(taken.unplaced | accepted.unplaced, config)
    if not pairs:
        raise ConfigError(_explain_empty(config))
    _refuse_idle_globs(config, {*images, *_list_names(baselines, chain)})
    named = _sort((_aim(pair, chain, config) for pair in pairs), config.baselines.name)
    if not config.follow_links and (outside := taken.outside | accepted.outside):
        named = tuple(_refuse_links(pair, outside) for pair in named)
    hidden = {name for name in taken.hidden | accepted.hidden if is_wanted(name, config)}
    return Pairing(named, tuple(sorted(elsewhere | more)), tuple(sorted(hidden)))


def _list_unplaced(names: Iterable[str], config: Config) -> Iterator[Pair]:
    """Yield a pair with a problem for each object of a store that no file can stand for."""
    for name in names:
        if is_wanted(name, config):
            problem = f"no file can have this name, so it cannot be fetched: {_UNPLACED}"
            yield Pair(name=name, baseline=None, candidate=None, problem=problem)


def is_wanted(name: str, config: Config) -> bool:
    """Return whether a configuration asks for an image by this name."""
    return _included(name, config) and not matches(name, config.exclude)


def _included(name: str, config: Config) -> bool:
    return matches(name, config.include) and (not config.only or matches(name, config.only))


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


def _refuse_idle_globs(config: Config, names: Collection[str]) -> None:
    """Raise `ConfigError` for globs of which each is to bring images, and one brings none.

    A misspelt one among others would leave images untested that somebody believes are tested.
    """
    asked = [("include", pattern) for pattern in config.include]
    asked += [("--only", pattern) for pattern in config.only]
    mistakes = [
        f"{key}: {pattern!r} matches no image in {config.baselines} or {config.candidates}"
        for key, pattern in asked
        if not any(matches(name, (pattern,)) for name in names)
    ]
    if mistakes:
        raise ConfigError(*mistakes)


def _refuse_links(pair: Pair, outside: Collection[Path]) -> Pair:
    """Return a pair, with a problem if one of its files leads out of the folder it is in."""
    paths = (pair.baseline, *pair.alternates, pair.candidate)
    links = [path for path in paths if path and path in outside]
    if not links:
        return pair
    return replace(pair, problem=pair.problem or f"{links[0].name} is {OUTSIDE}")


def _group_baselines(
    found: Mapping[str, Path], config: Config, chain: Chain, images: Iterable[str]
) -> _Accepted:
    """Return the baselines that are not excluded by their own name, those of an image together."""
    paths = {name: path for name, path in found.items() if not matches(name, config.exclude)}
    stems = {stem for name in images for stem in chain.fill(split_name(name)[0])}
    return {
        first: tuple(paths[name] for name in names)
        for first, names in group_accepted(paths, stems).items()
    }


def _expected(first: str, chain: Chain, config: Config) -> bool:
    """Return whether a baseline without a candidate is wanted, by any name that it may stand for.

    Whoever excludes an image excludes its baselines of all environments with it.
    """
    names = _list_names((first,), chain)
    return any(_included(name, config) for name in names) and not any(
        matches(name, config.exclude) for name in names
    )


def _list_names(baselines: Iterable[str], chain: Chain) -> set[str]:
    """Return all names that baselines may stand for, with their own."""
    return {
        name
        for first in baselines
        for stem, extension in (split_name(first),)
        for name in (first, *(read + extension for read in chain.read(stem)))
    }


def _find_users(
    baselines: Collection[str], candidates: Iterable[str], chain: Chain
) -> dict[str, list[str]]:
    """Return the baselines that have candidates of their name, and these, by the first variant."""
    users: dict[str, list[str]] = defaultdict(list)
    for name in candidates:
        stem, extension = split_name(name)
        names = (filled + extension for filled in chain.fill(stem))
        first = next((first for first in names if first in baselines), None)
        if first is not None:
            users[first].append(name)
    return users


def _pair_by_name(
    users: Mapping[str, list[str]],
    baselines: _Accepted,
    images: Mapping[str, Path],
    candidates: Collection[str],
) -> Iterator[Pair]:
    """Yield the pairs of baselines and their users, as far as any of these is asked for."""
    for first, names in users.items():
        if any(name in candidates for name in names):
            paths = {name: images[name] for name in names}
            yield _join(min(names), {first: baselines[first]}, paths)


def _find_elsewhere(baselines: Iterable[str], chain: Chain, images: Collection[str]) -> set[str]:
    """Return the baselines that this or another environment may have for one of these images."""
    return {
        first
        for first in baselines
        for stem, extension in (split_name(first),)
        if any(name + extension in images for name in chain.read(stem))
    }


def _leave_out(baselines: _Accepted, names: Collection[str]) -> _Accepted:
    return {first: accepted for first, accepted in baselines.items() if first not in names}


def _pair_rest(
    baselines: _Accepted, candidates: Mapping[str, Path], chain: Chain
) -> tuple[list[Pair], set[str]]:
    """Return pairs by name without extension, and baselines of other variants of these images."""
    pairs = list(_pair_by_stem(baselines, candidates, chain))
    paired = {pair.name for pair in pairs if pair.baseline and pair.candidate}
    missing = {pair.name for pair in pairs if pair.baseline and not pair.candidate}
    elsewhere = _find_elsewhere(missing, chain, paired)
    left = [pair for pair in pairs if pair.candidate or pair.problem or pair.name not in elsewhere]
    return left, elsewhere


def _pair_by_stem(
    baselines: _Accepted, candidates: Mapping[str, Path], chain: Chain
) -> Iterator[Pair]:
    """Yield pairs of the images that have no partner of the very same name."""
    old, new = _group_by_stem(baselines), _group_by_stem(candidates)
    users: dict[str, list[str]] = defaultdict(list)
    for stem, names in new.items():
        filled = next((filled for filled in chain.fill(stem) if filled in old), None)
        if filled is None:
            yield from (
                Pair(name=name, baseline=None, candidate=candidates[name]) for name in names
            )
        else:
            users[filled] += names
    for stem, firsts in old.items():
        if stem in users:
            name = split_name(users[stem][0])[0] + split_name(firsts[0])[1]
            yield _join(
                name if len(firsts) == len(users[stem]) == 1 else stem,
                {first: baselines[first] for first in firsts},
                {name: candidates[name] for name in users[stem]},
            )
        else:
            yield from (_make_pair(first, baselines[first], None) for first in firsts)


def _aim(pair: Pair, chain: Chain, config: Config) -> Pair:
    """Return a pair that tells where a baseline would stand that it lacks."""
    if pair.baseline or not pair.candidate:
        return pair
    stem, extension = split_name(pair.name)
    return replace(pair, target=config.baselines / (chain.fill(stem)[0] + extension))


def _group_by_stem(names: Iterable[str]) -> dict[str, list[str]]:
    groups = defaultdict(list)
    for name in names:
        groups[split_name(name)[0]].append(name)
    return groups


def _sort(pairs: Iterable[Pair], folder: str) -> tuple[Pair, ...]:
    """Return pairs by name, each by its own: a missing one may need that of its folder before it.

    Without `{name}` among the variants, a candidate may have another baseline than the one that
    is called as it is; then nothing has that one, and it must not hide behind the pair.
    """
    named: dict[str, Pair] = {}
    for pair in sorted(pairs, key=lambda pair: bool(pair.baseline and not pair.candidate)):
        name = pair.name
        while name in named:
            name = f"{folder}/{name}"
        named[name] = pair if name == pair.name else replace(pair, name=name)
    return tuple(named[name] for name in sorted(named))


def _join(name: str, baselines: _Accepted, candidates: Mapping[str, Path]) -> Pair:
    """Return the pair of a baseline and a candidate; of more, one with a problem."""
    if len(baselines) == len(candidates) == 1:
        ((accepted,), (candidate,)) = baselines.values(), candidates.values()
        return _make_pair(name, accepted, candidate)
    files = " or ".join(sorted(candidates)), " or ".join(sorted(baselines))
    problem = "ambiguous: candidate {} for baseline {}; keep one of each".format(*files)
    return Pair(name=name, baseline=None, candidate=None, problem=problem)


def _make_pair(name: str, accepted: tuple[Path, ...], candidate: Path | None) -> Pair:
    return Pair(name=name, baseline=accepted[0], candidate=candidate, alternates=accepted[1:])
