"""What happened in boxes that tell only together: edges of one thing, its old and new place."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import combinations, islice
from typing import Final

from visualdiff.model import RegionKind
from visualdiff.motion import find_move, has_received, may_have_moved
from visualdiff.scene import Scene, look
from visualdiff.tiles import PixelMask, Pixels, Tile
from visualdiff.wording import Wording, describe, say_way

# Pixels that are looked at for most words, of one box and of all boxes of an image; and of boxes
# in which something may have moved, which takes every pixel of a box.
_MOST_PIXELS: Final = 1 << 16
_MOST_PIXELS_OF_ALL: Final = 1 << 18
_MOST_EXACT: Final = 1 << 18
_MOST_EXACT_OF_ALL: Final = 1 << 20

# How far the old and the new place of a thing may be apart to share one box, in pixels.
_NEAR: Final = 96
# Two edges of one thing end on the same rows or columns, and one is a bar no thicker than this.
# So many pairs of boxes are tried.
_SLACK: Final = 2
_THICKEST_BAR: Final = 16
_MOST_PAIRS: Final = 24


def say_what_happened(
    baseline: Pixels, candidate: Pixels, visible: PixelMask, boxes: list[Tile]
) -> list[tuple[Tile, Wording]]:
    """Return each box of two `(H, W, C)` images with what happened there.

    Where a thing moved by a little, the boxes of its old and its new place become one.
    """
    closely = partial(_look_closely_enough, baseline, candidate, visible, len(boxes))
    scenes = {box: closely(box) for box in boxes}
    said = {box: describe(scene) for box, scene in scenes.items()}
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
    """Make one box of two edges of a thing that moved."""
    pairs = (
        (one, other)
        for one, other in combinations(said, 2)
        if _are_edges(one, other) or _moved_alike(said[one], said[other])
    )
    for one, other in list(islice(pairs, _MOST_PAIRS)):
        whole = one.unite(other)
        if not {one, other} <= said.keys():
            continue
        # What is written on the thing moved with it.
        inside = [box for box in said if box.unite(whole) == whole]
        if not _overlaps_any(whole, said.keys() - inside):
            way = find_move(closely(whole))
            # By more than the edges are thick only what says so of itself, as a flat bar does.
            if way and (way == said[one].edge or max(map(abs, way)) <= _THICKEST_BAR):
                for box in inside:
                    del said[box]
                said[whole] = Wording(RegionKind.MOVED, f"moved by {say_way(*way)}")


def _moved_alike(one: Wording, other: Wording) -> bool:
    return one.edge is not None and one.edge == other.edge


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
    way, whole = say_way(rows, columns), old.unite(new)
    near = max(abs(rows), abs(columns)) <= _NEAR
    if near and not _overlaps_any(whole, said.keys() - {old, new}):
        del said[old], said[new]
        said[whole] = Wording(RegionKind.MOVED, f"moved by {way}")
    else:
        said[old] = Wording(RegionKind.MOVED, f"moved away, by {way}")
        said[new] = Wording(RegionKind.MOVED, f"moved here, by {way}")
