"""The page on security: its limits are those of the code, its workflow gives away no rights.

What else it promises is tested where it is kept: test_faults, test_full_disk, test_determinism,
test_config_attacks, test_hostile_names, test_approval, test_reviewing_attacks.
"""

import re
from pathlib import Path

import pytest
import yaml

from visualdiff import images, strict_yaml
from visualdiff.settings import MAX_IMAGE_PIXELS, Config

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/security.md").read_text("utf-8")
CONFIG = Config(folder=ROOT, baselines=ROOT, candidates=ROOT)


@pytest.mark.parametrize(
    ("of", "most", "key"),
    [
        ("pixels of an image", f"{MAX_IMAGE_PIXELS:,}", "`max_image_pixels`"),
        ("pixels of a side", f"{images._HIGHEST_SIDE:,}", ""),
        ("bytes of an image file", f"{images._HIGHEST_BYTES:,}", ""),
        ("seconds for a pair", f"{CONFIG.pair_timeout:g}", "`pair_timeout`"),
    ],
)
def test_limits_are_those_of_the_code(of: str, most: str, key: str) -> None:
    assert f"| {of} | {most} | {key} |".replace("  ", " ") in PAGE


def test_limits_of_the_configuration_are_those_of_the_code() -> None:
    bytes_, nodes = strict_yaml.HIGHEST_BYTES, strict_yaml._HIGHEST_NODES
    assert f"{bytes_:,} bytes, {nodes:,} values" in PAGE
    assert f"{strict_yaml._HIGHEST_DEPTH} levels" in PAGE


def test_the_workflow_has_no_right_but_to_read_and_runs_nothing_of_a_fork() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    workflow = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - the strictest; `on` stays text
    assert workflow["on"] == {
        "workflow_run": {"workflows": ["screenshots"], "types": ["completed"]}
    }
    assert {*workflow["permissions"].values()} == {"read"}
    checkout, download, *_ = workflow["jobs"]["visual"]["steps"]
    assert "with" not in checkout  # so that it is the default branch
    assert download["with"]["path"] == "screenshots"
    assert "secrets." not in text


def test_every_part_of_the_tool_is_among_what_is_trusted_or_not() -> None:
    rows = re.findall(r"^\| (.*?) \| (yes.*?|no) \| ", PAGE, re.MULTILINE)
    assert [word for _, word in rows].count("no") == 3
    assert len(rows) == 9


def test_nothing_but_workers_and_a_browser_is_ever_started() -> None:
    """What the page says of code in images, hooks and the network, as far as imports tell."""
    found = {
        (path.relative_to(ROOT / "visualdiff").as_posix(), name)
        for path in (ROOT / "visualdiff").rglob("*.py")
        for name in re.findall(
            r"^\s*(?:import|from) (subprocess|webbrowser|urllib\.request|http|requests|ftplib)\b",
            path.read_text("utf-8"),
            re.MULTILINE,
        )
    }
    assert found == {("workers.py", "subprocess"), ("reviewing/server.py", "webbrowser")}
