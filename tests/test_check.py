import dataclasses
import io
import os
import struct
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

import numpy as np
import pytest
from PIL import Image

import visualdiff.images
from visualdiff.check import check_pair
from visualdiff.globs import settings_for
from visualdiff.images import ImageFile, decode
from visualdiff.model import Pair, PairResult, Status
from visualdiff.png import PngHeader, join_chunks, read_png_header
from visualdiff.settings import Config, Focus, Mask, Override, Settings

Array: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
BOTH_SIDES = ("baseline", "candidate")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    return Config(
        folder=tmp_path,
        baselines=tmp_path / "old",
        candidates=tmp_path / "new",
        report=tmp_path / "report",
    )


def page(height: int = 40, width: int = 60) -> Array:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def change(pixels: Array) -> Array:
    changed = pixels.copy()
    changed[10:20, 10:30] ^= 255
    return changed


def encode(pixels: Array, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def check(
    config: Config, baseline: bytes | None, candidate: bytes | None, name: str = "a.png"
) -> PairResult:
    """Check a pair of files with these contents; None means that there is no file."""
    paths = []
    for folder, content in ((config.baselines, baseline), (config.candidates, candidate)):
        path = folder / name
        if content is not None:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        paths.append(path if content is not None else None)
    pair = Pair(name=name, baseline=paths[0], candidate=paths[1])
    return check_found(config, pair)


def check_found(config: Config, pair: Pair) -> PairResult:
    return check_pair(
        pair,
        settings_for(config, pair.name),
        folder=config.folder,
        report=config.report,
        max_image_pixels=config.max_image_pixels,
        show_passed=config.passed_in_report == "thumbnails",
    )


def list_assets(config: Config) -> list[str]:
    return sorted(
        path.relative_to(config.report).as_posix() for path in config.report.rglob("*.*")
    )


def roles(*sides: str) -> set[str]:
    return {role for side in sides for role in (side, f"{side}_thumbnail")}


# Statuses.


def test_equal_pixels_in_other_bytes_pass_and_write_nothing(config: Config) -> None:
    result = check(config, encode(page()), encode(page(), compress_level=1))
    assert (result.status, result.reasons, result.artifacts) == (Status.PASSED, (), {})
    assert result.comparison is not None
    assert result.comparison.score == 1
    assert not config.report.exists()


def test_a_change_fails_with_reasons_and_pictures(config: Config) -> None:
    result = check(config, encode(page()), encode(change(page())))
    assert result.status is Status.FAILED
    assert result.reasons[0].startswith("score 0.")
    assert "200 px differ visibly" in result.reasons[1]
    assert result.comparison is not None
    assert result.comparison.status is Status.FAILED
    assert result.comparison.reasons == result.reasons
    assert set(result.artifacts) == roles("baseline", "candidate", "diff") | {"pixels"}
    assert list_assets(config) == sorted(set(result.artifacts.values()))


def test_a_candidate_without_baseline_is_new_and_shown(config: Config) -> None:
    result = check(config, None, encode(page()))
    assert (result.status, result.reasons) == (Status.NEW, ("no baseline of this name",))
    assert (result.baseline, result.candidate) == (None, "new/a.png")
    assert (result.comparison, result.size) == (None, (60, 40))
    assert set(result.artifacts) == roles("candidate")
    assert list_assets(config) == sorted(result.artifacts.values())


def test_a_baseline_without_candidate_is_missing_and_shown(config: Config) -> None:
    result = check(config, encode(page()), None)
    assert (result.status, result.reasons) == (Status.MISSING, ("no candidate of this name",))
    assert (result.baseline, result.candidate) == ("old/a.png", None)
    assert (result.comparison, result.size) == (None, (60, 40))
    assert set(result.artifacts) == roles("baseline")


def test_a_problem_of_pairing_is_an_error(config: Config) -> None:
    pair = Pair(name="a", baseline=None, candidate=None, problem="ambiguous: a or b")
    assert check_found(config, pair) == PairResult(
        name="a",
        status=Status.ERROR,
        reasons=("ambiguous: a or b",),
        baseline=None,
        candidate=None,
    )


def test_paths_are_relative_to_the_config_file_with_forward_slashes(config: Config) -> None:
    outside = dataclasses.replace(config, folder=config.folder / "ci" / "deep")
    result = check(outside, encode(page()), encode(page()), "ü b#.png")
    assert result.baseline == "../../old/ü b#.png"
    assert result.candidate == "../../new/ü b#.png"
    result = check(outside, encode(page()), encode(change(page())))
    assert all(PurePosixPath(path).parts[0] == "assets" for path in result.artifacts.values())


# Identical bytes.


@pytest.mark.parametrize(
    ("pixels", "channels"),
    [
        pytest.param(page(), ("red", "green", "blue"), id="colour"),
        pytest.param(page()[:, :, 0], ("gray",), id="gray"),
    ],
)
def test_identical_png_files_pass_without_being_decoded(
    config: Config, monkeypatch: pytest.MonkeyPatch, pixels: Array, channels: tuple[str, ...]
) -> None:
    monkeypatch.setattr(visualdiff.check, "decode", lambda _: pytest.fail("it was decoded"))
    result = check(config, encode(pixels), encode(pixels))
    assert result.status is Status.PASSED
    found = result.comparison
    assert found is not None
    assert found.channels == found.raw_channels == dict.fromkeys(channels, 1.0)
    assert (found.score, found.diff_pixels, found.regions) == (1.0, 0, ())
    assert (found.width, found.height, found.baseline_size) == (60, 40, (60, 40))
    assert not config.report.exists()


def test_the_checksums_of_equal_bytes_are_verified_once(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked = []

    def count(data: bytes) -> PngHeader:
        walked.append(data)
        return read_png_header(data)

    monkeypatch.setattr(visualdiff.images, "read_png_header", count)
    old, new = encode(page()), encode(change(page()))
    assert check(config, old, old).status is Status.PASSED
    assert walked == [old]
    check(config, old, new)
    assert walked == [old, old, new]


def test_equal_bytes_of_other_names_are_both_told_when_the_extension_is_wrong(
    config: Config,
) -> None:
    paths = config.baselines / "a.jpg", config.candidates / "a.png"
    for path in paths:
        path.write_bytes(encode(page(), "WebP"))
    result = check_found(config, Pair(name="a.jpg", baseline=paths[0], candidate=paths[1]))
    assert result.warnings == (
        "baseline a.jpg holds WebP, not JPEG",
        "candidate a.png holds WebP, not PNG",
    )


def test_identical_files_are_described_like_equal_pixels(config: Config) -> None:
    quick = check(config, encode(page()), encode(page()))
    decoded = check(config, encode(page()), encode(page(), compress_level=1))
    assert quick == decoded


@pytest.mark.parametrize("kind", ["JPEG", "WebP", "BMP", "TIFF", "GIF", "AVIF"])
def test_identical_files_of_other_formats_pass(config: Config, kind: str) -> None:
    data = encode(page(), kind)
    result = check(config, data, data, f"a.{kind.lower()}")
    assert (result.status, result.warnings) == (Status.PASSED, ())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP", "BMP", "TIFF", "GIF", "AVIF"])
@pytest.mark.parametrize("kept", [0.5, 0.98])
def test_identical_truncated_files_are_an_error(config: Config, kind: str, kept: float) -> None:
    data = encode(page(), kind)
    cut = data[: int(len(data) * kept)]
    result = check(config, cut, cut, f"a.{kind.lower()}")
    assert result.status is Status.ERROR
    assert [reason.partition(" cannot be compared: ")[0] for reason in result.reasons] == [
        "baseline",
        "candidate",
    ]
    assert (result.comparison, result.size, result.artifacts) == (None, None, {})


@pytest.mark.parametrize("kept", [0.5, 0.99], ids=["half", "all but the checksum"])
def test_png_files_without_all_pixels_are_an_error_though_each_chunk_is_right(
    config: Config, kept: float
) -> None:
    whole = encode(page())
    header = read_png_header(whole)
    pixels = b"".join(whole[start:end] for start, end in header.parts)
    cut = pixels[:-4] if kept == 0.99 else pixels[: int(len(pixels) * kept)]
    data = join_chunks((b"IHDR", whole[16:29]), (b"IDAT", cut), (b"IEND", b""))
    for baseline in (data, whole):
        result = check(config, baseline, data)
        assert result.status is Status.ERROR
        assert "candidate cannot be compared: PNG is damaged" in result.reasons[-1]


def test_identical_png_files_with_one_damaged_byte_are_an_error(config: Config) -> None:
    data = bytearray(encode(page()))
    data[len(data) // 2] ^= 1
    result = check(config, bytes(data), bytes(data))
    assert result.status is Status.ERROR
    assert "wrong checksum of IDAT" in result.reasons[0]


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x00" * 100, b"<html>"])
def test_identical_files_that_are_no_images_are_an_error(config: Config, content: bytes) -> None:
    result = check(config, content, content)
    assert result.status is Status.ERROR
    assert len(result.reasons) == 2


# Damage.


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(lambda data: data[:100], id="truncated"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"text", id="no image"),
    ],
)
@pytest.mark.parametrize(("good", "bad"), [BOTH_SIDES, BOTH_SIDES[::-1]], ids=BOTH_SIDES)
def test_a_damaged_side_is_an_error_that_keeps_the_picture_of_the_other(
    config: Config, cut: Any, good: str, bad: str
) -> None:
    contents = {good: encode(page()), bad: cut(encode(page()))}
    result = check(config, contents["baseline"], contents["candidate"])
    assert (result.status, result.comparison, result.size) == (Status.ERROR, None, (60, 40))
    (reason,) = result.reasons
    assert reason.startswith(f"{bad} cannot be compared: ")
    assert set(result.artifacts) == roles(good)
    assert (config.report / result.artifacts[good]).read_bytes() == contents[good]
    assert (result.baseline, result.candidate) == ("old/a.png", "new/a.png")


def test_damage_that_shows_only_in_decoding_is_an_error(config: Config) -> None:
    # All checksums of chunks are right, but the pixels end too early.
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60, 40, 8, 2, 0, 0, 0))
    data += chunk(b"IDAT", zlib.compress(b"\x00" * 500)) + chunk(b"IEND", b"")
    result = check(config, encode(page()), data)
    assert result.status is Status.ERROR
    assert result.reasons[0].startswith("candidate cannot be compared: PNG is damaged")
    assert set(result.artifacts) == roles("baseline")


