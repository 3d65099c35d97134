"""The albedo of a face: pigment maps through the person's own colour table, then what lies on or under the skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.looks import color, skin_pigment
from facegen.looks.skin_charts import Charts
from facegen.looks.skin_marks import Marks
from facegen.sample import Identity, Sitting

Map = NDArray[np.float32]

BLOOD_ZONES = {
    "cheek": 0.42, "nose": 0.22, "nose_tip": 0.30, "ala": 0.45, "chin": 0.20, "ear": 0.18, "ear_rim": 0.40, "forehead": -0.06,
    "temple": -0.10, "perioral": -0.14, "undereye": 0.05, "eye_inner": 0.55, "lid": 0.24, "neck": -0.04, "glabella": 0.10,
    "crow": 0.10,
}  # fmt: skip
"""Log change of blood by zone for redness 0.5: nose, cheeks and ears are the redder, temples and perioral skin the paler (Jimenez
et al. 2010, maps at rest)."""
MELANIN_ZONES = {
    "forehead": 0.10, "temple": 0.07, "perioral": 0.10, "undereye": 0.12, "lid": 0.16, "eye_inner": 0.12, "cheek": -0.05,
    "nose_tip": 0.02, "nose": 0.03, "neck": 0.07, "jaw": 0.03, "ear": 0.02, "crow": 0.05,
}  # fmt: skip
"""Log change of melanin by zone: forehead, lids and the skin round the mouth hold more."""
ZONE_SPREAD = 0.45
"""People differ in each zone's strength by this factor (log standard deviation), sides by a third of it."""
MEAN_SHARE = 0.25
"""How far the tone is set by the face's mean instead of its plain skin: with strong zones neither may leave the label."""
NOSTRIL_RGB = np.array([0.030, 0.012, 0.010], dtype=np.float32)
TAN_LAB = np.array([-1.0, 0.25, 0.6])
"""What a full tan adds to the face's colour, kept within the tolerance of its tone label; unexposed skin stays behind."""


@dataclass(frozen=True)
class Layers:
    """What the albedo is made of, for tests and for relief: `rgb` (S, S, 3) linear; `lips` (S, S) cover of the lips."""

    rgb: Map
    lips: Map


def albedo(charts: Charts, identity: Identity, sitting: Sitting, marks: Marks, cavity: Map) -> Layers:
    """Return the bare skin with lips, marks and creases (`cavity` (S, S) 0..1), before hair shadows and makeup."""
    skin, age = identity.skin, sitting.age_years
    lab = np.asarray(skin.lab) + TAN_LAB * sitting.tan
    pigment = skin_pigment.solve(tuple(float(v) for v in lab))
    dark = float(np.clip((62.0 - skin.lab[0]) / 35.0, 0.0, 1.0))
    log_melanin, log_blood = _mottle(charts, identity, age, dark)
    melanin_zones, blood_zones = _zone_amounts(identity, dark)
    log_melanin += charts.weighted(melanin_zones)
    log_blood += charts.weighted(blood_zones)
    log_melanin += 0.30 * sitting.tan * (charts.zones["sun"] - 1.0)
    plain = charts.zones["plain"]
    weight = plain / plain.sum()
    log_melanin -= np.vdot(weight, log_melanin)
    log_blood -= np.vdot(weight, log_blood)
    melanin = pigment.melanin * np.exp(log_melanin) + marks.melanin * np.float32(0.035 + 0.5 * pigment.melanin)
    blood = pigment.blood * np.exp(log_blood + 0.5 * marks.red)
    bare = pigment.color(melanin, blood)
    rgb = bare * _to_tone(charts, bare, color.linear_from_lab(lab))
    lips = _lips(charts, pigment, identity, age, dark, log_blood, rgb)
    _veils(charts, identity, age, dark, rgb)
    mole = np.minimum(marks.dark, 1.0)[..., None]
    rgb *= 1 - mole * np.array([0.58, 0.74, 0.82], dtype=np.float32)
    rgb *= 1 - cavity[..., None] * np.array([0.26, 0.36, 0.40], dtype=np.float32)
    _openings(charts, rgb)
    return Layers(rgb, lips)


