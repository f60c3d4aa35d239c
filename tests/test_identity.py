"""What tells one run from another."""

from hypothesis import given
from hypothesis import strategies as st

from visualdiff.identity import identify_run

CANDIDATES = st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5)


@given(started=st.text(), candidates=CANDIDATES)
def test_the_order_of_pairs_does_not_matter(
    started: str, candidates: list[tuple[str, str, str]]
) -> None:
    found = identify_run(started, candidates)
    assert found == identify_run(started, reversed(candidates))
    assert len(found) == 12


def test_another_start_or_another_candidate_is_another_run() -> None:
    runs = [
        identify_run("now", [("a.png", "", "1")]),
        identify_run("then", [("a.png", "", "1")]),
        identify_run("now", [("a.png", "", "2")]),
        identify_run("now", [("a.png", "t", "1")]),
        identify_run("now", []),
    ]
    assert len(set(runs)) == len(runs)
