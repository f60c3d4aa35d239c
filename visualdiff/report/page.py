"""What the HTML report shows, as plain data: numbers to show are text, paths are URLs, no HTML.

Templates and scripts only place these values. Lengths and places are in pixels of the canvas, on
which both images of a pair stand.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from visualdiff.bands import Piece

Shown = TypeVar("Shown")

# x, y, width, height.
Rectangle: TypeAlias = tuple[int, int, int, int]


class Each(Generic[Shown]):
    """Items of which each is built when it comes up: of a long report few are ever held.

    The first ones, as many as `kept`, are built only once.
    """

    def __init__(
        self, build: Callable[[Any], Shown], sources: Sequence[Any], kept: int = 0
    ) -> None:
        self._build = build
        self._sources = sources
        self._kept = kept
        self._built: list[Shown] = []

    def __len__(self) -> int:
        return len(self._sources)

    def __iter__(self) -> Iterator[Shown]:
        for place, source in enumerate(self._sources):
            if place < len(self._built):
                yield self._built[place]
                continue
            item = self._build(source)
            if place < self._kept:
                self._built.append(item)
            yield item


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelBar:
    """One channel's score as a bar, which must reach `threshold_percent` to pass.

    `note` is the score with nothing ignored, where that is another.
    """

    name: str
    score: str
    note: str
    percent: float
    threshold_percent: float
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A region in words, and where it is drawn on either side; empty where that lacks it.

    `change` is the id of what changed in it, the same in every pair in which the same changed.
    """

    number: int
    kind: str
    description: str
    where: str
    change: str
    baseline: Rectangle | tuple[()]
    candidate: Rectangle | tuple[()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A full-size picture and its thumbnail; without `url`, the words for what is not there.

    `mask` is to be laid over it, if anything of it is masked.
    """

    role: str
    label: str
    note: str
    url: str = ""
    thumbnail: str = ""
    mask: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A pair.

    `score` and `margin` are words; `rank_score` and `changed_share` are what they are sorted by.
    `reasons` say why it did not pass or, with `status` error, why it could not be compared; `note`
    says of one that passed what was ignored or allowed. Of an aligned pair, `pieces` are
    the parts of the baseline as they lie on the candidate; `motion` is the
    matrix (a, b, c, d, e, f), in CSS's order, that lays the whole of it there. `ignored` is to be
    laid over the candidate, `pixels` holds the colours of what differs.
    `hash` is the candidate's.
    """

    id: str
    name: str
    status: str
    test: str = ""
    score: str = ""
    wanted: str = ""
    margin: str = ""
    note: str = ""
    rank_score: float = 1.0
    changed_share: float = 0.0
    changed: str = ""
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    channels: tuple[ChannelBar, ...] = ()
    boxes: tuple[Box, ...] = ()
    pictures: tuple[Picture, ...] = ()
    size: tuple[int, int] | tuple[()] = ()
    pieces: tuple[Piece, ...] = ()
    motion: tuple[float, ...] = ()
    ignored: str = ""
    pixels: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedChange:
    """The same change in several pairs, by their ids."""

    id: str
    kind: str
    description: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole report; what is decided in a browser is kept for this `run` only.

    `legend` are the steps of the heat map: up to which ΔE in words, and a colour. `files` are URLs
    of pictures that are in the page itself, each with the data URL that stands for it.
    """

    title: str
    headline: str
    passed: bool
    counts: tuple[tuple[str, int], ...]
    total: int
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    entries: Each[Entry]
    files: Each[tuple[str, str]]
    version: str
    run: str = ""
    shared: tuple[SharedChange, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
