"""A render through lens, sensor and picture processing: linear light in, an 8-bit photograph out.

Order, as in a camera: the person over the background (linear), defocus and motion blur of the whole (so that edges mix),
vignetting, exposure, a sensor of `downscale` resolution, shot and read noise in electrons, white balance, tone curve, saturation,
sharpening, grey, enlargement to the picture's size, 8 bits. JPEG comes last, in sensor/codec.py. Nothing is warped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.sample import Degradation
from facegen.scene import Frame
from facegen.sensor import noise, optics, tone
from facegen.sensor.metering import Metered, meter

MIN_BLUR_PX = 0.6
"""Blurs below this are less than the pixel itself and are left out."""
SHARPEN_SIGMA = 0.004
"""Radius of the unsharp mask in picture heights; where that is under `SHARPEN_LEAST_PX`, the mask is as much weaker."""
SHARPEN_LEAST_PX = 0.7
SOFTNESS_PX = 0.6
"""Spread (sd) of a point on the sensor: pixel aperture, low-pass filter and demosaicing; half contrast at 0.31 cycles a pixel."""
SOFTNESS_LEAST_PX = 0.2
"""A spread below this many pixels of the picture does not show beside the pixel itself."""


@dataclass(frozen=True)
class Photo:
    """`image` (S, S, 3) uint8 RGB; `clean` its twin without defocus, motion, noise, colour and codec faults, at the same exposure
    and as soft as that sensor is;
    `applied`: what was done, in pixels and gains; `warp` in it maps render pixels to picture pixels (2 x 3, row-major)."""

    image: NDArray[np.uint8]
    clean: NDArray[np.uint8]
    applied: dict[str, Any]


def expose(frame: Frame, background: NDArray[np.float32], spec: Degradation, gain: float | None = None) -> Photo:
    """Return the photograph of `frame` before `background` (S, S, 3) linear light, taken as `spec` says.

    `gain` sets the exposure of a twin to another photograph's `exposure_gain` instead of metering again.
    """
    size = frame.rgb.shape[0]
    light = composite(frame, background)
    metered = meter(light, frame.coverage, background)
    gain = np.float32(metered.gain * 2**spec.exposure_ev if gain is None else gain)
    seen = _lens(light, spec, size) * gain
    sensor_px = max(round(size * spec.downscale), 8)
    raw = _sensor(seen, spec, sensor_px)
    image = _process(raw, spec, size)
    clean = tone.quantise(tone.develop(_soft(light * gain, spec.oversample), 1.0))
    return Photo(image, clean, _applied(spec, metered, float(gain), size, sensor_px, image))


def composite(frame: Frame, background: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (S, S, 3) linear light: the premultiplied render over the background."""
    return frame.rgb + (np.float32(1) - frame.coverage[..., None]) * background.astype(np.float32, copy=False)


def _lens(light: NDArray[np.float32], spec: Degradation, size: int) -> NDArray[np.float32]:
    if spec.defocus * size >= MIN_BLUR_PX:
        light = optics.blur(light, optics.disc_kernel(round(spec.defocus * size, 4)))
    if spec.motion * size >= MIN_BLUR_PX:
        light = optics.blur(light, optics.line_kernel(round(spec.motion * size, 4), round(spec.motion_deg % 180, 4)))
    return light * optics.vignette(size, spec.vignette) if spec.vignette > 0 else light


def _sensor(seen: NDArray[np.float32], spec: Degradation, sensor_px: int) -> NDArray[np.float32]:
    """Electrons of each channel before its white-balance gain, read out and balanced; saturates at the curve's white."""
    if sensor_px < seen.shape[0]:
        seen = np.asarray(cv2.resize(seen, (sensor_px, sensor_px), interpolation=cv2.INTER_AREA), np.float32)
    soft = _soft(seen, spec.oversample)
    raw = noise.expose_sensor(soft, spec.full_well_e, spec.read_noise_e, spec.seed, spec.oversample)
    balance = np.array([spec.wb_red, 1.0, spec.wb_blue], np.float32)
    return np.minimum(raw, np.float32(tone.WHITE)) * balance


def _soft(light: NDArray[np.float32], oversample: float) -> NDArray[np.float32]:
    if oversample > SOFTNESS_PX / SOFTNESS_LEAST_PX:
        return light
    return np.asarray(cv2.GaussianBlur(light, (0, 0), SOFTNESS_PX / oversample, borderType=cv2.BORDER_REFLECT), np.float32)


def _process(raw: NDArray[np.float32], spec: Degradation, size: int) -> NDArray[np.uint8]:
    display = tone.saturate(tone.develop(raw, spec.contrast), 0.0 if spec.grey else spec.saturation)
    radius = SHARPEN_SIGMA * raw.shape[0]
    display = tone.sharpen(display, spec.sharpen * min(radius / SHARPEN_LEAST_PX, 1.0), max(radius, SHARPEN_LEAST_PX))
    if raw.shape[0] != size:
        display = np.asarray(cv2.resize(display, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)
    image = tone.quantise(display)
    return np.repeat(image[..., :1], 3, axis=2) if spec.grey else image


def _applied(
    spec: Degradation, metered: Metered, gain: float, size: int, sensor_px: int, image: NDArray[np.uint8]
) -> dict[str, Any]:
    return {
        "exposure_gain": gain,
        "metered_average": metered.average,
        "metered_gain": metered.gain,
        "highlights_held": metered.held,
        "defocus_px": spec.defocus * size,
        "motion_px": spec.motion * size,
        "sensor_px": sensor_px,
        "clipped_fraction": float((image.max(axis=2) == 255).mean()),
        "warp": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    }
