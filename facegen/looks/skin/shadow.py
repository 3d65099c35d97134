"""Hair seen through and on the skin: shaved beard, scalp between strands, the ground under brows, the line of the lashes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegen import rng
from facegen.head.model import HeadModel
from facegen.looks.facial_hair.beard_pattern import beard_weight
from facegen.looks.facial_hair.brows import brow_grey, brow_strands, lasting
from facegen.looks.facial_hair.lashes import lash_roots
from facegen.looks.hair import color as hair_color
from facegen.looks.hair.scalp import Skull, follicles
from facegen.looks.hair.styles import styles
from facegen.looks.reference import REFERENCE_IDENTITY, REFERENCE_SITTING
from facegen.looks.skin import noise as skin_noise
from facegen.looks.skin.charts import Charts, charts
from facegen.sample import Identity, Sitting

Map = NDArray[np.float32]

BEARD_STRENGTH = {"none": 0.26, "shadow": 0.62, "stubble": 0.55, "moustache": 0.30, "goatee": 0.30, "full": 0.62}
"""Cover of the beard's ground by style, before density; `none` is a clean shave, whose roots still show."""
SCALP_SIZE = 256
HAIRLINE_Y = 0.038
"""No head hair grows below this height over the eyes in front (metres); above it follicles alone say where."""
SHAVED_SCALP = 0.35
BROW_GRID = 512
BROW_SOFT_M = 0.0015
BROW_DENSITY = 0.6
"""Roots per square millimetre times this is the optical depth of the brow's ground."""
BROW_COVER = 0.72
LASH_LINE_M = {"upper": 0.0015, "lower": 0.0010}
LASH_COVER = {"upper": (0.42, 0.35), "lower": (0.06, 0.24)}
"""Cover of the lid's edge between lash roots at lash value 0, and what value 1 adds: 70-150 hairs root in two or three rows."""


def hair_shadows(model: HeadModel, chart: Charts, identity: Identity, sitting: Sitting, rgb: Map) -> None:
    """Darken `rgb` (S, S, 3) in place where hair grows."""
    base = hair_color.base_rgb(identity.hair, None)
    dots = skin_noise.grain(identity.skin.seed, "skin.follicles", 0.55, chart.size)
    _beard(model, chart, identity, sitting, base, dots, rgb)
    _scalp(model, chart, identity, sitting, dots, rgb)
    white = brow_grey(sitting.hair.grey)
    greyed = base * (1 - 0.8 * white) + 0.25 * white
    _brows(model, chart, identity, greyed, lasting(sitting.age_years), rgb)
    _lashes(model, chart, identity, base, rgb)


def _under_skin(rgb: Map, hair: NDArray[np.float32]) -> Map:
    """Colour of skin `rgb` (N, 3) over dark roots: the skin's own, darker and cooler, towards the hair."""
    cool = np.array([0.40, 0.45, 0.52], dtype=np.float32)
    return rgb * cool + hair.astype(np.float32) * np.float32(0.30)


def _mix(rgb: Map, cover: Map, other: Callable[[Map], Map]) -> None:
    """Put a share `cover` (S, S) of `other`, a function of the colours (N, 3) below, on the texels that it covers."""
    flat, share = rgb.reshape(-1, 3), cover.ravel()
    at = np.flatnonzero(share)
    below = flat[at]
    flat[at] = below + share[at, None] * (other(below) - below)


def _beard(model: HeadModel, chart: Charts, identity: Identity, sitting: Sitting, base: NDArray, dots: Map, rgb: Map) -> None:
    grown_up = float(np.clip((sitting.age_years - 15.0) / 6.0, 0.0, 1.0)) * float(np.clip(identity.sex_value * 2 - 1, 0, 1))
    if identity.sex != "male" or grown_up == 0:
        return
    beard = sitting.beard
    masks = chart.masks
    hue = np.minimum(base * 0.8, 0.5) * (1 - beard.grey) + hair_color.UNPIGMENTED.astype(np.float32) * beard.grey
    contrast = float(np.clip(1.25 - 2.6 * hue.mean(), 0.12, 1.0))
    ground = np.clip(masks["beard"] - masks["sideburns"] * 0.3, 0, 1) * (1 - masks["lips"])
    own = chart.draw(beard_weight(model, beard))
    ground = np.maximum(ground * chart.draw(beard_weight(model, beard.model_copy(update={"style": "shadow"}))), own)
    strength = BEARD_STRENGTH[beard.style] * (0.5 + 0.7 * beard.density if beard.style != "none" else 0.6 + 0.5 * beard.density)
    shaved = BEARD_STRENGTH["none"] * 0.9
    zone = ground * (shaved + (strength - shaved) * own) * np.float32(contrast * grown_up)
    cover = np.clip(zone * (0.85 + 0.30 * np.clip(dots, -1.5, 2.0)), 0, 0.9)
    _mix(rgb, cover, lambda below: _under_skin(below, hue))


