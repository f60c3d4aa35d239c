"""Models of the settings: what they hold is what the dataclasses hold."""

from dataclasses import fields
from typing import Any

import pytest
from pydantic import ValidationError

from visualdiff.schema import file_model, settings_model, to_values
from visualdiff.settings import Config, Focus, Mask, Settings


def test_a_model_has_the_fields_and_defaults_of_its_dataclass() -> None:
    assert Settings(**to_values(settings_model()())) == Settings()
    names = {item.name for item in fields(Config)} - {"folder", "only"}
    assert set(file_model().model_fields) == names


@pytest.mark.parametrize("given", [dict, Mask], ids=["mapping", "instance"])
def test_rectangles_become_instances(given: type[Any]) -> None:
    values = {"x": -5, "y": "10%", "width": "0.5%", "height": 3}
    valid = to_values(settings_model()(masks=[given(**values)], focus=[values]))
    assert valid["masks"] == (Mask(x=-5, y="10%", width="0.5%", height=3),)
    assert valid["focus"] == (Focus(x=-5, y="10%", width="0.5%", height=3, threshold=None),)


@pytest.mark.parametrize("value", [True, 1.0, None, "", "5", "%", "1e2%", "٣%", "1.1234567%", []])
@pytest.mark.parametrize("key", ["x", "width"])
def test_a_length_is_pixels_or_a_share(key: str, value: object) -> None:
    mask = {"x": 0, "y": 0, "width": 1, "height": 1} | {key: value}
    with pytest.raises(ValidationError):
        settings_model()(masks=[mask])
