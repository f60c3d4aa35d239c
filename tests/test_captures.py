"""Whatever shows an image → the bytes of an image file; nothing is imported for it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from drawing import draw_button, draw_png
from numpy.typing import NDArray
from PIL import Image

from visualdiff.api import load_image
from visualdiff.errors import ImageError, UnsupportedImageError
from visualdiff.testing.captures import find_browser, is_live, take_capture

ACCEPTED = ("path", "bytes", "numpy", "Pillow", "matplotlib", "Playwright", "Selenium", "function")


def capture(source: object, *, bgr: bool = False) -> NDArray[Any]:
    return load_image(take_capture(source, bgr=bgr))


def complain(source: object, *, bgr: bool = False) -> str:
    # Who catches a TypeError is not surprised.
    with pytest.raises(TypeError) as caught:
        take_capture(source, bgr=bgr)
    assert isinstance(caught.value, UnsupportedImageError)
    return str(caught.value)


def pretend(module: str, **members: Any) -> Any:
    """Return an object whose class says that a library has defined it."""
    return type("Fake", (), {"__module__": module, **members})()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_a_file_stay_as_they_are(kind: Callable[[bytes], object]) -> None:
    data = draw_png()
    assert take_capture(kind(data)) == data


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_is_read_as_it_is(tmp_path: Path, kind: Callable[[Path], object]) -> None:
    path = tmp_path / "home.png"
    path.write_bytes(draw_png())
    assert take_capture(kind(path)) == draw_png()


def test_a_file_that_cannot_be_read_is_told_with_its_path(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.png", tmp_path):
        with pytest.raises(ImageError, match=f"^{path} cannot be read: [A-Z]"):
            take_capture(path)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [0, 3, 4])
def test_an_array_keeps_its_pixels(depth: Any, channels: int) -> None:
    page = draw_button((37, 99, 235, 128)[: channels or 1], depth)
    array = page if channels else page[:, :, 0]
    assert np.array_equal(capture(array).reshape(array.shape), array)
    assert capture(array).dtype == depth


@pytest.mark.parametrize("channels", [3, 4])
def test_an_array_of_opencv_is_told_by_a_keyword(channels: int) -> None:
    page = draw_button((37, 99, 235, 128)[:channels])
    swapped = page[:, :, [2, 1, 0, 3][:channels]]
    assert np.array_equal(capture(swapped, bgr=True), page)
    gray = page[:, :, 0]
    assert np.array_equal(capture(gray, bgr=True).reshape(gray.shape), gray)


def test_the_keyword_for_opencv_is_refused_where_it_would_do_nothing() -> None:
    assert complain(draw_png(), bgr=True) == "bgr=True is for numpy arrays, got bytes"
    assert "got PIL.Image.Image" in complain(Image.new("RGB", (9, 9)), bgr=True)


@pytest.mark.parametrize(
    ("mode", "colour", "pixel"),
    [
        ("1", 1, [255]),
        ("L", 90, [90]),
        ("RGB", (10, 20, 30), [10, 20, 30]),
        ("RGBA", (10, 20, 30, 128), [10, 20, 30, 128]),
        ("LA", (90, 128), [90, 90, 90, 128]),
        ("CMYK", (0, 0, 0, 0), [255, 255, 255]),
        ("I;16", 40_000, [40_000]),
    ],
)
def test_an_image_of_pillow_keeps_its_pixels(mode: str, colour: Any, pixel: list[int]) -> None:
    image = Image.new(mode, (9, 7), colour)
    taken = capture(image)
    assert taken.shape[:2] == (7, 9)
    assert np.atleast_1d(taken[3, 4]).tolist() == pixel


def test_a_palette_becomes_its_colours() -> None:
    image = Image.fromarray(draw_button((37, 99, 235))).convert("P", palette=Image.Palette.WEB)
    assert np.array_equal(capture(image), np.asarray(image.convert("RGB")))


def test_a_function_is_called_for_each_capture(tmp_path: Path) -> None:
    shots = [draw_png(), draw_png((0, 0, 0)), tmp_path / "later.png"]
    (tmp_path / "later.png").write_bytes(b"any")
    take = lambda: shots.pop(0)  # noqa: E731 - what a test would pass
    assert [take_capture(take) for _ in range(3)] == [draw_png(), draw_png((0, 0, 0)), b"any"]


@pytest.mark.parametrize("source", [None, 3, 2.5, [1, 2], {"a": 1}, object()])
def test_any_other_object_is_refused_with_a_list_of_what_is_not(source: object) -> None:
    message = complain(source)
    assert message.startswith(f"got {type(source).__name__}, wanted ")
    assert all(word in message for word in ACCEPTED)
    assert complain(lambda: source) == message


@pytest.mark.parametrize("module", ["numpy", "PIL.Image", "matplotlib.figure", "selenium.x"])
def test_an_object_that_only_pretends_is_refused(module: str) -> None:
    message = complain(pretend(module))
    assert message.startswith(f"got {module}.Fake, wanted ")
    assert all(word in message for word in ACCEPTED)


def test_what_pretends_to_be_an_array_has_no_channels_to_swap() -> None:
    assert "got numpy.Fake" in complain(pretend("numpy"), bgr=True)


def test_a_part_of_a_figure_is_not_a_figure() -> None:
    assert "got matplotlib.axes.Fake" in complain(pretend("matplotlib.axes"))


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (np.zeros(9, np.uint8), "shape (9,)"),
        (np.zeros((9, 9, 2), np.uint8), "shape (9, 9, 2)"),
        (np.zeros((9, 9), np.float64), "dtype float64"),
        (np.zeros((0, 9), np.uint8), "not empty"),
        (Image.new("F", (9, 9)), "mode F"),
    ],
)
def test_pixels_of_another_kind_are_refused_with_a_word_on_them(
    source: object, problem: str
) -> None:
    message = complain(source)
    assert problem in message
    assert "wanted" in message


def test_what_screenshot_methods_return_must_be_bytes() -> None:
    page = pretend("playwright.sync_api._generated", screenshot=lambda _, **__: "home.png")
    assert "got playwright.sync_api._generated.Fake" in complain(page)


def test_an_asynchronous_page_is_told_apart() -> None:
    assert "`await page.screenshot()`" in complain(pretend("playwright.async_api._generated"))


def test_a_subclass_is_taken_for_what_it_extends() -> None:
    class Shot(np.ndarray[Any, Any]):
        pass

    page = draw_button((37, 99, 235))
    assert np.array_equal(capture(page.view(Shot)), page)
    assert not is_live(page.view(Shot))


def test_only_what_may_change_is_live(tmp_path: Path) -> None:
    still: list[object] = [tmp_path, b"", np.zeros((2, 2)), Image.new("L", (2, 2))]
    assert not any(map(is_live, still))
    assert is_live(lambda: b"")
    assert is_live(pretend("playwright.sync_api", screenshot=None))
    assert is_live(pretend("selenium.webdriver"))


def test_a_figure_is_drawn_without_the_version_of_its_library() -> None:
    def draw(_: object, file: Any, **options: Any) -> None:
        file.write(
            draw_png() if options == {"format": "png", "metadata": {"Software": None}} else b""
        )

    assert take_capture(pretend("matplotlib.figure", savefig=draw)) == draw_png()


def test_what_is_animated_stands_still_on_a_page() -> None:
    def shoot(_: object, *, animations: str) -> bytes:
        return animations.encode()

    assert take_capture(pretend("playwright.sync_api", screenshot=shoot)) == b"disabled"


def test_a_driver_and_an_element_are_captured() -> None:
    driver = pretend("selenium.webdriver", get_screenshot_as_png=lambda _: b"page")
    element = pretend("selenium.webdriver", screenshot_as_png=b"element")
    assert [take_capture(shown) for shown in (driver, element)] == [b"page", b"element"]


def test_a_browser_is_known_by_its_name() -> None:
    driver = pretend("selenium.webdriver", capabilities={"browserName": "MicrosoftEdge beta"})
    assert find_browser(driver) == "MicrosoftEdge-beta"
    assert find_browser(pretend("selenium.webdriver", parent=driver)) == "MicrosoftEdge-beta"
    assert find_browser(pretend("selenium.webdriver", capabilities={})) is None
    kind = SimpleNamespace(name="firefox")
    browser = SimpleNamespace(browser=SimpleNamespace(browser_type=kind))
    page = pretend("playwright.sync_api", context=browser)
    assert find_browser(page) == "firefox"
    assert find_browser(pretend("playwright.sync_api", page=page)) == "firefox"
    # Such as one that keeps its profile.
    alone = pretend("playwright.sync_api", context=SimpleNamespace(browser=None))
    assert find_browser(alone) is None


def test_a_forgotten_await_is_told() -> None:
    async def screenshot() -> bytes:
        return draw_png()

    with pytest.raises(UnsupportedImageError, match="`await` it first"):
        take_capture(screenshot())


def test_an_image_shows_no_browser() -> None:
    assert find_browser(draw_png()) is None
    assert find_browser(lambda: b"") is None


@pytest.mark.parametrize("source", ["path.read_bytes()", "path", "path.read_bytes"])
def test_nothing_is_imported_for_the_bytes_of_a_file(tmp_path: Path, source: str) -> None:
    (tmp_path / "home.png").write_bytes(draw_png())
    code = f"""
