"""Ends of one thing that mirror each other: of a button, or the four corners of a card."""

from typing import Final

import numpy as np

from visualdiff.tiles import PixelMask, Tile

# Two ends of a button, or four corners of a card, are one change: they mirror each other. Pixels.
_WIDEST_END: Final = 64
_SLACK: Final = 2
# Mirrored they have so much of their pixels in common, and so many times as much as they have as
# they are.
_ALIKE: Final = 0.6
_MORE_ALIKE: Final = 1.2


def join_ends(visible: PixelMask, boxes: list[Tile]) -> list[Tile]:
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
    mirrored = _measure_likeness(first, second[:, ::-1])
    return mirrored >= max(_ALIKE, _MORE_ALIKE * _measure_likeness(first, second))


def _measure_likeness(first: PixelMask, second: PixelMask) -> float:
    return float(np.count_nonzero(first & second) / np.count_nonzero(first | second))
