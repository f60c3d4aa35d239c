"""Draw the case folders: `python tests/cases/draw.py`.

Each decorated function is a case; its docstring becomes the case's README.md, which says where
the pair comes from and why it must match, or fail, at default settings, or those of its
settings.json. Some have a words.txt: a line for each region, with what it must say. All are drawn
here, with Pillow and numpy: small, exact, ours.
"""

import inspect
import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
Case = Callable[[], tuple[Pixels, Pixels]]

HERE = Path(__file__).resolve().parent
SIZE = 120
PAPER = (250, 249, 246)
INK = (31, 41, 55)
BLUE = (37, 99, 235)
RED = (220, 38, 38)

CASES: dict[str, list[Case]] = {"should_match": [], "should_fail": []}
# What the regions of a case must say, in the order of the alphabet.
WORDS: dict[str, tuple[str, ...]] = {}
# Settings of a case that has others than the default ones, and its mask image, if any.
SETTINGS: dict[str, dict[str, object]] = {}
MASK_IMAGES: dict[str, NDArray[np.uint8]] = {}


def should_match(case: Case) -> Case:
    CASES["should_match"].append(case)
    return case


def should_fail(case: Case) -> Case:
    CASES["should_fail"].append(case)
    return case


def should_say(*words: str) -> Callable[[Case], Case]:
    """Return a decorator of a case that must fail, with one region for each of the words."""

    def decorate(case: Case) -> Case:
        WORDS[case.__name__] = words
        return should_fail(case)

    return decorate


def with_settings(**chosen: object) -> Callable[[Case], Case]:
    """Return a decorator of a case that is compared with settings of its own."""

    def decorate(case: Case) -> Case:
        SETTINGS[case.__name__] = chosen
        return case

    return decorate


