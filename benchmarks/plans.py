"""What the suites hold: which pages, of which size, encoded how, changed how."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np

from benchmarks.pages import count_places
from benchmarks.painter import Change, Edit, PageSpec

Kind: TypeAlias = Literal["identical", "reencoded", "small", "large", "shifted"]
Encoder: TypeAlias = Literal["browser", "optimiser", "speed"]
Size: TypeAlias = tuple[int, int, int]

# How many pairs of each kind: 40, 28, 18, 8 and 6 of 100, near enough.
_MIX: Final[dict[Kind, int]] = {
    "identical": 24,
    "reencoded": 17,
    "small": 11,
    "large": 5,
    "shifted": 3,
}
_CHANGES: Final[dict[Kind, tuple[Change, ...]]] = {
    "small": ("word", "button", "word", "line", "icon"),
    "large": ("texts", "theme"),
    "shifted": ("banner",),
}
_ENCODERS: Final[tuple[Encoder, ...]] = ("optimiser", "optimiser", "speed")
# (width, height, device pixel ratio); a height of 0 is drawn anew for each full-page screenshot.
_SIZES: Final = ((1920, 1080, 1), (1280, 0, 1), (1920, 1080, 1), (3840, 2160, 2), (1280, 0, 1))
_TALL: Final = (5000, 10000)
_MEMORY_SIZES: Final = (
    (1920, 1080, 1),
    (1280, 5000, 1),
    (3840, 2160, 2),
    (1280, 10000, 1),
    (1280, 20000, 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPlan:
    """One pair of a suite; `change` is empty where the pixels are equal.

    `encoder` is the candidate's; the baseline's is a browser's.
    """

    name: str
    kind: Kind
    page: PageSpec
    candidate: PageSpec
    change: str
    rgba: bool = False
    encoder: Encoder = "browser"


def plan_mixed(seed: int) -> Iterator[PairPlan]:
    """Yield the pairs of a usual CI run."""
    return _mix(seed, _MIX, _SIZES)


def plan_quick(seed: int) -> Iterator[PairPlan]:
    """Yield a few small pairs of each kind, to try the harness."""
    return _mix(seed, dict.fromkeys(_MIX, 2), ((640, 480, 1), (400, 700, 1)))


def plan_memory(seed: int) -> Iterator[PairPlan]:
    """Yield a page of each size with one word changed, and one that differs everywhere."""
    return _plan_sizes(seed, _MEMORY_SIZES)


def plan_quick_memory(seed: int) -> Iterator[PairPlan]:
    """Yield one small page, changed both ways."""
    return _plan_sizes(seed, ((640, 480, 1),))


def plan_tiny(seed: int) -> Iterator[PairPlan]:
    """Yield the two tiny pairs of which there will be thousands."""
    page = PageSpec(seed=seed, width=200, height=120)
    moved = replace(page, edit=Edit("icon"))
    yield PairPlan(
        name="identical/tiny.png", kind="identical", page=page, candidate=page, change=""
    )
    yield PairPlan(name="small/tiny.png", kind="small", page=page, candidate=moved, change="icon")


def plan_failing(seed: int) -> Iterator[PairPlan]:
    """Yield a thousand screenshots of which each has one small change."""
    return _mix(seed, {"small": 1000}, ((1280, 800, 1),))


def plan_kinds(seed: int) -> Iterator[PairPlan]:
    """Yield forty full-page screenshots of each kind that a plan of many counts, all distinct."""
    kinds: tuple[Kind, ...] = ("identical", "reencoded", "small", "large")
    return _mix(seed, dict.fromkeys(kinds, 40), ((1280, 4000, 1),))


SUITES: Final[Mapping[str, Callable[[int], Iterator[PairPlan]]]] = {
    "mixed": plan_mixed,
    "quick": plan_quick,
    "memory": plan_memory,
    "quick-memory": plan_quick_memory,
    "tiny": plan_tiny,
    "failing": plan_failing,
    "kinds": plan_kinds,
}


def _mix(seed: int, mix: Mapping[Kind, int], sizes: tuple[Size, ...]) -> Iterator[PairPlan]:
    """Yield pairs of each kind, the sizes in turn; equal arguments give equal pairs."""
    for place, (kind, count) in enumerate(mix.items()):
        for number in range(count):
            rng = np.random.default_rng((seed, place, number))
            page = _draw_lots(rng, sizes[number % len(sizes)])
            changes = _CHANGES.get(kind)
            change = changes[number % len(changes)] if changes else None
            yield PairPlan(
                name=f"{kind}/page-{number + 1:02}.png",
                kind=kind,
                page=page,
                candidate=_edit(page, change, rng) if change else page,
                change=change or "",
                rgba=number % 3 == 2,
                encoder=_ENCODERS[number % len(_ENCODERS)] if kind == "reencoded" else "browser",
            )


def _draw_lots(rng: np.random.Generator, size: Size) -> PageSpec:
    width, height, scale = size
    return PageSpec(
        seed=int(rng.integers(1 << 31)),
        width=width,
        height=height or int(rng.integers(*_TALL)),
        scale=scale,
        photos=bool(rng.random() < 0.4),
        dark=bool(rng.random() < 0.2),
    )


def _edit(page: PageSpec, change: Change, rng: np.random.Generator) -> PageSpec:
    """Return the page with one change, at a place drawn at random.

    A banner moves what is below it: out of a screenshot of the viewport, down on one of the page.
    """
    edited = replace(page, edit=Edit(change, int(rng.integers(count_places(page, change)))))
    tall = page.height > page.width
    return replace(edited, height=page.height + 44) if change == "banner" and tall else edited


def _plan_sizes(seed: int, sizes: tuple[Size, ...]) -> Iterator[PairPlan]:
    for width, height, scale in sizes:
        page = PageSpec(seed=seed, width=width, height=height, scale=scale)
        edits: dict[Kind, Edit] = {"small": Edit("word", 3), "large": Edit("theme")}
        for kind, edit in edits.items():
            candidate = replace(page, edit=edit)
            name = f"{kind}/{width}x{height}.png"
            yield PairPlan(
                name=name, kind=kind, page=page, candidate=candidate, change=edit.change
            )
