"""The processing of a camera: from recorded linear light to an 8-bit picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.sample import Degradation
from facegen.sensor import detail, mosaic, tone

SHARPEN_LEAST_PX = 0.7
"""Where the radius of the unsharp mask is under this, the mask is as much weaker."""
CORED = 0.5
"""Detail below this many sd of the noise is not sharpened where noise is reduced (our choice)."""


def process(light: NDArray[np.float32], spec: Degradation, size: int) -> NDArray[np.uint8]:
    """Return the (size, size, 3) picture of recorded `light` (N, N, 3): noise reduction, tone, colour, sharpening, size."""
    if spec.denoise > 0:
        seen = mosaic.expected(spec)
        light, core = detail.denoise(light, spec.denoise, seen), CORED * seen.display
    else:
        core = 0.0
    display = tone.develop(tone.local(tone.blackened(light, spec.black_point), spec.local_tone), spec.contrast, spec.headroom)
    display = tone.saturate(display, 0.0 if spec.grey else spec.saturation, spec.hue_deg)
    radius = spec.sharpen_radius * light.shape[0]
    display = detail.sharpen(display, spec.sharpen * min(radius / SHARPEN_LEAST_PX, 1.0), max(radius, SHARPEN_LEAST_PX), core)
    if light.shape[0] != size:
        display = np.asarray(cv2.resize(display, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)
    image = tone.quantise(display)
    return np.repeat(image[..., :1], 3, axis=2) if spec.grey else image
