"""Skin of the hand: the person's own colour, lighter palms, darker and redder knuckles, nails, veins and wrinkled joints.

Palms carry far less melanin than any other skin of a dark person; knuckles more (what the ratios are is our choice, by eye)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen import rng, srgb
from facegen.looks import color
from facegen.looks.skin.textures import GLOSS_MOST
from facegen.scene import Material, Texture
from facegen.wear.hands.charts import FIELDS, HEIGHT, WIDTH
from facegen.wear.hands.rig import Rig
from facegen.wear.shapes import Params

Map = NDArray[np.float32]

PALM = np.array([0.50, 0.30, 0.22])
"""Linear albedo that palms tend to; PALM_SHARE (fair, dark) of the way."""
PALM_SHARE = (0.25, 0.50)
NAIL = np.array([0.58, 0.36, 0.31])
KNUCKLE = np.array([0.80, 0.70, 0.66])
RED_TIP = np.array([1.02, 0.88, 0.86])
FAIR_Y, DARK_Y = 0.40, 0.06
"""Luminance of light and dark skin, between which shares run."""


@dataclass(frozen=True)
class Flesh:
    """What a hand takes from whose it is: `rgb` linear albedo of the face's skin, `params` its skin shader's uniforms, sex_value
    0..1, `size` of the head over an adult's, `years`; `key` names all of it."""

    key: str
    rgb: tuple[float, float, float]
    params: Params
    sex_value: float
    size: float
    years: float


@lru_cache(maxsize=4)
def _waves(key: str) -> tuple[Map, Map]:
    """Mottling and fine grain over the chart, the same on every hand of a rig."""
    from facegen.wear.hands.rig import load

    fields = load().fields
    x = fields[..., FIELDS.index("x") :].astype(np.float64)
    draw = rng.expand(7, "hand.skin")
    blotch, fine = np.zeros((HEIGHT, WIDTH)), np.zeros((HEIGHT, WIDTH))
    for scale, out, count in ((230.0, blotch, 7), (1500.0, fine, 9)):
        for _ in range(count):
            way = draw.normal(0, scale, 3)
            out += np.sin(x @ way + draw.uniform(0, 6.28)) / np.sqrt(count / 2)
    return blotch.astype(np.float32), fine.astype(np.float32)


def material(rig: Rig, flesh: Flesh) -> Material:
    """Return the skin material of the hand of `flesh`."""
    albedo, detail = _maps(rig, flesh)
    textures = {
        "albedo": Texture(f"{flesh.key}-hand-albedo", albedo, srgb=True),
        "detail": Texture(f"{flesh.key}-hand-detail", detail, srgb=False),
    }
    return Material("skin", {**flesh.params, "folding": 0.0, "soft_level": 1.5}, textures)


def _maps(rig: Rig, flesh: Flesh) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    f = {name: rig.fields[..., k] for k, name in enumerate(FIELDS)}
    blotch, fine = _waves(rig.key)
    base = np.asarray(flesh.rgb, np.float32)
    luminance = float(base @ srgb.LUMINANCE)
    dark = float(np.clip((FAIR_Y - luminance) / (FAIR_Y - DARK_Y), 0, 1))
    old = float(np.clip((flesh.years - 30) / 50, 0, 1))
    palm = np.clip(0.5 + 1.6 * f["palm"], 0, 1)[..., None]
    rgb = base * (1 + 0.05 * blotch + 0.03 * fine)[..., None]
    lines = np.exp(-((np.sin(0.5 * f["crease"] * 1.0) / 0.35) ** 2)) * f["knuckle"]
    rgb = rgb * (1 + (KNUCKLE - 1) * ((0.55 + 0.3 * dark) * f["knuckle"] + 0.35 * lines)[..., None])
    rgb = rgb * (1 + (RED_TIP - 1) * f["tip"][..., None] * (1 - 0.6 * dark))
    share = PALM_SHARE[0] + (PALM_SHARE[1] - PALM_SHARE[0]) * dark
    rgb = rgb + palm * share * (PALM - rgb)
    vein = np.exp(-((np.sin(95 * f["x"] + 14 * np.sin(45 * f["y"])) / 0.22) ** 2)) * (f["palm"] < -0.4) * (f["tip"] <= 0)
    rgb = rgb * (1 - (0.05 + 0.05 * old) * vein[..., None] * np.array([1.0, 0.6, 0.3]))
    nail = np.clip(f["nail"], 0, 1)[..., None]
    rgb = rgb + nail * (0.72 * (NAIL * (0.75 + 0.5 * luminance / FAIR_Y * 0.5) - rgb))
    rim = np.clip(4 * f["nail"] * (1 - np.clip(f["nail"], 0, 1)), 0, 1)
    rgb = rgb * (1 - 0.22 * rim[..., None])
    paint = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    paint[..., :3] = color.encode_bytes(np.clip(rgb, 0.003, 0.9).astype(np.float32))
    gloss = 0.75 + 0.9 * nail[..., 0] - 0.25 * f["knuckle"] + 0.05 * fine
    paint[..., 3] = np.rint(255 * np.clip(gloss / GLOSS_MOST, 0, 1))
    height = 0.9 * fine + (1.6 + 2.0 * old) * np.sin(f["crease"]) * f["knuckle"] + (0.8 + 1.5 * old) * vein - 1.5 * rim
    height = height * (1 - nail[..., 0])
    slope = 0.11
    gx, gy = np.gradient(height, axis=1), np.gradient(height, axis=0)
    detail = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    detail[..., 0] = np.rint(128 - 127 * np.clip(slope * gx, -0.6, 0.6))
    detail[..., 1] = np.rint(128 - 127 * np.clip(slope * gy, -0.6, 0.6))
    detail[..., 2] = np.rint(255 * np.clip(0.56 + 0.06 * old - 0.28 * nail[..., 0] + 0.02 * fine, 0.2, 0.85))
    detail[..., 3] = np.rint(255 * 0.25 * np.clip(f["tip"], 0, 1))
    return paint, detail
