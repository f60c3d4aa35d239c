"""Whether a page as a whole was rasterised anew, and which differences that explains.

It was where ink differs all over the page as another rasteriser makes it differ, and in nothing
else. Then the page has a noise floor of its own, and a change is what stands out of it.
"""

from typing import Final, NamedTuple

import cv2
import numpy as np

from visualdiff.blocks import (
    BLOCK,
    cover_blocks,
    crop_levels,
    reduce_blocks,
)
from visualdiff.drift import DRIFT_REACH, find_drifted
from visualdiff.floor import find_standing_out
from visualdiff.ink import Ink, survey_ink
from visualdiff.moves import was_moved
from visualdiff.outliers import EXCESS, REACH, Outliers, find_outliers
from visualdiff.tiles import PixelMask, Pixels, SparseMask, Tile, make_sparse

# A page was re-rasterised when at least this many blocks, and this share of those with ink, differ
# in nothing else.
_LEAST_BLOCKS: Final = 32
_LEAST_COVERAGE: Final = 0.08
# With outliers in a larger share of its differing blocks a page was changed.
_MOST_OUTLYING: Final = 0.5
# How much ink may come or go in all: LCD against gray smoothing makes up to 6.5 %, a text colour
# or a weight that anybody would notice 9 % and more.
_INK_CHANGE: Final = 0.08
# What another rasteriser takes from a block it puts elsewhere in it: of all that differs there, in
# luma or in colour, no more than this share goes one way. On 90 such pages it is up to 71 %; where
# text or thin lines got another colour, however near, or points became commas, 95 % and more.
_ONE_SIDED: Final = 0.8
# Letters drift on all of a page or on none: where outliers are in this share of the rows of blocks
# that differ. Of 9 pages whose letters drift it is 48 % and more; of 40 pages rasterised anew on
# which one thing changed, 20 % at most.
_LEAST_DRIFTING: Final = 1 / 3
# With outliers in more of its differing blocks than this the page was changed, or part of it was
# moved aside; with more of the outliers than this in flat areas, colours changed.
_MOST_DRIFTING: Final = 0.8
_MOST_FLAT: Final = 0.75
# Outliers nearer than this belong together: (rows, columns).
_NEAR: Final = (9, 13)

# A page is examined in samples of its tiles, and given up after any of them: so many samples, or
# less of at least so many tiles.
_SAMPLES: Final = 16
_LEAST_TILES: Final = 8


class Explained(NamedTuple):
    """Visible pixels, `(H, W)`, that re-rasterising explains.

    `coverage` is the share of the page's inked blocks that differ in nothing else, `flat_pixels`
    how many pixels of flat areas changed: no rasteriser does that.
    """

    pixels: PixelMask
    coverage: float
    flat_pixels: int


class _Page(NamedTuple):
    """Both images, `(H, W, C)`, and the `(H, W)` mask of the pixels that differ."""

    baseline: Pixels
    candidate: Pixels
    differing: PixelMask


class _Blocks(NamedTuple):
    """What is known of the blocks of a page, `(rows, columns)` each."""

    differing: PixelMask
    examined: PixelMask
    outlying: PixelMask


def explain_by_rasterising(
    baseline: Pixels,
    candidate: Pixels,
    visible: SparseMask,
    antialiased: PixelMask | None = None,
    masked: PixelMask | None = None,
) -> Explained | None:
    """Return which visible pixels re-rasterising explains, or None if the page was not.

    Images are `(H, W, C)`, gray, RGB or opaque RGBA. `antialiased` pixels, `(H, W)`, differ too
    and are ignored. What is `masked` is no part of the page. Little is computed where few blocks
    differ.
    """
    seen = _find_differing(visible)
    pixels, differing = _add_antialiased(visible, seen, antialiased)
    looked_at = _find_page(differing, pixels.shape, masked)
    if looked_at is None or not seen.any():
        return None
    page = _Page(baseline, candidate, pixels)
    examined, outlying = np.zeros((2, *differing.shape), np.bool_)
    blocks = _Blocks(differing, examined, outlying)
    outliers = np.zeros(pixels.shape, np.bool_)
    flat_pixels = _examine_page(page, blocks, outliers)
    # Enough of a page must be where it was; otherwise not all of it was examined.
    if _has_too_few_others(blocks):
        return None
    drifts = _may_have_drifted(blocks, flat_pixels, _count(outliers))
    if drifts:
        _follow_drift(page, blocks, outliers)
    if _has_too_many_outliers(blocks):
        return None
    # Only now, as most pages that differ so much were changed.
    ink = survey_ink(baseline, candidate, pixels, differing)
    inked = ink.held & looked_at
    plain = differing & ~outlying
    # What only anti-aliasing changed did not move.
    if not _is_rerasterised(ink, inked, plain) or was_moved(
        baseline, candidate, plain & seen, inked & ~differing
    ):
        return None
    # Where letters drift, half as far out is all of a line.
    if not drifts:
        standing = find_standing_out(baseline, candidate, pixels, plain)
        outliers |= standing
        outlying |= reduce_blocks(np.logical_or, standing)
        if outlying.any():
            _grow(page, blocks, outliers)
    return Explained(visible.pixels & ~outliers, _share(plain, inked), flat_pixels)


