"""The cheapest believable way through the rows of a page of which parts moved up or down."""

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

# The mean luma of some strips of each row, `(H, strips)`.
Profile: TypeAlias = NDArray[np.float32]

# A strip whose mean luma is off by this many levels belongs to another row altogether.
_FULL_DIFFERENCE: Final = 12.0
# Prices are whole numbers, so that ties are ties: of one row that is another one from end to end,
# of a change of the shift, and of each row without a counterpart.
ROW_PRICE: Final = 256
_CHANGE_PRICE: Final = 12 * ROW_PRICE
_UNPAIRED_PRICE: Final = ROW_PRICE // 8
_NEVER: Final = 1 << 40
# What a shift must be worth to be believed, and which share of the price it may leave. A font
# that another renderer places one pixel lower leaves a third; inserted rows leave next to nothing.
_LEAST_GAIN: Final = 6 * ROW_PRICE
_MOST_LEFT: Final = 0.6
_MOST_LEFT_OF_SMALL: Final = 0.15
_SMALL_SHIFT: Final = 2
_MOST_TRIALS: Final = 4
# Of doubtful parts all that are lower than this go at once.
_LEAST_ROWS: Final = 16
# A part that moved between two that did not is an element that moved, unless it is this high.
_LEAST_PART_ROWS: Final = 200


class Part(NamedTuple):
    """Rows of the candidate, half-open, that stand `shift` rows lower than in the baseline."""

    start: int
    stop: int
    shift: int


def choose_parts(profiles: tuple[Profile, Profile], shifts: list[int], end: int) -> list[Part]:
    """Return the cheapest parts of which each is believable."""
    first, second = profiles
    if len(shifts) < 2:
        return [Part(0, min(len(first), len(second)), 0)]
    prices = np.full((len(second), len(shifts)), _NEVER)
    for index, shift in enumerate(shifts):
        start, stop = max(shift, 0), min(len(first) + shift, len(second))
        if start < stop:
            prices[start:stop, index] = price_rows(profiles, start, stop, shift)
    for _ in range(_MOST_TRIALS):
        parts = _find_cheapest(prices, shifts, end)
        doubtful = _find_doubtful(parts, prices, shifts, end)
        if not doubtful:
            return parts
        believed = {0, end, *(part.shift for part in set(parts) - {part for _, part in doubtful})}
        worst = min(doubtful)[1]
        for _, part in doubtful:
            # Without its own rows a shift would only serve to jump over rows that changed.
            hopeless = part is worst and part.shift not in believed
            rows = slice(None) if hopeless else slice(part.start, part.stop)
            if part is worst or part.stop - part.start < _LEAST_ROWS:
                prices[rows, shifts.index(part.shift)] = _NEVER
    return [Part(0, min(len(first), len(second)), 0)]


def price_rows(
    profiles: tuple[Profile, Profile], start: int, stop: int, shift: int
) -> NDArray[np.int64]:
    """Return how much each of some rows of the second image differs from its counterpart."""
    difference = np.abs(profiles[1][start:stop] - profiles[0][start - shift : stop - shift])
    shares = np.minimum(difference * (1 / _FULL_DIFFERENCE), 1).mean(axis=1)
    return np.asarray(shares * ROW_PRICE, np.int64)


def _find_doubtful(
    parts: list[Part], prices: NDArray[np.int64], shifts: list[int], end: int
) -> list[tuple[int, Part]]:
    """Return the parts whose rows hardly fit better than they would with a neighbour.

    Each comes with what is gained by it.
    """
    doubtful = []
    around = [0, *(part.shift for part in parts), end]
    for place, part in enumerate(parts):
        before, after = around[place], around[place + 2]
        neighbours = {before, after} - {part.shift}
        if part.shift == 0 and len(neighbours) < 2:
            continue  # what stays in its place at the top or at the bottom
        rows = np.minimum(prices[part.start : part.stop], ROW_PRICE)
        own, *others = (
            int(rows[:, shifts.index(shift)].sum()) for shift in (part.shift, *neighbours)
        )
        small = min(abs(part.shift - shift) for shift in neighbours) <= _SMALL_SHIFT
        most = _MOST_LEFT_OF_SMALL if small else _MOST_LEFT
        element = before == after and part.stop - part.start < _LEAST_PART_ROWS
        gain = min(others) - own
        if element or own > most * min(others) or gain < _LEAST_GAIN:
            doubtful.append((gain, part))
    return doubtful


def _find_cheapest(prices: NDArray[np.int64], shifts: list[int], end: int) -> list[Part]:
    """Return the parts of the cheapest way through all rows, from shift 0 to shift `end`.

    Of ways that cost the same, that which changes its shift last: inserted rows then begin with
    what was inserted, and end with the blank rows that keep it apart from what follows.
    """
    rising = sorted(range(len(shifts)), key=shifts.__getitem__)
    totals = [0 if shift == 0 else _NEVER for shift in shifts]
    # For each row of the baseline, from where it is best reached over inserted rows.
    waiting: dict[int, tuple[int, int]] = {}
    sources = []
    # After the last row the shift must be `end`.
    for row, row_prices in enumerate([*prices.tolist(), [0] * len(shifts)]):
        least, origins = totals[:], [*range(len(shifts))]
        nearest = (_NEVER, -1)
        for index in reversed(rising):  # rows were removed: the shift falls
            toll = _UNPAIRED_PRICE * shifts[index]
            _take(nearest[0] - toll, nearest[1], index, least, origins)
            nearest = min(nearest, (totals[index] + toll, index))
        for index in rising:  # rows were inserted: the shift rises
            toll, old_row = _UNPAIRED_PRICE * shifts[index], row - shifts[index]
            here = waiting.get(old_row, (_NEVER, -1))
            _take(here[0] + toll, here[1], index, least, origins)
            waiting[old_row] = min(here, (totals[index] - toll, index))
        totals = [sum(both) for both in zip(least, row_prices, strict=True)]
        sources.append(origins)
    return _unwind(sources, shifts, shifts.index(end))


def _take(total: int, origin: int, index: int, least: list[int], origins: list[int]) -> None:
    """Change the shift before a row if that costs no more."""
    if origin >= 0 and total + _CHANGE_PRICE <= least[index]:
        least[index], origins[index] = total + _CHANGE_PRICE, origin


def _unwind(sources: list[list[int]], shifts: list[int], index: int) -> list[Part]:
    """Return the parts of the way that ends with a shift, last row first."""
    parts = []
    row = len(sources) - 1
    stop = row
    while row >= 0:
        origin = sources[row][index]
        if origin == index and row > 0:
            row -= 1
            continue
        if row < stop:
            parts.append(Part(row, stop, shifts[index]))
        stop = row - max(shifts[index] - shifts[origin], 0)
        row, index = stop - 1, origin
    return parts[::-1]
