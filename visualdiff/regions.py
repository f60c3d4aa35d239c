"""From the mask of visible differences to the few boxes that a person would draw."""

from functools import reduce
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.model import Region, RegionKind
from visualdiff.tiles import PixelMask, Pixels, SparseMask, Tile, any_channel, to_8_bits

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

# A pixel belongs to an outline where its 3×3 neighbourhood spans more than this (levels of 255).
_OUTLINE_RANGE: Final = 24
_CONTEXT: Final = 2
_LEAST_AREA: Final = 4
# Pixels looked at, evenly spread, to find out which colours make up a change.
_MOST_SAMPLES: Final = 4096
# A larger region is looked at in parts.
_MOST_PIXELS: Final = 1 << 18


class _Crops(NamedTuple):
    """What lies in a box: both images in 8 bits with a little context, and the visible pixels."""

    baseline: NDArray[np.uint8]
    candidate: NDArray[np.uint8]
    visible: PixelMask


def find_regions(
    baseline: Pixels, candidate: Pixels, visible: SparseMask, channels: tuple[str, ...]
) -> tuple[Region, ...]:
    """Return the boxes around clusters of visible pixels, the one with most pixels first.

    Images are `(H, W, C)` of equal shape, `channels` names the C channels.
    Boxes are tight: each side touches a visible pixel.
    """
    boxes = _find_boxes(visible)
    regions = [_describe(baseline, candidate, visible.pixels, box, channels) for box in boxes]
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
    return [_tighten(frame, visible.pixels, box) for box in joined]


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


def _tighten(frame: Tile, visible: PixelMask, box: Tile) -> Tile:
    """Return the box around the visible pixels of a box that counts from its frame's corner."""
    inside = box.crop(frame.crop(visible))
    rows, columns = (np.flatnonzero(inside.any(axis=axis)).tolist() for axis in (1, 0))
    top, left = frame.top + box.top, frame.left + box.left
    return Tile(top + rows[0], top + rows[-1] + 1, left + columns[0], left + columns[-1] + 1)


def _merge(boxes: list[Tile], scale: int) -> list[Tile]:
    """Join boxes that overlap or nearly touch, until none do."""
    merged: list[Tile] = []
    for box in boxes:
        current = box
        while near := next((other for other in merged if _touch(current, other, scale)), None):
            merged.remove(near)
            current = _unite(current, near)
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
        united = _unite(boxes[first], boxes.pop(second))
        boxes = [*boxes[:first], *boxes[first + 1 :], united]
    return boxes


def _unite(first: Tile, second: Tile) -> Tile:
    return Tile(
        min(first.top, second.top),
        max(first.bottom, second.bottom),
        min(first.left, second.left),
        max(first.right, second.right),
    )


def _touch(first: Tile, second: Tile, scale: int) -> bool:
    gap_x = max(first.left, second.left) - min(first.right, second.right)
    gap_y = max(first.top, second.top) - min(first.bottom, second.bottom)
    return gap_x <= _GAP_X * scale // 2 and gap_y <= _GAP_Y * scale // 2


def _describe(
    baseline: Pixels,
    candidate: Pixels,
    visible: PixelMask,
    box: Tile,
    channels: tuple[str, ...],
) -> Region:
    """Return the region of a box, with what happened there in words."""
    parts = [
        _Crops(
            np.ascontiguousarray(to_8_bits(part.crop(baseline))),
            np.ascontiguousarray(to_8_bits(part.crop(candidate))),
            np.ascontiguousarray(part.crop(visible)),
        )
        for part in _cut(box.grow(_CONTEXT, *visible.shape))
    ]
    kind, words = _classify(parts)
    change = np.sum([_sum_change(part) for part in parts], axis=0)
    return Region(
        x=box.left,
        y=box.top,
        width=box.right - box.left,
        height=box.bottom - box.top,
        diff_pixels=int(np.count_nonzero(box.crop(visible))),
        kind=kind,
        space="candidate",
        channel=channels[int(np.argmax(change))],
        description=words,
    )


