import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from visualdiff import Settings, Status
from visualdiff.compare import compare_arrays
from visualdiff.model import Comparison
from visualdiff.rasterising import Explained, explain_by_rasterising
from visualdiff.settings import Mask, Policy
from visualdiff.tiles import Pixels, make_sparse

Levels = NDArray[np.uint8]
Colour = tuple[int, int, int]

FINE = 4
SIZE = (480, 352)
PAPER: Colour = (252, 252, 250)
INK: Colour = (31, 41, 55)
BUTTON: Colour = (37, 99, 235)
WORDS = "The same words on each line tell one page from no other page that has them"
GERMAN = "Dieselben Worte auf jeder Zeile machen keine Seite von einer anderen verschieden"


def draw(
    shift: tuple[float, float] = (0, 0),
    *,
    words: str = WORDS,
    number: str = "1284",
    height: float = 10,
    ink: Colour = INK,
    button: Colour = BUTTON,
    icon: bool = True,
    lines: int = 16,
) -> Levels:
    """Draw a page whose text lies a part of a pixel further right and lower; boxes stay."""
    image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), PAPER)
    pencil = ImageDraw.Draw(image)
    right, down = (round(part * FINE) for part in shift)
    for row in range(lines):
        text = f"Invoice {number}" if row == 0 else words[row:] + words[:row]
        font = ImageFont.load_default(height * FINE)
        pencil.text((12 * FINE + right, (10 + 18 * row) * FINE + down), text, ink, font)
    pencil.rectangle((12 * FINE, 310 * FINE, 90 * FINE - 1, 340 * FINE - 1), fill=button)
    pencil.rectangle(
        (200 * FINE, 310 * FINE, 460 * FINE - 1, 340 * FINE - 1), outline=ink, width=4
    )
    if icon:
        pencil.ellipse((440 * FINE, 8 * FINE, 456 * FINE, 24 * FINE), fill=(220, 38, 38))
    return np.array(image.resize(SIZE, Image.Resampling.BOX))


RASTERISED = (0.25, 0.5)


def explain(baseline: Pixels, candidate: Pixels) -> Explained | None:
    visible = make_sparse((baseline != candidate).any(axis=2))
    return explain_by_rasterising(baseline, candidate, visible)


def compare(baseline: Pixels, candidate: Pixels, **chosen: object) -> Comparison:
    settings = Settings(**chosen)  # type: ignore[arg-type]  # what a test chose, by name
    return compare_arrays(baseline, candidate, settings).comparison


def test_all_of_a_page_rasterised_anew_is_explained() -> None:
    baseline, candidate = draw(), draw(RASTERISED)
    explained = explain(baseline, candidate)
    assert explained is not None
    assert np.array_equal(explained.pixels, (baseline != candidate).any(axis=2))
    assert explained.coverage > 0.8
    assert explained.flat_pixels == 0


@pytest.mark.parametrize("depth", ["gray", "alpha", "16 bits"])
def test_it_is_explained_in_every_layout(depth: str) -> None:
    def convert(image: Levels) -> Pixels:
        if depth == "gray":
            return image[:, :, :1].copy()
        if depth == "alpha":
            return np.dstack((image, np.full(image.shape[:2], 255, np.uint8)))
        return image * np.uint16(257)

    found = compare(convert(draw()), convert(draw(RASTERISED)))
    assert found.status is Status.PASSED
    assert found.ignored_pixels.rasterising > 1000
    assert found.score == 1
    assert found.regions == ()


def test_translucent_pages_are_compared_as_they_are() -> None:
    glass = np.full((SIZE[1], SIZE[0]), 128, np.uint8)
    found = compare(np.dstack((draw(), glass)), np.dstack((draw(RASTERISED), glass)))
    assert found.status is Status.FAILED


@pytest.mark.parametrize(
    ("changes", "box"),
    [
        ({"number": "1234"}, (12, 10, 90, 26)),
        ({"icon": False}, (438, 6, 458, 26)),
        ({"button": (44, 104, 232)}, (12, 310, 90, 340)),
    ],
)
def test_a_change_on_a_page_rasterised_anew_is_found_where_it_is(
    changes: dict[str, object], box: tuple[int, int, int, int]
) -> None:
    found = compare(draw(), draw(RASTERISED, **changes))  # type: ignore[arg-type]  # by name
    assert found.status is Status.FAILED
    assert found.ignored_pixels.rasterising > 1000
    (region,) = found.regions
    left, top, right, bottom = box
    assert left <= region.x
    assert top <= region.y
    assert region.x + region.width <= right
    assert region.y + region.height <= bottom


