"""`RunResult` → the report's data; what to show, in which order and in which words."""

from typing import Final

from visualdiff.bands import count_differing
from visualdiff.files import relative_to
from visualdiff.model import PairResult, RunResult, Status
from visualdiff.report.entries import build_entry
from visualdiff.report.page import Each, Page
from visualdiff.settings import Policy
from visualdiff.variants import tell_environment
from visualdiff.verdict import format_threshold
from visualdiff.version import __version__

_ORDER: Final = (Status.FAILED, Status.ERROR, Status.MISSING, Status.NEW, Status.PASSED)


def build_page(result: RunResult) -> Page:
    """Return the report's data: pairs that need a look first, the worst of them first."""
    config = result.config
    variant = tell_environment(config)
    not_passed = [item for item in result.results if item.status is not Status.PASSED]
    look = sum(result.policy(item.status) is not Policy.IGNORE for item in not_passed)
    facts = [
        ("Threshold", f"SSIM ≥ {format_threshold(config.threshold)} on every channel"),
        *([("Preset", config.preset)] if config.preset != "default" else []),
        ("Baselines", relative_to(config.folder, config.baselines)),
        ("Candidates", relative_to(config.folder, config.candidates)),
        *([("Variant", variant)] if variant else []),
        ("Started", result.started),
        ("Duration", _say_duration(result.seconds)),
    ]
    if flaky := sum(item.flaky for item in result.results):
        facts.append(("Flaky", f"{flaky:,} passed, but not at once"))
    if result.command:
        facts.append(("Command", result.command))
    return Page(
        title="visualdiff report",
        headline=_say_headline(look, len(result.results)),
        passed=result.passed,
        counts=tuple((status.value, result.count(status)) for status in _ORDER),
        total=len(result.results),
        facts=tuple(facts),
        warnings=result.warnings,
        entries=Each(build_entry, sorted(result.results, key=_urgency)),
        version=__version__,
    )


def _say_headline(look: int, total: int) -> str:
    if not look:
        return f"{total:,} screenshots match" if total > 1 else "1 screenshot matches"
    verb = "needs" if look == 1 else "need"
    return f"{look:,} of {total:,} {'screenshots' if total > 1 else 'screenshot'} {verb} a look"


def _say_duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _urgency(item: PairResult) -> tuple[int, float, str]:
    """Sort failures by how many pixels differ, all others by name."""
    differing = 0
    if item.comparison and item.status is not Status.PASSED:
        differing = count_differing(item.comparison)
    return _ORDER.index(item.status), -differing, item.name