def _to_tone(charts: Charts, bare: Map, wanted: Map) -> Map:
    """Gain (3,) that puts plain skin on the wanted colour, leaning a little to where the face's mean would be on it."""
    every = np.s_[::2, ::2]
    zones, masks = charts.zones, charts.masks
    plain = np.median(bare[every][zones["plain"][every] > 0.5], axis=0)
    whole = (zones["face"][every] > 0.9) & (masks["lips"][every] < 0.02) & (masks["mouth_inside"][every] < 0.02)
    mean = bare[every][whole].mean(axis=0)
    gain = wanted / np.maximum(plain ** (1 - MEAN_SHARE) * mean**MEAN_SHARE, 1e-4)
    return np.clip(gain, 0.8, 1.25).astype(np.float32)


def _zone_amounts(identity: Identity, dark: float) -> tuple[dict[str, float], dict[str, float]]:
    skin = identity.skin
    draw = rng.expand(skin.seed, "skin.zones")
    factor = np.exp(ZONE_SPREAD * np.clip(draw.standard_normal((2, 24)), -2, 2))
    redness = 0.35 + 1.3 * skin.redness
    blood = {name: a * redness * f for (name, a), f in zip(BLOOD_ZONES.items(), factor[0], strict=False)}
    # the same change of melanin shows more the more there is: zones of dark skin would turn to masks
    melanin = {name: a * (1.5 - 0.75 * dark) * f for (name, a), f in zip(MELANIN_ZONES.items(), factor[1], strict=False)}
    melanin["undereye"] += 0.55 * skin.undereye * (1 - 0.45 * dark)
    melanin["perioral"] += 0.05 * dark
    return melanin, blood


def _mottle(charts: Charts, identity: Identity, age: float, dark: float) -> tuple[Map, Map]:
    """Log melanin and log blood (S, S) of uneven skin: the person's own pattern, stronger with blotches and with age."""
    skin = identity.skin
    worn = float(np.clip((age - 30.0) / 45.0, 0.0, 1.0))
    bands = charts.noise.bands(skin.seed, "skin.mottle", {"huge": 2, "broad": 2, "patch": 2, "spot": 2, "mottle": 2}, charts.size)
    even = 0.6 + 0.9 * skin.blotches + 0.22 * worn
    m, b = np.float32((1.0 - 0.78 * dark) * even), np.float32((0.85 - 0.40 * dark) * even * (0.6 + 0.5 * skin.redness))
    melanin = m * (0.06 * bands["huge"][0] + 0.08 * bands["broad"][0] + 0.075 * bands["patch"][0] + 0.06 * bands["spot"][0])
    melanin += np.float32(m * (0.045 + 0.02 * worn)) * bands["mottle"][0]
    blood = b * (0.09 * bands["huge"][1] + 0.11 * bands["broad"][1] + 0.10 * bands["patch"][1] + 0.09 * bands["spot"][1])
    # fine red threads of old or ruddy cheeks and noses
    threads = np.clip(bands["mottle"][1] - 0.9, 0.0, 1.6) * (charts.zones["cheek"] + charts.zones["nose"])
    blood += 0.10 * b * bands["mottle"][1] + np.float32(0.22 * (0.3 * skin.redness + 0.6 * worn)) * threads
    return melanin, blood


