"""`visualdiff.yaml` and the command line → `Config`; all mistakes are reported at once.

The settings, their limits and their documentation are declared once, on the dataclasses of
`model`; pydantic reads them from there for validation and for the JSON Schema.
"""

import difflib
import json
import re
from collections.abc import Callable, Mapping
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
from visualdiff.model import Config, Mask, Override, Settings
from visualdiff.strict_yaml import Document, YamlError, parse_yaml

Place: TypeAlias = tuple[str | int, ...]
# What pydantic tells of a mistake: loc, type, msg, input.
_Mistake: TypeAlias = Mapping[str, Any]
# From the place of a mistake and its kind to line, column and the words for the place.
_Locate: TypeAlias = Callable[[Place, str], tuple[int, int, str]]

# pydantic's names for a key that a model, or a dataclass, does not have.
_UNKNOWN_KEY: Final = ("extra_forbidden", "unexpected_keyword_argument")
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
            *_list_mistakes(error, Config, partial(_locate, document, path, given))
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
        raise ConfigError(*_list_mistakes(error, Settings, _locate_nowhere)) from None


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


def _list_mistakes(error: ValidationError, model: type[Settings], locate: _Locate) -> list[str]:
    """Return a line for each mistake in the fields of `model`, in the order of the file."""
    grouped: dict[Place, list[_Mistake]] = {}
    for mistake in error.errors():
        place = mistake["loc"]
        if mistake["type"] == "too_short" and mistake["input"]:
            continue  # all its items are wrong, which is told of each
        # A union adds the name of each alternative to the place: these are one mistake.
        if place[0] == "workers":
            place = place[:1]
        grouped.setdefault(place, []).append(mistake)
    lines = []
    for place, mistakes in grouped.items():
        line, column, prefix = locate(place, mistakes[0]["type"])
        lines.append((line, column, f"{prefix}: {_explain(place, mistakes, model)}"))
    return [text for _, _, text in sorted(lines)]


def _locate(
    document: Document, path: Path, given: Mapping[str, object], place: Place, kind: str
) -> tuple[int, int, str]:
    """Return line, column and the words for the place of a mistake in a file or an option."""
    if place[0] in given:
        return 0, 0, _show_option(str(place[0]))
    line, column = document.find(place, key=kind in _UNKNOWN_KEY)
    return line, column, f"{path}:{line}:{column}: {_show_place(place)}"


def _locate_nowhere(place: Place, _kind: str) -> tuple[int, int, str]:
    return 0, 0, _show_place(place)


def _show_option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _show_place(place: Place) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)[1:]


def _explain(place: Place, mistakes: list[_Mistake], model: type[Settings]) -> str:
    first = mistakes[0]
    if first["type"] == "missing":
        return "missing, but required"
    if first["type"] in _UNKNOWN_KEY:
        return "unknown key" + _suggest(place, model)
    alternatives = [_say_wanted(mistake) for mistake in mistakes]
    got = json.dumps(first["input"], ensure_ascii=False, default=repr)
    return f"got {got}, wanted {' or '.join(alternatives)}"


def _say_wanted(mistake: _Mistake) -> str:
    text = (
        str(mistake["msg"])
        .removeprefix("Input should be ")
        .removeprefix("Value error, ")
        .partition(", unable to parse")[0]
    )
    text = text.replace("greater than or equal to", "at least")
    text = text.replace("less than or equal to", "at most")
    return {
        "a valid boolean": "true or false",
        "a valid number": "a number",
        "a valid integer": "a whole number",
        "a valid string": "text (in quotes)",
        "a valid array": "a list",
        "a valid tuple": "a list",
        "Tuple should have at least 1 item after validation, not 0": "at least one item",
        "an object": "a mapping of `key: value`",
        "a valid dictionary": "a mapping of `key: value`",
        "a valid path": "a path",
        "greater than 0": "a number above 0",
    }.get(text, text)


def _suggest(place: Place, model: type[Settings]) -> str:
    """Return the nearest known key, or all keys that are known there."""
    holder = Mask if "masks" in place else (Settings if len(place) > 1 else model)
    known = [item.name for item in fields(holder) if item.name not in ("folder", "only")]
    if len(place) == 3 and holder is Settings:
        known.append("match")
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f", did you mean `{near[0]}`?" if near else f"; known here: {', '.join(sorted(known))}"
