"""Rows inserted or removed: which row of the baseline each row of the candidate stands for.

Rows are told apart by the mean luma of 32 strips side by side, so that slight noise does not
matter and columns that stayed where they were, such as a sidebar, are outvoted. How far parts of
the page may have moved is voted for by pieces of rows that occur once in either image, and where
those say too little by matching windows. The cheapest way through the page is then found by
dynamic programming over its rows, as in Needleman and Wunsch, "A general method applicable to the
search for similarities in the amino acid sequence of two proteins", J. Mol. Biol. 48(3), 1970,
with a price for each change of the shift.
"""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.parts import ROW_PRICE, Part, Profile, choose_parts, price_rows
from visualdiff.tiles import TILE_ROWS, Pixels, to_8_bits

# For each row of the candidate the row of the baseline that it stands for, or -1.
RowMap: TypeAlias = NDArray[np.intp]

_STRIPS: Final = 32
_GROUPS: Final = 8
_MOST_SHIFTS: Final = 8
_LEAST_VOTES: Final = 24
_WINDOW_ROWS: Final = 48
# What the mean luma of strips is off, as a root mean square, where only the rasteriser changed.
_SAME_WINDOW: Final = 8.0
_MOST_WINDOWS: Final = 8
# A strip stayed where it was if more than this many levels are in at most this share of its rows;
# what moved must be at least this share of the strips that are not blank.
_SLIGHT_DIFFERENCE: Final = 2.0
_MOST_STILL_ROWS: Final = 0.05
_LEAST_MOVED_STRIPS: Final = 0.4


def map_rows(baseline: Pixels, candidate: Pixels) -> RowMap | None:
    """Return which row of the baseline each row of the candidate stands for, -1 for none.

    Images are `(H, W, C)` of one width. The mapped rows ascend. None where no rows were inserted
    or removed, but at the end.
    """
    height, other = len(candidate), len(baseline)
    top = _count_equal_rows(baseline, candidate)
    bottom = _count_equal_rows(baseline[top:], candidate[top:], from_end=True)
    if height == other and _is_blank(candidate[height - bottom :]):
        bottom = 0  # it may as well stand lower, with the end cut off
    rows = np.full(height, -1)
    rows[:top] = np.arange(top)
    rows[height - bottom :] = np.arange(other - bottom, other)
    first, second = baseline[top : other - bottom], candidate[top : height - bottom]
    if len(first) and len(second):
        for part in _find_parts(first, second):
            moved = np.arange(part.start, part.stop)
            rows[top + moved] = top + moved - part.shift
    kept = np.flatnonzero(rows >= 0)
    # Where all that is left stays in its place, rows were inserted or removed at the end only.
    return None if np.array_equal(rows[kept], kept) else rows


def _count_equal_rows(first: Pixels, second: Pixels, *, from_end: bool = False) -> int:
    """Return how many rows are equal before the first that differs, from the top or the end."""
    most = min(len(first), len(second))
    for done in range(0, most, TILE_ROWS):
        rows = min(TILE_ROWS, most - done)
        old, new = (
            image[len(image) - done - rows : len(image) - done]
            if from_end
            else image[done:][:rows]
            for image in (first, second)
        )
        # A norm writes nothing: it takes a third of the time that an array of equalities takes.
        if cv2.norm(old, new, cv2.NORM_INF):
            differing = (old != new).any(axis=(1, 2))
            return done + int((differing[::-1] if from_end else differing).argmax())
    return most


def _is_blank(rows: Pixels) -> bool:
    """Return whether all rows are the same."""
    return bool((rows == rows[:1]).all())


def _find_parts(first: Pixels, second: Pixels) -> list[Part]:
    """Return the parts of the second image that stand somewhere in the first."""
    profiles = _leave_out_still(_profile(first), _profile(second))
    end = len(second) - len(first)
    shifts = {0, end, *_vote(_hash_rows(first), _hash_rows(second))}
    parts = choose_parts(profiles, sorted(shifts, key=abs), end)
    unexplained = _find_unexplained(profiles, parts)
    more = set(_match_windows(profiles, unexplained)) - shifts
    return choose_parts(profiles, sorted(shifts | more, key=abs), end) if more else parts


