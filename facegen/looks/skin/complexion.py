"""Soft shades of a person's skin: regions and patches of 5 to 25 mm, in units of L* and a*.

A shade is given for fair skin and keeps its share of the light on darker skin (`contrast`): pigment absorbs a share of what
passes, so at equal exposure uneven skin is as uneven in every tone. The pigment model turns shades into melanin and blood.
Regions after the maps of Jimenez et al. 2010 (nose, cheeks and ears the redder, temples and perioral skin the paler) and the
zones painters use; their strengths are our choice. What differs between people is drawn from `skin.seed` and from the declared
`complexion`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.looks.skin import age as skin_age
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.zones import ANCHORS, blob, smooth
from facegen.sample import Complexion, Identity, Sitting, Skin

Map = NDArray[np.float32]

SOFT_SIZE = 256
"""Side of the chart on which shades are made: nothing in them is finer than 5 mm."""
SHADE_ZONES = {
    "forehead": 1.2, "temple": 0.9, "perioral": 0.8, "undereye": 0.7, "lid": 1.6, "eye_inner": 0.9, "cheek": -1.1, "nose": 0.3,
    "neck": 0.9, "jaw": 0.4, "glabella": 0.3, "crow": 0.5, "ala": 0.8,
}  # fmt: skip
"""Fall of L* by zone in an average person of fair skin."""
FLUSH_ZONES = {
    "cheek": 1.9, "nose": 1.1, "nose_tip": 1.3, "ala": 1.9, "chin": 0.9, "ear": 0.8, "ear_rim": 1.8, "forehead": -0.5,
    "temple": -0.8, "perioral": -0.8, "eye_inner": 2.2, "lid": 1.3, "undereye": 0.3, "neck": -0.3, "glabella": 0.4, "crow": 0.3,
}  # fmt: skip
"""Rise of a* by zone in an average person with redness 0.5."""
ZONE_SPREAD = 0.5
"""People differ in each zone's strength by this factor (log standard deviation)."""
WARP_M = 0.005
"""How far the shape of a person's zones departs from the mean face's."""
EYELIDS, FOREHEAD, PERIORAL, JAW, MELASMA, UNDEREYE = 8.0, 6.0, 9.0, 6.0, 9.0, 5.0
CHEEKS_RED, NOSE_RED, RED_MOST = 9.0, 9.0, 11.0
"""Fall of L*, rise of a* where the declared amount is 1."""
SUNKEN = 0.8
"""Fall of L* below everybody's eyes by 55, as the skin there thins over muscle and veins; our choice."""
PATCHES, PATCH_COUNT, PATCH_MM = 5.0, 22, (5.0, 15.0)
SUNNED = 2.2
"""Fall of L* in the darker areas of skin that has seen seventy summers; our choice."""
TAN_SHADE, COLLAR_M = 4.0, (-0.150, -0.128)


@dataclass(frozen=True)
class Shades:
    """Fall of L* and rise of a* (S, S)."""

    shade: Map
    flush: Map


def shades(soft: Charts, identity: Identity, sitting: Sitting, dark: float) -> Shades:
    """Return the shades of a bare face on the chart `soft`; `dark` 0 fair to 1 deepest."""
    skin, c, age = identity.skin, identity.skin.complexion, sitting.age_years
    draw = rng.expand(skin.seed, "skin.zones")
    factor = np.exp(ZONE_SPREAD * np.clip(draw.standard_normal((2, 24)), -2, 2))
    red = (0.35 + 1.3 * skin.redness) * (1 - 0.85 * dark)
    shade = soft.weighted({name: a * f for (name, a), f in zip(SHADE_ZONES.items(), factor[0], strict=False)})
    flush = soft.weighted({name: a * red * f for (name, a), f in zip(FLUSH_ZONES.items(), factor[1], strict=False)})
    _regions(soft, c, draw, shade, flush, 1 - 0.85 * dark)
    waves = soft.noise.bands(skin.seed, "skin.mottle", {"broad": 2, "patch": 2, "spot": 2}, soft.size)
    shade, flush = (_warped(soft, m, waves["broad"]) for m in (shade, flush))
    _eyes(soft, skin.undereye, c.eyelids, age, draw, shade, flush)
    _patches(soft, skin.seed, c.patches, dark, skin_age.uneven(age), shade, flush)
    even = np.float32((0.6 + 0.9 * skin.blotches) * skin_age.uneven(age))
    shade += _sunned(soft, skin, age, dark, waves)
    shade += even * (0.5 * waves["broad"][0] + 0.35 * waves["patch"][0] + 0.20 * waves["spot"][0])
    flush += even * np.float32(1 - 0.45 * dark) * (0.45 * waves["broad"][1] + 0.45 * waves["patch"][1] + 0.25 * waves["spot"][1])
    shade += np.float32(TAN_SHADE * sitting.tan) * (soft.zones["sun"] - 1.0)
    shade -= np.float32(TAN_SHADE * sitting.tan) * _collar(soft, draw)
    shade *= contrast(skin)
    return Shades(shade, np.minimum(flush, np.float32(RED_MOST * (1 - 0.85 * dark))))


