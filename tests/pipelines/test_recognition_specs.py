"""The sets to train on and be judged by: how many people of each kind, how deep, and that nobody is in two of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from facegen.population.plan import Plan
from facegen.spec import DatasetSpec

PIPELINES = Path(__file__).parents[2] / "pipelines"
NAMES = ("demo", "demo_test", "small", "medium", "large")
LEAST = 60
"""Test identities of each kind."""


def spec(name: str) -> DatasetSpec:
    return DatasetSpec.load(PIPELINES / f"recognition_{name}.yaml")


def test_the_test_set_has_people_enough_of_every_kind() -> None:
    plan = Plan(spec("demo_test"))
    first = [plan.sample(5 * n) for n in range(plan.spec.identities)]
    kinds = Counter(
        kind
        for sample in first
        for kind in (
            sample.identity.sex,
            sample.sitting.age_band,
            sample.identity.ancestry,
            f"tone {'1-3' if sample.identity.skin.monk <= 3 else '4-7' if sample.identity.skin.monk <= 7 else '8-10'}",
        )
    )
    assert len(kinds) == 2 + 6 + 4 + 3
    assert min(kinds.values()) >= LEAST


def test_no_seed_makes_two_sets() -> None:
    assert len({spec(name).seed for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_all_are_wild_and_aligned(name: str) -> None:
    made = spec(name)
    assert made.outputs.aligned and made.model_dump(mode="json")["shots"]["degradation"] == {"wild": 1.0}


def test_the_large_set_is_deep_and_shallow() -> None:
    """10,000 people with 50 pictures and 60,000 with 5; of the plan's first 700, 100 and 600."""
    made = spec("large")
    assert made.depth is not None
    assert round(made.identities * made.depth.deep) == 10_000 and made.identities == 70_000
    plan = Plan(made.model_copy(update={"identities": 700}))
    assert Counter(plan.images(n) for n in range(700)) == {50: 100, 5: 600}
