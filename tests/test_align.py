"""Inserted and removed rows: the bands, and the baseline on the candidate's rows."""

import numpy as np
import pytest
from drawing import WIDTH, draw_page

from visualdiff import Mask, RegionKind, compare_images
from visualdiff.align import Aligned, align_rows, move_mask
from visualdiff.errors import MaskError
from visualdiff.settings import Focus
from visualdiff.tiles import Pixels

PAGE = draw_page(60)
BAND = np.full((48, WIDTH, 3), (120, 40, 40), np.uint8)


def insert(row: int, page: Pixels = PAGE, band: Pixels = BAND) -> Pixels:
    return np.concatenate((page[:row], band, page[row:]))


def align(baseline: Pixels, candidate: Pixels) -> Aligned:
    aligned = align_rows(baseline, candidate, "red")
    assert aligned is not None
    return aligned


def test_inserted_rows_are_a_band_of_the_candidate() -> None:
    candidate = insert(300)
    aligned = align(PAGE, candidate)
    assert np.array_equal(aligned.baseline, candidate)
    (band,) = aligned.bands
    assert (band.x, band.y, band.width, band.height) == (0, 300, WIDTH, 48)
    assert (band.kind, band.space) == (RegionKind.INSERTED_ROWS, "candidate")
    assert band.description == "48 rows inserted at y = 300"
    assert band.diff_pixels == 48 * WIDTH


def test_removed_rows_are_a_band_of_the_baseline() -> None:
    baseline = insert(300)
    aligned = align(baseline, PAGE)
    assert np.array_equal(aligned.baseline, PAGE)
    (band,) = aligned.bands
    assert (band.y, band.height) == (300, 48)
    assert (band.kind, band.space) == (RegionKind.REMOVED_ROWS, "baseline")
    assert band.description == "48 rows removed at y = 300"


def test_one_row_is_one_row() -> None:
    (band,) = align(PAGE, insert(300, band=BAND[:1])).bands
    assert band.description == "1 row inserted at y = 300"


def test_bands_come_from_top_to_bottom_each_in_its_own_rows() -> None:
    candidate = np.delete(insert(300), slice(900, 960), axis=0)
    bands = align(PAGE, candidate).bands
    assert [band.description for band in bands] == [
        "48 rows inserted at y = 300",
        # 900 in the candidate is 852 in the baseline, and the blank rows above look the same.
        "60 rows removed at y = 852",
    ]


def test_other_changes_stay() -> None:
    candidate = insert(300)
    candidate[1000:1010, 50:80] = (0, 200, 0)
    aligned = align(PAGE, candidate)
    differing = (aligned.baseline != candidate).any(axis=2)
    assert not differing[:1000].any()
    assert not differing[1010:].any()
    assert differing[1000:1010, 50:80].all()


@pytest.mark.parametrize("taller", [True, False])
def test_a_sidebar_that_stayed_is_compared_where_it_is(taller: bool) -> None:
    candidate = insert(300)
    candidate[: len(PAGE), :100] = PAGE[:, :100]
    candidate[len(PAGE) :, :100] = 250
    if not taller:
        candidate = candidate[: len(PAGE)]
    candidate[500:510, 20:40] = (0, 200, 0)
    aligned = align(PAGE, candidate)
    differing = (aligned.baseline != candidate).any(axis=2)
    assert differing.sum() == 200
    assert differing[500:510, 20:40].all()
    (band,) = aligned.bands
    assert (band.x, band.x + band.width) == (100, WIDTH)


def test_what_is_cut_off_below_is_not_told() -> None:
    (band,) = align(PAGE, insert(300)[: len(PAGE)]).bands
    assert band.description == "48 rows inserted at y = 300"


def test_what_is_lost_above_a_footer_is_told_as_it_may_have_been_removed() -> None:
    candidate = insert(300)[: len(PAGE)]
    candidate[-100:] = PAGE[-100:]
    aligned = align(PAGE, candidate)
    assert [band.description for band in aligned.bands] == [
        "48 rows inserted at y = 300",
        "48 rows removed at y = 1,052",
    ]
    assert np.array_equal(aligned.baseline, candidate)


def test_a_paragraph_removed_near_the_end_is_told() -> None:
    candidate = np.delete(insert(100), slice(1040, 1088), axis=0)
    found = compare_images(PAGE, candidate, on_shift="ignore", max_shift_rows=48)
    assert not found.passed


