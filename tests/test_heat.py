"""The ramp of a difference image must be read by everybody, on a screen and on paper."""

import subprocess
import sys
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
import pytest

from visualdiff.heat import HEAT, IGNORED_COLOUR, IGNORED_SPECK

# Viénot, Brettel and Mollon 1999: linear RGB to the cones, and what those without one see instead.
CONES = np.array(
    [
        [17.8824, 43.5161, 4.11935],
        [3.45565, 27.1554, 3.86714],
        [0.0299566, 0.184309, 1.46709],
    ]
)
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    "deuteranopia": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
}
COLOURS = [step.colour for step in HEAT]
# The darkest gray of a faded picture; all others are lighter.
DARKEST_GRAY = (191, 191, 191)


def see(colours: Any, eye: str) -> Any:
    """Return CIE L*a*b*, `(N, 3)`, of sRGB colours as they look to an eye."""
    values = np.asarray(colours) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    seen = linear @ (np.linalg.inv(CONES) @ EYES[eye] @ CONES).T
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = np.clip(seen, 0, 1) @ to_xyz.T / (0.9505, 1, 1.089)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def test_bounds_rise_from_what_can_just_be_seen_to_everything() -> None:
    bounds = [step.up_to for step in HEAT]
    assert all(lower < upper for lower, upper in pairwise(bounds))
    assert 1 < bounds[0] <= 2
    assert bounds[-1] == inf
    assert bounds[-2] < 100  # black against white


@pytest.mark.parametrize("eye", EYES)
def test_steps_become_darker_and_stay_apart_for_all_eyes(eye: str) -> None:
    seen = see(COLOURS, eye)
    assert (np.diff(seen[:, 0]) <= -4).all()
    for first, second in pairwise(seen):
        assert np.linalg.norm(first - second) >= 8


@pytest.mark.parametrize("eye", EYES)
def test_the_heat_stands_out_of_faded_grays(eye: str) -> None:
    (gray,) = see([DARKEST_GRAY], eye)
    for seen in see(COLOURS, eye):
        assert seen[0] <= gray[0] - 5  # on paper
        assert np.linalg.norm(seen - gray) >= 30


@pytest.mark.parametrize("eye", EYES)
def test_ignored_pixels_are_no_step_of_the_heat(eye: str) -> None:
    colour, speck = see([IGNORED_COLOUR, IGNORED_SPECK], eye)
    for seen in see(COLOURS, eye):
        assert np.linalg.norm(seen - colour) >= 15
    # They are told by their specks as well.
    assert colour[0] - speck[0] >= 40


def test_the_report_can_draw_a_legend_without_numpy() -> None:
    code = "import sys, visualdiff.heat; print(sorted({'numpy', 'cv2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
