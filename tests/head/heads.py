"""Shared by the head's tests: a plain sampler of the prior, a few sittings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facegen.head.model import HeadModel, HeadShape
from facegen.population import identities, plausible
from facegen.resources import asset_json
from facegen.sample import Expression, Gaze, Identity, Sitting

GROUPS = ("african", "east_asian", "south_asian", "european")


def shapes(model: HeadModel, sampler: Sampler, count: int) -> Iterator[HeadShape]:
    """Yield the heads of `count` adults, sexes and groups in turn."""
    for n in range(count):
        who = sampler.identity(float(n % 2), GROUPS[n // 2 % 4])
        yield model.shape(who, sitting(18 + 67 * sampler.rng.random(), sampler.rng.random()))


class Sampler:
    """Independent truncated normals of assets/head/prior.json, conditioned on calipers as identities are."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.prior = asset_json("head/prior.json")

    def values(self, table: str) -> dict[str, float]:
        axes = self.prior[table]
        draw = self.rng.standard_normal(len(axes))
        return {k: float(np.clip(z * a["sigma"], -a["limit"], a["limit"])) for z, (k, a) in zip(draw, axes.items(), strict=True)}

    def identity(self, sex_value: float, ancestry: str) -> Identity:
        drawn = np.array(list(self.values("axes").values()))
        shape = identities.conditioned(drawn, sex_value, {ancestry: 1.0}, plausible.distances(self.rng))
        return identity(sex_value, ancestry, shape, self.values("asymmetry"))

    def expression(self) -> Expression:
        named = asset_json("head/expressions.json")["expressions"]
        weights = dict(named[list(named)[self.rng.integers(len(named))]])
        extra = self.rng.choice(sorted(asset_json("head/expressions.json")["expressions"]["laugh"]), 2)
        for action in extra:
            weights[str(action)] = float(np.clip(weights.get(str(action), 0.0) + 0.3 * self.rng.random(), 0, 1))
        return Expression(name="free", weights=weights)

    def gaze(self) -> Gaze:
        return Gaze(
            yaw_deg=float(np.clip(self.rng.normal(0, 10), -28, 28)), pitch_deg=float(np.clip(self.rng.normal(0, 7), -20, 20))
        )


def identity(sex_value: float, ancestry: str, shape: dict[str, float] | None = None,
             asymmetry: dict[str, float] | None = None) -> Identity:  # fmt: skip
    """An identity whose looks play no part in the head's shape."""
    return Identity.model_construct(
        identity_id="000000", index=0, sex="male" if sex_value > 0.5 else "female", sex_value=sex_value, ancestry=ancestry,
        ancestry_weights={ancestry: 1.0}, shape=shape if shape is not None else {},
        asymmetry=asymmetry if asymmetry is not None else {},
    )  # fmt: skip


def sitting(age_years: float = 35.0, body_fat: float = 0.5) -> Sitting:
    return Sitting.model_construct(age_years=age_years, body_fat=body_fat)
