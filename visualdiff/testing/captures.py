"""Anything that shows an image, such as a page in a browser → the bytes of an image file.

None of the libraries is imported here: only somebody who has can hold an object of theirs.
"""

import io
import os
from collections.abc import Callable, Coroutine
from errno import ENAMETOOLONG
from pathlib import Path
from typing import Any, Final

from visualdiff.errors import ImageError, UnsupportedImageError
from visualdiff.lfs import explain_pointer, is_pointer

_ACCEPTED: Final = (
    "a path, the bytes of an image file, a numpy array (RGB, RGBA or gray, 8 or 16 bits), a "
    "Pillow image, a matplotlib figure, a Playwright page or locator, a Selenium driver or "
    "element, or a function without arguments that returns one of these"
)


def take_capture(source: object, *, bgr: bool = False) -> bytes:
    """Return the bytes of an image file that show what `source` shows at this moment.

    `bgr` says that an array has OpenCV's order of channels. Raises `UnsupportedImageError` for any
    other object, and `ImageError` for a file that cannot be read.
    """
    __tracebackhide__ = True
    if callable(source) and not _find_library(source):
        source = source()
    if isinstance(source, Coroutine):
        source.close()  # else Python warns that nobody has awaited it
        raise UnsupportedImageError("got a coroutine, wanted what it returns: `await` it first")
    if bgr and _find_library(source) != "numpy":
        raise UnsupportedImageError(f"bgr=True is for numpy arrays, got {_name_type(source)}")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        return _read(Path(source))
    take = _TAKERS.get(_find_library(source))
    taken = take(_swap_channels(source) if bgr else source) if take else None
    if not isinstance(taken, bytes):
        raise UnsupportedImageError(f"got {_name_type(source)}, wanted {_ACCEPTED}")
    return taken


def is_live(source: object) -> bool:
    """Return whether `source` may show something else when it is captured again."""
    library = _find_library(source)
    return library in ("playwright", "selenium") or (not library and callable(source))


def find_browser(source: object) -> str | None:
    """Return the name of the browser that shows `source`, such as chromium, if one does."""
    library = _find_library(source)
    if library == "selenium":
        driver: Any = getattr(source, "parent", source)
        return str(driver.capabilities.get("browserName", "")).replace(" ", "-") or None
    if library == "playwright":
        # A handle of an element knows its frame only.
        shown: Any = source.owner_frame() if hasattr(source, "owner_frame") else source
        page = getattr(shown, "page", shown)
        browser = page.context.browser if page else None
        return str(browser.browser_type.name) if browser else None
    return None


def _read(path: Path) -> bytes:
    __tracebackhide__ = True
    text = str(path)
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        if not isinstance(error, OSError) or error.errno == ENAMETOOLONG:
            raise UnsupportedImageError(
                f"got a text of {len(text):,} characters that is no path, {text[:40]!r}…; "
                f"wanted {_ACCEPTED}"
            ) from None
        raise ImageError(f"{path} cannot be read: {error.strerror}") from error
    if is_pointer(data):  # told here, where its path is known
        raise ImageError(f"{path} is {explain_pointer(path)}")
    return data


def _find_library(source: object) -> str:
    """Return which of the supported libraries has defined the class of an object, or ""."""
    for base in type(source).__mro__:
        library = base.__module__.partition(".")[0]
        if library in _TAKERS:
            return library
    return ""


def _name_type(source: object) -> str:
    kind = type(source)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _encode(source: Any) -> bytes | None:
    """Return an array or a Pillow image as a PNG file, or None for something else of theirs."""
    __tracebackhide__ = True
    if not hasattr(source, "__array_interface__"):
        return None
    from visualdiff.api import load_image  # noqa: PLC0415 - bytes and paths need no array
    from visualdiff.images import COMPACT, encode_png  # noqa: PLC0415

    try:
        return encode_png(load_image(source), COMPACT)
    except TypeError as error:
        raise UnsupportedImageError(str(error)) from None


def _swap_channels(array: Any) -> Any:
    """Return an array, `(H, W)`, `(H, W, 3)` or `(H, W, 4)`, with blue and red exchanged."""
    if getattr(array, "ndim", 0) != 3 or array.shape[2] not in (3, 4):
        return array
    return array[:, :, [2, 1, 0, 3][: array.shape[2]]]


def _draw_figure(figure: Any) -> bytes | None:
    __tracebackhide__ = True
    if not hasattr(figure, "savefig"):
        return None  # an axes, say
    file = io.BytesIO()
    # Without the name of the software, which has a version: equal figures are equal files.
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _shoot_page(page: Any) -> object:
    __tracebackhide__ = True
    if type(page).__module__.startswith("playwright.async_api"):
        raise UnsupportedImageError(
            "got an object of Playwright's asynchronous API; "
            "pass `await page.screenshot()`, its bytes, instead"
        )
    take = getattr(page, "screenshot", None)
    # As Playwright's own assertion: what is animated stands still at its end.
    return take(animations="disabled") if take else None


def _shoot_driver(driver: Any) -> object:
    __tracebackhide__ = True
    if hasattr(driver, "get_screenshot_as_png"):
        return driver.get_screenshot_as_png()
    return getattr(driver, "screenshot_as_png", None)


_TAKERS: Final[dict[str, Callable[[Any], object]]] = {
    "numpy": _encode,
    "PIL": _encode,
    "matplotlib": _draw_figure,
    "playwright": _shoot_page,
    "selenium": _shoot_driver,
}
