"""Plan a million pairs a day from measured figures: `python -m benchmarks.planning`.

Prints the tables of docs/planning.md. What was measured stands in `benchmarks.figures`; what is
assumed, here in capitals. Put your own there.
"""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Final, NamedTuple

from benchmarks import figures
from benchmarks.figures import KINDS, MIXES, REQUEST_MS, average

# Names that LIST and bulk DELETE take.
PAGE: Final = 1_000
# The share of its time that a worker compares: runs begin, end, and wait for their slowest pair.
BUSY: Final = 0.7
# From asking for a page of names until it is there.
SECONDS_OF_LIST: Final = 0.2
DAYS_KEPT: Final = 7
# An example, no vendor's prices: of a CPU hour, 1,000 GETs, 1,000 PUTs or LISTs, a GB on the
# network, a GB that is kept for 30 days.
PRICES: Final = {"cpu": 0.05, "get": 0.0005, "put": 0.005, "sent": 0.01, "kept": 0.02}


class Load(NamedTuple):
    """Runs of a day, pairs of each, what they are like, and whether a cache knows unchanged ones.

    It knows no others, and runs do not repeat each other's changes.
    """

    runs: int
    pairs: int
    mix: str
    cached: bool

    @property
    def total(self) -> int:
        """Return the pairs of the day."""
        return self.runs * self.pairs

    @property
    def known(self) -> float:
        """Return how many pairs the cache knows."""
        shares = (MIXES[self.mix].get(kind, 0) for kind in figures.UNCHANGED)
        return self.total * sum(shares) / 100 if self.cached else 0

    def add_up(self, figure: str) -> float:
        """Return the sum of a figure over all pairs."""
        return self.total * average(MIXES[self.mix], figure)

    def add_up_compared(self, figure: str) -> float:
        """Return the sum of a figure over the pairs that are compared."""
        left_out = figures.UNCHANGED if self.cached else ()
        kinds = tuple(kind for kind in KINDS if kind not in left_out)
        return self.total * average(MIXES[self.mix], figure, kinds)


class Requests(NamedTuple):
    """Requests of a day; `found` and `absent` ask for entries of the cache."""

    images: float
    found: float
    absent: float
    entries: float
    pictures: float
    pages: float
    lists: float
    deletes: float


LOADS: Final = tuple(Load(50, 20_000, mix, cached) for mix in MIXES for cached in (False, True))
RUNS: Final = tuple(
    Load(1, pairs, "usual", cached=False) for pairs in (20_000, 100_000, 1_000_000)
)


def count_requests(load: Load) -> Requests:
    """Return the requests of a day; pictures are those of other pairs than the day before."""
    absent = load.total - load.known if load.cached else 0
    pictures = load.add_up("pictures")
    reports = load.runs * ceil(pictures / load.runs / PAGE)
    new = load.pairs * MIXES[load.mix].get("new", 0) / 100
    folders = ceil(load.pairs / PAGE) + ceil((load.pairs - new) / PAGE)
    return Requests(
        images=load.add_up_compared("gets"),
        found=load.known,
        absent=absent,
        entries=absent,
        pictures=pictures,
        pages=load.runs * figures.REPORT_FILES,
        lists=load.runs * folders + reports,
        deletes=reports,
    )


def count_cpu_hours(load: Load) -> tuple[float, float]:
    """Return the CPU hours of a day: of comparing, and of requests."""
    asked = count_requests(load)
    requests = (
        asked.images * REQUEST_MS["image"]
        + asked.found * REQUEST_MS["entry"]
        + asked.absent * REQUEST_MS["absent"]
        + (asked.entries + asked.pictures + asked.pages) * REQUEST_MS["put"]
        + asked.lists * REQUEST_MS["list"]
        + asked.deletes * REQUEST_MS["delete"]
    )
    return load.add_up_compared("cpu_ms") / 3.6e6, requests / 3.6e6


def count_workers(hours: float, wanted: float) -> int:
    """Return how many CPUs do so many CPU hours of work in the hours that are wanted."""
    return ceil(hours / (wanted * BUSY))


def count_gigabytes(load: Load) -> tuple[float, float]:
    """Return the GB that are read in a day, and the GB that are written."""
    asked = count_requests(load)
    entries = asked.entries * figures.ENTRY_KB + load.cached * load.add_up("drawn_kb")
    report = load.add_up("picture_kb") + load.add_up("results_kb") + load.add_up("page_kb")
    read = load.add_up_compared("read_kb") + asked.found * figures.ENTRY_KB
    return read / 1e6, (report + entries) / 1e6


