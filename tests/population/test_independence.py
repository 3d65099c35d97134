"""What a picture is taken with says nothing about who is in it: by design, within less than chance would let it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from facegen.measures.association import cramers_v
from facegen.population.plan import build
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec

PEOPLE, SHOTS = 288, 4
FACTORS = {
    "expression": lambda s: s.shot.expression.name,
    "yaw": lambda s: s.shot.pose.yaw_deg,
    "pitch": lambda s: s.shot.pose.pitch_deg,
    "camera": lambda s: s.shot.camera.profile,
    "garment": lambda s: s.shot.wear.garment.kind,
    "light": lambda s: s.shot.light.rig,
    "background": lambda s: s.shot.background.kind,
    "degradation": lambda s: s.shot.degradation.profile,
}
GROUPS = {
    "sex": lambda s: s.identity.sex,
    "ancestry": lambda s: s.identity.ancestry,
    "age_band": lambda s: s.sitting.age_band,
}


@pytest.fixture(scope="module")
def samples() -> list[SampleSpec]:
    balance = {"population": {"balance": ["sex", "age_band", "ancestry"]}}
    head = {"name": "independence", "seed": 7, "date": "2026-01-01", "identities": PEOPLE, "images_per_identity": SHOTS}
    return list(build(DatasetSpec.from_dict({**head, **balance})).samples())


def quarters(values: list[object]) -> pd.Series:
    column = pd.Series(values)
    return pd.qcut(column, 4, labels=False) if column.dtype == float else column


@pytest.mark.parametrize("factor", FACTORS)
def test_factors_are_spread_more_evenly_over_groups_than_by_chance(samples: list[SampleSpec], factor: str) -> None:
    values = quarters([FACTORS[factor](s) for s in samples])
    for name, of in GROUPS.items():
        table = pd.crosstab(values, pd.Series([of(s) for s in samples])).to_numpy()
        rows, columns = (n - 1 for n in table.shape)
        chance = np.sqrt(
            np.sqrt(2 * rows * columns) / len(samples) / min(rows, columns)
        )  # at one sd of the corrected phi squared
        assert cramers_v(table)[1] < max(0.03, 0.9 * chance), name


def test_shots_of_one_number_are_spread_over_the_people_of_a_cell(samples: list[SampleSpec]) -> None:
    """Without the turn, eight people's first shots would leave an octant of the range empty more often than not."""
    rows = pd.DataFrame(
        [(s.identity.sex, s.sitting.age_band, s.identity.ancestry, s.shot.index, s.shot.pose.yaw_deg) for s in samples],
        columns=["sex", "age", "ancestry", "shot", "yaw"],
    )
    first = rows[rows["shot"] == 0].groupby(["sex", "age", "ancestry"])["yaw"]
    sides = first.apply(lambda yaw: int((np.sort(yaw.to_numpy()) > 0).sum()))
    assert (first.size() == PEOPLE // 48).all()
    assert sides.between(PEOPLE // 96 - 1, PEOPLE // 96 + 1).all()
