"""How sex, ancestry, age and body fat become weights of macro and local targets."""

from __future__ import annotations

from facegen.resources import asset_json
from facegen.sample import Gaze, Identity, Sitting

FULL_LOOK_DEG = 35.0
"""Gaze angle at which the basis' eyeLook actions move the lids fully."""


def macro_weights(identity: Identity, sitting: Sitting) -> dict[str, float]:
    """Return {column: weight} of the race x sex x age targets."""
    races: dict[str, float] = {}
    presets = asset_json("head/ancestry.json")["presets"]
    total = sum(identity.ancestry_weights.values())
    for name, share in identity.ancestry_weights.items():
        for race, part in presets[name]["macro"].items():
            races[race] = races.get(race, 0.0) + share / total * part
    out = {}
    for race, r in races.items():
        for sex, s in (("female", 1 - identity.sex_value), ("male", identity.sex_value)):
            for age, a in age_mix(sitting.age_years).items():
                if r * s * a:
                    out[f"macro:{race}-{sex}-{age}"] = r * s * a
    return out


def age_mix(age_years: float) -> dict[str, float]:
    """Return shares of the basis' ages. Adults lie between young (25) and old (90); no child share above 18."""
    if age_years >= 18:
        old = max(0.0, (age_years - 25.0) / 65.0) * 0.6
        return {"young": 1 - old, "old": old}
    return {"child": 0.5, "young": 0.5}


def local_weights(identity: Identity, sitting: Sitting) -> dict[str, float]:
    """Return {axis: signed weight}: the identity's own shape plus ancestry, age and body fat."""
    out = dict(identity.shape)
    presets = asset_json("head/ancestry.json")["presets"]
    total = sum(identity.ancestry_weights.values())
    for name, share in identity.ancestry_weights.items():
        for axis, value in presets[name]["axes"].items():
            out[axis] = out.get(axis, 0.0) + share / total * value
    return out


def head_scale(identity: Identity, sitting: Sitting) -> float:
    """Return the factor on the whole head after the macro blend."""
    return 1.0


def gaze_actions(gaze: Gaze) -> dict[str, float]:
    """Return the eyeLook actions by which the lids follow the gaze."""
    down, left = gaze.pitch_deg / FULL_LOOK_DEG, gaze.yaw_deg / FULL_LOOK_DEG
    raw = {"eyeLookDownLeft": down, "eyeLookDownRight": down, "eyeLookUpLeft": -down, "eyeLookUpRight": -down,
           "eyeLookOutLeft": left, "eyeLookInRight": left, "eyeLookInLeft": -left, "eyeLookOutRight": -left}  # fmt: skip
    return {name: min(value, 1.0) for name, value in raw.items() if value > 0}
