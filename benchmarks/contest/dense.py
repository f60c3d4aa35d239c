"""The dense worst case: every window of the image differs. `ANSWERS WIDTH HEIGHT ROUNDS`.

In one process and one thread; CPU nanoseconds for each pixel of three channels.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.pages import draw_page
from benchmarks.painter import Edit, PageSpec, Pixels
from visualdiff import compare_images
from visualdiff.ssim import measure_ssim
from visualdiff.tiles import make_sparse


def draw_cases(width: int, height: int) -> dict[str, tuple[Pixels, Pixels]]:
    """Return pairs of images in which every window differs."""
    rng = np.random.default_rng(1)
    shape = (height, width, 3)
    spec = PageSpec(seed=1, width=width, height=height, scale=max(width // 1920, 1))
    page = draw_page(spec)
    themed = draw_page(PageSpec(1, width, height, spec.scale, edit=Edit("theme")))
    step = rng.integers(1, 9, shape, np.uint8)
    lighter = np.where(page > 127, page - step, page + step)
    noise = [rng.integers(0, 256, shape, np.uint8) for _ in range(2)]
    return {
        "unrelated noise": (noise[0], noise[1]),
        "a page in another theme": (page, themed),
        "each value off by 1 to 8": (page, lighter),
    }


def time_call(call: Callable[[], object], rounds: int) -> float:
    """Return the median CPU seconds of a call, after one that warms up."""
    seconds = []
    for _ in range(rounds + 1):
        started = time.process_time()
        call()
        seconds.append(time.process_time() - started)
    return statistics.median(seconds[1:])


def main() -> None:
    """Measure each case, and SSIM alone on the first."""
    width, height, rounds = map(int, sys.argv[2:5])
    cv2.setNumThreads(1)
    cases = draw_cases(width, height)
    found = {
        name: time_call(partial(compare_images, *images), rounds) for name, images in cases.items()
    }
    everywhere = np.ones((height, width), np.bool_)
    alone = partial(measure_ssim, *cases["unrelated noise"], make_sparse(everywhere), ~everywhere)
    found["unrelated noise, SSIM alone"] = time_call(alone, rounds)
    per_pixel = {name: seconds / (width * height) * 1e9 for name, seconds in found.items()}
    Path(sys.argv[1]).write_text(json.dumps(per_pixel), encoding="utf-8")
