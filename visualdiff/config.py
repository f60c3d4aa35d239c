"""`visualdiff.yaml` and the command line → `Config`; all mistakes are reported at once.

The settings, their limits and their documentation are declared once, on the dataclasses of
`settings`; pydantic reads them from there for validation and for the JSON Schema.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, fields
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic import Field as ModelField

from visualdiff.errors import ConfigError
from visualdiff.globs import check_glob
from visualdiff.mistakes import UNKNOWN_KEY, Place, list_mistakes, show_place
from visualdiff.settings import Config, Mask, Override, Settings
from visualdiff.strict_yaml import Document, YamlError, parse_yaml

_DERIVED: Final = ("folder", "overrides", "only")

_Glob: TypeAlias = Annotated[str, AfterValidator(check_glob)]
# Limits that a constraint on the whole field cannot say.
_NARROWER_TYPES: Final = {
    "workers": Annotated[int, ModelField(ge=1)] | Literal["auto"],
    "include": tuple[_Glob, ...],
    "exclude": tuple[_Glob, ...],
}


def load_config(path: Path | str = "visualdiff.yaml", **changes: object) -> Config:
    """Read a configuration file; `changes` replace what it says, as command-line options do.

    Paths in the file are relative to its folder, paths in `changes` to the working directory.
    Raises `ConfigError` with one line for each mistake: where, what was got, what is wanted.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except UnicodeEncodeError as error:
        raise ConfigError(f"{path}: the file system cannot store such a name") from error
    except OSError as error:
        hint = "; `visualdiff init` writes one" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError(f"{path}: cannot be read: {error.strerror}{hint}") from error
    try:
        document = parse_yaml(content)
    except YamlError as error:
        raise ConfigError(f"{path}:{error.line}:{error.column}: {error}") from None
    return build_config(document, path, changes)


def build_config(document: Document, path: Path, changes: Mapping[str, object]) -> Config:
    """Validate a parsed file, apply `changes`, and return the configuration."""
    folder = path.resolve().parent
    given: dict[str, Any] = {
        key: _to_plain(value) for key, value in changes.items() if value not in (None, ())
    }
    _refuse_undecodable(given)
    only = _parse_only(given.pop("only", []))
    text = json.dumps(document.data | given, default=_to_jsonable)
    try:
        # JSON mode is pydantic's strict mode that still takes lists for tuples and text for paths.
        valid = _file_model().model_validate_json(text, strict=True)
    except ValidationError as error:
        raise ConfigError(
            *list_mistakes(error, Config, partial(_locate, document, path, given))
        ) from None
    values = {name: getattr(valid, name) for name in type(valid).model_fields}
    values["overrides"] = tuple(_to_override(item) for item in values["overrides"])
    for name in ("baselines", "candidates", "report"):
        values[name] = folder / values[name]
    return Config(folder=folder, only=only, **values)


def _parse_only(patterns: list[str]) -> tuple[str, ...]:
    try:
        return tuple(check_glob(pattern) for pattern in patterns)
    except ValueError as error:
        raise ConfigError(f"--only: wanted {error}") from None


def parse_settings(values: Mapping[str, object]) -> Settings:
    """Return settings from keyword arguments; raise `ConfigError` that lists all mistakes."""
    try:
        return _settings_adapter().validate_python(dict(values))
    except ValidationError as error:
        raise ConfigError(*list_mistakes(error, Settings, _locate_nowhere)) from None


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema of `visualdiff.yaml`."""
    schema = _file_model().model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


@cache
def _settings_adapter() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)


@cache
def _file_model() -> type[BaseModel]:
    """Return the model of the file: `Config` without what is derived, and with its overrides."""
    override = create_model(
        "Override",
        __base__=_model_of(Settings),
        match=(_Glob, ModelField(description="Glob of the names, such as checkout/*.png.")),
    )
    return create_model(
        "visualdiff.yaml",
        __base__=_model_of(Config),
        overrides=(
            tuple[override, ...],  # type: ignore[valid-type]  # a model made at run time
            ModelField(
                default=(),
                description="Settings for the pairs that a glob matches; later ones win.",
            ),
        ),
    )


def _model_of(source: type[Settings]) -> type[BaseModel]:
    """Make a pydantic model of a dataclass's fields, except the derived ones."""
    types = get_type_hints(source) | _NARROWER_TYPES
    members: dict[str, Any] = {
        item.name: (types[item.name], _model_field(item))
        for item in fields(source)
        if item.name not in _DERIVED
    }
    # Only what is made of it validates: building this one's validator too would take 10 ms.
    config = ConfigDict(extra="forbid", defer_build=True)
    return create_model(source.__name__, __config__=config, **members)


def _model_field(item: "Field[Any]") -> Any:
    default = ... if item.default is MISSING else item.default
    return ModelField(default=default, **item.metadata)


def _to_override(item: BaseModel) -> Override:
    changes = {name: getattr(item, name) for name in item.model_fields_set - {"match"}}
    return Override(match=getattr(item, "match"), changes=changes)  # noqa: B009 - not known to mypy


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
        if re.search("[\ud800-\udfff]", str(value))
    ]
    if mistakes:
        raise ConfigError(*mistakes)


def _locate(
    document: Document, path: Path, given: Mapping[str, object], place: Place, kind: str
) -> tuple[int, int, str]:
    """Return line, column and the words for the place of a mistake in a file or an option."""
    if place[0] in given:
        return 0, 0, _show_option(str(place[0]))
    line, column = document.find(place, key=kind in UNKNOWN_KEY)
    return line, column, f"{path}:{line}:{column}: {show_place(place)}"


def _locate_nowhere(place: Place, _kind: str) -> tuple[int, int, str]:
    return 0, 0, show_place(place)


def _show_option(key: str) -> str:
    return f"--{key.replace('_', '-')}"