def _count(mask: PixelMask) -> int:
    return int(np.count_nonzero(mask))


def _count_rows(blocks: PixelMask) -> int:
    return _count(np.asarray(blocks.any(axis=1)))


def _add_antialiased(
    visible: SparseMask, seen: PixelMask, antialiased: PixelMask | None
) -> tuple[PixelMask, PixelMask]:
    """Return the pixels that are visible or anti-aliased, and which blocks hold one.

    Another rasteriser may smooth all of a page otherwise, and only a few icons visibly.
    """
    if antialiased is None or _count(seen) + _count(antialiased) < _LEAST_BLOCKS:
        return visible.pixels, seen
    pixels = visible.pixels | antialiased
    return pixels, _find_differing(make_sparse(pixels))


def _find_page(
    differing: PixelMask, shape: tuple[int, ...], masked: PixelMask | None
) -> PixelMask | None:
    """Return which blocks of a page are looked at, or None if too few of them differ."""
    # An image lower than a block, however wide, is no page.
    if _count(differing) < _LEAST_BLOCKS or min(shape) < BLOCK:
        return None
    # Nor was a page rasterised anew as a whole of which a line or two differ.
    looked_at = np.ones_like(differing)
    if masked is not None:  # as a whole
        looked_at = ~reduce_blocks(np.logical_and, masked)
    enough = _count_rows(differing) >= _LEAST_COVERAGE * _count_rows(looked_at)
    return looked_at if enough else None


