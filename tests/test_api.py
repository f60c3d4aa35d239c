"""The Python API: every kind of source, and what importing it costs."""

import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage.metrics import structural_similarity

import visualdiff
from visualdiff import ConfigError, ImageError, Status, compare_images
from visualdiff.api import ImageSource

Rgb = NDArray[np.uint8]


@pytest.fixture
def baseline() -> Rgb:
    image = np.full((60, 90, 3), (250, 240, 230), np.uint8)
    image[20:40, 20:60] = (37, 99, 235)
    return image


@pytest.fixture
def candidate(baseline: Rgb) -> Rgb:
    image = baseline.copy()
    image[20:40, 20:60] = (220, 38, 38)
    return image


def encode(image: Rgb, extension: str = ".png") -> bytes:
    data = cv2.imencode(extension, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1]
    return data.tobytes()


@pytest.mark.parametrize("kind", ["array", "bytes", "path", "text", "pillow"])
def test_every_kind_of_source_gives_the_same_comparison(
    tmp_path: Path, baseline: Rgb, candidate: Rgb, kind: str
) -> None:
    path = tmp_path / "candidate.png"
    path.write_bytes(encode(candidate))
    sources: dict[str, ImageSource] = {
        "array": candidate,
        "bytes": encode(candidate),
        "path": path,
        "text": str(path),
        "pillow": Image.fromarray(candidate),
    }
    assert compare_images(baseline, sources[kind]) == compare_images(baseline, candidate)


def test_a_comparison_tells_what_changed(baseline: Rgb, candidate: Rgb) -> None:
    comparison = compare_images(baseline, candidate)
    assert (comparison.passed, comparison.status) == (False, Status.FAILED)
    (region,) = comparison.regions
    assert (region.x, region.y, region.width, region.height) == (20, 20, 40, 20)
    assert region.description == "recoloured #2563eb → #dc2626"
    for index, (name, score) in enumerate(comparison.raw_channels.items()):
        assert name == ("red", "green", "blue")[index]
        wanted = structural_similarity(baseline[..., index], candidate[..., index])  # type: ignore[no-untyped-call]  # untyped
        assert score == pytest.approx(wanted, abs=1e-6)


def test_settings_are_those_of_the_config(baseline: Rgb, candidate: Rgb) -> None:
    assert compare_images(baseline, candidate, threshold=0.0, max_diff_pixels=800).passed
    mask = {"x": 20, "y": 20, "width": 40, "height": 20}
    masked = compare_images(baseline, candidate, masks=[mask])
    assert (masked.passed, masked.score, masked.ignored_pixels.masked) == (True, 1.0, 800)


def test_wrong_settings_are_told_all_at_once(baseline: Rgb) -> None:
    with pytest.raises(ConfigError) as caught:
        compare_images(baseline, baseline, threshold="high", tolerance=-1, mask=[])
    assert sorted(caught.value.mistakes) == [
        "mask: unknown key, did you mean `masks`?",
        'threshold: got "high", wanted a number',
        "tolerance: got -1, wanted at least 0",
    ]


@pytest.mark.parametrize(
    ("mode", "colour"),
    [
        ("1", 1),
        ("L", 200),
        ("LA", (200, 128)),
        ("P", 3),
        ("RGBA", (1, 2, 3, 4)),
        ("CMYK", (1, 2, 3, 4)),
    ],
)
def test_pillow_images_of_every_mode_equal_their_png(mode: str, colour: int) -> None:
    picture = Image.new(mode, (20, 12), colour)
    stored = io.BytesIO()
    (picture.convert("RGB") if mode == "CMYK" else picture).save(stored, "PNG")
    assert compare_images(picture, stored.getvalue()).score == 1


def test_a_16_bit_pillow_image_keeps_its_depth() -> None:
    levels = np.arange(60 * 90, dtype=np.uint16).reshape(60, 90) * 12
    picture = Image.fromarray(levels)
    assert picture.mode == "I;16"
    comparison = compare_images(picture, levels)
    assert comparison.score == 1
    assert comparison.warnings == ("16-bit images, compared at 16 bits",)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pillow_modes_that_would_be_cut_to_8_bits_are_refused(mode: str) -> None:
    picture = Image.new(mode, (9, 9), 300)
    with pytest.raises(TypeError, match=f"mode {mode}, wanted 8 or 16 bits"):
        compare_images(picture, picture)


def test_a_16_bit_array_of_the_other_byte_order_is_the_same() -> None:
    levels = np.arange(81, dtype="<u2").reshape(9, 9) * 700
    assert compare_images(levels, levels.astype(">u2")).score == 1


def test_a_palette_with_transparency_keeps_it() -> None:
    picture = Image.new("P", (20, 12), 0)
    picture.info["transparency"] = 0
    assert set(compare_images(picture, picture.convert("RGBA")).channels) >= {"alpha"}


@pytest.mark.parametrize("source", [7, None, ["a.png"], io.BytesIO()])
def test_any_other_object_is_refused_with_what_is_wanted(baseline: Rgb, source: object) -> None:
    with pytest.raises(TypeError, match="wanted a path, the bytes of an image file, a"):
        compare_images(baseline, source)  # type: ignore[arg-type]  # that is the test


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4), np.float64),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros(4, np.uint8),
    ],
    ids=["two channels", "float", "empty", "a line"],
)
def test_an_array_that_is_no_image_is_refused_with_its_shape(
    baseline: Rgb, array: NDArray[np.uint8]
) -> None:
    with pytest.raises(TypeError, match=r"got an array of shape .* wanted \(H, W\)"):
        compare_images(baseline, array)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, baseline: Rgb) -> None:
    with pytest.raises(ImageError, match=r"absent\.png: cannot be read: No such file"):
        compare_images(baseline, tmp_path / "absent.png")


def test_importing_the_package_loads_next_to_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import visualdiff\n"
        "heavy = {'cv2', 'skimage', 'scipy', 'numpy', 'pydantic', 'jinja2', 'PIL', 'rich'}\n"
        "heavy |= {'dataclasses', 'inspect'}\n"
        "print(sorted(heavy & set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in visualdiff.__all__:
        assert getattr(visualdiff, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'compare_image'"):
        _ = visualdiff.compare_image
