"""Build a suite from a seed: `python -m benchmarks.suite [mixed|quick|...] [--seed N]`.

`baselines/KIND/NAME.png` pairs with `candidates/KIND/NAME.png`; `manifest.json` says what each
pair is. The kinds are those of a usual CI run: most screenshots are as they were, some were
encoded anew, a few changed.
"""

import argparse
import hashlib
import io
import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import PIL
from PIL import Image

from benchmarks.pages import draw_page
from benchmarks.painter import Pixels
from benchmarks.plans import SUITES, Encoder, PairPlan

FOLDER: Final = Path(__file__).parent / ".suite"
_SIDES: Final = ("baselines", "candidates")


def build_suite(folder: Path, suite: str, seed: int) -> None:
    """Draw and encode all pairs; leave a folder that holds this very suite as it is."""
    plans = list(SUITES[suite](seed))
    manifest = json.dumps(
        {
            "suite": suite,
            "seed": seed,
            "drawn_by": _identify_painter(),
            "pairs": [asdict(plan) for plan in plans],
        },
        indent=1,
    )
    path = folder / "manifest.json"
    if path.exists() and path.read_text("utf-8") == manifest:
        return
    shutil.rmtree(folder, ignore_errors=True)
    for side in _SIDES:
        for plan in plans:
            (folder / side / plan.name).parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(_write_pair, folder), plans))
    # Last, so that an interrupted build is built again.
    path.write_text(manifest, encoding="utf-8")


def encode(pixels: Pixels, *, rgba: bool, encoder: Encoder = "browser") -> bytes:
    """Return pixels as a PNG file.

    A browser chooses each row's filter and uses zlib's level 6, an optimiser level 9; OpenCV
    stands for a browser that was asked for speed: one filter, level 1.
    """
    if rgba:
        pixels = np.dstack((pixels, np.full(pixels.shape[:2], 255, np.uint8)))
    if encoder == "speed":
        swap = cv2.COLOR_RGBA2BGRA if rgba else cv2.COLOR_RGB2BGR
        _, data = cv2.imencode(".png", cv2.cvtColor(pixels, swap))
        return data.tobytes()
    file = io.BytesIO()
    level = 9 if encoder == "optimiser" else 6
    Image.fromarray(pixels).save(file, "PNG", compress_level=level)
    return file.getvalue()


def _identify_painter() -> str:
    """Return what the pixels depend on beside the plans: the code that draws, and Pillow."""
    code = b"".join(
        Path(__file__).with_name(f"{name}.py").read_bytes()
        for name in ("painter", "pages", "suite")
    )
    return f"{hashlib.sha256(code).hexdigest()[:12]}, Pillow {PIL.__version__}"


def _write_pair(folder: Path, plan: PairPlan) -> None:
    for side, data in zip(_SIDES, _encode_pair(plan), strict=True):
        (folder / side / plan.name).write_bytes(data)


def _encode_pair(plan: PairPlan) -> tuple[bytes, bytes]:
    pixels = draw_page(plan.page)
    baseline = encode(pixels, rgba=plan.rgba)
    if plan.kind == "identical":
        return baseline, baseline
    if plan.kind == "reencoded":
        return baseline, encode(pixels, rgba=plan.rgba, encoder=plan.encoder)
    return baseline, encode(draw_page(plan.candidate), rgba=plan.rgba)


def main() -> None:
    """Build a suite."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("suite", nargs="?", choices=SUITES, default="mixed")
    parser.add_argument("--folder", type=Path, help="default: benchmarks/.suite/SUITE")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = arguments.folder or FOLDER / arguments.suite
    build_suite(folder, arguments.suite, arguments.seed)


if __name__ == "__main__":
    main()
