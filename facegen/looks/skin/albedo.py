"""The albedo of a face: pigment maps through the person's own colour table, then what lies on or under the skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.looks import color
from facegen.looks.skin import age as skin_age
from facegen.looks.skin import complexion as skin_complexion
from facegen.looks.skin import lips as skin_lips
from facegen.looks.skin import pigment as skin_pigment
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.marks import Marks
from facegen.sample import Identity, Sitting, Skin

Map = NDArray[np.float32]

MEAN_SHARE = 0.7
"""How far the tone is set by the face's mean instead of its plain skin: neither may leave the label."""
NOSTRIL_RGB = np.array([0.030, 0.012, 0.010], dtype=np.float32)
MUCOSA_RGB = np.array([0.36, 0.095, 0.085], dtype=np.float32)
"""The mouth's lining (linear), L*a*b* 43 38 24: what its occlusion leaves of it is a warm dark red, as in photographs."""
TAN_LAB = np.array([-1.0, 0.25, 0.6])
"""What a full tan adds to the face's colour, kept within the tolerance of its tone label; unexposed skin stays behind."""
MARK_SHADE, SPOT_FLUSH = 12.0, 7.0
"""Fall of L* in one strong freckle on fair skin; rise of a* in one strong red spot."""
CAVITY_RGB = np.array([0.24, 0.33, 0.37], dtype=np.float32)
"""Share of light lost in a full crease: what comes back has met the walls, and red survives best. Pale walls fill it again."""
CAVITY_FAIR, CAVITY_DARK = 0.85, 0.40
"""How much of it is lost on fair skin, and what the deepest loses more: occlusion with interreflection (Jimenez et al. 2016,
as in render/shaders/light.glsl) takes 1.46 times as much light from a crease of albedo 0.06 as from one of 0.4."""
WHITE_MELANIN = 0.0045
"""Share of melanin left in patches of vitiligo."""


@dataclass(frozen=True)
class Layers:
    """What the albedo is made of, for tests and for relief: `rgb` (S, S, 3) linear; `lips` (S, S) cover of the lips."""

    rgb: Map
    lips: Map


def darkness(identity: Identity) -> float:
    """Return 0 for fair skin to 1 for the deepest, from its L*."""
    return skin_age.darkness(identity.skin)


def albedo(charts: Charts, soft: Charts, identity: Identity, sitting: Sitting, marks: Marks, cavity: Map) -> Layers:
    """Return the bare skin with lips, marks and creases (`cavity` (S, S) 0..1), before hair shadows and makeup.

    `soft` is the chart of side skin_complexion.SOFT_SIZE, on which shades are made.
    """
    skin, age, dark = identity.skin, sitting.age_years, darkness(identity)
    lab = np.asarray(skin.lab) + TAN_LAB * sitting.tan
    pigment = skin_pigment.solve(tuple(float(v) for v in lab))
    shades = skin_complexion.shades(soft, identity, sitting, dark)
    shade, flush = (_grown(m, charts.size) for m in (shades.shade, shades.flush))
    step = skin_complexion.contrast(skin)
    shade += step * (np.float32(MARK_SHADE) * marks.melanin + np.float32(5.0 * dark) * marks.red)
    flush += np.float32(SPOT_FLUSH * (1 - 0.4 * dark)) * marks.red
    _fine(charts, skin, age, dark, shade, flush)
    centre_shade, centre_flush = _centre(charts, shade), _centre(charts, flush)
    melanin, blood = pigment.darkened(shade - centre_shade), pigment.flushed(flush - centre_flush)
    if marks.white is not None:
        melanin += marks.white * (min(WHITE_MELANIN, pigment.melanin) - melanin)
    tone = skin_lips.tone(pigment, identity, lab, age, dark)
    lips = skin_lips.paint(charts, pigment, tone, skin.seed, melanin, blood)
    rgb = pigment.color(melanin, blood)
    lost = CAVITY_RGB * np.float32(CAVITY_FAIR + CAVITY_DARK * dark)
    # what creases and hollows take is taken from the whole: skin with many is no darker on average
    every = charts.zones["face"][::4, ::4] > 0.9
    creased = (1 - lost * cavity[::4, ::4][every].mean()) ** np.float32(MEAN_SHARE)
    gain = _to_tone(charts, rgb, color.linear_from_lab(lab), marks.white) / creased
    yellow, zone = 1 - skin_pigment.carotene_change(0.5 + 2.0 * skin.complexion.carotene), _sebum(charts)
    for k in range(3):
        rgb[..., k] *= gain[k] * (1 - yellow[k] * zone) * (1 - lost[k] * cavity) * (1 + skin_lips.VEINS[k] * lips)
    _veil(charts, skin.undereye, dark, rgb)
    at = np.nonzero(marks.dark)
    rgb[at] *= 1 - np.minimum(marks.dark[at], 1.0)[:, None] * np.array([0.58, 0.74, 0.82], dtype=np.float32)
    _openings(charts, rgb)
    return Layers(rgb, lips)


