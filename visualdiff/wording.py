"""What happened in a box, in words: `changed` unless the pixels leave no doubt."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import combinations, islice, product
from typing import Final, NamedTuple

import cv2
import numpy as np

from visualdiff.model import RegionKind
from visualdiff.motion import find_move, find_sizes, has_new_ink, has_received, may_have_moved
from visualdiff.recolouring import find_fading, find_outlines, find_recolouring, measure_change
from visualdiff.scene import Scene, find_extent, look, sum_difference
from visualdiff.tiles import PixelMask, Pixels, Tile, any_channel

# Pixels that are looked at for most words, of one box and of all boxes of an image; and of boxes
# in which something may have moved, which takes every pixel of a box.
_MOST_PIXELS: Final = 1 << 16
_MOST_PIXELS_OF_ALL: Final = 1 << 18
_MOST_EXACT: Final = 1 << 18
_MOST_EXACT_OF_ALL: Final = 1 << 20

# Nobody calls it added or removed where a shade changes by less than this (levels of 255), ...
_CLEAR: Final = 24
# ... or where more than these shares of it were there before, or of anything else stays.
_LEFTOVER: Final = 0.02
_UNCHANGED: Final = 0.1
# How far the old and the new place of a thing may be apart to share one box, in pixels.
_NEAR: Final = 96
# Two edges of one thing end on the same rows or columns, and one is a bar no thicker than this.
# So many pairs of boxes are tried.
_SLACK: Final = 2
_THICKEST_BAR: Final = 16
_MOST_PAIRS: Final = 24
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
    """What happened, as a kind and in words."""

    kind: RegionKind
    words: str


_CHANGED: Final = Wording(RegionKind.CHANGED, "changed")


def say_what_happened(
    baseline: Pixels, candidate: Pixels, visible: PixelMask, boxes: list[Tile]
) -> list[tuple[Tile, Wording]]:
    """Return each box of two `(H, W, C)` images with what happened there.

    Where a thing moved by a little, the boxes of its old and its new place become one.
    """
    closely = partial(_look_closely_enough, baseline, candidate, visible, len(boxes))
    scenes = {box: closely(box) for box in boxes}
    said = {box: _classify(scene) for box, scene in scenes.items()}
    # First: the two edges of a thing that moved by a little look like one edge that moved far.
    _join_edges(closely, said)
    for old, new in list(_match_moves(scenes, said)):
        _say_moved(said, old, new)
    return list(said.items())


def _look_closely_enough(
    baseline: Pixels, candidate: Pixels, visible: PixelMask, boxes: int, box: Tile
) -> Scene:
    few = min(_MOST_PIXELS, _MOST_PIXELS_OF_ALL // boxes)
    scene = look(baseline, candidate, visible, box, few)
    exact = min(_MOST_EXACT, _MOST_EXACT_OF_ALL // boxes)
    if scene.step > 1 and box.area <= exact and may_have_moved(scene):
        return look(baseline, candidate, visible, box, exact)
    return scene


def _join_edges(closely: Callable[[Tile], Scene], said: dict[Tile, Wording]) -> None:
    """Make one box of two edges of a thing that moved by no more than they are thick."""
    pairs = (pair for pair in combinations(said, 2) if _are_edges(*pair))
    for one, other in list(islice(pairs, _MOST_PAIRS)):
        whole = one.unite(other)
        if not {one, other} <= said.keys():
            continue
        # What is written on the thing moved with it.
        inside = [box for box in said if box.unite(whole) == whole]
        if not _overlaps_any(whole, said.keys() - inside):
            way = find_move(closely(whole))
            if way and max(map(abs, way)) <= _THICKEST_BAR:
                for box in inside:
                    del said[box]
                said[whole] = Wording(RegionKind.MOVED, f"moved by {_say_way(*way)}")


def _are_edges(one: Tile, other: Tile) -> bool:
    """Return whether two boxes span the same rows, or columns, and one of them is a thin bar."""
    same_rows = max(abs(one.top - other.top), abs(one.bottom - other.bottom)) <= _SLACK
    same_columns = max(abs(one.left - other.left), abs(one.right - other.right)) <= _SLACK
    return same_rows != same_columns and any(
        2 * thickness <= length and thickness <= _THICKEST_BAR
        for box in (one, other)
        for height, width in ((box.bottom - box.top, box.right - box.left),)
        for thickness, length in ((width, height) if same_rows else (height, width),)
    )


def _overlaps_any(box: Tile, others: Iterable[Tile]) -> bool:
    return any(box.overlaps(other) for other in others)


def _classify(scene: Scene) -> Wording:
    """Return the first wording that fits: the plainest come first."""
    if not sum_difference(scene.baseline, scene.candidate):
        # Seen in 16 bits, or between the pixels looked at: there is nothing to go by.
        return _CHANGED
    rules: tuple[Callable[[Scene], Wording | None], ...] = (
        _see_alpha,
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
    return Wording(kind, kind.value)


def _see_move(scene: Scene) -> Wording | None:
    way = find_move(scene)
    return Wording(RegionKind.MOVED, f"moved by {_say_way(*way)}") if way else None


def _say_way(rows: int, columns: int) -> str:
    across = f"{abs(columns)} px to the {'right' if columns > 0 else 'left'}" if columns else ""
    along = f"{abs(rows)} px {'down' if rows > 0 else 'up'}" if rows else ""
    return " and ".join(filter(None, (across, along)))


def _match_moves(
    scenes: dict[Tile, Scene], said: dict[Tile, Wording]
) -> Iterator[tuple[Tile, Tile]]:
    """Yield from which box to which other one something moved."""
    targets = {RegionKind.ADDED, RegionKind.CHANGED, RegionKind.CONTENT}
    free = [box for box, wording in said.items() if wording.kind in targets]
    for old in (box for box, wording in said.items() if wording.kind is RegionKind.REMOVED):
        # Two edges that could not be joined are no bar that moved over what lies between them.
        is_bar = bool(scenes[old].ink_before.all())
        others = (box for box in free if not (is_bar and _are_edges(old, box)))
        new = next((box for box in others if has_received(scenes[box], scenes[old])), None)
        if new:
            free.remove(new)
            yield old, new


def _say_moved(said: dict[Tile, Wording], old: Tile, new: Tile) -> None:
    """Say that something moved from one box to another, or make one box of two that are near."""
    rows, columns = new.top - old.top, new.left - old.left
    way, whole = _say_way(rows, columns), old.unite(new)
    near = max(abs(rows), abs(columns)) <= _NEAR
    if near and not _overlaps_any(whole, said.keys() - {old, new}):
        del said[old], said[new]
        said[whole] = Wording(RegionKind.MOVED, f"moved by {way}")
    else:
        said[old] = Wording(RegionKind.MOVED, f"moved away, by {way}")
        said[new] = Wording(RegionKind.MOVED, f"moved here, by {way}")


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
    return Wording(RegionKind.CONTENT, "text or picture changed")


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
