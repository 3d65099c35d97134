"""What the renderer and the backgrounds read of a LightSpec.

The spec itself is made from a named rig by population/light.py. It holds what the camera records after its own exposure and
white balance; what these leave over is the sensor's part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.geometry import harmonics
from facegen.sample import KeyLight, LightSpec
from facegen.scene import Key

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Luminance of linear sRGB (IEC 61966-2-1)."""


def keys(spec: LightSpec, face: NDArray[np.float64] | None = None) -> tuple[Key, ...]:
    """Return the renderer's keys of `spec`, directions made unit; `face` (3,) is the middle of the eyes in the world (m)."""
    centre = np.zeros(3) if face is None else np.asarray(face, dtype=np.float64)
    out = []
    for key in spec.keys:
        direction = np.asarray(key.direction, dtype=np.float64)
        unit = direction / np.linalg.norm(direction)
        source = np.append(centre + key.distance_m * unit, key.distance_m) if key.distance_m > 0 else None
        edge = _edge(key, centre) if key.edge_width_m > 0 else None
        out.append(Key(unit.astype(np.float32), np.asarray(key.rgb, dtype=np.float32), key.size_deg, key.shadow, source, edge))
    return tuple(out)


def _edge(key: KeyLight, centre: NDArray[np.float64]) -> NDArray[np.float64]:
    angle = np.radians(key.edge_deg)
    across = np.array([np.cos(angle), np.sin(angle), 0.0]) / key.edge_width_m
    return np.append(across, across @ centre + key.edge_offset_m / key.edge_width_m)


def coefficients(spec: LightSpec) -> NDArray[np.float32]:
    """Return the (16, 3) radiance coefficients of `spec`."""
    return np.asarray(spec.sh, dtype=np.float32).reshape(harmonics.COUNT, 3)


SHADOW_SHARE = 0.25
"""A key must bring this share of the light on the face for a shadow in it to be seen; our choice."""


def shadow_key(spec: LightSpec, facing: NDArray[np.floating]) -> Key | None:
    """Return the strongest key that casts shadows on a face whose normal is `facing` (3,), world; None where it brings too little
    of the light for its shadows to be seen."""
    out = np.asarray(facing, np.float64)
    casting = [(float(LUMINANCE @ key.rgb) * max(0.0, float(out @ key.direction)), key) for key in keys(spec) if key.shadow]
    around = float(LUMINANCE @ harmonics.irradiance(coefficients(spec), out[None])[0])
    total = max(around, 0.0) + sum(light for light, _ in casting)
    light, key = max(casting, key=lambda pair: pair[0], default=(0.0, None))
    return key if light >= SHADOW_SHARE * total and light > 0 else None
