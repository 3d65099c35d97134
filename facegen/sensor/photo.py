"""A render through lens, sensor and picture processing: linear light in, an 8-bit photograph out.

Order, as in a camera: the person over the background (linear), defocus and motion blur of the whole (so that edges mix),
vignetting, exposure, a sensor of `downscale` resolution, shot and read noise in electrons, white balance, tone curve, saturation,
sharpening, grey, enlargement to the picture's size, 8 bits. JPEG comes last, in sensor/codec.py. Nothing is warped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.sample import Degradation, Rain
from facegen.scene import Frame
from facegen.sensor import development, lens, rain, tone
from facegen.sensor.metering import Metered, meter


@dataclass(frozen=True)
class Photo:
    """`image` (S, S, 3) uint8 RGB; `clean` its twin without defocus, motion, noise, colour and codec faults, at the same exposure
    and as soft as that sensor is;
    `applied`: what was done, in pixels and gains; `warp` in it maps render pixels to picture pixels (2 x 3, row-major)."""

    image: NDArray[np.uint8]
    clean: NDArray[np.uint8]
    applied: dict[str, Any]


def expose(
    frame: Frame, background: NDArray[np.float32], spec: Degradation, gain: float | None = None, wet: Rain | None = None
) -> Photo:
    """Return the photograph of `frame` before `background` (S, S, 3) linear light, as `spec` says; `wet`: drops on the glass.

    `gain` sets the exposure of a twin to another photograph's `exposure_gain` instead of metering again.
    """
    size = frame.rgb.shape[0]
    light = composite(frame, background)
    light = light if wet is None else rain.drops(light, wet)
    metered = meter(light, frame.coverage, background)
    gain = np.float32(metered.gain * 2**spec.exposure_ev if gain is None else gain)
    seen = lens.through(light, spec, size) * gain
    sensor_px = max(round(size * spec.downscale), 8)
    raw = development.record(seen, spec, sensor_px)
    image = development.process(raw, spec, size)
    clean = tone.quantise(tone.develop(development.soft(light * gain, spec.oversample), 1.0))
    return Photo(image, clean, _applied(spec, metered, float(gain), size, sensor_px, image))


def composite(frame: Frame, background: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (S, S, 3) linear light: the premultiplied render over the background."""
    return frame.rgb + (np.float32(1) - frame.coverage[..., None]) * background.astype(np.float32, copy=False)


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
