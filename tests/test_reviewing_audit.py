"""review.log: lines that can be trusted, whatever stands in the folder."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from visualdiff.errors import ReviewError
from visualdiff.reviewing.audit import LOG, Line, append_lines, read_outcomes

LINE = Line(
    run="1f8a",
    action="accept",
    name="a\x1b[2J\n\u202eé.png",
    test="",
    baseline="old/a.png",
    old="",
    new="ff",
    outcome="accepted",
)


def test_a_line_is_one_line_of_ascii_with_its_time(tmp_path: Path) -> None:
    append_lines(tmp_path, [LINE])
    append_lines(tmp_path, [LINE])
    data = (tmp_path / LOG).read_bytes()
    assert data.isascii()
    assert data.count(b"\n") == 2
    assert b"\x1b" not in data
    told = json.loads(data.splitlines()[0])
    assert told["name"] == LINE.name
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["time"])


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "profile"
    target.write_text("mine\n")
    (tmp_path / LOG).symlink_to(target)
    with pytest.raises(ReviewError, match="cannot be written"):
        append_lines(tmp_path, [LINE])
    assert target.read_text() == "mine\n"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOG)
    assert list(read_outcomes(tmp_path, "1f8a")) == []
    with pytest.raises(ReviewError, match="cannot be written"):
        append_lines(tmp_path, [LINE])


def test_nothing_more_is_done_once_the_log_is_full(tmp_path: Path) -> None:
    done = []

    def act() -> Iterator[Line]:
        for number in range(3):
            done.append(number)
            yield LINE
            if number == 1:
                raise OSError(28, "No space left on device")

    with pytest.raises(ReviewError, match="No space left"):
        append_lines(tmp_path, act())
    assert done == [0, 1]


def test_what_somebody_else_wrote_is_passed_over(tmp_path: Path) -> None:
    append_lines(tmp_path, [LINE])
    with (tmp_path / LOG).open("ab") as file:
        file.write(b'no json\n[]\n{"run": "1f8a"}\n\xff\n')
        file.write(b"[" * 200_000 + b"\n")
    append_lines(tmp_path, [LINE])
    found = [(LINE.name, "", "accepted")] * 2
    assert list(read_outcomes(tmp_path, "1f8a")) == found
    assert list(read_outcomes(tmp_path, "other")) == []
    assert list(read_outcomes(tmp_path / "nowhere", "1f8a")) == []
