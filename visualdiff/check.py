"""One `Pair` → one `PairResult`, with its pictures written.

The only place where an expected failure, such as an unreadable file, becomes a result.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from visualdiff.compare import compare_arrays, conclude_identical
from visualdiff.config import settings_for
from visualdiff.files import relative_to
from visualdiff.images import Header, ImageFile, decode, open_image
from visualdiff.model import Comparison, Config, ImageError, Pair, PairResult, Status
from visualdiff.pictures import PictureWriter
from visualdiff.tiles import Pixels

Outcome = TypeVar("Outcome")


def check_pair(pair: Pair, config: Config, report: Path) -> PairResult:
    """Compare a pair of files and judge it; write the pictures of one that did not pass.

    Pictures go to `report`/assets, each named by the hash of its content.
    """
    if pair.problem:
        return describe_failure(pair, config, pair.problem)
    paths = {"baseline": pair.baseline, "candidate": pair.candidate}
    files, unreadable = _attempt(
        {
            side: partial(open_image, path, config.max_image_pixels)
            for side, path in paths.items()
            if path
        }
    )
    warnings = tuple(f"{side} {file.warning}" for side, file in files.items() if file.warning)
    if not unreadable and _is_identical(files):
        comparison = _conclude_identical(files["baseline"].header, config, pair.name)
        return _describe(pair, config, comparison, warnings=warnings)
    images, damaged = _attempt({side: partial(decode, file) for side, file in files.items()})
    writer = PictureWriter(report, files)
    problems = unreadable + damaged
    if not problems and len(images) == 2:
        compared = compare_arrays(**images, settings=settings_for(config, pair.name))
        if not compared.comparison.passed:
            writer.draw_comparison(compared, images)
        found = compared.comparison
        warnings += found.warnings
        return _describe(pair, config, found, warnings=warnings, artifacts=writer.artifacts)
    writer.draw_alone(images)
    result = _describe_absence(pair, config, images, problems, writer.artifacts)
    return replace(result, warnings=warnings)


def describe_failure(pair: Pair, config: Config, reason: str) -> PairResult:
    """Return the result of a pair that could not be compared."""
    return _result(pair, config, Status.ERROR, (reason,))


def _attempt(
    actions: Mapping[str, Callable[[], Outcome]],
) -> tuple[dict[str, Outcome], tuple[str, ...]]:
    """Do an action for each side of a pair; return what came of it, and what went wrong."""
    done: dict[str, Outcome] = {}
    problems = []
    for side, action in actions.items():
        try:
            done[side] = action()
        except ImageError as error:
            problems.append(f"{side} cannot be compared: {error}")
    return done, tuple(problems)


def _is_identical(files: Mapping[str, ImageFile]) -> bool:
    """Return whether both files hold the same bytes and are sure to hold an image.

    The checksums of a PNG were verified with its header. No other format has any: a JPEG that was
    cut off twice in the same place must be decoded to be found out.
    """
    datas = [file.data for file in files.values()]
    return len(datas) == 2 and datas[0] == datas[1] and files["baseline"].header.png is not None


def _conclude_identical(header: Header, config: Config, name: str) -> Comparison:
    channels = ("gray",) if header.gray else ("red", "green", "blue")
    return conclude_identical((header.width, header.height), channels, settings_for(config, name))


def _describe(pair: Pair, config: Config, comparison: Comparison, **more: Any) -> PairResult:
    status, reasons = comparison.status, comparison.reasons
    return _result(pair, config, status, reasons, comparison=comparison, **more)


def _describe_absence(
    pair: Pair,
    config: Config,
    images: Mapping[str, Pixels],
    problems: tuple[str, ...],
    artifacts: Mapping[str, str],
) -> PairResult:
    """Return the result of a pair of which one side, or both, cannot be used."""
    status, reasons = Status.ERROR, problems
    if not problems and "candidate" in images:
        status, reasons = Status.NEW, ("no baseline of this name",)
    elif not problems:
        status, reasons = Status.MISSING, ("no candidate of this name",)
    sizes = [(image.shape[1], image.shape[0]) for image in images.values()]
    size = sizes[0] if sizes else None
    return _result(pair, config, status, reasons, size=size, artifacts=artifacts)


def _result(
    pair: Pair, config: Config, status: Status, reasons: tuple[str, ...], **more: Any
) -> PairResult:
    """Return a result with the fields of the pair; `more` are other fields of `PairResult`."""
    return PairResult(
        name=pair.name,
        status=status,
        reasons=reasons,
        baseline=relative_to(config.folder, pair.baseline) if pair.baseline else None,
        candidate=relative_to(config.folder, pair.candidate) if pair.candidate else None,
        **more,
    )
