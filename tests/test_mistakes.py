import pytest
from pydantic import ValidationError

from visualdiff.mistakes import Place, list_mistakes, show_place
from visualdiff.schema import settings_model
from visualdiff.settings import Settings


def locate(place: Place, _kind: str) -> tuple[int, int, str]:
    """Return a line that is larger the earlier a key stands in the alphabet, and the place."""
    return -ord(str(place[0])[0]), 0, show_place(place)


def explain(**values: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        settings_model().model_validate(values)
    return list_mistakes(caught.value, Settings, locate)


def test_all_mistakes_are_listed_in_the_order_of_the_file() -> None:
    assert explain(align="sideways", threshold=2) == [
        "threshold: got 2, wanted at most 1",
        "align: got \"sideways\", wanted 'none', 'rows', 'translate' or 'similarity'",
    ]


def test_the_nearest_key_is_suggested_for_one_that_is_misspelt() -> None:
    assert explain(treshold=0.9) == ["treshold: unknown key, did you mean `threshold`?"]
    assert explain(masks=[{"x": 0, "y": 0, "width": 1, "hight": 1}]) == [
        "masks[0].height: missing, but required",
        "masks[0].hight: unknown key, did you mean `height`?",
    ]


def test_the_known_keys_are_listed_where_none_is_near() -> None:
    (line,) = explain(masks=[{"x": 0, "y": 0, "width": 1, "height": 1, "colour": 1}])

    assert line == "masks[0].colour: unknown key; known here: height, width, x, y"


def test_a_place_is_written_as_in_code() -> None:
    assert show_place(("overrides", 0, "masks", 1, "x")) == "overrides[0].masks[1].x"
