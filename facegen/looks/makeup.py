"""Makeup over finished skin: foundation, blush, brow powder, eye shadow, liner, lipstick. Changes albedo and roughness in place.

Every layer is a share of cover over the skin below, so that skin still models what is painted; colours are judged against the
skin they lie on, since the same powder is dark on one face and invisible on another. Mascara is on the lashes (facial_hair/).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.looks import color
from facegen.looks.facial_hair.brows import HEAD_HEIGHT, INNER_X, PEAK, PEAK_RISE, TAIL_DROP, TAIL_X
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.zones import ANCHORS, blob, smooth
from facegen.sample import Brows, Makeup

Map = NDArray[np.float32]

SHADOW_COVER, LINER_COVER, BLUSH_COVER, POWDER_COVER = 0.72, 0.90, 0.80, 0.62
LIP_COVER = {"sheer": 0.55, "satin": 0.86, "matte": 0.94, "gloss": 0.74}
LIP_ROUGHNESS = {"sheer": -0.08, "satin": -0.10, "matte": 0.16, "gloss": -0.22}
"""Change of GGX roughness on the lips: wax smooths them, powder dulls them, oil makes them shine; our choice."""
MOST_LIFT = 1.6
"""Lipstick raises the luminance of the lips by no more than this factor; our choice."""
LINER_RGB = np.array([0.014, 0.012, 0.012], dtype=np.float32)
EVEN_M = 0.007
"""Foundation levels what is smaller than about this (m)."""


def apply(charts: Charts, makeup: Makeup, brows: Brows, rgb: Map, roughness: Map, lips: Map) -> None:
    """Paint `makeup` onto `rgb` (S, S, 3) and `roughness` (S, S); amounts of 0 change nothing."""
    if makeup.foundation > 0:
        _foundation(charts, makeup.foundation, rgb, roughness, lips)
    if makeup.blush > 0:
        cover = np.clip(charts.zones["cheek"] * np.float32(BLUSH_COVER * makeup.blush), 0, 0.8)
        dark = float(np.clip(1.2 - 4.0 * _level(rgb, charts.zones["cheek"]), 0.0, 1.0))
        # the less light a skin sends back, the stronger a tint must be to be seen
        warm = rgb * np.array([1.04 + 0.20 * dark, 0.70 - 0.08 * dark, 0.74], dtype=np.float32)
        rgb += cover[..., None] * (warm - rgb)
    if makeup.brows > 0:
        cover = _brow_band(charts, brows) * np.float32(POWDER_COVER * makeup.brows)
        rgb *= 1 - cover[..., None] * np.array([0.80, 0.86, 0.90], dtype=np.float32)
    if max(makeup.eyes, makeup.liner, makeup.kohl) > 0:
        _eyes(charts, makeup, rgb, roughness)
    if makeup.lips > 0:
        _lips(makeup, rgb, roughness, lips)


def _level(rgb: Map, where: Map) -> float:
    """Median luminance where `where` is high."""
    inside = where > 0.5
    return float(np.median(rgb[inside] @ color.LUMA)) if inside.any() else 0.2


def _foundation(charts: Charts, amount: float, rgb: Map, roughness: Map, lips: Map) -> None:
    """Level blotches, marks and shadows under the eyes towards the skin around them; powder dulls the gloss."""
    blurred = cv2.GaussianBlur(rgb, (0, 0), EVEN_M / charts.texel)
    under = blurred[charts.zones["plain"] > 0.5]
    even = 0.75 * blurred + np.float32(0.25) * (np.median(under, axis=0) if len(under) else blurred)
    openings = np.maximum(charts.masks["mouth_inside"], charts.masks["nostrils"])
    cover = charts.zones["face"] * (1 - lips) * (1 - 0.5 * charts.zones["lid"]) * np.clip(1 - 3 * openings, 0, 1)
    cover = cover * np.float32(0.68 * amount)
    rgb += cover[..., None] * (even.astype(np.float32) - rgb)
    roughness += cover * np.float32(0.06)


def _lips(makeup: Makeup, rgb: Map, roughness: Map, lips: Map) -> None:
    tone = np.asarray(makeup.lips_rgb, dtype=np.float32)
    shade = (rgb @ color.LUMA)[..., None]
    level = float(np.median(shade[lips > 0.6])) if (lips > 0.6).any() else 0.2
    # wax lets the lip through: a pale stick on dark lips ends up dark, never a light patch
    tone = tone * min(1.0, MOST_LIFT * level / max(float(tone @ color.LUMA), 1e-3))
    painted = tone * (0.55 + 0.45 * shade / max(level, 1e-3))
    cover = lips * np.float32(LIP_COVER[makeup.lip_finish] * makeup.lips)
    rgb += cover[..., None] * (np.clip(painted, 0, 1) - rgb)
    roughness += lips * np.float32(LIP_ROUGHNESS[makeup.lip_finish] * makeup.lips)
    np.clip(roughness, 0.18, 0.9, out=roughness)


def _brow_band(charts: Charts, brows: Brows) -> Map:
    """Where powder fills the brow: a soft band along its middle line (S, S), firm below, fading at its head."""
    p = charts.folded
    along = (p[..., 0] - INNER_X) / ((TAIL_X - INNER_X) * (0.88 + 0.24 * brows.length))
    past = np.clip((along - PEAK) / (1 - PEAK), 0, 2) ** 1.5
    up = np.where(along < PEAK, smooth(along, 0.0, PEAK), 1 - past)
    middle = HEAD_HEIGHT + PEAK_RISE * (0.25 + 1.5 * brows.arch) * up - TAIL_DROP * past
    half = 0.0038 * (0.55 + 0.9 * brows.thickness) * np.interp(along, [0.0, 0.2, 0.6, 1.0], [0.8, 1.0, 0.8, 0.25])
    across = np.abs(p[..., 1] - middle) / half
    band = smooth(across.astype(np.float32), 1.3, 0.5) * smooth(along, 0.0, 0.25) * smooth(along, 1.08, 0.85)
    return np.asarray(band * (p[..., 2] > -0.01) * (charts.masks["scalp"] < 0.5), dtype=np.float32)


def _eyes(charts: Charts, makeup: Makeup, rgb: Map, roughness: Map) -> None:
    p = charts.folded
    inner, outer = ANCHORS["eye_inner"], ANCHORS["eye_outer"]
    span = (p[..., 0] - inner[0]) / (outer[0] - inner[0])
    bow = np.sin(np.pi * np.clip(span, 0, 1))
    line = inner[1] + (outer[1] - inner[1]) * span
    above, below = p[..., 1] - (line + 0.0065 * bow), (line - 0.0050 * bow) - p[..., 1]
    front = (p[..., 2] > -0.005) * charts.zones["face"]
    reach = smooth(span, -0.15, 0.15) * smooth(span, 1.40, 0.95)
    if makeup.eyes > 0:
        lid = smooth(above, -0.003, 0.001) * smooth(above, 0.0085 + 0.007 * makeup.eyes, 0.002)
        corner = blob(p, np.asarray(outer), (0.009, 0.006, 0.02), (0.001, 0.003, 0.0)) * smooth(above, -0.004, 0.001)
        smoke = 0.45 * makeup.eyes**2 * smooth(below, -0.001, 0.0015) * smooth(below, 0.006, 0.0015)
        cover = np.clip(np.maximum(lid, 0.7 * corner) + smoke, 0, 1) * reach * front
        tone = _seen_on(np.asarray(makeup.eyes_rgb, dtype=np.float32), _level(rgb, charts.zones["lid"]))
        rgb += (cover * np.float32(SHADOW_COVER * makeup.eyes))[..., None] * (tone - rgb)
        roughness -= cover * np.float32(0.10 * makeup.eyes)
    wing = makeup.wing * smooth(span, 0.95, 1.02) * smooth(span, 1.0 + 0.30 * makeup.wing, 0.98 + 0.22 * makeup.wing)
    tip = p[..., 1] - (outer[1] + 0.018 * (span - 1.0) + 0.0012)
    flick = wing * smooth(np.abs(tip), 0.0016, 0.0006) * front
    rim = charts.masks["eyelids"]
    if makeup.liner > 0:
        thick = 0.0016 + 0.0026 * makeup.liner
        low = smooth(above, thick, 0.3 * thick) * smooth(above, -0.0045, -0.0005) * reach * rim * front
        rgb += (np.clip(np.maximum(low, flick), 0, 1) * np.float32(LINER_COVER * makeup.liner**0.6))[..., None] * (
            LINER_RGB - rgb
        )
    if makeup.kohl > 0:
        low = smooth(below, -0.0035, -0.0005) * smooth(below, 0.0030, 0.0006) * smooth(span, 0.0, 0.35) * smooth(span, 1.2, 0.95)
        rgb += (np.clip(low * rim * front, 0, 1) * np.float32(0.85 * makeup.kohl**0.6))[..., None] * (LINER_RGB - rgb)


def _seen_on(tone: Map, level: float) -> Map:
    """Return the powder moved away from the luminance of the lid below: darker on fair lids, shimmering on dark ones."""
    own = max(float(tone @ color.LUMA), 1e-3)
    if abs(np.log(own / max(level, 1e-3))) > 0.7:
        return tone
    wanted = 0.45 * level if level > 0.12 else 2.1 * level
    return np.asarray(np.clip(tone * (wanted / own), 0, 1), dtype=np.float32)