@pytest.mark.parametrize("side", BOTH_SIDES)
def test_a_damaged_file_without_partner_is_an_error_not_new_or_missing(
    config: Config, side: str
) -> None:
    contents = dict.fromkeys(BOTH_SIDES) | {side: encode(page())[:-20]}
    result = check(config, contents["baseline"], contents["candidate"])
    assert result.status is Status.ERROR
    assert result.reasons[0].startswith(f"{side} cannot be compared: PNG is")
    assert not config.report.exists()


def test_a_file_that_is_gone_since_pairing_is_an_error(config: Config) -> None:
    pair = Pair(name="a.png", baseline=config.baselines / "a.png", candidate=None)
    result = check_found(config, pair)
    assert result.status is Status.ERROR
    assert result.reasons == (
        "baseline cannot be compared: cannot be read: No such file or directory",
    )


def test_a_candidate_that_is_gone_since_pairing_is_an_error(config: Config) -> None:
    (config.baselines / "a.png").write_bytes(encode(page()))
    pair = Pair(
        name="a.png", baseline=config.baselines / "a.png", candidate=config.candidates / "a.png"
    )
    result = check_found(config, pair)
    assert result.status is Status.ERROR
    assert result.reasons == (
        "candidate cannot be compared: cannot be read: No such file or directory",
    )