def _profile(image: Pixels) -> Profile:
    """Return the mean luma of the strips of each row, `(H, strips)`."""
    luma = to_8_bits(image)
    if image.shape[2] == 1:
        luma = luma[:, :, 0]
    else:
        to_gray = cv2.COLOR_RGBA2GRAY if image.shape[2] == 4 else cv2.COLOR_RGB2GRAY
        luma = np.asarray(cv2.cvtColor(luma, to_gray), np.uint8)
    strips = min(_STRIPS, luma.shape[1])
    width = luma.shape[1] // strips
    cells = np.ascontiguousarray(luma[:, : strips * width]).reshape(-1, width)
    sums = cv2.reduce(cells, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F).reshape(len(image), strips)
    return np.asarray(sums / width, np.float32)


def _leave_out_still(first: Profile, second: Profile) -> tuple[Profile, Profile]:
    """Return profiles without the strips that stayed where they were, unless most of them did.

    Otherwise it could pay to jump over rows only because a sidebar differs in them.
    """
    common = min(len(first), len(second))
    before, after = first[:common], second[:common]
    inked = np.ptp(before, axis=0) + np.ptp(after, axis=0) > _SLIGHT_DIFFERENCE
    moved = (np.abs(before - after) > _SLIGHT_DIFFERENCE).mean(axis=0) > _MOST_STILL_ROWS
    if np.count_nonzero(moved) < max(_LEAST_MOVED_STRIPS * np.count_nonzero(inked), 1):
        return first, second
    return first[:, moved], second[:, moved]


def _hash_rows(image: Pixels) -> NDArray[np.uint64]:
    """Return a hash of each of eight pieces of each row, `(H, 8)`."""
    rows = np.ascontiguousarray(image).reshape(len(image), -1).view(np.uint8)
    words = -(-rows.shape[1] // (8 * _GROUPS))
    missing = words * 8 * _GROUPS - rows.shape[1]
    if missing:
        rows = np.pad(rows, ((0, 0), (0, missing)))
    pieces = rows.view(np.uint64).reshape(len(rows), _GROUPS, words)
    # Random odd factors, always the same: what differs in one word never gives the same sum.
    factors = np.random.default_rng(0).integers(0, 1 << 63, words, np.uint64) * 2 + 1
    return np.asarray(np.einsum("rgw,w->rg", pieces, factors))


def _vote(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> list[int]:
    """Return the shifts that most pieces agree on, of those that each image has once."""
    found = []
    for before, after in zip(first.T, second.T, strict=True):
        (old, old_rows), (new, new_rows) = _find_unique(before), _find_unique(after)
        _, there, here = np.intersect1d(old, new, assume_unique=True, return_indices=True)
        found.append(new_rows[here] - old_rows[there])
    return _most_frequent(np.concatenate(found), _LEAST_VOTES)


def _find_unique(values: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Return the values that occur once, and where."""
    unique, places, counts = np.unique(values, return_index=True, return_counts=True)
    return unique[counts == 1], places[counts == 1]


def _most_frequent(shifts: NDArray[np.intp], least: int) -> list[int]:
    values, counts = np.unique(shifts, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_MOST_SHIFTS]
    return [int(values[place]) for place in order if counts[place] >= least]


def _find_unexplained(profiles: tuple[Profile, Profile], parts: list[Part]) -> NDArray[np.bool_]:
    """Return which rows of the second image are not much like what they are mapped to."""
    unexplained = np.ones(len(profiles[1]), np.bool_)
    for start, stop, shift in parts:
        price = price_rows(profiles, start, stop, shift)
        unexplained[start:stop] = price > ROW_PRICE // 16
    return unexplained


def _match_windows(profiles: tuple[Profile, Profile], unexplained: NDArray[np.bool_]) -> list[int]:
    """Return the shifts at which windows with many unexplained edges fit best."""
    first, second = profiles
    size = min(_WINDOW_ROWS, len(first), len(second))
    edges = np.abs(np.diff(second, axis=0, prepend=second[:1])).sum(axis=1) * unexplained
    interest = np.convolve(edges, np.ones(size), "valid")
    found = []
    for _ in range(_MOST_WINDOWS):
        top = int(interest.argmax())
        if interest[top] <= 0:
            break
        interest[max(top - size, 0) : top + size] = 0
        misfit = cv2.matchTemplate(first, second[top : top + size], cv2.TM_SQDIFF)[:, 0]
        place = int(misfit.argmin())
        # The best of many bad places proves nothing.
        if misfit[place] <= size * first.shape[1] * _SAME_WINDOW**2:
            found.append(top - place)
    return _most_frequent(np.array(found, np.intp), 1)
