"""Any bytes are refused in words or read, and so is what fuzzing has found.

`make fuzz` does the same for minutes, led by which code is reached.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing.documents import _damage
from fuzzing.pixels import make_png
from fuzzing.taking import Taker
from fuzzing.targets import TARGETS
from visualdiff.errors import ImageError
from visualdiff.images import is_sound, parse_image

# What was found, and mended: by target, the input.
FOUND = [
    # A still PNG that says to be one of many frames: OpenCV made it black.
    ("png", b"+\xbd\x06\xf5\x01\x02\x03\x04\xb7\x00" + b"\xe5" * 90),
    # A transparent gray level behind the pixels, which other readers ignore.
    ("png", b"+\x01\x00\x00\x00\x00\x00\xf8\x07\xf9\x01@\n\t\t\t\t\t\t"),
    # A path with a NUL, in results.json.
    ("review", b"\x01]\xcd<\x01\x00\x00\x00%\xcd"),
]


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_read(name: str) -> None:
    for seed in TARGETS[name].make_seeds():
        TARGETS[name].run(seed)


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=200))
@settings(max_examples=30)
def test_any_bytes_are_refused_in_words_or_read(name: str, data: bytes) -> None:
    TARGETS[name].run(data)


@pytest.mark.parametrize("name", ["results", "review", "cache", "decisions", "journal"])
@given(data=st.binary(min_size=4, max_size=20))
@settings(max_examples=50)
def test_a_damaged_document_is_refused_in_words_or_does_no_harm(name: str, data: bytes) -> None:
    TARGETS[name].run(b"\1" + data)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_stays_mended(name: str, data: bytes) -> None:
    TARGETS[name].run(data)


def test_targets_reach_what_they_are_for() -> None:
    """Bytes become files that are sound, and others; documents that are other ones."""
    sound = 0
    for number in range(256):
        data = make_png(Taker(bytes([20, 20, 2, number]) + bytes(4) + b"\1" * number))
        with contextlib.suppress(ImageError):
            sound += is_sound(parse_image(data, 10**6))
    assert 20 < sound < 250
    document = {"a": [{"b": 1}], "c": "d"}
    assert len({_damage(b"\1" + bytes([n, n, n, n]), document) for n in range(99)}) > 20


@pytest.mark.parametrize("broken", [False, True])
def test_the_runner_tells_what_it_found(tmp_path: Path, broken: bool) -> None:
    """A stand-in for atheris, which the development environment does not need."""
    (tmp_path / "atheris.py").write_text(
        "import contextlib, sys\n"
        "def instrument_imports(include):\n    return contextlib.nullcontext()\n"
        "def Setup(words, target):\n    target(b'')\n"
        "def Fuzz():\n"
        "    print('stat::number_of_executed_units: 1234', file=sys.stderr)\n"
        f"    sys.exit({77 if broken else 0})\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "fuzzing", "glob", "--minutes", "0.01"],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "FUZZED": str(tmp_path)},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == broken, done.stderr
    *_, line = done.stdout.splitlines()
    assert line.split()[:2] == ["glob", "1,234"]
    assert ("none" in line) != broken
