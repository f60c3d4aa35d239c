"""Rows inserted or removed → a baseline that the candidate can be compared with, row by row."""

from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from visualdiff.model import Region, RegionKind
from visualdiff.rows import RowMap, map_rows
from visualdiff.tiles import PixelMask, Pixels, find_differing_pixels

# A column stayed in its place if a quarter of the rows or fewer differ there that differ where
# the others moved to, and those are no mere speckles.
_TIMES_BETTER: Final = 4
_LEAST_ROWS_TELLING: Final = 4
# Less than this is an icon or a part of a page, not a page on which rows are inserted.
_LEAST_ROWS: Final = 64


class Aligned(NamedTuple):
    """The baseline on the rows of the candidate, and the bands of rows that only one of them has.

    `baseline` has the candidate's shape; rows that the baseline lacks are the candidate's own.
    `rows` maps the others, but for the columns that stayed `still`.
    """

    baseline: Pixels
    bands: tuple[Region, ...]
    rows: RowMap
    still: PixelMask


def move_mask(mask: PixelMask, aligned: Aligned) -> PixelMask:
    """Return a mask of the baseline, `(H, W)`, on the rows of the candidate, with what it covers.

    Inserted rows are masked where the rows above and below are: they came into what is masked.
    """
    rows = aligned.rows
    kept = np.flatnonzero(rows >= 0)
    moved = np.zeros((len(rows), mask.shape[1]), np.bool_)
    moved[kept] = mask[rows[kept]]
    inserted = np.flatnonzero(rows < 0)
    above = np.searchsorted(kept, inserted)
    amid = (above > 0) & (above < len(kept))
    moved[inserted[amid]] = moved[kept[above[amid] - 1]] & moved[kept[above[amid]]]
    if aligned.still.any():
        moved[:, aligned.still] = mask[_stay(len(rows), len(mask))][:, aligned.still]
    return moved


def moves_unmasked(aligned: Aligned, masked: PixelMask | None) -> bool:
    """Return whether rows came, went or moved in anything that is not masked of the baseline."""
    if masked is None:
        return True
    first = aligned.bands[0]  # above it, no row moved
    below = np.s_[first.y :, first.x : first.x + first.width]
    return not (masked[below].all() and move_mask(masked, aligned)[below].all())


def align_rows(baseline: Pixels, candidate: Pixels, channel: str) -> Aligned | None:
    """Return the baseline as it would be with the rows inserted that the candidate inserted.

    Images are `(H, W, C)` of equal width and depth. `channel` is named in the bands. None where no
    rows were inserted or removed but at the end.
    """
    if baseline.shape[1] != candidate.shape[1] or min(len(baseline), len(candidate)) < _LEAST_ROWS:
        return None
    rows = map_rows(baseline, candidate)
    if rows is None:
        return None
    moved = candidate.copy()
    for start, stop in _find_runs(rows):
        moved[start:stop] = baseline[rows[start] : rows[stop - 1] + 1]
    still = _find_still_columns(baseline, candidate, moved, rows)
    if still.any() and not _loses_content(baseline[:, still], len(candidate)):
        moved[:, still] = baseline[_stay(len(candidate), len(baseline))][:, still]
    else:
        still[:] = False
    bands = tuple(_describe_bands(rows, len(baseline), _span(~still), channel))
    return Aligned(moved, bands, rows, still) if bands else None


def _stay(height: int, old_height: int) -> RowMap:
    """Return which row of the baseline stands beside each of the candidate's, unmoved.

    Below the baseline's end, its last row goes on: more of a sidebar's background is no change,
    but anything else is.
    """
    return np.minimum(np.arange(height), old_height - 1)


def _loses_content(columns: Pixels, height: int) -> bool:
    """Return whether something other than background stands below a height."""
    return bool((columns[height:] != columns[height - 1 : height]).any())


def _find_runs(rows: RowMap) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the candidate's rows that are a range of the baseline's, too."""
    kept = np.flatnonzero(rows >= 0)
    breaks = np.flatnonzero((np.diff(kept) != 1) | (np.diff(rows[kept]) != 1)) + 1
    for run in np.split(kept, breaks):
        if run.size:
            yield int(run[0]), int(run[-1]) + 1


def _find_still_columns(
    baseline: Pixels, candidate: Pixels, moved: Pixels, rows: RowMap
) -> PixelMask:
    """Return which columns stayed where they were, such as those of a sidebar.

    A column that does not tell belongs to the nearest that does.
    """
    common = min(len(baseline), len(candidate))
    concerned = np.flatnonzero(rows[:common] != np.arange(common))
    after = find_differing_pixels(moved, candidate).pixels[concerned].sum(axis=0)
    if after.max(initial=0) < _LEAST_ROWS_TELLING:
        return np.zeros(after.shape, np.bool_)
    before = find_differing_pixels(baseline[:common], candidate[:common]).pixels[concerned]
    unmoved = before.sum(axis=0)
    still = (after >= _LEAST_ROWS_TELLING) & (_TIMES_BETTER * unmoved <= after)
    gone = (unmoved >= _LEAST_ROWS_TELLING) & (_TIMES_BETTER * after <= unmoved)
    telling = np.flatnonzero(still | gone)
    if not still.any() or not gone.any():
        return np.zeros(after.shape, np.bool_)
    middles = (telling[1:] + telling[:-1]) / 2
    nearest = still[telling[np.searchsorted(middles, np.arange(len(still)))]]
    # In the middle of what moved, nothing stays: bands are one range of columns.
    left, right = _span(~nearest)
    places = np.arange(len(still))
    return np.asarray((places < left) | (places >= right))


def _span(columns: PixelMask) -> tuple[int, int]:
    """Return the half-open range of the set columns."""
    places = np.flatnonzero(columns)
    return int(places[0]), int(places[-1]) + 1


def _describe_bands(
    rows: RowMap, height: int, columns: tuple[int, int], channel: str
) -> list[Region]:
    """Return the bands from top to bottom, but what images of one height had to cut off below."""
    describe = partial(_describe_band, columns=columns, channel=channel)
    bands = []
    next_row = next_old = 0
    for start, stop in [*_find_runs(rows), (len(rows), len(rows))]:
        old = int(rows[start]) if start < stop else height
        inserted, removed = start - next_row, old - next_old
        cut_off = start == len(rows) == height and not (inserted and removed)
        if inserted and not cut_off:
            bands.append(describe(next_row, inserted, RegionKind.INSERTED_ROWS))
        if removed and not cut_off:
            bands.append(describe(next_old, removed, RegionKind.REMOVED_ROWS))
        next_row, next_old = stop, old + stop - start
    return bands


def _describe_band(
    top: int, height: int, kind: RegionKind, *, columns: tuple[int, int], channel: str
) -> Region:
    inserted = kind is RegionKind.INSERTED_ROWS
    number = f"{height:,} rows" if height > 1 else "1 row"
    left, right = columns
    return Region(
        x=left,
        y=top,
        width=right - left,
        height=height,
        diff_pixels=(right - left) * height,
        kind=kind,
        space="candidate" if inserted else "baseline",
        channel=channel,
        description=f"{number} {'inserted' if inserted else 'removed'} at y = {top:,}",
    )
