"""Make the demo set: image pairs, each telling one story of a visual regression test.

Chromium draws every page in `pages/` twice, with another `data-variant` on `<html>`; what the
page's style sheet changes then is the story. An element with `data-truth` may change: the script
measures the tight box of differing pixels in each of them, fails when a pixel differs anywhere
else, and writes the boxes to `truth.json`.
"""

import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Page, sync_playwright

Pixels = npt.NDArray[np.uint8]
Differences = npt.NDArray[np.bool_]
Box = dict[str, int | str]  # x, y, width, height, and what changed there
Files = tuple[bytes | None, bytes | None]  # baseline and candidate; None is a file left away
Finish = Callable[[Pixels, Pixels], Files]

DEMO = Path(__file__).resolve().parent
PAGES = DEMO / "pages"
CANDIDATES = DEMO / "candidates"
BASELINES = DEMO.parents[1] / "baselines"

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--disable-lcd-text",
    "--disable-gpu",
    "--hide-scrollbars",
)
CHANNELS = ("red", "green", "blue", "alpha")
PADDING = 4  # how far the pixels of an element may reach beyond its rectangle
PNG_FILTERS = (cv2.IMWRITE_PNG_FILTER_NONE, cv2.IMWRITE_PNG_FILTER_SUB)
CHANGING_ELEMENTS = """() => [...document.querySelectorAll("[data-truth]")].map(element => {
    const {left, top, right, bottom} = element.getBoundingClientRect();
    return {left: Math.floor(left), top: Math.floor(top),
            right: Math.ceil(right), bottom: Math.ceil(bottom), what: element.dataset.truth};
})"""


def encode_png(pixels: Pixels, png_filter: int, level: int = 9) -> bytes:
    """Encode RGB or RGBA pixels with one PNG filter."""
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == len(CHANNELS) else cv2.COLOR_RGB2BGR
    options = [cv2.IMWRITE_PNG_COMPRESSION, level, cv2.IMWRITE_PNG_FILTER, png_filter]
    _, data = cv2.imencode(".png", cv2.cvtColor(pixels, code), options)
    return data.tobytes()


def smallest_png(pixels: Pixels) -> bytes:
    """Encode as PNG with the filter that gives the fewest bytes."""
    return min((encode_png(pixels, png_filter) for png_filter in PNG_FILTERS), key=len)


def save_both(baseline: Pixels, candidate: Pixels) -> Files:
    """Save both images as small PNG files."""
    return smallest_png(baseline), smallest_png(candidate)


def save_reencoded(baseline: Pixels, candidate: Pixels) -> Files:
    """Save the candidate as another tool would: the same pixels, other filter and level."""
    return smallest_png(baseline), encode_png(candidate, cv2.IMWRITE_PNG_FILTER_PAETH, level=6)


def save_webp(baseline: Pixels, candidate: Pixels) -> Files:
    """Save the candidate as lossless WebP."""
    buffer = io.BytesIO()
    Image.fromarray(candidate).save(buffer, "WEBP", lossless=True, quality=100, method=6)
    return smallest_png(baseline), buffer.getvalue()


def save_baseline_only(baseline: Pixels, _candidate: Pixels) -> Files:
    """Leave the candidate away."""
    return smallest_png(baseline), None


def save_candidate_only(_baseline: Pixels, candidate: Pixels) -> Files:
    """Leave the baseline away."""
    return None, smallest_png(candidate)


