"""What is said of a run as a whole."""

from dataclasses import replace

import pytest
from outcomes import make_pair, make_run

from visualdiff.concluding import list_failures, list_warnings
from visualdiff.model import Shard, Status
from visualdiff.settings import Policy

NOTHING = "nothing was compared: no candidate has a baseline, which never passes"


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([Status.PASSED], []),
        ([Status.PASSED, Status.NEW, Status.MISSING], []),
        ([Status.FAILED], []),
        ([Status.NEW], [NOTHING]),
        ([Status.MISSING, Status.NEW], [NOTHING]),
        ([], []),  # refused before
    ],
    ids=str,
)
def test_a_run_fails_as_a_whole_where_nothing_was_compared(
    statuses: list[Status], said: list[str]
) -> None:
    run = make_run(*(make_pair(f"{place}.png", one) for place, one in enumerate(statuses)))
    assert list(list_failures(run)) == said


def test_an_interrupt_is_the_only_reason_while_it_is_one() -> None:
    run = replace(make_run(), interrupted="SIGTERM")
    assert list(list_failures(run)) == ["interrupted by SIGTERM: not all pairs were compared"]


def test_a_shard_without_pairs_asks_what_others_have() -> None:
    shard = Shard(number=1, count=2, total=3, missing=1, new=1, fingerprint="0")
    assert list(list_failures(replace(make_run(), shard=shard))) == []
    alone = replace(shard, missing=2)
    assert list(list_failures(replace(make_run(), shard=alone))) == [NOTHING]


def test_what_policies_warn_of_is_told_with_its_number() -> None:
    pairs = [make_pair("a.png", Status.NEW), make_pair("b.png", Status.PASSED)]
    run = make_run(*pairs, make_pair("c.png", Status.MISSING), on_new=Policy.WARN)
    assert list(list_warnings(run)) == ["1 with no baseline (on_new: warn)"]
