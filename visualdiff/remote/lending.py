"""Drivers that are made for one thread → one for many: each call has a driver of its own."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

# What an object is to blame for, and not the connection.
_ANSWERS: Final = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError)


class Lender:
    """Lends drivers to calls: as many are open as calls were under way at once."""

    async_impl = False

    def __init__(self, driver: Any, start: Callable[[], Any]) -> None:
        self._start = start
        # Of a list, both appending and taking are done by one thread at a time.
        self._idle = [driver]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return what makes a call of that name."""

        def call(*values: Any, **options: Any) -> Any:
            driver = self._take()
            try:
                found = getattr(driver, name)(*values, **options)
            except _ANSWERS:
                self._idle.append(driver)
                raise
            except BaseException:
                # Its connection may be lost: whoever tries again has another.
                _close(driver)
                raise
            self._idle.append(driver)
            return found

        return call

    def _take(self) -> Any:
        with suppress(IndexError):
            return self._idle.pop()
        return self._start()


def _close(driver: Any) -> None:
    close = getattr(driver, "close", None)
    if close:
        close()
