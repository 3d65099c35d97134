"""Lips: the person's own pigments under a thin skin full of blood, the upper lip and the borders darker.

How far lips leave the skin (L*, a*): fair lips are darker and much redder than the face, dark lips brown to mauve, the lower
paler than the upper. The numbers are our choice, from the look of lips under daylight; pigments are then sought in the person's
own table, so that hue follows the biophysics.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.looks.skin import pigment as skin_pigment
from facegen.looks.skin.age import onset
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.zones import HALF_WIDTH_M, MEET_Y
from facegen.sample import Identity

Map = NDArray[np.float32]

BORDER_M = 0.0011
"""Width over which skin turns into lip."""
VEINS = np.array([-0.02, -0.01, 0.09], dtype=np.float32)
"""What blood low in oxygen, seen through the thin skin, adds to the colour of lips, per channel."""
LOWER_FAIR, LOWER_DARK = np.array([-12.2, 10.0, -1.5]), np.array([-1.5, 2.5, -3.0])
UPPER_FAIR, UPPER_DARK = np.array([-17.3, 9.0, -3.0]), np.array([-5.5, 1.5, -4.0])
"""Distance in L*, a*, b* of lips from the face, fair and deepest."""
PERSON_MELANIN = 7.0
"""Fall of L* in lips of `lip_melanin` 1: more than the common 0.28."""


@dataclass(frozen=True)
class LipTone:
    """Melanin and blood shares of the lower and the upper lip."""

    lower: tuple[float, float]
    upper: tuple[float, float]


def lip_cover(charts: Charts) -> Map:
    """Return the lips' cover (S, S): their outline smoothed over the mesh's facets, ending at the mouth's inside."""
    inside = charts.masks["mouth_inside"]
    sigma = max(charts.size / 320, 0.8 * BORDER_M / charts.texel)
    outer = np.asarray(cv2.GaussianBlur(np.maximum(charts.masks["lips"], inside), (0, 0), sigma), dtype=np.float32)
    t = np.clip((outer - 0.16) / 0.62, 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t) * (1 - inside) * (charts.masks["face"] > 0.01), dtype=np.float32)


def tone(pigment: skin_pigment.Pigment, identity: Identity, lab: NDArray[np.float64], age: float, dark: float) -> LipTone:
    """Seek the pigments of both lips of a person whose face is `lab`."""
    c = identity.skin.complexion
    person = np.clip(rng.expand(identity.skin.seed, "skin.lips").standard_normal(4), -2, 2)
    strength = 0.62 + 0.9 * c.lip_contrast + 0.10 * (0.5 - identity.sex_value) + 0.10 - 0.40 * onset(age, 18, 80)
    step = np.array([-PERSON_MELANIN * (c.lip_melanin - 0.28) * (0.35 + 0.65 * dark), 1.0 * person[0], 0.8 * person[1]])
    found = []
    for fair, deep, own in ((LOWER_FAIR, LOWER_DARK, 0.0), (UPPER_FAIR, UPPER_DARK, 0.8 * person[2])):
        away = fair + (deep - fair) * dark
        found.append(pigment.nearest(lab + away * strength + step + np.array([own - 0.5 * c.lip_melanin * dark, 0.0, 0.0])))
    return LipTone(found[0], found[1])


def paint(charts: Charts, pigment: skin_pigment.Pigment, lips: LipTone, seed: int, melanin: Map, blood: Map) -> Map:
    """Put the lips' pigments into `melanin` and `blood` (S, S) in place; return the lips' cover.

    What the skin around does (mottle, flush) goes on faintly; the border is soft and a little darker, the middle the reddest.
    """
    cover = lip_cover(charts)
    rows, columns = np.flatnonzero(cover.max(axis=1) > 0.004), np.flatnonzero(cover.max(axis=0) > 0.004)
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    _contact(charts, melanin, blood)
    c, y, x = cover[box], charts.position[box][..., 1], charts.position[box][..., 0]
    upper = 1 / (1 + np.exp(-(y - MEET_Y) / 0.0014))
    deep = np.asarray(cv2.GaussianBlur(c, (0, 0), 0.0024 / charts.texel), dtype=np.float32)
    rim = np.clip(1.25 - 1.35 * deep, 0, 1) * (0.35 + 0.65 * np.clip(np.abs(x) / 0.024, 0, 1))
    patch = charts.noise.bands(seed, "skin.lip_patch", {"mottle": 1}, charts.size)["mottle"][0][box]
    for out, base, low, high, edge, wave in (
        (melanin, pigment.melanin, lips.lower[0], lips.upper[0], 0.22, 0.035),
        (blood, pigment.blood, lips.lower[1], lips.upper[1], -0.18, 0.05),
    ):
        log = np.log(low) * (1 - upper) + np.log(high) * upper + edge * rim + wave * patch
        own = np.log(np.maximum(out[box], 1e-5))
        log += 0.3 * (own - np.log(base))
        out[box] = np.exp(own + c * (log - own)).astype(np.float32)
    return cover


def _contact(charts: Charts, melanin: Map, blood: Map) -> None:
    """Darken, in place, where the lips meet and the corners' pits, which lie deeper than the mesh and its occlusion show."""
    x, over = np.abs(charts.position[..., 0]), charts.position[..., 1] - np.float32(MEET_Y)
    at = np.nonzero((np.abs(over) < 0.012) & (x < 0.036) & (charts.masks["face"] > 0.01) & (charts.position[..., 2] > 0))
    x, over = x[at], over[at]
    line = np.exp(-((over / 0.0012) ** 2)) * np.clip((HALF_WIDTH_M - x) / 0.004, 0, 1)
    pit = np.exp(-(((x - HALF_WIDTH_M) / 0.0042) ** 2) - ((over + 0.0006) / 0.0026) ** 2)
    melanin[at] *= np.exp(0.45 * line + 0.40 * pit).astype(np.float32)
    blood[at] *= np.exp(0.35 * line + 0.15 * pit).astype(np.float32)