def price(load: Load) -> dict[str, float]:
    """Return what a day costs, in the currency of `PRICES`, by what it is paid for."""
    asked, (read, written) = count_requests(load), count_gigabytes(load)
    gets = asked.images + asked.found + asked.absent
    puts = asked.entries + asked.pictures + asked.pages + asked.lists
    screenshots = load.total * figures.IMAGE_KB / 1e6
    return {
        "CPU": sum(count_cpu_hours(load)) * PRICES["cpu"],
        "requests": (gets * PRICES["get"] + puts * PRICES["put"]) / 1000,
        "network": (read + written) * PRICES["sent"],
        "keeping": (screenshots + written) * DAYS_KEPT * PRICES["kept"] / 30,
    }


def main() -> None:
    """Print all tables."""
    print("\n\n".join(list_tables()))


def list_tables() -> Iterator[str]:
    """Yield the tables of the page, in its order, as Markdown."""
    yield write_table(
        "a pair that is|CPU ms|GETs|KB read|KB of results.json|KB of index.html|pictures|their KB",
        (
            (
                name,
                f"{kind.cpu_ms:,.0f}",
                f"{kind.gets}",
                f"{kind.read_kb:,.0f}",
                f"{kind.results_kb:.2f}",
                f"{kind.page_kb:.2f}",
                f"{kind.pictures:.1f}",
                f"{kind.picture_kb:,.0f}",
            )
            for name, kind in KINDS.items()
        ),
    )
    yield write_table(
        "request|CPU ms of the client",
        ((figures.REQUESTS[name], f"{value:.1f}") for name, value in REQUEST_MS.items()),
    )
    yield write_table(
        "mix|" + "|".join(KINDS),
        ((name, *(f"{mix.get(kind, 0):g} %" for kind in KINDS)) for name, mix in MIXES.items()),
    )
    yield write_table(
        "mix|cache|GET image|GET entry|GET, 404|PUT entry|PUT picture|PUT page|LIST|DELETE",
        ((*_name(load), *(f"{count:,.0f}" for count in count_requests(load))) for load in LOADS),
    )
    yield write_table(
        "mix|cache|comparing, CPU h|requests, CPU h|CPUs, in 24 h|in 8 h|in 1 h|20,000 in 5 min",
        map(_describe_work, LOADS),
    )
    yield write_table(
        "mix|cache|GB read|GB written|CPU|requests|network|keeping|a day",
        map(_describe_cost, LOADS),
    )
    yield write_table(
        "pairs of one run|results.json|index.html|client's memory|pictures|LISTs|scheduler",
        map(_describe_run, RUNS),
    )


def _describe_work(load: Load) -> tuple[str, ...]:
    compared, requests = count_cpu_hours(load)
    hours = compared + requests
    workers = [count_workers(hours, wanted) for wanted in (24, 8, 1)]
    workers.append(count_workers(hours / load.runs, 5 / 60))
    return (*_name(load), f"{compared:.1f}", f"{requests:.1f}", *map(str, workers))


def _describe_cost(load: Load) -> tuple[str, ...]:
    costs = price(load)
    volumes = (f"{volume:,.0f}" for volume in count_gigabytes(load))
    return (
        *_name(load),
        *volumes,
        *(f"{cost:.2f}" for cost in (*costs.values(), sum(costs.values()))),
    )


def _describe_run(load: Load) -> tuple[str, ...]:
    asked = count_requests(load)
    memory = figures.CLIENT_MB + load.pairs * figures.CLIENT_KB / 1000
    batches = load.pairs / figures.PAIRS_OF_A_BATCH
    return (
        f"{load.pairs:,}",
        f"{load.add_up('results_kb') / 1000:,.0f} MB",
        f"{load.add_up('page_kb') / 1000:,.0f} MB",
        f"{memory:,.0f} MB",
        f"{asked.pictures:,.0f}",
        f"{asked.lists * SECONDS_OF_LIST:,.0f} s",
        f"{batches * figures.SCHEDULER_MS / 1000:,.0f} s",
    )


def _name(load: Load) -> tuple[str, str]:
    return load.mix, "yes" if load.cached else "no"


def write_table(titles: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; `titles` are separated by bars."""
    lines = [f"| {titles.replace('|', ' | ')} |", "|---" * (titles.count("|") + 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


if __name__ == "__main__":
    main()
