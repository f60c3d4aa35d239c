import hashlib
import io
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from PIL import Image

from visualdiff.compare import compare_arrays
from visualdiff.difference import DIFFERENCE_PALETTE, index_difference, measure_difference
from visualdiff.heat import HEAT, IGNORED_COLOUR, IGNORED_SPECK
from visualdiff.images import ImageFile, decode, parse_image
from visualdiff.pictures import PictureWriter
from visualdiff.settings import Mask, Settings

Array: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
SIDES = ("baseline", "candidate")
DEFAULT = Settings()


def store(pixels: Array, kind: str = "PNG") -> ImageFile:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return parse_image(buffer.getvalue(), 10**9)


def page(height: int = 40, width: int = 60) -> Array:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def draw_pair(
    report: Path,
    baseline: Array,
    candidate: Array,
    kind: str = "PNG",
    settings: Settings = DEFAULT,
) -> dict[str, str]:
    files = {"baseline": store(baseline, kind), "candidate": store(candidate, kind)}
    images = {side: decode(file) for side, file in files.items()}
    compared = compare_arrays(images["baseline"], images["candidate"], settings)
    writer = PictureWriter(report, files)
    writer.draw_comparison(compared, images)
    return writer.artifacts


def read(report: Path, artifact: str) -> Array:
    with Image.open(report / artifact) as image:
        return np.asarray(image.convert("RGB"))


def test_a_comparison_gets_three_pictures_each_with_a_thumbnail_and_its_pixels(
    tmp_path: Path,
) -> None:
    artifacts = draw_pair(tmp_path, page(), 255 - page())
    roles = [*SIDES, "diff"]
    assert set(artifacts) == {*roles, *(f"{role}_thumbnail" for role in roles), "pixels"}
    assert artifacts["pixels"].endswith(".css")
    assert sorted(artifacts.values()) == sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")
    )


def test_every_picture_is_named_by_the_hash_of_its_content(tmp_path: Path) -> None:
    for artifact in draw_pair(tmp_path, page(), 255 - page()).values():
        digest = hashlib.sha256((tmp_path / artifact).read_bytes()).hexdigest()
        folder, _, name = artifact.partition("/")
        assert folder == "assets"
        assert name.partition(".")[0] == digest[:20]


