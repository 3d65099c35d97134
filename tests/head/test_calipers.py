"""Faces measure as people do: means, spread, slopes of the axes, ageing."""

from __future__ import annotations

import numpy as np
import pytest
from heads import GROUPS, Sampler, identity, sitting

from facegen.head import calipers
from facegen.resources import asset_json

YOUNG = 25.0


def _measure(model, who, age: float = YOUNG) -> np.ndarray:
    return calipers.table().measure(model.shape(who, sitting(age)).vertices)


def test_a_caliper_is_a_difference_of_points(model):
    moved = model.base_vertices().copy()
    before = calipers.table().measure(moved)
    moved[:, 0] *= 1.1
    after = calipers.table().measure(moved)
    wide = np.array([one["axis"] == "x" for one in asset_json("head/calipers.json")["calipers"].values()])
    assert np.allclose(after[wide], 1.1 * before[wide], rtol=1e-4)
    assert np.allclose(after[~wide], before[~wide], atol=1e-4)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(("sex", "k"), [(0.08, 0), (0.92, 1)])
def test_means_are_the_published_ones(model, group, sex, k):
    found = dict(zip(calipers.table().names, _measure(model, identity(sex, group)), strict=True))
    sd = {name: one["sd"] for name, one in asset_json("head/calipers.json")["calipers"].items()}
    for name, pair in asset_json("head/calipers.json")["means"][group].items():
        assert abs(found[name] - pair[k]) < max(0.8 * sd[name], 0.8), name


def test_people_spread_as_people_do(model):
    """Against the mean face of their kind: no caliper beyond 3.2 published sds, each spread by 0.65 to 1.4 of them."""
    table, sampler, rows = asset_json("head/calipers.json"), Sampler(5), []
    for group in GROUPS:
        for sex in (0.1, 0.9):
            mean = _measure(model, identity(sex, group))
            rows += [_measure(model, sampler.identity(sex, group).model_copy(update={"asymmetry": {}})) - mean for _ in range(15)]
    z = np.array(rows) / np.array([one["sd"] for one in table["calipers"].values()])
    assert np.abs(z).max() < 3.4
    assert (z.std(axis=0) > 0.65).all()  # the resting lids (lids.py) hold openings together
    assert (z.std(axis=0) < 1.4).all()
    names = list(table["calipers"])
    assert np.corrcoef(z[:, names.index("face_width")], z[:, names.index("head_width")])[0, 1] > 0.4


def test_slopes_belong_to_this_basis(model):
    """The asset's slopes are those of the compiled head, where no guard of lips and lids interferes."""
    everyone = {"african": 0.34, "east_asian": 0.33, "european": 0.33}
    who = identity(0.5, "european").model_copy(update={"ancestry_weights": everyone})
    base = _measure(model, who)
    names = list(calipers.table().names)
    for axis, name in (("head-scale-horiz", "face_width"), ("nose-scale-horiz", "nose_width"), ("chin-height", "chin_height")):
        moved = _measure(model, who.model_copy(update={"shape": {axis: 0.3}})) - base
        k = names.index(name)
        slope = asset_json("head/calipers.json")["slopes"][axis]["+"][name]
        assert moved[k] == pytest.approx(0.3 * slope, rel=0.12)


def test_age_adds_the_published_amounts(model):
    names = list(calipers.table().names)
    for sex, k in ((0.0, 0), (1.0, 1)):
        change = np.mean([_measure(model, identity(sex, g), 80.0) - _measure(model, identity(sex, g)) for g in GROUPS], axis=0)
        for name in ("ear_length", "nose_height", "nose_depth", "upper_lip_height", "upper_vermilion", "mouth_width"):
            wanted = asset_json("head/calipers.json")["by_80"][name][k]
            assert change[names.index(name)] == pytest.approx(wanted, abs=1.0), name
