"""Clusters of visible pixels, and those that are too small to count."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from visualdiff.clusters import CELL, GAP_X, GAP_Y
from visualdiff.tiles import PixelMask, SparseMask, make_empty_mask


class Clusters(NamedTuple):
    """The visible pixels, `(N,)` each: row, column, and the number of the cluster they are of.

    Clusters are numbered from 0; `sizes`, `(count,)`, says how many pixels each has.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    numbers: NDArray[np.int32]
    sizes: NDArray[np.intp]

    def mark(self, chosen: NDArray[np.bool_], shape: tuple[int, ...]) -> PixelMask:
        """Return the mask of the pixels of the chosen clusters, `(count,)`."""
        if not chosen.any():
            return make_empty_mask(shape)
        pixels = np.zeros(shape, np.bool_)
        pixels[self.rows, self.columns] = chosen[self.numbers]
        return pixels


def find_clusters(visible: SparseMask) -> Clusters:
    """Return the clusters of a mask; it takes time in proportion to pixels, not to clusters."""
    marked = np.flatnonzero(visible.rows)
    if not marked.size:
        nothing = np.zeros(0, np.intp)
        return Clusters(nothing, nothing, nothing.astype(np.int32), nothing)
    top = int(marked[0])
    rows, columns = np.nonzero(visible.pixels[top : marked[-1] + 1])
    tall, wide = GAP_Y // CELL, GAP_X // CELL
    # With a border no cluster is cut off when it grows.
    places = rows // CELL + tall, columns // CELL + wide
    cells = np.zeros((places[0].max() + 1 + tall, places[1].max() + 1 + wide), np.uint8)
    cells[places] = 1
    grown = cv2.dilate(cells, np.ones((tall + 1, wide + 1), np.uint8))
    numbers = cv2.connectedComponents(grown, connectivity=8)[1].astype(np.int32)[places] - 1
    return Clusters(rows + top, columns, numbers, np.bincount(numbers))


def find_specks(visible: SparseMask, min_pixels: int) -> PixelMask:
    """Return the pixels of the clusters that have fewer than `min_pixels` pixels, `(H, W)`."""
    if min_pixels <= 1:
        return make_empty_mask(visible.pixels.shape)
    clusters = find_clusters(visible)
    return clusters.mark(clusters.sizes < min_pixels, visible.pixels.shape)
