"""Where a place of one image stands in another that was moved, turned or scaled as a whole."""

from math import ceil, cos, floor, radians, sin
from typing import NamedTuple

from visualdiff.model import Motion


class Affine(NamedTuple):
    """A map of places: (x, y) → (a x - b y + dx, b x + a y + dy).

    Places are measured from the top left corner of an image: the middle of its first pixel is at
    (0.5, 0.5).
    """

    a: float
    b: float
    dx: float
    dy: float

    @property
    def scale(self) -> float:
        """By what factor lengths grow."""
        return float((self.a**2 + self.b**2) ** 0.5)

    def move(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place goes."""
        return self.a * x - self.b * y + self.dx, self.b * x + self.a * y + self.dy

    def invert(self) -> "Affine":
        """Return the map that takes every place back."""
        square = self.a**2 + self.b**2
        a, b = self.a / square, -self.b / square
        return Affine(a, b, b * self.dy - a * self.dx, -b * self.dx - a * self.dy)

    def move_box(self, x: int, y: int, width: int, height: int) -> tuple[int, int, int, int]:
        """Return the box of whole pixels (x, y, width, height) around where a box goes."""
        corners = [
            self.move(*corner)
            for corner in (
                (x, y),
                (x + width, y),
                (x, y + height),
                (x + width, y + height),
            )
        ]
        # What is off by less than a thousandth of a pixel is off by rounding.
        left, top = (floor(round(min(places), 3)) for places in zip(*corners, strict=True))
        right, bottom = (ceil(round(max(places), 3)) for places in zip(*corners, strict=True))
        return left, top, right - left, bottom - top


def to_affine(motion: Motion) -> Affine:
    """Return the map from places of the baseline to those of the candidate."""
    angle = radians(motion.rotation_degrees)
    a, b = motion.scale * cos(angle), motion.scale * sin(angle)
    return Affine(a, b, motion.dx, motion.dy)
