"""From the mask of visible differences to the few boxes that a person would draw."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.clusters import find_boxes, merge
from visualdiff.ends import join_ends
from visualdiff.model import Region
from visualdiff.outskirts import grow_to_faint
from visualdiff.tiles import PixelMask, Pixels, SparseMask, Tile, to_8_bits
from visualdiff.together import say_what_happened
from visualdiff.wording import Wording

# Pixels of a box that are summed at a time.
_MOST_PIXELS: Final = 1 << 18


def find_regions(
    baseline: Pixels, candidate: Pixels, visible: SparseMask, channels: tuple[str, ...]
) -> tuple[Region, ...]:
    """Return the boxes around clusters of visible pixels, the one with most pixels first.

    Images are `(H, W, C)` of equal shape, `channels` names the C channels. Each side of a box
    touches a visible pixel, or a fainter difference that is connected to one.
    """
    boxes = join_ends(visible.pixels, find_boxes(visible))
    grown = [grow_to_faint(baseline, candidate, visible.pixels, box, len(boxes)) for box in boxes]
    regions = [
        _make_region(baseline, candidate, visible.pixels, box, wording, channels)
        for box, wording in say_what_happened(baseline, candidate, visible.pixels, merge(grown, 1))
    ]
    return tuple(sorted(regions, key=lambda region: (-region.diff_pixels, region.y, region.x)))


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