def test_a_named_pipe_is_an_error_and_blocks_nothing(config: Config) -> None:
    os.mkfifo(config.candidates / "a.png")
    (config.baselines / "a.png").write_bytes(encode(page()))
    pair = Pair(
        name="a.png", baseline=config.baselines / "a.png", candidate=config.candidates / "a.png"
    )
    result = check_found(config, pair)
    assert result.reasons == ("candidate cannot be compared: not a file",)


def test_an_image_of_too_many_pixels_is_an_error_although_identical(config: Config) -> None:
    small = dataclasses.replace(config, max_image_pixels=2399)
    result = check(small, encode(page()), encode(page()))
    assert result.status is Status.ERROR
    assert "too large: 60×40 px, wanted at most 2,399 px" in result.reasons[0]
    exact = dataclasses.replace(config, max_image_pixels=2400)
    assert check(exact, encode(page()), encode(page())).status is Status.PASSED


# Settings and warnings.


def test_the_overrides_of_a_pair_are_applied(config: Config) -> None:
    mask = Mask(x=10, y=10, width=20, height=10)
    changed = dataclasses.replace(
        config, overrides=(Override(match="b*", changes={"masks": (mask,)}),)
    )
    old, new = encode(page()), encode(change(page()))
    assert check(changed, old, new, "a.png").status is Status.FAILED
    passed = check(changed, old, new, "b.png")
    assert passed.status is Status.PASSED
    assert passed.comparison is not None
    assert passed.comparison.ignored_pixels.masked == 200


