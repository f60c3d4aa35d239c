"""A baseline laid over its candidate: what is told of sizes and motion, and what counts."""

import numpy as np
import pytest
from drawing import draw_glyphs

from visualdiff import Comparison, Focus, Mask, Motion, Status, compare_images
from visualdiff.affine import to_affine
from visualdiff.compare import compare_arrays
from visualdiff.resampling import warp
from visualdiff.settings import Settings
from visualdiff.tiles import Pixels
from visualdiff.verdict import describe_scope

PAGE = draw_glyphs()
RED = (220, 38, 38)


def with_stamp(page: Pixels = PAGE, x: int = 400, y: int = 200) -> Pixels:
    """Return the page with a red rectangle of 60×24 px."""
    stamped = page.copy()
    stamped[y : y + 24, x : x + 60] = RED
    return stamped


def move(image: Pixels, right: int, down: int) -> Pixels:
    height, width = image.shape[:2]
    moved = np.full_like(image, 128)
    moved[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = image[
        max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return moved


def compare(baseline: Pixels, candidate: Pixels, **chosen: object) -> Comparison:
    return compare_images(baseline, candidate, **chosen)


class TestTranslate:
    def test_a_moved_page_passes_with_a_warning(self) -> None:
        found = compare(PAGE, move(PAGE, 3, -2), align="translate")
        assert (found.status, found.score, found.diff_pixels) == (Status.PASSED, 1.0, 0)
        assert found.motion == Motion(dx=3, dy=-2)
        (words,) = found.warnings
        assert words.startswith("aligned by (3, -2) px; 3 columns at the left and 2 rows at the b")
        assert found.masked_pixels == 640 * 480 - 637 * 478
        assert describe_scope(found).endswith("2,714 px masked or without a counterpart")

    def test_the_raw_scores_are_those_of_the_images_as_they_are(self) -> None:
        candidate = move(PAGE, 3, -2)
        found = compare(PAGE, candidate, align="translate")
        assert found.raw_channels == compare(PAGE, candidate, align="none").raw_channels
        assert max(found.raw_channels.values()) < 0.9

    def test_it_is_not_done_unless_it_is_asked_for(self) -> None:
        found = compare(PAGE, move(PAGE, 3, -2))
        assert found.status is Status.FAILED
        assert found.motion is None

    def test_a_change_on_a_moved_page_is_found_in_its_place(self) -> None:
        found = compare(PAGE, move(with_stamp(), 7, 5), align="translate")
        assert found.status is Status.FAILED
        (region,) = found.regions
        assert (region.x, region.y, region.width, region.height) == (407, 205, 60, 24)
        assert region.space == "candidate"

    def test_a_refusal_is_told_and_lets_nothing_pass(self) -> None:
        candidate = move(PAGE, 60, 0)
        found = compare(PAGE, candidate, align="translate")
        plain = compare(PAGE, candidate, align="none")
        assert found.motion is None
        assert found.warnings == (
            "not aligned: a move by (60, 0) px is too far, wanted at most 48 px",
        )
        assert (found.status, found.diff_pixels) == (Status.FAILED, plain.diff_pixels)

    def test_equal_pages_are_not_looked_at(self) -> None:
        found = compare(np.full_like(PAGE, 255), np.full_like(PAGE, 255), align="translate")
        assert (found.warnings, found.motion) == ((), None)

    def test_a_mask_moves_with_what_it_covers(self) -> None:
        candidate = move(with_stamp(), 7, 5)
        mask = Mask(x=400, y=200, width=60, height=24)
        found = compare(PAGE, candidate, align="translate", masks=(mask,))
        assert found.status is Status.PASSED
        assert found.ignored_pixels.masked > 1000
        off = Mask(x=407, y=205, width=60, height=24)
        assert not compare(PAGE, candidate, align="translate", masks=(off,)).passed

    def test_what_is_masked_does_not_steer(self) -> None:
        page = np.full_like(PAGE, 245)
        page[40:440, 200:600] = PAGE[40:440, 200:600]
        candidate = move(page, 30, 0)
        candidate[:, :30] = 245
        candidate[200:230, 0:26] = RED
        mask = Mask(x=150, y=0, width=490, height=480)
        found = compare(page, candidate, align="translate", masks=(mask,))
        assert found.status is Status.FAILED
        assert found.motion is None
        assert found.diff_pixels == 30 * 26

    def test_nothing_passes_because_nothing_is_left_to_compare(self) -> None:
        mask = Mask(x=0, y=0, width=637, height=480)
        candidate = move(PAGE, 5, 0)
        candidate[200:240, 637:] = RED
        found = compare(PAGE, candidate, align="translate", masks=(mask,))
        assert found.status is Status.FAILED
        assert found.motion is None
        assert found.warnings == ("not aligned: an image of one colour shows no motion",)

    def test_rows_inserted_outside_the_focus_count_for_nothing(self) -> None:
        focus = Focus(x=100, y=200, width=200, height=200)
        changed = with_stamp(x=150, y=300)
        banner = np.full((90, 640, 3), (37, 99, 235), np.uint8)
        shifted = np.concatenate((banner, changed))
        found, moved = (
            compare(PAGE, candidate, focus=(focus,), on_shift="ignore")
            for candidate in (changed, shifted)
        )
        assert found.diff_pixels > 0
        assert moved.diff_ratio == found.diff_ratio
        assert moved.score == pytest.approx(found.score, abs=1e-9)

    def test_a_focus_is_all_that_steers(self) -> None:
        focus = Focus(x=0, y=0, width=16, height=480)
        candidate = move(PAGE, 5, 0)
        candidate[200:240, 4:12] = RED
        found = compare(PAGE, candidate, align="translate", focus=(focus,))
        assert found.status is Status.FAILED
        assert found.motion is None


class TestSimilarity:
    MOTION = Motion(dx=14.0, dy=-6.0, rotation_degrees=1.5, scale=1.02)

    def turn(self, image: Pixels) -> Pixels:
        return warp(image, to_affine(self.MOTION))

    def test_a_turned_page_passes_with_a_warning(self) -> None:
        found = compare(PAGE, self.turn(PAGE), align="similarity")
        assert found.status is Status.PASSED, found.reasons
        assert found.motion is not None
        assert found.motion.rotation_degrees == pytest.approx(1.5, abs=0.02)
        (words,) = found.warnings
        assert words.startswith("aligned by a rotation by 1.50° clockwise, a scale of 1.02")

    def test_a_change_on_a_turned_page_is_found_in_its_place(self) -> None:
        found = compare(PAGE, self.turn(with_stamp()), align="similarity")
        assert found.status is Status.FAILED
        (region,) = found.regions
        x, y, width, height = to_affine(self.MOTION).move_box(400, 200, 60, 24)
        assert (region.x, region.y) == pytest.approx((x, y), abs=3)
        assert (region.width, region.height) == pytest.approx((width, height), abs=4)

    def test_another_page_fails_and_says_why_it_was_not_aligned(self) -> None:
        found = compare(PAGE, draw_glyphs(7), align="similarity")
        assert found.status is Status.FAILED
        assert found.warnings[0].startswith("not aligned: ")


class TestPad:
    CANDIDATE = np.concatenate((PAGE, 255 - PAGE[20:30]))

    def test_the_strip_counts_as_pixels_and_the_size_as_a_warning(self) -> None:
        found = compare(PAGE, self.CANDIDATE, on_size_mismatch="pad")
        assert found.status is Status.FAILED
        (reason,) = found.reasons
        assert reason.startswith("6,400 px differ visibly")
        assert found.warnings == ("size 640×480 → 640×490: the candidate is 10 px taller",)
        assert (found.fitted, found.diff_pixels) == ("padded", 6400)
        (region,) = found.regions
        assert (region.y, region.height) == (480, 10)

    def test_a_ratio_can_allow_the_strip(self) -> None:
        found = compare(PAGE, self.CANDIDATE, on_size_mismatch="pad", max_diff_ratio=0.021)
        assert (found.status, found.score) == (Status.PASSED, 1.0)
        assert found.warnings
        assert min(found.raw_channels.values()) < 0.99

    def test_it_never_allows_more_than_the_strip(self) -> None:
        stamped = with_stamp(self.CANDIDATE)
        found = compare(PAGE, stamped, on_size_mismatch="pad", max_diff_ratio=0.021)
        assert found.status is Status.FAILED
        assert found.diff_pixels > 6400

    @pytest.mark.parametrize("rows", [400, 397])
    def test_nothing_in_common_but_masked_pixels_fails(self, rows: int) -> None:
        mask = Mask(x=0, y=0, width=640, height=400)
        settings = {"on_size_mismatch": "pad", "masks": (mask,), "max_diff_ratio": 1.0}
        found = compare(PAGE, PAGE[:rows], align="none", **settings)
        assert found.status is Status.FAILED
        assert found.score < 0.9

    def test_by_default_the_size_fails(self) -> None:
        found = compare(PAGE, self.CANDIDATE, max_diff_ratio=1.0, threshold=0.0)
        assert found.reasons == ("size 640×480 → 640×490: the candidate is 10 px taller",)

    def test_what_only_one_image_has_is_neither_moved_nor_passed(self) -> None:
        found = compare(PAGE, self.CANDIDATE, on_size_mismatch="pad", align="translate")
        assert found.status is Status.FAILED
        assert "not aligned: sizes differ" in found.warnings[0]


class TestCrop:
    def test_what_is_cut_off_is_in_no_count(self) -> None:
        candidate = np.concatenate((PAGE, 255 - PAGE[:100]))
        found = compare(PAGE, candidate, on_size_mismatch="crop")
        assert (found.status, found.score, found.diff_pixels) == (Status.PASSED, 1.0, 0)
        assert found.fitted == "cropped"
        assert (found.width, found.height) == (640, 480)
        assert (found.baseline_size, found.candidate_size) == ((640, 480), (640, 580))
        assert found.warnings == (
            "candidate cropped, not compared: 100 of 580 rows, at the bottom",
        )

    def test_a_change_in_what_is_left_is_found(self) -> None:
        candidate = np.concatenate((with_stamp(), PAGE[:100]))
        found = compare(PAGE, candidate, on_size_mismatch="crop")
        assert found.diff_ratio == pytest.approx(found.diff_pixels / (640 * 480))
        (region,) = found.regions
        assert (region.x, region.y) == (400, 200)
        assert not found.passed

    def test_it_is_cut_before_rows_are_aligned(self) -> None:
        banner = np.full((40, 640, 3), (120, 40, 40), np.uint8)
        candidate = np.concatenate((PAGE[:100], banner, PAGE[100:]))
        wide = np.concatenate((candidate, candidate[:, :20]), axis=1)
        found = compare(PAGE, wide, on_size_mismatch="crop")
        assert [region.description for region in found.regions] == ["40 rows inserted at y = 100"]
        assert found.reasons == ("40 rows inserted at y = 100",)

    def test_it_is_cut_before_a_move_is_found(self) -> None:
        candidate = np.concatenate((move(PAGE, 3, 0), PAGE[:9]))
        found = compare(PAGE, candidate, on_size_mismatch="crop", align="translate")
        assert found.passed
        assert found.motion == Motion(dx=3, dy=0)
        assert len(found.warnings) == 2

    def test_a_mask_in_what_is_left_still_masks(self) -> None:
        larger = np.concatenate((PAGE, PAGE[:50]))
        mask = Mask(x=400, y=200, width=60, height=24)
        found = compare(larger, with_stamp(), on_size_mismatch="crop", masks=(mask,))
        assert found.passed
        assert found.masked_pixels == 60 * 24


class TestScale:
    def enlarge(self, image: Pixels, factor: int = 2) -> Pixels:
        return np.repeat(np.repeat(image, factor, axis=0), factor, axis=1)

    def test_a_page_at_twice_the_scale_passes_with_a_warning(self) -> None:
        found = compare(PAGE, self.enlarge(PAGE), on_size_mismatch="scale")
        assert (found.status, found.score) == (Status.PASSED, 1.0)
        assert (found.fitted, found.width, found.height) == ("scaled", 640, 480)
        assert found.warnings == ("candidate scaled by 0.5 (1280×960 → 640×480)",)
        assert found.candidate_size == (1280, 960)

    @pytest.mark.parametrize("larger", ["baseline", "candidate"])
    def test_a_change_is_found_in_pixels_of_the_smaller_image(self, larger: str) -> None:
        pages = {"baseline": PAGE, "candidate": with_stamp()}
        pages[larger] = self.enlarge(pages[larger], 3)
        found = compare(**pages, on_size_mismatch="scale")
        (region,) = found.regions
        assert (region.x, region.y, region.width, region.height) == (400, 200, 60, 24)
        assert not found.passed

    def test_a_mask_is_given_in_pixels_of_the_baseline(self) -> None:
        mask = Mask(x=800, y=400, width=120, height=48)
        settings = {"on_size_mismatch": "scale", "masks": (mask,)}
        assert compare(self.enlarge(PAGE), with_stamp(), **settings).passed

    def test_another_shape_fails_and_says_why(self) -> None:
        found = compare(PAGE, self.enlarge(PAGE)[:900], on_size_mismatch="scale")
        assert found.status is Status.FAILED
        assert found.fitted == "padded"
        assert found.reasons[0].endswith(
            "; not scaled, as the width changed by a factor of 2, the height by 1.875"
        )

    def test_inserted_rows_are_told_where_nothing_can_be_scaled(self) -> None:
        banner = np.full((40, 640, 3), (120, 40, 40), np.uint8)
        candidate = np.concatenate((PAGE[:100], banner, PAGE[100:]))
        found = compare(PAGE, candidate, on_size_mismatch="scale")
        assert found.reasons == ("40 rows inserted at y = 100",)
        assert found.fitted == "aligned"


@pytest.mark.parametrize("policy", ["crop", "scale"])
@pytest.mark.parametrize("align", ["none", "rows", "translate", "similarity"])
def test_pictures_have_one_size(policy: str, align: str) -> None:
    settings = Settings(on_size_mismatch=policy, align=align)  # type: ignore[arg-type]  # each in turn
    larger = np.repeat(np.repeat(with_stamp(), 2, axis=0), 2, axis=1)
    compared = compare_arrays(PAGE, larger, settings)
    shape = (compared.comparison.height, compared.comparison.width)
    assert compared.baseline.shape[:2] == compared.candidate.shape[:2] == shape
    assert compared.visible.shape == compared.ignored.shape == shape


def test_transparent_pages_of_two_scales_are_compared() -> None:
    page = np.dstack((PAGE, np.full(PAGE.shape[:2], 255, np.uint8)))
    page[:100, :100, 3] = 0
    larger = np.repeat(np.repeat(page, 2, axis=0), 2, axis=1)
    found = compare(page, larger, on_size_mismatch="scale")
    assert (found.passed, tuple(found.channels)) == (True, ("red", "green", "blue", "alpha"))