def _grown(values: Map, size: int) -> Map:
    return np.array(cv2.resize(values, (size, size), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _centre(charts: Charts, values: Map) -> np.float32:
    """Mean over plain skin and the whole face, so that zones move about the base colour and not away from it."""
    every = np.s_[::4, ::4]
    face, plain = charts.zones["face"][every], charts.zones["plain"][every]
    weight = MEAN_SHARE * face / face.sum() + (1 - MEAN_SHARE) * plain / plain.sum()
    return np.float32(np.vdot(weight, values[every]))


def _fine(charts: Charts, skin: Skin, age: float, dark: float, shade: Map, flush: Map) -> None:
    """Uneven pigment of 4 to 8 mm, and the fine red threads of old or ruddy cheeks and noses."""
    worn = float(np.clip((age - 30.0) / 45.0, 0.0, 1.0))
    one, two = charts.noise.bands(skin.seed, "skin.mottle", {"mottle": 2}, charts.size)["mottle"]
    uneven = skin_age.uneven(age)
    shade += np.float32(0.35 * uneven) * skin_complexion.contrast(skin) * one
    flush += np.float32((0.28 + 0.25 * skin.redness) * uneven * (1 - 0.5 * dark)) * two
    threads = np.clip(two - 0.9, 0.0, 1.6) * (charts.zones["cheek"] + charts.zones["nose"])
    flush += np.float32((0.3 * skin.redness + 0.6 * worn) * (1.4 - 0.9 * dark)) * threads


def _to_tone(charts: Charts, bare: Map, wanted: Map, white: Map | None) -> Map:
    """Gain (3,) that puts the face's mean, a little its plain skin, on the wanted colour; lips and white patches do not count."""
    every = np.s_[::2, ::2]
    zones, masks = charts.zones, charts.masks
    own = np.ones_like(zones["face"][every], dtype=bool) if white is None else white[every] < 0.05
    plain = np.median(bare[every][(zones["plain"][every] > 0.5) & own], axis=0)
    whole = (zones["face"][every] > 0.9) & (masks["lips"][every] < 0.02) & (masks["mouth_inside"][every] < 0.02) & own
    mean = bare[every][whole].mean(axis=0)
    gain = wanted / np.maximum(plain ** (1 - MEAN_SHARE) * mean**MEAN_SHARE, 1e-4)
    return np.clip(gain, 0.8, 1.25).astype(np.float32)


def _sebum(charts: Charts) -> Map:
    """Carotene gathers where sebum does: forehead and folds beside the nose are a little yellower than the cheeks."""
    return np.clip(charts.zones["forehead"] + 0.7 * charts.zones["ala"] + 0.5 * charts.zones["chin"], 0, 1)


def _veil(charts: Charts, undereye: float, dark: float, rgb: Map) -> None:
    """Blue under thin skin: dark muscle and veins below the eyes."""
    at = charts.where("undereye", 0.004)
    veil = (charts.zones["undereye"][at] * np.float32(0.05 + 0.45 * undereye))[:, None]
    blue = np.array([0.20, 0.16, 0.09]) + dark * np.array([-0.06, 0.0, 0.06])
    rgb[at] *= 1 - veil * blue.astype(np.float32)


def _openings(charts: Charts, rgb: Map) -> None:
    """The wings' undersides and the mouth's inside: dark and red; nostrils: nearly black, for hardly any light comes back."""
    at = charts.where("nostrils", 0.15)
    nostril = np.clip(charts.masks["nostrils"][at] * 1.3 - 0.25, 0, 1) * np.clip(1.15 - charts.ao[at], 0, 1)
    rgb[at] *= 1 - nostril[:, None] * np.array([0.30, 0.42, 0.42], dtype=np.float32)
    at = charts.where("nostril_openings", 0.004)
    depth = charts.masks["nostril_openings"][at][:, None]
    rgb[at] += depth * (NOSTRIL_RGB - rgb[at])
    at = charts.where("mouth_inside", 0.004)
    inside = charts.masks["mouth_inside"][at][:, None]
    rgb[at] += inside * (MUCOSA_RGB - rgb[at])