def _sunned(soft: Charts, skin: Skin, age: float, dark: float, waves: dict[str, list[Map]]) -> Map:
    """Pigment that gathers unevenly where the sun has been, more so on brown and dark skin (Vashi et al. 2016)."""
    z = soft.zones
    amount = SUNNED * skin_age.onset(age, 28, 75) * (0.5 + skin.complexion.age_spots) * (0.7 + 0.5 * dark)
    area = np.clip(waves["patch"][1] + 0.6 * waves["spot"][0] - 0.2, 0, 2.2)
    return np.float32(amount) * area * z["sun"] * (0.4 + z["temple"] + 0.7 * z["cheek"] + 0.4 * z["forehead"])


def contrast(skin: Skin) -> np.float32:
    """Return the step of L* on `skin` that changes luminance by the same share as a step of 1 on fair skin of L* 62: since
    Y ~ (L* + 16)^3, dY / Y = 3 dL* / (L* + 16)."""
    return np.float32((skin.lab[0] + 16.0) / (62.0 + 16.0))


def _regions(soft: Charts, c: Complexion, draw: np.random.Generator, shade: Map, flush: Map, red: float) -> None:
    """Add what a person's complexion declares, in shapes of its own."""
    p, z = soft.folded, soft.zones
    off = z["face"]
    w = draw.uniform(0.8, 1.3, 8)
    band = smooth(soft.position[..., 1], 0.020, 0.034) * z["forehead"]
    shade += np.float32(FOREHEAD * c.forehead) * (0.35 * z["forehead"] + 0.65 * band)
    ring = blob(p, np.asarray(ANCHORS["lip_mid"]), (0.029 * w[0], 0.016 * w[1], 0.04), (0, -0.001, 0))
    corners = blob(p, np.asarray(ANCHORS["mouth_corner"]), (0.009, 0.012 * w[2], 0.02), (0.002, -0.003, 0))
    lower = np.float32(0.4 + 0.6 * draw.random()) * blob(p, np.asarray(ANCHORS["chin"]), (0.017, 0.014, 0.03), (0, 0.004, 0))
    shade += np.float32(PERIORAL * c.perioral) * np.maximum(np.maximum(0.75 * ring, corners), lower) * off * (1 - 0.7 * z["nose"])
    shade += np.float32(JAW * c.jaw) * np.maximum(z["jaw"], 0.7 * z["perioral"]) * (1 - 0.6 * z["chin"])
    apple = blob(p, np.asarray(ANCHORS["cheek"]), (0.020 * w[3], 0.015 * w[4], 0.03), (0.003, 0.004 * (w[5] - 1) * 5, 0)) * off
    flush += np.float32(CHEEKS_RED * red * c.cheeks_red) * apple
    flush += np.float32(NOSE_RED * red * c.nose_red) * np.clip(0.9 * z["nose_tip"] + z["ala"] + 0.3 * z["nose"], 0, 1)
    if c.melasma > 0:
        lip = blob(p, np.asarray(ANCHORS["lip_mid"]), (0.020, 0.005, 0.02), (0, 0.016, 0)) * off
        bone = blob(p, np.asarray(ANCHORS["cheek"]), (0.021 * w[6], 0.010 * w[7], 0.03), (0.010, 0.010, 0)) * off
        shade += np.float32(MELASMA * c.melasma) * np.clip(bone + 0.7 * lip + 0.6 * z["forehead"] * (1 - band), 0, 1)


