"""A word of the command line → a value; `ArgumentTypeError` says what is wrong with it."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Final

from visualdiff.urls import is_url, place

_LAST_PORT: Final = 65_535
# Shards that a run may have: more is a slip of the finger, and takes long to deal.
MOST_SHARDS: Final = 1000


def to_number(text: str) -> float:
    """Return a number."""
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"'{text}' is not a valid float.") from None


def to_whole_number(text: str) -> int:
    """Return a whole number."""
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"'{text}' is not a valid integer.") from None


def to_port(text: str) -> int:
    """Return the number of a port, 0 for a free one."""
    port = to_whole_number(text)
    if not 0 <= port <= _LAST_PORT:
        raise ArgumentTypeError(f"'{text}' is not between 0 and {_LAST_PORT}.")
    return port


def to_rectangle(text: str) -> dict[str, int | str]:
    """Return the rectangle of `X,Y,WIDTH,HEIGHT`."""
    lengths = [part.strip() for part in text.split(",")]
    if len(lengths) != 4:
        raise ArgumentTypeError(f"'{text}' is not X,Y,WIDTH,HEIGHT.")
    values = (part if part.endswith("%") else to_whole_number(part) for part in lengths)
    return dict(zip(("x", "y", "width", "height"), values, strict=True))


def to_place(text: str) -> Path:
    """Return a path, that of a URL being its stand-in."""
    try:
        return place(text) if is_url(text) else Path(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{error}.") from None


def to_local(text: str) -> Path:
    """Return a path of this machine."""
    if is_url(text):
        raise ArgumentTypeError(f"'{text}' is a URL, where a path of this machine is wanted.")
    return Path(text)


def to_folder(text: str) -> Path:
    """Return the path of a folder, which may not exist yet, or of what stands for a URL."""
    if is_url(text):
        return to_place(text)
    if Path(text).exists() and not Path(text).is_dir():
        raise ArgumentTypeError(f"Directory '{text}' is a file.")
    return Path(text)


def to_local_folder(text: str) -> Path:
    """Return the path of a folder of this machine, which may not exist yet."""
    return to_folder(str(to_local(text)))


def to_file(text: str) -> Path:
    """Return the absolute path of a file to be written."""
    if to_local(text).is_dir():
        raise ArgumentTypeError(f"File '{text}' is a directory.")
    return Path(text).absolute()


def to_existing(text: str) -> Path:
    """Return the path of a file or a folder."""
    if not to_local(text).exists():
        raise ArgumentTypeError(f"File '{text}' does not exist.")
    return Path(text)


def to_image(text: str) -> Path:
    """Return the path of a file."""
    path = to_existing(text)
    if path.is_dir():
        raise ArgumentTypeError(f"File '{text}' is a directory.")
    return path


def to_one_of(*words: str) -> Callable[[str], str]:
    """Return what takes one of these words only."""

    def convert(text: str) -> str:
        if text not in words:
            raise ArgumentTypeError(f"'{text}' is not one of {', '.join(map(repr, words))}.")
        return text

    return convert


def to_statuses(text: str) -> tuple[str, ...]:
    """Return the statuses of `failed,new`."""
    convert = to_one_of("failed", "new", "missing")
    return tuple(convert(part.strip()) for part in text.split(","))


def to_variable(text: str) -> tuple[str, str]:
    """Return name and value of `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"'{text}' is not NAME=VALUE.")
    return name, value


def to_shard(text: str) -> tuple[int, int]:
    """Return number and count of `NUMBER/COUNT`."""
    number, _, count = text.partition("/")
    if not (
        number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= MOST_SHARDS
    ):
        raise ArgumentTypeError(f"'{text}' is not NUMBER/COUNT, such as 2/4.")
    return int(number), int(count)


def to_scheduler(text: str) -> Path | str:
    """Return the path of a scheduler file; `local` and an address, as they are."""
    return text if text in ("", "local") or "://" in text else Path(text)