def test_the_threshold_of_an_identical_pair_is_its_own(config: Config) -> None:
    changed = dataclasses.replace(
        config, overrides=(Override(match="b*", changes={"threshold": 0.25}),)
    )
    result = check(changed, encode(page()), encode(page()), "b.png")
    assert result.comparison is not None
    assert result.comparison.threshold == 0.25


@pytest.mark.parametrize(
    ("baseline", "candidate", "status"),
    [
        pytest.param("same", "same", Status.PASSED, id="identical"),
        pytest.param("same", "change", Status.FAILED, id="changed"),
        pytest.param("same", "damage", Status.ERROR, id="damaged"),
        pytest.param("same", None, Status.MISSING, id="missing"),
    ],
)
def test_a_wrong_extension_is_a_warning_whatever_the_outcome(
    config: Config, baseline: str, candidate: str | None, status: Status
) -> None:
    contents = {
        "same": encode(page(), "BMP"),
        "change": encode(change(page()), "PNG"),
        "damage": b"",
    }
    result = check(config, contents[baseline], contents[candidate] if candidate else None)
    assert result.status is status
    assert "baseline a.png holds BMP, not PNG" in result.warnings


def test_warnings_of_the_comparison_are_told(config: Config) -> None:
    deep = page()[:, :, 0].astype(np.uint16) * 257
    buffer = io.BytesIO()
    Image.fromarray(deep).save(buffer, "PNG")
    result = check(config, encode(page()[:, :, 0]), buffer.getvalue())
    assert result.status is Status.PASSED
    assert result.warnings == (
        "one image has 8 bits per channel, the other 16: compared at 16 bits",
    )


def test_other_sizes_fail_and_are_shown(config: Config) -> None:
    result = check(config, encode(page()), encode(page(50, 60)))
    assert result.status is Status.FAILED
    assert result.reasons[0] == "size 60×40 → 60×50: the candidate is 10 px taller"
    assert set(result.artifacts) == roles("baseline", "candidate", "diff") | {"pixels"}


# Masks.

OUTSIDE = Mask(x=60, y=0, width=5, height=5)


def with_changes(config: Config, **changes: Any) -> Config:
    return dataclasses.replace(config, **changes)


def paint(path: Path, height: int = 40, width: int = 60) -> Path:
    pixels = np.zeros((height, width), np.uint8)
    pixels[10:20, 10:30] = 255
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encode(pixels))
    return path


