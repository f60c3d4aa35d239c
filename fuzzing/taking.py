"""Any bytes → numbers, choices and pieces, so that every input means something."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Option = TypeVar("Option")


class Taker:
    """Takes what it is asked for from bytes; zeros follow their end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def piece(self, count: int) -> bytes:
        """Take at most `count` bytes."""
        found = self._data[self._place : self._place + count]
        self._place += count
        return found

    def rest(self) -> bytes:
        """Take all that is left."""
        return self.piece(len(self._data))

    def number(self, least: int, most: int) -> int:
        """Take a number of a range, both ends included."""
        span = most - least + 1
        taken = self.piece((span.bit_length() + 7) // 8)
        return least + int.from_bytes(taken, "big") % span

    def choose(self, options: Sequence[Option]) -> Option:
        """Take one of several."""
        return options[self.number(0, len(options) - 1)]

    def several(self, make: Callable[["Taker"], Option], most: int) -> list[Option]:
        """Take at most `most` of a kind."""
        return [make(self) for _ in range(self.number(0, most))]

    def text(self, most: int) -> str:
        """Take text of at most `most` bytes, lone surrogates among it."""
        return self.piece(self.number(0, most)).decode("utf-8", "surrogateescape")