def page() -> NDArray[np.uint8]:
    """Draw a small page: a heading, lines of text, a button."""
    image = Image.new("RGB", (SIZE, SIZE), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((10, 8), "Invoice 1284", fill=INK)
    for row in range(4):
        draw.text((10, 30 + 12 * row), "one line of text"[: 16 - row], fill=(75, 85, 99))
    draw.rectangle((10, 92, 69, 109), fill=BLUE)
    return np.array(image)


def drawn_over(edit: Callable[[ImageDraw.ImageDraw], object]) -> NDArray[np.uint8]:
    """Return the page with something drawn over it."""
    image = Image.fromarray(page())
    edit(ImageDraw.Draw(image))
    return np.array(image)


def text_page(
    shift: tuple[float, float] = (0, 0),
    number: str = "1284",
    button: tuple[int, int, int] = BLUE,
    ink: tuple[int, int, int] = INK,
    *,
    icon: bool = True,
    scale: int = 1,
    word: str = "read",
) -> NDArray[np.uint8]:
    """Draw a page of text, whose ink lies a part of a pixel further; boxes stay where they are.

    `word` is one of the sixth line.
    """
    fine = 4
    size = (320 * fine, 288 * fine)
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    right, down = (round(part * fine) for part in shift)

    def write(x: int, y: int, text: str, height: int) -> None:
        font = ImageFont.load_default(height * fine)
        draw.text((x * fine + right, y * fine + down), text, ink, font)

    write(12, 8, f"Invoice {number}", 18)
    for row in range(12):
        line = "Each line of this page says what one may read on any other page"
        line = line[row:] + line[:row]
        write(12, 40 + 16 * row, line.replace("read", word) if row == 5 else line, 10)
    draw.rectangle((12 * fine, 240 * fine, 92 * fine - 1, 268 * fine - 1), fill=button)
    if icon:
        draw.ellipse((280 * fine, 10 * fine, 296 * fine, 26 * fine), fill=RED)
    return np.array(image.resize((320 * scale, 288 * scale), Image.Resampling.BOX))


def lcd_page(word: str = "read") -> NDArray[np.uint8]:
    """Draw a page of text as for an LCD: red and blue lie a quarter of a pixel to either side."""
    planes = [text_page((right, 0), word=word) for right in (0.25, 0, -0.25)]
    return np.dstack([plane[..., channel] for channel, plane in enumerate(planes)])


def star_page(smoother: float = 0, tips: float = 7, dents: float = 4) -> NDArray[np.uint8]:
    """Draw a page of text with a star; some of the text's ink is a quarter of a pixel further."""
    fine = 16
    drawn = text_page() * (1 - smoother) + text_page((0.25, 0)) * smoother
    image = Image.new("RGB", (40 * fine, 40 * fine), PAPER)
    corners = [
        ((20 + reach * np.cos(turn)) * fine, (20 + reach * np.sin(turn)) * fine)
        for turn, reach in zip(np.arange(14) * np.pi / 7, [tips, dents] * 7, strict=True)
    ]
    if tips:
        ImageDraw.Draw(image).polygon(corners, fill=RED)
    drawn[236:276, 270:310] = np.array(image.resize((40, 40), Image.Resampling.BOX))
    return np.asarray(np.rint(drawn), np.uint8)


def drifting_page(
    drift: float = 0, number: str = "1284", *, icon: bool = True, line: float = 0
) -> NDArray[np.uint8]:
    """Draw two columns of text, each letter `drift` px further from the start of its line.

    With `line` one line stands so many pixels further right.
    """
    fine = 4
    image = Image.new("RGB", (400 * fine, 400 * fine), PAPER)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(12 * fine)
    words = "Each line of this page says what one may read on any other page"
    for row, left in product(range(22), (12, 208)):
        text = f"Invoice {number} of this year" if row == 3 else words[row:] + words[:row]
        place = left * fine + (line * fine if row == 7 else 0)
        for letter in text[:24]:
            draw.text((round(place), (8 + 16 * row) * fine), letter, INK, font)
            place += font.getlength(letter) + drift * fine
    if icon:
        draw.ellipse((370 * fine, 380 * fine, 380 * fine, 390 * fine), fill=RED)
    return np.array(image.resize((400, 400), Image.Resampling.BOX))


def disc(shift: float, radius: float = 40) -> NDArray[np.uint8]:
    """Draw a smooth disc, moved right by a part of a pixel: each pixel holds the share covered."""
    fine = 16
    axis = (np.arange(SIZE * fine) + 0.5) / fine
    inside = (axis[None, :] - 60 - shift) ** 2 + (axis[:, None] - 60) ** 2 < radius**2
    share = inside.reshape(SIZE, fine, SIZE, fine).mean(axis=(1, 3))[:, :, None]
    levels = np.rint(np.array(PAPER) * (1 - share) + np.array(INK) * share)
    return np.asarray(levels, np.uint8)


def with_square(colour: tuple[int, int, int], alpha: int) -> NDArray[np.uint8]:
    """Return the page in RGBA with a square of one colour and alpha."""
    image = np.dstack((page(), np.full((SIZE, SIZE), 255, np.uint8)))
    image[20:50, 80:110] = (*colour, alpha)
    return image


@should_match
def one_level_of_dither() -> tuple[Pixels, Pixels]:
    """A third of all pixels are one level of 255 higher, as another renderer dithers a gradient.

    No two neighbours differ by more than ΔE 1: nobody sees it.
    """
    noise = np.random.default_rng(1).random((SIZE, SIZE, 3)) < 1 / 3
    return page(), page() + noise.astype(np.uint8)


@should_match
def disc_moved_by_a_twentieth_of_a_pixel() -> tuple[Pixels, Pixels]:
    """A smooth disc stands 0.05 px further right: only the levels of its edge pixels change.

    This is what sub-pixel layout does to a curve. The edge is no flat area, and its surroundings
    keep their structure.
    """
    return disc(0), disc(0.05)


@should_match
def hidden_colour() -> tuple[Pixels, Pixels]:
    """Two colours under an alpha of 0: invisible on any background.

    Image optimisers change such pixels freely.
    """
    return with_square(RED, 0), with_square(BLUE, 0)


@should_match
def opaque_alpha_against_none() -> tuple[Pixels, Pixels]:
    """The same pixels with an alpha channel of 255 and without one."""
    return page(), np.dstack((page(), np.full((SIZE, SIZE), 255, np.uint8)))


@should_match
def gray_against_colour() -> tuple[Pixels, Pixels]:
    """The same gray picture stored with one channel and with three."""
    gray = page()[:, :, 1]
    return gray, np.repeat(gray[:, :, None], 3, axis=2)


@should_match
def sixteen_bits_against_eight() -> tuple[Pixels, Pixels]:
    """The same gray picture at 16 bits and at 8: each level v becomes 257 v."""
    gray = page()[:, :, 1]
    return gray.astype(np.uint16) * 257, gray


@should_match
def text_rasterised_anew() -> tuple[Pixels, Pixels]:
    """All text lies 0.25 px further right and 0.5 px lower, as another renderer places it.

    Its ink touches every line of the page, but its amount stays, and no flat area changed.
    """
    return text_page(), text_page((0.25, 0.5))


@should_match
def letters_further_along_their_lines() -> tuple[Pixels, Pixels]:
    """Each letter is wider by 0.125 px, as other hinting rounds it: lines end 3 px further.

    Each letter is found again a little further along its row, with all that is around it.
    """
    return drifting_page(), drifting_page(0.125)


@should_fail
def letters_further_along_their_lines_and_another_digit() -> tuple[Pixels, Pixels]:
    """Each letter is wider by 0.125 px, and one digit changed from 8 to 3."""
    return drifting_page(), drifting_page(0.125, "1234")


@should_fail
def letters_further_along_their_lines_without_the_dot() -> tuple[Pixels, Pixels]:
    """Each letter is wider by 0.125 px, and the red dot below them is gone."""
    return drifting_page(), drifting_page(0.125, icon=False)


@should_fail
def one_line_further_on_a_page_rasterised_anew() -> tuple[Pixels, Pixels]:
    """Text was rasterised anew, and one line of it moved by 5 px: no other line went further."""
    return drifting_page(), drifting_page(0.01, line=5)


@should_match
def smoothed_otherwise_all_over() -> tuple[Pixels, Pixels]:
    """All text is smoothed a little otherwise, and the edge of a star so that one sees it.

    What differs in the text is anti-aliasing, but it is all over the page: it tells that another
    rasteriser drew the star as well, whose edge no single move explains.
    """
    return star_page(), star_page(0.2, tips=7.6, dents=3.4)


@should_fail
def smoothed_otherwise_all_over_without_the_star() -> tuple[Pixels, Pixels]:
    """All text is smoothed a little otherwise, and the star is gone."""
    return star_page(), star_page(0.2, tips=0, dents=0)


@should_fail
def rasterised_anew_with_another_digit() -> tuple[Pixels, Pixels]:
    """Text was rasterised anew, and one digit of the heading changed from 8 to 3."""
    return text_page(), text_page((0.25, 0.5), number="1234")


@should_match
def gray_where_letters_were_smoothed_for_an_lcd() -> tuple[Pixels, Pixels]:
    """Letters had coloured fringes and have none: nearly as much ink is where it was."""
    return lcd_page(), text_page()


@should_fail
def gray_where_letters_were_smoothed_for_an_lcd_and_another_letter() -> tuple[Pixels, Pixels]:
    """Letters lost their coloured fringes, and one of small text changed from d to u.

    All of its pixels lie among those near them in the other image; but nowhere else on the page
    did as much ink come or go.
    """
    return lcd_page(), text_page(word="reau")


@should_fail
def rasterised_anew_without_the_icon() -> tuple[Pixels, Pixels]:
    """Text was rasterised anew, and the icon at the top right is missing."""
    return text_page(), text_page((0.25, 0.5), icon=False)


@should_fail
def rasterised_anew_with_a_recoloured_button() -> tuple[Pixels, Pixels]:
    """Text was rasterised anew, and the button turned from #2563eb to #2e68e8, ΔE 2: flat area."""
    return text_page(), text_page((0.25, 0.5), button=(46, 104, 232))


@should_fail
def page_moved_by_one_pixel() -> tuple[Pixels, Pixels]:
    """All of a page of text, the button and the icon too, stands one pixel lower."""
    image = text_page()
    return image, np.concatenate((image[:1], image[:-1]))


@should_fail
def text_in_another_colour() -> tuple[Pixels, Pixels]:
    """All text turned from #1f2937 to #4b5563: no ink moved, but there is less of it."""
    return text_page(), text_page(ink=(75, 85, 99))


@should_fail
def one_digit() -> tuple[Pixels, Pixels]:
    """One digit of the heading changed, from 8 to 3: a few pixels that change what is said."""
    image = Image.fromarray(page())
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 6, 110, 22), fill=PAPER)
    draw.text((10, 8), "Invoice 1234", fill=INK)
    return page(), np.array(image)


