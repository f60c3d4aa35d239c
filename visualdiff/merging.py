"""The reports of all shards → the report that one run would have written."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from os.path import normpath
from pathlib import Path
from typing import NamedTuple

from visualdiff.concluding import list_warnings
from visualdiff.errors import ReportError
from visualdiff.files import relative_to
from visualdiff.model import RunResult, Shard
from visualdiff.report import RESULTS, hold_report, write_report
from visualdiff.report.copying import copy_assets
from visualdiff.report.loading import load_results
from visualdiff.settings import Config
from visualdiff.sharding import INDIFFERENT
from visualdiff.urls import is_stand_in


class _Part(NamedTuple):
    """The report of a shard: its folder as it was named, its run, and which shard it is."""

    folder: Path
    run: RunResult
    shard: Shard

    def __str__(self) -> str:
        return f"{self.folder} (shard {self.shard})"


def merge_reports(folders: Sequence[Path], report: Path, *, command: str = "") -> RunResult:
    """Write the report of a run whose shards have written theirs to `folders`, to `report`.

    The folders may come in any order. Return the run, whose seconds are those of all shards
    together. Raises `ReportError`, a line for each mistake, unless they are all shards of one run
    and each is there once; and `ConfigError` where `report` is no folder for a report.
    """
    report = report.absolute()
    base = _find_base(load_results(folders[0] / RESULTS), report)
    parts = _load(folders, base)
    for find in (_list_foreign, _list_uneven, _list_lost):
        if mistakes := tuple(find(parts)):
            raise ReportError("\n".join(mistakes))
    config = replace(parts[0].run.config, report=report)
    images = {"baselines": config.baselines, "candidates": config.candidates}
    shards = {f"report of shard {part.shard}": part.folder for part in parts}
    result = _join([part.run for part in parts], config, command)
    with hold_report(report, images | shards):
        for part in parts:
            copy_assets(part.run.results, part.run.config.report, report)
        write_report(result)
    return result


def _find_base(first: RunResult, report: Path) -> Path:
    """Return the folder of the configuration, as seen from the merged report.

    That is where the shard says, if images are there; else it was downloaded to another place,
    and the merged report stands to the configuration as the shard's once did. No path leads there
    from a store: then it is this folder.
    """
    config = first.config
    if is_stand_in(report) or is_stand_in(config.report):
        return config.folder if _has_images(config) else Path.cwd()
    if _has_images(config):
        return config.folder
    return Path(normpath(report / relative_to(config.report, config.folder)))


def _has_images(config: Config) -> bool:
    images = config.candidates if is_stand_in(config.baselines) else config.baselines
    return images.is_dir()


def _load(folders: Sequence[Path], base: Path) -> list[_Part]:
    parts, whole = [], []
    for folder in folders:
        run = load_results(folder / RESULTS, base)
        if run.interrupted:
            whole.append(f"{folder} was interrupted by {run.interrupted}: run that shard again")
        elif run.shard:
            parts.append(_Part(folder, run, run.shard))
        else:
            whole.append(f"{folder} is no shard: it was written without `--shard`")
    if whole:
        raise ReportError("\n".join(whole))
    return sorted(parts, key=lambda part: part.shard.number)


def _list_foreign(parts: Sequence[_Part]) -> Iterator[str]:
    first, *others = parts
    for part in others:
        if part.shard.count != first.shard.count:
            told = f"one of {part.shard.count} shards, one of {first.shard.count}"
        elif part.shard.fingerprint != first.shard.fingerprint:
            told = _tell_apart(part, first)
        else:
            continue
        yield f"{part} and {first} are of different runs: {told}"


def _tell_apart(part: _Part, other: _Part) -> str:
    """Return in what two runs differ, as far as their reports tell it."""
    one, two = (_list_settings(item.run.config) for item in (part, other))
    told = [f"{name} {one[name]}, {two[name]}" for name in one if one[name] != two[name]]
    if part.shard.total != other.shard.total:
        told.append(f"{part.shard.total:,} pairs, {other.shard.total:,}")
    return "; ".join(told) or "other images, overrides or version of visualdiff"


def _list_settings(config: Config) -> dict[str, str]:
    values = {item.name: getattr(config, item.name) for item in fields(config)}
    for name in ("baselines", "candidates"):
        values[name] = relative_to(config.folder, values[name])
    return {name: str(value) for name, value in values.items() if name not in INDIFFERENT}


def _list_uneven(parts: Sequence[_Part]) -> Iterator[str]:
    """Yield which shards are missing, or there more than once."""
    by_number: dict[int, list[str]] = defaultdict(list)
    for part in parts:
        by_number[part.shard.number].append(str(part.folder))
    count = parts[0].shard.count
    for number in range(1, count + 1):
        found = by_number[number]
        if not found:
            yield f"shard {number}/{count} is missing: name the folder of its report too"
        elif len(found) > 1:
            yield f"shard {number}/{count} is there repeatedly: {', '.join(found)}; name one"


def _list_lost(parts: Sequence[_Part]) -> Iterator[str]:
    """Yield pairs that are in several shards or in none, as of a file that was edited."""
    shards: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        for item in part.run.results:
            shards[item.name].append(str(part))
    for name, found in shards.items():
        if len(found) > 1:
            yield f"{name} is in {' and in '.join(found)}"
    total = parts[0].shard.total
    if len(shards) != total:
        yield f"the shards have {len(shards):,} pairs, wanted {total:,}: one was changed"


def _join(runs: Sequence[RunResult], config: Config, command: str) -> RunResult:
    """Return the run of which these are the shards."""
    whole = RunResult(
        results=tuple(
            sorted((item for run in runs for item in run.results), key=lambda item: item.name)
        ),
        config=config,
        command=command,
        started=min(run.started for run in runs),
        seconds=sum(run.seconds for run in runs),
        reused=sum(run.reused for run in runs),
    )
    # What does not depend on statuses was told by each shard of all pairs.
    shared = {text: None for run in runs for text in _list_shared(run)}
    return replace(whole, warnings=(*list_warnings(whole), *shared))


def _list_shared(run: RunResult) -> list[str]:
    own = set(list_warnings(run))
    return [text for text in run.warnings if text not in own]
