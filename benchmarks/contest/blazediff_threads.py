"""blazediff from Python, with its defaults.

Two threads, as it frees the interpreter's lock while it works: processes would only add the start
of another interpreter to its bill. BLAZEDIFF_PNG_ENABLED=1 chooses its opt-in PNG codec.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from blazediff import compare  # type: ignore[import-not-found]  # a peer, installed apart

from benchmarks.contest.arguments import read_arguments, write_answers


def measure(pair: tuple[str, str, str]) -> tuple[str, dict[str, Any]]:
    """Return what it says of a pair; no picture is asked for."""
    name, baseline, candidate = pair
    result = compare(baseline, candidate)
    return name, {"differs": not result.match_result, "diff_pixels": result.diff_count}


def main() -> None:
    """Compare all pairs, two at a time."""
    pairs, answers = read_arguments()
    with ThreadPoolExecutor(2) as pool:
        write_answers(answers, dict(pool.map(measure, pairs)))
