"""Ink that another rasteriser may have drawn, also where the rest of the page is as it was.

Such ink is near its place and keeps its amount. So does little that a person changed, but text
that moved by a pixel does: this is for those who would rather miss that than see noise.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from visualdiff.blocks import BLOCK, cover_blocks, crop_levels, reduce_blocks, to_luma
from visualdiff.outliers import REACH, find_outliers
from visualdiff.specks import find_clusters
from visualdiff.tiles import PixelMask, Pixels, SparseMask, Tile, make_empty_mask

# Of what became darker and what became lighter in a cluster, one may not be all: ink that faded,
# came or went is nothing a rasteriser does. On 138 noise pairs and 262 changes, shares from 0.9 to
# 0.99 give the same; without this rule, 16 changes more are missed, most of them faded labels.
_MOST_ONE_SIDED: Final = 0.97


def find_drawn_anew(baseline: Pixels, candidate: Pixels, visible: SparseMask) -> PixelMask:
    """Return the visible pixels of clusters that another rasteriser may have drawn, `(H, W)`.

    Images are `(H, W, C)`, gray, RGB or opaque RGBA. A cluster with one outlier counts as a whole.
    """
    shape = visible.pixels.shape
    clusters = find_clusters(visible)
    if min(shape) < BLOCK or not clusters.sizes.size:
        return make_empty_mask(shape)
    outlying, change = _examine(baseline, candidate, visible.pixels)
    places = clusters.rows, clusters.columns
    outliers, net, gross = (
        np.bincount(clusters.numbers, weights, len(clusters.sizes))
        for weights in (outlying[places], change[places], np.abs(change[places]))
    )
    return clusters.mark((outliers == 0) & (np.abs(net) <= _MOST_ONE_SIDED * gross), shape)


def _examine(
    baseline: Pixels, candidate: Pixels, visible: PixelMask
) -> tuple[PixelMask, NDArray[np.int16]]:
    """Return which visible pixels are outliers, and by how much each became lighter."""
    height, width = visible.shape
    outlying, change = np.zeros(visible.shape, np.bool_), np.zeros(visible.shape, np.int16)
    for tile in cover_blocks(reduce_blocks(np.logical_or, visible), height, width):
        wide = tile.grow(REACH, height, width)
        old, new = (crop_levels(image, wide) for image in (baseline, candidate))
        inside = Tile(0, height, 0, width).move(-wide.top, -wide.left)
        found = find_outliers(old, new, wide.crop(visible), inside)
        inner = tile.move(-wide.top, -wide.left)
        tile.crop(outlying)[...] = inner.crop(found.outlying)
        before, after = (to_luma(inner.crop(image)).astype(np.int16) for image in (old, new))
        tile.crop(change)[...] = after - before
    return outlying, change
