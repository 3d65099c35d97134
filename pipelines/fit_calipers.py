"""Measure how the morph axes move the calipers, and bring the presets to published means.

    python pipelines/fit_calipers.py

Writes `slopes` into assets/head/calipers.json, `female` and `male` of every preset into assets/head/ancestry.json, `old` into
assets/head/ageing.json. Needed when the basis, the calipers, their means or the presets' own `axes` change. No picture is
looked at.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.head import calipers
from facegen.head.model import HeadModel
from facegen.population.plan import build
from facegen.population.plausible import Response, response
from facegen.resources import asset_json
from facegen.sample import Identity, Sitting
from facegen.spec import DatasetSpec

HEAD = Path(__file__).parents[1] / "assets/head"
ADULT_AGE, STEP, ROUNDS = 25.0, 0.5, 12
ENDS = {"female": 0.08, "male": 0.92}
"""Means of sex_value; the published means belong to these."""
EVERYONE = {"african": 0.34, "east_asian": 0.33, "european": 0.33}
MEAN_AXES = (
    "head-scale-horiz", "head-diamond", "head-shape-triangular", "chin-bones", "chin-width", "chin-height", "ear-scale",
    "ear-scale-vert", "ear-wing", "eyebrows-trans-vert", "eye-trans-horiz", "eye-push2", "eye-scale", "eye-corner2",
    "mouth-scale-horiz", "mouth-scale-vert", "mouth-trans-vert", "mouth-upperlip-height", "mouth-upperlip-volume",
    "mouth-upperlip-width", "mouth-lowerlip-height", "mouth-lowerlip-volume", "mouth-lowerlip-width", "mouth-angles",
    "nose-scale-horiz", "nose-scale-vert", "nose-base", "nose-greek", "nose-curve", "nose-trans-vert", "nose-nostrils-width",
    "nose-width3", "nose-flaring", "nose-scale-depth", "nose-point", "eye-set", "jaw-taper", "eyebrows-trans-depth",
)  # fmt: skip
"""Axes that scale and shift; the others make a character rather than a mean."""
OLD_AXES = (*MEAN_AXES, "nose-point-width", "nose-septumangle",
            "forehead-temple", "mouth-scale-depth", "chin-prominent", "chin-prognathism", "eyebrows-trans-vert", "eye-height2",
            "ear-trans-vert")  # fmt: skip
MOST, OLD, FIT_SLACK = 0.6, 80.0, 0.5


def main() -> None:
    presets, table, ageing = (json.loads((HEAD / f"{name}.json").read_text()) for name in ("ancestry", "calipers", "ageing"))
    for preset in presets["presets"].values():
        preset["female"], preset["male"] = {}, {}
    table["slopes"] = {axis: {"-": {}, "+": {}} for axis in _axes()}
    ageing["old"] = {"female": {}, "male": {}}
    _write("ageing", ageing)
    _write("ancestry", presets)
    _write("calipers", table)
    model, plan = HeadModel.load(), build(DatasetSpec.load(HEAD.parents[1] / "pipelines/demo.yaml"))
    somebody = plan.identity(0)
    sitting = plan.sitting(0, 0).model_copy(update={"age_years": ADULT_AGE, "body_fat": 0.5})
    table["slopes"] = slopes(model, somebody, sitting)
    _write("calipers", table)
    asset_json.cache_clear()
    response.cache_clear()
    for name in presets["presets"]:
        found = {sex: _offset(model, _person(somebody, value, {name: 1.0}), sitting,
                              {n: pair[k] for n, pair in table["means"][name].items()}, MEAN_AXES)
                 for k, (sex, value) in enumerate(ENDS.items())}  # fmt: skip
        low, high = ENDS.values()
        share = np.linalg.inv(np.array([[1 - low, low], [1 - high, high]]))
        for sex, row in zip(ENDS, share @ np.stack(list(found.values())), strict=True):
            presets["presets"][name][sex] = _rounded(row)
    _write("ancestry", presets)
    asset_json.cache_clear()
    old = sitting.model_copy(update={"age_years": OLD})
    for k, sex in enumerate(ENDS):
        person = _person(somebody, float(k), EVERYONE)
        share = float(np.interp(OLD, *zip(*ageing["macro_old"][sex], strict=True)))
        young = dict(zip(calipers.table().names, calipers.table().measure(model.shape(person, sitting).vertices), strict=True))
        goals = {n: young[n] + pair[k] for n, pair in table["by_80"].items()}
        ageing["old"][sex] = _rounded(_offset(model, person, old, goals, OLD_AXES) / share)
    _write("ageing", ageing)


def slopes(model: HeadModel, somebody: Identity, sitting: Sitting) -> dict[str, Any]:
    """Return {axis: {"-": {caliper: mm per unit}, "+": ...}} at the middle of sexes and groups.

    Ears drag their surroundings along; that is no way to a wider face, and left out.
    """
    rule, out = calipers.table(), {}
    offset = offsets(EVERYONE, 0.5)
    for axis in asset_json("head/prior.json")["axes"]:
        at = [rule.measure(model.shape(_person(somebody, 0.5, EVERYONE, {axis: x - offset.get(axis, 0.0)}), sitting).vertices)
              for x in (-STEP, 0.0, STEP)]  # fmt: skip
        sides = {"-": (at[0] - at[1]) / -STEP, "+": (at[2] - at[1]) / STEP}
        kept = [n.startswith("ear") or not axis.startswith("ear") for n in rule.names]
        out[axis] = {side: {n: round(float(x), 2) for n, x, k in zip(rule.names, row, kept, strict=True) if k and abs(x) > 0.1}
                     for side, row in sides.items()}  # fmt: skip
    return out


def offsets(weights: dict[str, float], sex: float) -> dict[str, float]:
    """Return what ancestry.json adds to each axis for everybody of this mixture and sex, before the fit."""
    table = asset_json("head/ancestry.json")
    out = dict(table["every"])
    for part, share in ((table["sexes"]["female"], 1 - sex), (table["sexes"]["male"], sex)):
        for axis, value in part.items():
            out[axis] = out.get(axis, 0.0) + share * value
    for name, share in weights.items():
        for axis, value in table["presets"][name]["axes"].items():
            out[axis] = out.get(axis, 0.0) + share * value
    return out


def _offset(
    model: HeadModel, person: Identity, sitting: Sitting, goals: dict[str, float], free: tuple[str, ...]
) -> NDArray[np.float64]:
    """Return the likeliest values (A,) of the `free` axes that bring this person to `goals`, mm."""
    rule, answer, axes = calipers.table(), response(_axes()), _axes()
    prior = asset_json("head/prior.json")["axes"]
    sigma = np.array([prior[axis]["sigma"] if axis in free else 0.0 for axis in axes])
    rows = [rule.names.index(name) for name in goals]
    has, found = offsets(person.ancestry_weights, person.sex_value), np.zeros(len(axes))
    fixed = np.array([has.get(axis, 0.0) for axis in axes])
    for _ in range(ROUNDS):
        shape = dict(zip(axes, map(float, found), strict=True))
        head = model.shape(person.model_copy(update={"shape": shape}), sitting)
        missing = np.array(list(goals.values())) - rule.measure(head.vertices)[rows]
        slopes = np.where(found + fixed >= 0, answer.plus[rows], answer.minus[rows])  # of the sides in use
        gain = Response(slopes, slopes, FIT_SLACK * answer.slack[rows]).gain(sigma)
        found = np.clip(found + gain @ missing, -MOST, MOST)
    worst = int(np.abs(missing).argmax())
    who = f"{'+'.join(person.ancestry_weights)}, sex {person.sex_value}, {sitting.age_years:g} years"
    print(f"{who}: {list(goals)[worst]} misses {missing[worst]:+.1f} mm")
    return found


def _rounded(values: NDArray[np.float64]) -> dict[str, float]:
    return {axis: round(float(x), 3) for axis, x in zip(_axes(), values, strict=True) if abs(x) > 0.01}


def _axes() -> tuple[str, ...]:
    return tuple(asset_json("head/prior.json")["axes"])


def _person(somebody: Identity, sex: float, weights: dict[str, float], shape: dict[str, float] | None = None) -> Identity:
    return somebody.model_copy(
        update={"sex_value": sex, "ancestry_weights": weights, "shape": {} if shape is None else shape, "asymmetry": {}}
    )


def _write(name: str, table: dict[str, Any]) -> None:
    """Write the asset: two levels spread out, the rest one line each."""
    lines = []
    for key, value in table.items():
        body = json.dumps(value)
        if isinstance(value, dict) and value:
            body = "{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "\n }"
        elif isinstance(value, list):
            body = "[\n" + ",\n".join(f"  {json.dumps(v)}" for v in value) + "\n ]"
        lines.append(f" {json.dumps(key)}: {body}")
    (HEAD / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
