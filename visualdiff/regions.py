"""From the mask of visible differences to the few boxes that a person would draw."""

from functools import reduce
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.model import Region
from visualdiff.tiles import PixelMask, Pixels, SparseMask, Tile, any_channel, to_8_bits
from visualdiff.wording import Wording, say_what_happened

# Differences are clustered on a grid of 4×4 pixels: a sixteenth of the work. Boxes are drawn
# around the pixels afterwards; only what is near enough to be joined is judged by cells.
_CELL: Final = 4
# Differences nearer than this belong together: letters and words side by side, lines below each
# other. Pixels.
_GAP_X: Final = 24
_GAP_Y: Final = 12
# Where more boxes than this remain, the nearest two are joined until a handful is left.
_MOST_REGIONS: Final = 24
# Joining takes quadratic time: with more boxes than this, as on a page of dots, gaps are doubled.
_MOST_MERGED: Final = 400

# A visible difference has faint surroundings that belong to it, as where a shadow fades out:
# pixels that differ by at most so many levels of 255, connected to it, and no further away than
# this. Not every ignored pixel will do: smoothing differs more, and connects lines of text.
_FAINT: Final = 8
_REACH: Final = 128
# Rows further than this from any difference may be undefined: nothing in a comparison looks there.
_REACH_ROWS: Final = 32
_MOST_RIM: Final = 0.1
# Pixels that are looked at for that, of one box and of all boxes. Larger boxes gain little.
_MOST_PIXELS: Final = 1 << 18
_MOST_PIXELS_OF_ALL: Final = 1 << 20

# Two ends of a button, or four corners of a card, are one change: they mirror each other. Pixels.
_WIDEST_END: Final = 64
_SLACK: Final = 2
_ALIKE: Final = 0.6


def find_regions(
    baseline: Pixels, candidate: Pixels, visible: SparseMask, channels: tuple[str, ...]
) -> tuple[Region, ...]:
    """Return the boxes around clusters of visible pixels, the one with most pixels first.

    Images are `(H, W, C)` of equal shape, `channels` names the C channels. Each side of a box
    touches a visible pixel, or a fainter difference that is connected to one.
    """
    boxes = _join_ends(visible.pixels, _find_boxes(visible))
    grown = [_grow(baseline, candidate, visible.pixels, box, len(boxes)) for box in boxes]
    regions = [
        _make_region(baseline, candidate, visible.pixels, box, wording, channels)
        for box, wording in say_what_happened(
            baseline, candidate, visible.pixels, _merge(grown, 1)
        )
    ]
    return tuple(sorted(regions, key=lambda region: (-region.diff_pixels, region.y, region.x)))


def _find_boxes(visible: SparseMask) -> list[Tile]:
    """Return tight boxes around the clusters of a mask, at most a handful."""
    rows = np.flatnonzero(visible.rows)
    if not rows.size:
        return []
    frame = Tile(int(rows[0]), int(rows[-1]) + 1, 0, visible.pixels.shape[1])
    cells = _to_cells(frame.crop(visible.pixels))
    scale = 1
    boxes = _find_clusters(cells, scale)
    while len(boxes) > _MOST_MERGED:
        scale *= 2
        boxes = _find_clusters(cells, scale)
    joined = _join_nearest(_merge(boxes, scale))
    places = (box.move(frame.top, 0) for box in joined)
    return [_tighten(place, place.crop(visible.pixels)) for place in places]


