"""Where what stands in one image stands in the other: beside bands of rows, or after a motion."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal, NamedTuple, TypeAlias

from visualdiff.affine import to_affine
from visualdiff.model import Comparison, Motion, Region, RegionKind

Side: TypeAlias = Literal["baseline", "candidate"]

SIDES: Final[tuple[Side, Side]] = ("baseline", "candidate")

_KINDS: Final = (RegionKind.INSERTED_ROWS, RegionKind.REMOVED_ROWS)


class _Step(NamedTuple):
    """A band by where it begins in either image, how many rows it has there, and its columns."""

    baseline: int
    candidate: int
    removed: int
    inserted: int
    columns: range


class Piece(NamedTuple):
    """A part of a baseline, and the row of the candidate on which its first one lies."""

    x: int
    y: int
    width: int
    height: int
    candidate_y: int


def select_bands(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Return the regions that are bands of inserted or removed rows."""
    return tuple(region for region in regions if region.kind in _KINDS)


def count_differing(comparison: Comparison) -> int:
    """Return how many pixels differ visibly, those of inserted and removed rows among them."""
    bands = select_bands(comparison.regions)
    return comparison.diff_pixels + sum(band.diff_pixels for band in bands)


def place_regions(
    regions: Sequence[Region], side: Side, motion: Motion | None = None
) -> tuple[Region, ...]:
    """Return regions as they are to be drawn on one side of a pair.

    What stands lower or higher there is moved; rows that this side lacks have no height. On the
    baseline a `motion` of the whole page is undone: a box that turned becomes the one around it.
    """
    if motion and side == "baseline":
        return tuple(_move_back(region, motion) for region in regions)
    steps = _list_steps(regions)
    return tuple(_place(region, side, steps) for region in regions) if steps else tuple(regions)


def list_pieces(regions: Sequence[Region], width: int, height: int) -> tuple[Piece, ...]:
    """Return the parts of a baseline, of this size, that were laid on rows of the candidate.

    Bands cut it: what stands between two of them keeps together, removed rows lie nowhere.
    """
    steps = _list_steps(regions)
    sides = (edge for step in steps for edge in (step.columns.start, step.columns.stop))
    edges = {0, width, *sides}
    columns = sorted(edge for edge in edges if 0 <= edge <= width)
    pieces = []
    for left, right in itertools.pairwise(columns):
        row, below = 0, 0
        for step in _select_steps(steps, left):
            pieces.append(Piece(left, row, right - left, step.baseline - row, below))
            row, below = step.baseline + step.removed, step.candidate + step.inserted
        pieces.append(Piece(left, row, right - left, height - row, below))
    return tuple(piece for piece in pieces if piece.height > 0)


def _move_back(region: Region, motion: Motion) -> Region:
    box = region.x, region.y, region.width, region.height
    x, y, width, height = to_affine(motion).invert().move_box(*box)
    # The box around one that turned may reach out of the image.
    left, top = max(x, 0), max(y, 0)
    return replace(region, x=left, y=top, width=x + width - left, height=y + height - top)


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
