"""Where a man's beard grows: the region of its style, bounded by his own cheek line, thinned in his own patches."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from facegen import rng
from facegen.head.model import HeadModel
from facegen.looks.facial_hair.roots import reference_vertices
from facegen.looks.hair.scalp import Array, Waves, smoothstep
from facegen.sample import Beard

MASKS = {"moustache": ("moustache",), "goatee": ("moustache", "goatee")}
WHOLE = ("beard", "moustache", "goatee", "sideburns")
CHEEK_SPAN = 0.020
"""Metres between the lowest and the highest cheek line."""
CHEEK_SOFT = 0.009
"""Height over which growth falls from full to none at the cheek line, metres."""
PATCH_M = 0.020


def beard_weight(model: HeadModel, beard: Beard) -> Array:
    """Return the share (V,) 0..1 of follicles that bear a beard hair at each vertex, by place and person.

    All edges are ramps some millimetres wide, as terminal hair gives way to vellus hair without a line.
    """
    masks = model.topology.masks
    points = reference_vertices(model)
    side = np.abs(points[:, 0])
    weight = np.max([masks[name] for name in MASKS.get(beard.style, WHOLE)], axis=0)
    weight = weight * (1.0 - masks["lips"]) * (1.0 - masks["mouth_inside"])
    if beard.style not in MASKS:
        weight = weight * _under_cheek_line(points, side, beard)
    weight = weight * _joined(points, side, beard) * _off_lips(model)
    patches = Waves.draw(rng.expand(beard.seed, "beard.patches"), PATCH_M)(points)
    thin = beard.patchy * smoothstep(0.2, 1.1, patches + 0.6 * beard.patchy) * smoothstep(0.012, 0.03, side)
    return np.clip(weight * (1.0 - 0.85 * thin), 0.0, 1.0).astype(np.float32)


def _under_cheek_line(points: Array, side: Array, beard: Beard) -> Array:
    """Fall off above a line from the moustache's end to the ear; sideburns (|x| over 66 mm) run on up to the hair."""
    line = np.interp(side, [0.030, 0.045, 0.060, 0.070], [-0.052, -0.056, -0.050, -0.022]) + CHEEK_SPAN * (beard.cheek - 0.6)
    below = smoothstep(0.5 * CHEEK_SOFT, -0.5 * CHEEK_SOFT, points[:, 1] - line)
    free = np.maximum(smoothstep(0.036, 0.028, side), smoothstep(0.064, 0.070, side))
    return np.maximum(below, free)


def _joined(points: Array, side: Array, beard: Beard) -> Array:
    """Thin the bridge between moustache and beard beside the mouth's corners, by `link`, and the bare sides of the lower lip."""
    bridge = np.exp(-(((side - 0.029) / 0.006) ** 2) - ((points[:, 1] + 0.070) / 0.010) ** 2)
    below = np.exp(-(((side - 0.014) / 0.006) ** 2) - ((points[:, 1] + 0.080) / 0.006) ** 2)
    return 1.0 - (1.0 - beard.link) * 0.9 * bridge - 0.7 * below


@lru_cache(maxsize=2)
def _off_lips(model: HeadModel) -> Array:
    """Ramp up over a few millimetres from the border of the lips."""
    points = reference_vertices(model)
    near, _ = cKDTree(points[model.topology.masks["lips"] > 0.5]).query(points, distance_upper_bound=0.02)
    return smoothstep(0.0, 0.005, np.minimum(near, 0.02))