def test_the_same_picture_is_stored_once(tmp_path: Path) -> None:
    first = draw_pair(tmp_path, page(), 255 - page())
    names = sorted(path.name for path in (tmp_path / "assets").iterdir())
    assert draw_pair(tmp_path, page(), 255 - page()) == first
    assert sorted(path.name for path in (tmp_path / "assets").iterdir()) == names


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        ("PNG", ".png"),
        ("JPEG", ".jpeg"),
        ("WebP", ".webp"),
        ("GIF", ".gif"),
        ("BMP", ".bmp"),
        ("AVIF", ".avif"),
    ],
)
def test_an_image_that_browsers_show_is_stored_as_it_is(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    baseline, candidate = page(), 255 - page()
    artifacts = draw_pair(tmp_path, baseline, candidate, kind)
    for side, pixels in zip(SIDES, (baseline, candidate), strict=True):
        path = tmp_path / artifacts[side]
        assert path.suffix == suffix
        assert path.read_bytes() == store(pixels, kind).data


def test_an_image_that_browsers_do_not_show_is_stored_as_png(tmp_path: Path) -> None:
    baseline, candidate = page(), 255 - page()
    artifacts = draw_pair(tmp_path, baseline, candidate, "TIFF")
    for side, pixels in zip(SIDES, (baseline, candidate), strict=True):
        assert artifacts[side].endswith(".png")
        with Image.open(tmp_path / artifacts[side]) as image:
            assert image.format == "PNG"
        np.testing.assert_array_equal(read(tmp_path, artifacts[side]), pixels)


def test_the_difference_shows_the_heat_of_what_differs_and_the_candidate_faded(
    tmp_path: Path,
) -> None:
    baseline = np.full((40, 60, 3), 100, np.uint8)
    candidate = baseline.copy()
    candidate[10:20, 30:45] = (200, 0, 0)
    drawn = read(tmp_path, draw_pair(tmp_path, baseline, candidate)["diff"])
    assert drawn.shape == (40, 60, 3)
    hot = np.ptp(drawn.astype(int), axis=2) > 50
    expected = np.zeros((40, 60), bool)
    expected[10:20, 30:45] = True
    np.testing.assert_array_equal(hot, expected)
    assert np.ptp(drawn[0, 0]) == 0
    assert drawn[0, 0, 0] > 200


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_difference_and_what_was_ignored_are_pictures_of_their_own(
    tmp_path: Path, channels: int
) -> None:
    # Noise on two of three rows: visible differences, and with a low tolerance ignored ones.
    rng = np.random.default_rng(3)
    baseline = rng.integers(0, 256, (150, 120, channels), np.uint8)
    candidate = baseline.copy()
    candidate[:50, 20:60] = 255 - candidate[:50, 20:60]
    candidate[90:, 20:60] ^= 1
    files = {
        side: store(np.squeeze(image))
        for side, image in (("baseline", baseline), ("candidate", candidate))
    }
    images = {side: decode(file) for side, file in files.items()}
    compared = compare_arrays(images["baseline"], images["candidate"], Settings())
    assert compared.visible.any()
    assert compared.ignored.any()
    writer = PictureWriter(tmp_path, files)
    writer.draw_comparison(compared, images)
    indices = index_difference(compared, measure_difference(compared, compared.visible))
    drawn = DIFFERENCE_PALETTE[indices]
    np.testing.assert_array_equal(read(tmp_path, writer.artifacts["diff"]), drawn)
    with Image.open(tmp_path / writer.artifacts["ignored"]) as overlay:
        laid = np.asarray(overlay.convert("RGBA"))
    np.testing.assert_array_equal(laid[:, :, 3] == 255, compared.ignored)
    colours = {tuple(colour) for colour in laid[compared.ignored][:, :3].tolist()}
    assert colours == {IGNORED_COLOUR, IGNORED_SPECK}
    # The thumbnail shows both in one.
    shot = read(tmp_path, writer.artifacts["diff_thumbnail"]).astype(int)
    assert (np.ptp(shot[95:145, 25:55], axis=2) > 30).mean() > 0.5


@pytest.mark.parametrize(
    ("height", "width", "thumbnail"),
    [
        pytest.param(720, 960, (360, 480), id="twice as large"),
        pytest.param(100, 1920, (25, 480), id="wide"),
        pytest.param(30, 40, (30, 40), id="small stays small"),
        pytest.param(1, 2000, (1, 480), id="a line"),
    ],
)
def test_thumbnails_fit_480_by_360(
    tmp_path: Path, height: int, width: int, thumbnail: tuple[int, int]
) -> None:
    baseline = np.zeros((height, width, 3), np.uint8)
    artifacts = draw_pair(tmp_path, baseline, baseline + np.uint8(255))
    for role in (*SIDES, "diff"):
        assert artifacts[f"{role}_thumbnail"].endswith(".webp")
        assert read(tmp_path, artifacts[f"{role}_thumbnail"]).shape[:2] == thumbnail


def test_thumbnails_of_a_tall_page_show_the_change(tmp_path: Path) -> None:
    baseline = np.full((4000, 480, 3), 255, np.uint8)
    candidate = baseline.copy()
    candidate[3000:3050, 100:300] = (0, 0, 255)
    artifacts = draw_pair(tmp_path, baseline, candidate)
    roles = [*SIDES, "diff"]
    shots = {role: read(tmp_path, artifacts[f"{role}_thumbnail"]) for role in roles}
    assert all(shot.shape == (360, 480, 3) for shot in shots.values())
    blue = (shots["candidate"][:, :, 2].astype(int) - shots["candidate"][:, :, 0]) > 100
    assert blue.any()
    # All show the same rows: a box around the change, or the heat of the change itself.
    for shot in shots.values():
        red = np.abs(shot - np.array((225, 29, 72))).max(axis=2) < 50
        purple = np.abs(shot - np.array(HEAT[-1].colour)).max(axis=2) < 50
        shown = red | purple
        assert shown.any()
        assert not shown[:100].any()
        assert not shown[-100:].any()


def test_an_image_alone_gets_its_picture_and_a_thumbnail_without_boxes(tmp_path: Path) -> None:
    gradient = np.linspace(60, 200, 40 * 60 * 3).astype(np.uint8).reshape(40, 60, 3)
    file = store(gradient)
    writer = PictureWriter(tmp_path, {"candidate": file})
    writer.draw_alone({"candidate": decode(file)})
    assert set(writer.artifacts) == {"candidate", "candidate_thumbnail"}
    assert (tmp_path / writer.artifacts["candidate"]).read_bytes() == file.data
    shot = read(tmp_path, writer.artifacts["candidate_thumbnail"])
    # WebP is a little lossy; the red of a box would differ by far more.
    assert np.abs(shot.astype(int) - gradient).max() < 20


def test_transparency_is_shown_on_a_checkerboard(tmp_path: Path) -> None:
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[:, :16] = (10, 20, 30, 255)
    file = store(pixels, "TIFF")
    writer = PictureWriter(tmp_path, {"baseline": file})
    writer.draw_alone({"baseline": decode(file)})
    shown = read(tmp_path, writer.artifacts["baseline"])
    assert (shown[:, :16] == (10, 20, 30)).all()
    assert set(np.unique(shown[:, 16:])) == {204, 255}
    assert (shown[0, 16] != shown[8, 16]).all()


def test_an_image_of_16_bits_is_stored_as_it_is_with_a_thumbnail(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    levels = np.linspace(0, 65535, 32 * 32).astype(np.uint16).reshape(32, 32)
    Image.fromarray(levels).save(buffer, "PNG")
    file = parse_image(buffer.getvalue(), 10**9)
    writer = PictureWriter(tmp_path, {"baseline": file})
    writer.draw_alone({"baseline": decode(file)})
    assert (tmp_path / writer.artifacts["baseline"]).read_bytes() == file.data
    shot = read(tmp_path, writer.artifacts["baseline_thumbnail"])
    assert np.abs(shot[:, :, 0].astype(int) - (levels >> 8)).max() < 20


def test_no_picture_means_no_file(tmp_path: Path) -> None:
    writer = PictureWriter(tmp_path, {})
    writer.draw_alone({})
    assert writer.artifacts == {}
    assert list(tmp_path.iterdir()) == []


def test_what_is_masked_is_hatched_in_every_thumbnail(tmp_path: Path) -> None:
    baseline = np.full((90, 120, 3), 250, np.uint8)
    candidate = baseline.copy()
    candidate[10:40, 10:60] = 40
    candidate[70:80, 100:110] = 40
    files = {"baseline": store(baseline), "candidate": store(candidate)}
    images = {"baseline": baseline, "candidate": candidate}
    settings = Settings(masks=(Mask(x=0, y=0, width=64, height=48),))
    writer = PictureWriter(tmp_path, files)
    writer.draw_comparison(
        compare_arrays(images["baseline"], images["candidate"], settings), images
    )
    for role in (*SIDES, "diff"):
        shot = read(tmp_path, writer.artifacts[f"{role}_thumbnail"]).astype(int)
        teal = shot[:, :, 1] - shot[:, :, 0] > 40
        assert teal[:48, :64].mean() > 0.1
        assert not teal[50:, 70:].any()
    for side in SIDES:
        with Image.open(tmp_path / writer.artifacts[f"{side}_mask"]) as veil:
            opacity = np.asarray(veil.convert("RGBA"))[..., 3]
        assert opacity[:48, :64].all()
        assert np.count_nonzero(opacity) == 48 * 64
    # What is masked is laid over the difference, and is nothing that was ignored otherwise.
    difference = read(tmp_path, writer.artifacts["diff"]).astype(int)
    assert np.ptp(difference[:48, :64], axis=2).max() == 0
    assert "ignored" not in writer.artifacts


def test_the_mask_of_a_larger_canvas_is_cut_to_each_image(tmp_path: Path) -> None:
    baseline = np.full((90, 120, 3), 250, np.uint8)
    images = {"baseline": baseline, "candidate": baseline[:60]}
    files = {side: store(image) for side, image in images.items()}
    settings = Settings(masks=(Mask(x=0, y=50, width="50%", height="100%"),))
    writer = PictureWriter(tmp_path, files)
    writer.draw_comparison(
        compare_arrays(images["baseline"], images["candidate"], settings), images
    )
    for side, height in (("baseline", 90), ("candidate", 60)):
        assert read(tmp_path, writer.artifacts[f"{side}_thumbnail"]).shape == (height, 120, 3)
        with Image.open(tmp_path / writer.artifacts[f"{side}_mask"]) as veil:
            assert veil.size == (120, height)


def test_thumbnails_of_a_scaled_pair_show_the_same_part(tmp_path: Path) -> None:
    candidate = page(80, 60)
    candidate[50:60, 10:30] = (220, 38, 38)
    larger = np.repeat(np.repeat(candidate, 3, axis=0), 3, axis=1)
    settings = Settings(on_size_mismatch="scale")
    artifacts = draw_pair(tmp_path, page(80, 60), larger, settings=settings)
    assert read(tmp_path, artifacts["candidate"]).shape == (240, 180, 3)
    for role in (*SIDES, "diff"):
        assert read(tmp_path, artifacts[f"{role}_thumbnail"]).shape == (80, 60, 3)


def test_the_box_on_a_baseline_stands_where_it_was_before_the_page_moved(tmp_path: Path) -> None:
    baseline = np.full((200, 300, 3), 255, np.uint8)
    baseline[20:180:9, 10:290] = 40
    baseline[20:180, 30:280:13] = 90
    candidate = np.full_like(baseline, 255)
    candidate[12:, 15:] = baseline[:-12, :-15]
    candidate[100:120, 140:180] = (37, 99, 235)
    settings = Settings(align="translate")
    artifacts = draw_pair(tmp_path, baseline, candidate, settings=settings)
    boxes = {}
    for side in SIDES:
        picture = read(tmp_path, artifacts[f"{side}_thumbnail"]).astype(int)
        red = (picture[:, :, 0] > 150) & (picture[:, :, 1] < 110) & (picture[:, :, 2] < 130)
        rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
        boxes[side] = np.array([rows[0], rows[-1], columns[0], columns[-1]])
    moved = boxes["candidate"] - boxes["baseline"]
    assert np.abs(moved - (12, 12, 15, 15)).max() <= 1
