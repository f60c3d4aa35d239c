"""What libraries say on standard error, where that is a file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from visualdiff.chatter import mark_chatter, read_chatter


@pytest.fixture
def stderr(tmp_path: Path) -> Iterator[None]:
    """Let standard error be a file that can be read, as a worker's is."""
    kept = os.dup(2)
    with (tmp_path / "messages").open("w+b") as file:
        os.dup2(file.fileno(), 2)
        yield
        os.dup2(kept, 2)
    os.close(kept)


def say(text: str) -> None:
    os.write(2, text.encode("utf-8", "surrogateescape"))


@pytest.mark.usefixtures("stderr")
def test_what_was_said_since_is_told_line_by_line_and_once() -> None:
    say("before\n")
    mark = mark_chatter()
    assert read_chatter(mark) == ()
    say("libpng warning: a\n\n  b \nlibpng warning: a\nc\nd\n")
    assert read_chatter(mark) == ("libpng warning: a", "b", "c")


@pytest.mark.usefixtures("stderr")
def test_long_and_odd_texts_are_cut_and_escaped() -> None:
    mark = mark_chatter()
    say("x" * 100_000)
    assert read_chatter(mark) == ("x" * 200,)
    mark = mark_chatter()
    say("\udcff\n")
    assert read_chatter(mark) == ("\\xff",)


def test_a_terminal_or_a_log_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    kept = os.dup(2)
    with (tmp_path / "log").open("wb") as file:
        os.dup2(file.fileno(), 2)
        mark = mark_chatter()
        say("x\n")
        told = read_chatter(mark)
        read, write = os.pipe()
        os.dup2(write, 2)
        beyond = mark_chatter()
        os.dup2(kept, 2)
    for number in (kept, read, write):
        os.close(number)
    assert (mark, told) == (0, ())
    assert (beyond, read_chatter(beyond)) == (-1, ())
