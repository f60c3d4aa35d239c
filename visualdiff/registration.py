"""A page that was moved, turned or scaled as a whole → a baseline that lies on the candidate."""

from math import atan2, degrees, hypot
from typing import Final, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.affine import Affine, to_affine
from visualdiff.keypoints import find_similarity
from visualdiff.model import Motion
from visualdiff.resampling import MOST_WARPED_SIDE, find_covered, warp, warp_mask
from visualdiff.tiles import PixelMask, Pixels, Scalar, Tile, to_8_bits

# A screenshot is moved by at most this share of its smaller side: a larger move is another page.
_FURTHEST: Final = 0.1
# Of a shorter side, in pixels, that share is not even one.
_LEAST_SIDE: Final = 10
# The part of a page, in pixels a side, by which its move is estimated. On 148 moves of real pages
# and photos the estimate is off by 0.04 px at most. A whole page made small is off by up to 0.6.
_WINDOW: Final = 1024
# A motion is believed when it leaves at most this share of the difference ...
_MOST_LEFT: Final = 0.7
# ... and when at least this share of either image has a counterpart.
_LEAST_OVERLAP: Final = 0.5
# A fit nearer than this to whole pixels, at every corner, is a move by whole pixels: nothing needs
# to be interpolated. The fit itself is off by nearly as much.
_WHOLE: Final = 0.25
_NOT_ALIGNED: Final = "not aligned: "

_NOWHERE: Final = Affine(1.0, 0.0, 0.0, 0.0)

_Luma = NDArray[np.uint8]


class Registered(NamedTuple):
    """The baseline on the candidate, and the motion that took it there.

    `baseline` has the candidate's shape. What it does not cover, `uncovered`, `(H, W)`, shows the
    candidate's own pixels.
    """

    baseline: Pixels
    uncovered: PixelMask
    motion: Motion


def register(
    baseline: Pixels,
    candidate: Pixels,
    how: Literal["translate", "similarity"],
    masked: PixelMask | None = None,
) -> Registered | str:
    """Return the baseline as it lies on the candidate, or why not: "" if it did not move.

    Images are `(H, W, C)`; of two sizes they are refused. `translate` finds a move by whole
    pixels, `similarity` a move, a rotation and a scale. A motion is refused that does not clearly
    bring the images nearer to each other.
    """
    lumas = _to_luma(baseline, masked), _to_luma(candidate, masked)
    obstacle = _find_obstacle(*lumas)
    if obstacle:
        return _NOT_ALIGNED + obstacle
    found = _find_translation(*lumas) if how == "translate" else _find_similarity(*lumas)
    if isinstance(found, str):
        return _NOT_ALIGNED + found
    if found == _NOWHERE:
        return ""
    moved, covered = _lay(lumas[0][:, :, np.newaxis], found)
    fault = _find_fault(lumas, moved[:, :, 0], covered, found.scale)
    if fault:
        return f"{_NOT_ALIGNED}{fault} after the best motion found, {describe(_to_motion(found))}"
    moved, _ = _lay(baseline, found)
    moved[~covered] = candidate[~covered]
    return Registered(moved, ~covered, _to_motion(found))


def describe(motion: Motion) -> str:
    """Return a motion in words."""
    if motion.rotation_degrees == 0 and motion.scale == 1:
        return f"({motion.dx:g}, {motion.dy:g}) px"
    sense = "counterclockwise" if motion.rotation_degrees < 0 else "clockwise"
    return (
        f"a rotation by {abs(motion.rotation_degrees):.2f}° {sense}, a scale of "
        f"{motion.scale:.4f} and a move by ({motion.dx:.1f}, {motion.dy:.1f}) px"
    )


def describe_registered(registered: Registered) -> str:
    """Return how the images were aligned, and how much of the candidate has no counterpart."""
    motion, uncovered = registered.motion, registered.uncovered
    if motion.rotation_degrees == 0 and motion.scale == 1:
        left_out = _list_sides(int(motion.dx), int(motion.dy))
    else:
        share = 1 - float(uncovered.mean())
        shares = (share, "candidate"), (share / motion.scale**2, "baseline")
        left_out = [f"{100 * (1 - part):.1f} % of the {name}" for part, name in shares]
    return f"aligned by {describe(motion)}; {' and '.join(left_out)} could not be compared"


def carry_mask(mask: PixelMask, motion: Motion) -> PixelMask:
    """Return a mask of the baseline, `(H, W)`, as it lies on the candidate after a motion.

    Each pixel of the candidate is masked that a masked one touches.
    """
    affine = to_affine(motion)
    if (affine.a, affine.b) != (1, 0):
        return warp_mask(mask, affine)
    moved, covered = _move(mask, affine)
    return moved & covered


def _list_sides(right: int, down: int) -> list[str]:
    """Return the columns and rows of the candidate that a moved baseline does not cover."""
    columns, rows = abs(right), abs(down)
    told = (
        (columns, "column", "left" if right > 0 else "right"),
        (rows, "row", "top" if down > 0 else "bottom"),
    )
    return [
        f"{pixels:,} {name}{'s' if pixels > 1 else ''} at the {side}"
        for pixels, name, side in told
        if pixels
    ]


def _find_obstacle(baseline: _Luma, candidate: _Luma) -> str:
    """Return why no motion can be looked for between two images, or nothing."""
    if baseline.shape != candidate.shape:
        return "sizes differ; with on_size_mismatch: crop or scale they do not"
    if min(baseline.shape) < _LEAST_SIDE:
        return f"a side of {min(baseline.shape)} px is too short, wanted at least {_LEAST_SIDE}"
    if min(luma.std() for luma in (baseline, candidate)) == 0:
        return "an image of one colour shows no motion"
    return ""


