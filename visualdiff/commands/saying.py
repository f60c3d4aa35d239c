"""What a command says beside its output, and how it calls itself in a report."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from visualdiff.printable import to_printable


def say(line: str) -> None:
    """Print a line at once, in which names of files steer no terminal."""
    with allowing_to_leave():
        print(to_printable(line))


def complain(text: str) -> None:
    """Print lines to standard error, in which names of files steer no terminal."""
    for line in text.split("\n"):
        print(to_printable(line), file=sys.stderr)


def tell_command() -> str:
    """Return the command line of this process, to be pasted into a shell."""
    return shlex.join(["visualdiff", *sys.argv[1:]])


@contextmanager
def allowing_to_leave() -> Iterator[None]:
    """Print what follows as far as somebody reads it: `| head` changes no verdict."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()


def discard_output() -> None:
    """Drop what is not yet written: else Python tries again, and changes the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