def _lips(
    charts: Charts, pigment: skin_pigment.Pigment, identity: Identity, age: float, dark: float, log_blood: Map, rgb: Map
) -> Map:
    """Paint the lips into `rgb` and return their cover (S, S).

    They hold the person's own pigments under a thin skin full of blood; the upper lip and the rim keep more melanin.
    """
    cover = lip_cover(charts)
    rows, columns = np.flatnonzero(cover.max(axis=1) > 0.004), np.flatnonzero(cover.max(axis=0) > 0.004)
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    c = cover[box]
    y, x = charts.position[box][..., 1], charts.position[box][..., 0]
    person = rng.expand(identity.skin.seed, "skin.lips").standard_normal(4)
    upper = 1 / (1 + np.exp(-(y + 0.0668) / 0.0012))
    rim = np.clip(1 - np.abs(y + 0.0672) / 0.0095, 0, 1) * np.clip(1 - (np.abs(x) / 0.026) ** 2, 0, 1)
    melanin = pigment.melanin * (0.50 + 0.20 * dark + 0.26 * upper + (0.12 + 0.33 * dark) * (1 - rim) + 0.11 * person[0])
    amount = (2.35 - 0.35 * dark - 0.3 * identity.sex_value + 0.45 * person[1]) * (1.12 - 0.35 * max(age - 40.0, 0.0) / 45.0)
    blood = (pigment.blood * max(amount, 1.3) + 0.018) * np.exp(0.5 * log_blood[box]) * (1 - 0.25 * (1 - rim))
    tone = pigment.color(melanin.astype(np.float32), blood.astype(np.float32)) * np.array([1.0, 0.95, 1.03], dtype=np.float32)
    rgb[box] += c[..., None] * (tone - rgb[box])
    return cover


def lip_cover(charts: Charts) -> Map:
    """Return the lips' cover (S, S): their outline smoothed over the mesh's facets, ending at the mouth's inside."""
    inside = charts.masks["mouth_inside"]
    outer = cv2.GaussianBlur(np.maximum(charts.masks["lips"], inside), (0, 0), charts.size / 320)
    cover = _sharpen(np.asarray(outer, dtype=np.float32)) * (1 - inside)
    return np.asarray(cover * (charts.masks["face"] > 0.01), dtype=np.float32)


def _sharpen(cover: Map) -> Map:
    """Lips end within a millimetre or two: tighten the soft vertex mask."""
    t = np.clip((cover - 0.22) / 0.5, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def _veils(charts: Charts, identity: Identity, age: float, dark: float, rgb: Map) -> None:
    """Blue-brown shadow under the eyes: thin skin over dark muscle; deeper with age."""
    depth = identity.skin.undereye * (0.75 + 0.35 * np.clip((age - 25.0) / 45.0, 0, 1)) + 0.06
    at = np.nonzero(charts.zones["undereye"] > 0.004)
    veil = (charts.zones["undereye"][at] * np.float32(depth))[:, None]
    blue = np.array([0.26, 0.23, 0.15]) + dark * np.array([-0.06, 0.0, 0.08])
    rgb[at] *= 1 - veil * blue.astype(np.float32)
    at = np.nonzero(charts.zones["eye_inner"] * charts.zones["lid"] > 0.004)
    inner = (charts.zones["eye_inner"][at] * charts.zones["lid"][at])[:, None]
    rgb[at] *= 1 - inner * np.array([0.0, 0.14, 0.18], dtype=np.float32)


def _openings(charts: Charts, rgb: Map) -> None:
    """The wings' undersides and the mouth's inside: dark and red; nostrils: nearly black, for hardly any light comes back."""
    at = np.nonzero(charts.masks["nostrils"] > 0.15)
    nostril = np.clip(charts.masks["nostrils"][at] * 1.3 - 0.25, 0, 1) * np.clip(1.15 - charts.ao[at], 0, 1)
    rgb[at] *= 1 - nostril[:, None] * np.array([0.55, 0.70, 0.70], dtype=np.float32)
    at = np.nonzero(charts.masks["nostril_openings"] > 0.004)
    depth = charts.masks["nostril_openings"][at][:, None]
    rgb[at] += depth * (NOSTRIL_RGB - rgb[at])
    at = np.nonzero(charts.masks["mouth_inside"] > 0.004)
    inside = charts.masks["mouth_inside"][at][:, None]
    rgb[at] += inside * (np.array([0.17, 0.045, 0.04], dtype=np.float32) - rgb[at])