def _to_luma(image: Pixels, masked: PixelMask | None) -> _Luma:
    """Return the luma over white, of one level where it is masked: nothing there may steer."""
    levels = to_8_bits(image)
    luma = levels[:, :, 0]
    if image.shape[2] == 4:
        opaque = levels[:, :, 3].astype(np.float32) / 255
        gray = np.asarray(cv2.cvtColor(levels, cv2.COLOR_RGBA2GRAY), np.uint8)
        luma = np.asarray(255 - (255 - gray) * opaque + 0.5, np.uint8)
    elif image.shape[2] == 3:
        luma = np.asarray(cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY), np.uint8)
    if masked is None or masked.all():
        return luma
    return np.where(masked, np.uint8(luma[~masked].mean()), luma)


def _find_translation(baseline: _Luma, candidate: _Luma) -> Affine | str:
    """Return the move by whole pixels that phase correlation finds, or why it is refused."""
    window = _find_busiest(baseline, candidate)
    parts = [np.asarray(window.crop(luma), np.float32) for luma in (baseline, candidate)]
    # Without their mean, the paper of both pages does not correlate with itself at no move.
    first, second = (part - part.mean() for part in parts)
    hann = cv2.createHanningWindow(first.shape[::-1], cv2.CV_32F)
    (right, down), _ = cv2.phaseCorrelate(first, second, hann)
    move = Affine(1.0, 0.0, float(round(right)), float(round(down)))
    most = int(_FURTHEST * min(baseline.shape))
    if max(abs(move.dx), abs(move.dy)) > most:
        return f"a move by ({move.dx:g}, {move.dy:g}) px is too far, wanted at most {most} px"
    return move


def _find_busiest(baseline: _Luma, candidate: _Luma) -> Tile:
    """Return the part of a page with most edges in the image that has fewer there."""
    height, width = baseline.shape
    edges = [cv2.absdiff(luma[1:], luma[:-1]) for luma in (baseline, candidate)]
    tops = range(0, max(height - _WINDOW, 0) + 1, _WINDOW // 2)
    lefts = range(0, max(width - _WINDOW, 0) + 1, _WINDOW // 2)
    windows = [Tile(top, top + _WINDOW, left, left + _WINDOW) for top in tops for left in lefts]
    return max(windows, key=lambda tile: min(cv2.sumElems(tile.crop(edge))[0] for edge in edges))


def _find_similarity(baseline: _Luma, candidate: _Luma) -> Affine | str:
    """Return the motion that the keypoints of both images agree on, or why it is refused."""
    if max(baseline.shape) > MOST_WARPED_SIDE:
        return f"a side of {max(baseline.shape):,} px, wanted at most {MOST_WARPED_SIDE:,}"
    found = find_similarity(baseline, candidate)
    if isinstance(found, str):
        return found
    whole = Affine(1.0, 0.0, float(round(found.dx)), float(round(found.dy)))
    height, width = baseline.shape
    corners = ((0, 0), (width, 0), (0, height), (width, height))
    apart = (hypot(*np.subtract(found.move(*at), whole.move(*at))) for at in corners)
    return whole if max(apart) <= _WHOLE else found


def _lay(image: Pixels, affine: Affine) -> tuple[Pixels, PixelMask]:
    """Return an image moved in its frame, and which pixels of the frame it covers."""
    if (affine.a, affine.b) == (1, 0):
        return _move(image, affine)
    return warp(image, affine), find_covered(image.shape[:2], affine)


def _move(image: NDArray[Scalar], affine: Affine) -> tuple[NDArray[Scalar], PixelMask]:
    """Return an image moved by whole pixels in its frame, and which of them it covers."""
    height, width = image.shape[:2]
    right, down = int(affine.dx), int(affine.dy)
    there = Tile(max(down, 0), height + min(down, 0), max(right, 0), width + min(right, 0))
    moved, covered = image.copy(), np.zeros((height, width), np.bool_)
    there.crop(moved)[...] = there.move(-down, -right).crop(image)
    there.crop(covered)[...] = True
    return moved, covered


def _find_fault(
    lumas: tuple[_Luma, _Luma], moved: Pixels, covered: PixelMask, scale: float
) -> str:
    """Return why a motion cannot be believed, by what it leaves, or nothing."""
    share = np.count_nonzero(covered) / covered.size
    overlap = min(share, share / scale**2)
    if overlap < _LEAST_OVERLAP:
        return f"only {overlap:.0%} of an image would be compared"
    before, after = (_measure_misfit(luma, lumas[1], covered) for luma in (lumas[0], moved))
    if after > _MOST_LEFT * before:
        return f"{after / max(before, 1e-9):.0%} of the difference would be left"
    return ""


def _measure_misfit(first: Pixels, second: Pixels, covered: PixelMask) -> float:
    """Return the mean difference of two images where the first covers the second, in levels.

    Both are smoothed a little: the noise of a scan is in either, whatever its motion.
    """
    smooth = [cv2.blur(luma, (3, 3)) for luma in (first, second)]
    return float(cv2.mean(cv2.absdiff(*smooth), covered.view(np.uint8))[0])


def _to_motion(affine: Affine) -> Motion:
    return Motion(
        dx=affine.dx,
        dy=affine.dy,
        rotation_degrees=degrees(atan2(affine.b, affine.a)),
        scale=affine.scale,
    )
