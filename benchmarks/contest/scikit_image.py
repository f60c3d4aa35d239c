"""The tutorial's way: scikit-image's SSIM of each channel, in the standard process pool."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from benchmarks.contest.arguments import read_arguments, write_answers


def measure(pair: tuple[str, str, str]) -> tuple[str, dict[str, Any]]:
    """Return the mean SSIM of each channel of a pair; none where sizes differ."""
    import cv2  # noqa: PLC0415 - the parent needs none of these
    from skimage.metrics import structural_similarity  # noqa: PLC0415

    cv2.setNumThreads(1)
    name, *paths = pair
    baseline, candidate = (cv2.imread(path) for path in paths)
    if baseline is None or candidate is None:
        raise RuntimeError(f"{name}: cannot be read")
    if baseline.shape != candidate.shape:
        return name, {"differs": True}
    channels = {
        colour: float(
            structural_similarity(  # type: ignore[no-untyped-call]  # it has no types
                baseline[..., index], candidate[..., index], data_range=255
            )
        )
        for index, colour in enumerate(("blue", "green", "red"))
    }
    return name, {"differs": min(channels.values()) < 1, "raw_channels": channels}


def main() -> None:
    """Compare all pairs with two workers of one thread each."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"
    pairs, answers = read_arguments()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        write_answers(answers, dict(pool.map(measure, pairs)))
