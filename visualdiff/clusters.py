"""Where a mask is set, as a few boxes: what is near together shares one."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.scene import find_extent
from visualdiff.tiles import PixelMask, SparseMask, Tile

# Differences are clustered on a grid of 4×4 pixels: a sixteenth of the work. Boxes are drawn
# around the pixels afterwards; only what is near enough to be joined is judged by cells.
CELL: Final = 4
# Differences nearer than this belong together: letters and words side by side, lines below each
# other. Pixels.
GAP_X: Final = 24
GAP_Y: Final = 12
# Where more boxes than this remain, the nearest two are joined until a handful is left.
_MOST_REGIONS: Final = 24
# Joining takes quadratic time: with more boxes than this, as on a page of dots, gaps are doubled.
_MOST_MERGED: Final = 400


def find_boxes(visible: SparseMask) -> list[Tile]:
    """Return tight boxes around the clusters of a mask, at most a handful."""
    rows = np.flatnonzero(visible.rows)
    if not rows.size:
        return []
    frame = Tile(int(rows[0]), int(rows[-1]) + 1, 0, visible.pixels.shape[1])
    cells = to_cells(frame.crop(visible.pixels))
    scale = 1
    boxes = _find_clusters(cells, scale)
    while len(boxes) > _MOST_MERGED:
        scale *= 2
        boxes = _find_clusters(cells, scale)
    joined = _join_nearest(merge(boxes, scale))
    places = (box.move(frame.top, 0) for box in joined)
    extents = ((place, find_extent(place.crop(visible.pixels))) for place in places)
    return [extent.move(place.top, place.left) for place, extent in extents if extent]


def to_cells(mask: PixelMask) -> NDArray[np.uint8]:
    """Return, for each 4×4 cell of the mask, 1 if any of its pixels is set, else 0."""
    missing = -mask.shape[1] % CELL
    # Four pixels side by side are one number of 32 bits.
    quads = (np.pad(mask, ((0, 0), (0, missing))) if missing else mask).view(np.uint32)
    cells = quads[::CELL].copy()
    for row in range(1, CELL):
        others = quads[row::CELL]
        cells[: len(others)] |= others
    return np.asarray(cells != 0, np.uint8)


def _find_clusters(cells: NDArray[np.uint8], scale: int) -> list[Tile]:
    """Return the box of each cluster of set cells, in pixels."""
    wide, tall = GAP_X * scale // CELL, GAP_Y * scale // CELL
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
    return [Tile(*(edge * CELL for edge in box)) for box in boxes]


def merge(boxes: list[Tile], scale: int) -> list[Tile]:
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
    return gap_x <= GAP_X * scale // 2 and gap_y <= GAP_Y * scale // 2