def save_truncated(baseline: Pixels, candidate: Pixels) -> Files:
    """Cut the candidate's file off in the middle, as after an interrupted upload."""
    data = smallest_png(candidate)
    return smallest_png(baseline), data[: len(data) // 2]


def save_white_matte(baseline: Pixels, candidate: Pixels) -> Files:
    """Give the candidate's fully transparent pixels another colour, which nobody sees."""
    matted = candidate.copy()
    matted[matted[..., 3] == 0, :3] = 255
    return smallest_png(baseline), smallest_png(matted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One pair of images, and what a comparison of them should say.

    `variant` is the `data-variant` of the candidate; the baseline's is always "baseline". `height`
    None means the whole page. `banner_rows` is the height of what the candidate has on top of all
    that the baseline has. `finish` turns the two images into files.
    """

    name: str
    page: str
    status: str
    text: str
    width: int
    height: int | None
    variant: str = "baseline"
    banner_rows: int = 0
    transparent: bool = False
    candidate_name: str | None = None
    finish: Finish = save_both


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """The rectangle of an element that may change: half-open, whole pixels."""

    left: int
    top: int
    right: int
    bottom: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What Chromium drew: the pixels, and the elements that may change."""

    pixels: Pixels
    elements: list[Element]


STORIES = (
    Story(
        name="cards/payment-card-logo.png",
        page="payment-card.html",
        status="failed",
        text="The network logo is gone from a payment card.",
        width=900,
        height=600,
        variant="no-logo",
    ),
    Story(
        name="cards/payment-card-chip-and-name.png",
        page="payment-card.html",
        status="failed",
        text="The chip and the card holder's name are gone from the same payment card.",
        width=900,
        height=600,
        variant="no-chip-and-name",
    ),
    Story(
        name="documents/cheque.png",
        page="cheque.html",
        status="failed",
        text="Bank logo, date, signature and account number are gone from a cheque.",
        width=1200,
        height=560,
        variant="candidate",
    ),
    Story(
        name="shop/checkout-button.png",
        page="checkout.html",
        status="failed",
        text="A button turned from blue to red of nearly the same luminance; grey sees no change.",
        width=1224,
        height=640,
        variant="candidate",
    ),
    Story(
        name="site/about.png",
        page="about.html",
        status="passed",
        text="The same pixels, encoded again: the files differ, the images do not.",
        width=1200,
        height=680,
        finish=save_reencoded,
    ),
    Story(
        name="site/contact.png",
        page="contact.html",
        status="passed",
        text="The same file twice, byte for byte.",
        width=1200,
        height=680,
    ),
    Story(
        name="site/pricing.png",
        page="pricing.html",
        status="passed",
        text="Only anti-aliasing differs: letters are smoothed otherwise, curves moved by 0.1 px.",
        width=1200,
        height=740,
        variant="candidate",
    ),
    Story(
        name="site/home-banner.png",
        page="home.html",
        status="failed",
        text="A banner at the top pushes the page down by 56 px; the image keeps its height.",
        width=1200,
        height=720,
        variant="candidate",
        banner_rows=56,
    ),
    Story(
        name="docs/handbook.png",
        page="handbook.html",
        status="failed",
        text="One word of a very tall page changed, from Friday to Monday.",
        width=1280,
        height=None,
        variant="candidate",
    ),
    Story(
        name="site/careers.png",
        page="careers.html",
        status="new",
        text="A page that has no baseline yet.",
        width=1200,
        height=600,
        finish=save_candidate_only,
    ),
    Story(
        name="site/newsletter.png",
        page="newsletter.html",
        status="missing",
        text="A page whose screenshot was not taken this time.",
        width=1200,
        height=560,
        finish=save_baseline_only,
    ),
    Story(
        name="site/footer.png",
        page="footer.html",
        status="failed",
        text="A line added at the bottom makes the candidate 48 px taller.",
        width=1200,
        height=None,
        variant="candidate",
    ),
    Story(
        name="icons/logo-hidden-colour.png",
        page="logo.html",
        status="passed",
        text="Only the colour under fully transparent pixels differs; both look the same.",
        width=480,
        height=160,
        transparent=True,
        finish=save_white_matte,
    ),
    Story(
        name="icons/badge-alpha.png",
        page="badge.html",
        status="failed",
        text="The shadow under a badge became stronger: alpha differs, the colours do not.",
        width=400,
        height=400,
        variant="candidate",
        transparent=True,
    ),
    Story(
        name="app/dashboard.png",
        page="dashboard.html",
        status="failed",
        text="A target line 1 px thin is gone from the chart, and one digit changed from 8 to 3.",
        width=1280,
        height=716,
        variant="candidate",
    ),
    Story(
        name="site/hero.png",
        page="hero.html",
        status="passed",
        text="A PNG baseline and a lossless WebP candidate with the same pixels.",
        width=1200,
        height=560,
        candidate_name="site/hero.webp",
        finish=save_webp,
    ),
    Story(
        name="app/broken-upload.png",
        page="upload.html",
        status="error",
        text="The candidate's file was cut off in the middle and cannot be read.",
        width=1000,
        height=560,
        finish=save_truncated,
    ),
)


@contextmanager
def chromium_page() -> Iterator[Page]:
    """Open one page of Debian's Chromium, at one device pixel per CSS pixel."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM_ARGUMENTS)
        )
        yield browser.new_page(device_scale_factor=1, reduced_motion="reduce")
        browser.close()


def draw(page: Page, story: Story, variant: str) -> Rendering:
    """Draw one variant of a story's page."""
    page.set_viewport_size({"width": story.width, "height": story.height or 100})
    page.goto((PAGES / story.page).as_uri())
    page.evaluate("variant => { document.documentElement.dataset.variant = variant }", variant)
    screenshot = page.screenshot(
        full_page=story.height is None, omit_background=story.transparent, animations="disabled"
    )
    image = Image.open(io.BytesIO(screenshot)).convert("RGBA" if story.transparent else "RGB")
    elements = [Element(**element) for element in page.evaluate(CHANGING_ELEMENTS)]
    return Rendering(pixels=np.asarray(image), elements=elements)


def differences(baseline: Pixels, candidate: Pixels) -> Differences:
    """Return which channels of which pixels differ; rows that only one image has all do."""
    common = min(len(baseline), len(candidate))
    height = max(len(baseline), len(candidate))
    differ = np.ones((height, *candidate.shape[1:]), dtype=np.bool_)
    differ[:common] = baseline[:common] != candidate[:common]
    return differ


def window(before: Element, after: Element) -> tuple[slice, slice]:
    """Return the rows and columns in which an element may have changed pixels."""
    shown = [element for element in (before, after) if element.right > element.left]
    top = min(element.top for element in shown) - PADDING
    left = min(element.left for element in shown) - PADDING
    bottom = max(element.bottom for element in shown) + PADDING
    right = max(element.right for element in shown) + PADDING
    return slice(max(0, top), bottom), slice(max(0, left), right)


def tight_box(differ: Differences, rows: slice, columns: slice, what: str) -> Box | None:
    """Return the smallest box around the differing pixels of a window, None if there are none."""
    y, x = np.nonzero(differ[rows, columns])
    if not len(y):
        return None
    return {
        "x": int(columns.start + x.min()),
        "y": int(rows.start + y.min()),
        "width": int(x.max() - x.min() + 1),
        "height": int(y.max() - y.min() + 1),
        "what": what,
    }


def push_down(pixels: Pixels, after: Pixels, banner_rows: int) -> Pixels:
    """Return an image as a banner pushes it down, different from `after` where the banner is."""
    if not banner_rows:
        return pixels
    return np.concatenate((~after[:banner_rows], pixels[:-banner_rows]))


def true_boxes(before: Rendering, after: Rendering, banner_rows: int) -> list[Box]:
    """Return the boxes of what changed; fail when anything changed outside the elements."""
    pushed = push_down(before.pixels, after.pixels, banner_rows)
    differ: Differences = np.logical_or.reduce(differences(pushed, after.pixels), axis=2)
    boxes = []
    for old, new in zip(before.elements, after.elements, strict=True):
        rows, columns = window(old, new)
        boxes.append(tight_box(differ, rows, columns, new.what))
        differ[rows, columns] = False
    if differ.any():
        raise ValueError(f"{differ.sum()} pixels differ outside the marked elements")
    return [box for box in boxes if box is not None]


def channels_hit(differ: Differences) -> list[str]:
    """Return the names of the channels in which any pixel differs."""
    return [CHANNELS[channel] for channel in range(differ.shape[2]) if differ[..., channel].any()]


def truth(story: Story, before: Rendering, after: Rendering) -> dict[str, object]:
    """Return what a comparison of the story's images should find."""
    entry: dict[str, object] = {"status": story.status, "story": story.text}
    if story.status == "failed":
        entry["channels_hit"] = channels_hit(differences(before.pixels, after.pixels))
        entry["boxes"] = true_boxes(before, after, story.banner_rows)
    return entry


def write(path: Path, data: bytes | None) -> None:
    """Write a file, or remove it when the story has none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if data is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(data)


def make(page: Page, story: Story) -> dict[str, object]:
    """Write the files of one story and return its truth."""
    before = draw(page, story, "baseline")
    after = draw(page, story, story.variant)
    baseline, candidate = story.finish(before.pixels, after.pixels)
    write(BASELINES / story.name, baseline)
    write(CANDIDATES / (story.candidate_name or story.name), candidate)
    return truth(story, before, after)


def main() -> None:
    """Make all images and `truth.json`."""
    with chromium_page() as page:
        truths = {story.name: make(page, story) for story in STORIES}
    text = json.dumps(dict(sorted(truths.items())), indent=2, ensure_ascii=False)
    (DEMO / "truth.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
