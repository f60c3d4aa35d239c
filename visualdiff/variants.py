"""Which baselines belong to a candidate: one for each environment, and several accepted ones.

A template such as `{name}-{platform}` says what the baseline of an environment is called; the
first of a chain that exists is taken. `home@2.png`, `home@3.png` and so on are accepted beside
`home.png`. Pure, but for `list_entries`, which looks what files there are.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from posixpath import splitext
from typing import Final

from visualdiff.errors import ConfigError
from visualdiff.settings import Config
from visualdiff.urls import is_stand_in

# Placeholders that need no variable; the value of `{browser}` is known only where one says it.
BUILT_IN: Final = frozenset(("name", "platform", "browser"))
_PLATFORMS: Final = ("linux", "macos", "windows")
# For people who write JSON Schema too: what may be in a name, without .., on any file system.
VALUE: Final = r"^(?!.*\.\.)[A-Za-z0-9_]([A-Za-z0-9_ .+-]*[A-Za-z0-9_+-])?$(?!\n)"
_NAME: Final = "{name}"
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
# What a file system may refuse, and @, which numbers accepted baselines.
_FORBIDDEN: Final = re.compile(r'[\\:*?"<>|@\x00-\x1f]')
_VALUE: Final = re.compile(VALUE)
# No @1, and no @2x either: that is how icons for screens of twice the density are called.
_NUMBERED: Final = re.compile(r"(.*[^/])@([2-9]|[1-9][0-9]+)", re.DOTALL)


def check_template(template: str, known: Collection[str] | None = None) -> str:
    """Return a template; raise `ValueError` that says what is wanted.

    Its placeholders must be among `known`, if these are. No value and no name can lead a template
    out of the folder, or to a hidden file.
    """
    names = _PLACEHOLDER.findall(template)
    literal = _PLACEHOLDER.sub("x", template)
    if "{" in literal or "}" in literal:
        raise ValueError("every brace closed, as in {name}")
    if names.count("name") != 1:
        raise ValueError("{name} in it, once")
    unknown = [name for name in names if known is not None and name not in known]
    if known is not None and unknown:
        told = ", ".join(f"{{{name}}}" for name in sorted(known))
        raise ValueError(f"only {told}; give `{unknown[0]}` a value under `variables`")
    if _FORBIDDEN.search(literal) or re.search(r"(^|/)(\.|/|$)", literal):
        raise ValueError('a relative path, without .., hidden names and any of \\ : * ? " < > | @')
    return template


def check_value(value: str) -> str:
    """Return the value of a variable; raise `ValueError` if it cannot be part of a name."""
    if _VALUE.fullmatch(value) and ".." not in value:
        return value
    raise ValueError("letters, digits, spaces and any of . _ + -, beginning with one of the first")


class Chain:
    """The templates of a run, the most specific first, and what is known of its environment.

    `variables` go before those of the configuration. Raises `ConfigError` for what cannot be part
    of a file name, and when a value is lacking for each of the templates.
    """

    def __init__(self, config: Config, variables: Mapping[str, str] | None = None) -> None:
        values = describe_environment(config, variables)
        parts = [_split(template) for template in config.variants]
        self._open = [
            (_open(before, values), re.compile(rf"(?={_open(after, values).pattern}\Z)"))
            for before, after in parts
        ]
        lacking = [_list_lacking(template, values) for template in config.variants]
        self._known = [
            (_fill(before, values), _fill(after, values))
            for (before, after), absent in zip(parts, lacking, strict=True)
            if not absent
        ]
        if not self._known:
            name = lacking[0][0]
            raise ConfigError(
                f"variants: no template can be used, as {{{name}}} has no value; set it under "
                f"`variables`, by --variable {name}=VALUE, or add a template without it"
            )

    def fill(self, stem: str) -> list[str]:
        """Return where baselines of a name may stand, names without extension, best first."""
        return [before + stem + after for before, after in self._known]

    def read(self, stem: str) -> Iterator[str]:
        """Yield the names whose baseline in this or another environment `stem` may be.

        Several may be meant: `a-b-c.png` is `a-b` for the browser `c`, or `a` for `b-c`.
        """
        for before, after in self._open:
            ends = [match.start() for match in after.finditer(stem)]
            for start in _find_starts(before, stem) if ends else ():
                yield from (stem[start:end] for end in ends if end > start)


def describe_environment(
    config: Config, variables: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the values of all placeholders that have one; `{platform}` is this machine's."""
    platform = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    values = {"platform": platform, **config.variables, **(variables or {})}
    for name, value in values.items():
        try:
            check_value(value)
        except ValueError as error:
            raise ConfigError(f"variables.{name}: got {value!a}, wanted {error}") from None
    return values


