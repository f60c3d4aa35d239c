"""What a command says beside its output, and how it calls itself in a report."""

import shlex
import sys


def complain(text: str) -> None:
    """Print a line to standard error."""
    print(text, file=sys.stderr)


def tell_command() -> str:
    """Return the command line of this process, to be pasted into a shell."""
    return shlex.join(["visualdiff", *sys.argv[1:]])
