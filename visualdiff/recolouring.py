"""Whether a box kept its shapes and changed its colours: recoloured, or more or less opaque."""

from functools import reduce
from itertools import combinations
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.outlines import keeps_outlines
from visualdiff.scene import Scene, find_commonest
from visualdiff.tiles import PixelMask

# Pixels looked at, evenly spread, and the least from which one can tell.
_MOST_SAMPLES: Final = 1024
_LEAST_SAMPLES: Final = 48
_LEAST_AREA: Final = 12

# A rule explains how colours changed when so little of the change is left, in squares of levels.
_ERROR: Final = 0.03
# Levels between two colours that count as different, clearly or as ink.
_CLEAR: Final = 24
_INK: Final = 8
# Colours lie on one line through the background when the cosine between them is larger.
_ONE_LINE: Final = 0.97
_OTHER_COLOUR: Final = 0.02
# Of smooth text, the pixels that changed nearly most are those that the ink covers.
_STRONGEST: Final = 0.99
# One pair of colours is said where it makes up so much of the change, in squares of levels, ...
_ONE_WAY: Final = 0.75
# ... to which belongs what changed in nearly the same direction.
_ALIKE: Final = 0.9
# Levels by which a colour may be darker than black, as it is estimated.
_OUT_OF_RANGE: Final = 32
# A thing was recoloured below another text if one pair of colours is so large a share of it.
_GROUND: Final = 0.6
# Something else stands on it if in a square of this size, with so much ink, so large a share of
# the ink came or went.
_SQUARE: Final = (17, 17)
_LEAST_INK: Final = 24
_OTHER_INK: Final = 0.5

# `(N, C)`, in levels of 255.
Colours: TypeAlias = NDArray[np.float64]
Samples: TypeAlias = tuple[Colours, Colours]


def measure_change(scene: Scene) -> float:
    """Return by how much a visible pixel changed, the median over the box, in levels of 255."""
    before, after = _sample_colours(scene, scene.visible)
    return float(np.median(np.abs(before - after).max(axis=1))) if len(before) else 0.0


