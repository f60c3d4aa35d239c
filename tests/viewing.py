"""What is seen in the report's viewer: which place of a picture stands where, in which colour."""

from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

_AXE: Final = Axe()
MODES: Final = ("side", "swipe", "onion", "blink", "diff", "baseline", "candidate")


class Rect(NamedTuple):
    """A rectangle on the screen, in CSS pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, other: "Rect", slack: float = 1) -> bool:
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.x + other.width <= self.x + self.width + slack
            and other.y + other.height <= self.y + self.height + slack
        )


def open_pair(page: Page, name: str) -> None:
    """Open a pair of a list that shows it."""
    page.locator("a.permalink", has_text=name).click()
    expect(page.locator("#viewer-name")).to_have_text(name)


def bring_near(page: Page, name: str) -> Locator:
    """Return the card of a pair in the list, which is built when it comes near the screen."""
    card = page.locator(".card", has=page.get_by_role("link", name=name, exact=True))
    group = page.locator(".group").last
    group.wait_for(state="attached")
    if not card.count():
        group.scroll_into_view_if_needed()
    return card


def reload(page: Page) -> None:
    """Reload a page of which something is kept for the next time.

    A browser stores it in another process, of which it tells nobody: a busy machine needs time.
    """
    page.wait_for_timeout(1000)
    page.reload()


def settle(page: Page) -> None:
    """Wait until all pictures of the stage are decoded and drawn."""
    page.evaluate(
        """async () => {
            await Promise.all([...document.querySelectorAll("#stage img")].map(i => i.decode()));
            const frame = () => new Promise(done => requestAnimationFrame(done));
            await frame();
            await frame();
        }"""
    )


def rect_of(target: Locator) -> Rect:
    found = target.evaluate(
        "(e) => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }"
    )
    return Rect(*found)


def pane_of(page: Page, pane: int = 0) -> Locator:
    return page.locator("#stage .window").nth(pane)


def zoom_of(page: Page) -> float:
    """Return the zoom as it is seen: CSS pixels for each pixel of the picture."""
    scene = page.locator("#stage .sheet .picture").first
    return rect_of(scene).width / float(scene.evaluate("image => image.naturalWidth"))


def place_of(page: Page, x: float, y: float, pane: int = 0) -> tuple[float, float]:
    """Return where on the screen a place of a pair's canvas stands."""
    scene = rect_of(pane_of(page, pane).locator(".scene").first)
    zoom = zoom_of(page)
    return scene.x + x * zoom, scene.y + y * zoom


def colour_at(page: Page, x: float, y: float, pane: int = 0) -> tuple[int, ...]:
    """Return the RGB colour in which the middle of a pixel is seen."""
    left, top = place_of(page, x + 0.5, y + 0.5, pane)
    clip = {"x": int(left), "y": int(top), "width": 1.0, "height": 1.0}
    return tuple(int(level) for level in _decode(page.screenshot(clip=clip))[0, 0])  # type: ignore[arg-type]


def shoot(target: Locator) -> NDArray[np.uint8]:
    """Return what is seen of an element, RGB."""
    return _decode(target.screenshot())


def _decode(data: bytes) -> NDArray[np.uint8]:
    image: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(image[..., ::-1], np.uint8)


def expect_in_step(page: Page) -> None:
    """All panes show the same place at the same zoom, and so do the sheets in each."""
    places = page.locator("#stage .window").evaluate_all(
        """panes => panes.flatMap(pane => {
            const own = pane.getBoundingClientRect();
            return [...pane.querySelectorAll(".scene")].map(scene => {
                const { x, y, width, height } = scene.getBoundingClientRect();
                return [x - own.x, y - own.y, width, height];
            });
        })"""
    )
    for place in places:
        assert place == pytest.approx(places[0], abs=0.01)


def expect_accessible(page: Page, part: str = "body") -> None:
    """Fail on whatever axe-core finds in a part of a page that bypasses its security policy."""
    found = _AXE.run(page, context=part)
    assert found.violations_count == 0, found.generate_report()


def expect_seen(page: Page, target: Locator) -> None:
    """Wait until an element is wholly seen in its pane."""
    pane = target.locator("xpath=ancestor::div[contains(@class, 'window')]")
    page.wait_for_function(
        """([pane, element]) => {
            const [outer, inner] = [pane, element].map(each => each.getBoundingClientRect());
            return inner.left >= outer.left - 1 && inner.right <= outer.right + 1
                && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
        }""",
        arg=[pane.element_handle(), target.element_handle()],
    )