def _cut(box: Tile) -> list[Tile]:
    """Return the parts of a box, so small that their temporaries stay in the cache."""
    rows = max(_MOST_PIXELS // (box.right - box.left), 1)
    return [
        box._replace(top=top, bottom=min(top + rows, box.bottom))
        for top in range(box.top, box.bottom, rows)
    ]


def _sum_change(crops: _Crops) -> NDArray[np.float64]:
    """Return the sum of the differences of the visible pixels, for each channel."""
    difference = cv2.absdiff(crops.baseline, crops.candidate)
    marked = cv2.copyTo(difference, crops.visible.view(np.uint8))
    return np.array(cv2.sumElems(marked)[: crops.baseline.shape[2]])


def _classify(parts: list[_Crops]) -> tuple[RegionKind, str]:
    """Return what happened in a box; `changed` unless the outlines leave no doubt."""
    if all(_differs_in_alpha_only(crops) for crops in parts):
        return RegionKind.OPACITY, "opacity changed"
    before, after, both = np.sum([_count_outlines(crops) for crops in parts], axis=0).tolist()
    # Strictly less: without an outline in either image a flat area changed, nothing was removed.
    if after < 0.05 * before:
        return RegionKind.REMOVED, "removed"
    if before < 0.05 * after:
        return RegionKind.ADDED, "added"
    outlines_stay = both >= 0.9 * (before + after - both)
    # A faint line that goes leaves outlines as they are too, but nobody calls that recoloured.
    if outlines_stay and min(parts[0].visible.shape) >= _LEAST_AREA + 2 * _CONTEXT:
        colours = _find_recolouring(parts)
        if colours:
            return RegionKind.RECOLOURED, "recoloured {} → {}".format(*colours)
    return RegionKind.CHANGED, "changed"


def _differs_in_alpha_only(crops: _Crops) -> bool:
    if crops.baseline.shape[2] < 4:
        return False
    difference = cv2.absdiff(crops.baseline[:, :, :3], crops.candidate[:, :, :3])
    return not (any_channel(difference) & crops.visible).any()


def _count_outlines(crops: _Crops) -> tuple[int, int, int]:
    """Return how many pixels are outlines in the baseline, in the candidate, and in both."""
    before, after = _find_outlines(crops.baseline), _find_outlines(crops.candidate)
    both = np.count_nonzero(before & after)
    return int(np.count_nonzero(before)), int(np.count_nonzero(after)), int(both)


def _find_outlines(image: NDArray[np.uint8]) -> PixelMask:
    kernel = np.ones((3, 3), np.uint8)
    span = cv2.subtract(cv2.dilate(image, kernel), cv2.erode(image, kernel))
    # Saturating: what does not exceed the range becomes 0.
    return any_channel(cv2.subtract(span, np.full_like(span, _OUTLINE_RANGE)))


def _find_recolouring(parts: list[_Crops]) -> tuple[str, str] | None:
    """Return the colours before and after, if one pair of colours makes up most of the change."""
    pairs = np.concatenate([_sample_pairs(crops, _MOST_SAMPLES // len(parts)) for crops in parts])
    # Each pair of colours has at most eight bytes: a number.
    padded = np.zeros((len(pairs), 8), np.uint8)
    padded[:, : pairs.shape[1]] = pairs
    unique, counts = np.unique(padded.view(np.uint64), return_counts=True)
    if counts.max() < 0.5 * len(pairs):
        return None
    commonest = unique[counts.argmax()].reshape(1).view(np.uint8)[: pairs.shape[1]]
    before, after = (_to_hex(colour) for colour in np.split(commonest, 2))
    # Two 16-bit colours may be one in 8 bits.
    return None if before == after else (before, after)


def _sample_pairs(crops: _Crops, most: int) -> NDArray[np.uint8]:
    """Return the colours of visible pixels before and after, `(N, 2 C)`, evenly spread."""
    marked = np.flatnonzero(crops.visible)
    chosen = marked[:: len(marked) // most + 1]
    images = (crops.baseline, crops.candidate)
    colours = [image.reshape(-1, image.shape[2]).take(chosen, axis=0) for image in images]
    return np.concatenate(colours, axis=1)


def _to_hex(colour: NDArray[np.uint8]) -> str:
    values = colour.tolist()
    if len(values) == 1:
        values *= 3
    return "#" + "".join(f"{value:02x}" for value in values)
