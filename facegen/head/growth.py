"""How sex, ancestry, age and body fat become weights of macro and local targets. All tables are assets with sources."""

from __future__ import annotations

from typing import Any

import numpy as np

from facegen.errors import SpecError, did_you_mean
from facegen.resources import asset_json
from facegen.sample import Gaze, Identity, Sitting

FULL_LOOK_DEG = 35.0
"""Gaze angle at which the basis' eyeLook actions move the lids fully."""
SIZE_AXIS = "head-size"
SIZE_STEP = 0.09
"""Growth of the whole head at `head-size` 1; its prior gives the 3% by which adult heads of one sex differ (ANSUR II, 2014)."""
ADULT_YEARS = 18.0
HEAD_SCALE = 1.015
FAT_AXES = {  # axis: (value at the 5th, at the 95th percentile of body fat)
    "head-fat": (-0.4, 0.42), "cheek-volume": (-0.25, 0.22), "neck-double": (-0.2, 0.5), "cheek-inner": (-0.1, 0.1),
    "chin-jaw-drop": (0.1, -0.15),
}  # fmt: skip


def macro_weights(identity: Identity, sitting: Sitting) -> dict[str, float]:
    """Return {column: weight} of the race x sex x age targets and of the universal body weight."""
    sexes = {"female": 1 - identity.sex_value, "male": identity.sex_value}
    races: dict[str, float] = {}
    for preset, share in _ancestry(identity):
        for race, part in preset["macro"].items():
            races[race] = races.get(race, 0.0) + share * part
    out: dict[str, float] = {}
    for sex, s in sexes.items():
        for age, a in age_mix(sitting.age_years, sex).items():
            out.update({f"macro:{race}-{sex}-{age}": r * s * a for race, r in races.items() if r * s * a > 0})
        fat = fat_side(sitting.body_fat)
        out[f"macro:universal-{sex}-young-averagemuscle-{'max' if fat > 0 else 'min'}weight"] = s * abs(fat) * 0.4
    return out


def age_mix(age_years: float, sex: str) -> dict[str, float]:
    """Return shares of the basis' ages. Adults lie between young (25) and old (90); from 18 on no child is left in the mix."""
    table = asset_json("head/ageing.json")
    if age_years >= ADULT_YEARS:
        old = _knots(table["macro_old"][sex], age_years)
        return {"young": 1 - old, "old": old}
    knots = table["child"][sex]
    shares = (_knots([[year, row[k]] for year, row in knots], age_years) for k in range(3))
    return dict(zip(("baby", "child", "young"), shares, strict=True))


def local_weights(identity: Identity, sitting: Sitting) -> dict[str, float]:
    """Return {axis: signed weight}: the identity's own shape plus ancestry, age and body fat."""
    out = {axis: value for axis, value in identity.shape.items() if axis != SIZE_AXIS}
    table, sex = asset_json("head/ancestry.json"), identity.sex_value
    for part, share in ((table["every"], 1.0), (table["sexes"]["female"], 1 - sex), (table["sexes"]["male"], sex)):
        for axis, value in part.items():
            _add(out, axis, share * value)
    for preset, share in _ancestry(identity):
        for axis, value in preset["axes"].items():
            _add(out, axis, share * value)
        for sex, part in (("female", 1 - identity.sex_value), ("male", identity.sex_value)):
            for axis, value in preset[sex].items():
                _add(out, axis, share * part * value)
    _add_age(out, identity, sitting.age_years)
    fat = fat_side(sitting.body_fat)
    for axis, (thin, thick) in FAT_AXES.items():
        _add(out, axis, thick * fat if fat > 0 else -thin * fat)
    return out


def _add_age(out: dict[str, float], identity: Identity, age_years: float) -> None:
    """Add what age does to an adult: the knots of single axes, and the mends of the old macro shape in its proportion."""
    if age_years < ADULT_YEARS:
        return
    table = asset_json("head/ageing.json")
    for axis, knots in table["axes"].items():
        _add(out, axis, _knots(knots, age_years))
    for sex, part in (("female", 1 - identity.sex_value), ("male", identity.sex_value)):
        share = _knots(table["macro_old"][sex], age_years)
        for axis, value in table["old"][sex].items():
            _add(out, axis, share * part * value)


def head_scale(identity: Identity) -> float:
    """Return the factor on the whole head after the macro blend."""
    small = sum(share * preset.get("female_scale", 1.0) for preset, share in _ancestry(identity))
    sex = identity.sex_value + (1 - identity.sex_value) * small
    return float(HEAD_SCALE * sex * (1 + SIZE_STEP * identity.shape.get(SIZE_AXIS, 0.0)))


def fat_side(body_fat: float) -> float:
    """Return body fat as -1 at the 5th and 1 at the 95th percentile, 0 at the average."""
    return (body_fat - 0.5) / 0.45


def gaze_actions(gaze: Gaze) -> dict[str, float]:
    """Return the eyeLook actions by which the lids follow the gaze."""
    down, left = gaze.pitch_deg / FULL_LOOK_DEG, gaze.yaw_deg / FULL_LOOK_DEG
    raw = {"eyeLookDownLeft": down, "eyeLookDownRight": down, "eyeLookUpLeft": -down, "eyeLookUpRight": -down,
           "eyeLookOutLeft": left, "eyeLookInRight": left, "eyeLookInLeft": -left, "eyeLookOutRight": -left}  # fmt: skip
    return {name: min(value, 1.0) for name, value in raw.items() if value > 0}


def _ancestry(identity: Identity) -> list[tuple[dict[str, Any], float]]:
    presets = asset_json("head/ancestry.json")["presets"]
    total = sum(identity.ancestry_weights.values())
    if total <= 0:
        raise SpecError(f"ancestry weights {identity.ancestry_weights} must sum to more than 0")
    for name in identity.ancestry_weights:
        if name not in presets:
            raise SpecError(f"ancestry {did_you_mean(name, presets)}")
    return [(presets[name], share / total) for name, share in identity.ancestry_weights.items()]


def _knots(knots: list[list[float]], at: float) -> float:
    return float(np.interp(at, [k[0] for k in knots], [k[1] for k in knots]))


def _add(out: dict[str, float], axis: str, value: float) -> None:
    if value:
        out[axis] = out.get(axis, 0.0) + value