def _scalp(model: HeadModel, chart: Charts, identity: Identity, sitting: Sitting, dots: Map, rgb: Map) -> None:
    vertices = model.shape(identity, sitting).vertices
    topology = model.topology
    line = rng.expand(sitting.hair.seed, "hair.line")
    grow = follicles(Skull.measure(vertices), identity.hair, sitting.hair, identity.sex, line)
    # A low hairline reaches over the mask's own line onto the forehead.
    scalp = np.maximum(topology.masks["scalp"], vertices[:, 1] > HAIRLINE_Y) * (1 - topology.masks["ears"])
    density = np.zeros(len(vertices), dtype=np.float32)
    some = scalp > 0.01
    density[some] = scalp[some] * grow.density(vertices[some])
    small = charts(model, SCALP_SIZE) if chart.size > SCALP_SIZE else chart
    drawn = cv2.resize(small.draw(density), (chart.size, chart.size), interpolation=cv2.INTER_LINEAR)
    base = hair_color.base_rgb(identity.hair, sitting.hair.dye)
    hue = base * (1 - sitting.hair.grey) + hair_color.UNPIGMENTED.astype(np.float32) * sitting.hair.grey
    bald = styles().get(sitting.hair.style, {}).get("length") == "bald"
    strength = (SHAVED_SCALP if bald else 0.86) * (0.65 + 0.4 * identity.hair.density)
    cover = np.clip(drawn * np.float32(strength) * (0.92 + 0.12 * dots), 0, 0.93)
    pale = np.minimum(hue, 0.4).astype(np.float32) * np.float32(0.75)
    _mix(rgb, cover, lambda below: _under_skin(below, hue) if bald else below * np.float32(0.18) + pale)


def _brows(model: HeadModel, chart: Charts, identity: Identity, base: Map, share: float, rgb: Map) -> None:
    """Shade the ground where the brows' own strands root, so that a brow reads when strands are thinner than a pixel; `share` of
    them is left."""
    part = model.topology.parts["skin"]
    at = np.zeros((len(model.topology.ao), 2), dtype=np.float32)
    at[part.index] = part.uv
    grid = min(chart.size, BROW_GRID)
    count = np.zeros((grid, grid), dtype=np.float32)
    for side in (0, 1):
        strands = brow_strands(model, identity.brows, side, 0.5)
        roots = np.einsum("nk,nkd->nd", strands.bary, at[strands.corners])
        cells = np.clip((roots * grid).astype(int), 0, grid - 1)
        np.add.at(count, (cells[:, 1], cells[:, 0]), 1.0)
    texel = chart.texel * chart.size / grid
    per_mm2 = cv2.GaussianBlur(count, (0, 0), BROW_SOFT_M / texel) / (texel * 1000) ** 2
    cover = cv2.resize(1 - np.exp(-BROW_DENSITY * share * per_mm2), (chart.size, chart.size), interpolation=cv2.INTER_LINEAR)
    contrast = float(np.clip(1.2 - 2.4 * base.mean(), 0.25, 1.0))
    tint = base.astype(np.float32) * np.float32(0.3)
    _mix(rgb, cover * np.float32(BROW_COVER * contrast), lambda below: below * np.float32(0.45) + tint)


def _lashes(model: HeadModel, chart: Charts, identity: Identity, base: Map, rgb: Map) -> None:
    """Darken the lids' edges where lashes root close together: the dark rim that makes an eye read from afar."""
    contrast = float(np.clip(1.2 - 1.6 * base.mean(), 0.5, 1.0))
    dark = np.minimum(base, 0.1).astype(np.float32) * np.float32(0.5)
    for kind, (least, more) in LASH_COVER.items():
        at, near = _lash_line(model, chart.size, kind)
        cover = near[:, None] * np.float32((least + more * identity.lashes) * contrast)
        rgb[at] += cover * (dark - rgb[at])


@lru_cache(maxsize=8)
def _lash_line(model: HeadModel, size: int, kind: str) -> tuple[tuple[NDArray, ...], Map]:
    """Return the texels near the lashes' roots and how near they are, 0..1."""
    chart = charts(model, size)
    roots = lash_roots(model, kind, model.shape(REFERENCE_IDENTITY, REFERENCE_SITTING).vertices)
    at = np.nonzero(chart.covered & (chart.zones["lid"] > 0.02))
    away, _ = cKDTree(roots).query(chart.position[at])
    near = np.exp(-((away / LASH_LINE_M[kind]) ** 2)).astype(np.float32)
    kept = near > 0.02
    return tuple(index[kept] for index in at), near[kept]
