"""The command line: arguments → calls, results → words and an exit code.

Exit codes: 0 everything passed; 1 something failed, is new, missing or unreadable; 2 usage or
configuration error, or nothing to compare; 130 interrupted, 143 terminated.
"""

import io
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from visualdiff.commands import load_command, parse_arguments
from visualdiff.commands.saying import allowing_to_leave, complain, discard_output
from visualdiff.parser import UsageError

# Everything else is imported by the command that needs it: `--help` shall answer at once.


def main() -> NoReturn:
    """Run the command line and exit."""
    # Starting threads for linear algebra, which nothing here needs, takes 0.1 s of CPU.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _terminate)
    _open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no arrow or ü gets an escape, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = 1
    try:
        # Flushed at its end: a full disk shall be found out here, not when Python has ended.
        with allowing_to_leave():
            code = execute(sys.argv[1:])
    except OSError as error:
        complain(f"error: {error.filename or 'output'}: {error.strerror}")
        code = 2
        discard_output()
    except KeyboardInterrupt:
        complain("interrupted")
        code = 130
    sys.exit(code)


def execute(words: list[str]) -> int:
    """Do what the words of a command line say, and return the exit code."""
    try:
        name, options = parse_arguments(words)
    except UsageError as error:
        complain(str(error))
        return 2
    except SystemExit as end:
        if end.code:
            raise
        return 0  # `--help` or `--version` was answered
    from visualdiff.errors import VisualdiffError  # noqa: PLC0415

    try:
        return load_command(name).execute(options)
    except VisualdiffError as error:
        for line in str(error).splitlines():
            complain(f"error: {line}")
        return 2


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(143)  # as `model.TERMINATED`, which `--help` need not load


def _open_standard_streams() -> None:
    """Open those that the caller has closed, in the order of their numbers, which they get."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - a device, for good
