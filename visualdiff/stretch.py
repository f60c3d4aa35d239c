"""Whether an edge between two flat areas moved, as that of a progress bar or of a scrollbar."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from visualdiff.scene import Scene, find_commonest

# Levels by which a flat area may vary, and how much of a box, or beside it, must be flat: the
# ends of a bar may be round.
_LEVELS: Final = 8
_FLAT_INSIDE: Final = 0.85
_FLAT_BESIDE: Final = 0.75


def find_stretch(scene: Scene) -> tuple[int, int] | None:
    """Return how many rows down and columns to the right an edge moved, if that is all it did.

    All of the box had one colour and has another. What it has now goes on beyond one side of it,
    in both images, and what it had goes on beyond the opposite one.
    """
    if scene.step > 1 or scene.is_line:
        return None
    colours, _ = find_commonest(_pair(scene.baseline, scene.candidate))
    old, new = np.split(colours, 2)
    if _is_flat(old[np.newaxis], new, 1):
        return None
    if not _is_flat(_pair(scene.baseline, scene.candidate), colours, _FLAT_INSIDE):
        return None
    box = scene.inside
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    above, below, left, right = (
        _name(_pair(scene.wide_baseline[beside], scene.wide_candidate[beside]), old, new)
        for beside in (
            np.s_[: box.top, columns],
            np.s_[box.bottom :, columns],
            np.s_[rows, : box.left],
            np.s_[rows, box.right :],
        )
    )
    # A round end makes the box longer than the way, but hardly any row or column of it.
    height, width = (int(np.median(scene.visible.sum(axis=axis))) for axis in (0, 1))
    ways = {
        (height, 0): (above, below),
        (-height, 0): (below, above),
        (0, width): (left, right),
        (0, -width): (right, left),
    }
    found = [way for way, sides in ways.items() if sides == ("new", "old")]
    return found[0] if len(found) == 1 else None


def _pair(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the colours of each pixel, before and after, `(N, 2C)`."""
    return np.concatenate((before, after), axis=2).reshape(-1, 2 * before.shape[2])


def _name(beside: NDArray[np.uint8], old: NDArray[np.uint8], new: NDArray[np.uint8]) -> str:
    """Return which of two colours goes on beside a box, both before and after, if either does."""
    names = {"old": old, "new": new}
    flat = (
        name
        for name, colour in names.items()
        if len(beside) and _is_flat(beside, np.tile(colour, 2), _FLAT_BESIDE)
    )
    return next(flat, "")


def _is_flat(pixels: NDArray[np.uint8], colours: NDArray[np.uint8], share: float) -> bool:
    near = (np.abs(pixels.astype(np.int16) - colours) <= _LEVELS).all(axis=1)
    return bool(np.count_nonzero(near) >= share * len(near))