@pytest.mark.parametrize("lost", [True, False])
def test_what_only_one_image_has_of_a_sidebar_is_a_change(lost: bool) -> None:
    shorter, taller = PAGE.copy(), insert(300)
    shorter[:, :100] = taller[:, :100] = 250
    for image in (shorter, taller):
        image[100:1100:40, 10:80] = np.arange(25)[:, None, None] * 9
    taller[1210:1230, 20:80] = (0, 0, 200)
    images = (taller, shorter) if lost else (shorter, taller)
    assert not compare_images(*images, on_shift="ignore").passed


def test_what_scrolls_under_a_mask_is_no_shift() -> None:
    candidate = PAGE.copy()
    candidate[300:800] = np.roll(PAGE[300:800], -20, axis=0)
    mask = Mask(x=0, y=300, width=WIDTH, height=500)
    assert compare_images(PAGE, candidate, masks=(mask,)).passed


def test_what_nobody_can_see_is_no_shift() -> None:
    before = np.dstack((PAGE, np.zeros(PAGE.shape[:2], np.uint8)))
    assert compare_images(before, np.roll(before, 33, axis=0)).passed


def test_a_wide_page_with_a_sidebar_takes_no_memory_to_speak_of() -> None:
    page = np.tile(PAGE[:200], (1, 60, 1))
    candidate = insert(80, page, np.tile(BAND, (1, 60, 1)))[:200]
    candidate[:, :2000] = page[:, :2000]
    assert not compare_images(page, candidate).passed


def test_rows_that_go_further_up_are_told() -> None:
    candidate = np.delete(insert(200), slice(700, 748), axis=0)
    assert len(align(PAGE, candidate).bands) == 2


@pytest.mark.parametrize(
    ("baseline", "candidate"),
    [(PAGE, PAGE[:, 1:]), (PAGE[:60], insert(20, PAGE[:60])), (PAGE, 255 - PAGE)],
    ids=["widths", "small", "theme"],
)
def test_images_without_a_shift_stay_as_they_are(baseline: Pixels, candidate: Pixels) -> None:
    assert align_rows(baseline, candidate, "red") is None


# --- what a comparison makes of it ---


def test_inserted_rows_alone_fail_and_mark_nothing_else() -> None:
    found = compare_images(PAGE, insert(300))
    assert not found.passed
    assert found.reasons == ("48 rows inserted at y = 300",)
    assert found.score == 1
    assert found.diff_pixels == 0
    assert len(found.regions) == 1


def test_the_untouched_score_is_that_of_images_that_were_not_aligned() -> None:
    aligned = compare_images(PAGE, insert(300))
    plain = compare_images(PAGE, insert(300), align="none")
    assert aligned.raw_channels == plain.raw_channels
    assert min(plain.raw_channels.values()) < 0.9
    assert all("rows" not in region.kind for region in plain.regions)
    assert plain.reasons[0].startswith("size 320×1200 → 320×1248")


def test_a_change_below_is_found_beside_the_rows() -> None:
    candidate = insert(300)
    candidate[1000:1010, 50:80] = (0, 200, 0)
    found = compare_images(PAGE, candidate)
    band, change = found.regions
    assert band.kind is RegionKind.INSERTED_ROWS
    assert (change.x, change.y, change.width, change.height) == (50, 1000, 30, 10)
    assert found.diff_pixels == 300


@pytest.mark.parametrize("policy", ["warn", "ignore"])
def test_rows_may_be_allowed(policy: str) -> None:
    found = compare_images(PAGE, insert(300), on_shift=policy)
    assert found.passed
    assert found.warnings == (("48 rows inserted at y = 300",) if policy == "warn" else ())


def test_allowed_rows_do_not_excuse_another_change() -> None:
    candidate = insert(300)
    candidate[1000:1010, 50:80] = (0, 200, 0)
    assert not compare_images(PAGE, candidate, on_shift="ignore").passed


@pytest.mark.parametrize(("most", "passed"), [(48, True), (47, False), (0, False)])
def test_no_more_rows_than_allowed(most: int, passed: bool) -> None:
    found = compare_images(PAGE, insert(300), on_shift="ignore", max_shift_rows=most)
    assert found.passed is passed
    if not passed:
        assert found.reasons == (
            f"48 rows inserted or removed, wanted at most {most} (max_shift_rows)",
        )


def test_a_mask_goes_with_what_it_covers() -> None:
    candidate = insert(300)
    candidate[1048:1058, 50:80] = (0, 200, 0)
    mask = Mask(x=40, y=1000, width=50, height=10)
    found = compare_images(PAGE, candidate, on_shift="ignore", masks=(mask,))
    assert found.passed
    assert found.ignored_pixels.masked > 0