def _sample_colours(scene: Scene, mask: PixelMask) -> Samples:
    """Return the colours of pixels of a mask, evenly spread, before and after, `(N, C)`."""
    marked = np.flatnonzero(mask)
    chosen = marked[:: len(marked) // _MOST_SAMPLES + 1]
    before, after = (
        image.reshape(-1, image.shape[2]).take(chosen, axis=0).astype(np.float64)
        for image in (scene.baseline, scene.candidate)
    )
    return before, after


def find_fading(scene: Scene) -> float | None:
    """Return the factor by which all colours came nearer to the background, if one rule holds.

    Below 1 they came nearer, above they stand out more. With a single colour nobody can tell
    opacity from another colour, so several must have kept their directions.
    """
    before, after = _sample_colours(scene, scene.visible)
    if len(before) < _LEAST_SAMPLES:
        return None
    old, new = before - scene.paper, after - scene.paper
    factor = float((old * new).sum() / max(np.square(old).sum(), 1.0))
    change = np.square(new - old).sum()
    if factor <= 0.05 or np.square(new - factor * old).sum() > _ERROR * change:
        return None
    lengths = np.linalg.norm(old, axis=1)
    directions = old[lengths > _CLEAR] / lengths[lengths > _CLEAR, np.newaxis]
    if not len(directions):
        return None
    mean = directions.mean(axis=0)
    cosines = directions @ (mean / np.linalg.norm(mean))
    return factor if np.quantile(cosines, _OTHER_COLOUR) <= _ONE_LINE else None


def find_recolouring(scene: Scene) -> tuple[str, str] | None:
    """Return the colours before and after, if all shapes stayed and one colour made the change."""
    samples = _sample_colours(scene, scene.visible)
    before, after = samples
    if len(before) < _LEAST_AREA or scene.is_line or not _goes_one_way(before, after):
        return None
    colours, share = _find_commonest_pair(samples)
    if share >= 0.5 and _has_other_ink(scene):
        return None
    if not (share >= 0.5 and keeps_outlines(scene)):
        # A block over blank paper follows a rule, too, but its outlines are new.
        is_block = share >= 0.5 and measure_change(scene) >= _CLEAR
        is_text = share >= 0.5 or _is_smoothed(before, after)
        if is_block or not is_text or not _follows_one_rule(scene, samples):
            return None
        # Text is mostly smoothed edges: its colour shows where it covers whole pixels.
        change = np.abs(before - after).sum(axis=1)
        strongest = change >= _STRONGEST * change.max()
        colours, _ = _find_commonest_pair((before[strongest], after[strongest]))
    old, new = colours
    # Two 16-bit colours may be one in 8 bits.
    return None if old == new else (old, new)


def find_new_ground(scene: Scene) -> tuple[str, str] | None:
    """Return the colours before and after of most of a thing on which something else changed.

    It is a thing of its own, as a button is, if neither colour is that of its background.
    """
    ground, share = _find_ground(scene)
    levels = [
        int(cv2.absdiff(first, second).max())
        for first, second in combinations((*ground, scene.paper), 2)
    ]
    if share < _GROUND or min(levels) <= _INK:
        return None
    old, new = (_to_hex(colour) for colour in ground)
    return old, new


def _find_ground(scene: Scene) -> tuple[list[NDArray[np.uint8]], float]:
    """Return the commonest colour of what changed and the one after, and which share had them."""
    both = np.concatenate(_sample_colours(scene, scene.visible), axis=1).astype(np.uint8)
    colours, share = find_commonest(both)
    return np.split(colours, 2), share


def _has_other_ink(scene: Scene) -> bool:
    """Return whether something else stands on what was recoloured, as another word on a button.

    Outlines do not tell: those of a small word are all over it, and of a wide button they are few.
    """
    ground, _ = _find_ground(scene)
    before, after = (
        _cover(image, colour)
        for image, colour in zip((scene.baseline, scene.candidate), ground, strict=True)
    )
    masks = before | after, (before ^ after) & scene.visible
    if np.count_nonzero(masks[1]) <= _OTHER_INK * _LEAST_INK:
        return False
    around, other = (
        cv2.boxFilter(mask.view(np.uint8), cv2.CV_32S, _SQUARE, normalize=False) for mask in masks
    )
    return bool(((around >= _LEAST_INK) & (other > _OTHER_INK * around)).any())


def _cover(image: NDArray[np.uint8], ground: NDArray[np.uint8]) -> PixelMask:
    """Return which pixels are nearer to what is least like the ground: ink covers half of them."""
    difference = cv2.absdiff(image, np.broadcast_to(ground, image.shape))
    # Channel by channel: a maximum along an axis of three takes ten times as long.
    levels = reduce(cv2.max, cv2.split(difference))
    return np.asarray(2 * levels.astype(np.int16) > max(int(levels.max()), _CLEAR))


def _goes_one_way(before: Colours, after: Colours) -> bool:
    """Return whether nearly all of a change has one direction: two colours swapped have two."""
    change = after - before
    sizes = np.square(change).sum(axis=1)
    main = change[sizes >= np.quantile(sizes, 0.5)]
    # The direction of most of the change, not of its mean, which nothing may have.
    _, _, axes = np.linalg.svd(main, full_matrices=False)
    along = change @ axes[0]
    alike = np.square(along) >= np.square(_ALIKE) * sizes
    ways = (float(sizes[alike & (way * along > 0)].sum()) for way in (1, -1))
    return max(ways) >= _ONE_WAY * float(sizes.sum())


def _is_smoothed(before: Colours, after: Colours) -> bool:
    """Return whether colours that changed less are nearer to one colour that did not change.

    Where ink covers half a pixel, it changes by half. Of a gradient in another shade there is no
    such colour: it would be darker than black, or lighter than white.
    """
    change = after - before
    size = np.linalg.norm(change, axis=1)
    design = np.column_stack((size / size.max(), np.ones(len(size))))
    (_, still), *_ = np.linalg.lstsq(design, before)
    return bool((still >= -_OUT_OF_RANGE).all() and (still <= 255 + _OUT_OF_RANGE).all())


def _find_commonest_pair(samples: Samples) -> tuple[tuple[str, str], float]:
    commonest, share = find_commonest(np.concatenate(samples, axis=1).astype(np.uint8))
    before, after = (_to_hex(colour) for colour in np.split(commonest, 2))
    return (before, after), share


def _follows_one_rule(scene: Scene, samples: Samples) -> bool:
    """Return whether a colour before tells the colour after, by a linear rule, and vice versa.

    Smoothed text obeys such a rule. So does text that became its own negative, but for the
    pixels that stayed: they are looked at, too.
    """
    if len(samples[0]) < _LEAST_SAMPLES:
        return False
    unchanged = _sample_colours(scene, ~scene.visible)
    before, after = (np.concatenate(both) for both in zip(samples, unchanged, strict=True))
    most = _ERROR * np.square(before - after).sum()
    return all(_measure_misfit(*pair) <= most for pair in ((before, after), (after, before)))


def _measure_misfit(given: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """Return the squared error of the best linear rule from one list of colours to another."""
    design = np.column_stack((given, np.ones(len(given))))
    rule, *_ = np.linalg.lstsq(design, wanted)
    return float(np.square(design @ rule - wanted).sum())


def _to_hex(colour: NDArray[np.uint8]) -> str:
    values = colour.tolist()
    if len(values) == 1:
        values *= 3
    return "#" + "".join(f"{value:02x}" for value in values)
