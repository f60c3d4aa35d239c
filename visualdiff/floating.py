"""What floats over a page, as a chat button does, and stays while inserted rows move the page."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from visualdiff.bands import place_regions
from visualdiff.model import Region, RegionKind
from visualdiff.tiles import PixelMask, Pixels, Tile, any_channel, to_8_bits
from visualdiff.wording import say_way

# Of what differs from the page that moved, so much is as it was at this place. The rest is the
# page beside a round button. Alike is what differs by so many levels of 255 at most.
_STAYED: Final = 0.8
_LEVELS: Final = 8
# Both places that a thing covers differ: in one of them at least this share of what does in the
# other.
_BOTH: Final = 0.5
# By how many pixels the places of one thing may differ, as edges alike are no differences.
_SLACK: Final = 4


def tell_what_floats(
    regions: Sequence[Region],
    bands: Sequence[Region],
    baseline: Pixels,
    candidate: Pixels,
    visible: PixelMask,
) -> tuple[Region, ...]:
    """Return regions, with other words where a thing stayed in its place and the page did not.

    `baseline` and `candidate` are `(H, W, C)` as they were before rows were aligned, each of its
    own height. Without bands of inserted or removed rows, nothing floats.
    """
    if not bands:
        return tuple(regions)
    there = place_regions((*bands, *regions), "baseline")[len(bands) :]
    shifts = [region.y - place.y for region, place in zip(regions, there, strict=True)]
    stayed = [
        region
        for region, shift in zip(regions, shifts, strict=True)
        if shift and _stayed(region, shift, baseline, candidate, visible)
    ]
    told = []
    for region, shift in zip(regions, shifts, strict=True):
        words = ""
        if region in stayed:
            words = f"stayed in its place while the page moved by {say_way(shift, 0)}"
        elif any(_is_left_by(region, other, shift) for other in stayed):
            words = "no longer covered by what stayed in its place"
        told.append(replace(region, kind=RegionKind.MOVED, description=words) if words else region)
    return tuple(told)


def _stayed(
    region: Region, shift: int, baseline: Pixels, candidate: Pixels, visible: PixelMask
) -> bool:
    """Return whether what is in a box of the candidate is in the same place of the baseline.

    Then both places differ: its own, and the one to which it would have moved with the page. One
    box may hold both.
    """
    box = Tile(region.y, region.y + region.height, region.x, region.x + region.width)
    shorter = box._replace(top=box.top - min(shift, 0), bottom=box.bottom - max(shift, 0))
    height = min(len(baseline), len(candidate))
    return any(
        part.top < part.bottom <= height - max(shift, 0)
        and part.top + shift >= 0
        and _differs_at_both(part, shift, visible)
        and _is_alike(part, baseline, candidate, visible)
        for part in (box, shorter)
    )


def _differs_at_both(box: Tile, shift: int, visible: PixelMask) -> bool:
    """Return whether two places differ: a row of a table may be like the next one by chance."""
    here, there = (np.count_nonzero(each.crop(visible)) for each in (box, box.move(shift, 0)))
    return bool(min(here, there) >= _BOTH * max(here, there))


def _is_alike(box: Tile, baseline: Pixels, candidate: Pixels, visible: PixelMask) -> bool:
    before, after = (
        to_8_bits(np.ascontiguousarray(box.crop(image))) for image in (baseline, candidate)
    )
    difference = cv2.absdiff(before, after)
    differs = any_channel(cv2.subtract(difference, np.full_like(difference, _LEVELS)))
    changed = box.crop(visible)
    return bool(np.count_nonzero(changed & ~differs) >= _STAYED * np.count_nonzero(changed))


def _is_left_by(region: Region, other: Region, shift: int) -> bool:
    """Return whether a region is where another one, that stayed, would have moved to."""
    edges = (
        (region.x, other.x),
        (region.x + region.width, other.x + other.width),
        (region.y, other.y + shift),
        (region.y + region.height, other.y + other.height + shift),
    )
    return max(abs(one - two) for one, two in edges) <= _SLACK
