"""What all tests of a session share: the configuration, and what the command line changes."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from visualdiff.config import build_config, change_settings, read_document
from visualdiff.errors import ReportError
from visualdiff.files import CANDIDATES
from visualdiff.globs import settings_for
from visualdiff.report import prepare_report
from visualdiff.settings import Config, Settings
from visualdiff.strict_yaml import Document
from visualdiff.testing.keeping import Keeper
from visualdiff.testing.shelf import Shelf
from visualdiff.urls import is_stand_in

CONFIG: Final = "visualdiff.yaml"
_BASELINES: Final = "baselines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A configuration, the settings that count more than its overrides, and what to update.

    `warning` says that the report is written to another folder than the configuration's, `keeper`
    keeps the candidates that do not pass, `shelf` knows the baselines of a store. `destination` is
    where the report is sent at the end of the session, if it is.
    """

    config: Config
    changes: Mapping[str, object] = field(default_factory=dict)
    update: str = "none"
    warning: str = ""
    keeper: Keeper = field(default_factory=Keeper)
    shelf: Shelf = field(default_factory=Shelf)
    destination: Path | None = None


def load_project(
    folder: Path,
    path: Path | None = None,
    changes: Mapping[str, object] | None = None,
    *,
    update: str = "none",
    substitute: Path | None = None,
    report_apart: bool = True,
) -> Project:
    """Read the configuration at `path`, or `visualdiff.yaml` in `folder` if there is one.

    `changes` are keys of the configuration, as options of the command line. All keys may be
    absent: baselines are in the folder `baselines`, candidates come from tests. Where the folder
    of the report cannot be written, or before it is sent to a URL, it is `substitute`. With
    `report_apart`, it must not be among the baselines, which `visualdiff run` lists. Raises
    `ConfigError`, and `ReportError` without a substitute.
    """
    default = folder / CONFIG
    document = Document({}, None)
    if path or default.exists():
        document = read_document(path or default)
    given = {key: value for key, value in (changes or {}).items() if value not in (None, "")}
    absent = {"candidates": CANDIDATES, "baselines": _BASELINES}
    # What the file says of candidates is for `visualdiff run`.
    whole = document._replace(data=absent | document.data)
    config = build_config(whole, path or default, given)
    report, warning = _prepare_report(config, substitute, apart=report_apart)
    return Project(
        config=replace(config, report=report, candidates=report / CANDIDATES),
        changes=_select_settings(given),
        update=update,
        warning=warning,
        destination=config.report if is_stand_in(config.report) else None,
    )


def choose_settings(
    project: Project, name: str, layers: Sequence[Mapping[str, object]]
) -> Settings:
    """Return the settings of the image called `name`: a later layer counts more.

    Below them are the command line, the overrides that match, and the rest of the configuration.
    Raises `ConfigError` that lists all mistakes of a layer.
    """
    settings = settings_for(project.config, name)
    for layer in (project.changes, *layers):
        if layer:
            settings = change_settings(settings, layer, project.config.folder)
    return settings


def _select_settings(values: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if key in Settings.__dataclass_fields__}


def _prepare_report(config: Config, substitute: Path | None, *, apart: bool) -> tuple[Path, str]:
    """Return the folder to which the report is written, and a warning if it is another."""
    images = {"baselines": config.baselines} if apart else {}
    if substitute and is_stand_in(config.report):
        with suppress(ReportError):  # said when it is sent
            prepare_report(config.report, images)
        prepare_report(substitute, images)
        return substitute, ""
    try:
        prepare_report(config.report, images)
    except ReportError as error:
        if substitute is None:
            raise
        prepare_report(substitute, images)
        return substitute, f"{error}; it is in {substitute} instead"
    return config.report, ""