@should_fail
def recoloured_at_equal_luminance() -> tuple[Pixels, Pixels]:
    """The button turned from #2563eb to #dc2626, which are the same gray.

    Every measure on a gray image passes this.
    """
    return page(), drawn_over(lambda draw: draw.rectangle((10, 92, 69, 109), fill=RED))


@should_fail
def faint_background() -> tuple[Pixels, Pixels]:
    """The background went from #faf9f6 to #f4f6fb, ΔE 4: SSIM stays above 0.99.

    Structure is the same, so only the colour difference can tell. It is a classic slip of a theme.
    """
    image = page()
    image[(image == PAPER).all(axis=2)] = (244, 246, 251)
    return page(), image


@should_fail
def thin_line_gone() -> tuple[Pixels, Pixels]:
    """A faint rule of 1 px below the heading is gone: no flat area, few pixels, plain to see."""
    line = drawn_over(lambda draw: draw.line((10, 25, 109, 25), fill=(209, 213, 219)))
    return line, page()


@should_fail
def moved_by_one_pixel() -> tuple[Pixels, Pixels]:
    """The button stands one pixel lower, which moves only the rows at its edges."""
    image = page()
    image[92:111] = np.concatenate((image[91:92], image[92:110]))
    return page(), image


@should_fail
def one_pixel() -> tuple[Pixels, Pixels]:
    """A single black pixel on flat paper: a speck, but a real one."""
    return page(), drawn_over(lambda draw: draw.point((100, 80), fill=INK))


@should_fail
def corner_pixel() -> tuple[Pixels, Pixels]:
    """A single black pixel in the very corner, which lies in one SSIM window only."""
    return page(), drawn_over(lambda draw: draw.point((SIZE - 1, SIZE - 1), fill=INK))


@should_fail
def alpha_halved() -> tuple[Pixels, Pixels]:
    """A square of the same colour became half transparent: no colour channel changes."""
    return with_square(BLUE, 255), with_square(BLUE, 128)