def find_masked_rows(baseline: Pixels, candidate: Pixels, top: int, end: int) -> list[int]:
    """Return first and last row of a mask on the candidate, [] where nothing of it is left."""
    mask = np.zeros(baseline.shape[:2], np.bool_)
    mask[top:end, 30:90] = True
    moved = move_mask(mask, align(baseline, candidate))
    assert moved.shape == candidate.shape[:2]
    assert not moved[:, :30].any()
    assert not moved[:, 90:].any()
    rows = np.flatnonzero(moved[:, 30:90].all(axis=1))
    assert moved.sum() == 60 * len(rows)
    return [int(rows[0]), int(rows[-1]) + 1] if len(rows) else []


@pytest.mark.parametrize(
    ("top", "end", "moved"),
    [
        (10, 20, [10, 20]),
        (290, 300, [290, 300]),
        (300, 310, [348, 358]),
        # What came into the midst of a mask is masked.
        (290, 310, [290, 358]),
        (1000, 1200, [1048, 1248]),
    ],
)
def test_below_inserted_rows_a_mask_stands_lower(top: int, end: int, moved: list[int]) -> None:
    assert find_masked_rows(PAGE, insert(300), top, end) == moved


@pytest.mark.parametrize(
    ("top", "end", "moved"),
    [
        (300, 348, []),
        (310, 340, []),
        (290, 320, [290, 300]),
        (320, 360, [300, 312]),
        (290, 360, [290, 312]),
        (348, 360, [300, 312]),
    ],
)
def test_of_a_mask_on_removed_rows_the_rest_is_left(top: int, end: int, moved: list[int]) -> None:
    assert find_masked_rows(insert(300), PAGE, top, end) == moved


def test_beside_the_rows_that_moved_a_mask_stays_with_its_sidebar() -> None:
    candidate = insert(300)
    candidate[: len(PAGE), :100] = PAGE[:, :100]
    candidate[len(PAGE) :, :100] = 250
    mask = np.zeros(PAGE.shape[:2], np.bool_)
    mask[500:510] = True
    moved = move_mask(mask, align(PAGE, candidate))
    assert np.flatnonzero(moved[:, 50]).tolist() == list(range(500, 510))
    assert np.flatnonzero(moved[:, 150]).tolist() == list(range(548, 558))


def test_rows_that_moved_masked_content_only_are_nobodys_business() -> None:
    candidate = insert(300)[: len(PAGE)]
    below = Mask(x=0, y=280, width="100%", height="100%")
    assert compare_images(PAGE, candidate, masks=(below,)).passed
    assert compare_images(PAGE, candidate, focus=[Focus(x=9, y=9, width=99, height=99)]).passed
    # One row of text below is looked at: it has moved.
    above = Mask(x=0, y=280, width="100%", height=620)
    found = compare_images(PAGE, candidate, masks=(above,))
    assert found.reasons == ("48 rows inserted at y = 300",)


def test_a_focus_whose_rows_were_removed_is_an_error_and_never_passes() -> None:
    gone = Focus(x=0, y=305, width=100, height=40)
    with pytest.raises(MaskError, match="all that is not masked was removed"):
        compare_images(insert(300), PAGE, on_shift="ignore", focus=[gone])


def test_a_focus_goes_with_what_it_shows() -> None:
    candidate = insert(300)
    candidate[1052:1056, 50:60] = (0, 200, 0)
    area = Focus(x=40, y=1000, width=50, height=10)
    (score,) = compare_images(PAGE, candidate, on_shift="ignore", focus=[area]).focus
    assert (score.y, score.diff_pixels, score.passed) == (1000, 40, False)


def test_opaque_alpha_and_sixteen_bits_are_aligned_too() -> None:
    opaque = [
        np.dstack((image, np.full(image.shape[:2], 255, np.uint8)))
        for image in (PAGE, insert(300))
    ]
    assert compare_images(*opaque).reasons == ("48 rows inserted at y = 300",)
    deep = [image.astype(np.uint16) * 257 for image in (PAGE, insert(300))]
    assert compare_images(*deep).reasons == ("48 rows inserted at y = 300",)
    gray = [image[:, :, 0] for image in (PAGE, insert(300))]
    assert compare_images(*gray).reasons == ("48 rows inserted at y = 300",)
