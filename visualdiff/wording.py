"""What happened in a box, in words: `changed` unless the pixels leave no doubt."""

from collections.abc import Callable
from itertools import product
from typing import Final, NamedTuple

import cv2
import numpy as np

from visualdiff.model import RegionKind
from visualdiff.motion import find_move, find_sizes, has_new_ink
from visualdiff.outlines import find_outlines, keeps_outlines
from visualdiff.recolouring import (
    find_fading,
    find_new_ground,
    find_recolouring,
    measure_change,
)
from visualdiff.scene import Scene, find_extent, sum_difference
from visualdiff.stretch import find_stretch
from visualdiff.tiles import PixelMask, any_channel

# Nobody calls it added or removed where a shade changes by less than this (levels of 255), ...
_CLEAR: Final = 24
# ... or where more than these shares of it were there before, or of anything else stays.
_LEFTOVER: Final = 0.02
_UNCHANGED: Final = 0.1
# The thickest edge of a box, a shadow at two pixels per unit, and the smallest box with an inside.
_THICKEST_EDGE: Final = 48
_SMALLEST_BOX: Final = 12
# How much of the ink lies on the same rows when text replaces text; a single line has few rows.
_ONE_LINE_ROWS: Final = 32
_SAME_ROWS: Final = 0.8
_SAME_ROWS_OF_ONE_LINE: Final = 0.6
_SAME_SHAPE: Final = 0.8
_KEPT: Final = 0.6
_SAME_COLOUR: Final = 32


class Wording(NamedTuple):
    """What happened, as a kind and in words.

    Where all that happened is that an edge moved: by how many rows down and columns to the right.
    """

    kind: RegionKind
    words: str
    edge: tuple[int, int] | None = None


_CHANGED: Final = Wording(RegionKind.CHANGED, "changed")


def describe(scene: Scene) -> Wording:
    """Return the first wording that fits a scene: the plainest come first."""
    if not sum_difference(scene.baseline, scene.candidate):
        # Seen in 16 bits, or between the pixels looked at: there is nothing to go by.
        return _CHANGED
    rules: tuple[Callable[[Scene], Wording | None], ...] = (
        _see_alpha,
        _see_stretch,
        _see_appearance,
        _see_move,
        _see_resizing,
        _see_edge,
        _see_fading,
        _see_recolouring,
        _see_content,
    )
    wordings = (rule(scene) for rule in rules)
    return next(filter(None, wordings), _CHANGED)


def _see_alpha(scene: Scene) -> Wording | None:
    if scene.baseline.shape[2] < 4:
        return None
    difference = cv2.absdiff(scene.baseline[:, :, :3], scene.candidate[:, :, :3])
    if (any_channel(difference) & scene.visible).any():
        return None
    return Wording(RegionKind.OPACITY, "opacity changed")


def _see_stretch(scene: Scene) -> Wording | None:
    way = find_stretch(scene)
    if not way:
        return None
    return Wording(RegionKind.RESIZED, f"resized: edge moved by {say_way(*way)}", edge=way)


def _see_appearance(scene: Scene) -> Wording | None:
    """Tell what came onto its background, or went from it, if nothing else is in the box."""
    before, after = (
        int(np.count_nonzero(ink & scene.visible)) for ink in (scene.ink_before, scene.ink_after)
    )
    stays = np.count_nonzero(scene.ink_before & scene.ink_after & ~scene.visible)
    one_sided = min(before, after) <= _LEFTOVER * max(before, after)
    if not one_sided or stays > _UNCHANGED * max(before, after):
        if scene.is_line:
            return None
        # On a background that is not plain, outlines tell.
        before, after = (
            int(np.count_nonzero(find_outlines(image)))
            for image in (scene.wide_baseline, scene.wide_candidate)
        )
    # Strictly less: where there is nothing in either image, nothing was removed.
    kind = None
    if after <= _LEFTOVER * before and after < before:
        kind = RegionKind.REMOVED
    if before <= _LEFTOVER * after and before < after:
        kind = RegionKind.ADDED
    if not kind or (not scene.is_line and measure_change(scene) < _CLEAR):
        return None
    # Where the text on a tinted card stays, nothing was removed but the tint.
    if not scene.is_line and keeps_outlines(scene):
        return None
    return Wording(kind, kind.value)


def _see_move(scene: Scene) -> Wording | None:
    way = find_move(scene)
    return Wording(RegionKind.MOVED, f"moved by {say_way(*way)}") if way else None


