"""The dataclasses of `settings` → pydantic models: validation, and the JSON Schema of the file."""

import re
from dataclasses import MISSING, Field, asdict, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeGuard, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    create_model,
)
from pydantic import Field as ModelField

from visualdiff.globs import check_glob
from visualdiff.settings import Config, Focus, Mask, Output, Settings
from visualdiff.variants import BUILT_IN, VALUE, check_template, check_value

_DERIVED: Final = ("folder", "overrides", "only")
# A share of a side, of which a width or height has some.
_SHARE: Final = r"[0-9]{1,3}(\.[0-9]{1,6})?%"
_PLACE: Final = rf"^-?{_SHARE}$"
_SIZE: Final = rf"^(?=.*[1-9]){_SHARE}$"
_COLOUR: Final = "^(none|#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}))$"

_VARIABLE: Final = "[A-Za-z_][A-Za-z0-9_]*"
_VARIABLES: Final = WithJsonSchema(
    {
        "type": "object",
        "propertyNames": {"pattern": rf"^(?!name$){_VARIABLE}$(?!\n)"},
        "additionalProperties": {"type": "string", "pattern": VALUE},
    }
)
_FILLED: Final = rf"([^{{}}]|\{{{_VARIABLE}\}})*"
_TEMPLATE: Final = {"type": "string", "pattern": rf"^{_FILLED}\{{name\}}{_FILLED}$(?!\n)"}

# An address of Dask's, or the path of a file.
_SCHEDULER: Final = r"^(?!.*://).+$|^(tcp|tls|ucx|ws|wss)://[^\s/]+:[0-9]{1,5}$"

# What is no part of a URL, and could end an attribute or a cell of a table.
_URL: Final = WithJsonSchema({"type": "string", "pattern": r"^[^\s<>\"'`|\\]*$(?!\n)"})

# What no file system can store.
_PATH: Final = WithJsonSchema({"type": "string", "format": "path", "pattern": r"^[^\x00]*$"})

_Glob: TypeAlias = Annotated[str, AfterValidator(check_glob)]
_Value: TypeAlias = Annotated[str, AfterValidator(check_value)]


@cache
def file_model() -> type[BaseModel]:
    """Return the model of the file: `Config` without what is derived, and with its overrides."""
    override = create_model(
        "Override",
        __base__=settings_model(),
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


@cache
def settings_model() -> type[BaseModel]:
    """Return the model of `Settings`."""
    return _model_of(Settings)


def to_values(model: BaseModel) -> dict[str, Any]:
    """Return what a valid model holds, by the names of its fields."""
    return {name: getattr(model, name) for name in type(model).model_fields}


def _model_of(source: type[Any]) -> type[BaseModel]:
    """Make a pydantic model of a dataclass's fields, except the derived ones."""
    types = get_type_hints(source) | _narrow_types(source)
    members: dict[str, Any] = {
        item.name: (types[item.name], _model_field(item))
        for item in fields(source)
        if item.name not in _DERIVED
    }
    # Only what is made of it validates: building this one's validator too would take 10 ms.
    config = ConfigDict(extra="forbid", defer_build=True)
    return create_model(source.__name__, __config__=config, **members)


def _model_field(item: "Field[Any]") -> Any:
    if item.default_factory is not MISSING:
        return ModelField(default_factory=item.default_factory, **item.metadata)
    default = ... if item.default is MISSING else item.default
    return ModelField(default=default, **item.metadata)


def _narrow_types(source: type[Any]) -> dict[str, Any]:
    """Return the types of fields whose limits a constraint on the whole field cannot say."""
    path = Annotated[Path, AfterValidator(_check_path), _PATH]
    if issubclass(source, Mask):
        place = Annotated[Any, PlainValidator(_check_place), _describe_length(_PLACE)]
        size = Annotated[Any, PlainValidator(_check_size), _describe_length(_SIZE, minimum=1)]
        return {"x": place, "y": place, "width": size, "height": size}
    colour = WithJsonSchema({"type": "string", "pattern": _COLOUR})
    return {
        "baselines": path,
        "candidates": path,
        "report": path,
        "mask_images": tuple[path, ...],
        "masks": _list_of(Mask),
        "focus": _list_of(Focus),
        "mask_colour": Annotated[Any, PlainValidator(_check_colour), colour],
        "max_memory": Annotated[int, ModelField(ge=1)] | Literal["auto"],
        "workers": Annotated[int, ModelField(ge=1)] | Literal["auto"],
        "reports": Annotated[tuple[Output, ...], ModelField(min_length=1)] | Literal["auto"],
        "scheduler": Annotated[
            str,
            AfterValidator(_check_scheduler),
            WithJsonSchema({"type": "string", "pattern": _SCHEDULER}),
        ],
        "url_prefix": Annotated[str, AfterValidator(_check_url), _URL],
        "include": tuple[_Glob, ...],
        "exclude": tuple[_Glob, ...],
        "variables": Annotated[dict[str, _Value], AfterValidator(_check_names), _VARIABLES],
        "variants": tuple[_Template, ...],
    }


def _list_of(source: type[Any]) -> Any:
    """Return the type of a list of mappings, or of instances, that become instances."""
    build = AfterValidator(lambda model: source(**to_values(model)))
    plain = BeforeValidator(lambda value: asdict(value) if isinstance(value, source) else value)
    return tuple[Annotated[_model_of(source), build, plain], ...]  # type: ignore[misc]  # as above


def _describe_length(pattern: str, **limits: int) -> WithJsonSchema:
    share = {"type": "string", "pattern": pattern}
    return WithJsonSchema({"anyOf": [{"type": "integer", **limits}, share]})


def _check_place(value: object) -> object:
    if _is_whole(value) or _fits(value, _PLACE):
        return value
    raise ValueError('pixels (a whole number) or a share such as "12.5%"')


def _check_size(value: object) -> object:
    if (_is_whole(value) and value > 0) or _fits(value, _SIZE):
        return value
    raise ValueError('pixels (a whole number, at least 1) or a share such as "12.5%"')


def _check_colour(value: object) -> object:
    if _fits(value, _COLOUR):
        return value
    hint = "; without quotes YAML takes it for a comment" if value is None else ""
    raise ValueError(f'a colour in quotes such as "#ff00ff", or none{hint}')


def _check_url(text: str) -> str:
    if re.fullmatch(r"[^\s<>\"'`|\\]*", text):
        return text
    raise ValueError("a URL, without spaces and quotes")


def _check_scheduler(text: str) -> str:
    if _fits(text, _SCHEDULER):
        return text
    raise ValueError("an address such as tcp://host:8786, a scheduler file, or local")


def _check_path(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("a path")
    return path


def _check_names(variables: dict[str, str]) -> dict[str, str]:
    if all(re.fullmatch(_VARIABLE, name) and name != "name" for name in variables):
        return variables
    raise ValueError("names of letters, digits and _, and none called `name`")


def _check_template(template: str, info: ValidationInfo) -> str:
    # Variables are validated before; if they are wrong, it is not known which names there are.
    variables = info.data.get("variables")
    return check_template(template, None if variables is None else {*BUILT_IN, *variables})


_Template: TypeAlias = Annotated[str, AfterValidator(_check_template), WithJsonSchema(_TEMPLATE)]


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _fits(value: object, pattern: str) -> bool:
    # `$` also matches before a line break at the end, as it does not in JSON Schema.
    return isinstance(value, str) and re.search(pattern, value) is not None and "\n" not in value
