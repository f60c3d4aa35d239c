"""The pictures of a report: how much they weigh, and which of them the page takes in."""

import base64
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from visualdiff.files import read_file
from visualdiff.model import PairResult
from visualdiff.remote.traffic import recall
from visualdiff.urls import is_stand_in

MIME_TYPES: Final = {
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".css": "text/css",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
_MEGABYTE: Final = 1_000_000


class Inlined(NamedTuple):
    """The assets that a page takes in, by their paths, and how many pairs' it leaves out."""

    paths: tuple[str, ...]
    left_out: int


def list_paths(results: Iterable[PairResult]) -> tuple[str, ...]:
    """Return the paths of all pictures of a report, each once, relative to its folder."""
    return tuple(dict.fromkeys(path for item in results for path in item.artifacts.values()))


def measure_assets(report: Path, results: Iterable[PairResult]) -> tuple[int, int]:
    """Return how many files the pictures of a report are, and how many bytes."""
    paths = list_paths(results)
    return len(paths), sum(_measure(report, path) for path in paths)


def choose_inlined(report: Path, results: Iterable[PairResult], megabytes: float) -> Inlined:
    """Return which assets fit into a page, the pictures of a pair all or none.

    Results come with the worst pair first. A pair that does not fit makes way for smaller ones.
    """
    room = megabytes * _MEGABYTE
    chosen: dict[str, None] = {}
    left_out = 0
    for item in results:
        # The page has a picture of it.
        shown = (path for role, path in item.artifacts.items() if role != "candidate_file")
        more = set(shown) - chosen.keys()
        # As base64, which writes three bytes as four letters.
        size = sum((_measure(report, path) + 2) // 3 * 4 for path in more)
        if size <= room:
            room -= size
            chosen |= dict.fromkeys(sorted(more))
        else:
            left_out += 1
    return Inlined(tuple(chosen), left_out)


def embed(report: Path, path: str) -> tuple[str, str]:
    """Return an asset's URL in the report and the data URL that stands for it."""
    data = read_file(report / path)
    suffix = Path(path).suffix
    if suffix == ".css":
        return quote(path), f"data:{MIME_TYPES[suffix]},{data.decode('ascii')}"
    text = base64.b64encode(data).decode("ascii")
    return quote(path), f"data:{MIME_TYPES[suffix]};base64,{text}"


def say_size(size: float) -> str:
    """Return a number of bytes in words."""
    if size < _MEGABYTE:
        return f"{size / 1000:,.0f} KB"
    return f"{size / _MEGABYTE:,.1f} MB"


def _measure(report: Path, path: str) -> int:
    if is_stand_in(report):
        return sum(seen.size for seen in recall([report / path]).values())
    try:
        return os.stat(f"{report}/{path}").st_size  # noqa: PTH116 - joining paths takes twice as long
    except OSError:  # it was removed meanwhile
        return 0
