"""`RunResult` → reg.json, as reg-cli and reg-suit write and read it."""

import json
from collections.abc import Iterator
from pathlib import Path

from visualdiff.files import ASSETS, relative_to
from visualdiff.model import RunResult, Status


def render_reg(result: RunResult, folder: Path | None = None) -> Iterator[bytes]:
    """Yield reg.json: UTF-8; its folders are relative to `folder`, by default the report's.

    Items are names of pairs, as the tools have them. They know of no errors: what could not be
    compared failed. Their pictures of differences are called as the pair, ours by their content:
    `visualdiff`, a key that they pass over, says which is which, and the scores.
    """
    config = result.config
    start = folder or config.report

    def list_names(*statuses: Status) -> list[str]:
        return [item.name for item in result.results if item.status in statuses]

    diffs = {
        item.name: item.artifacts["diff"] for item in result.results if "diff" in item.artifacts
    }
    document = {
        "failedItems": list_names(Status.FAILED, Status.ERROR),
        "newItems": list_names(Status.NEW),
        "deletedItems": list_names(Status.MISSING),
        "passedItems": list_names(Status.PASSED),
        "expectedItems": [item.name for item in result.results if item.baseline],
        "actualItems": [item.name for item in result.results if item.candidate],
        "diffItems": list(diffs),
        "actualDir": relative_to(start, config.candidates),
        "expectedDir": relative_to(start, config.baselines),
        "diffDir": relative_to(start, config.report / ASSETS),
        "visualdiff": {
            "scores": {
                item.name: item.comparison.score for item in result.results if item.comparison
            },
            # The tools know of no run that did not come to its end.
            **({"interrupted": result.interrupted} if result.interrupted else {}),
            "diffs": {name: path.removeprefix(f"{ASSETS}/") for name, path in diffs.items()},
        },
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    yield f"{text}\n".encode("utf-8", "backslashreplace")
