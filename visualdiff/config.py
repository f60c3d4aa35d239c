"""`visualdiff.yaml` and the command line → `Config`; all mistakes are reported at once.

The settings, their limits and their documentation are declared once, on the dataclasses of
`settings`; pydantic reads them from there, through the models of `schema`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from visualdiff.errors import ConfigError
from visualdiff.globs import check_glob
from visualdiff.mistakes import UNKNOWN_KEY, Locate, Place, list_mistakes, show_place
from visualdiff.presets import expand_preset
from visualdiff.schema import file_model, settings_model, to_values
from visualdiff.settings import Config, Mask, Override, Settings
from visualdiff.strict_yaml import HIGHEST_BYTES, Document, YamlError, parse_yaml
from visualdiff.urls import is_url, place
from visualdiff.words import to_scheduler

_FOLDERS: Final = ("baselines", "candidates", "report", "cache")


def load_config(path: Path | str = "visualdiff.yaml", **changes: object) -> Config:
    """Read a configuration file; `changes` replace what it says, as command-line options do.

    Paths in the file are relative to its folder, paths in `changes` to the working directory.
    Raises `ConfigError` with one line for each mistake: where, what was got, what is wanted.
    """
    path = Path(path)
    return build_config(read_document(path), path, changes)


def read_document(path: Path) -> Document:
    """Return a configuration file as it stands; raise `ConfigError` where it cannot be parsed."""
    try:
        with path.open("rb") as file:  # a device may never end
            content = file.read(HIGHEST_BYTES + 1)
    except UnicodeEncodeError as error:
        raise ConfigError(f"{path}: the file system cannot store such a name") from error
    except OSError as error:
        hint = "; `visualdiff init` writes one" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError(f"{path}: cannot be read: {error.strerror}{hint}") from error
    try:
        return parse_yaml(content)
    except YamlError as error:
        raise ConfigError(f"{path}:{error.line}:{error.column}: {error}") from None


def build_config(document: Document, path: Path, changes: Mapping[str, object]) -> Config:
    """Validate a parsed file, apply `changes`, and return the configuration."""
    folder = path.resolve().parent
    given: dict[str, Any] = {
        key: _to_plain(value) for key, value in changes.items() if value not in (None, ())
    }
    _refuse_undecodable(given)
    only = _parse_only(given.pop("only", []))
    values = _expand_presets(document.data) | expand_preset(given)
    values |= _place_urls(values, folder, partial(_locate, document, path, given))
    values |= _merge_variables(document.data, given)
    text = json.dumps(values, default=_to_jsonable)
    try:
        # JSON mode is pydantic's strict mode that still takes lists for tuples and text for paths.
        valid = file_model().model_validate_json(text, strict=True)
    except ValidationError as error:
        raise ConfigError(
            *list_mistakes(error, Config, partial(_locate, document, path, given))
        ) from None
    values = _resolve_paths(to_values(valid), folder)
    values["overrides"] = tuple(_to_override(item, folder) for item in values["overrides"])
    return Config(folder=folder, only=only, **values)


def _place_urls(values: Mapping[str, Any], folder: Path, locate: Locate) -> dict[str, str]:
    """Return the paths that stand for the URLs among the folders of a configuration.

    Archives of this machine are relative to the folder of the file.
    """
    placed, mistakes = {}, []
    for name in _FOLDERS:
        text = values.get(name)
        if isinstance(text, str) and "://" in text:
            try:
                placed[name] = str(place(text, folder))
            except ValueError as error:
                mistakes.append(f"{locate((name,), '')[2]}: {error}")
    masks = values.get("mask_images")
    if isinstance(masks, list) and any(is_url(str(text)) for text in masks):
        told = locate(("mask_images",), "")[2]
        mistakes.append(f"{told}: got a URL, wanted paths of this machine")
    if mistakes:
        raise ConfigError(*mistakes)
    return placed


def _resolve_paths(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return settings with all paths relative to a folder."""
    resolved: dict[str, Any] = {
        name: folder / values[name] for name in _FOLDERS if values.get(name) is not None
    }
    if "mask_images" in values:
        resolved["mask_images"] = tuple(folder / path for path in values["mask_images"])
    scheduler = to_scheduler(values.get("scheduler", ""))
    if isinstance(scheduler, Path):
        resolved["scheduler"] = str(folder / scheduler)
    return values | resolved


