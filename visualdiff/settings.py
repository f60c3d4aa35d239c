"""What can be asked for: every setting, with its limits and its documentation.

Standard library only. The limits and the documentation are metadata of the fields; the `config`
module hands them to pydantic, so that a setting is declared in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

MAX_IMAGE_PIXELS: Final = 100_000_000


def _setting(default: Any, description: str, **limits: float) -> Any:
    """Declare a setting: its default, its documentation, and its limits in pydantic's words."""
    return field(default=default, metadata={"description": description, **limits})


class Policy(StrEnum):
    """What a status means: exit code 1, a warning, or nothing at all."""

    FAIL = "fail"
    WARN = "warn"
    IGNORE = "ignore"


# What a run may write; `github` is printed.
Output: TypeAlias = Literal["html", "json", "junit", "markdown", "github", "reg"]

# Pixels, or a share of the baseline's width or height such as "12.5%".
Length: TypeAlias = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A rectangle of the baseline in which differences are ignored; origin top left."""

    x: Length = field(metadata={"description": "Left edge; negative: from the right."})
    y: Length = field(metadata={"description": "Top edge; negative: from the bottom."})
    width: Length = field(metadata={"description": "Width."})
    height: Length = field(metadata={"description": "Height."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus(Mask):
    """A rectangle of the baseline that is compared, with its own threshold if it has one."""

    threshold: float | None = _setting(
        None,
        "Lowest channel's SSIM of this rectangle that passes; default: the pair's.",
        ge=0,
        le=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one pair is compared and judged."""

    preset: Literal["strict", "default", "lenient"] = _setting(
        "default",
        "Where the line is drawn: strict ignores nothing, lenient more than the default. It sets "
        "tolerance, min_region_pixels and others; what is set beside it, or later, wins.",
    )
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
    transparent: Literal["ignore", "count"] = _setting(
        "ignore",
        "Whether another colour under full transparency is ignored; count it with tolerance 0.",
    )
    rasterising: Literal["page", "anywhere"] = _setting(
        "page",
        "Where ink is ignored that another rasteriser may have drawn: on a page that was drawn "
        "anew as a whole, or anywhere; nowhere with antialiasing: count.",
    )
    min_region_pixels: int = _setting(
        1, "Ignore visible differences that lie together and have fewer pixels; 1: none.", ge=1
    )
    masks: tuple[Mask, ...] = _setting((), "Rectangles in which differences are ignored.")
    mask_images: tuple[Path, ...] = _setting(
        (), "Black and white images of the baseline's size: what is white there is ignored."
    )
    mask_colour: str = _setting(
        "none", "Pixels of exactly this colour in the baseline are ignored, such as '#ff00ff'."
    )
    focus: tuple[Focus, ...] = _setting(
        (), "Rectangles: only these are compared, each against its own threshold."
    )
    on_renderer_change: Policy = _setting(
        Policy.WARN, "What it means that all text of a page was rasterised anew, unchanged."
    )
    on_size_mismatch: Literal["fail", "pad", "crop", "scale"] = _setting(
        "fail",
        "Images of different sizes: fail; pad: count what only one has as differing pixels; "
        "crop: leave it out; scale: shrink the larger to the smaller, if of the same shape.",
    )
    align: Literal["none", "rows", "translate", "similarity"] = _setting(
        "rows",
        "What is aligned before images are compared: inserted and removed rows, a small move of "
        "the whole page (translate), or a scan's or photo's rotation and scale (similarity).",
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
    cache: Path | None = _setting(
        None,
        "Folder in which results are kept: a pair whose files and settings are as in an earlier "
        "run is not compared again. Default: none.",
    )
    reports: tuple[Output, ...] | Literal["auto"] = _setting(
        "auto",
        "What is written: html (index.html), json (results.json), junit (junit.xml), markdown "
        "(summary.md), reg (reg.json), all in the report folder, github (annotations on standard "
        "output). auto: html and json; of `visualdiff run` in GitHub Actions also annotations and "
        "the summary of the job.",
    )
    url_prefix: str = _setting(
        "", "URL at which the report folder is published: pictures in Markdown begin with it."
    )
    single_file: bool = _setting(
        False,  # noqa: FBT003 - a default
        "Put the pictures into index.html, so that it can be sent alone.",
    )
    max_inline_mb: float = _setting(
        20.0,
        "With single_file: megabytes of pictures in it; those of the worst pairs come first.",
        ge=0,
    )
    passed_in_report: Literal["list", "thumbnails"] = _setting(
        "list",
        "How the report shows pairs that passed: a list of their names, or with thumbnails and "
        "pictures as the others, which takes time and room.",
    )
    include: tuple[str, ...] = _setting(
        ("**/*",),
        "Globs of image names relative to both folders; ** crosses folders. "
        "Default: every supported image format.",
        min_length=1,
    )
    exclude: tuple[str, ...] = _setting((), "Globs of image names that are left out.")
    follow_links: bool = _setting(
        False,  # noqa: FBT003 - a default
        "Whether images may be links that lead out of their folder.",
    )
    variables: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"description": "Values of placeholders in variants, such as a browser's name."},
    )
    variants: tuple[str, ...] = _setting(
        ("{name}",),
        "Names of baselines without extension, the most specific first, of {name}, {platform}, "
        "{browser} and the variables; the first that exists is compared.",
        min_length=1,
    )
    executor: Literal["processes", "serial", "dask"] = _setting(
        "processes",
        "Where pairs are compared: in worker processes; one after the other in this process, "
        "where a crash or a hang of one ends them all; or by the workers of a Dask cluster.",
    )
    scheduler: str = _setting(
        "local",
        "With executor dask: the address of its scheduler, such as tcp://host:8786, or the path "
        "of a scheduler file. local: a cluster of this machine, of as many workers as `workers`.",
    )
    workers: int | Literal["auto"] = _setting(
        "auto", "Worker processes; auto: one for each available CPU."
    )
    pair_timeout: float = _setting(
        60.0, "Seconds after which a worker process is killed, and its pair is an error.", gt=0
    )
    max_memory: int | Literal["auto"] = _setting(
        "auto",
        "Megabytes that all pairs in flight may need together; a pair that needs more is compared "
        "alone. auto: half of what is free, in a container too.",
    )
    max_image_pixels: int = _setting(
        MAX_IMAGE_PIXELS, "Images that declare more pixels are refused unread.", ge=1
    )
    strict: bool = _setting(
        False,  # noqa: FBT003 - a default
        "Whether an override that matches no image is an error, not a warning.",
    )
    on_new: Policy = _setting(
        Policy.FAIL, "What a candidate without a baseline means for the exit code."
    )
    on_missing: Policy = _setting(
        Policy.FAIL, "What a baseline without a candidate means for the exit code."
    )
    overrides: tuple[Override, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What is written, wherever the run takes place."""
        return ("json", "html") if self.reports == "auto" else self.reports