import sys
from pathlib import Path
from visualdiff.testing.captures import is_live, take_capture
path = Path("home.png")
assert take_capture({source})[1:4] == b"PNG"
is_live({source})
libraries = ("numpy", "cv2", "PIL", "kornia_rs", "matplotlib", "playwright", "selenium")
print([name for name in libraries if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_handle_of_an_element_of_playwright_knows_its_browser() -> None:
    browser = SimpleNamespace(browser_type=SimpleNamespace(name="webkit"))
    page = SimpleNamespace(context=SimpleNamespace(browser=browser))
    for frame, name in ((SimpleNamespace(page=page), "webkit"), (None, None)):
        handle = pretend("playwright.sync_api", owner_frame=lambda _, frame=frame: frame)
        assert find_browser(handle) == name


@pytest.mark.parametrize("text", ["<p>" * 99, "GIF89a\0"])
def test_a_text_that_is_no_path_is_told_briefly(text: str) -> None:
    told = complain(text)
    assert f"got a text of {len(text):,} characters that is no path, {text[:40]!r}…; w" in told
    assert len(told) < 500


@pytest.mark.parametrize(
    "source",
    [
        pretend("playwright.sync_api", screenshot=lambda _, **__: 1 / 0),
        pretend("selenium", get_screenshot_as_png=lambda _: 1 / 0),
        pretend("matplotlib", savefig=lambda *_, **__: 1 / 0),
    ],
)
def test_no_frame_of_ours_is_shown_where_a_capture_breaks(source: object) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        take_capture(source)
    ours = [frame for frame in caught.traceback if str(frame.path).endswith("testing/captures.py")]
    assert all(frame.ishidden(caught) for frame in ours)
