"""One `Pair` → one `PairResult`, with its pictures written.

The only place where an expected failure, such as an unreadable file, becomes a result.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, TypeVar

from visualdiff.accepted import find_closest, list_choices, warn_of_unreadable
from visualdiff.compare import compare_arrays, conclude_identical
from visualdiff.errors import ImageError, MaskError
from visualdiff.images import Header, ImageFile, decode, is_sound, open_image
from visualdiff.mask_images import read_mask_images
from visualdiff.masks import MaskImage
from visualdiff.model import Comparison, Pair, PairResult, Status
from visualdiff.pictures import PictureWriter
from visualdiff.settings import Settings
from visualdiff.tasks import name_files
from visualdiff.tiles import Pixels

Outcome = TypeVar("Outcome")

_NOT_PASSED: Final = frozenset(Status) - {Status.PASSED}


def check_pair(
    pair: Pair,
    settings: Settings,
    *,
    folder: Path,
    report: Path,
    max_image_pixels: int,
    show_passed: bool = False,
) -> PairResult:
    """Compare a pair of files and judge it; write its pictures if it is one to be shown.

    That is one that did not pass, and with `show_passed` any.
    Pictures go to `report`/assets, each named by the hash of its content. Files are named relative
    to `folder`; images that declare more than `max_image_pixels` pixels are refused. It is enough
    to match one of several accepted baselines; if none is matched, the closest is shown.
    """
    check = partial(
        _check_files,
        settings=settings,
        folder=folder,
        report=report,
        max_image_pixels=max_image_pixels,
    )
    drawn = frozenset(Status) if show_passed else _NOT_PASSED
    if not pair.alternates or not pair.candidate:
        return check(pair, drawn=drawn)
    choices, results = list_choices(pair), []
    for choice in choices:
        results.append(check(choice, drawn=()))
        if results[-1].status is Status.PASSED:
            break
    results += _find_unreadable(choices[len(results) :], folder, max_image_pixels)
    closest = find_closest(results)
    shown = results[closest]
    if shown.status in drawn:
        # Compared again for its pictures: to keep the pixels of all until then takes memory.
        shown = check(choices[closest], drawn=drawn)
    return replace(shown, warnings=(*shown.warnings, *warn_of_unreadable(results, closest)))


def _find_unreadable(
    choices: Sequence[Pair], folder: Path, max_image_pixels: int
) -> Iterator[PairResult]:
    """Yield the errors of baselines that need not be compared, as far as they show undecoded."""
    for choice in choices:
        _, unreadable = _open_files(replace(choice, candidate=None), max_image_pixels)
        if unreadable:
            yield _describe(choice, folder, Status.ERROR, unreadable)


def _check_files(
    pair: Pair,
    settings: Settings,
    *,
    folder: Path,
    report: Path,
    max_image_pixels: int,
    drawn: Collection[Status],
) -> PairResult:
    """Compare a candidate with one baseline, and draw the pictures if the status says so."""
    describe = partial(_describe, pair, folder)
    if problem := pair.problem or _refuse_one_file(pair):
        return describe(Status.ERROR, (problem,))
    files, unreadable = _open_files(pair, max_image_pixels)
    warnings = tuple(f"{side} {file.warning}" for side, file in files.items() if file.warning)
    read_masks = partial(read_mask_images, settings.mask_images, max_image_pixels, folder)
    decoded = settings.mask_colour != "none" or Status.PASSED in drawn
    same = not unreadable and not decoded and _is_identical(files)
    # What is damaged in the same way on both sides must not pass.
    if same and is_sound(files["baseline"]):
        with suppress(MaskError):  # told below, with a picture
            found = _conclude_identical(files["baseline"].header, settings, read_masks)
            return describe(found.status, found.reasons, comparison=found, warnings=warnings)
    images, damaged = _decode(files)
    writer = PictureWriter(report, files)
    problems = unreadable + damaged
    if not problems and len(images) == 2:
        try:
            compared = compare_arrays(**images, settings=settings, mask_images=read_masks())
        except MaskError as error:
            problems = (str(error),)
        else:
            found = compared.comparison
            if found.status in drawn:
                writer.draw_comparison(compared, images)
            warnings += found.warnings
            drawn_as = {"artifacts": writer.artifacts, "hashes": writer.hashes}
            more = {"comparison": found, "warnings": warnings, **drawn_as}
            return describe(found.status, found.reasons, **more)
    status, reasons = _explain_absence(images, problems)
    if status in drawn:
        writer.draw_alone(images)
    sizes = [(image.shape[1], image.shape[0]) for image in images.values()]
    more = {"warnings": warnings, "artifacts": writer.artifacts, "hashes": writer.hashes}
    return describe(status, reasons, size=sizes[0] if sizes else None, **more)


def _open_files(pair: Pair, max_pixels: int) -> tuple[dict[str, ImageFile], tuple[str, ...]]:
    """Return the files of a pair by side, and what is wrong with those that cannot be opened."""
    files: dict[str, ImageFile] = {}
    problems: tuple[str, ...] = ()
    for side, path in (("baseline", pair.baseline), ("candidate", pair.candidate)):
        if path:
            action = partial(open_image, path, max_pixels, twin=files.get("baseline"))
            opened, wrong = _attempt({side: action})
            files |= opened
            problems += wrong
    return files, problems


def _refuse_one_file(pair: Pair) -> str:
    """Return what is wrong where both sides are links to one file, which proves nothing."""
    with suppress(OSError):  # told when it is read
        if pair.baseline and pair.candidate and pair.baseline.samefile(pair.candidate):
            return "baseline and candidate are one and the same file; take a new screenshot"
    return ""


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


def _decode(files: Mapping[str, ImageFile]) -> tuple[dict[str, Pixels], tuple[str, ...]]:
    """Return the pixels of a pair by side, and what is damaged; equal bytes are decoded once."""
    if _is_identical(files):
        images, damaged = _attempt({"baseline": partial(decode, files["baseline"])})
        if not damaged:
            return dict.fromkeys(files, images["baseline"]), ()
    return _attempt({side: partial(decode, file) for side, file in files.items()})


def _is_identical(files: Mapping[str, ImageFile]) -> bool:
    """Return whether both files hold the same bytes."""
    # They are one object then, so nothing is compared again.
    return len(files) == 2 and files["baseline"].data is files["candidate"].data


def _conclude_identical(
    header: Header, settings: Settings, read_masks: Callable[[], tuple[MaskImage, ...]]
) -> Comparison:
    names = ("gray",) if header.gray else ("red", "green", "blue")
    size = header.width, header.height
    if settings.mask_images:
        return conclude_identical(size, names, settings, read_masks())
    return _conclude_again(size, names, settings)


# Most pairs of a run are equal, of few sizes and settings.
_conclude_again = lru_cache(maxsize=100)(conclude_identical)


def _explain_absence(
    images: Mapping[str, Pixels], problems: tuple[str, ...]
) -> tuple[Status, tuple[str, ...]]:
    """Return status and reasons of a pair of which one side, or both, cannot be used."""
    if problems:
        return Status.ERROR, problems
    if "candidate" in images:
        return Status.NEW, ("no baseline of this name",)
    return Status.MISSING, ("no candidate of this name",)


def _describe(
    pair: Pair, folder: Path, status: Status, reasons: tuple[str, ...], **more: Any
) -> PairResult:
    """Return a result with the fields of the pair; `more` are other fields of `PairResult`."""
    if status is Status.PASSED:
        more.pop("hashes", None)  # there is nothing to accept
    return PairResult(
        name=pair.name,
        status=status,
        reasons=reasons,
        **name_files(pair, folder),
        **more,
    )
