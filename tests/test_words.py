"""Words of the command line → values."""

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from visualdiff.words import to_rectangle, to_scheduler, to_shard, to_variable


def test_a_variable_is_what_stands_before_and_after_the_first_equals_sign() -> None:
    assert to_variable("browser=firefox") == ("browser", "firefox")
    assert to_variable("a=b=c") == ("a", "b=c")
    assert to_variable("a=") == ("a", "")  # refused later, as in the file


@pytest.mark.parametrize("text", ["", "browser", "=firefox", "="])
def test_what_is_no_variable_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"^'{text}' is not NAME=VALUE"):
        to_variable(text)


def test_a_rectangle_is_four_lengths() -> None:
    assert to_rectangle("-5%, 1,2,3") == {"x": "-5%", "y": 1, "width": 2, "height": 3}


def test_a_scheduler_is_an_address_or_a_file() -> None:
    for address in ("local", "tcp://host:8786", "tls://[::1]:1"):
        assert to_scheduler(address) == address
    for file in ("scheduler.json", "/shared/scheduler.json", "host:8786"):
        assert to_scheduler(file) == Path(file)


def test_a_shard_is_one_of_a_number() -> None:
    assert to_shard("1/1") == (1, 1)
    assert to_shard("12/1000") == (12, 1000)


@pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "-1/4", "2/4/8", "2/ 4", "x/4", "1/1001"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"^'{text}' is not NUMBER/COUNT"):
        to_shard(text)
