"""Makeup over finished skin: lipstick, eye shadow, liner, blush. Changes albedo and roughness in place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.looks import color
from facegen.looks.skin_charts import Charts
from facegen.looks.skin_zones import ANCHORS, fold, smooth
from facegen.sample import Makeup

Map = NDArray[np.float32]

LIP_COVER, SHADOW_COVER, LINER_COVER, BLUSH_COVER = 0.88, 0.62, 0.80, 0.30
MOST_LIFT = 1.5
"""Lipstick raises the luminance of the lips by no more than this factor; our choice."""
LINER_RGB = np.array([0.014, 0.012, 0.012], dtype=np.float32)


def apply(charts: Charts, makeup: Makeup, rgb: Map, roughness: Map, lips: Map) -> None:
    """Paint `makeup` onto `rgb` (S, S, 3) and `roughness` (S, S); amounts of 0 change nothing."""
    if makeup.lips > 0:
        tone = np.asarray(makeup.lips_rgb, dtype=np.float32)
        # pigment in wax: what is below still models the lip
        shade = (rgb @ color.LUMA)[..., None]
        level = float(np.median(shade[lips > 0.6])) if (lips > 0.6).any() else 0.2
        # wax lets the lip through: a pale stick on dark lips ends up dark, never a light patch
        tone = tone * min(1.0, MOST_LIFT * level / max(float(tone @ color.LUMA), 1e-3))
        painted = tone * (0.55 + 0.45 * shade / max(level, 1e-3))
        rgb += (lips * np.float32(LIP_COVER * makeup.lips))[..., None] * (np.clip(painted, 0, 1) - rgb)
        roughness -= lips * np.float32(0.10 * makeup.lips)
    if makeup.blush > 0:
        warm = rgb * np.array([1.06, 0.70, 0.74], dtype=np.float32)
        cover = charts.zones["cheek"] * np.float32(2.4 * BLUSH_COVER * makeup.blush)
        rgb += np.clip(cover, 0, 0.8)[..., None] * (warm - rgb)
    if makeup.eyes > 0 or makeup.liner > 0:
        _eyes(charts, makeup, rgb)


def _eyes(charts: Charts, makeup: Makeup, rgb: Map) -> None:
    p = fold(charts.position)
    inner, outer = ANCHORS["eye_inner"], ANCHORS["eye_outer"]
    span = (p[..., 0] - inner[0]) / (outer[0] - inner[0])
    lid_line = inner[1] + (outer[1] - inner[1]) * span + 0.0065 * np.sin(np.pi * np.clip(span, 0, 1))
    above = p[..., 1] - lid_line
    front = (p[..., 2] > -0.005) * charts.zones["face"]
    reach = smooth(span, -0.15, 0.15) * smooth(span, 1.35, 0.95)
    if makeup.eyes > 0:
        cover = reach * smooth(above, -0.003, 0.001) * smooth(above, 0.0115, 0.002) * front
        tone = np.asarray(makeup.eyes_rgb, dtype=np.float32)
        rgb += (cover * np.float32(SHADOW_COVER * makeup.eyes))[..., None] * (tone - rgb)
    if makeup.liner > 0:
        rim = charts.masks["eyelids"]
        low = np.clip(smooth(above, 0.0035, 0.0005) * smooth(above, -0.0045, -0.0005) * reach, 0, 1) * rim * front
        rgb += (low * np.float32(LINER_COVER * makeup.liner))[..., None] * (LINER_RGB - rgb)
