"""All pairs of a run → the share of one machine among several, the same on each of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from visualdiff.errors import ConfigError
from visualdiff.files import relative_to
from visualdiff.model import Pair, Shard
from visualdiff.settings import Config
from visualdiff.variants import tell_environment
from visualdiff.version import __version__
from visualdiff.weighing import weigh_pair
from visualdiff.words import MOST_SHARDS

# How far a share may go beyond its part of all pixels.
_EXCESS: Final = 0.03
# What does not change any result; `folder` is told by how others lie to it.
INDIFFERENT: Final = frozenset(
    (
        "folder",
        "report",
        "cache",
        "executor",
        "scheduler",
        "workers",
        "max_memory",
        "pair_timeout",
        "single_file",
        "max_inline_mb",
    )
)


def take_share(
    pairs: Sequence[Pair], config: Config, number: int, count: int
) -> tuple[tuple[Pair, ...], Shard]:
    """Return the pairs of the `number`th of `count` shards, and what tells it from others.

    All shards together have each pair once, provided that all of them find the same files. Raises
    `ConfigError` for a shard that there is not, which would have no pair and pass.
    """
    if not 1 <= number <= count <= MOST_SHARDS:
        most = min(count, MOST_SHARDS)
        raise ConfigError(f"shard: got {number}/{count}, wanted one from 1 to {most:,}")
    weights = {pair.name: weigh_pair(pair, config.max_image_pixels) for pair in pairs}
    dealt = deal(weights, count)
    shard = Shard(
        number=number,
        count=count,
        total=len(pairs),
        missing=sum(pair.candidate is None and pair.baseline is not None for pair in pairs),
        new=sum(pair.baseline is None and pair.candidate is not None for pair in pairs),
        fingerprint=_take_fingerprint(pairs, weights, config),
    )
    return tuple(pair for pair in pairs if dealt[pair.name] == number), shard


def deal(weights: Mapping[str, int], count: int) -> dict[str, int]:
    """Return the shard of each name, from 1 to `count`; their weights are about equal.

    Each name has an order of preference among the shards that depends on nothing else, so a name
    more or less moves few others (rendezvous hashing). Then shards that are too heavy hand on what
    fits elsewhere: the large ones first, in an order that depends on the names; and in the end
    what fits nowhere, but is better off in the lightest. To deal the heaviest first, each to a
    shard that is not full, is as fair, but a new name moves many that follow.
    """
    preferred = {name: _rank(name, count) for name in weights}
    dealt = {name: ranked[0] for name, ranked in preferred.items()}
    loads = dict.fromkeys(range(1, count + 1), 0)
    for name, shard in dealt.items():
        loads[shard] += weights[name]
    most = sum(weights.values()) / count * (1 + _EXCESS)
    order = sorted(weights, key=lambda name: (-weights[name].bit_length(), _hash(name)))
    for rest in (False, True):
        for name in order:
            shard, weight = dealt[name], weights[name]
            if loads[shard] <= most:
                continue
            room = loads[shard] - 1 if rest else most
            ranked = (
                [min(loads, key=lambda item: (loads[item], item))] if rest else preferred[name]
            )
            other = next((item for item in ranked if loads[item] + weight <= room), shard)
            loads[shard] -= weight
            loads[other] += weight
            dealt[name] = other
    return dealt


def _rank(name: str, count: int) -> list[int]:
    return sorted(range(1, count + 1), key=lambda shard: _hash(f"{shard}\n{name}"))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()


def _take_fingerprint(pairs: Sequence[Pair], weights: Mapping[str, int], config: Config) -> str:
    """Return a hash of all that must be the same for shards to be parts of one run."""
    told = asdict(config) | {"variables": tell_environment(config)}
    document = {
        "version": __version__,
        "config": {name: value for name, value in told.items() if name not in INDIFFERENT},
        "pairs": [
            (pair.name, pair.baseline, pair.candidate, pair.alternates, weights[pair.name])
            for pair in pairs
        ],
    }
    text = json.dumps(
        document, sort_keys=True, default=lambda path: relative_to(config.folder, path)
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
