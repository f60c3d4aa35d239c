"""Mask images: what is white in a file, and what is refused."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import visualdiff.mask_images
from visualdiff.errors import ImageError, MaskError
from visualdiff.mask_images import find_white, read_mask_images

WHITE = np.zeros((12, 20), np.bool_)
WHITE[2:5, 3:9] = True
GRAY = np.where(WHITE, 255, 0).astype(np.uint8)


def in_colour(pixels: NDArray[np.uint8], *more: int) -> NDArray[np.uint8]:
    planes = [pixels] * 3 + [np.full_like(pixels, level) for level in more]
    return np.dstack(planes)


def save(path: Path, pixels: NDArray[Any] = GRAY) -> Path:
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize(
    "pixels",
    [GRAY, in_colour(GRAY), in_colour(GRAY, 255), GRAY.astype(np.uint16) * 257],
    ids=["gray", "RGB", "RGBA", "16 bits"],
)
def test_white_is_ignored_and_black_compared(pixels: NDArray[Any]) -> None:
    assert np.array_equal(find_white(pixels), WHITE)


def test_what_is_transparent_is_compared_whatever_its_colour() -> None:
    painted = in_colour(np.full_like(GRAY, 255), 0)
    painted[..., 3][WHITE] = 255
    assert np.array_equal(find_white(painted), WHITE)


@pytest.mark.parametrize(
    "colour",
    [(128, 128, 128), (254, 255, 255), (0, 0, 1), (255, 0, 255), (255, 255, 255, 128)],
    ids=str,
)
def test_any_other_colour_is_refused_with_its_place(colour: tuple[int, ...]) -> None:
    pixels = in_colour(GRAY, 255)[..., : len(colour)].copy()
    pixels[7, 4] = pixels[9, 2] = colour
    with pytest.raises(ImageError, match=r"^2 px are neither black nor white, .* at \(4, 7\); "):
        find_white(pixels)


def test_files_are_read_in_their_order_and_named_as_the_report_names_files(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    paths = [save(tmp_path / "m" / "a.png"), save(tmp_path / "m" / "b.png", 255 - GRAY)]
    first, second = read_mask_images(paths, 10**6, tmp_path)
    assert (first.name, second.name) == ("m/a.png", "m/b.png")
    assert np.array_equal(first.ignored, WHITE)
    assert np.array_equal(second.ignored, ~WHITE)


def test_a_file_is_read_again_only_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.png")
    (first,) = read_mask_images([path], 10**6)
    with monkeypatch.context() as patched:
        patched.setattr(visualdiff.mask_images, "decode", lambda _: pytest.fail("decoded again"))
        (again,) = read_mask_images([path], 10**6)
    assert np.array_equal(again.ignored, first.ignored)
    first.ignored[:] = False  # what one pair makes of it is nothing to the next
    assert np.array_equal(read_mask_images([path], 10**6)[0].ignored, WHITE)
    save(path, 255 - GRAY)
    os.utime(path, ns=(1, 1))
    (changed,) = read_mask_images([path], 10**6)
    assert np.array_equal(changed.ignored, ~WHITE)


def refuse(path: Path, folder: Path | None = None, most: int = 10**6) -> str:
    with pytest.raises(MaskError) as caught:
        read_mask_images([path], most, folder)
    return str(caught.value)


def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not an image")
    path = save(tmp_path / "gray.png", np.full((3, 3), 128, np.uint8))
    assert refuse(tmp_path / "none.png", tmp_path) == (
        "mask_images[0] (none.png) cannot be read: No such file or directory"
    )
    assert refuse(tmp_path, tmp_path) == "mask_images[0] (.): not a file"
    assert refuse(tmp_path / "text.png", tmp_path).startswith(
        "mask_images[0] (text.png): not an image of a known format"
    )
    assert refuse(path).startswith(f"mask_images[0] ({path}): 9 px are neither black nor white")
    assert "too large: 20×12 px" in refuse(save(tmp_path / "a.png"), most=200)
