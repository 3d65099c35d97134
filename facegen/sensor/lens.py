"""What the lens makes of linear light before it falls on the sensor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.sample import Degradation
from facegen.sensor import optics

MIN_BLUR_PX = 0.6
"""Blurs below this are less than the pixel itself and are left out."""


def through(light: NDArray[np.float32], spec: Degradation, size: int) -> NDArray[np.float32]:
    """Return `light` (S, S, 3) linear as it falls on the sensor: out of focus, moved, darker in the corners."""
    if spec.defocus * size >= MIN_BLUR_PX:
        light = optics.blur(light, optics.disc_kernel(round(spec.defocus * size, 4)))
    if spec.motion * size >= MIN_BLUR_PX:
        light = optics.blur(light, optics.line_kernel(round(spec.motion * size, 4), round(spec.motion_deg % 180, 4)))
    return light * optics.vignette(size, spec.vignette) if spec.vignette > 0 else light
