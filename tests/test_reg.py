"""reg.json, as a program that was written for reg-suit reads it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import hostile, make_one_of_each, make_pair, make_run
from test_cli import draw

from visualdiff import load_config, run
from visualdiff.model import RunResult, Status
from visualdiff.report.reg import render_reg

LISTS = ("failedItems", "newItems", "deletedItems", "passedItems")


def read(result: RunResult, folder: Path | None = None) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(b"".join(render_reg(result, folder)).decode())
    return document


def test_every_pair_is_an_item_where_reg_suit_has_it() -> None:
    assert read(make_one_of_each()) == {
        "failedItems": ["shop/failed.png", "shop/error.png"],
        "newItems": ["shop/new.png"],
        "deletedItems": ["shop/missing.png"],
        "passedItems": ["shop/passed.png"],
        "expectedItems": [f"shop/{name}.png" for name in ("passed", "failed", "missing", "error")],
        "actualItems": [f"shop/{name}.png" for name in ("passed", "failed", "new", "error")],
        "diffItems": ["shop/failed.png"],
        "actualDir": "../new",
        "expectedDir": "../old",
        "diffDir": "assets",
        "visualdiff": {
            "scores": {"shop/passed.png": 0.5, "shop/failed.png": 0.5},
            "diffs": {"shop/failed.png": "diff.png"},
        },
    }


@pytest.mark.parametrize("place", ["report/reg.json", "reg.json", "out/of/it/reg.json"])
def test_folders_lead_to_the_images_from_wherever_it_lies(tmp_path: Path, place: str) -> None:
    (tmp_path / "visualdiff.yaml").write_text("baselines: old\ncandidates: new\nreport: report\n")
    for side in ("old", "new"):
        draw(tmp_path / side / "shop/same.png")
        draw(tmp_path / side / "shop/changed.png", square=255 if side == "new" else 0)
    file = tmp_path / place
    config = load_config(tmp_path / "visualdiff.yaml", executor="serial")
    run(config, outputs={"reg": file})
    document = json.loads(file.read_text("utf-8"))
    assert document["failedItems"] == document["diffItems"] == ["shop/changed.png"]
    for side in ("actual", "expected"):
        for name in document[f"{side}Items"]:
            assert (file.parent / document[f"{side}Dir"] / name).is_file()
    for name in document["diffItems"]:
        picture = document["visualdiff"]["diffs"][name]
        assert (file.parent / document["diffDir"] / picture).is_file()


@given(st.lists(st.tuples(hostile, st.sampled_from(Status)), unique_by=lambda pair: pair[0]))
def test_every_name_is_in_one_list_whatever_it_is(pairs: list[tuple[str, Status]]) -> None:
    document = read(make_run(*(make_pair(name, status) for name, status in pairs)))
    names = [name for key in LISTS for name in document[key]]
    wanted = [name.encode("utf-16", "surrogatepass") for name, _ in pairs]
    assert sorted(name.encode("utf-16", "surrogatepass") for name in names) == sorted(wanted)


def test_a_run_that_was_interrupted_says_so() -> None:
    whole = make_run(make_pair("a.png", Status.PASSED))
    told = [
        json.loads(b"".join(render_reg(item)))["visualdiff"].get("interrupted")
        for item in (whole, replace(whole, interrupted="SIGTERM"))
    ]
    assert told == [None, "SIGTERM"]
