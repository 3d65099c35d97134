"""Hair under headwear: pressed to the skull above the hat's line, hidden wholly by a hijab."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegen.looks.hair.field import HeadField
from facegen.looks.hair.scalp import Skull, smoothstep
from facegen.resources import asset_json
from facegen.sample import Headwear
from facegen.scene import Surface

CLEARANCE = 0.0025
"""Hair under a hat lies this close to the scalp (metres)."""
HOODED = 0.0045
"""And in a hood this close."""


def press(surface: Surface, field: HeadField, skull: Skull, headwear: Headwear) -> Surface:
    """Return `surface` with everything above the rim of `headwear` pressed to the skull; empty faces under a hijab."""
    hats = asset_json("wear/hats.json")  # the same lines that the hats themselves are made along
    if headwear.kind in hats["hiding"]:
        return replace(surface, faces=surface.faces[:0], key=None)
    if headwear.kind == "hood":
        return _in_hood(surface, field)
    scale = float(skull.radii[1]) / 0.086
    front, back = (value * scale for value in hats["rim"][headwear.kind])
    points = surface.positions
    forward = np.clip((points[:, 2] - skull.centre[2]) / skull.radii[2], -1.3, 1.3)
    rim = 0.5 * (front + back) + 0.5 * (front - back) * forward + np.tan(np.radians(headwear.tilt_deg)) * points[:, 0]
    above = smoothstep(-0.012, 0.004, points[:, 1] - rim)
    band = hats["band"].get(headwear.kind)
    if band is not None:
        above = above * (1 - smoothstep(band - 0.006, band + 0.010, points[:, 1] - rim))
    moved = points
    for _ in range(3):
        distance, normal = field.sample(moved)
        moved = moved - (above * np.maximum(distance - CLEARANCE, 0.0))[:, None] * normal
    hidden = (above > 0.99)[surface.faces].all(axis=1) & (band is None)
    return replace(surface, positions=moved.astype(np.float32), faces=surface.faces[~hidden], key=None)


def _in_hood(surface: Surface, field: HeadField) -> Surface:
    """Return `surface` pressed to the skin as one sees it within a hood; what would hang below is tucked in."""
    points = surface.positions
    for _ in range(3):
        distance, normal = field.sample(points)
        points = points - np.maximum(distance - HOODED, 0.0)[:, None] * normal
    loose = field.sample(points)[0] > 2 * HOODED  # too far out to be pressed
    low = (loose | (surface.positions[:, 1] < -0.055))[surface.faces].any(axis=1)
    return replace(surface, positions=points.astype(np.float32), faces=surface.faces[~low], key=None)
