"""The score of each rectangle of `focus` by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from visualdiff.masks import FocusArea, Masking
from visualdiff.model import FocusScore
from visualdiff.settings import Settings
from visualdiff.ssim import WIDEST_WINDOW, measure_ssim
from visualdiff.tiles import PixelMask, Tile, make_sparse
from visualdiff.veil import Veiled


def choose_threshold(settings: Settings) -> Settings:
    """Return settings with the lowest threshold of the rectangles, which the whole must reach."""
    own = [
        settings.threshold if area.threshold is None else area.threshold for area in settings.focus
    ]
    return replace(settings, threshold=min(own)) if own else settings


def score_focus(
    page: Veiled,
    visible: PixelMask,
    ignored: PixelMask,
    settings: Settings,
    names: Sequence[str],
) -> tuple[FocusScore, ...]:
    """Return the score of each rectangle, over what of it is not masked.

    `visible` and `ignored` are the differing pixels of the page, `names` those of its channels.
    """
    scores = []
    for area in page.masking.focus:
        frame = _frame(area.pixels)
        others = ~frame.crop(area.pixels)
        if settings.on_size_mismatch == "pad" and page.canvas.unpaired is not None:
            unscored = others | frame.crop(page.canvas.unpaired)
            others = others if unscored.all() else unscored
        if page.masking.masked is not None:
            others |= frame.crop(page.masking.masked)
        differing = make_sparse(frame.crop(page.canvas.differing.pixels))
        hidden = frame.crop(ignored) | (differing.pixels & others)
        first, second = (frame.crop(image) for image in page.canvas.compared)
        _, channels = measure_ssim(first, second, differing, hidden, settings.ssim, others)
        diff_pixels = int(np.count_nonzero(frame.crop(visible) & ~others))
        scores.append(
            _describe(area, dict(zip(names, channels, strict=True)), diff_pixels, settings)
        )
    return tuple(scores)


def _frame(pixels: PixelMask) -> Tile:
    """Return a frame in which all windows lie that hold one of some pixels."""
    rows = np.flatnonzero(pixels.any(axis=1)).tolist()
    columns = np.flatnonzero(pixels[rows[0] : rows[-1] + 1].any(axis=0)).tolist()
    extent = Tile(rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
    return extent.grow(WIDEST_WINDOW, *pixels.shape)


def score_equal_focus(
    masking: Masking, settings: Settings, names: Sequence[str]
) -> tuple[FocusScore, ...]:
    """Return the same for two equal images."""
    equal = dict.fromkeys(names, 1.0)
    return tuple(_describe(area, equal, 0, settings) for area in masking.focus)


def _describe(
    area: FocusArea, channels: Mapping[str, float], diff_pixels: int, settings: Settings
) -> FocusScore:
    threshold = settings.threshold if area.threshold is None else area.threshold
    score = min(channels.values())
    return FocusScore(
        x=area.box.left,
        y=area.box.top,
        width=area.box.right - area.box.left,
        height=area.box.bottom - area.box.top,
        threshold=threshold,
        score=score,
        channels=channels,
        diff_pixels=diff_pixels,
        passed=score >= threshold,
    )
