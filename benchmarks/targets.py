"""What visualdiff is to reach, as ratios of medians within one run, and what was measured."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias

from benchmarks import contestants as who

# The JSON of a run: experiment, then name, then figure.
Results: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its highest value.

    `measure` raises `KeyError` where a peer is missing, `ValueError` where all is noise.
    """

    text: str
    limit: float
    measure: Callable[[Results], float]

    def judge(self, results: Results) -> tuple[float | None, str]:
        """Return the figure, and whether it is met, in a word or two."""
        try:
            value = self.measure(results)
        except (KeyError, ValueError):
            return None, "not measured"
        return value, "met" if value <= self.limit else "missed"


def _ratio(
    ours: who.Contestant, theirs: who.Contestant, race: str = "suite", figure: str = "cpu_seconds"
) -> Callable[[Results], float]:
    """Return what measures the ratio of two contestants in a race."""
    return lambda results: _divide(
        results[race][ours.name][figure], results[race][theirs.name][figure]
    )


def _divide(ours: float, theirs: float) -> float:
    """Return the ratio of two costs; one not above 0 drowned in noise, and is no victory."""
    if ours <= 0 or theirs <= 0:
        raise ValueError(f"no costs: {ours} and {theirs}")
    return ours / theirs


def _worst_memory(results: Results) -> float:
    return max(float(row["peak_bytes"] / row["limit_bytes"]) for row in results["memory"].values())


def _against_best_odiff(results: Results) -> float:
    rows = results["suite"]
    fastest = min(rows[name]["cpu_seconds"] for name in (who.ODIFF.name, who.ODIFF_SERVER.name))
    return _divide(rows[who.COMPARE_ONLY.name]["cpu_seconds"], fastest)


def _help(results: Results) -> float:
    rows = results["latency"]
    return _divide(
        rows["`visualdiff --help`"]["cpu_seconds"], rows["`python -c pass`"]["cpu_seconds"]
    )


def _memory_of_pair(results: Results) -> float:
    """Return the growth of the parent's memory in KB for each pair, from the last run but one."""
    (fewer, less), (more, most) = list(results["growth"].items())[-2:]
    return float((most["parent_bytes"] - less["parent_bytes"]) / (int(more) - int(fewer)) / 1000)


def _linearity(results: Results) -> float:
    """Return the CPU time of a pair between the two largest runs, by that between the smallest."""
    counts = [(int(count), row["cpu_seconds"]) for count, row in results["growth"].items()]
    slopes = [
        (after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(counts)
    ]
    return _divide(slopes[-1], slopes[0])


TARGETS: Final = (
    Target("compare only ÷ decode only, suite", 1.5, _ratio(who.COMPARE_ONLY, who.DECODE_ONLY)),
    Target(
        "compare only ÷ decode only, small changes",
        1.15,
        _ratio(who.COMPARE_ONLY, who.DECODE_ONLY, "small"),
    ),
    Target(
        "the same for each further small change, start-up left out",
        1.15,
        _ratio(who.COMPARE_ONLY, who.DECODE_ONLY, "further small"),
    ),
    Target("compare only ÷ blazediff", 0.5, _ratio(who.COMPARE_ONLY, who.BLAZEDIFF)),
    Target(
        "compare only ÷ blazediff, opt-in PNG codec",
        1.0,
        _ratio(who.COMPARE_ONLY, who.BLAZEDIFF_PNG),
    ),
    Target("compare only ÷ odiff, its faster way", 0.2, _against_best_odiff),
    Target("compare only ÷ scikit-image", 0.03, _ratio(who.COMPARE_ONLY, who.SCIKIT_IMAGE)),
    Target(
        "run with all reports ÷ reg-cli, wall time",
        0.1,
        _ratio(who.RUN, who.REG_CLI, figure="wall_seconds"),
    ),
    Target(
        "compare only ÷ read only, byte-identical pairs",
        3.0,
        _ratio(who.COMPARE_ONLY, who.READ_ONLY, "identical"),
    ),
    Target(
        "the same for each further identical pair, start-up left out",
        3.0,
        _ratio(who.COMPARE_ONLY, who.READ_ONLY, "further identical"),
    ),
    Target(
        "dense worst case, ns per pixel of three channels",
        15.0,
        lambda results: max(
            row["ns_per_pixel"] for name, row in results["dense"].items() if "alone" not in name
        ),
    ),
    Target(
        "SSIM alone where every window differs, ns per pixel",
        15.0,
        lambda results: next(
            row["ns_per_pixel"] for name, row in results["dense"].items() if "alone" in name
        ),
    ),
    Target("largest process ÷ (4 × both decoded images + 150 MB)", 1.0, _worst_memory),
    Target("`visualdiff --help` ÷ `python -c pass`", 4.0, _help),
    Target(
        "CPU s before the first of 20 pairs",
        0.6,
        lambda results: float(results["start"]["20 pairs"]["cpu_seconds"]),
    ),
    Target(
        "parent's memory for each further pair, KB",
        10.0,
        _memory_of_pair,
    ),
    Target("CPU of a further pair when there are many ÷ few (growth is linear)", 1.5, _linearity),
)


def list_verdicts(results: Results) -> Iterator[tuple[str, float, float | None, str]]:
    """Yield text, limit, figure and verdict of each target."""
    for target in TARGETS:
        yield target.text, target.limit, *target.judge(results)
