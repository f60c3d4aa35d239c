"""Globs: which names they match, and so which settings a pair has."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from typing import Final

from wcmatch import glob

from visualdiff.settings import Config, Settings

# GLOBSTAR: ** crosses folders. MATCHBASE: a pattern without a slash matches at any depth, as in
# .gitignore; a pattern that silently matched nothing in subfolders would leave images untested.
_FLAGS: Final = glob.GLOBSTAR | glob.BRACE | glob.MATCHBASE | glob.DOTMATCH | glob.FORCEUNIX


def check_glob(pattern: str) -> str:
    """Return a glob; raise `ValueError` when it stands for too many patterns."""
    try:
        _compile(pattern)
    except Exception as error:  # {1..9999} stands for too many; the library's class is private
        raise ValueError(f"a glob that stands for fewer patterns ({error})") from error
    return pattern


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a relative POSIX name matches any of the globs."""
    return any(
        expression.fullmatch(name) for pattern in patterns for expression in _compile(pattern)
    )


def settings_for(config: Config, name: str) -> Settings:
    """Return the settings of the pair called `name`: the config's, changed by its overrides."""
    return resolve_settings(config)(name)


def resolve_settings(config: Config) -> Callable[[str], Settings]:
    """Return what `settings_for` does, for many names: equal settings are one and the same."""
    base = Settings(**{item.name: getattr(config, item.name) for item in fields(Settings)})
    known: dict[tuple[int, ...], Settings] = {(): base}

    def resolve(name: str) -> Settings:
        chosen = tuple(
            place
            for place, override in enumerate(config.overrides)
            if matches(name, (override.match,))
        )
        if chosen not in known:
            settings = base
            for place in chosen:
                settings = replace(settings, **config.overrides[place].changes)
            known[chosen] = settings
        return known[chosen]

    return resolve


@cache
def _compile(pattern: str) -> tuple[re.Pattern[str], ...]:
    """Return the expressions of which one must match; the library's own look-up is slower."""
    wanted, _ = glob.translate(pattern, flags=_FLAGS)
    return tuple(re.compile(expression) for expression in wanted)
