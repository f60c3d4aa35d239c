"""Measure a run of visualdiff against scikit-image on the same two folders, in CPU seconds.

    python benchmarks/against_scikit_image.py BASELINES CANDIDATES [--rounds 3]

CPU seconds are user + sys of a process and all its children. Both read every file, and both use
two worker processes: visualdiff with its whole report, scikit-image with what the tutorial would
do for each channel (imread, structural_similarity). The rounds alternate, so that a slow moment of
the machine hits both.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SCIKIT_IMAGE = """
import os, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

def measure(pair):
    import cv2
    from skimage.metrics import structural_similarity
    cv2.setNumThreads(1)
    first, second = map(cv2.imread, pair)
    if first.shape != second.shape:
        return None
    return [structural_similarity(first[..., i], second[..., i], data_range=255) for i in range(3)]

if __name__ == "__main__":
    old, new = sys.argv[1:]
    names = sorted(os.listdir(old))
    pairs = [(os.path.join(old, name), os.path.join(new, name)) for name in names]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(measure, pairs, chunksize=4))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("baselines", type=Path)
    parser.add_argument("candidates", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    folders = [str(arguments.baselines.resolve()), str(arguments.candidates.resolve())]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "measure.py")
        script.write_text(SCIKIT_IMAGE)
        config = Path(folder, "visualdiff.yaml")
        config.write_text(f"baselines: {folders[0]}\ncandidates: {folders[1]}\nworkers: 2\n")
        commands = {
            "visualdiff run, with report": [sys.executable, "-m", "visualdiff", "run", "-q"],
            "scikit-image, per channel": [sys.executable, str(script), *folders],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(arguments.rounds):
            for name, command in commands.items():
                seconds[name].append(measure(command, folder))
    print_table(seconds, sum(1 for _ in arguments.baselines.iterdir()))


def measure(command: list[str], folder: str) -> float:
    """Return the CPU seconds of a command and its children; it may find differences."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"{command} ended with {done.returncode}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_table(seconds: dict[str, list[float]], pairs: int) -> None:
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    slowest = max(medians.values())
    print(f"| {pairs} pairs | CPU s, median | min to max | share |")
    print("|---|---|---|---|")
    for name, values in seconds.items():
        spread = f"{min(values):.1f} to {max(values):.1f}"
        print(f"| {name} | {medians[name]:.1f} | {spread} | {medians[name] / slowest:.3f} |")


if __name__ == "__main__":
    main()
