"""Differing pixels, those a person would see and those that are ignored, and by which reason."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from visualdiff.colour import measure_largest_difference
from visualdiff.model import IgnoredPixels
from visualdiff.tiles import PixelMask, Pixels, SparseMask, count, cover, make_sparse


class Perceived(NamedTuple):
    """Differing pixels, sorted into those a person would see and those that are ignored.

    `antialiased` are those of the ignored ones that differ by anti-aliasing. `largest` is the
    largest ΔE that was ignored, by the reasons that have been measured.
    """

    visible: SparseMask
    ignored: PixelMask
    antialiased: PixelMask
    counts: IgnoredPixels
    largest: Mapping[str, float]

    def ignore(self, pixels: PixelMask, reason: str) -> "Perceived":
        """Return the same with visible pixels, `(H, W)`, ignored for a reason."""
        more = count(pixels)
        if not more:
            return self
        antialiased = self.antialiased
        return self._replace(
            visible=make_sparse(self.visible.pixels & ~pixels),
            ignored=self.ignored | pixels,
            antialiased=antialiased | pixels if reason == "antialiasing" else antialiased,
            counts=replace(self.counts, **{reason: getattr(self.counts, reason) + more}),
        )

    def measure(
        self, pixels: PixelMask, reason: str, pictures: tuple[Pixels, Pixels]
    ) -> "Perceived":
        """Return the same with the largest ΔE of all pixels, `(H, W)`, ignored for a reason.

        Only for what stays ignored: what a later step makes visible again must not be told.
        """
        if not getattr(self.counts, reason):
            return self
        baseline, candidate = pictures
        largest = max(
            measure_largest_difference(
                tile.crop(baseline), tile.crop(candidate), tile.crop(pixels)
            )
            for tile in cover(make_sparse(pixels), 0)
        )
        return self._replace(largest={**self.largest, reason: largest})