@pytest.mark.parametrize(
    "candidate",
    [
        draw(words=GERMAN),
        draw(height=11),
        draw(ink=(75, 85, 99)),
        draw(ink=(0, 0, 0)),
        ~draw(),
        np.roll(draw(), 1, axis=0),
        np.roll(draw(), 1, axis=1),
        np.roll(draw(), (2, 1), axis=(0, 1)),
        draw((0, 3)),
        draw((3, 0)),
    ],
    ids=[
        "other language",
        "larger",
        "paler",
        "darker",
        "dark theme",
        "lower",
        "further right",
        "lower and further right",
        "text three pixels lower",
        "text three pixels further right",
    ],
)
def test_a_page_that_changed_all_over_cannot_pass_for_one(candidate: Levels) -> None:
    assert explain(draw(), candidate) is None
    assert compare(draw(), candidate).ignored_pixels.rasterising == 0


def test_rows_that_moved_by_one_pixel_below_a_place_are_a_change() -> None:
    candidate = draw()
    candidate[120:] = draw()[119:-1]
    assert explain(draw(), candidate) is None


def test_one_line_of_text_is_too_little_to_tell_of_a_page() -> None:
    assert explain(draw(lines=2), draw(RASTERISED, lines=2)) is None
    component = draw()[:60, :200].copy(), draw(RASTERISED)[:60, :200].copy()
    assert explain(*component) is None


@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1), (31, 4000)])
def test_a_strip_is_no_page(shape: tuple[int, int]) -> None:
    strip = np.zeros((*shape, 3), np.uint8)
    assert explain(strip, strip + np.uint8(9)) is None


def test_a_small_part_of_a_large_page_is_not_the_page() -> None:
    def repeat(image: Levels) -> Levels:
        return np.concatenate((image, np.tile(draw(), (15, 1, 1))))

    assert explain(repeat(draw()), repeat(draw(RASTERISED))) is None
    assert explain(draw(), draw(RASTERISED)) is not None


def test_anti_aliasing_all_over_tells_of_the_page_that_a_few_pixels_are_part_of() -> None:
    baseline, candidate = draw(), draw(RASTERISED)
    differing = (baseline != candidate).any(axis=2)
    visible = differing.copy()
    visible[26:] = False
    alone = explain_by_rasterising(baseline, candidate, make_sparse(visible))
    explained = explain_by_rasterising(
        baseline, candidate, make_sparse(visible), differing & ~visible
    )
    assert alone is None
    assert explained is not None
    assert np.array_equal(explained.pixels, visible)
    nothing = make_sparse(np.zeros_like(visible))
    assert explain_by_rasterising(baseline, candidate, nothing, differing) is None


def test_equal_images_need_no_explanation() -> None:
    assert explain(draw(), draw()) is None


def test_users_are_told_and_may_forbid_it() -> None:
    images = draw(), draw(RASTERISED)
    warned = compare(*images)
    assert warned.status is Status.PASSED
    (warning,) = warned.warnings
    assert warning.startswith("text re-rasterised over ")
    assert "no flat area changed" in warning
    assert f"{warned.ignored_pixels.rasterising:,} px ignored" in warning
    forbidden = compare(*images, on_renderer_change=Policy.FAIL)
    assert forbidden.status is Status.FAILED
    assert forbidden.reasons == (warning,)
    assert forbidden.warnings == ()
    silent = compare(*images, on_renderer_change=Policy.IGNORE)
    assert silent.status is Status.PASSED
    assert silent.warnings == ()


def test_a_changed_flat_area_is_told_of() -> None:
    (warning,) = compare(draw(), draw(RASTERISED, button=(44, 104, 232))).warnings
    assert "px of flat areas changed" in warning


def test_counting_anti_aliasing_counts_this_too() -> None:
    found = compare(draw(), draw(RASTERISED), antialiasing="count")
    assert found.status is Status.FAILED
    assert found.ignored_pixels.rasterising == 0
    assert found.warnings == ()


def test_a_page_that_grew_fails_but_its_text_is_no_change() -> None:
    longer = np.concatenate((draw(RASTERISED), np.full((8, SIZE[0], 3), 252, np.uint8)))
    found = compare(draw(), longer)
    assert found.status is Status.FAILED
    assert found.diff_pixels == 8 * SIZE[0]
    assert found.ignored_pixels.rasterising > 1000


def test_what_is_masked_is_no_part_of_the_page() -> None:
    # On a long page, few of whose lines are looked at, they are all that was rasterised anew.
    long = np.concatenate([draw()] * 6), np.concatenate([draw(RASTERISED), *[draw()] * 5])
    explained = explain(*long)
    assert explained is not None
    masked = np.zeros(long[0].shape[:2], np.bool_)
    masked[SIZE[1] :] = True
    visible = make_sparse((long[0] != long[1]).any(axis=2))
    alone = explain_by_rasterising(*long, visible, masked=masked)
    assert alone is not None
    assert alone.coverage > 4 * explained.coverage


def test_a_masked_change_of_a_rasterised_page_is_not_judged() -> None:
    candidate = draw(RASTERISED, number="1234")
    mask = Mask(x=0, y=0, width="100%", height=28)
    found = compare(draw(), candidate, masks=(mask,))
    assert found.passed
    assert "re-rasterised" in found.warnings[0]
    assert not compare(draw(), candidate).passed