@pytest.mark.parametrize("candidate", [page(), change(page())], ids=["identical", "changed"])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"masks": (OUTSIDE,)}, "masks[0] (x 60, y 0, width 5, height 5) lies outside"),
        ({"masks": (Mask(x=0, y=0, width="100%", height=40),)}, "the whole baseline of 60×40 px"),
        ({"focus": (Focus(x=0, y=-99, width=9, height=9),)}, "focus[0] (x 0, y -99, width 9,"),
        ({"mask_images": ("m/none.png",)}, "mask_images[0] (m/none.png) cannot be read: No such"),
        ({"mask_images": ("m/ok.png", "m/small.png")}, "mask_images[1] (m/small.png) has 59×40"),
        ({"mask_images": ("old/a.png",)}, "mask_images[0] (old/a.png): 2,400 px are neither"),
    ],
    ids=["outside", "all", "focus", "absent", "size", "picture"],
)
def test_masks_that_do_not_fit_are_an_error_with_pictures_and_never_pass(
    config: Config, changes: dict[str, Any], words: str, candidate: Array
) -> None:
    paint(config.folder / "m" / "ok.png")
    paint(config.folder / "m" / "small.png", width=59)
    images = tuple(config.folder / name for name in changes.get("mask_images", ()))
    changed = with_changes(config, **(changes | {"mask_images": images}))
    result = check(changed, encode(page()), encode(candidate))
    assert (result.status, result.comparison, result.size) == (Status.ERROR, None, (60, 40))
    (reason,) = result.reasons
    assert reason.startswith(words)
    assert set(result.artifacts) == roles("baseline", "candidate")


def test_a_mask_image_is_read_and_applied(config: Config) -> None:
    images = (paint(config.folder / "m.png"),)
    changed = with_changes(config, mask_images=images)
    result = check(changed, encode(page()), encode(change(page())))
    assert result.status is Status.PASSED
    assert result.comparison is not None
    assert result.comparison.masked_pixels == 200
    assert check(changed, encode(page()), encode(page())).comparison == dataclasses.replace(
        result.comparison,
        raw_channels=result.comparison.channels,
        ignored_pixels=dataclasses.replace(result.comparison.ignored_pixels, masked=0),
    )


