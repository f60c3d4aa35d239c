"""What a pair weighs is what its files declare."""

import struct
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from visualdiff.model import Pair
from visualdiff.weighing import weigh_pair


def draw(path: Path, width: int, height: int) -> Path:
    image = np.full((height, width, 3), 200, np.uint8)
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def test_pixels_are_those_that_headers_declare(tmp_path: Path) -> None:
    sizes = {"a.png": 800, "b.jpg": 800, "c.webp": 800, "d.bmp": 800}
    for name, pixels in sizes.items():
        path = draw(tmp_path / name, 40, 20)
        assert weigh_pair(Pair(name=name, baseline=path, candidate=path), 800) == 2 * pixels
        assert weigh_pair(Pair(name=name, baseline=path, candidate=path), 799) == 1
    path = draw(tmp_path / "a.png", 40, 20)
    more = Pair(name="a.png", baseline=path, candidate=None, alternates=(path, path))
    assert weigh_pair(more, 800) == 3 * 800


def test_a_page_larger_than_pillow_would_read_weighs_what_it_is(tmp_path: Path) -> None:
    sound = draw(tmp_path / "a.bmp", 40, 20).read_bytes()
    declared = sound[:18] + struct.pack("<ii", 30_000, 20_000) + sound[26:]
    (tmp_path / "a.bmp").write_bytes(declared)
    pair = Pair(name="a.bmp", baseline=tmp_path / "a.bmp", candidate=None)
    assert weigh_pair(pair, 10**9) == 600_000_000
    assert weigh_pair(pair, 10**8) == 1


def test_a_format_that_is_never_compared_is_not_looked_into(tmp_path: Path) -> None:
    Image.new("RGB", (40, 20)).save(tmp_path / "a.png", "EPS")
    assert weigh_pair(Pair(name="a", baseline=tmp_path / "a.png", candidate=None), 10**9) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"text", b"\xff\xd8\xff" + b"\0" * 40]
)
def test_what_is_no_image_weighs_next_to_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    pair = Pair(name="a.png", baseline=tmp_path / "a.png", candidate=tmp_path / "none.png")
    assert weigh_pair(pair, 100) == 1
    assert weigh_pair(replace(pair, candidate=tmp_path), 100) == 1
