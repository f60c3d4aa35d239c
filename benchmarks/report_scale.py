"""Measure a report of 5,000 pairs in headless Chromium: `make bench-report`.

    python -m benchmarks.report_scale [--pairs 5000] [--failing 300] [--rounds 5]

Prints Markdown: medians of the rounds, each a fresh browser, and the worst that was seen.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.about import describe_machine
from visualdiff import load_config, run
from visualdiff.model import PairResult, RunResult, Status
from visualdiff.report import write_report

# How many pairs are compared; all others are copies under names of their own.
_DRAWN: Final = 12
_TYPED: Final = "changed 1"
# What the issue asks for.
TARGETS: Final = {"first_card_ms": 1000.0, "key_worst_ms": 100.0, "heap_mb": 300.0}
_LABELS: Final = {
    "first_paint_ms": "first contentful paint, ms",
    "first_card_ms": "first card painted, ms",
    "key_median_ms": "filter keystroke to the next frame, median, ms",
    "key_worst_ms": "filter keystroke to the next frame, worst, ms",
    "heap_mb": "JS heap after scrolling through, MB",
    "most_nodes": "DOM elements, at most",
    "most_pairs": "pairs in the DOM, at most",
    "page_mb": "index.html, MB",
    "assets_mb": "pictures, MB",
}
# The frame after the one that has the first card: by then that one is painted.
_WATCH: Final = """
const look = () => requestAnimationFrame(() => {
    if (!document.querySelector(".card")) return look();
    requestAnimationFrame(() => { window.firstCard = performance.now(); });
});
look();
"""
_TIME_KEYS: Final = """() => {
    window.keys = [];
    document.addEventListener("keydown", () => {
        const start = performance.now();
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => window.keys.push(performance.now() - start);
            port2.postMessage("painted");
        });
    }, { capture: true });
}"""
_SCROLL: Final = """async step => {
    const frame = () => new Promise(done => requestAnimationFrame(done));
    const most = { nodes: 0, pairs: 0 };
    const end = document.documentElement;
    for (let top = 0; ; top += step) {
        scrollTo(0, top);
        await frame();
        await frame();
        const count = all => document.querySelectorAll(all).length;
        most.nodes = Math.max(most.nodes, count("*"));
        most.pairs = Math.max(most.pairs, count(".pair"));
        if (top > end.scrollHeight - end.clientHeight) return most;
    }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one opening of a report cost."""

    first_paint_ms: float
    first_card_ms: float
    key_median_ms: float
    key_worst_ms: float
    heap_mb: float
    most_nodes: int
    most_pairs: int
    page_mb: float
    assets_mb: float


def main() -> None:
    """Write a report, open it, and print what that cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for name, value in (("pairs", 5000), ("failing", 300), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        report = write_large_report(Path(folder), arguments.pairs, arguments.failing)
        rounds = [measure_report(report) for _ in range(arguments.rounds)]
    print(f"{arguments.pairs:,} pairs, {arguments.failing:,} failing; {machine}\n")
    print("\n".join(_write_table(rounds)))


def write_large_report(folder: Path, pairs: int, failing: int) -> Path:
    """Write the report of many pairs, each failing one with pictures of its own; return its page.

    A few are compared, the others are told to have come out alike.
    """
    for number in range(_DRAWN + 1):
        page = _draw_page(number)
        _write(folder / "old" / f"{number:02}.png", page)
        if number < _DRAWN:
            page[40 + 20 * number :][:30, 60:180] = (38, 38, 220)
        _write(folder / "new" / f"{number:02}.png", page)
    (folder / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nreport: report\n")
    result = run(load_config(folder / "visualdiff.yaml"))
    copies = _copy(result, folder / "report", pairs, failing)
    write_report(replace(result, results=tuple(sorted(copies, key=lambda item: item.name))))
    return result.config.report / "index.html"


def measure_report(report: Path, chromium: str = "chromium") -> Figures:
    """Return what it costs to open a report, to type into its search and to scroll through it."""
    with sync_playwright() as playwright:
        path = shutil.which(chromium)
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        figures = measure_page(page, report)
        browser.close()
    return figures


def measure_page(page: Page, report: Path) -> Figures:
    """Return what it costs to open a report in a page that shows nothing yet."""
    page.add_init_script(_WATCH)
    page.goto(report.as_uri())
    page.wait_for_function("window.firstCard")
    first_paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    keys = _time_keys(page)
    most = page.evaluate(_SCROLL, 2000)
    assets = [path.stat().st_size for path in (report.parent / "assets").iterdir()]
    return Figures(
        first_paint_ms=first_paint,
        first_card_ms=page.evaluate("window.firstCard"),
        key_median_ms=statistics.median(keys),
        key_worst_ms=max(keys),
        heap_mb=_measure_heap(page.context.new_cdp_session(page)) / 1e6,
        most_nodes=most["nodes"],
        most_pairs=most["pairs"],
        page_mb=report.stat().st_size / 1e6,
        assets_mb=sum(assets) / 1e6,
    )


def _time_keys(page: Page) -> list[float]:
    """Type into the search, letter by letter, and take all of it back; return milliseconds."""
    page.evaluate(_TIME_KEYS)
    page.locator("#search").focus()
    pressed = [*_TYPED, *["Backspace"] * len(_TYPED)]
    for count, key in enumerate(pressed, 1):
        page.keyboard.press(key)
        page.wait_for_function("count => window.keys.length === count", arg=count)
    found: list[float] = page.evaluate("window.keys")
    return found


def _measure_heap(session: CDPSession) -> float:
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize"))


def _draw_page(seed: int) -> Any:
    """Return a page of blocks like words, no two alike, `(400, 640, 3)` BGR."""
    random = np.random.default_rng(seed)
    page = np.full((400, 640, 3), 250, np.uint8)
    for top in range(20, 380, 20):
        ink = np.repeat(random.random((10, 150)) < 0.45, 4, axis=1)
        page[top : top + 10, 20:620][ink] = 60
    return page


def _write(path: Path, image: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def _copy(result: RunResult, report: Path, pairs: int, failing: int) -> Iterator[PairResult]:
    """Yield as many results as are wanted, with names of their own."""
    failed = [item for item in result.results if item.status is Status.FAILED]
    (passed,) = (item for item in result.results if item.status is Status.PASSED)
    for number, item in enumerate(islice(cycle(failed), failing)):
        name = f"pages/section-{number % 40}/screen-{number:04}.png"
        yield replace(item, name=name, artifacts=_copy_assets(report, item.artifacts, number))
    for number in range(failing, pairs):
        yield replace(passed, name=f"components/group-{number % 90:02}/state-{number:04}.png")


def _copy_assets(report: Path, artifacts: Mapping[str, str], number: int) -> dict[str, str]:
    copies = {}
    for role, path in artifacts.items():
        copies[role] = path.replace("assets/", f"assets/{number:04}-")
        shutil.copyfile(report / path, report / copies[role])
    return copies


def _write_table(rounds: list[Figures]) -> Iterator[str]:
    yield "| | median | worst | target |"
    yield "|---|---|---|---|"
    for item in fields(Figures):
        values = [asdict(each)[item.name] for each in rounds]
        target = f"{TARGETS[item.name]:g}" if item.name in TARGETS else ""
        median, worst = statistics.median(values), max(values)
        yield f"| {_LABELS[item.name]} | {median:,.4g} | {worst:,.4g} | {target} |"


if __name__ == "__main__":
    main()
