"""Whether a result that was read is one that visualdiff may have written.

Whoever edits results.json, or fills a cache, may make a page wrong, but must not make it read
another file, or break it.
"""

import re
from collections.abc import Mapping
from typing import Final

from visualdiff.model import Comparison, PairResult

# Nothing else may be read, or put into a page.
_ASSET: Final = re.compile(r"assets/[0-9a-f]+\.(avif|bmp|css|gif|jpeg|png|tiff|webp)")


def require_sound(result: PairResult) -> PairResult:
    """Return a result; raise `ValueError` that says what no result has."""
    _check_artifacts(result.artifacts)
    if result.comparison:
        _check_comparison(result.comparison)
    return result


def _check_artifacts(artifacts: Mapping[str, str]) -> None:
    for role, path in artifacts.items():
        if not _ASSET.fullmatch(path):
            raise ValueError(f"artifact {role} is {path!a}")
        if role in ("baseline", "candidate", "diff") and f"{role}_thumbnail" not in artifacts:
            raise ValueError(f"artifact {role} has no thumbnail")


def _check_comparison(found: Comparison) -> None:
    if not found.channels or found.channels.keys() != found.raw_channels.keys():
        raise ValueError("a score without channels")
    if min(found.width, found.height, *found.baseline_size, *found.candidate_size) < 1:
        raise ValueError("an image without pixels")