def _find_differing(visible: SparseMask) -> PixelMask:
    """Return which blocks hold a visible pixel."""
    blocks = np.zeros([-(-side // BLOCK) for side in visible.pixels.shape], np.bool_)
    for row in np.unique(np.flatnonzero(visible.rows) // BLOCK).tolist():
        strip = visible.pixels[row * BLOCK : (row + 1) * BLOCK]
        blocks[row] = reduce_blocks(np.logical_or, strip)
    return blocks


def _examine_page(page: _Page, blocks: _Blocks, outliers: PixelMask) -> int:
    """Find the outliers of the blocks that differ; return how many flat pixels changed.

    A page that was changed all over shows it everywhere: it is given up after a part.
    """
    height, width = outliers.shape
    tiles = list(cover_blocks(blocks.differing, height, width))
    flat_pixels = 0
    samples = min(_SAMPLES, max(len(tiles) // _LEAST_TILES, 1))
    for sample in range(samples):
        for tile in tiles[sample::samples]:
            flat_pixels += _examine(page, tile, blocks, outliers)
            if _has_too_few_others(blocks):
                return flat_pixels
        if _has_too_many_outliers(blocks) and not _may_have_drifted(
            blocks, flat_pixels, _count(outliers)
        ):
            break
    return flat_pixels


def _may_have_drifted(blocks: _Blocks, flat_pixels: int, outliers: int) -> bool:
    """Return whether so many outliers lie all over a page, and few of them in flat areas."""
    return (
        _count(blocks.outlying) <= _MOST_DRIFTING * _count(blocks.examined)
        and _count_rows(blocks.outlying) >= _LEAST_DRIFTING * _count_rows(blocks.examined)
        and flat_pixels <= _MOST_FLAT * outliers
    )


def _follow_drift(page: _Page, blocks: _Blocks, outliers: PixelMask) -> None:
    """Clear the outliers that drifted along their rows."""
    height, width = outliers.shape
    for tile in list(cover_blocks(blocks.outlying, height, width)):
        wide = tile.grow(DRIFT_REACH[0], height, width, DRIFT_REACH[1])
        inside = Tile(0, height, 0, width).move(-wide.top, -wide.left)
        old, new = crop_levels(page.baseline, wide), crop_levels(page.candidate, wide)
        found = find_outliers(old, new, wide.crop(page.differing), inside)
        ink = found.outlying & ~found.flat
        explained = tile.move(-wide.top, -wide.left).crop(find_drifted(old, new, ink, inside))
        tile.crop(outliers)[explained] = False
        cells = Tile(*(-(-edge // BLOCK) for edge in tile))
        cells.crop(blocks.outlying)[...] = reduce_blocks(np.logical_or, tile.crop(outliers))


def _has_too_many_outliers(blocks: _Blocks) -> bool:
    return _count(blocks.outlying) > _MOST_OUTLYING * _count(blocks.examined)


def _has_too_few_others(blocks: _Blocks) -> bool:
    """Return whether too few blocks are left that may differ without an outlier."""
    return _count(blocks.differing) - _count(blocks.outlying) < _LEAST_BLOCKS


def _examine(page: _Page, tile: Tile, blocks: _Blocks, outliers: PixelMask) -> int:
    """Find the outliers of the blocks of a tile; return how many flat pixels changed."""
    found = _look_at(page, tile)
    tile.crop(outliers)[...] = found.outlying
    cells = Tile(*(-(-edge // BLOCK) for edge in tile))
    cells.crop(blocks.examined)[...] = cells.crop(blocks.differing)
    cells.crop(blocks.outlying)[...] = reduce_blocks(np.logical_or, found.outlying)
    return _count(found.flat)


def _look_at(page: _Page, tile: Tile, share: float = EXCESS) -> Outliers:
    """Return the outliers of a tile."""
    height, width = page.differing.shape
    wide = tile.grow(REACH, height, width)
    up, left = -wide.top, -wide.left
    old, new = crop_levels(page.baseline, wide), crop_levels(page.candidate, wide)
    inside = Tile(0, height, 0, width).move(up, left)
    found = find_outliers(old, new, wide.crop(page.differing), inside, share)
    inner = tile.move(up, left)
    return Outliers(inner.crop(found.outlying), inner.crop(found.flat))


def _grow(page: _Page, blocks: _Blocks, outliers: PixelMask) -> None:
    """Add to the outliers what near them is half as far out: all of a word, not one stroke."""
    around = cv2.dilate(blocks.outlying.view(np.uint8), np.ones((3, 3), np.uint8))
    near = blocks.differing & np.asarray(around, np.bool_)
    grown = outliers.copy()
    for tile in cover_blocks(near, outliers.shape[0], outliers.shape[1]):
        tile.crop(grown)[...] |= _look_at(page, tile, EXCESS / 2).outlying
    rows = np.flatnonzero(near.any(axis=1)) * BLOCK
    strip = slice(int(rows[0]), int(rows[-1]) + BLOCK)
    joined = cv2.dilate(grown[strip].view(np.uint8), np.ones(_NEAR, np.uint8))
    count, labels = cv2.connectedComponents(joined)
    kept = np.zeros(count, np.bool_)
    kept[labels[outliers[strip]]] = True
    outliers[strip] = grown[strip] & kept[labels]


def _is_rerasterised(ink: Ink, inked: PixelMask, plain: PixelMask) -> bool:
    """Return whether the differing blocks without outliers make up a re-rasterised page."""
    if _share(plain, inked) < _LEAST_COVERAGE:
        return False
    before, after = ink.amounts[:, plain].sum(axis=1).tolist()
    one_way, in_all = ink.balance[:, :, plain].sum(axis=2)
    is_balanced = bool((one_way <= _ONE_SIDED * in_all).all())
    return is_balanced and abs(after - before) <= _INK_CHANGE * before


def _share(plain: PixelMask, inked: PixelMask) -> float:
    """Return the share of the blocks with ink that differ as re-rasterised ones do."""
    return _count(plain & inked) / max(_count(inked), 1)
