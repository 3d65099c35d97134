"""Hair under headwear: pressed to the skull above the hat's line, hidden wholly by a hijab."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegen.looks.hair.field import HeadField
from facegen.looks.hair.scalp import Skull, smoothstep
from facegen.sample import Headwear
from facegen.scene import Surface

CLEARANCE = 0.0025
"""Hair under a hat lies this close to the scalp (metres)."""
LINE = {
    "cap": (0.050, 0.028), "beanie": (0.040, 0.012), "bucket": (0.030, 0.004), "visor": (0.050, 0.028),
    "headband": (0.042, 0.016), "hard_hat": (0.050, 0.030), "bike_helmet": (0.046, 0.030), "sun_hat": (0.048, 0.020),
}  # fmt: skip
"""Height of the hat's lower rim over the eye centres at forehead and nape, metres, on the mean head."""
HIDING = ("hijab", "hood", "balaclava")
BAND = {"visor": 0.030, "headband": 0.048}
"""Height of what is only a band, metres: hair springs up again above it."""


def press(surface: Surface, field: HeadField, skull: Skull, headwear: Headwear) -> Surface:
    """Return `surface` with everything above the rim of `headwear` pressed to the skull; empty faces under a hijab."""
    if headwear.kind in HIDING:
        return replace(surface, faces=surface.faces[:0], key=None)
    scale = float(skull.radii[1]) / 0.086
    front, back = (value * scale for value in LINE.get(headwear.kind, LINE["beanie"]))
    points = surface.positions
    forward = np.clip((points[:, 2] - skull.centre[2]) / skull.radii[2], -1.3, 1.3)
    rim = 0.5 * (front + back) + 0.5 * (front - back) * forward + np.tan(np.radians(headwear.tilt_deg)) * points[:, 0]
    above = smoothstep(-0.012, 0.004, points[:, 1] - rim)
    band = BAND.get(headwear.kind)
    if band is not None:
        above = above * (1 - smoothstep(band - 0.006, band + 0.010, points[:, 1] - rim))
    moved = points
    for _ in range(3):
        distance, normal = field.sample(moved)
        moved = moved - (above * np.maximum(distance - CLEARANCE, 0.0))[:, None] * normal
    hidden = (above > 0.99)[surface.faces].all(axis=1) & (band is None)
    return replace(surface, positions=moved.astype(np.float32), faces=surface.faces[~hidden], key=None)
