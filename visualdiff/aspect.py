"""Whether two sizes are those of one page, at two scales or with a little more of it."""

from typing import Final, TypeAlias

# (width, height), in pixels.
Size: TypeAlias = tuple[int, int]

# In shorter sides a pixel of rounding is so much that almost any two shapes would do.
_LEAST_SCALED_SIDE: Final = 16
# Beyond that, of what a person would see too little is left to be compared.
_LARGEST_FACTOR: Final = 8
# As of images that moved: see `registration`.
_LEAST_COMMON_SHARE: Final = 0.5


def explain_refusal(old: Size, new: Size) -> str:
    """Return why images of two sizes are not one image at two scales, or nothing.

    They are when one factor leads from either side to the other, within a pixel of rounding. A
    whole factor leaves less than a pixel of the smaller image over.
    """
    small, large = sorted((old, new))
    if abs(small[0] - large[0]) <= 1 and abs(small[1] - large[1]) <= 1:
        return "not scaled, as that would blur all of an image for the sake of a pixel"
    if min(small) < _LEAST_SCALED_SIDE:
        smaller = "{}×{}".format(*small)
        return f"not scaled, as a side of {smaller} is shorter than {_LEAST_SCALED_SIDE} px"
    whole = find_whole_factor(large, small)
    if not whole and not _has_one_factor(large, small):
        factors = new[0] / old[0], new[1] / old[1]
        return (
            "not scaled, as the width changed by a factor of {:.4g}, the height by {:.4g}".format(
                *factors
            )
        )
    if (whole or max(large[0] / small[0], large[1] / small[1])) > _LARGEST_FACTOR:
        sizes = " → ".join("{}×{}".format(*size) for size in (large, small))
        return f"not scaled, as {sizes} is a factor below 1/{_LARGEST_FACTOR}"
    return "" if whole else _explain_spare(large, small)


def explain_no_crop(old: Size, new: Size) -> str:
    """Return why images of two sizes share too little to be cut to it, or nothing."""
    common = min(old[0], new[0]) * min(old[1], new[1])
    sizes = {"baseline": old[0] * old[1], "candidate": new[0] * new[1]}
    owner = max(sizes, key=lambda name: sizes[name])
    if common >= _LEAST_COMMON_SHARE * sizes[owner]:
        return ""
    return (
        f"not cropped, as both images have only {common:,} of the {sizes[owner]:,} px "
        f"of the {owner}, wanted at least half"
    )


def find_whole_factor(large: Size, small: Size) -> int:
    """Return the whole factor, from 2, between two sizes, or 0 if there is none.

    Either side may be longer or shorter than its multiple by less than one pixel of the smaller.
    """
    factor = _round_factor(large, small)
    fits = all(abs(pixels) < factor for pixels in _find_spare(large, small, factor))
    return factor if factor > 1 and fits else 0


def _round_factor(large: Size, small: Size) -> int:
    # The longer side's factor is the finer one.
    side = 0 if large[0] > large[1] else 1
    return round(large[side] / small[side])


def _find_spare(large: Size, small: Size, factor: int) -> tuple[int, int]:
    return large[0] - factor * small[0], large[1] - factor * small[1]


def _has_one_factor(large: Size, small: Size) -> bool:
    (width, height), (large_width, large_height) = small, large
    if width >= large_width or height >= large_height:
        return False
    # Each factor has its own rounding: that of the longer side is the finer one.
    fits = abs(large_height * width / large_width - height) <= 1
    return fits or abs(large_width * height / large_height - width) <= 1


def _explain_spare(large: Size, small: Size) -> str:
    """Return which side is a whole pixel off a factor that is whole, or nothing if it is not.

    It is meant to be whole if it is so for either side, within a pixel of the smaller image.
    """
    factor = _round_factor(large, small)
    spare = _find_spare(large, small, factor)
    if factor == 1 or min(map(abs, spare)) > factor:
        return ""
    side = 0 if abs(spare[0]) > abs(spare[1]) else 1
    return "not scaled, as {:,} {} are {:,} too {} for {:,} at a factor of {}".format(
        large[side],
        ("columns", "rows")[side],
        abs(spare[side]),
        "many" if spare[side] > 0 else "few",
        small[side],
        factor,
    )
