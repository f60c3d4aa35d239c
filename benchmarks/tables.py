"""The results of a run → Markdown, and its place in the README."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.targets import Results, list_verdicts

_START: Final = "<!-- the last run: written by `make bench` -->"
_END: Final = "<!-- end of the last run -->"


def write_markdown(results: dict[str, Any]) -> str:
    """Return the tables of a run."""
    about = results["about"]
    parts = [f"{key}: {value}  " for key, value in about.items()]
    sections = (
        ("The race", _race(results["suite"])),
        ("Targets", _targets(results)),
        ("Only small changes, only byte-identical pairs", _kinds(results)),
        ("Each further pair, start-up left out", _further(results)),
        ("One worker, two workers", _scaling(results)),
        ("One pair at a time", _latency(results["latency"])),
        ("Memory of the largest process", _memory(results["memory"])),
        ("Growth", _growth(results["growth"])),
        ("The dense worst case", _dense(results["dense"])),
    )
    text = ["\n".join(parts)]
    text += [f"### {title}\n\n" + "\n".join(rows) for title, rows in sections]
    return "\n\n".join(text) + "\n"


def keep_in_readme(readme: Path, text: str) -> None:
    """Replace what the README says of the last run."""
    before, start, rest = readme.read_text("utf-8").partition(_START)
    _, end, after = rest.partition(_END)
    if not start or not end:
        raise ValueError(f"{readme} has no place for the last run: {_START} ... {_END}")
    readme.write_text(f"{before}{start}\n\n{text}\n{end}{after}", encoding="utf-8")


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = list(header)
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _race(race: dict[str, Any]) -> Iterator[str]:
    figures = ("CPU s, median", "min to max", "wall s, median", "largest process", "n")
    return _table(
        ("contestant", *figures, "answers"),
        (
            (
                name,
                f"{row['cpu_seconds']:.2f}",
                _range(row),
                f"{row['wall_seconds']:.2f}",
                _megabytes(row["peak_bytes"]),
                str(row["runs"]),
                "; ".join(row["mistakes"]) or "right",
            )
            for name, row in race.items()
        ),
    )


def _targets(results: Results) -> Iterator[str]:
    return _table(
        ("target", "at most", "measured", ""),
        (
            (text, f"{limit:g}", "–" if value is None else f"{value:.3g}", verdict)
            for text, limit, value, verdict in list_verdicts(results)
        ),
    )


def _kinds(results: dict[str, Any]) -> Iterator[str]:
    return _table(
        ("kind", "contestant", "CPU s, median", "min to max", "n"),
        (
            (
                kind,
                name,
                f"{row['cpu_seconds']:.3f}",
                "{:.3f} to {:.3f}".format(*row["cpu_range"]),
                str(row["runs"]),
            )
            for kind in ("small", "identical")
            for name, row in results[kind].items()
        ),
    )


def _scaling(results: dict[str, Any]) -> Iterator[str]:
    def pair(row: dict[str, Any]) -> str:
        return f"{row['cpu_seconds']:.2f} / {row['wall_seconds']:.2f}"

    return _table(
        ("contestant", "1 worker, CPU / wall s", "2 workers, CPU / wall s"),
        (
            (name, pair(row), pair(results["suite"][name]))
            for name, row in results["one worker"].items()
        ),
    )


def _latency(found: dict[str, Any]) -> Iterator[str]:
    return _table(
        ("command", "CPU ms", "wall ms"),
        (
            (name, f"{row['cpu_seconds'] * 1000:.0f}", f"{row['wall_seconds'] * 1000:.0f}")
            for name, row in found.items()
        ),
    )


def _further(results: dict[str, Any]) -> Iterator[str]:
    return _table(
        ("kind", "contestant", "CPU ms for each further pair"),
        (
            (kind, name, f"{row['cpu_seconds'] * 1000:.2f}")
            for kind in ("small", "identical")
            for name, row in results[f"further {kind}"].items()
        ),
    )


def _memory(found: dict[str, Any]) -> Iterator[str]:
    return _table(
        ("change, size in pixels", "both images decoded", "peak", "limit"),
        (
            (
                name.removesuffix(".png").replace("/", ", "),
                *(_megabytes(row[f"{key}_bytes"]) for key in ("decoded", "peak", "limit")),
            )
            for name, row in found.items()
        ),
    )


def _growth(found: dict[str, Any]) -> Iterator[str]:
    return _table(
        (
            "tiny pairs, 5 % failing",
            "CPU s",
            "wall s",
            "parent's peak",
            "results.json",
            "index.html",
        ),
        (
            (
                f"{int(count):,}",
                f"{row['cpu_seconds']:.2f}",
                f"{row['wall_seconds']:.2f}",
                *(_megabytes(row[f"{key}_bytes"]) for key in ("parent", "results", "page")),
            )
            for count, row in found.items()
        ),
    )


def _dense(found: dict[str, Any]) -> Iterator[str]:
    return _table(
        ("every window differs", "CPU ns per pixel"),
        ((name, f"{row['ns_per_pixel']:.1f}") for name, row in found.items()),
    )


def _range(row: dict[str, Any]) -> str:
    lowest, highest = row["cpu_range"]
    return f"{lowest:.2f} to {highest:.2f}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count >= 10_000_000 else f"{count / 1e6:.2f} MB"
