"""What one pair of 1280×4000 pixels costs, as measured: the figures of docs/planning.md."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from visualdiff.fleet.batches import MOST_PIXELS


class Kind(NamedTuple):
    """What a pair of a kind costs: CPU ms of comparing, objects read, KB, pictures.

    `image_kb` is the mean size of its images; `picture_kb` are all its pictures, `drawn_kb` those
    of them that are no copies.
    """

    cpu_ms: float
    gets: int
    image_kb: float
    results_kb: float
    page_kb: float
    pictures: float
    picture_kb: float
    drawn_kb: float

    @property
    def read_kb(self) -> float:
        """Return the KB of all objects that are read."""
        return self.gets * self.image_kb


# `python -m benchmarks.kinds`. Only the first kind has the same ETag on both sides.
KINDS: Final[Mapping[str, Kind]] = {
    "identical": Kind(10.1, 1, 720, 1.07, 0.82, 0, 0, 0),
    "reencoded": Kind(57.8, 2, 924, 1.07, 0.82, 0, 0, 0),
    "small": Kind(161.9, 2, 718, 2.18, 2.57, 7.5, 1843, 407),
    "large": Kind(1022.8, 2, 582, 5.32, 6.40, 7.6, 3231, 2068),
    "new": Kind(38.3, 1, 720, 1.00, 0.96, 2.0, 744, 24),
}
UNCHANGED: Final = ("identical", "reencoded")

# Of 100 pairs, so many of each kind. One changed pair in five has a large change.
MIXES: Final[Mapping[str, Mapping[str, float]]] = {
    "usual": {"identical": 95, "small": 3.2, "large": 0.8, "new": 1},
    "encoded anew": {"reencoded": 95, "small": 3.2, "large": 0.8, "new": 1},
    "redesign": {"identical": 20, "small": 60, "large": 15, "new": 5},
}

# CPU ms of a request: `python -m benchmarks.fetching`.
REQUEST_MS: Final[Mapping[str, float]] = {
    "image": 6.9,
    "entry": 5.4,
    "absent": 4.7,
    "put": 3.4,
    "list": 133,
    "delete": 72,
}
REQUESTS: Final[Mapping[str, str]] = {
    "image": "GET of an image",
    "entry": "GET of an entry of the cache",
    "absent": "GET that answers 404",
    "put": "PUT of a picture",
    "list": "LIST of 1,000",
    "delete": "DELETE of 1,000",
}
# KB of a screenshot, as those of `python -m benchmarks.suite kinds` have.
IMAGE_KB: Final = 720
# KB of an entry of the cache, without the pictures: those of four identical pairs, `run --cache`.
ENTRY_KB: Final = 1.0
# index.html, results.json, and the marker that says whose folder it is.
REPORT_FILES: Final = 3
# MB of the client, and KB of it for each pair, on Dask: `make bench-scale` says 153 MB of 20,000
# pairs, `python -m benchmarks.scale --pairs 60000` said 295 MB.
CLIENT_MB: Final = 82
CLIENT_KB: Final = 3.55
# Of Dask's scheduler for each batch, `python -m benchmarks.scheduling`, and how many pages of this
# size are in one.
SCHEDULER_MS: Final = 1.64
PAIRS_OF_A_BATCH: Final = max(1, MOST_PIXELS // (2 * 1280 * 4000))


def average(mix: Mapping[str, float], figure: str, kinds: tuple[str, ...] = tuple(KINDS)) -> float:
    """Return a figure of `Kind` for a pair of a mix, counting pairs of `kinds` alone."""
    return sum(
        share / 100 * float(getattr(KINDS[kind], figure))
        for kind, share in mix.items()
        if kind in kinds
    )
