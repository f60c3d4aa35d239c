"""What a person reads on the terminal, or in a CI log: progress, the summary, one comparison."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from visualdiff.accepted import tell_baseline
from visualdiff.batch import Listener
from visualdiff.groups import list_groups
from visualdiff.ignored import list_ignored, sum_up_ignored
from visualdiff.model import Comparison, PairResult, RunResult, Status
from visualdiff.printable import to_printable
from visualdiff.report.build import tell_reused, tell_shard
from visualdiff.report.outputs import find_page
from visualdiff.settings import Policy
from visualdiff.verdict import format_score, format_threshold, list_scope

if TYPE_CHECKING:
    from rich.progress import Progress

_STYLES: Final = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.ERROR: "bold red",
    Status.NEW: "yellow",
    Status.MISSING: "yellow",
}
_MOST_ROWS: Final = 50
_MOST_WARNINGS: Final = 10
_LOG_WIDTH: Final = 10_000
_LOG_LINES: Final = 10


class Reporter(Listener):
    """Progress while pairs are compared, then a summary; a context manager.

    `tell` is called with the run once its report is written.
    """

    def __init__(self, *, quiet: bool, tell: Callable[[RunResult], None] = lambda _: None) -> None:
        self._tell = tell
        self._quiet = quiet
        self._out = _make_console(sys.stdout)
        self._err = _make_console(sys.stderr)
        self._done = self._not_passed = self._total = 0
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._bar:
            self._bar.stop()

    def start(self, total: int) -> None:
        """Begin to show progress over `total` pairs."""
        self._total = total
        if self._err.is_terminal and not self._quiet:
            self._bar = _make_bar(self._err, total)
            self._bar.start()

    def advance(self, result: PairResult) -> None:
        """Count a pair: on a terminal the bar moves, in a log a line appears now and then."""
        self._done += 1
        self._not_passed += result.status is not Status.PASSED
        words = f"{self._not_passed:,} not passed" if self._not_passed else ""
        if self._quiet:
            return
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=self._done, words=words)
        elif self._done == self._total or self._is_milestone():
            line = f"compared {self._done:,} of {self._total:,}"
            self._err.print(f"{line}, {words}" if words else line, highlight=False)

    def report(self, result: RunResult) -> None:
        """Tell of a run, and show no more progress."""
        self._stop()
        self._tell(result)

    def summarise(self, result: RunResult) -> None:
        """Print the pairs that did not pass, the totals and where the report is."""
        look = [item for item in result.results if result.policy(item.status) is not Policy.IGNORE]
        self._print_table(look)
        if not self._quiet:
            for line in list_groups(result.results):
                self._out.print(Text(to_printable(line)))
        for line in _list_tolerated(result):
            self._out.print(Text(to_printable(line), style="yellow"))
        ignored = sum_up_ignored(result.results)
        if ignored and not self._quiet:
            self._out.print(ignored)
        for warning in result.warnings:
            self._out.print(Text(to_printable(f"warning: {warning}"), style="yellow"))
        if not self._quiet or look:
            self._print_totals(result)

    def _print_totals(self, result: RunResult) -> None:
        self._out.print(_count(result))
        if result.reused:
            self._out.print(f"unchanged: {tell_reused(result)}")
        if result.shard:
            self._out.print(f"shard {tell_shard(result.shard, len(result.results))}")
        self._out.print(Text(to_printable(f"report: {find_page(result.config)}")), soft_wrap=True)

    def _print_table(self, look: list[PairResult]) -> None:
        if look:
            self._out.print(_tabulate(look, fold=self._out.is_terminal))
        if len(look) > _MOST_ROWS:
            self._out.print(f"... and {len(look) - _MOST_ROWS:,} more: see the report")

    def _is_milestone(self) -> bool:
        tenth = max(self._total // _LOG_LINES, 1)
        return self._done % tenth == 0 and self._total >= 2 * _LOG_LINES


def _make_bar(console: Console, total: int) -> "Progress":
    from rich.progress import (  # noqa: PLC0415 - a log needs none
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("comparing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    bar.add_task("", total=total, words="")
    return bar


def print_comparison(comparison: Comparison, sides: list[Path], output: Path | None) -> None:
    """Print what `visualdiff compare` found."""
    console = _make_console(sys.stdout)
    console.print(Text(to_printable(f"{sides[0]}  →  {sides[1]}")), soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("channel", "score", "raw"):
        table.add_column(heading, justify="left" if heading == "channel" else "right")
    for name, score in comparison.channels.items():
        shown = format_score(score, comparison.threshold)
        style = "red" if score < comparison.threshold else ""
        table.add_row(name, Text(shown, style), format_score(comparison.raw_channels[name]))
    console.print(table)
    for number, region in enumerate(comparison.regions, 1):
        place = f"{region.width}×{region.height} px at ({region.x}, {region.y})"
        console.print(f"region {number}: {region.description}, {place}", highlight=False)
    style = _STYLES[comparison.status]
    verdict = (
        f"{comparison.status.value}: score {format_score(comparison.score, comparison.threshold)}"
    )
    console.print(Text(f"{verdict}, wanted ≥ {format_threshold(comparison.threshold)}", style))
    scope = [f"{label.lower()}: {text}" for label, text in list_scope(comparison)]
    told = (*comparison.reasons, *scope, *comparison.warnings, *list_ignored(comparison))
    for line in told:
        console.print(Text(f"  {line}"))
    if output:
        console.print(Text(f"pictures: {output}"), soft_wrap=True)


class _Console(Console):
    """A console that goes on without a reader: `visualdiff run | head` keeps its exit code."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _make_console(stream: TextIO) -> Console:
    """Return a console: colours only on a terminal, unfolded lines in a log, for grep."""
    console = _Console(file=stream, highlight=False)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    return console


def _tabulate(look: list[PairResult], *, fold: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("status")
    table.add_column("image", overflow="fold", ratio=2 if fold else None)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("regions", justify="right")
    table.add_column("why", overflow="fold", ratio=3 if fold else None)
    for item in look[:_MOST_ROWS]:
        comparison = item.comparison
        table.add_row(
            Text(item.status.value, _STYLES[item.status]),
            Text(to_printable(item.name)),
            format_score(comparison.score, comparison.threshold) if comparison else "-",
            str(len(comparison.regions)) if comparison else "-",
            Text(to_printable("; ".join(_list_reasons(item)))),
        )
    return table


def _list_reasons(item: PairResult) -> list[str]:
    """Return why a pair did not pass, and with which file it was compared if that is not plain."""
    baseline = tell_baseline(item)
    return [*item.reasons, *([f"baseline {baseline}"] if baseline else [])]


def _list_tolerated(result: RunResult) -> Iterator[str]:
    """Yield what a person should know of pairs that passed."""
    told = [item for item in result.results if item.status is Status.PASSED and item.warnings]
    for item in told[:_MOST_WARNINGS]:
        yield f"warning: {item.name} passed: {'; '.join(item.warnings)}"
    if len(told) > _MOST_WARNINGS:
        yield f"... and {len(told) - _MOST_WARNINGS:,} more passed with a warning: see the report"


def _count(result: RunResult) -> Text:
    counts = [(result.count(status), status) for status in Status]
    total = len(result.results)
    words = Text(f"{total:,} {'pair' if total == 1 else 'pairs'}{': ' if total else ''}")
    told = [
        Text(f"{count:,} {status.value}", _STYLES[status]) for count, status in counts if count
    ]
    words.append_text(Text(", ").join(told))
    words.append(f" in {result.seconds:.1f} s")
    return words
