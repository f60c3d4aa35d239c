"""The colours of a difference image: how different a pixel is, and what was ignored.

Standard library only: the report draws its legend in a process without numpy.
"""

from math import inf
from typing import Final, NamedTuple, TypeAlias

RGB: TypeAlias = tuple[int, int, int]


class HeatStep(NamedTuple):
    """The colour of differences up to a CIE94 ΔE, itself included, above the step before."""

    up_to: float
    colour: RGB


# Darker is more different. Lightness alone orders the steps, so that it needs no eye for red and
# green, and a print in gray keeps them; the lightest is darker than any faded gray beside it.
# What only one image has is of the last step.
HEAT: Final = (
    HeatStep(2, (250, 140, 50)),
    HeatStep(4, (240, 112, 48)),
    HeatStep(8, (226, 82, 58)),
    HeatStep(15, (204, 52, 78)),
    HeatStep(25, (174, 28, 100)),
    HeatStep(40, (138, 14, 116)),
    HeatStep(60, (98, 8, 112)),
    HeatStep(inf, (50, 2, 80)),
)
# Ignored pixels are speckled: what is plain counts.
IGNORED_COLOUR: Final[RGB] = (255, 214, 90)
IGNORED_SPECK: Final[RGB] = (80, 48, 8)
