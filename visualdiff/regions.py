"""From the mask of visible differences to the few boxes that a person would draw."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.model import Region, RegionKind
from visualdiff.tiles import PixelMask, Pixels, Tile, any_channel, to_8_bits

# Differences are clustered on a grid of 4×4 pixels: a sixteenth of the work, and no box moves,
# because boxes are drawn around the pixels afterwards.
_CELL: Final = 4
# Differences nearer than this belong together: letters and words side by side, lines below each
# other. Pixels, before widening.
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


class _Crops(NamedTuple):
    """What lies in a box: both images in 8 bits with a little context, and the visible pixels."""

    baseline: NDArray[np.uint8]
    candidate: NDArray[np.uint8]
    visible: PixelMask


def find_regions(
    baseline: Pixels, candidate: Pixels, visible: PixelMask, channels: tuple[str, ...]
) -> tuple[Region, ...]:
    """Return the boxes around clusters of visible pixels, the one with most pixels first.

    Images are `(H, W, C)` of equal shape, `visible` is `(H, W)`, `channels` names the C channels.
    Boxes are tight: each side touches a visible pixel.
    """
    boxes = _find_boxes(visible)
    regions = [_describe(baseline, candidate, visible, box, channels) for box in boxes]
    return tuple(sorted(regions, key=lambda region: (-region.diff_pixels, region.y, region.x)))


def _find_boxes(visible: PixelMask) -> list[Tile]:
    """Return tight boxes around the clusters of a mask, at most a handful."""
    rows = np.flatnonzero(visible.any(axis=1))
    if not rows.size:
        return []
    columns = np.flatnonzero(visible[rows[0] : rows[-1] + 1].any(axis=0))
    frame = Tile(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
    cells = _to_cells(frame.crop(visible))
    scale = 1
    boxes = list(_tight_boxes(frame, visible, _label(cells, scale)))
    while len(boxes) > _MOST_MERGED:
        scale *= 2
        boxes = list(_tight_boxes(frame, visible, _label(cells, scale)))
    return _join_nearest(_merge(boxes, scale))


def _to_cells(mask: PixelMask) -> NDArray[np.uint8]:
    """Return, for each 4×4 cell of the mask, 1 if any of its pixels is set, else 0."""
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % _CELL), (0, -width % _CELL)))
    blocks = padded.reshape(len(padded) // _CELL, _CELL, -1, _CELL)
    return np.asarray(blocks.any(axis=(1, 3)), np.uint8)


def _label(cells: NDArray[np.uint8], scale: int) -> NDArray[np.int32]:
    """Return the cluster number of each set cell, 0 elsewhere."""
    size = (_GAP_X * scale // _CELL + 1, _GAP_Y * scale // _CELL + 1)
    # A border keeps cv2 from treating what lies outside as set.
    joined = cv2.dilate(cells, cv2.getStructuringElement(cv2.MORPH_RECT, size))
    _, labels = cv2.connectedComponents(joined, connectivity=8)
    return np.asarray(labels * cells, np.int32)


def _tight_boxes(frame: Tile, visible: PixelMask, labels: NDArray[np.int32]) -> Iterator[Tile]:
    """Yield, for each cluster of cells, the box around its pixels."""
    ys, xs = np.nonzero(frame.crop(visible))
    owners = labels[ys // _CELL, xs // _CELL]
    order = np.argsort(owners, kind="stable")
    ys, xs, owners = ys[order], xs[order], owners[order]
    starts = np.flatnonzero(np.concatenate(([True], np.diff(owners) > 0)))
    for top, bottom, left, right in zip(
        np.minimum.reduceat(ys, starts).tolist(),
        np.maximum.reduceat(ys, starts).tolist(),
        np.minimum.reduceat(xs, starts).tolist(),
        np.maximum.reduceat(xs, starts).tolist(),
        strict=True,
    ):
        yield Tile(
            frame.top + top, frame.top + bottom + 1, frame.left + left, frame.left + right + 1
        )


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
    wide = box.grow(_CONTEXT, *visible.shape)
    marked = wide.crop(visible)
    crops = _Crops(to_8_bits(wide.crop(baseline)), to_8_bits(wide.crop(candidate)), marked)
    kind, words = _classify(crops)
    change = np.abs(crops.baseline[marked].astype(int) - crops.candidate[marked]).sum(axis=0)
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


def _classify(crops: _Crops) -> tuple[RegionKind, str]:
    """Return what happened in a box; `changed` unless the outlines leave no doubt."""
    if _differs_in_alpha_only(crops):
        return RegionKind.OPACITY, "opacity changed"
    before, after = _find_outlines(crops.baseline), _find_outlines(crops.candidate)
    lines_before, lines_after = np.count_nonzero(before), np.count_nonzero(after)
    # Strictly less: without an outline in either image a flat area changed, nothing was removed.
    if lines_after < 0.05 * lines_before:
        return RegionKind.REMOVED, "removed"
    if lines_before < 0.05 * lines_after:
        return RegionKind.ADDED, "added"
    outlines_stay = np.count_nonzero(before & after) >= 0.9 * np.count_nonzero(before | after)
    # A faint line that goes leaves outlines as they are too, but nobody calls that recoloured.
    if outlines_stay and min(crops.visible.shape) >= _LEAST_AREA + 2 * _CONTEXT:
        colours = _find_recolouring(crops)
        if colours:
            return RegionKind.RECOLOURED, "recoloured {} → {}".format(*colours)
    return RegionKind.CHANGED, "changed"


def _differs_in_alpha_only(crops: _Crops) -> bool:
    if crops.baseline.shape[2] < 4:
        return False
    colours = (crops.baseline[crops.visible][:, :3], crops.candidate[crops.visible][:, :3])
    return np.array_equal(*colours)


def _find_outlines(image: NDArray[np.uint8]) -> PixelMask:
    kernel = np.ones((3, 3), np.uint8)
    span = cv2.dilate(image, kernel) - cv2.erode(image, kernel)
    return any_channel(span.reshape(image.shape) > _OUTLINE_RANGE)


def _find_recolouring(crops: _Crops) -> tuple[str, str] | None:
    """Return the colours before and after, if one pair of colours makes up most of the change."""
    pairs = np.concatenate((crops.baseline[crops.visible], crops.candidate[crops.visible]), axis=1)
    pairs = pairs[:: len(pairs) // _MOST_SAMPLES + 1]
    unique, counts = np.unique(pairs, axis=0, return_counts=True)
    if counts.max() < 0.5 * len(pairs):
        return None
    before, after = (_to_hex(colour) for colour in np.split(unique[counts.argmax()], 2))
    # Two 16-bit colours may be one in 8 bits.
    return None if before == after else (before, after)


def _to_hex(colour: NDArray[np.uint8]) -> str:
    values = colour.tolist()
    if len(values) == 1:
        values *= 3
    return "#" + "".join(f"{value:02x}" for value in values)
