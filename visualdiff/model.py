"""What comes out: every type that crosses a module, but for the settings.

Standard library only, no pixels: what is here pickles, becomes JSON and crosses processes cheaply.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, TypeAlias

from visualdiff.settings import Config, Policy, Settings

# How two images came to one size: they had it, inserted and removed rows were aligned, or one was
# padded, cut or resampled.
Fit: TypeAlias = Literal["equal", "aligned", "padded", "cropped", "scaled"]

# By what a run was ended early, "" if it was not; and the exit code that SIGTERM leads to.
Interrupt: TypeAlias = Literal["", "Ctrl-C", "SIGTERM"]
TERMINATED: Final = 143


class Status(StrEnum):
    """Outcome of one pair."""

    PASSED = "passed"
    FAILED = "failed"
    NEW = "new"
    MISSING = "missing"
    ERROR = "error"


class RegionKind(StrEnum):
    """What happened in a region; `CHANGED` when that is not sure."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    RECOLOURED = "recoloured"
    CONTENT = "content"
    RESIZED = "resized"
    RESTYLED = "restyled"
    OPACITY = "opacity"
    INSERTED_ROWS = "inserted rows"
    REMOVED_ROWS = "removed rows"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A baseline and a candidate of the same name; one of them may be absent.

    `alternates` are further accepted baselines: it is enough to match one. `target` is where an
    accepted candidate without a baseline would be written. `problem` says why the two cannot be
    compared, when pairing found that out.
    """

    name: str
    baseline: Path | None
    candidate: Path | None
    problem: str = ""
    alternates: tuple[Path, ...] = ()
    target: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A box of visible differences: half-open pixel rectangle, origin top left.

    `change` is the id of what changed there: the same before and after has the same id, wherever
    it stands. It is "" where it is not known, and in a comparison that passed.
    """

    x: int
    y: int
    width: int
    height: int
    diff_pixels: int
    kind: RegionKind
    space: Literal["baseline", "candidate"]
    channel: str
    description: str
    change: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """How the baseline as a whole was moved onto the candidate before they were compared.

    It is scaled and turned, clockwise, around its top left corner, which then stands at (`dx`,
    `dy`), pixels to the right and down. A place (x, y) of the baseline is that of the candidate at
    (scale · (x cos r - y sin r) + dx, scale · (x sin r + y cos r) + dy).
    """

    dx: float
    dy: float
    rotation_degrees: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredPixels:
    """Differing pixels that were ignored, by the first reason that applied."""

    masked: int = 0
    transparent: int = 0
    tolerance: int = 0
    grain: int = 0
    antialiasing: int = 0
    rasterising: int = 0
    small: int = 0

    @property
    def total(self) -> int:
        """All ignored pixels."""
        return sum(getattr(self, reason.name) for reason in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusScore:
    """A rectangle of `focus`, in pixels of the baseline, and how it was judged."""

    x: int
    y: int
    width: int
    height: int
    threshold: float
    score: float
    channels: Mapping[str, float]
    diff_pixels: int
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a comparison passed, why not, and what should be known all the same."""

    status: Status
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was measured between two images, and the verdict on it.

    `channels` and `score` (the lowest of them) are SSIM after inserted and removed rows, or a
    `motion` of the whole page, were aligned and the ignored differences neutralised;
    `raw_channels` are SSIM with nothing ignored or aligned. `width` and `height` are those of the
    canvas on which both images were compared, in whose pixels regions stand: `fitted` says how
    images of other sizes came there. `masked_pixels` of it, and what a motion uncovered, were left
    out of score and ratio. With `focus`, `threshold` is the lowest of its own.
    `largest_ignored` is the largest colour difference ΔE that was ignored, by the reason, for
    those that do not depend on the place alone: neither `masked` nor `transparent`. `preset` and
    `tolerance` are those of the settings.
    """

    status: Status
    reasons: tuple[str, ...]
    threshold: float
    score: float
    channels: Mapping[str, float]
    raw_channels: Mapping[str, float]
    diff_pixels: int
    diff_ratio: float
    ignored_pixels: IgnoredPixels
    width: int
    height: int
    baseline_size: tuple[int, int]
    candidate_size: tuple[int, int]
    regions: tuple[Region, ...]
    warnings: tuple[str, ...] = ()
    masked_pixels: int = 0
    focus: tuple[FocusScore, ...] = ()
    fitted: Fit = "equal"
    motion: Motion | None = None
    largest_ignored: Mapping[str, float] = field(default_factory=dict)
    preset: str = "default"
    tolerance: float = 1.0

    @property
    def passed(self) -> bool:
        """Whether the candidate may be taken for the baseline."""
        return self.status is Status.PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """Outcome of one pair of files.

    `comparison` is None when nothing could be compared; `size`, (width, height), is then that of
    the one image there is, if any. `artifacts` maps a role (`baseline`, `candidate`, `diff`, each
    with `_thumbnail`, and with `_mask` what is to be laid over it; `ignored`, to be laid over the
    candidate on the canvas; `pixels`, what hovering tells) to a path relative to the report's
    folder. `alternates` are the accepted baselines that are not shown. `test` is the id of the
    test that compared the pair, if one did, `settings` are those that it chose, `attempts` says
    how many captures of the candidate it took, and `updated` whether the baseline was written.
    `target` is where the candidate belongs if it is accepted; `hashes` are SHA-256 of the files by
    side, of a pair whose pictures were drawn. `seconds` is how long it took, if somebody measured.
    """

    name: str
    status: Status
    reasons: tuple[str, ...]
    baseline: str | None
    candidate: str | None
    comparison: Comparison | None = None
    size: tuple[int, int] | None = None
    artifacts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()
    settings: Settings | None = None
    test: str = ""
    attempts: int = 1
    updated: bool = False
    target: str | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = field(default=None, compare=False)

    @property
    def flaky(self) -> bool:
        """Whether the pair passed, but not at once."""
        return self.status is Status.PASSED and self.attempts > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One change in several pairs that did not pass.

    `id` is the `change` of its regions. `kind` and `description` are what these have in common.
    `pairs` are the places of the pairs among the results, each once and in order.
    """

    id: str
    kind: RegionKind
    description: str
    pairs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """The `number`th of `count` shares of a run, from 1 on.

    `total` are all pairs of the run, of which `missing` have no candidate and `new` no baseline.
    `fingerprint` is the same for all shards of one run, and for no others.
    """

    number: int
    count: int
    total: int
    missing: int
    new: int
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """Outcome of a run or shard: pairs sorted by name, of which `reused` are of earlier runs.

    Where it was `interrupted`, which says by what, there are results of some pairs only.
    """

    results: tuple[PairResult, ...]
    config: Config
    command: str
    started: str
    seconds: float
    warnings: tuple[str, ...] = ()
    shard: Shard | None = None
    interrupted: Interrupt = ""
    reused: int = 0

    def count(self, status: Status) -> int:
        """Return the number of pairs with this status."""
        return sum(result.status is status for result in self.results)

    def policy(self, status: Status) -> Policy:
        """Return what a status means for this run."""
        chosen = {Status.NEW: self.config.on_new, Status.MISSING: self.config.on_missing}
        return chosen.get(status, Policy.IGNORE if status is Status.PASSED else Policy.FAIL)

    @property
    def proves(self) -> bool:
        """Whether any candidate has a baseline, if only in another shard."""
        if self.shard:
            return self.shard.missing + self.shard.new < self.shard.total
        alone = {Status.MISSING, Status.NEW}
        return any(result.status not in alone for result in self.results)

    @property
    def passed(self) -> bool:
        """Whether nothing happened that the policies call a failure; never on an empty run."""
        seen = {result.status for result in self.results}
        # A run in which nothing was compared proves nothing, whatever the policies say.
        return (self.proves and not self.interrupted) and all(
            self.policy(status) is not Policy.FAIL for status in seen
        )
