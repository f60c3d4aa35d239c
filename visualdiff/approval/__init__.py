"""`visualdiff approve`: from the words of the command line to new baselines, and back."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Final

from visualdiff.approval.decisions import load_decisions
from visualdiff.approval.journal import replace_baselines, take_back
from visualdiff.approval.plan import Plan, Replacement, Selection, plan_approval, select_pairs
from visualdiff.approval.review import Review, load_review
from visualdiff.config import load_config
from visualdiff.environment import is_ci
from visualdiff.errors import ReviewError
from visualdiff.model import Status
from visualdiff.settings import MAX_IMAGE_PIXELS

_CONFIG: Final = Path("visualdiff.yaml")
_REPORT: Final = Path("visualdiff-report")
_RESULTS: Final = "results.json"


def approve(options: Namespace) -> tuple[list[str], list[str]]:
    """Do what the options say; return what was done, and what was refused, in lines.

    Raises `ReviewError` where nothing can be done at all, and `BaselineError` where a baseline
    cannot be written.
    """
    if is_ci() and not (options.force or options.dry_run):
        raise ReviewError(
            "this is a CI job, where nobody looks at what is accepted; accept it on your own "
            "machine, or say --force"
        )
    results, folder = _find_results(options)
    if options.undo:
        return _undo(results.parent, dry_run=options.dry_run)
    review = load_review(results, folder)
    plan = _plan(review, options)
    if options.optimize:
        plan = _optimise(plan)
    if not options.dry_run and plan.replacements:
        replace_baselines(review.report, plan.replacements)
    verb = "would be " if options.dry_run else ""
    done = [f"{verb}{_tell(item)}" for item in plan.replacements]
    done += [f"accepted already: {path}" for path in plan.accepted]
    return done, list(plan.refused)


def _find_results(options: Namespace) -> tuple[Path, Path | None]:
    """Return the results to act on, and the folder of the configuration if there is one."""
    path = options.config or _CONFIG
    if not options.config and not path.exists():
        return options.results or _REPORT / _RESULTS, None
    config = load_config(path)
    return options.results or config.report / _RESULTS, config.folder


def _plan(review: Review, options: Namespace) -> Plan:
    decisions = load_decisions(options.decisions) if options.decisions else None
    wanted = Selection(
        globs=tuple(options.names),
        statuses=frozenset(Status(name) for name in options.status),
        groups=frozenset(options.group),
        decisions=decisions,
    )
    chosen, left = select_pairs(review, wanted)
    if options.all and not options.prune and not options.status:
        # Who accepts all that is new or changed does not mean what is gone.
        chosen = [pair for pair in chosen if pair.status in (Status.FAILED, Status.NEW)]
    if not chosen and not left:
        raise ReviewError("nothing that did not pass fits; `--dry-run --all` lists what could be")
    plan = plan_approval(review, chosen, prune=options.prune)
    return replace(plan, refused=(*left, *plan.refused))


def _optimise(plan: Plan) -> Plan:
    from visualdiff.approval.optimising import optimise  # noqa: PLC0415 - decodes, which nothing else does

    smaller = tuple(optimise(item, MAX_IMAGE_PIXELS) for item in plan.replacements)
    return replace(plan, replacements=smaller)


def _undo(report: Path, *, dry_run: bool) -> tuple[list[str], list[str]]:
    restored, refused = take_back(report, dry_run=dry_run)
    verb = "would be restored" if dry_run else "restored"
    return [f"{verb}: {path}" for path in restored], list(refused)


def _tell(item: Replacement) -> str:
    if item.data is None:
        return f"removed: {item.path}"
    return f"{'replaced' if item.old else 'written'}: {item.path}"
