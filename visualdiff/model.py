"""Every type that crosses a module.

Standard library only, no pixels: what is here pickles, becomes JSON and crosses processes cheaply.
The fields of `Settings` and `Config` carry their limits and their documentation as metadata; the
`config` module hands them to pydantic, so that a setting is declared in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

MAX_IMAGE_PIXELS: Final = 100_000_000


def _setting(default: Any, description: str, **limits: float) -> Any:
    """Declare a setting: its default, its documentation, and its limits in pydantic's words."""
    return field(default=default, metadata={"description": description, **limits})


class Status(StrEnum):
    """Outcome of one pair."""

    PASSED = "passed"
    FAILED = "failed"
    NEW = "new"
    MISSING = "missing"
    ERROR = "error"


class Policy(StrEnum):
    """What a status means: exit code 1, a warning, or nothing at all."""

    FAIL = "fail"
    WARN = "warn"
    IGNORE = "ignore"


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
class Mask:
    """A rectangle in which differences are ignored: half-open, pixels, origin top left."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    x: int = field(metadata={"ge": 0, "description": "Left edge, pixels."})
    y: int = field(metadata={"ge": 0, "description": "Top edge, pixels."})
    width: int = field(metadata={"ge": 1, "description": "Width, pixels."})
    height: int = field(metadata={"ge": 1, "description": "Height, pixels."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one pair is compared and judged."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    threshold: float = _setting(
        0.99, "Fail when the lowest channel's SSIM is below this; 1 is identical.", ge=0, le=1
    )
    max_diff_pixels: int | None = _setting(
        None,
        "Fail when more pixels differ visibly. Default 0, unless max_diff_ratio is set.",
        ge=0,
    )
    max_diff_ratio: float | None = _setting(
        None, "Fail when a larger share of all pixels differs visibly.", ge=0, le=1
    )
    tolerance: float = _setting(
        1.0,
        "Colour difference (CIE94 ΔE) up to which a pixel counts as equal; 1 is just noticeable.",
        ge=0,
        le=100,
    )
    antialiasing: Literal["ignore", "count"] = _setting(
        "ignore",
        "Whether pixels that differ by anti-aliasing or another rasteriser only are ignored.",
    )
    masks: tuple[Mask, ...] = _setting((), "Rectangles in which differences are ignored.")
    on_renderer_change: Policy = _setting(
        Policy.WARN, "What it means that all text of a page was rasterised anew, unchanged."
    )
    align: Literal["none", "rows"] = _setting(
        "rows", "Whether inserted and removed rows are found before images are compared."
    )
    on_shift: Policy = _setting(
        Policy.FAIL, "What inserted or removed rows mean for the verdict, if nothing else changed."
    )
    max_shift_rows: int | None = _setting(
        None, "Fail when more rows were inserted and removed, whatever on_shift says.", ge=0
    )
    ssim: Literal["uniform", "gaussian"] = _setting(
        "uniform", "7×7 uniform window as scikit-image, or gaussian as Wang et al. 2004 (slower)."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Settings for the pairs whose name matches a glob."""

    match: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """One run. Paths are absolute; `folder` is that of the config file."""

    folder: Path
    baselines: Path = field(metadata={"description": "Folder of the accepted images."})
    candidates: Path = field(metadata={"description": "Folder of the new images to compare."})
    report: Path = _setting(
        Path("visualdiff-report"), "Folder for index.html and results.json; visualdiff owns it."
    )
    include: tuple[str, ...] = _setting(
        ("**/*",),
        "Globs of image names relative to both folders; ** crosses folders. "
        "Default: every supported image format.",
        min_length=1,
    )
    exclude: tuple[str, ...] = _setting((), "Globs of image names that are left out.")
    workers: int | Literal["auto"] = _setting(
        "auto", "Worker processes; auto: one for each available CPU, 1: no extra process."
    )
    pair_timeout: float = _setting(
        60.0, "Seconds after which a pair is given up (needs two workers or more).", gt=0
    )
    max_image_pixels: int = _setting(
        MAX_IMAGE_PIXELS, "Images that declare more pixels are refused unread.", ge=1
    )
    on_new: Policy = _setting(
        Policy.FAIL, "What a candidate without a baseline means for the exit code."
    )
    on_missing: Policy = _setting(
        Policy.FAIL, "What a baseline without a candidate means for the exit code."
    )
    overrides: tuple[Override, ...] = ()
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A baseline and a candidate of the same name; one of them may be absent.

    `problem` says why the two cannot be compared, when pairing found that out.
    """

    name: str
    baseline: Path | None
    candidate: Path | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A box of visible differences: half-open pixel rectangle, origin top left."""

    x: int
    y: int
    width: int
    height: int
    diff_pixels: int
    kind: RegionKind
    space: Literal["baseline", "candidate"]
    channel: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredPixels:
    """Differing pixels that were ignored, by the first reason that applied."""

    masked: int = 0
    transparent: int = 0
    tolerance: int = 0
    antialiasing: int = 0
    rasterising: int = 0

    @property
    def total(self) -> int:
        """All ignored pixels."""
        return sum(getattr(self, reason.name) for reason in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a comparison passed, why not, and what should be known all the same."""

    status: Status
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was measured between two images, and the verdict on it.

    `channels` and `score` (the lowest of them) are SSIM after inserted and removed rows were
    aligned and the ignored differences neutralised; `raw_channels` are SSIM of the untouched
    pixels. `width` and `height` are those of the canvas that holds both images.
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

    @property
    def passed(self) -> bool:
        """Whether the candidate may be taken for the baseline."""
        return self.status is Status.PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """Outcome of one pair of files.

    `comparison` is None when nothing could be compared; `size`, (width, height), is then that of
    the one image there is, if any. `artifacts` maps a role (`baseline`, `candidate`, `diff`, and
    each with `_thumbnail`) to a path relative to the report's folder.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """Outcome of a run: a result for every pair, sorted by name."""

    results: tuple[PairResult, ...]
    config: Config
    command: str
    started: str
    seconds: float
    warnings: tuple[str, ...] = ()

    def count(self, status: Status) -> int:
        """Return the number of pairs with this status."""
        return sum(result.status is status for result in self.results)

    def policy(self, status: Status) -> Policy:
        """Return what a status means for this run."""
        chosen = {Status.NEW: self.config.on_new, Status.MISSING: self.config.on_missing}
        return chosen.get(status, Policy.IGNORE if status is Status.PASSED else Policy.FAIL)

    @property
    def passed(self) -> bool:
        """Whether nothing happened that the policies call a failure; never on an empty run."""
        seen = {result.status for result in self.results}
        # A run in which no candidate was seen proves nothing, whatever the policies say.
        return bool(seen - {Status.MISSING}) and all(
            self.policy(status) is not Policy.FAIL for status in seen
        )
