"""The processing of a camera: from recorded linear light to an 8-bit picture."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.sample import Degradation
from facegen.sensor import detail, mosaic, tone

SHARPEN_LEAST_PX = 0.7
"""Where the radius of the unsharp mask is under this, the mask is as much weaker."""
CORED = 0.5
"""Detail below this many sd of the noise is not sharpened where noise is reduced (our choice)."""


class Developed(NamedTuple):
    """`image` (S, S, 3) uint8 RGB; `black`: the linear light that was taken for black."""

    image: NDArray[np.uint8]
    black: float


def process(light: NDArray[np.float32], spec: Degradation, size: int, black: float | None = None) -> Developed:
    """Return the (size, size, 3) picture of recorded `light` (N, N, 3): noise reduction, tone, colour, sharpening, size.

    `black`: what another picture's processing took for black, instead of looking for it again.
    """
    if spec.denoise > 0:
        seen = mosaic.expected(spec)
        light, core = detail.denoise(light, spec.denoise, seen), CORED * seen.display
    else:
        core = 0.0
    black = tone.black(light, spec.black_point) if black is None else black
    display = tone.develop(tone.local(tone.blackened(light, black), spec.local_tone), spec.contrast, spec.headroom)
    display = tone.saturate(display, 0.0 if spec.grey else spec.saturation, spec.hue_deg)
    radius = spec.sharpen_radius * light.shape[0]
    display = detail.sharpen(display, spec.sharpen * min(radius / SHARPEN_LEAST_PX, 1.0), max(radius, SHARPEN_LEAST_PX), core)
    if light.shape[0] != size:
        display = np.asarray(cv2.resize(display, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)
    image = tone.quantise(display)
    return Developed(np.repeat(image[..., :1], 3, axis=2) if spec.grey else image, black)