@should_fail
def one_row_more() -> tuple[Pixels, Pixels]:
    """The candidate has one more row, of the same paper: the size alone must fail it."""
    return page(), np.concatenate((page(), page()[-1:]))


@should_fail
def disc_grown_by_half_a_pixel() -> tuple[Pixels, Pixels]:
    """The disc's radius grew from 40 to 40.7 px: more than another smoothing of the same shape."""
    return disc(0), disc(0, 40.7)


def shop(*edits: Callable[[ImageDraw.ImageDraw], object]) -> NDArray[np.uint8]:
    """Draw a larger page with a card, and edit it."""
    image = Image.new("RGB", (2 * SIZE, SIZE), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((10, 4), "Your basket", fill=INK)
    draw.rounded_rectangle((10, 24, 229, 109), 6, fill=(255, 255, 255), outline=(209, 213, 219))
    draw.text((24, 34), "Two lamps", fill=INK)
    for edit in edits:
        edit(draw)
    return np.array(image)


def label(x: int, y: int, words: str, fill: tuple[int, int, int] = INK) -> Callable[..., object]:
    return lambda draw: draw.text((x, y), words, fill=fill)


def button(x: int, y: int, width: int = 70, radius: int = 0) -> Callable[..., object]:
    def edit(draw: ImageDraw.ImageDraw) -> None:
        draw.rounded_rectangle((x, y, x + width - 1, y + 21), radius, fill=BLUE)
        draw.text((x + 20, y + 5), "Pay now", fill=PAPER)

    return edit


@should_say("moved by 12 px to the right and 4 px down")
def button_moved() -> tuple[Pixels, Pixels]:
    """A button stands 12 px further right and 4 px lower: one box around both places."""
    return shop(button(30, 70)), shop(button(42, 74))


@should_say("moved by 5 px to the left")
def wide_field_moved() -> tuple[Pixels, Pixels]:
    """A flat field moved by 5 px: only its two ends differ, far apart, and yet it is one thing."""
    fields = (
        lambda draw: draw.rectangle((40, 60, 199, 89), fill=(226, 232, 240)),
        lambda draw: draw.rectangle((35, 60, 194, 89), fill=(226, 232, 240)),
    )
    return shop(fields[0]), shop(fields[1])


@should_say(
    "moved away, by 160 px to the right and 40 px down",
    "moved here, by 160 px to the right and 40 px down",
)
def label_moved_far() -> tuple[Pixels, Pixels]:
    """A label went to the other end of the card: two boxes, and each says where the other is."""
    return shop(label(24, 50, "49.00")), shop(label(184, 90, "49.00"))


@should_say("recoloured #1f2937 → #dc2626")
def text_recoloured() -> tuple[Pixels, Pixels]:
    """A line of smooth text turned red: most of its pixels are mixtures, no two changed alike."""

    def card(fill: tuple[int, int, int]) -> NDArray[np.uint8]:
        return shop(lambda draw: draw.text((24, 55), "Only 3 left", fill=fill, font_size=22))

    return card(INK), card(RED)


@should_say("text or picture changed", "text or picture changed")
def two_prices() -> tuple[Pixels, Pixels]:
    """Two prices far apart in one line changed: two boxes, not one around both."""
    return (
        shop(label(24, 60, "49.00"), label(184, 60, "99.00")),
        shop(label(24, 60, "58.10"), label(184, 60, "87.20")),
    )


@should_say("edge restyled (border, radius or shadow)")
def border_gone() -> tuple[Pixels, Pixels]:
    """The card lost its border of 1 px: four thin lines, one box."""
    corners = (10, 24, 229, 109)
    without = shop(lambda draw: draw.rounded_rectangle(corners, 6, outline=(255, 255, 255)))
    return shop(), without


@should_say("edge restyled (border, radius or shadow)")
def corners_squared() -> tuple[Pixels, Pixels]:
    """A card lost its round corners: four specks far apart, one box around the card."""
    boxes = [(20, 40, 219, 100)]

    def card(radius: int) -> NDArray[np.uint8]:
        return shop(lambda draw: draw.rounded_rectangle(boxes[0], radius, fill=INK))

    return card(9), card(0)


@should_say("added")
def badge_added() -> tuple[Pixels, Pixels]:
    """A badge appeared on the card, where nothing had been."""
    return shop(), shop(lambda draw: draw.ellipse((190, 40, 210, 60), fill=RED))


@should_say("removed")
def divider_gone() -> tuple[Pixels, Pixels]:
    """A divider between two areas of different colours is gone; the card's border goes on."""
    foot = shop(lambda draw: draw.rectangle((11, 80, 228, 102), fill=(243, 244, 246)))
    with_line = foot.copy()
    with_line[79, 11:229] = (209, 213, 219)
    return with_line, foot


@should_say("resized from 70×22 to 90×30")
def button_resized() -> tuple[Pixels, Pixels]:
    """A flat button grew around its middle: both sizes are said."""
    small, large = ((60, 60, 129, 81), (50, 56, 139, 85))
    return (
        shop(lambda draw: draw.rectangle(small, fill=BLUE)),
        shop(lambda draw: draw.rectangle(large, fill=BLUE)),
    )


@should_say("opacity changed: colours 40% nearer to their background")
def button_disabled() -> tuple[Pixels, Pixels]:
    """A button with a dark label became translucent: all its colours faded alike."""
    ready = shop(
        lambda draw: draw.rectangle((30, 66, 109, 95), fill=(251, 146, 60)),
        label(44, 74, "Pay now"),
    )
    faded = ready.copy()
    faded[66:96, 30:110] = np.rint(0.6 * ready[66:96, 30:110] + 0.4 * 255)
    return ready, faded


def flat(
    box: tuple[int, int, int, int], fill: tuple[int, int, int], radius: int = 0
) -> Callable[..., object]:
    return lambda draw: draw.rounded_rectangle(box, radius, fill=fill)


@should_say("text or picture changed, and recoloured #2563eb → #dc2626")
def button_with_another_label_and_colour() -> tuple[Pixels, Pixels]:
    """Save became Drop and blue became red: the words must not lose either of the two."""

    def card(fill: tuple[int, int, int], words: str) -> NDArray[np.uint8]:
        return shop(flat((30, 66, 209, 95), fill, 4), label(108, 75, words, PAPER))

    return card(BLUE, "Save"), card(RED, "Drop")


@should_say("recoloured #2563eb → #ffffff")
def button_inverted() -> tuple[Pixels, Pixels]:
    """White on blue became blue on white, on a white card: its label stayed where it was."""

    def card(fill: tuple[int, int, int], ink: tuple[int, int, int]) -> NDArray[np.uint8]:
        return shop(flat((30, 66, 109, 95), fill, 4), label(46, 75, "Pay now", ink))

    return card(BLUE, (255, 255, 255)), card((255, 255, 255), BLUE)


@should_say("text or picture changed")
def two_colours_swapped() -> tuple[Pixels, Pixels]:
    """Two halves swapped their colours: no one pair of colours tells that."""

    def card(left: tuple[int, int, int], right: tuple[int, int, int]) -> NDArray[np.uint8]:
        return shop(flat((40, 60, 99, 89), left), flat((100, 60, 159, 89), right))

    return card(BLUE, RED), card(RED, BLUE)


@should_say("text or picture changed")
def gradient_flipped() -> tuple[Pixels, Pixels]:
    """A gradient runs the other way: each colour became another one, so none can be said."""
    share = np.linspace(0, 1, 160)[:, np.newaxis]
    row = np.rint((1 - share) * np.array(BLUE) + share * np.array(RED)).astype(np.uint8)
    before, after = shop(), shop()
    before[60:96, 40:200], after[60:96, 40:200] = row, row[::-1]
    return before, after


@should_say("recoloured #dbeafe → #ffffff")
def tint_gone_from_around_a_text() -> tuple[Pixels, Pixels]:
    """A notice lost its tint and kept its text: it was not removed."""
    notice = label(46, 62, "Only three left"), label(46, 76, "Order before noon")
    return shop(flat((30, 54, 209, 95), (219, 234, 254)), *notice), shop(*notice)


@should_say("resized: edge moved by 60 px to the right")
def progress_bar_longer() -> tuple[Pixels, Pixels]:
    """A progress bar with round ends went on by 60 px: nothing else is another picture."""

    def card(end: int) -> NDArray[np.uint8]:
        return shop(flat((24, 70, 215, 79), (229, 231, 235), 5), flat((24, 70, end, 79), BLUE, 5))

    return card(90), card(150)


@should_say("resized: edge moved by 20 px up")
def scrollbar_shorter() -> tuple[Pixels, Pixels]:
    """The thumb of a scrollbar is 20 px shorter, as there is more to scroll: not removed."""

    def card(end: int) -> NDArray[np.uint8]:
        return shop(flat((218, 30, 228, 104), (241, 241, 241)), flat((220, 32, 226, end), INK, 3))

    return card(82), card(62)


@should_say("moved by 60 px to the right")
def bar_moved_by_most_of_its_width() -> tuple[Pixels, Pixels]:
    """A flat bar moved by 60 of its 90 px: only its ends differ."""
    return shop(flat((30, 70, 119, 89), BLUE)), shop(flat((90, 70, 179, 89), BLUE))


@should_say("changed")
def menu_over_text() -> tuple[Pixels, Pixels]:
    """A menu covers the text below it: neither added nor content would be certain."""
    lines = [label(24, 50 + 12 * row, "a line of text in the card") for row in range(4)]
    menu = (
        lambda draw: draw.rectangle((60, 44, 160, 100), fill=(229, 231, 235), outline=INK),
        label(70, 56, "Sign out", RED),
    )
    return shop(*lines), shop(*lines, *menu)


def article(sidebar: bool = False) -> NDArray[np.uint8]:
    """Draw a page of 24 lines, each another, beside a sidebar if asked for."""
    image = Image.new("RGB", (240, 360), PAPER)
    draw = ImageDraw.Draw(image)
    for line in range(24):
        words = f"{line * 7919 % 997:03} line with {line * 104729 % 9973} in it"
        draw.text((60 if sidebar else 10, 8 + 14 * line), words, fill=(75, 85, 99))
    return np.array(image)


def with_banner(image: NDArray[np.uint8], row: int) -> NDArray[np.uint8]:
    """Return a page with a banner of 20 rows above one of its rows."""
    banner = Image.new("RGB", (image.shape[1], 20), BLUE)
    ImageDraw.Draw(banner).text((10, 4), "New: pay online", fill=PAPER)
    return np.concatenate((image[:row], np.array(banner), image[row:]))


@should_say("20 rows inserted at y = 78")
def banner_inserted() -> tuple[Pixels, Pixels]:
    """A banner of 20 rows pushes the rest down: it is the one thing that changed."""
    return article(), with_banner(article(), 78)


@should_say("20 rows inserted at y = 78")
def banner_inserted_and_end_cut_off() -> tuple[Pixels, Pixels]:
    """The same banner on a screenshot of fixed height, which loses its last rows for it."""
    return article(), with_banner(article(), 78)[:360]


@should_say("14 rows removed at y = 80")
def line_of_text_removed() -> tuple[Pixels, Pixels]:
    """A line is gone, and what stood below it has moved up: nothing else may be marked.

    It was drawn at 76; which of the blank rows around it went with it, nobody can tell.
    """
    return article(), np.delete(article(), slice(76, 90), axis=0)


@should_say("20 rows inserted at y = 78")
def banner_inserted_beside_a_sidebar() -> tuple[Pixels, Pixels]:
    """A banner pushes the text down, but the sidebar stays where it was, and did not change."""
    sidebar = Image.new("RGB", (50, 360), INK)
    for item in range(12):
        ImageDraw.Draw(sidebar).text((6, 10 + 26 * item), f"item {item}", fill=PAPER)
    before, after = article(sidebar=True), with_banner(article(sidebar=True), 78)[:360]
    before[:, :50] = after[:, :50] = np.array(sidebar)
    return before, after


@should_say("20 rows inserted at y = 78", "text or picture changed")
def banner_inserted_and_a_digit_changed() -> tuple[Pixels, Pixels]:
    """Far below the banner one digit is another one: it must not be lost among what moved."""
    image = Image.fromarray(article())
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 286, 30, 300), fill=PAPER)
    draw.text((10, 288), "872", fill=(75, 85, 99))
    return article(), with_banner(np.array(image), 78)


