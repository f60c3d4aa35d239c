"""The plugin's options: each is an option of the command line and a key of the ini file.

Standard library and pytest only: every test session reads this.
"""

import os
import shlex
from argparse import ArgumentError, ArgumentTypeError
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from visualdiff.environment import is_ci
from visualdiff.urls import is_url, place
from visualdiff.words import to_variable

_UPDATES: Final = ("none", "missing", "changed", "all")
_UPDATE: Final = (
    "Write baselines: missing ones; changed: also those that do not match; all: also those that "
    "match, if they are other bytes. Refused where CI is set."
)
_UNUSED: Final = (
    "What baselines mean that no test has used, once the whole suite has passed; default ignore."
)
# Name, the words for its value or its choices, help.
_OPTIONS: Final[tuple[tuple[str, str | tuple[str, ...], str], ...]] = (
    ("config", "PATH", "Configuration; default: visualdiff.yaml in the root folder, if any."),
    ("baselines", "PATH", "Folder or URL of the accepted images; default: baselines."),
    ("report", "PATH", "Folder or URL of the report; default: visualdiff-report."),
    ("preset", ("strict", "default", "lenient"), "Where the line is drawn."),
    ("threshold", "NUMBER", "Lowest SSIM that passes: 0 to 1, higher is stricter."),
    ("update", _UPDATES, _UPDATE),
    (
        "on-new",
        ("fail", "warn", "ignore"),
        "What an image without a baseline means; default fail.",
    ),
    ("unused", ("ignore", "warn", "fail", "delete"), _UNUSED),
)
_PATHS: Final = ("config", "baselines", "report")
# What decides whether a baseline matches, and pytest's own options that decide where it is.
_DECIDING: Final = {
    **{f"visualdiff_{name}": f"--visualdiff-{name}" for name in (*_PATHS, "preset", "threshold")},
    "inifilename": "--config-file",
    "rootdir": "--rootdir",
}


def add_options(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("visualdiff", "comparison of images")
    for name, value, text in _OPTIONS:
        words: dict[str, Any] = {"metavar": value}
        if isinstance(value, tuple):
            words = {"metavar": "|".join(value), "choices": value}
        group.addoption(f"--visualdiff-{name}", help=text, **words)
        parser.addini(_to_key(name), text)
    text = "Value of a placeholder in variants, such as browser=firefox; repeatable."
    words = {"metavar": "NAME=VALUE", "type": to_variable, "action": "append"}
    group.addoption("--visualdiff-variable", **words, help=text)
    parser.addini(_to_key("variable"), text, type="linelist", default=[])
    short = {"action": "store_const", "const": "changed", "dest": _to_key("update")}
    with suppress(ValueError, ArgumentError):  # another plugin has it already
        group.addoption("-U", **short, help="The same as --visualdiff-update=changed.")
    group.addoption(
        "--visualdiff-force-update",
        action="store_true",
        help="Write and delete baselines even where CI is set.",
    )


def check_options(config: pytest.Config) -> None:
    """Raise `pytest.UsageError` for what is no choice, or would rewrite baselines in CI."""
    read_settings(config)
    for name, choices, _ in _OPTIONS:
        value = config.getini(_to_key(name))
        if isinstance(choices, tuple) and value and value not in choices:
            raise pytest.UsageError(
                f"{config.inipath}: {_to_key(name)}: got {value!r}, wanted {' or '.join(choices)}"
            )
    if _may_write(config):
        return
    given = config.getoption(_to_key("update")) not in (None, "none"), "update"
    deletes = config.getoption(_to_key("unused")) == "delete", "unused"
    for refused, name in (given, deletes):
        if refused:
            raise pytest.UsageError(
                f"--visualdiff-{name} is refused, as CI is set: there, a baseline that does not "
                "match shall fail. Update where you can look at it, or --visualdiff-force-update"
            )


def read_option(config: pytest.Config, name: str) -> Any:
    """Return an option of the command line, or else of the ini file; None if neither says it.

    Relative paths are of the working directory, or else of the ini file's folder; that of a URL is
    its stand-in. In CI, an ini file that writes baselines does not count. Raises
    `pytest.UsageError` for a URL that is none.
    """
    value = config.getoption(_to_key(name))
    if value is not None:
        if name not in _PATHS:
            return value
        return _locate(value, config.invocation_params.dir, f"--visualdiff-{name}")
    value = config.getini(_to_key(name)) or None
    if value is None:
        return None
    if name in _PATHS:
        folder = config.inipath.parent if config.inipath else config.rootpath
        return _locate(value, folder, f"{config.inipath}: {_to_key(name)}")
    if not _may_write(config) and (name == "update" or value == "delete"):
        return "fail" if name == "unused" else None
    return value


def read_settings(config: pytest.Config) -> Mapping[str, object]:
    """Return what the options say of the configuration, by its keys.

    Raises `pytest.UsageError` for a threshold that is none, or a variable without a value.
    """
    names = ("baselines", "report", "preset", "on-new")
    given = {name.replace("-", "_"): read_option(config, name) for name in names}
    given["threshold"] = _read_threshold(config)
    given["variables"] = _read_variables(config) or None
    return {key: value for key, value in given.items() if value is not None}


def tell_command(config: pytest.Config, test: str, update: str) -> str:
    """Return the command that runs one test and writes its baselines."""
    given = [
        f"{option}={config.getoption(key)}"
        for key, option in _DECIDING.items()
        if config.getoption(key) is not None
    ]
    given += [f"--override-ini={text}" for text in config.getoption("override_ini") or ()]
    variables = config.getoption(_to_key("variable")) or ()
    given += [f"--visualdiff-variable={name}={value}" for name, value in variables]
    path, _, rest = test.partition("::")
    shown = os.path.relpath(config.rootpath / path, config.invocation_params.dir)
    return shlex.join(["pytest", f"{shown}::{rest}", f"--visualdiff-update={update}", *given])


def _locate(text: str, folder: Path, where: str) -> Path:
    """Return the path that an option tells, relative to a folder."""
    if not is_url(text):
        return folder / text
    try:
        return place(text, folder)
    except ValueError as error:
        raise pytest.UsageError(f"{where}: {error}") from None


def _read_threshold(config: pytest.Config) -> float | None:
    text = read_option(config, "threshold")
    if text is None:
        return None
    with suppress(ValueError):
        if 0 <= float(text) <= 1:
            return float(text)
    key = _to_key("threshold")
    where = f"{config.inipath}: {key}" if config.getoption(key) is None else _DECIDING[key]
    raise pytest.UsageError(f"{where}: got {text!r}, wanted a number, 0 to 1")


def _read_variables(config: pytest.Config) -> dict[str, str]:
    """Return the values of variables, of which those of the command line count more."""
    key = _to_key("variable")
    try:
        lines = [to_variable(line) for line in config.getini(key)]
    except ArgumentTypeError as error:
        raise pytest.UsageError(f"{config.inipath}: {key}: {error}") from None
    return dict([*lines, *(config.getoption(key) or ())])


def _may_write(config: pytest.Config) -> bool:
    """Return whether baselines may be written at all."""
    return bool(config.getoption("visualdiff_force_update")) or not is_ci()


def _to_key(name: str) -> str:
    return f"visualdiff_{name.replace('-', '_')}"


def find_substitute(started: float) -> Path:
    """Return where the report goes if its folder cannot be written, or before it is sent.

    It is the same in all workers.
    """
    import tempfile  # noqa: PLC0415 - see above

    return Path(tempfile.gettempdir(), f"visualdiff-report-{started}")
