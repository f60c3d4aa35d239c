"""`visualdiff approve`: from the words of the command line to new baselines, and back."""

import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from visualdiff.approval.decisions import Decisions, load_decisions
from visualdiff.approval.journal import (
    count_unfinished,
    hold_journal,
    replace_baselines,
    take_back,
)
from visualdiff.approval.plan import Plan, Replacement, Selection, plan_approval, select_pairs
from visualdiff.approval.review import Review, load_review
from visualdiff.config import load_config
from visualdiff.environment import is_ci
from visualdiff.errors import BaselineError, ReviewError
from visualdiff.files import is_inside
from visualdiff.locking import PATIENCE, lock_folder
from visualdiff.model import Status
from visualdiff.report import RESULTS
from visualdiff.settings import MAX_IMAGE_PIXELS, Config
from visualdiff.urls import show

_CONFIG: Final = Path("visualdiff.yaml")
_REPORT: Final = Path("visualdiff-report")
_STOPPED: Final = "--undo will take back as well what an approval had begun that was stopped"


class Approved(NamedTuple):
    """What was done and what was refused, in lines, and how many baselines are others now."""

    done: tuple[str, ...]
    refused: tuple[str, ...]
    changed: int


def approve(options: Namespace) -> Approved:
    """Do what the options say.

    Raises `ReviewError` where nothing can be done at all, and `BaselineError` where baselines
    cannot be saved before they are replaced.
    """
    if options.dry_run:
        return _act(open_review(options.config, options.results), options)
    refuse_in_ci(force=options.force)
    review = open_review(options.config, options.results)
    with hold_journal(review.report), lock_folder(review.report, PATIENCE):
        return _act(review, options)


def refuse_in_ci(*, force: bool) -> None:
    """Raise `ReviewError` in a CI job, unless forced."""
    if is_ci() and not force:
        raise ReviewError(
            "this is a CI job, where nobody looks at what is accepted; accept it on your own "
            "machine, or say --force"
        )


def _act(review: Review, options: Namespace) -> Approved:
    if options.undo:
        restored, refused = take_back(review.report, review.baselines, dry_run=options.dry_run)
        verb = "would be " if options.dry_run else ""
        done = tuple(
            f"{verb}{'restored' if old else 'removed'}: {path}" for path, old in restored.items()
        )
        return Approved(done, tuple(f"{path}: {why}" for path, why in refused.items()), len(done))
    plan = _plan(review, options)
    if options.optimize:
        plan = _optimise(plan)
    return _pretend(plan) if options.dry_run else _perform(review, plan)


def open_review(config_path: Path | None, results: Path | None) -> Review:
    """Return the report to act on, that of the configuration unless `results` is another.

    The configuration, not the report, says where files are. Raises `ReviewError`.
    """
    path = config_path or _CONFIG
    config = load_config(path) if config_path or path.exists() else None
    report = config.report if config else _REPORT
    review = load_review(results or report / RESULTS, config.folder if config else None)
    candidates = config.candidates if config else Path.cwd()
    return replace(review, baselines=_choose_baselines(review, config), candidates=candidates)


def tell_undo(options: Namespace) -> str:
    """Return the words that say how an approval is taken back."""
    given = {"--config": options.config, "--results": options.results}
    where = [word for name, path in given.items() if path for word in (name, show(path))]
    return f"`{shlex.join(['visualdiff', 'approve', '--undo', *where])}` takes it back"


def _choose_baselines(review: Review, config: Config | None) -> Path:
    if config:
        return config.baselines
    if is_inside(review.baselines, Path.cwd()):
        return review.baselines
    raise ReviewError(
        f"the report says that baselines are in {review.baselines}, which is not below this "
        "folder; go to the project, or name its configuration by --config"
    )


def _plan(review: Review, options: Namespace) -> Plan:
    decisions = load_decisions(options.decisions) if options.decisions else Decisions()
    for run in (options.run, decisions.run):
        if run and run != review.run:
            raise ReviewError(
                f"what was accepted is of another run than {review.report / RESULTS}; name the "
                "report that was looked at by --results"
            )
    wanted = Selection(
        globs=tuple(options.names),
        statuses=frozenset(Status(name) for name in options.status),
        groups=frozenset(options.group),
        decisions=decisions.accepted,
    )
    chosen, left = select_pairs(review, wanted)
    if options.all and not options.status:
        # Who accepts all that is new or changed does not mean what is gone, or could not be seen.
        meant = {Status.FAILED, Status.NEW, *([Status.MISSING] if options.prune else [])}
        chosen = [pair for pair in chosen if pair.status in meant]
    if not chosen and not left:
        raise ReviewError("nothing that did not pass fits; `--dry-run --all` lists what could be")
    plan = plan_approval(review, chosen, prune=options.prune)
    return replace(plan, refused=(*left, *plan.refused))


def _optimise(plan: Plan) -> Plan:
    from visualdiff.approval.optimising import optimise  # noqa: PLC0415 - decodes, which nothing else does

    smaller = tuple(optimise(item, MAX_IMAGE_PIXELS) for item in plan.replacements)
    return replace(plan, replacements=smaller)


def _pretend(plan: Plan) -> Approved:
    done = [f"would be {tell_replacement(item)}" for item in plan.replacements]
    return Approved((*done, *_tell_accepted(plan)), plan.refused, 0)


def _perform(review: Review, plan: Plan) -> Approved:
    """Replace baselines; where one cannot be written, tell of those before it as well."""
    done: list[str] = []
    refused = list(plan.refused)
    stopped = count_unfinished(review.report)
    if plan.replacements:
        try:
            for item, why in replace_baselines(review.report, plan.replacements):
                if why:
                    refused.append(f"{item.title}: {why}")
                else:
                    done.append(tell_replacement(item))
        except BaselineError as error:
            if not done:
                raise
            refused.append(str(error))
    more = [f"{_STOPPED}: {stopped:,}"] if stopped and done else []
    return Approved((*done, *_tell_accepted(plan), *more), tuple(refused), len(done))


def tell_replacement(item: Replacement) -> str:
    """Return a line that says what was done."""
    if item.data is None:
        return f"removed: {item.path}"
    return f"{'replaced' if item.old else 'written'}: {item.path}"


def _tell_accepted(plan: Plan) -> list[str]:
    return [f"accepted already: {path}" for path in plan.accepted]
