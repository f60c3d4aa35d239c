"""Two sizes of one page, told from those of two pages."""

import pytest

from visualdiff.aspect import explain_no_crop, explain_refusal, find_whole_factor


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((1280, 800), (2560, 1600)),
        ((2560, 1601), (1280, 800)),  # half a pixel was rounded up
        ((375, 812), (984, 2132)),  # a device pixel ratio of 2.625
        ((375, 8000), (984, 21000)),  # the width's rounding shows in such a height
        ((390, 844), (1170, 2532)),
        ((1280, 800), (1600, 1000)),
        ((16, 16), (128, 128)),
        ((400, 300), (1202, 900)),  # two thirds of a pixel
        ((400, 300), (1198, 902)),
    ],
)
def test_two_scales_of_one_page_are_told(old: tuple[int, int], new: tuple[int, int]) -> None:
    assert explain_refusal(old, new) == ""
    assert explain_refusal(new, old) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((1280, 800), (1280, 848)),
        ((1280, 800), (2560, 1648)),
        ((1280, 800), (800, 1280)),
        ((1280, 800), (1300, 790)),
        ((100, 100), (200, 204)),
    ],
)
def test_other_shapes_are_refused(old: tuple[int, int], new: tuple[int, int]) -> None:
    assert explain_refusal(old, new).startswith("not scaled, as the width changed by a factor of")
    assert explain_refusal(new, old)


def test_the_factors_are_told() -> None:
    assert explain_refusal((1280, 800), (2560, 1648)) == (
        "not scaled, as the width changed by a factor of 2, the height by 2.06"
    )


def test_a_pixel_more_is_no_other_scale() -> None:
    assert "blur" in explain_refusal((1280, 800), (1280, 801))
    assert "blur" in explain_refusal((1281, 801), (1280, 800))


@pytest.mark.parametrize(
    ("small", "large", "words"),
    [
        ((400, 300), (1203, 900), "1,203 columns are 3 too many for 400 at a factor of 3"),
        ((400, 300), (1197, 900), "1,197 columns are 3 too few for 400 at a factor of 3"),
        ((400, 300), (1204, 900), "1,204 columns are 4 too many for 400 at a factor of 3"),
        ((200, 150), (402, 300), "402 columns are 2 too many for 200 at a factor of 2"),
        ((200, 200), (402, 402), "402 rows are 2 too many for 200 at a factor of 2"),
        ((300, 400), (600, 802), "802 rows are 2 too many for 400 at a factor of 2"),
    ],
)
def test_a_whole_pixel_beyond_a_whole_factor_is_refused(
    small: tuple[int, int], large: tuple[int, int], words: str
) -> None:
    assert (
        explain_refusal(small, large) == explain_refusal(large, small) == f"not scaled, as {words}"
    )


@pytest.mark.parametrize(
    ("small", "large"),
    [((12, 10), (1200, 1100)), ((2, 1), (20, 20)), ((15, 100), (30, 200)), ((100, 15), (200, 30))],
)
def test_a_short_side_is_not_scaled_to(small: tuple[int, int], large: tuple[int, int]) -> None:
    words = "not scaled, as a side of {}×{} is shorter than 16 px".format(*small)
    assert explain_refusal(small, large) == explain_refusal(large, small) == words


@pytest.mark.parametrize("large", [(360, 270), (332, 249)])
def test_a_factor_below_an_eighth_is_refused(large: tuple[int, int]) -> None:
    assert explain_refusal((40, 30), large).endswith("→ 40×30 is a factor below 1/8")


def test_a_whole_factor_is_that_of_the_longer_side() -> None:
    assert find_whole_factor((751, 16000), (375, 8000)) == 2
    assert find_whole_factor((1202, 898), (400, 300)) == 3
    assert find_whole_factor((1203, 900), (400, 300)) == 0
    assert find_whole_factor((1601, 1000), (1600, 1000)) == 0


@pytest.mark.parametrize("old", [(1280, 800), (1280, 400), (640, 800)])
def test_half_of_an_image_is_enough_to_crop_to(old: tuple[int, int]) -> None:
    assert explain_no_crop(old, (1280, 800)) == explain_no_crop((1280, 800), old) == ""


def test_less_than_half_of_either_image_is_too_little_to_crop_to() -> None:
    assert explain_no_crop((1280, 800), (1280, 399)) == (
        "not cropped, as both images have only 510,720 of the 1,024,000 px of the baseline, "
        "wanted at least half"
    )
    assert "1,024,000 px of the candidate" in explain_no_crop((1, 1), (1280, 800))
    assert explain_no_crop((1280, 100), (100, 1280))
