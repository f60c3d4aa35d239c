"""Zoom and pan in the viewer: by wheel, fingers, keys and buttons, the same in all panes."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from chromium import needs_chromium
from playwright.sync_api import Page, expect
from reporting import MENUS, ROWS, TALL, Reader
from viewing import (
    colour_at,
    expect_in_step,
    open_pair,
    pane_of,
    place_of,
    rect_of,
    settle,
    shoot,
    zoom_of,
)

pytestmark = needs_chromium
# Where the pointer is, by the pane: neither in its middle nor in a corner.
POINTER = (150, 420)


@pytest.fixture
def page(reader: Reader, report: Path) -> Page:
    """Open a tall page at a zoom at which it is larger than its pane, on all sides."""
    page = reader.open(report)
    open_pair(page, TALL)
    page.keyboard.press("z")
    for _ in range(3):
        page.keyboard.press("+")
    assert zoom_of(page) == pytest.approx(3.375)
    return page


def point(page: Page, pane: int = 0) -> tuple[float, float]:
    """Move the pointer to its place in a pane."""
    window = rect_of(pane_of(page, pane))
    place = window.x + POINTER[0], window.y + POINTER[1]
    page.mouse.move(*place)
    return place


def under(page: Page, place: tuple[float, float], pane: int = 0) -> tuple[float, float]:
    """Return which place of the picture is seen there."""
    origin, zoom = place_of(page, 0, 0, pane), zoom_of(page)
    return (place[0] - origin[0]) / zoom, (place[1] - origin[1]) / zoom


@pytest.mark.parametrize("pane", [0, 1])
def test_the_wheel_with_ctrl_zooms_and_keeps_what_is_under_the_pointer(
    page: Page, pane: int
) -> None:
    place = point(page, pane)
    before = under(page, place, pane)
    page.keyboard.down("Control")
    zoom = zoom_of(page)
    for notch, factor in ((-100, 1.246), (-200, 1.553), (150, 0.719)):
        zoom *= factor
        page.mouse.wheel(0, notch)
        page.wait_for_function(
            """zoom => {
                const told = parseFloat(document.querySelector("#zoom-level").textContent);
                return Math.abs(told / (100 * zoom) - 1) < 0.01;
            }""",
            arg=zoom,
        )
        # Before and after, the picture stands on whole pixels of the screen.
        slack = 0.51 / 3.375 + 0.51 / zoom
        assert under(page, place, pane) == pytest.approx(before, abs=slack)
        expect_in_step(page)


def test_the_wheel_alone_moves_and_with_shift_sideways(page: Page) -> None:
    point(page)
    x, y = place_of(page, 0, 0)
    page.mouse.wheel(30, 120)
    expect_moved(page, x - 30, y - 120)
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 50)
    expect_moved(page, x - 80, y - 120)
    assert zoom_of(page) == pytest.approx(3.375)
    expect_in_step(page)


def test_a_drag_takes_the_picture_along(page: Page) -> None:
    left, top = point(page, 1)
    x, y = place_of(page, 0, 0)
    page.mouse.down()
    page.mouse.move(left + 40, top - 70, steps=4)
    page.mouse.up()
    page.mouse.move(left, top)  # nothing holds it any more
    expect_moved(page, x + 40, y - 70)
    expect_in_step(page)


def expect_moved(page: Page, x: float, y: float) -> None:
    page.wait_for_function(
        """([x, y]) => {
            const scene = document.querySelector("#stage .scene").getBoundingClientRect();
            return Math.abs(scene.x - x) < 1 && Math.abs(scene.y - y) < 1;
        }""",
        arg=[x, y],
    )


def test_two_fingers_zoom_around_what_is_between_them_and_move_it(
    reader: Reader, report: Path
) -> None:
    page = reader.open(report, width=390, height=844, has_touch=True)
    open_pair(page, TALL)
    page.locator("#zoom-actual").tap()
    page.locator("#zoom-in").tap()
    page.locator("#zoom-in").tap()
    zoom = zoom_of(page)
    window = rect_of(pane_of(page))
    x, y = window.middle
    between = under(page, (x, y))
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, spread: float, dx: float = 0, dy: float = 0) -> None:
        points = [{"x": x + dx + side * spread, "y": y + dy} for side in (-1, 1)]
        touches = points if kind != "touchEnd" else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    touch("touchStart", 30)
    for step in range(1, 7):
        touch("touchMove", 30 + 5 * step, 2 * step, -3 * step)
    touch("touchEnd", 60)
    page.wait_for_function(
        "zoom => parseFloat(document.querySelector('#zoom-level').textContent) > 195 * zoom",
        arg=zoom,
    )
    assert zoom_of(page) == pytest.approx(2 * zoom, rel=0.02)
    assert under(page, (x + 12, y - 18)) == pytest.approx(between, abs=2)
    expect_in_step(page)


def test_one_finger_moves_the_picture_not_the_window(reader: Reader, report: Path) -> None:
    page = reader.open(report, width=390, height=844, has_touch=True)
    open_pair(page, TALL)
    x, y = rect_of(pane_of(page)).middle
    top = place_of(page, 0, 0)[1]
    fingers = page.context.new_cdp_session(page)
    for kind, moved in (("touchStart", 0), ("touchMove", 20), ("touchMove", 60), ("touchEnd", 0)):
        touches = [] if kind == "touchEnd" else [{"x": x, "y": y + moved}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    page.wait_for_function(
        "top => document.querySelector('#stage .scene').getBoundingClientRect().y > top + 55",
        arg=top,
    )


@pytest.mark.parametrize(
    ("by_key", "by_button"),
    [
        ("+", "Zoom in"),
        ("-", "Zoom out"),
        ("f", "Fit"),
        ("z", "1:1"),
    ],
)
def test_keys_and_buttons_zoom_alike(page: Page, by_key: str, by_button: str) -> None:
    expected: dict[str, Callable[[], float]] = {
        "+": lambda: 3.375 * 1.5,
        "-": lambda: 3.375 / 1.5,
        "f": lambda: rect_of(pane_of(page)).height / 2400,
        "z": lambda: 1.0,
    }
    page.keyboard.press(by_key)
    assert zoom_of(page) == pytest.approx(expected[by_key](), rel=0.01)
    page.keyboard.press("z")
    for _ in range(3):
        page.keyboard.press("=")
    page.get_by_role("button", name=by_button, exact=True).click()
    assert zoom_of(page) == pytest.approx(expected[by_key](), rel=0.01)
    expect(page.locator("#zoom-level")).to_have_text(f"{round(100 * zoom_of(page))} %")
    expect_in_step(page)


def test_arrows_move_the_pictures_and_with_shift_further(page: Page) -> None:
    x, y = place_of(page, 0, 0)
    for key, dx, dy in (
        ("ArrowRight", -80, 0),
        ("ArrowDown", -80, -80),
        ("ArrowLeft", 0, -80),
        ("Shift+ArrowDown", 0, -480),
        ("ArrowUp", 0, -400),
    ):
        page.keyboard.press(key)
        assert place_of(page, 0, 0) == pytest.approx((x + dx, y + dy), abs=0.5)
    expect_in_step(page)


def test_no_more_than_16_times_and_then_pixels_have_edges(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    open_pair(page, MENUS[0])
    page.keyboard.press("7")
    page.locator("[data-region='1']").click()
    for _ in range(12):
        page.keyboard.press("+")
    page.keyboard.press("b")
    expect(page.locator("#zoom-level")).to_have_text("1600 %")
    assert zoom_of(page) == pytest.approx(16)
    image = page.locator("#stage .picture")
    expect(image).to_have_css("image-rendering", "pixelated")
    middle = rect_of(pane_of(page)).middle[0]
    for _ in range(40):  # to the left edge of the button, where two colours meet
        edge = place_of(page, 300, 170)[0]
        if abs(edge - middle) < 100:
            break
        page.keyboard.press("ArrowLeft" if edge < middle else "ArrowRight")
    assert colour_at(page, 299, 170) != colour_at(page, 300, 170)
    settle(page)
    inside = shoot(pane_of(page))[20:-20, 20:-20]  # without round corners
    colours = {tuple(row) for row in inside.reshape(-1, 3).tolist()}
    assert len(colours) == 2


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1441, 901)])
def test_at_1_to_1_each_pixel_is_one_of_the_screen(
    reader: Reader, report: Path, width: int, height: int
) -> None:
    page = reader.open(report, width=width, height=height)
    open_pair(page, ROWS)
    page.keyboard.press("7")
    page.keyboard.press("z")
    for key in ("b", "w", "Shift+ArrowUp"):
        page.keyboard.press(key)
    settle(page)
    image, pane = rect_of(page.locator("#stage .picture")), rect_of(pane_of(page))
    left = round(image.x - pane.x)
    shown = shoot(pane_of(page))[:500, left : left + 400]
    file = cv2.imread(str(report.parents[1] / "new" / ROWS), cv2.IMREAD_COLOR)
    assert file is not None
    assert np.array_equal(shown, file[:500, :, ::-1])


def test_a_picture_is_never_lost(page: Page) -> None:
    window = rect_of(pane_of(page))
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowLeft", "Shift+ArrowUp"):
        for _ in range(30):
            page.keyboard.press(key)
        scene = rect_of(page.locator("#stage .scene").first)
        assert scene.x <= window.x + 1
        assert scene.y <= window.y + 1
        assert scene.x + scene.width >= window.x + window.width - 1
        assert scene.y + scene.height >= window.y + window.height - 1


def test_another_mode_keeps_the_place_and_another_pair_begins_anew(page: Page) -> None:
    window = rect_of(pane_of(page, 1))
    seen = under(page, window.middle, 1)
    page.keyboard.press("7")
    # The pane is wider now, and a picture leaves no gap at its side.
    assert under(page, rect_of(pane_of(page)).middle)[1] == pytest.approx(seen[1], abs=1)
    assert zoom_of(page) == pytest.approx(3.375)
    page.keyboard.press("j")
    expect(page.locator("#viewer-name")).to_have_text(MENUS[0])
    window, scene = rect_of(pane_of(page)), rect_of(page.locator("#stage .scene").first)
    assert window.holds(scene)


def test_what_was_fitted_stays_so_in_a_window_of_another_size(page: Page) -> None:
    page.keyboard.press("f")
    page.set_viewport_size({"width": 1000, "height": 600})
    page.wait_for_function(
        """() => {
            const [pane, scene] = [".window", ".scene"].map(
                each => document.querySelector(`#stage ${each}`).getBoundingClientRect());
            return Math.abs(pane.height - scene.height) < 1;
        }"""
    )
    expect_in_step(page)


def test_a_picture_smaller_than_its_pane_stands_in_the_middle(page: Page) -> None:
    page.keyboard.press("f")
    page.keyboard.press("-")
    window, scene = rect_of(pane_of(page)), rect_of(page.locator("#stage .scene").first)
    assert scene.middle == pytest.approx(window.middle, abs=1)