def _to_cells(mask: PixelMask) -> NDArray[np.uint8]:
    """Return, for each 4×4 cell of the mask, 1 if any of its pixels is set, else 0."""
    height, width = mask.shape
    padded = np.zeros((-(-height // _CELL) * _CELL, -(-width // _CELL) * _CELL), np.bool_)
    padded[:height, :width] = mask
    # Four pixels side by side are one number of 32 bits.
    quads = padded.view(np.uint32)
    return np.asarray(
        reduce(np.bitwise_or, (quads[row::_CELL] for row in range(_CELL))) != 0, np.uint8
    )


def _find_clusters(cells: NDArray[np.uint8], scale: int) -> list[Tile]:
    """Return the box of each cluster of set cells, in pixels."""
    wide, tall = _GAP_X * scale // _CELL, _GAP_Y * scale // _CELL
    # With a border no cluster is cut off when it grows, and OpenCV takes nothing outside as set.
    bordered = np.pad(cells, ((tall, tall), (wide, wide)))
    grown = cv2.dilate(bordered, np.ones((tall + 1, wide + 1), np.uint8))
    _, _, clusters, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    # Growing moved the upper left corner by half, rounded down, and the border by the whole.
    up, left = tall - tall // 2, wide - wide // 2
    boxes = (
        Tile(y - up, y - up + height - tall, x - left, x - left + width - wide)
        for x, y, width, height, _ in clusters[1:].tolist()
    )
    return [Tile(*(edge * _CELL for edge in box)) for box in boxes]


def _tighten(frame: Tile, mask: PixelMask) -> Tile:
    """Return the box around the set pixels of a frame's mask, which has some."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)).tolist() for axis in (1, 0))
    return Tile(rows[0], rows[-1] + 1, columns[0], columns[-1] + 1).move(frame.top, frame.left)


def _join_ends(visible: PixelMask, boxes: list[Tile]) -> list[Tile]:
    """Join the left and right ends of a thing, then its upper and lower ones."""
    for mask, flip in ((visible, _keep), (visible.T, _transpose)):
        boxes = [flip(box) for box in _join_mirrored(mask, [flip(box) for box in boxes])]
    return boxes


def _keep(box: Tile) -> Tile:
    return box


def _transpose(box: Tile) -> Tile:
    return Tile(box.left, box.right, box.top, box.bottom)


def _join_mirrored(visible: PixelMask, boxes: list[Tile]) -> list[Tile]:
    """Join each box with the next one to the right that mirrors it."""
    waiting = sorted(boxes, key=lambda box: (box.left, box.top))
    joined = []
    while waiting:
        box = waiting.pop(0)
        twin = next((other for other in waiting if _mirrors(visible, box, other)), None)
        if twin:
            waiting.remove(twin)
            box = box.unite(twin)
        joined.append(box)
    return joined


def _mirrors(visible: PixelMask, left: Tile, right: Tile) -> bool:
    """Return whether two shapes on the same rows are mirrored; what is repeated is a list."""
    edges = left.top - right.top, left.bottom - right.bottom
    widths = left.right - left.left, right.right - right.left
    if max(*widths, 0) > _WIDEST_END or max(map(abs, (*edges, widths[0] - widths[1]))) > _SLACK:
        return False
    rows, columns = min(left.bottom - left.top, right.bottom - right.top), min(widths)
    first = left.crop(visible)[:rows, :columns]
    second = right.crop(visible)[:rows, -columns:]
    return _measure_likeness(first, second[:, ::-1]) >= _ALIKE > _measure_likeness(first, second)


def _measure_likeness(first: PixelMask, second: PixelMask) -> float:
    return float(np.count_nonzero(first & second) / np.count_nonzero(first | second))


def _grow(baseline: Pixels, candidate: Pixels, visible: PixelMask, box: Tile, boxes: int) -> Tile:
    """Return a box with the faint differences that are connected to its visible pixels."""
    wide = box.grow(_REACH, *visible.shape)
    window = box.grow(_REACH_ROWS, *visible.shape)._replace(left=wide.left, right=wide.right)
    most = min(_MOST_PIXELS, _MOST_PIXELS_OF_ALL // boxes)
    if window.area > most or not _differs_beside(baseline, candidate, box):
        return box
    images = (to_8_bits(np.ascontiguousarray(window.crop(each))) for each in (baseline, candidate))
    difference = cv2.absdiff(*images)
    seen = np.ascontiguousarray(window.crop(visible))
    faint = any_channel(difference) & ~seen
    strong = any_channel(cv2.subtract(difference, np.full_like(difference, _FAINT))) & ~seen
    inside = box.move(-window.top, -window.left)
    own = _find_own_cells(_to_cells(seen), _to_cells(faint), _to_cells(strong), inside)
    mask = np.repeat(np.repeat(own, _CELL, axis=0), _CELL, axis=1)[: len(seen), : seen.shape[1]]
    mask &= seen | faint
    return box.unite(_tighten(window, mask)) if mask.any() else box


def _differs_beside(baseline: Pixels, candidate: Pixels, box: Tile) -> bool:
    """Return whether anything differs so near to a box that it can be connected to it."""
    outer = box.grow(2 * _CELL, *baseline.shape[:2])
    rims = (
        outer._replace(bottom=box.top),
        outer._replace(top=box.bottom),
        outer._replace(right=box.left),
        outer._replace(left=box.right),
    )
    return any(
        rim.area and cv2.norm(rim.crop(baseline), rim.crop(candidate), cv2.NORM_INF)
        for rim in rims
    )


def _find_own_cells(
    seen: NDArray[np.uint8], faint: NDArray[np.uint8], strong: NDArray[np.uint8], box: Tile
) -> PixelMask:
    """Return the cells that are connected to the visible ones of a box, through faint ones.

    None where faint differences are noise: most of them are connected to nothing visible, or they
    flow out of the window. A border may leave it, but in few places.
    """
    _, clusters = cv2.connectedComponents(seen | (faint & ~strong), connectivity=8)
    inside = np.s_[
        box.top // _CELL : -(-box.bottom // _CELL), box.left // _CELL : -(-box.right // _CELL)
    ]
    own = np.isin(clusters, np.unique(clusters[inside][seen[inside] > 0]))
    lone = ~np.isin(clusters, np.unique(clusters[seen > 0]))
    is_noise = np.count_nonzero(lone & (faint > 0)) > np.count_nonzero(own & (faint > 0))
    rim = np.concatenate((own[0], own[-1], own[:, 0], own[:, -1]))
    if is_noise or np.count_nonzero(rim) > _MOST_RIM * rim.size:
        return np.zeros_like(own)
    return own


def _merge(boxes: list[Tile], scale: int) -> list[Tile]:
    """Join boxes that overlap or nearly touch, until none do."""
    merged: list[Tile] = []
    for box in boxes:
        current = box
        while near := next((other for other in merged if _touch(current, other, scale)), None):
            merged.remove(near)
            current = current.unite(near)
        merged.append(current)
    return merged


def _join_nearest(boxes: list[Tile]) -> list[Tile]:
    """Join the two boxes that are nearest to each other until a handful is left."""
    while len(boxes) > _MOST_REGIONS:
        edges = np.array(boxes)
        starts, ends = edges[:, [0, 2]], edges[:, [1, 3]]
        gaps = np.maximum(starts[:, None], starts) - np.minimum(ends[:, None], ends)
        distances = np.maximum(gaps, 0).sum(axis=2)
        np.fill_diagonal(distances, np.iinfo(distances.dtype).max)
        first, second = sorted(divmod(int(distances.argmin()), len(boxes)))
        united = boxes[first].unite(boxes.pop(second))
        boxes = [*boxes[:first], *boxes[first + 1 :], united]
    return boxes


def _touch(first: Tile, second: Tile, scale: int) -> bool:
    gap_x = max(first.left, second.left) - min(first.right, second.right)
    gap_y = max(first.top, second.top) - min(first.bottom, second.bottom)
    return gap_x <= _GAP_X * scale // 2 and gap_y <= _GAP_Y * scale // 2


def _make_region(
    baseline: Pixels,
    candidate: Pixels,
    visible: PixelMask,
    box: Tile,
    said: Wording,
    channels: tuple[str, ...],
) -> Region:
    """Return the region of a box, with its worst channel."""
    change = np.sum(
        [_sum_change(baseline, candidate, visible, part) for part in _cut(box)], axis=0
    )
    return Region(
        x=box.left,
        y=box.top,
        width=box.right - box.left,
        height=box.bottom - box.top,
        diff_pixels=int(np.count_nonzero(box.crop(visible))),
        kind=said.kind,
        space="candidate",
        channel=channels[int(np.argmax(change))],
        description=said.words,
    )


def _cut(box: Tile) -> list[Tile]:
    """Return the parts of a box, so small that their temporaries stay in the cache."""
    rows = max(_MOST_PIXELS // (box.right - box.left), 1)
    return [
        box._replace(top=top, bottom=min(top + rows, box.bottom))
        for top in range(box.top, box.bottom, rows)
    ]


def _sum_change(
    baseline: Pixels, candidate: Pixels, visible: PixelMask, part: Tile
) -> NDArray[np.float64]:
    """Return the sum of the differences of the visible pixels, for each channel."""
    images = (np.ascontiguousarray(to_8_bits(part.crop(image))) for image in (baseline, candidate))
    difference = cv2.absdiff(*images)
    marked = cv2.copyTo(difference, np.ascontiguousarray(part.crop(visible)).view(np.uint8))
    return np.array(cv2.sumElems(marked)[: baseline.shape[2]])
