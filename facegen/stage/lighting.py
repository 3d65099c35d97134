"""What the renderer and the backgrounds read of a LightSpec.

The spec itself is made from a named rig by population/light.py. It holds what the camera records after its own exposure and
white balance; what these leave over is the sensor's part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.geometry import harmonics
from facegen.sample import LightSpec
from facegen.scene import Key

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Luminance of linear sRGB (IEC 61966-2-1)."""


def keys(spec: LightSpec) -> tuple[Key, ...]:
    """Return the renderer's keys of `spec`, directions made unit."""
    out = []
    for key in spec.keys:
        direction = np.asarray(key.direction, dtype=np.float64)
        unit = (direction / np.linalg.norm(direction)).astype(np.float32)
        out.append(Key(unit, np.asarray(key.rgb, dtype=np.float32), key.size_deg, key.shadow))
    return tuple(out)


def coefficients(spec: LightSpec) -> NDArray[np.float32]:
    """Return the (16, 3) radiance coefficients of `spec`."""
    return np.asarray(spec.sh, dtype=np.float32).reshape(harmonics.COUNT, 3)
