"""What the HTML report shows, as plain data: every number is text, every path a URL, no HTML.

Templates only place these values.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Shown = TypeVar("Shown")


class Each(Generic[Shown]):
    """Items of which each is built when it comes up: of a long report only one is ever held."""

    def __init__(self, build: Callable[[Any], Shown], sources: Sequence[Any]) -> None:
        self._build = build
        self._sources = sources

    def __len__(self) -> int:
        return len(self._sources)

    def __iter__(self) -> Iterator[Shown]:
        return map(self._build, self._sources)


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
    """A region, its place in percent of the canvas so that it scales with the picture.

    The four that begin with `baseline` are for the baseline, where it may stand elsewhere.
    """

    number: int
    description: str
    where: str
    on_baseline: bool
    on_candidate: bool
    left: float
    top: float
    width: float
    height: float
    baseline_left: float
    baseline_width: float
    baseline_top: float
    baseline_height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A full-size picture and its thumbnail; without `url`, the words for what is not there.

    `mask` is laid over the picture, if anything of it is masked.
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
class Card:
    """A pair that did not pass.

    `problems` say why it could not be compared; of the regions, `more_boxes` are folded away.
    """

    anchor: str
    name: str
    test: str
    status: str
    reasons: tuple[str, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    channels: tuple[ChannelBar, ...]
    boxes: tuple[Box, ...]
    more_boxes: tuple[Box, ...]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A pair that passed."""

    anchor: str
    name: str
    test: str
    score: str
    note: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole report."""

    title: str
    headline: str
    passed: bool
    counts: tuple[tuple[str, int], ...]
    total: int
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    cards: Each[Card]
    rows: Each[Row]
    version: str
