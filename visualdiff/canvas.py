"""Two images of any layout and size → two of one layout and one size, and where they differ."""

from typing import Final, NamedTuple

import cv2
import numpy as np

from visualdiff.tiles import PixelMask, Pixels, SparseMask, find_differing_pixels, make_sparse

# No part of a comparison looks further than this around a differing pixel.
_SURROUNDINGS: Final = 32


class Canvas(NamedTuple):
    """Two images of one shape, and where they differ.

    `pictures` are to be looked at, `compared` only where they differ. `unpaired` are the pixels
    that only one image has, if any.
    """

    pictures: tuple[Pixels, Pixels]
    compared: tuple[Pixels, Pixels]
    differing: SparseMask
    unpaired: PixelMask | None

    @property
    def paired(self) -> SparseMask:
        """The differing pixels that both images have."""
        if self.unpaired is None:
            return self.differing
        return make_sparse(self.differing.pixels & ~self.unpaired)


def lay_out(baseline: Pixels, candidate: Pixels, *, opaque: bool) -> Canvas:
    """Return two `(H, W, C)` images of one layout and any two sizes on a canvas that holds both.

    `opaque` says that an alpha channel, if any, is opaque in both, and can be left out.
    """
    unpaired = None
    if baseline.shape != candidate.shape:
        baseline, candidate, unpaired = _unify_size(baseline, candidate)
    differing = find_differing_pixels(baseline, candidate)
    pictures = compared = baseline, candidate
    if opaque and baseline.shape[2] == 4:
        pictures = baseline[:, :, :3], candidate[:, :, :3]
        compared = _drop_alpha(differing, baseline, candidate)
    return Canvas(pictures, compared, differing, unpaired)


def unify_layout(baseline: Pixels, candidate: Pixels) -> tuple[Pixels, Pixels]:
    """Return both images as `(H, W, C)` of the same depth and channels."""
    images = [
        image[:, :, np.newaxis] if image.ndim == 2 else image for image in (baseline, candidate)
    ]
    if any(image.dtype == np.uint16 for image in images):
        images = [
            image if image.dtype == np.uint16 else image * np.uint16(257) for image in images
        ]
    channels = max(image.shape[2] for image in images)
    baseline, candidate = (np.ascontiguousarray(_expand(image, channels)) for image in images)
    return baseline, candidate


def _drop_alpha(
    differing: SparseMask, baseline: Pixels, candidate: Pixels
) -> tuple[Pixels, Pixels]:
    """Return both RGBA images as RGB, undefined where neither they nor their neighbours differ.

    Nobody looks there, and to convert the rest of a page would cost a fifth of decoding it.
    """
    rows = np.flatnonzero(differing.rows)
    images = np.empty((2, *baseline.shape[:2], 3), baseline.dtype)
    if rows.size:
        band = slice(max(int(rows[0]) - _SURROUNDINGS, 0), int(rows[-1]) + 1 + _SURROUNDINGS)
        for image, target in zip((baseline, candidate), images, strict=True):
            cv2.cvtColor(image[band], cv2.COLOR_RGBA2RGB, target[band])
    return images[0], images[1]


def is_opaque(image: Pixels) -> bool:
    """Return whether an image has no alpha channel, or one that hides nothing."""
    if image.shape[2] < 4:
        return True
    # Whole pixels, one number each, and all of them at once: a channel by itself takes ten times
    # as long to read.
    pixels = image.view(np.dtype(f"u{4 * image.itemsize}"))
    common = np.bitwise_and.reduce(pixels, axis=None, keepdims=True).view(image.dtype)
    return bool(common[0, 0, 3] == np.iinfo(image.dtype).max)


def _expand(image: Pixels, channels: int) -> Pixels:
    """Return the image with gray repeated and opaque alpha added, up to `channels` channels."""
    if image.shape[2] == 1 and channels > 1:
        image = np.repeat(image, 3, axis=2)
    if image.shape[2] == 3 and channels == 4:
        opaque = np.full((*image.shape[:2], 1), np.iinfo(image.dtype).max, image.dtype)
        image = np.concatenate((image, opaque), axis=2)
    return image


def _unify_size(baseline: Pixels, candidate: Pixels) -> tuple[Pixels, Pixels, PixelMask]:
    """Return both images on a canvas that holds either, and the mask of pixels that one lacks."""
    height, width = np.maximum(baseline.shape[:2], candidate.shape[:2]).tolist()
    unpaired = np.zeros((height, width), np.bool_)
    padded = []
    for image in (baseline, candidate):
        rows, columns = height - image.shape[0], width - image.shape[1]
        canvas: Pixels = image
        if rows or columns:
            bordered = cv2.copyMakeBorder(image, 0, rows, 0, columns, cv2.BORDER_CONSTANT)
            canvas = np.asarray(bordered, image.dtype).reshape(height, width, -1)
        padded.append(canvas)
        # What both have is flipped twice.
        unpaired[: image.shape[0], : image.shape[1]] ^= True
    return padded[0], padded[1], unpaired
