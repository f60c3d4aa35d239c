"""Two images of different sizes → two that can be compared, as `on_size_mismatch` says."""

from typing import Literal, NamedTuple

from visualdiff.aspect import Size, explain_no_crop, explain_refusal, find_whole_factor
from visualdiff.model import Fit, Region, RegionKind
from visualdiff.resampling import shrink, shrink_mask
from visualdiff.tiles import PixelMask, Pixels


class Fitted(NamedTuple):
    """Two images, `(H, W, C)`, how they were made to fit, and what a person should know of it."""

    baseline: Pixels
    candidate: Pixels
    how: Fit = "equal"
    warnings: tuple[str, ...] = ()

    def change_mask(self, mask: PixelMask) -> PixelMask:
        """Return a mask of the baseline as it was, `(H, W)`, on the baseline as it is compared."""
        height, width = self.baseline.shape[:2]
        if self.how == "cropped":
            return mask[:height, :width].copy()
        return mask if mask.shape == (height, width) else shrink_mask(mask, width, height)

    @property
    def sizes(self) -> tuple[Size, Size]:
        """The sizes of both images as they are compared."""
        return measure(self.baseline), measure(self.candidate)


def fit_sizes(
    baseline: Pixels, candidate: Pixels, policy: Literal["fail", "pad", "crop", "scale"]
) -> Fitted:
    """Return two `(H, W, C)` images, cut or shrunk to one size if the policy says so.

    Images that are to be padded, or that cannot be scaled or cropped, are returned as they are.
    A warning says why they were not cropped; why they were not scaled is said by the verdict.
    """
    old, new = measure(baseline), measure(candidate)
    if old == new:
        return Fitted(baseline, candidate)
    if policy == "crop":
        if refusal := explain_no_crop(old, new):
            return Fitted(baseline, candidate, "padded", (refusal,))
        return _crop(baseline, candidate)
    if policy == "scale" and not explain_refusal(old, new):
        return _scale(baseline, candidate)
    return Fitted(baseline, candidate, "padded")


def measure(image: Pixels) -> Size:
    """Return the width and the height of an image."""
    return image.shape[1], image.shape[0]


def find_strips(sizes: tuple[Size, Size], channel: str) -> tuple[Region, ...]:
    """Return the strips at the right and at the bottom that only one image has.

    The corner that both strips could claim belongs to the right one: no pixel counts twice.
    """
    (old_width, old_height), (new_width, new_height) = sizes
    common_width, common_height = min(old_width, new_width), min(old_height, new_height)
    strips = []
    if old_width != new_width:
        owner, height = (
            ("candidate", new_height) if new_width > old_width else ("baseline", old_height)
        )
        strips.append((owner, common_width, 0, abs(new_width - old_width), height))
    if old_height != new_height:
        owner = "candidate" if new_height > old_height else "baseline"
        strips.append((owner, 0, common_height, common_width, abs(new_height - old_height)))
    return tuple(_strip_region(*strip, channel) for strip in strips)


def _crop(baseline: Pixels, candidate: Pixels) -> Fitted:
    height, width = (
        min(sides) for sides in zip(baseline.shape[:2], candidate.shape[:2], strict=True)
    )
    told = [
        words
        for name, image in (("baseline", baseline), ("candidate", candidate))
        if (words := _tell_crop(name, image, width, height))
    ]
    cut = [image[:height, :width].copy() for image in (baseline, candidate)]
    return Fitted(cut[0], cut[1], "cropped", tuple(told))


def _tell_crop(name: str, image: Pixels, width: int, height: int) -> str:
    """Return how much of an image is left out, if anything is."""
    sides = (
        (image.shape[1] - width, f"of {image.shape[1]:,} columns, at the right"),
        (image.shape[0] - height, f"of {image.shape[0]:,} rows, at the bottom"),
    )
    left_out = [f"{pixels:,} {of_which}" for pixels, of_which in sides if pixels]
    return f"{name} cropped, not compared: {'; '.join(left_out)}" if left_out else ""


def _scale(baseline: Pixels, candidate: Pixels) -> Fitted:
    """Shrink the larger image: of the smaller one, pixels would have to be invented."""
    old, new = measure(baseline), measure(candidate)
    if old < new:
        words = _tell_scale("candidate", new, old)
        return Fitted(baseline, shrink(candidate, *old), "scaled", (words,))
    words = _tell_scale("baseline", old, new)
    return Fitted(shrink(baseline, *new), candidate, "scaled", (words,))


def _tell_scale(name: str, large: Size, small: Size) -> str:
    sizes = " → ".join("{}×{}".format(*size) for size in (large, small))
    whole = find_whole_factor(large, small)
    if whole:
        left_out = _tell_left_out(large, (whole * small[0], whole * small[1]))
        return f"{name} scaled by {1 / whole:.4g} ({sizes}){left_out}"
    # A mean of areas has a factor for each side, which rounding may tell from the other.
    factors = dict.fromkeys(f"{new / old:.4g}" for old, new in zip(large, small, strict=True))
    return f"{name} scaled by {' × '.join(factors)} ({sizes})"


def _tell_left_out(large: Size, used: Size) -> str:
    """Return which columns and rows are beyond the last whole block, if any are."""
    told = [
        f"last {side}" if spare == 1 else f"last {spare} {side}s"
        for side, spare in (("column", large[0] - used[0]), ("row", large[1] - used[1]))
        if spare > 0
    ]
    return f", its {' and its '.join(told)} left out" if told else ""


def _strip_region(owner: str, x: int, y: int, width: int, height: int, channel: str) -> Region:
    return Region(
        x=x,
        y=y,
        width=width,
        height=height,
        diff_pixels=width * height,
        kind=RegionKind.CHANGED,
        space="candidate",
        channel=channel,
        description=f"only in the {owner}, which is {'taller' if x == 0 else 'wider'}",
    )