def test_equal_files_with_a_colour_to_mask_are_decoded_once(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []

    def count(file: ImageFile) -> Any:
        decoded.append(file)
        return decode(file)

    monkeypatch.setattr(visualdiff.check, "decode", count)
    painted = page()
    painted[5:9] = (255, 0, 255)
    changed = with_changes(config, mask_colour="#ff00ff")
    found = check(changed, encode(painted), encode(painted)).comparison
    assert found is not None
    assert (found.passed, found.masked_pixels) == (True, 4 * 60)
    assert len(decoded) == 1
    painted[:] = (255, 0, 255)
    result = check(changed, encode(painted), encode(painted))
    assert result.reasons == (
        "the whole baseline of 60×40 px is masked: nothing is left to compare",
    )


def test_a_mask_that_does_not_fit_is_no_matter_of_a_new_image(config: Config) -> None:
    changed = with_changes(config, masks=(OUTSIDE,))
    assert check(changed, None, encode(page())).status is Status.NEW


# Several accepted baselines.


def check_several(
    config: Config, accepted: list[bytes | None], candidate: bytes, **changes: Any
) -> PairResult:
    """Check a candidate against baselines with these contents; None: the file is not there."""
    paths = []
    for number, content in enumerate(accepted, 1):
        paths.append(config.baselines / (f"a@{number}.png" if number > 1 else "a.png"))
        if content is not None:
            paths[-1].write_bytes(content)
    shot = config.candidates / "a.png"
    shot.write_bytes(candidate)
    pair = Pair(name="a.png", baseline=paths[0], candidate=shot, alternates=tuple(paths[1:]))
    return check_found(with_changes(config, **changes), pair)


def shift(pixels: Array, count: int) -> Array:
    """Return a page of which the first `count` pixels of a row have another colour."""
    changed = pixels.copy()
    changed[5, :count] ^= 255
    return changed


@pytest.mark.parametrize("place", [0, 1, 2])
def test_it_is_enough_to_match_one_of_several(config: Config, place: int) -> None:
    accepted: list[bytes | None] = [encode(shift(page(), 20 + count)) for count in range(3)]
    accepted[place] = encode(page(), compress_level=1)
    result = check_several(config, accepted, encode(page()))
    names = ["old/a.png", "old/a@2.png", "old/a@3.png"]
    assert (result.status, result.reasons, result.warnings) == (Status.PASSED, (), ())
    assert result.baseline == names.pop(place)
    assert result.alternates == tuple(names)
    assert not config.report.exists()


def test_the_closest_is_shown_and_only_its_pictures_are_drawn(config: Config) -> None:
    accepted: list[bytes | None] = [encode(shift(page(), count)) for count in (30, 7, 12)]
    result = check_several(config, accepted, encode(page()))
    assert result.status is Status.FAILED
    assert (result.baseline, result.alternates) == ("old/a@2.png", ("old/a.png", "old/a@3.png"))
    assert result.comparison is not None
    assert result.comparison.diff_pixels == 7
    assert set(result.artifacts) == roles("baseline", "candidate", "diff") | {"pixels"}
    assert (config.report / result.artifacts["baseline"]).read_bytes() == accepted[1]
    assert list_assets(config) == sorted(set(result.artifacts.values()))
    alone = check(config, accepted[1], encode(page()), "b.png")
    assert result.comparison == alone.comparison


def test_the_same_bytes_are_found_without_decoding_anything(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visualdiff.check, "decode", None)
    shot = encode(page())
    result = check_several(config, [encode(change(page()))[:-20], b"x", shot], shot)
    assert (result.status, result.baseline) == (Status.PASSED, "old/a@3.png")
    assert [warning.partition(":")[0] for warning in result.warnings] == [
        "old/a.png",
        "old/a@2.png",
    ]


@pytest.mark.parametrize("broken", [None, b"", encode(page())[:-200]])
def test_a_broken_baseline_beside_one_that_matches_is_a_warning_that_names_it(
    config: Config, broken: bytes | None
) -> None:
    result = check_several(config, [broken, encode(page())], encode(page()))
    assert (result.status, result.baseline) == (Status.PASSED, "old/a@2.png")
    (warning,) = result.warnings
    assert warning.startswith("old/a.png: baseline cannot be compared: ")


def test_a_broken_baseline_beside_one_that_fails_is_a_warning_of_the_failure(
    config: Config,
) -> None:
    result = check_several(config, [b"", encode(change(page()))], encode(page()))
    assert (result.status, result.baseline) == (Status.FAILED, "old/a@2.png")
    assert result.warnings[-1].startswith("old/a.png: baseline cannot be compared: ")


def test_baselines_of_which_none_can_be_read_are_an_error_that_tells_all(config: Config) -> None:
    result = check_several(config, [b"", None], encode(page()))
    assert (result.status, result.baseline) == (Status.ERROR, "old/a.png")
    assert result.reasons[0].startswith("baseline cannot be compared: ")
    assert result.warnings == (
        "old/a@2.png: baseline cannot be compared: cannot be read: No such file or directory",
    )
    assert set(result.artifacts) == roles("candidate")


def test_a_broken_candidate_is_told_once(config: Config) -> None:
    result = check_several(config, [encode(page()), encode(change(page()))], b"")
    assert (result.status, result.warnings) == (Status.ERROR, ())
    (reason,) = result.reasons
    assert reason.startswith("candidate cannot be compared: ")


def test_a_mask_that_fits_one_of_several_baselines_is_enough(config: Config) -> None:
    outside = (Mask(x=60, y=0, width=5, height=5),)
    accepted: list[bytes | None] = [encode(page()), encode(page(40, 70))]
    candidate = encode(page(40, 70), dpi=(72, 72))  # as many pixels, in a longer file
    result = check_several(config, accepted, candidate, masks=outside)
    assert (result.status, result.baseline) == (Status.PASSED, "old/a@2.png")
    assert result.warnings[0].startswith("old/a.png: masks[0] (x 60, y 0, width 5, height 5) lies")


def test_several_baselines_without_a_candidate_are_missing_once(config: Config) -> None:
    paths = [config.baselines / name for name in ("a.png", "a@2.png")]
    for path in paths:
        path.write_bytes(encode(page()))
    pair = Pair(name="a.png", baseline=paths[0], candidate=None, alternates=(paths[1],))
    result = check_found(config, pair)
    assert (result.status, result.baseline) == (Status.MISSING, "old/a.png")
    assert result.alternates == ("old/a@2.png",)
    assert set(result.artifacts) == roles("baseline")


# Pictures of pairs that passed.


def show_passed(config: Config, **changes: Any) -> Config:
    return with_changes(config, passed_in_report="thumbnails", **changes)


@pytest.mark.parametrize("kind", ["PNG", "BMP"])
def test_identical_files_are_shown_by_one_picture_without_a_difference(
    config: Config, kind: str
) -> None:
    data = encode(page(), kind)
    result = check(show_passed(config), data, data)
    assert result == dataclasses.replace(check(config, data, data), artifacts=result.artifacts)
    assert set(result.artifacts) == roles(*BOTH_SIDES)
    assert len(set(result.artifacts.values())) == 2
    assert (config.report / result.artifacts["candidate"]).read_bytes() == data
    assert list_assets(config) == sorted(set(result.artifacts.values()))


def test_what_is_masked_of_identical_files_is_shown_too(config: Config) -> None:
    masks = (Mask(x=10, y=10, width=20, height=10),)
    data = encode(page())
    result = check(show_passed(config, masks=masks), data, data)
    assert result.status is Status.PASSED
    assert set(result.artifacts) == roles(*BOTH_SIDES) | {f"{side}_mask" for side in BOTH_SIDES}
    assert len(set(result.artifacts.values())) == 3


def test_a_pair_that_passed_is_shown_with_what_was_ignored(config: Config) -> None:
    faint = page()
    faint[10:20, 10:30] ^= 1
    result = check(show_passed(config), encode(page()), encode(faint))
    assert result.status is Status.PASSED
    extra = {"ignored", "pixels"}
    assert set(result.artifacts) == roles(*BOTH_SIDES, "diff") | extra
    assert list_assets(config) == sorted(set(result.artifacts.values()))


def test_equal_pixels_in_other_bytes_are_shown_by_the_file_of_each_side(config: Config) -> None:
    old, new = encode(page()), encode(page(), compress_level=1)
    result = check(show_passed(config), old, new)
    assert result.status is Status.PASSED
    assert set(result.artifacts) == roles(*BOTH_SIDES, "diff")
    assert (config.report / result.artifacts["baseline"]).read_bytes() == old
    assert (config.report / result.artifacts["candidate"]).read_bytes() == new


def test_of_several_accepted_baselines_the_one_that_matched_is_shown(config: Config) -> None:
    accepted: list[bytes | None] = [encode(shift(page(), 30)), encode(page(), compress_level=1)]
    result = check_several(show_passed(config), accepted, encode(page()))
    assert (result.status, result.baseline) == (Status.PASSED, "old/a@2.png")
    assert set(result.artifacts) == roles(*BOTH_SIDES, "diff")
    assert (config.report / result.artifacts["baseline"]).read_bytes() == accepted[1]
    assert list_assets(config) == sorted(set(result.artifacts.values()))


@pytest.mark.parametrize("link", ["hardlink_to", "symlink_to"])
def test_one_file_on_both_sides_proves_nothing(config: Config, link: str) -> None:
    baseline = config.baselines / "a.png"
    candidate = config.candidates / "a.png"
    for folder in (config.baselines, config.candidates):
        folder.mkdir(exist_ok=True)
    baseline.write_bytes(encode(page()))
    getattr(candidate, link)(baseline)
    pair = Pair(name="a.png", baseline=baseline, candidate=candidate)
    result = check_pair(
        pair,
        Settings(),
        folder=config.folder,
        report=config.report,
        max_image_pixels=config.max_image_pixels,
    )
    assert result.status is Status.ERROR
    assert result.reasons == (
        "baseline and candidate are one and the same file; take a new screenshot",
    )