def tell_environment(config: Config) -> str:
    """Return the values that choose among variants, in words; nothing if none is used."""
    used = set(_list_placeholders("".join(config.variants)))
    values = describe_environment(config).items()
    return ", ".join(f"{name} {value}" for name, value in values if name in used)


def group_accepted(names: Iterable[str], ordinary: Collection[str]) -> dict[str, list[str]]:
    """Return baselines by the name of the first, in the order of their numbers.

    The first itself may be absent. `ordinary` are names, without extension, of which each stands
    for itself even if it ends like a number.
    """
    groups: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        stem, extension = split_name(name)
        # Most names have no @, and to search for one in the middle takes long.
        numbered = _NUMBERED.fullmatch(stem) if "@" in stem and stem not in ordinary else None
        first, number = (numbered[1], int(numbered[2])) if numbered else (stem, 1)
        groups.setdefault(first + extension, []).append((number, name))
    return {first: [name for _, name in sorted(group)] for first, group in groups.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselines:
    """The accepted baselines of one candidate, if there are any, as a `Pair` takes them.

    `target` is where the first would be written: the most specific name of this environment.
    """

    baseline: Path | None
    alternates: tuple[Path, ...]
    target: Path


def split_name(name: str) -> tuple[str, str]:
    """Return the name of an image file without its extension, and that with its dot."""
    stem, dot, extension = name.rpartition(".")  # in a third of the time of `splitext`
    return stem, dot + extension


def list_entries(folder: Path) -> list[str]:
    """Return the names of all that is in a folder; none where there is none."""
    try:
        return [path.name for path in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def find_baselines(
    config: Config,
    name: str,
    variables: Mapping[str, str] | None = None,
    list_names: Callable[[Path], Iterable[str]] = list_entries,
) -> Baselines:
    """Return the accepted baselines of one candidate, and where its first would be written.

    `name` is relative, with forward slashes and an extension, which baselines must have too.
    `variables` go before those of the configuration; `list_names` tells what is in a folder.
    Raises `ConfigError` for a name that leads out of the folder of baselines, and as `Chain` does.
    """
    if re.search(r"(^|[/\\])\.{0,2}([/\\]|$)", name) or PureWindowsPath(name).drive:
        raise ConfigError(f"name of a screenshot: got {name!a}, wanted a relative one without ..")
    stem, extension = splitext(name)
    places = [
        config.baselines / f"{choice}{extension}" for choice in Chain(config, variables).fill(stem)
    ]
    found = (_list_accepted(place, list_names(place.parent)) for place in places)
    accepted = next(filter(None, found), ())
    first, *others = accepted or (None,)
    return Baselines(baseline=first, alternates=tuple(filter(None, others)), target=places[0])


def _list_accepted(first: Path, names: Iterable[str]) -> tuple[Path, ...]:
    """Return the files that are accepted beside the first, itself among them if it exists."""
    names = [name for name in names if name.startswith(first.stem)]
    accepted = group_accepted(names, (first.stem,)).get(first.name, ())
    paths = (first.parent / name for name in accepted)
    return tuple(path for path in paths if is_stand_in(path) or not path.is_dir())


def _split(template: str) -> tuple[str, str]:
    """Return what stands before and after the name in a template."""
    try:
        before, _, after = check_template(template).partition(_NAME)
    except ValueError as error:
        raise ConfigError(f"variants: got {template!a}, wanted {error}") from None
    return before, after


def _list_placeholders(text: str) -> list[str]:
    return _PLACEHOLDER.findall(text)


def _list_lacking(template: str, values: Mapping[str, str]) -> list[str]:
    """Return the placeholders of a template that have no value."""
    return [name for name in _list_placeholders(template) if name != "name" and name not in values]


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def _open(text: str, values: Mapping[str, str]) -> re.Pattern[str]:
    """Return the expression of what stands in place of a text in any environment."""
    platforms = "|".join(map(re.escape, sorted({*_PLATFORMS, values["platform"]})))
    pieces = _PLACEHOLDER.split(text)  # literals, and the names between them
    pieces[::2] = map(re.escape, pieces[::2])
    pieces[1::2] = [f"(?:{platforms})" if name == "platform" else "[^/]+" for name in pieces[1::2]]
    return re.compile("".join(pieces))


def _find_starts(before: re.Pattern[str], stem: str) -> list[int]:
    """Return where a name may begin that follows an expression."""
    if not before.pattern:
        return [0]
    return [start for start in range(len(stem)) if before.fullmatch(stem, 0, start)]
