"""Whether two sizes are those of one page at two scales."""

from typing import TypeAlias

# (width, height), in pixels.
Size: TypeAlias = tuple[int, int]


def explain_refusal(old: Size, new: Size) -> str:
    """Return why images of two sizes are not one image at two scales, or nothing.

    They are when one factor leads from either side to the other, within a pixel of rounding.
    """
    small, large = sorted((old, new))
    (width, height), (large_width, large_height) = small, large
    if abs(width - large_width) <= 1 and abs(height - large_height) <= 1:
        return "not scaled, as that would blur all of an image for the sake of a pixel"
    is_smaller = width < large_width and height < large_height
    # Each factor has its own rounding: that of the longer side is the finer one.
    fits = abs(large_height * width / large_width - height) <= 1
    fits = fits or abs(large_width * height / large_height - width) <= 1
    if is_smaller and fits:
        return ""
    factors = new[0] / old[0], new[1] / old[1]
    return "not scaled, as the width changed by a factor of {:.4g}, the height by {:.4g}".format(
        *factors
    )
