"""Changes that several pairs share: one to look at, in place of one for each pair."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from visualdiff.model import Group, PairResult, Region, RegionKind, Status

_MOST_TOLD: Final = 5
# What is said where the words of one kind differ, if the kind is no word for it.
_WORDS: Final = {
    RegionKind.CONTENT: "text or picture changed",
    RegionKind.OPACITY: "opacity changed",
}


def find_groups(results: Iterable[PairResult]) -> tuple[Group, ...]:
    """Return the changes that occur in two or more pairs that did not pass.

    The one in most pairs comes first, then by id. A pair counts once, though a change may occur in
    several places of it.
    """
    # By their id: the words for each change, and its pairs, in order.
    words: dict[str, dict[tuple[RegionKind, str], None]] = {}
    pairs: dict[str, dict[int, None]] = {}
    for place, item in enumerate(results):
        for region in _list_changes(item):
            words.setdefault(region.change, {})[region.kind, _leave_out_place(region)] = None
            pairs.setdefault(region.change, {})[place] = None
    groups = (
        _make_group(change, list(words[change]), tuple(places))
        for change, places in pairs.items()
        if len(places) > 1
    )
    return tuple(sorted(groups, key=lambda group: (-len(group.pairs), group.id)))


def list_groups(results: Iterable[PairResult]) -> Iterator[str]:
    """Yield a line for each of the few changes that most pairs share, and how many more there are.

    "the same change in 212 screenshots: recoloured #2563eb → #dc2626 (group 1a2b3c4d5e6f)".
    """
    groups = find_groups(results)
    for group in groups[:_MOST_TOLD]:
        yield (
            f"the same change in {len(group.pairs):,} screenshots: {group.description} "
            f"(group {group.id})"
        )
    more = len(groups) - _MOST_TOLD
    if more > 0:
        changes = "change" if more == 1 else "changes"
        yield f"... and {more:,} more {changes} that screenshots share: see the report"


def _list_changes(item: PairResult) -> Iterator[Region]:
    if item.comparison and item.status is not Status.PASSED:
        yield from (region for region in item.comparison.regions if region.change)


def _leave_out_place(region: Region) -> str:
    """Return what happened in a region, without where: rows may be inserted at another height."""
    return region.description.partition(" at y = ")[0]


def _make_group(
    change: str, words: Sequence[tuple[RegionKind, str]], pairs: tuple[int, ...]
) -> Group:
    """Return a group with the words that all of its regions share, if they share any.

    Words may differ though pixels do not, as what stays around them helps to find words: the edge
    of a small thing that grew and that of a large one look alike.
    """
    kinds = {kind for kind, _ in words}
    kind = kinds.pop() if len(kinds) == 1 else RegionKind.CHANGED
    description = words[0][1] if len(words) == 1 else _WORDS.get(kind, kind.value)
    return Group(id=change, kind=kind, description=description, pairs=pairs)
