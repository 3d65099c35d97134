"""Soft regions of the face that colour, marks and wrinkles follow; shapes set by hand on the mean head.

Colour zones after the regional haemoglobin and melanin maps of Jimenez et al. 2010 and the zones painters use (yellowish
forehead, red middle, cool lower third).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


ANCHORS: dict[str, tuple[float, float, float]] = {
    "eye_inner": (0.0150, -0.0040, 0.014),
    "eye_outer": (0.0430, 0.0005, 0.008),
    "glabella": (0.0, 0.0200, 0.026),
    "nose_tip": (0.0, -0.0360, 0.041),
    "ala": (0.0180, -0.0420, 0.020),
    "cheek": (0.0390, -0.0330, 0.012),
    "mouth_corner": (0.0225, -0.0670, 0.021),
    "lip_mid": (0.0, -0.0670, 0.030),
    "chin": (0.0, -0.0980, 0.022),
    "ear": (0.0760, -0.0200, -0.070),
}
"""Points of the reference head, own left side, metres; read off its front and side views."""
MEET_Y = -0.0664
"""Height at which the lips meet on the reference head (m)."""
HALF_WIDTH_M, UPPER_M, LOWER_M = 0.0268, 0.0102, 0.0112
"""Half the mouth's width and the heights of both vermilions on the reference head (m)."""


def smooth(x: Map, low: float, high: float) -> Map:
    """Smooth step from 0 at `low` to 1 at `high` (either order)."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return t * t * (3 - 2 * t)


def blob(folded: Map, center: Map, radii: tuple[float, float, float], shift: tuple[float, float, float] = (0, 0, 0)) -> Map:
    """Gaussian with ellipsoidal radii (metres) about `center` + `shift`, on positions folded to |x|."""
    at = np.asarray([abs(float(center[0])), center[1], center[2]], dtype=np.float32) + np.asarray(shift, dtype=np.float32)
    squares = np.zeros(folded.shape[:-1], dtype=np.float32)
    for k in range(3):  # a coordinate at a time: sums over a last axis of three are slow
        away = (folded[..., k] - at[k]) / np.float32(radii[k])
        squares += away * away
    return np.exp(-squares)


def fold(position: Map) -> Map:
    """Positions with |x|: both halves of the face as one."""
    folded = position.copy()
    folded[..., 0] = np.abs(folded[..., 0])
    return folded


def lip_outline(position: Map) -> Map:
    """Return (S, S) 1 inside the vermilion's own outline on the reference head: a bow above, both lips tapering to the corners.

    The basis' lips keep their height almost to the corners, which reads as a slab.
    """
    x, over = np.abs(position[..., 0]), position[..., 1] - np.float32(MEET_Y)
    along = np.clip(x / np.float32(HALF_WIDTH_M), 0, 1)
    bow = 1 - 0.17 * np.exp(-((x / 0.0030) ** 2)) + 0.03 * np.exp(-(((x - 0.0055) / 0.003) ** 2))
    upper, lower = UPPER_M * (1 - along**1.8) ** 0.85 * bow, LOWER_M * (1 - along**1.8) ** 0.9
    high = np.where(over > 0, upper, lower) + 0.0006
    beyond = (np.abs(over) - high) / np.where(over > 0, 0.0007, 0.0013)
    return np.asarray(1 / (1 + np.exp(np.clip(3 * beyond, -30, 30))), dtype=np.float32)


def zones(position: Map, normal_y: Map, masks: dict[str, Map]) -> dict[str, Map]:
    """Return the zones (S, S) by name from positions (metres), upward looks and masks, all (S, S)."""
    at = {name: np.asarray(point, dtype=np.float32) for name, point in ANCHORS.items()}
    p = fold(position)
    x, y, z = p[..., 0], p[..., 1], p[..., 2]
    lips, scalp = masks["lips"], masks["scalp"]
    off = (1 - lips) * (1 - 0.9 * scalp)
    face = masks["face"]
    cheek = blob(p, at["cheek"], (0.026, 0.022, 0.03)) * off
    nose = masks["nose"] * off
    tip = blob(p, at["nose_tip"], (0.017, 0.014, 0.02))
    made = {
        "cheek": cheek,
        "nose": nose,
        "nose_tip": tip * off,
        "ala": blob(p, at["ala"], (0.008, 0.010, 0.012)) * off,
        "chin": blob(p, at["chin"], (0.020, 0.014, 0.03), (0, 0.006, 0)) * off,
        "ear": masks["ears"],
        "ear_rim": masks["ears"] * smooth(x, float(at["ear"][0]) - 0.006, float(at["ear"][0]) + 0.008),
        "forehead": masks["forehead"] * off,
        "temple": blob(p, at["eye_outer"], (0.022, 0.03, 0.03), (0.022, 0.022, -0.03)) * off,
        "glabella": blob(p, at["glabella"], (0.014, 0.018, 0.03)) * off,
        "perioral": blob(p, at["lip_mid"], (0.034, 0.021, 0.04)) * (1 - 0.9 * scalp) * (1 - nose),
        "crow": blob(p, at["eye_outer"], (0.022, 0.020, 0.03), (0.016, -0.002, -0.006)) * off,
        "jaw": masks["beard"] * off,
        "neck": masks["neck"],
        "face": face,
    }
    made["undereye"] = _under_eye(x, y, z, at) * off * (1 - masks["eyelids"] * 0.3)
    made["eye_inner"] = blob(p, at["eye_inner"], (0.008, 0.008, 0.010), (0.0, -0.001, 0.0))
    made["lid"] = masks["eyelids"]
    made["tzone"] = np.clip(nose + blob(p, at["glabella"], (0.030, 0.040, 0.04), (0, 0.02, 0)) + 0.6 * made["chin"], 0, 1) * off
    made["sun"] = _sun(p, normal_y, masks, made)
    # plain skin is what a colour meter would be set on: cheek beside the apple, and forehead
    plain = made["forehead"] + 0.8 * blob(p, at["cheek"], (0.022, 0.020, 0.03), (0.012, -0.004, -0.01))
    made["plain"] = np.clip(plain, 0, 1) * off * (1 - masks["eyelids"]) * (1 - nose)
    return {name: np.ascontiguousarray(zone, dtype=np.float32) for name, zone in made.items()}


def _under_eye(x: Map, y: Map, z: Map, at: dict[str, Map]) -> Map:
    """The tear trough: a crescent from the inner corner along the lower orbital rim."""
    inner, outer = at["eye_inner"], at["eye_outer"]
    span = (x - inner[0]) / (outer[0] - inner[0])
    base = inner[1] + (outer[1] - inner[1]) * span - 0.0115 * np.sin(np.pi * np.clip(span, 0, 1)) - 0.002
    drop = base - y
    across = smooth(span, -0.30, 0.10) * smooth(span, 1.15, 0.55)
    return across * smooth(drop, -0.005, 0.002) * smooth(drop, 0.016, 0.002) * (z > 0)


def _sun(p: Map, normal_y: Map, masks: dict[str, Map], made: dict[str, Map]) -> Map:
    """Exposure to the sun: faces that look up or forward; not lids, under the chin, behind the ears, under hair."""
    up = smooth(normal_y, -0.65, 0.25)
    return up * (1 - masks["scalp"] * 0.85) * (1 - 0.75 * masks["eyelids"]) * (1 - 0.6 * masks["lips"])
