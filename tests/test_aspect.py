"""Two sizes of one page, told from those of two pages."""

import pytest

from visualdiff.aspect import explain_refusal


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((1280, 800), (2560, 1600)),
        ((2560, 1601), (1280, 800)),  # half a pixel was rounded up
        ((375, 812), (984, 2132)),  # a device pixel ratio of 2.625
        ((375, 8000), (984, 21000)),  # the width's rounding shows in such a height
        ((390, 844), (1170, 2532)),
        ((1280, 800), (1600, 1000)),
        ((3, 2), (1500, 1000)),
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
