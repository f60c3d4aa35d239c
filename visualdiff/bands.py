"""Bands of inserted or removed rows, and where a row of one image stands in the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, Literal, NamedTuple, TypeAlias

from visualdiff.model import Region, RegionKind
from visualdiff.settings import Mask

Side: TypeAlias = Literal["baseline", "candidate"]

_KINDS: Final = (RegionKind.INSERTED_ROWS, RegionKind.REMOVED_ROWS)


class _Step(NamedTuple):
    """A band by where it begins in either image, how many rows it has there, and its columns."""

    baseline: int
    candidate: int
    removed: int
    inserted: int
    columns: range


def select_bands(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Return the regions that are bands of inserted or removed rows."""
    return tuple(region for region in regions if region.kind in _KINDS)


def place_regions(regions: Sequence[Region], side: Side) -> tuple[Region, ...]:
    """Return regions as they are to be drawn on one side of a pair.

    What stands lower or higher there is moved; rows that this side lacks have no height.
    """
    steps = _list_steps(regions)
    return tuple(_place(region, side, steps) for region in regions) if steps else tuple(regions)


def move_masks(masks: Iterable[Mask], bands: Sequence[Region]) -> tuple[Mask, ...]:
    """Return the masks of a baseline as they lie on the candidate, with what they cover.

    One that reaches beyond the columns that moved is cut there; of removed rows nothing is left.
    """
    steps = _list_steps(bands)
    edges = sorted({edge for step in steps for edge in (step.columns.start, step.columns.stop)})
    moved = (_move_mask(piece, steps) for mask in masks for piece in _cut_mask(mask, edges))
    return tuple(mask for mask in moved if mask)


def _cut_mask(mask: Mask, edges: Sequence[int]) -> Iterator[Mask]:
    """Yield the pieces of a mask between some columns."""
    end = mask.x + mask.width
    for left, right in pairwise([mask.x, *(edge for edge in edges if mask.x < edge < end), end]):
        yield replace(mask, x=left, width=right - left)


def _move_mask(mask: Mask, steps: Sequence[_Step]) -> Mask | None:
    concerned = _select_steps(steps, mask.x)
    top, end = mask.y, mask.y + mask.height
    for step in concerned:
        if step.baseline <= top < step.baseline + step.removed:
            top = step.baseline + step.removed
    for step in reversed(concerned):
        if step.baseline < end <= step.baseline + step.removed:
            end = step.baseline
    if top >= end:
        return None
    first, last = (_move_row(row, "candidate", concerned) for row in (top, end - 1))
    return replace(mask, y=first, height=last + 1 - first)


def _place(region: Region, side: Side, steps: Sequence[_Step]) -> Region:
    if region.space == side:
        return region
    height = 0 if region.kind in _KINDS else region.height
    concerned = _select_steps(steps, region.x + region.width // 2)
    return replace(region, y=_move_row(region.y, side, concerned), height=height)


def _select_steps(steps: Iterable[_Step], column: int) -> list[_Step]:
    """Return the bands that moved a column: what stands beside them did not move."""
    return [step for step in steps if column in step.columns]


def _move_row(row: int, side: Side, steps: Sequence[_Step]) -> int:
    """Return where a row of the other side stands on this one."""
    moved = row
    for step in steps:
        if side == "baseline":
            start, there, here, place = step.candidate, step.inserted, step.removed, step.baseline
        else:
            start, there, here, place = step.baseline, step.removed, step.inserted, step.candidate
        if row < start:
            break
        if row < start + there:
            return place
        moved += here - there
    return moved


def _list_steps(regions: Iterable[Region]) -> list[_Step]:
    """Return the bands from top to bottom."""
    bands = select_bands(regions)
    removed = [band for band in bands if band.kind is RegionKind.REMOVED_ROWS]
    inserted = [band for band in bands if band.kind is RegionKind.INSERTED_ROWS]
    removed.sort(key=lambda band: band.y)
    inserted.sort(key=lambda band: band.y)
    steps = []
    lower = 0  # by how much the candidate's rows stand lower than the baseline's
    while removed or inserted:
        if inserted and (not removed or inserted[0].y - lower <= removed[0].y):
            band = inserted.pop(0)
            steps.append(_Step(band.y - lower, band.y, 0, band.height, _columns(band)))
            lower += band.height
        else:
            band = removed.pop(0)
            steps.append(_Step(band.y, band.y + lower, band.height, 0, _columns(band)))
            lower -= band.height
    return steps


def _columns(region: Region) -> range:
    return range(region.x, region.x + region.width)
