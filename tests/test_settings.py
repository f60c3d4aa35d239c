from dataclasses import fields

import pytest

from visualdiff.settings import Config, Focus, Mask, Settings

DERIVED = ("folder", "overrides", "only")


@pytest.mark.parametrize("model", [Mask, Focus, Settings, Config])
def test_every_setting_is_documented(model: type[Mask] | type[Settings]) -> None:
    undocumented = [
        item.name
        for item in fields(model)
        if item.name not in DERIVED and not item.metadata.get("description")
    ]

    assert undocumented == []
