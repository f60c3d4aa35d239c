"""Shares of a run: each pair in one, about equal, and stable when files come or go."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from visualdiff.errors import ConfigError
from visualdiff.model import Pair, Shard
from visualdiff.settings import Config, Override
from visualdiff.sharding import INDIFFERENT, deal, take_share

NAMES = st.text(min_size=1, max_size=12)
WEIGHTS = st.dictionaries(NAMES, st.integers(1, 50_000_000), max_size=60)


def draw_suite(count: int, seed: int) -> dict[str, int]:
    """Return the weights of a suite as they are: many components, tall pages, a few very tall."""
    chance = np.random.default_rng(seed)
    weights = {}
    for index in range(count):
        kind = chance.random()
        if kind < 0.4:
            pixels = chance.integers(20, 400) * chance.integers(20, 300)
        elif kind < 0.9:
            pixels = chance.choice((390, 1280, 1920)) * chance.lognormal(7.3, 0.7)
        else:
            pixels = 1280 * chance.integers(4000, 9000)
        weights[f"page-{index}-{chance.random()}.png"] = 2 * int(pixels)
    return weights


def add_up(weights: dict[str, int], dealt: dict[str, int]) -> list[int]:
    loads: Counter[int] = Counter()
    for name, shard in dealt.items():
        loads[shard] += weights[name]
    return list(loads.values())


class TestDeal:
    @settings(max_examples=50)
    @given(weights=WEIGHTS, count=st.integers(1, 12))
    def test_every_pair_is_in_one_shard_and_order_does_not_matter(
        self, weights: dict[str, int], count: int
    ) -> None:
        dealt = deal(weights, count)
        assert dealt.keys() == weights.keys()
        assert set(dealt.values()) <= set(range(1, count + 1))
        assert deal(dict(reversed(weights.items())), count) == dealt

    @settings(max_examples=50)
    @given(weights=WEIGHTS, count=st.integers(1, 8))
    def test_no_share_is_heavier_than_its_part_and_one_pair(
        self, weights: dict[str, int], count: int
    ) -> None:
        loads = add_up(weights, deal(weights, count))
        part = sum(weights.values()) / count
        assert max(loads, default=0) <= 1.03 * part + max(weights.values(), default=0)

    @pytest.mark.parametrize("count", [2, 4, 8])
    @pytest.mark.parametrize("seed", range(5))
    def test_shares_of_a_skewed_suite_are_about_equal(self, count: int, seed: int) -> None:
        weights = draw_suite(200, seed)
        loads = add_up(weights, deal(weights, count))
        assert len(loads) == count
        assert max(loads) <= 1.25 * min(loads)

    @settings(max_examples=30)
    @given(seed=st.integers(0, 10**6), pixels=st.integers(100, 10_000_000))
    def test_a_new_pair_moves_few_others(self, seed: int, pixels: int) -> None:
        weights = draw_suite(200, seed)
        before, after = deal(weights, 4), deal(weights | {"new.png": pixels}, 4)
        assert sum(before[name] != after[name] for name in weights) <= 20

    def test_new_pairs_hardly_move_any_on_average(self) -> None:
        moved = 0
        for seed in range(20):
            weights = draw_suite(200, seed)
            before, after = deal(weights, 4), deal(weights | {"new.png": 2_000_000}, 4)
            moved += sum(before[name] != after[name] for name in weights)
        assert moved / 20 <= 2

    def test_a_page_that_grows_stays_where_it_is(self) -> None:
        weights = draw_suite(200, 1)
        name = next(iter(weights))
        before, after = deal(weights, 4), deal(weights | {name: weights[name] + 1280}, 4)
        assert sum(before[name] != after[name] for name in weights) <= 4


def make_config(folder: Path, **changes: object) -> Config:
    config = Config(folder=folder, baselines=folder / "old", candidates=folder / "new")
    return replace(config, report=folder / "report", **changes)  # type: ignore[arg-type]


def draw(path: Path, width: int, height: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((height, width, 3), 200, np.uint8)
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def draw_pairs(folder: Path) -> list[Pair]:
    pairs = []
    for index in range(12):
        name = f"{index}.png"
        sides = [draw(folder / side / name, 40 + index, 30) for side in ("old", "new")]
        pairs.append(Pair(name=name, baseline=sides[0], candidate=sides[1]))
    pairs.append(
        Pair(name="gone.png", baseline=draw(folder / "old/gone.png", 9, 9), candidate=None)
    )
    pairs.append(Pair(name="?.png", baseline=None, candidate=None, problem="ambiguous"))
    return pairs


def take_print(pairs: list[Pair], config: Config) -> str:
    return take_share(pairs, config, 1, 2)[1].fingerprint


class TestTakeShare:
    def test_shards_have_every_pair_once_and_know_of_all(self, tmp_path: Path) -> None:
        pairs = draw_pairs(tmp_path)
        shares = [take_share(pairs, make_config(tmp_path), number, 3) for number in (1, 2, 3)]
        taken = [pair for share, _ in shares for pair in share]
        assert sorted(taken, key=lambda pair: pair.name) == sorted(
            pairs, key=lambda pair: pair.name
        )
        for number, (share, shard) in enumerate(shares, 1):
            assert [pair for pair in pairs if pair in share] == list(share)
            told = shares[0][1].fingerprint
            assert shard == Shard(
                number=number, count=3, total=14, missing=1, new=0, fingerprint=told
            )

    @pytest.mark.parametrize(("number", "count"), [(0, 4), (5, 4), (1, 0), (-1, 3)])
    def test_a_shard_that_there_is_not_does_not_pass(
        self, tmp_path: Path, number: int, count: int
    ) -> None:
        with pytest.raises(ConfigError, match=f"shard: got {number}/{count}, wanted one from 1"):
            take_share([], make_config(tmp_path), number, count)

    def test_the_fingerprint_is_the_same_on_another_machine(self, tmp_path: Path) -> None:
        one, two = tmp_path / "one", tmp_path / "elsewhere" / "two"
        prints: set[str] = set()
        for folder in (one, two):
            override = Override(match="*", changes={"mask_images": (folder / "mask.png",)})
            config = make_config(folder, workers=len(prints) + 1, overrides=(override,))
            prints.add(take_print(draw_pairs(folder), config))
        assert len(prints) == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"threshold": 0.5},
            {"on_new": "warn"},
            {"only": ("*",)},
            {"overrides": (Override(match="*", changes={"threshold": 0.5}),)},
            {"candidates": Path("/elsewhere")},
        ],
        ids=str,
    )
    def test_whatever_changes_results_changes_the_fingerprint(
        self, tmp_path: Path, changes: dict[str, object]
    ) -> None:
        pairs = draw_pairs(tmp_path)
        before = take_print(pairs, make_config(tmp_path))
        assert take_print(pairs, make_config(tmp_path, **changes)) != before

    def test_other_pairs_change_the_fingerprint(self, tmp_path: Path) -> None:
        pairs, config = draw_pairs(tmp_path), make_config(tmp_path)
        before = take_print(pairs, config)
        assert take_print(pairs[1:], config) != before
        assert take_print([replace(pairs[0], name="z.png"), *pairs[1:]], config) != before
        draw(tmp_path / "new" / "0.png", 41, 31)
        assert take_print(pairs, config) != before

    def test_a_file_that_was_encoded_anew_changes_nothing(self, tmp_path: Path) -> None:
        pairs, config = draw_pairs(tmp_path), make_config(tmp_path)
        before = take_share(pairs, config, 1, 2)
        with Image.open(tmp_path / "new" / "0.png") as image:
            image.load()
            image.save(tmp_path / "new" / "0.png", compress_level=0)
        assert take_share(pairs, config, 1, 2) == before

    def test_all_that_does_not_matter_are_settings(self) -> None:
        assert set(Config.__dataclass_fields__) > INDIFFERENT
