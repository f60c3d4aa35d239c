"""Whether a box kept its shapes and changed its colours: recoloured, or more or less opaque."""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.scene import Scene, find_commonest
from visualdiff.tiles import PixelMask, any_channel, measure_range

# Pixels looked at, evenly spread, and the least from which one can tell.
_MOST_SAMPLES: Final = 1024
_LEAST_SAMPLES: Final = 48
_LEAST_AREA: Final = 12

# A rule explains how colours changed when so little of the change is left, in squares of levels.
_ERROR: Final = 0.03
# Levels between two colours that count as different, in an outline or as ink.
_CLEAR: Final = 24
_KEPT_OUTLINES: Final = 0.9
# Colours lie on one line through the background when the cosine between them is larger.
_ONE_LINE: Final = 0.97
_OTHER_COLOUR: Final = 0.02
# Of smooth text, the pixels that changed nearly most are those that the ink covers.
_STRONGEST: Final = 0.99

Samples: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]


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
    if len(before) < _LEAST_AREA or scene.is_line:
        return None
    colours, share = _find_commonest_pair(samples)
    if not (share >= 0.5 and _keeps_outlines(scene)):
        # A block over blank paper follows a rule, too, but its outlines are new.
        is_block = share >= 0.5 and measure_change(scene) >= _CLEAR
        if is_block or not _follows_one_rule(scene, samples):
            return None
        # Text is mostly smoothed edges: its colour shows where it covers whole pixels.
        change = np.abs(before - after).sum(axis=1)
        strongest = change >= _STRONGEST * change.max()
        colours, _ = _find_commonest_pair((before[strongest], after[strongest]))
    old, new = colours
    # Two 16-bit colours may be one in 8 bits.
    return None if old == new else (old, new)


def _find_commonest_pair(samples: Samples) -> tuple[tuple[str, str], float]:
    commonest, share = find_commonest(np.concatenate(samples, axis=1).astype(np.uint8))
    before, after = (_to_hex(colour) for colour in np.split(commonest, 2))
    return (before, after), share


def _keeps_outlines(scene: Scene) -> bool:
    before, after = (find_outlines(image) for image in (scene.wide_baseline, scene.wide_candidate))
    either = np.count_nonzero(before | after)
    return bool(np.count_nonzero(before & after) >= _KEPT_OUTLINES * either)


def find_outlines(image: NDArray[np.uint8]) -> PixelMask:
    """Return which pixels of `(H, W, C)` have a 3×3 neighbourhood of clearly different colours."""
    span = measure_range(np.ascontiguousarray(image))
    # Saturating: what does not exceed the range becomes 0.
    return any_channel(cv2.subtract(span, np.full_like(span, _CLEAR)))


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
