"""`RunResult` → summary.md: what happened, the worst pairs in words and pictures, and a list.

GitHub's flavour of Markdown, which others understand. Whatever others wrote, such as names, stands
in it with entities of HTML, which never begin or end anything.
"""

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final, NamedTuple
from urllib.parse import quote

from visualdiff.groups import list_groups
from visualdiff.model import PairResult, RunResult, Status
from visualdiff.printable import to_printable
from visualdiff.report.entries import describe_region, identify, list_first_regions
from visualdiff.report.urgency import ORDER, list_urgent, say_headline
from visualdiff.verdict import format_score, format_threshold

# GitHub refuses a summary of more than 1 MiB as a whole.
MOST_BYTES: Final = 1_000_000
_END: Final = "\n</details>\n"
_SIDES: Final = ("baseline", "candidate", "diff")
_MOST_WORST: Final = 10
_MOST_LINES: Final = 10
_MOST_CHARACTERS: Final = 500
# What may begin or end something in Markdown or HTML, or become a link of itself.
_SPECIAL: Final = re.compile(
    r"""^(?:[\s+-]|\d+[.)])|w(?=ww\.)|:(?!\s|$)|["#$&*<>@\[\\\]_`|~]""", re.IGNORECASE
)


class _Links(NamedTuple):
    """The URLs of the report's folder and of its page, "" for what there is not, None for both."""

    folder: str | None
    page: str


class _Piece(NamedTuple):
    """A part of the text, and the number of pairs that it tells of."""

    text: str
    pairs: int = 0


def render_markdown(
    result: RunResult, place: str | None = "", most_bytes: int = MOST_BYTES
) -> Iterator[bytes]:
    """Yield summary.md piece by piece: UTF-8, `most_bytes` at most.

    `place` is the URL of the report's folder, absolute, or relative to where the text will stand;
    "" is there, and None nowhere: then no picture is shown, and nothing linked.
    """
    urgent = list_urgent(result)
    # The last words are sure of their place.
    room = most_bytes - len(f"{_END}{_tell_left(len(urgent))}".encode())
    left, started, opened = len(urgent), False, False
    for piece in _list_pieces(result, urgent, _find_links(result, place)):
        data = piece.text.encode()
        room -= len(data)
        if room < 0:
            break
        yield data
        left, started = left - piece.pairs, True
        opened |= piece.text.startswith("<details>")
    if opened:
        yield _END.encode()
    if started and left:
        yield _tell_left(left).encode()


def _list_pieces(result: RunResult, urgent: list[PairResult], links: _Links) -> Iterator[_Piece]:
    """Yield the text in parts, the most important first."""
    yield _Piece(f"{_write_head(result, len(urgent), links)}\n")
    for item in urgent[:_MOST_WORST]:
        yield _Piece("\n".join(_write_pair(item, links)) + "\n", 1)
    rest = urgent[_MOST_WORST:]
    if rest:
        # Without an empty line, what follows would be no Markdown.
        yield _Piece(
            f"<details><summary>{len(rest):,} more</summary>\n\n"
            "| status | image | score | why |\n|---|---|---:|---|\n"
        )
    for item in rest:
        yield _Piece(_write_row(item, links), 1)


def _tell_left(count: int) -> str:
    return f"\n... and {count:,} more: see the report\n"


def _write_head(result: RunResult, look: int, links: _Links) -> str:
    counts = [f"{result.count(status):,}" for status in ORDER]
    verdict = "passed" if result.passed else "failed"
    lines = [
        f"### visualdiff {verdict}: {say_headline(result, look)}",
        "",
        f"| {' | '.join(ORDER)} |",
        f"|{'---:|' * len(ORDER)}",
        f"| {' | '.join(counts)} |",
        "",
    ]
    told = [f"warning: {warning}" for warning in result.warnings]
    told += [*list_groups(result.results), *_list_tolerated(result)]
    lines += [f"- {_escape(text)}" for text in told[:_MOST_LINES]]
    if len(told) > _MOST_LINES:
        lines.append(f"- ... and {len(told) - _MOST_LINES:,} more: see the report")
    if links.page:
        lines += [*([""] if told else []), f'<a href="{links.page}">Open the report</a>']
    if look > _MOST_WORST:
        lines += ["", f"#### The worst {_MOST_WORST} of {look:,}"]
    return "\n".join((*lines, ""))


def _list_tolerated(result: RunResult) -> Iterator[str]:
    for item in result.results:
        if item.status is Status.PASSED and item.warnings:
            yield f"{item.name} passed with a warning: {'; '.join(item.warnings)}"


def _write_pair(item: PairResult, links: _Links) -> Iterator[str]:
    found = item.comparison
    score = f", score {_show_score(item)}" if found else ""
    wanted = f", wanted ≥ {format_threshold(found.threshold)}" if found else ""
    yield f"##### {_write_name(item, links)}: {item.status.value}{score}{wanted}"
    yield ""
    told = list_first_regions(item, describe_region)
    for text in chain(islice(chain(item.reasons, item.warnings), _MOST_LINES), told):
        yield f"- {_escape(text)}"
    yield ""
    shown = [side for side in _SIDES if f"{side}_thumbnail" in item.artifacts]
    if shown and links.folder is not None:
        yield f"| {' | '.join(shown)} |"
        yield f"|{'---|' * len(shown)}"
        pictures = (_write_picture(item, side, links.folder) for side in shown)
        yield f"| {' | '.join(pictures)} |"
        yield ""


def _write_picture(item: PairResult, side: str, folder: str) -> str:
    whole, thumbnail = (
        folder + quote(item.artifacts[role]) for role in (side, f"{side}_thumbnail")
    )
    alternative = _escape(f"{side} of {item.name}")
    return f'<a href="{whole}"><img src="{thumbnail}" width="240" alt="{alternative}"></a>'


def _write_row(item: PairResult, links: _Links) -> str:
    score = _show_score(item) if item.comparison else ""
    why = _escape("; ".join(item.reasons))
    return f"| {item.status.value} | {_write_name(item, links)} | {score} | {why} |\n"


def _show_score(item: PairResult) -> str:
    found = item.comparison
    return format_score(found.score, found.threshold) if found else ""


def _write_name(item: PairResult, links: _Links) -> str:
    """Return a name as code, in which GitHub finds no people and issues, and what it leads to."""
    name = f"<code>{_escape(item.name)}</code>"
    if links.page:
        name = f'<a href="{links.page}#pair={identify(item)}">{name}</a>'
    return f"{name} of <code>{_escape(item.test)}</code>" if item.test else name


def _find_links(result: RunResult, place: str | None) -> _Links:
    if place is None:
        return _Links(None, "")
    folder = f"{place.rstrip('/')}/" if place else ""
    return _Links(folder, f"{folder}index.html" if "html" in result.config.outputs else "")


def _escape(text: str) -> str:
    """Return text that means itself in any line of Markdown and in any attribute of HTML."""
    text = to_printable(text)
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[: _MOST_CHARACTERS - 3]}..."
    return _SPECIAL.sub(lambda found: "".join(f"&#{ord(one)};" for one in found[0]), text)
