"""Batch regression testing of screenshots: per-channel SSIM, regions, an HTML report.

    >>> from visualdiff import compare_images
    >>> compare_images("baselines/home.png", "screenshots/home.png").passed  # doctest: +SKIP
    True

Importing this package loads neither numpy nor OpenCV: names are looked up when first used, because
a test session that never compares an image shall not pay for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from visualdiff.model import (
    Comparison,
    Config,
    ConfigError,
    IgnoredPixels,
    ImageError,
    Mask,
    Override,
    Pair,
    PairResult,
    Policy,
    Region,
    RegionKind,
    RunResult,
    Settings,
    Status,
    VisualdiffError,
)
from visualdiff.version import __version__

if TYPE_CHECKING:
    from visualdiff.api import compare_images, run
    from visualdiff.config import load_config

__all__ = [
    "Comparison",
    "Config",
    "ConfigError",
    "IgnoredPixels",
    "ImageError",
    "Mask",
    "Override",
    "Pair",
    "PairResult",
    "Policy",
    "Region",
    "RegionKind",
    "RunResult",
    "Settings",
    "Status",
    "VisualdiffError",
    "__version__",
    "compare_images",
    "load_config",
    "run",
]

_WHERE = {
    "compare_images": "visualdiff.api",
    "run": "visualdiff.api",
    "load_config": "visualdiff.config",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