def say_way(rows: int, columns: int) -> str:
    """Return a distance in words: rows down and columns to the right, in pixels."""
    across = f"{abs(columns)} px to the {'right' if columns > 0 else 'left'}" if columns else ""
    along = f"{abs(rows)} px {'down' if rows > 0 else 'up'}" if rows else ""
    return " and ".join(filter(None, (across, along)))


def _see_resizing(scene: Scene) -> Wording | None:
    sizes = find_sizes(scene)
    if not sizes:
        return None
    old, new = (f"{width}×{height}" for width, height in sizes)
    return Wording(RegionKind.RESIZED, f"resized from {old} to {new}")


def _see_edge(scene: Scene) -> Wording | None:
    """Tell a change along the edge of a box whose inside stays as it is."""
    height, width = scene.visible.shape
    rows, columns = (min(side // 4, _THICKEST_EDGE // scene.step) for side in (height, width))
    if min(height, width) * scene.step < _SMALLEST_BOX or not (rows and columns):
        return None
    differing = any_channel(cv2.absdiff(scene.baseline, scene.candidate))
    if differing[rows:-rows, columns:-columns].any():
        return None
    corners = product((slice(rows), slice(-rows, None)), (slice(columns), slice(-columns, None)))
    # Words on two sides of a box may leave its inside empty, but they are not alike.
    mirrored = differing[:, ::-1]
    if not all(differing[corner].any() for corner in corners) or not _agree(
        differing, mirrored, 0.5
    ):
        return None
    return Wording(RegionKind.RESTYLED, "edge restyled (border, radius or shadow)")


def _agree(first: PixelMask, second: PixelMask, share: float) -> bool:
    """Return whether two masks have so large a share of their pixels in common."""
    return bool(np.count_nonzero(first & second) >= share * np.count_nonzero(first | second))


def _see_fading(scene: Scene) -> Wording | None:
    factor = find_fading(scene)
    if not factor:
        return None
    share = f"{1 - min(factor, 1 / factor):.0%}"
    way = "nearer to" if factor < 1 else "further from"
    return Wording(RegionKind.OPACITY, f"opacity changed: colours {share} {way} their background")


def _see_recolouring(scene: Scene) -> Wording | None:
    colours = find_recolouring(scene)
    return (
        Wording(RegionKind.RECOLOURED, "recoloured {} → {}".format(*colours)) if colours else None
    )


def _see_content(scene: Scene) -> Wording | None:
    """Tell text on the same lines in the same colour, or a picture of the same shape."""
    before, after = find_extent(scene.ink_before), find_extent(scene.ink_after)
    if not scene.is_calm or scene.is_line or not before or not after or not has_new_ink(scene):
        return None
    stays = np.count_nonzero(scene.ink_before & scene.ink_after & ~scene.visible)
    if stays > _KEPT * min(np.count_nonzero(ink) for ink in (scene.ink_before, scene.ink_after)):
        return None
    if not _agree(scene.ink_before, scene.ink_after, _SAME_SHAPE):
        overlap = min(before.right, after.right) - max(before.left, after.left)
        longer = max(before.right - before.left, after.right - after.left)
        if overlap < 0.5 * longer or not _shares_lines(scene) or not _shares_colour(scene):
            return None
    ground = find_new_ground(scene)
    recoloured = ", and recoloured {} → {}".format(*ground) if ground else ""
    return Wording(RegionKind.CONTENT, f"text or picture changed{recoloured}")


def _shares_lines(scene: Scene) -> bool:
    """Return whether the ink is spread over the rows alike."""
    before, after = (
        ink.sum(axis=1) / np.count_nonzero(ink) for ink in (scene.ink_before, scene.ink_after)
    )
    one_line = len(before) * scene.step <= _ONE_LINE_ROWS
    least = _SAME_ROWS_OF_ONE_LINE if one_line else _SAME_ROWS
    return bool(np.minimum(before, after).sum() >= least)


def _shares_colour(scene: Scene) -> bool:
    """Return whether the ink that differs most from the background has nearly the same colour."""
    colours = []
    for image, ink in (
        (scene.baseline, scene.ink_before),
        (scene.candidate, scene.ink_after),
    ):
        pixels = image[ink].astype(np.int16)
        contrast = np.abs(pixels - scene.paper).sum(axis=1)
        colours.append(np.median(pixels[contrast >= np.quantile(contrast, 0.8)], axis=0))
    return bool(np.abs(colours[0] - colours[1]).max() <= _SAME_COLOUR)