def _expand_presets(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a file with its presets expanded, where they stand."""
    expanded = expand_preset(data)
    if isinstance(expanded.get("overrides"), list):
        expanded["overrides"] = [
            expand_preset(item) if isinstance(item, dict) else item
            for item in expanded["overrides"]
        ]
    return expanded


def _merge_variables(data: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of a file, of which each may be replaced; what is none stays so."""
    told = data.get("variables", {})
    if "variables" in given and isinstance(told, dict):
        told = told | given["variables"]
    return {"variables": told}


def _parse_only(patterns: list[str]) -> tuple[str, ...]:
    try:
        return tuple(check_glob(pattern) for pattern in patterns)
    except ValueError as error:
        raise ConfigError(f"--only: wanted {error}") from None


def parse_settings(values: Mapping[str, object]) -> Settings:
    """Return settings from keyword arguments; raise `ConfigError` that lists all mistakes."""
    return Settings(**to_values(_validate(values)))


def change_settings(settings: Settings, values: Mapping[str, object], folder: Path) -> Settings:
    """Return settings changed by keyword arguments, whose paths are relative to a folder.

    Raises `ConfigError` that lists all mistakes.
    """
    return replace(settings, **_select_given(_validate(values), folder))


def _validate(values: Mapping[str, object]) -> BaseModel:
    try:
        return settings_model().model_validate(expand_preset(values))
    except ValidationError as error:
        raise ConfigError(*list_mistakes(error, Settings, _locate_nowhere)) from None


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema of `visualdiff.yaml`."""
    schema = file_model().model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _to_override(item: BaseModel, folder: Path) -> Override:
    given = _select_given(item, folder)
    return Override(match=given.pop("match"), changes=given)


def _select_given(model: BaseModel, folder: Path) -> dict[str, Any]:
    """Return what was set in a model, not its defaults, with paths relative to a folder."""
    given = model.model_fields_set
    values = {name: value for name, value in to_values(model).items() if name in given}
    return _resolve_paths(values, folder)


def _to_jsonable(value: object) -> object:
    """Return what JSON has no form for: a `Mask` as a mapping, all else as text, to be refused."""
    return asdict(value) if isinstance(value, Mask) else str(value)


def _to_plain(value: object) -> object:
    """Return a command-line value as it would stand in the file."""
    if isinstance(value, Path):
        return str(value.absolute())
    return list(value) if isinstance(value, tuple) else value


def _refuse_undecodable(given: Mapping[str, object]) -> None:
    """Refuse text with bytes that are not UTF-8, which JSON cannot hold."""
    mistakes = [
        f"{_show_option(key)}: got {value!a}, wanted text in UTF-8"
        for key, value in given.items()
        if re.search("[\ud800-\udfff]", _join_texts(value))
    ]
    if mistakes:
        raise ConfigError(*mistakes)


def _join_texts(value: object) -> str:
    """Return a value as text, with the characters of texts in it as they are."""
    if isinstance(value, Mapping):
        return " ".join(f"{key} {item}" for key, item in value.items())
    return str(value)


def _locate(
    document: Document, path: Path, given: Mapping[str, object], place: Place, kind: str
) -> tuple[int, int, str]:
    """Return line, column and the words for the place of a mistake in a file or an option."""
    if _is_given(place, given, document):
        return 0, 0, _show_option(*map(str, place))
    line, column = document.find(place, key=kind in UNKNOWN_KEY)
    return line, column, f"{path}:{line}:{column}: {show_place(place)}"


def _locate_nowhere(place: Place, _kind: str) -> tuple[int, int, str]:
    return 0, 0, show_place(place)


def _is_given(place: Place, given: Mapping[str, Any], document: Document) -> bool:
    """Return whether a mistake stands in the options; variables are replaced one by one."""
    if place == ("variables",):
        return "variables" not in document.data
    if place[0] == "variables":
        return place[1] in given.get("variables", ())
    return place[0] in given


def _show_option(key: str, *steps: str) -> str:
    if key == "variables":  # the one that is given one by one
        return " ".join(("--variable", *steps))
    return f"--{key.replace('_', '-')}"
