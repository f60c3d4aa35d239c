"""Configurations that mean harm, or are not what they look like, through the installed command.

Each is refused with exit code 2 by one line that names the place, within little memory and time.
What is refused and why, case by case, is in test_strict_yaml.py.
"""

import itertools
from pathlib import Path
from typing import Final

import pytest
from injecting import run_injected

# Address space in bytes, seconds of CPU: far more than a refusal takes, far less than an attack.
BOUNDED: Final = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (700 << 20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (60,) * 2)
"""
VALID: Final = b"baselines: old\ncandidates: new\n"


def make_aliases(line: str) -> bytes:
    """Return a list of lists of lists, each of nine of the one before."""
    letters = "abcdefghij"
    lines = [
        line.format(new=new, old=",".join([f"*{old}"] * 9))
        for old, new in itertools.pairwise(letters)
    ]
    return "\n".join(["a: &a {k: 1}", *lines]).encode()


@pytest.mark.parametrize(
    ("content", "place", "told"),
    [
        pytest.param(make_aliases("{new}: &{new} [{old}]"), "6:", "200,000", id="aliases"),
        pytest.param(make_aliases("{new}: &{new} {{<<: [{old}]}}"), "6:", "200,000", id="merges"),
        pytest.param(VALID + b"x: &x [*x]\n", "3:10", "contains the alias", id="cycle"),
        pytest.param(VALID + b"#" * 100_000_000, "1:1", "more than 5,000,000", id="100 MB"),
        pytest.param(VALID + b"masks: " + b"[" * 1_000_000, "3:57", "deeper", id="deep flow"),
        pytest.param(b"- " * 1_000_000, "1:101", "deeper", id="deep block"),
        pytest.param(
            VALID + b"report: !!python/object/apply:os.system ['touch x']\n",
            *("3:9", "tag"),
            id="tag",
        ),
        pytest.param(VALID + b"threshold: 0.1\nthreshold: 0.99\n", "4:1", "duplicate", id="twice"),
        pytest.param(VALID + b"strict: no\n", "3:9", '"no"', id="no"),
        pytest.param(VALID + b"single_file: off\n", "3:14", '"off"', id="off"),
        pytest.param(VALID + b"overrides:\n\t- match: a\n", "4:1", "\\t", id="tab"),
        pytest.param(VALID.decode().encode("utf-16"), "1:1", "UTF-8", id="UTF-16"),
        pytest.param(VALID.decode().encode("utf-16-le"), "1:", "", id="UTF-16 without mark"),
        pytest.param(VALID + b"report: a\0b\n", "3:", "not allowed", id="NUL"),
        pytest.param(VALID + b'report: "a\\0b"\n', "3:9", "wanted a path", id="NUL by an escape"),
        pytest.param(
            VALID + b"report: a\x1b[2Jb\n", "3:", "not allowed", id="escape of a terminal"
        ),
        pytest.param(VALID + b"---\n" + VALID, "3:1", "second document", id="two documents"),
        pytest.param(VALID + b"include: ['{1..99999}']\n", "3:", "fewer patterns", id="braces"),
        pytest.param(VALID + b"threshold: .nan\n", "3:12", "", id="NaN"),
        pytest.param(VALID + b"threshold: 1e999\n", "3:12", "too large", id="infinity"),
    ],
)
def test_what_means_harm_is_refused_with_its_place(
    tmp_path: Path, content: bytes, place: str, told: str
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "visualdiff.yaml").write_bytes(content)
    done = run_injected(["run"], cwd=project, code=BOUNDED)
    assert (done.code, done.out, done.left) == (2, "", [])
    first, *more = done.err.splitlines()
    assert first.startswith(f"error: visualdiff.yaml:{place}"), done.err[:500]
    assert told in first
    assert len(first) < 300
    assert len(more) < 3
    assert "\x1b" not in done.err
    assert sorted(path.name for path in project.iterdir()) == ["visualdiff.yaml"]


def test_a_file_without_an_end_is_refused(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    done = run_injected(["run", "--config", "/dev/zero"], cwd=project, code=BOUNDED)
    assert done.code == 2
    assert (
        done.err == "error: /dev/zero:1:1: more than 5,000,000 bytes, which no configuration has\n"
    )