def with_clock(time: str, *edits: Callable[[ImageDraw.ImageDraw], object]) -> NDArray[np.uint8]:
    """Draw the page with the time at its lower right, and edit it."""
    return drawn_over(lambda draw: [edit(draw) for edit in (label(86, 98, time), *edits)])


@should_match
@with_settings(masks=[{"x": -36, "y": -24, "width": "30%", "height": 16}])
def clock_under_a_mask() -> tuple[Pixels, Pixels]:
    """Another time at the lower right, under a rectangle counted from there."""
    return with_clock("12:31"), with_clock("23:58")


@should_fail
@with_settings(masks=[{"x": -36, "y": -24, "width": "30%", "height": 16}])
def change_beside_a_mask() -> tuple[Pixels, Pixels]:
    """The time is masked, but a pixel right beside the mask is not."""
    return with_clock("12:31"), with_clock("23:58", lambda draw: draw.point((83, 100), fill=INK))


@should_match
@with_settings(mask_images=["mask.png"])
def picture_under_a_mask_image() -> tuple[Pixels, Pixels]:
    """A round picture shows something else, under a disc that was painted white in mask.png."""
    mask = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(mask).ellipse((78, 2, 116, 40), fill=255)
    MASK_IMAGES["picture_under_a_mask_image"] = np.array(mask)
    return (
        drawn_over(lambda draw: draw.ellipse((80, 4, 114, 38), fill=BLUE)),
        drawn_over(lambda draw: draw.ellipse((84, 8, 110, 34), fill=RED)),
    )