def _eyes(soft: Charts, undereye: float, rings: float, age: float, draw: np.random.Generator, shade: Map, flush: Map) -> None:
    """Blue-brown shadow under the eyes, deeper with age, and rings that take in the lids."""
    z, p = soft.zones, soft.folded
    own = UNDEREYE * (undereye**1.4) * (0.3 + 0.85 * skin_age.onset(age, 20, 60))
    deep = np.float32(own + SUNKEN * skin_age.onset(age, 20, 55))
    inner = 1 - np.float32(draw.uniform(0.0, 0.5)) * smooth(p[..., 0], 0.024, 0.040)
    shade += deep * z["undereye"] * inner
    flush += np.float32(draw.uniform(-0.2, 0.35)) * deep * z["undereye"] * inner
    rings *= 0.55 + 0.45 * skin_age.onset(age, 18, 45)
    if rings > 0:
        middle = (np.asarray(ANCHORS["eye_inner"]) + np.asarray(ANCHORS["eye_outer"])) / 2
        ring = blob(p, middle, (0.021, 0.0125, 0.03), (-0.001, -0.001, 0.0)) * z["face"]
        shade += np.float32(EYELIDS * rings) * np.maximum(ring, 0.9 * z["lid"])


def _patches(soft: Charts, seed: int, amount: float, dark: float, uneven: float, shade: Map, flush: Map) -> None:
    """Soft areas where only this person is darker, paler or redder."""
    draw = rng.expand(seed, "skin.patches")
    every = np.s_[::2, ::2]
    on = (soft.zones["face"][every] > 0.5) & soft.covered[every]
    points = soft.position[every][on]
    at = points[(draw.random(PATCH_COUNT) * len(points)).astype(int)]
    near = 1.0 / draw.uniform(*PATCH_MM, (PATCH_COUNT, 3)).astype(np.float32) * np.float32(1e3)
    power = draw.standard_normal((PATCH_COUNT, 2)) * (0.8 + PATCHES * amount) * uneven * np.array([0.5, 0.4 * (1 - 0.85 * dark)])
    # |(x - a) r|^2 written out, so that all patches are one product
    away = (points**2) @ (near**2).T - 2 * points @ (at * near**2).T + ((at * near) ** 2).sum(axis=1)
    half = np.zeros((*on.shape, 2), dtype=np.float32)
    half[on] = np.exp(-away) @ power.astype(np.float32)
    grown = cv2.resize(half, (soft.size, soft.size), interpolation=cv2.INTER_LINEAR)
    off = soft.zones["face"]  # lips too: they take a share, and a border left out would show as a pale outline
    shade += grown[..., 0] * off
    flush += grown[..., 1] * off


def _warped(soft: Charts, values: Map, waves: list[Map]) -> Map:
    """Return `values` read some millimetres aside, so that nobody's zones have the mean face's outline."""
    rows, columns = np.indices(values.shape, dtype=np.float32)
    # nothing moves at the openings and beyond the face, where the chart has seams
    near = np.maximum(soft.masks["eyelids"], soft.masks["mouth_inside"])
    still = np.clip(4 * cv2.GaussianBlur(near, (0, 0), 3.0), 0, 1)
    way = np.float32(0.6 * WARP_M) * soft.zones["face"] * (1 - still)
    x = columns + np.clip(waves[0], -2, 2) * way / soft.per_u
    y = rows + np.clip(waves[1], -2, 2) * way / soft.per_v
    return np.asarray(cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def _collar(soft: Charts, draw: np.random.Generator) -> Map:
    """Neck and chest that clothes keep from the sun: the edge of a tan."""
    edge = np.float32(draw.uniform(*COLLAR_M))
    return smooth(soft.position[..., 1] - 0.25 * np.abs(soft.position[..., 0]), edge, edge - 0.006) * np.float32(0.9)
