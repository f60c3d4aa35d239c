"""Batch regression testing of screenshots: per-channel SSIM, regions, an HTML report.

    >>> from visualdiff import compare_images
    >>> compare_images("baselines/home.png", "screenshots/home.png").passed  # doctest: +SKIP
    True

Importing this package loads next to nothing: names are looked up when first used, because neither
a test session that never compares an image nor `visualdiff --help` shall pay for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from visualdiff.version import __version__

if TYPE_CHECKING:
    from visualdiff.api import compare_images
    from visualdiff.batch import run
    from visualdiff.config import load_config
    from visualdiff.errors import ConfigError, ImageError, VisualdiffError
    from visualdiff.model import (
        Comparison,
        FocusScore,
        IgnoredPixels,
        Motion,
        Pair,
        PairResult,
        Region,
        RegionKind,
        RunResult,
        Shard,
        Status,
    )
    from visualdiff.settings import Config, Focus, Mask, Override, Policy, Settings

__all__ = [
    "Comparison",
    "Config",
    "ConfigError",
    "Focus",
    "FocusScore",
    "IgnoredPixels",
    "ImageError",
    "Mask",
    "Motion",
    "Override",
    "Pair",
    "PairResult",
    "Policy",
    "Region",
    "RegionKind",
    "RunResult",
    "Settings",
    "Shard",
    "Status",
    "VisualdiffError",
    "__version__",
    "compare_images",
    "load_config",
    "run",
]

# All other names are those of results.
_WHERE = {
    "compare_images": "visualdiff.api",
    "run": "visualdiff.batch",
    "load_config": "visualdiff.config",
    "ConfigError": "visualdiff.errors",
    "ImageError": "visualdiff.errors",
    "VisualdiffError": "visualdiff.errors",
    **dict.fromkeys(
        ("Config", "Focus", "Mask", "Override", "Policy", "Settings"), "visualdiff.settings"
    ),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE.get(name, "visualdiff.model")), name)