@should_match
@with_settings(mask_colour="#ff00ff")
def painted_over_in_the_baseline() -> tuple[Pixels, Pixels]:
    """The button was painted over in #ff00ff, as Playwright does; the candidate shows it."""
    return drawn_over(lambda draw: draw.rectangle((8, 90, 71, 111), fill=(255, 0, 255))), page()


@should_fail
@with_settings(mask_colour="#ff00ff")
def painted_over_in_the_candidate_only() -> tuple[Pixels, Pixels]:
    """A candidate must not be able to hide its changes by the colour of the mask."""
    return page(), drawn_over(lambda draw: draw.rectangle((8, 90, 71, 111), fill=(255, 0, 255)))


@should_match
@with_settings(focus=[{"x": 8, "y": 90, "width": 64, "height": 22}])
def change_outside_the_focus() -> tuple[Pixels, Pixels]:
    """Only the button is looked at; the heading above it changed."""
    return page(), drawn_over(label(80, 8, "NEW", RED))


@should_fail
@with_settings(focus=[{"x": 8, "y": 90, "width": 64, "height": 22}])
def change_in_the_focus() -> tuple[Pixels, Pixels]:
    """Only the button is looked at, and it is another colour."""
    return page(), drawn_over(lambda draw: draw.rectangle((10, 92, 69, 109), fill=RED))


