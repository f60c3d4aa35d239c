"""results.json → the `RunResult` that it was written of, as far as a report needs it.

Overrides are not in the file; each pair brings the settings that it was judged by. What a
comparison by itself said is what its pair said.
"""

import json
from collections.abc import Mapping
from functools import cache, partial
from math import isfinite
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from visualdiff.errors import ReportError
from visualdiff.files import locate, read_file, to_path
from visualdiff.model import Comparison, PairResult, RunResult, Shard
from visualdiff.schema import file_model, settings_model, to_values
from visualdiff.settings import Config, Settings
from visualdiff.soundness import require_sound
from visualdiff.urls import is_stand_in
from visualdiff.words import MOST_SHARDS

_REGENERATE: Final = "name the results.json of a report, or write a new one by `visualdiff run`"


class _Pairs(BaseModel):
    total: int
    missing: int
    new: int


class _Run(BaseModel):
    command: str
    started: str
    seconds: float
    warnings: tuple[str, ...]
    folder: str
    baselines: str
    candidates: str
    settings: dict[str, Any]
    interrupted: Literal["Ctrl-C", "SIGTERM"] | None = None
    shard: str | None = None
    fingerprint: str | None = None
    pairs: _Pairs | None = None
    reused: int = 0


class _Document(BaseModel):
    schema_version: Literal[1]
    run: _Run
    results: list[dict[str, Any]]


def load_results(path: Path, base: Path | None = None) -> RunResult:
    """Return the run that a results.json tells of; `config.report` is the folder of the file.

    Rendered again, it gives the same bytes. `base` is the folder of the configuration, where it
    is not to be found as the file says. Raises `ReportError` for what no visualdiff of this
    `schema_version` has written.
    """
    try:
        content = read_file(path)
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}; {_REGENERATE}") from error
    try:
        return _parse(content, path.absolute().parent, base)
    except ReportError as error:
        raise ReportError(
            f"{path} is not of this visualdiff ({error}); {_REGENERATE}"
        ) from error.__cause__


def _parse(content: bytes, report: Path, base: Path | None = None) -> RunResult:
    """Return the run of a file in a folder; raise `ReportError` that says what is wrong."""
    try:
        told = json.loads(content, parse_constant=_refuse, parse_float=_read_float)
        return _build_run(told, report, base)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ReportError(f"{place}: {first['msg']}" if place else first["msg"]) from error
    except KeyError as error:
        raise ReportError(f"no {error}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ReportError(str(error)) from error


def _refuse(constant: str) -> float:
    raise ValueError(f"it holds {constant}")


def _read_float(text: str) -> float:
    """Return a number; 1e999 would be infinite, and could not be written again."""
    number = float(text)
    return number if isfinite(number) else _refuse(text)


def _build_run(data: Any, report: Path, base: Path | None) -> RunResult:
    document = _Document.model_validate(data)
    told = document.run
    config = _build_config(told, report, base or _find_base(report, told.folder))
    build = partial(_build_pair, folder=config.folder, known={})
    return RunResult(
        results=tuple(map(build, document.results)),
        config=config,
        command=told.command,
        started=told.started,
        seconds=told.seconds,
        warnings=told.warnings,
        shard=_build_shard(told),
        reused=told.reused,
        interrupted=told.interrupted or "",
    )


def _find_base(report: Path, told: str) -> Path:
    """Return the folder of the configuration, to which no path leads from a store."""
    return Path.cwd() if is_stand_in(report) else locate(report, told)


def _build_shard(told: _Run) -> Shard | None:
    if told.shard is None:
        return None
    number, count = map(int, told.shard.split("/"))
    if not (told.fingerprint and told.pairs and 1 <= number <= count <= MOST_SHARDS):
        raise ValueError(f"shard {told.shard!a} without what belongs to it")
    return Shard(
        number=number,
        count=count,
        total=told.pairs.total,
        missing=told.pairs.missing,
        new=told.pairs.new,
        fingerprint=told.fingerprint,
    )


def _build_config(told: _Run, report: Path, folder: Path) -> Config:
    given = {key: value for key, value in told.settings.items() if key != "only"}
    folders = {"baselines": told.baselines, "candidates": told.candidates}
    values = to_values(file_model().model_validate(given | folders))
    values |= {name: locate(folder, path) for name, path in folders.items()}
    values["mask_images"] = tuple(folder / to_path(str(path)) for path in values["mask_images"])
    only = TypeAdapter(tuple[str, ...]).validate_python(told.settings.get("only", ()))
    return Config(folder=folder, only=only, **(values | {"report": report}))


def _build_pair(entry: Mapping[str, Any], folder: Path, known: dict[str, Settings]) -> PairResult:
    """Return the result of an entry; `known` are settings by how they were told."""
    text = json.dumps(entry["settings"])
    if text not in known:
        known[text] = _build_settings(entry["settings"], folder)
    size = (entry["width"], entry["height"])
    compared = entry["score"] is not None
    values: dict[str, Any] = {
        **entry,
        "test": entry["test"] or "",
        "settings": known[text],
        "comparison": _build_comparison(entry, known[text]) if compared else None,
        "size": None if compared or None in size else size,
    }
    return require_sound(_pairs().validate_python(values))


def _build_settings(told: Mapping[str, Any], folder: Path) -> Settings:
    values = to_values(settings_model().model_validate(told))
    values["mask_images"] = tuple(folder / to_path(str(path)) for path in values["mask_images"])
    return Settings(**values)


def _build_comparison(entry: Mapping[str, Any], settings: Settings) -> Comparison:
    told = {"preset": settings.preset, "tolerance": settings.tolerance, "warnings": ()}
    return _comparisons().validate_python({**entry, **told})


@cache
def _pairs() -> TypeAdapter[PairResult]:
    return TypeAdapter(PairResult)


@cache
def _comparisons() -> TypeAdapter[Comparison]:
    return TypeAdapter(Comparison)
