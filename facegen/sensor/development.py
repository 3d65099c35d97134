"""From light on the sensor to an 8-bit picture: photosites, read-out, white balance, tone, sharpening."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.sample import Degradation
from facegen.sensor import noise, tone

SHARPEN_SIGMA = 0.004
"""Radius of the unsharp mask in picture heights; where that is under `SHARPEN_LEAST_PX`, the mask is as much weaker."""
SHARPEN_LEAST_PX = 0.7
SOFTNESS_PX = 0.6
"""Spread (sd) of a point on the sensor: pixel aperture, low-pass filter and demosaicing; half contrast at 0.31 cycles a pixel."""
SOFTNESS_LEAST_PX = 0.2
"""A spread below this many pixels of the picture does not show beside the pixel itself."""


def record(seen: NDArray[np.float32], spec: Degradation, sensor_px: int) -> NDArray[np.float32]:
    """Electrons of each channel before its white-balance gain, read out and balanced; saturates at the curve's white."""
    if sensor_px < seen.shape[0]:
        seen = np.asarray(cv2.resize(seen, (sensor_px, sensor_px), interpolation=cv2.INTER_AREA), np.float32)
    raw = noise.expose_sensor(soft(seen, spec.oversample), spec.full_well_e, spec.read_noise_e, spec.seed, spec.oversample)
    balance = np.array([spec.wb_red, 1.0, spec.wb_blue], np.float32)
    return np.minimum(raw, np.float32(tone.WHITE)) * balance


def soft(light: NDArray[np.float32], oversample: float) -> NDArray[np.float32]:
    """Return linear `light` as soft as a sensor with `oversample` photosites along a pixel makes it."""
    if oversample > SOFTNESS_PX / SOFTNESS_LEAST_PX:
        return light
    return np.asarray(cv2.GaussianBlur(light, (0, 0), SOFTNESS_PX / oversample, borderType=cv2.BORDER_REFLECT), np.float32)


def process(raw: NDArray[np.float32], spec: Degradation, size: int) -> NDArray[np.uint8]:
    """Return the (size, size, 3) picture of balanced sensor values `raw`."""
    display = tone.saturate(tone.develop(raw, spec.contrast), 0.0 if spec.grey else spec.saturation)
    radius = SHARPEN_SIGMA * raw.shape[0]
    display = tone.sharpen(display, spec.sharpen * min(radius / SHARPEN_LEAST_PX, 1.0), max(radius, SHARPEN_LEAST_PX))
    if raw.shape[0] != size:
        display = np.asarray(cv2.resize(display, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)
    image = tone.quantise(display)
    return np.repeat(image[..., :1], 3, axis=2) if spec.grey else image