@should_fail
@with_settings(
    max_diff_ratio=1,
    threshold=0.2,
    focus=[
        {"x": 0, "y": 0, "width": "100%", "height": 80},
        {"x": 8, "y": 90, "width": 64, "height": 22, "threshold": 0.999},
    ],
)
def focus_below_its_own_threshold() -> tuple[Pixels, Pixels]:
    """Much is allowed above, but next to nothing of the button, which lost a line of its edge."""
    return page(), drawn_over(lambda draw: draw.line((10, 109, 69, 109), fill=PAPER))


@should_say(
    "20 rows inserted at y = 78",
    "stayed in its place while the page moved by 20 px down",
)
def banner_inserted_below_a_floating_button() -> tuple[Pixels, Pixels]:
    """A banner pushes the text down, below a small button that floats and stays where it was."""

    def float_over(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
        image = Image.fromarray(page)
        ImageDraw.Draw(image).rectangle((90, 200, 105, 205), fill=BLUE)
        return np.array(image)

    return float_over(article()), float_over(with_banner(article(), 78))


def picture(seed: int = 0) -> NDArray[np.uint8]:
    """Draw the page with a rough picture on it, with other small errors for each seed."""
    image = page()
    rough = np.random.default_rng(5).normal(0, 10, (50, 70, 1)) + np.array((150, 110, 70))
    errors = np.random.default_rng(seed).normal(0, 2.5, rough.shape) if seed else 0
    image[60:110, 45:115] = np.clip(rough + errors, 0, 255)
    return image


@should_match
def picture_encoded_again() -> tuple[Pixels, Pixels]:
    """A picture on the page was encoded again: each pixel of it differs a little.

    Pixels differ by up to ΔE 6, but on average of a few of them nothing does: nobody sees it.
    """
    return picture(), picture(seed=1)


@should_fail
def picture_a_little_brighter() -> tuple[Pixels, Pixels]:
    """A picture was encoded again, and is a little brighter now: on average it differs too."""
    brighter = picture(seed=1)
    brighter[60:110, 45:115] += np.uint8(10)
    return picture(), brighter


@should_fail
def faint_line_over_a_picture() -> tuple[Pixels, Pixels]:
    """A faint line of one pixel across an even picture: no average of an area shows it."""
    image = page()
    image[60:110, 45:115] = (150, 110, 70)
    lined = image.copy()
    lined[85, 45:115] += np.uint8(9)
    return image, lined


def ring(shift: float) -> NDArray[np.uint8]:
    """Draw a ring, an icon, moved right by a part of a pixel."""
    share = disc(shift, 20).astype(float) - disc(shift, 17).astype(float)
    return np.asarray(np.clip(np.array(PAPER) + share, 0, 255), np.uint8)


@should_match
def icon_a_quarter_of_a_pixel_further() -> tuple[Pixels, Pixels]:
    """An icon stands 0.25 px further right: what its strokes lose at one edge the other gains."""
    return ring(0), ring(0.25)


@should_fail
def icon_one_pixel_further() -> tuple[Pixels, Pixels]:
    """An icon stands 1 px further right: it is found again at its new place, whole."""
    return ring(0), ring(1)


@should_fail
def corners_squared_on_a_page_rasterised_anew() -> tuple[Pixels, Pixels]:
    """A button lost its round corners of 3 px while all text was rasterised anew.

    Each corner is as small as anti-aliasing, but all four changed alike.
    """

    def button_page(shift: tuple[float, float], radius: int) -> NDArray[np.uint8]:
        image = Image.new("RGB", (80 * 4, 28 * 4), PAPER)
        box = (0, 0, 80 * 4 - 1, 28 * 4 - 1)
        ImageDraw.Draw(image).rounded_rectangle(box, radius * 4, fill=BLUE)
        drawn = text_page(shift)
        drawn[240:268, 12:92] = np.array(image.resize((80, 28), Image.Resampling.BOX))
        return drawn

    return button_page((0, 0), 3), button_page((0.25, 0.5), 0)


@should_fail
def all_text_a_little_bluer() -> tuple[Pixels, Pixels]:
    """All text is #1f2959 instead of #1f2937: as little as another rasteriser changes.

    But it changes all of it in one direction, and a rasteriser takes as much as it adds.
    """
    return text_page(), text_page(ink=(31, 41, 89))


def moved(image: NDArray[np.uint8], right: int, down: int) -> NDArray[np.uint8]:
    """Return an image that stands further right and lower; paper came in."""
    height, width = image.shape[:2]
    result = np.full_like(image, PAPER)
    result[down:, right:] = image[: height - down, : width - right]
    return result


def turned(image: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Return an image turned clockwise around its middle, as a scanner may take it in."""
    turn = Image.fromarray(image).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=PAPER)
    return np.array(turn)


def with_feed(image: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """Return an image with more lines below its end."""
    feed = text_page(number="1285")[30 : 30 + rows]
    return np.concatenate((image, feed))


@should_match
@with_settings(align="translate")
def moved_page_aligned() -> tuple[Pixels, Pixels]:
    """All of a page stands 5 px further right and 3 px lower, and `align: translate` is set.

    A warning says so, and that 5 columns and 3 rows could not be compared.
    """
    return text_page(), moved(text_page(), 5, 3)


@should_fail
@with_settings(align="translate")
def moved_page_with_another_digit() -> tuple[Pixels, Pixels]:
    """The page was moved, `align: translate` is set, and one digit of the heading changed."""
    return text_page(), moved(text_page(number="1234"), 5, 3)


@should_fail
@with_settings(align="translate")
def page_moved_too_far() -> tuple[Pixels, Pixels]:
    """The page was moved by 40 px of 288: more than a tenth is no slight move, and is refused."""
    return text_page(), moved(text_page(), 40, 0)


@should_match
@with_settings(align="similarity")
def turned_page_aligned() -> tuple[Pixels, Pixels]:
    """The page was turned by 2 degrees, as a scanner does, and `align: similarity` is set."""
    return text_page(), turned(text_page(), 2)


@should_fail
@with_settings(align="similarity")
def turned_page_without_the_icon() -> tuple[Pixels, Pixels]:
    """The page was turned by 2 degrees, `align: similarity` is set, and the icon is gone."""
    return text_page(), turned(text_page(icon=False), 2)


@should_fail
@with_settings(align="similarity")
def nothing_to_align() -> tuple[Pixels, Pixels]:
    """The candidate is blank: there is nothing to align it by, which must not pass."""
    return text_page(), np.full_like(text_page(), PAPER)


@should_match
@with_settings(on_size_mismatch="crop")
def longer_feed_cropped() -> tuple[Pixels, Pixels]:
    """The candidate goes on below the baseline's end, and `on_size_mismatch: crop` is set.

    A warning says how many rows were not compared.
    """
    return text_page(), with_feed(text_page(), 60)


@should_fail
@with_settings(on_size_mismatch="crop")
def longer_feed_and_another_digit() -> tuple[Pixels, Pixels]:
    """The candidate goes on below the baseline's end, and above it one digit changed."""
    return text_page(), with_feed(text_page(number="1234"), 60)


@should_fail
@with_settings(on_size_mismatch="pad", max_diff_ratio=0.1)
def longer_feed_padded() -> tuple[Pixels, Pixels]:
    """The candidate has 60 rows more, which is more than the tenth that may differ."""
    return text_page(), with_feed(text_page(), 60)


@should_match
@with_settings(on_size_mismatch="scale")
def twice_the_device_pixel_ratio() -> tuple[Pixels, Pixels]:
    """The candidate was taken with a device pixel ratio of 2, `on_size_mismatch: scale` is set."""
    return text_page(), text_page(scale=2)


@should_fail
@with_settings(on_size_mismatch="scale")
def twice_the_device_pixel_ratio_and_another_button() -> tuple[Pixels, Pixels]:
    """The same, and the button turned from blue to red."""
    return text_page(), text_page(button=RED, scale=2)


@should_fail
@with_settings(on_size_mismatch="scale")
def stretched_to_another_shape() -> tuple[Pixels, Pixels]:
    """The candidate is twice as wide but as tall as before: no scale explains that."""
    return text_page(), np.repeat(text_page(), 2, axis=1)


def main() -> None:
    for verdict, cases in CASES.items():
        for case in cases:
            folder = HERE / verdict / case.__name__.replace("_", "-")
            folder.mkdir(parents=True, exist_ok=True)
            for side, pixels in zip(("baseline", "candidate"), case(), strict=True):
                Image.fromarray(pixels).save(folder / f"{side}.png", optimize=True)
            (folder / "README.md").write_text(f"{inspect.getdoc(case)}\n", encoding="utf-8")
            if case.__name__ in SETTINGS:
                chosen = json.dumps(SETTINGS[case.__name__], indent=1)
                (folder / "settings.json").write_text(f"{chosen}\n", encoding="utf-8")
            if case.__name__ in MASK_IMAGES:
                mask = Image.fromarray(MASK_IMAGES[case.__name__])
                mask.save(folder / "mask.png", optimize=True)
            if case.__name__ in WORDS:
                words = "".join(f"{line}\n" for line in WORDS[case.__name__])
                (folder / "words.txt").write_text(words, encoding="utf-8")


if __name__ == "__main__":
    main()
