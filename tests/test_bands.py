"""Where a row of one image stands in the other."""

from hypothesis import given
from hypothesis import strategies as st

from visualdiff import Motion, Region, RegionKind
from visualdiff.bands import Side, place_regions, select_bands


def make_region(y: int, height: int, kind: RegionKind = RegionKind.CHANGED, x: int = 3) -> Region:
    return Region(
        x=x,
        y=y,
        width=5,
        height=height,
        diff_pixels=1,
        kind=kind,
        space="baseline" if kind is RegionKind.REMOVED_ROWS else "candidate",
        channel="red",
        description="",
    )


def insert(y: int, height: int) -> Region:
    return make_region(y, height, RegionKind.INSERTED_ROWS)


def remove(y: int, height: int) -> Region:
    return make_region(y, height, RegionKind.REMOVED_ROWS)


def place(regions: list[Region], side: Side) -> list[tuple[int, int]]:
    return [(region.y, region.height) for region in place_regions(regions, side)]


def test_without_bands_nothing_moves() -> None:
    regions = [make_region(10, 4), make_region(100, 4)]
    assert place_regions(regions, "baseline") == tuple(regions)
    assert place_regions(regions, "candidate") == tuple(regions)


def test_bands_are_told_from_other_regions() -> None:
    regions = [make_region(1, 1), insert(5, 2), remove(9, 3)]
    assert select_bands(regions) == (regions[1], regions[2])


def test_below_inserted_rows_the_baseline_is_higher_up() -> None:
    regions = [insert(50, 20), make_region(10, 4), make_region(49, 1), make_region(70, 4)]
    assert place(regions, "candidate") == [(50, 20), (10, 4), (49, 1), (70, 4)]
    assert place(regions, "baseline") == [(50, 0), (10, 4), (49, 1), (50, 4)]


def test_below_removed_rows_the_baseline_is_lower() -> None:
    regions = [remove(50, 20), make_region(49, 1), make_region(50, 4)]
    assert place(regions, "baseline") == [(50, 20), (49, 1), (70, 4)]
    assert place(regions, "candidate") == [(50, 0), (49, 1), (50, 4)]


def test_bands_add_up_in_either_order() -> None:
    # 10 rows came at 20, 30 went at 60 (70 in the candidate), 5 came at 90 in the candidate.
    regions = [insert(90, 5), remove(60, 30), insert(20, 10), make_region(100, 1)]
    assert place(regions, "candidate") == [(90, 5), (70, 0), (20, 10), (100, 1)]
    assert place(regions, "baseline") == [(110, 0), (60, 30), (20, 0), (115, 1)]


def test_what_stands_beside_a_band_did_not_move() -> None:
    regions = [insert(50, 20), make_region(70, 4, x=8), make_region(70, 4, x=4)]
    assert place(regions, "baseline") == [(50, 0), (70, 4), (70 - 20, 4)]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5), st.integers(0, 5)), max_size=6),
    st.integers(0, 80),
)
def test_rows_are_where_a_list_of_rows_says(gaps: list[tuple[int, int, int]], row: int) -> None:
    # Equal rows, then rows that came and rows that went, again and again; an oracle by counting.
    pairs: list[tuple[int | None, int | None]] = []
    regions = []
    old = new = 0
    for equal, came, went in [*gaps, (100, 0, 0)]:
        for _ in range(equal):
            pairs.append((old, new))
            old, new = old + 1, new + 1
        if came:
            regions.append(insert(new, came))
        if went:
            regions.append(remove(old, went))
        new += came
        old += went
    partners = {here: there for there, here in pairs}
    if row in partners:
        moved = place([*regions, make_region(row, 1)], "baseline")[-1]
        assert moved == (partners[row], 1)


def test_on_the_baseline_a_motion_of_the_page_is_undone() -> None:
    region = make_region(40, 10)
    (before,) = place_regions([region], "baseline", Motion(dx=2, dy=-7))
    assert (before.x, before.y, before.width, before.height) == (1, 47, 5, 10)
    assert place_regions([region], "candidate", Motion(dx=2, dy=-7)) == (region,)


def test_a_box_that_turned_stays_inside_the_image() -> None:
    motion = Motion(dx=9, dy=30, rotation_degrees=10, scale=0.5)
    (before,) = place_regions([make_region(40, 10)], "baseline", motion)
    assert before.x == 0
    assert before.y >= 0
    assert before.width > 0
    assert before.height > 20
