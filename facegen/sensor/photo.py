"""A render through lens, sensor and picture processing: linear light in, an 8-bit photograph out.

Order, as in a camera: the person over the background (linear), the lens, exposure, a sensor of `downscale` resolution with its
colour mosaic and noise in electrons, colour matrix and white balance (mosaic.py); noise reduction, local and global tone, colour,
sharpening, the picture's size, 8 bits (development.py); then the steps of its way to us (channel.py). The file's own JPEG comes
last, in codec.py. Nothing is warped here: distortion and rolling shutter are in the render.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError
from facegen.geometry import planes
from facegen.sample import Degradation, Identity, Rain
from facegen.scene import Frame
from facegen.sensor import channel, development, infrared, mosaic, rain, tone
from facegen.sensor.lens import Lens, through
from facegen.sensor.metering import Metered, Mode, meter, stray

LEAST_PX = 8


@dataclass(frozen=True)
class Photo:
    """`image` (S, S, 3) uint8 RGB; `clean` its twin without the lens's, noise, colour and codec faults, at the same exposure
    and as soft as that sensor is;
    `applied`: what was done, in pixels and gains; `warp` in it maps render pixels to picture pixels (2 x 3, row-major).
    `light`: what `clean` is developed from when somebody asks for it."""

    image: NDArray[np.uint8]
    applied: dict[str, Any]
    light: NDArray[np.float32]
    oversample: float

    @cached_property
    def clean(self) -> NDArray[np.uint8]:
        return tone.quantise(tone.develop(mosaic.soft(self.light, self.oversample), 1.0))


def expose(
    frame: Frame,
    background: NDArray[np.float32],
    spec: Degradation,
    gain: float | None = None,
    lens: Lens | None = None,
    identity: Identity | None = None,
    wet: Rain | None = None,
    mode: Mode = "person",
) -> Photo:
    """Return the photograph of `frame` before `background` (S, S, 3) linear light, taken as `spec` says through `lens` (None: a
    pinhole at rest), that is `wet`, metered by `mode`.

    `gain` sets the exposure of a twin to another photograph's `exposure_gain` instead of metering again. `identity`: who is in
    it; a picture in near infrared needs their skin.
    """
    size = frame.rgb.shape[0]
    if spec.infrared > 0:
        if identity is None:
            raise RequestError("a near-infrared picture needs the identity; pass it, or set 'infrared' to 0")
        frame, background = infrared.seen(frame, background, identity, spec.infrared)
    light = composite(frame, background)
    seen = light if lens is None else through(lens, frame, background)
    metered = meter(light, frame.coverage, background, mode, stray(light, seen, frame.coverage))
    gain = np.float32(metered.gain * 2**spec.exposure_ev if gain is None else gain)
    seen = (seen if wet is None else rain.drops(seen, wet)) * gain
    sensor_px = max(round(size * spec.downscale), LEAST_PX)
    image = development.process(mosaic.record(seen, spec, sensor_px), spec, size)
    image = channel.through(image, spec.channel)
    return Photo(image, _applied(spec, metered, float(gain), size, sensor_px, image), light * gain, spec.oversample)


def composite(frame: Frame, background: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (S, S, 3) linear light: the premultiplied render over the background."""
    return planes.over(frame.rgb, frame.coverage, background)


def _applied(
    spec: Degradation, metered: Metered, gain: float, size: int, sensor_px: int, image: NDArray[np.uint8]
) -> dict[str, Any]:
    return {
        "exposure_gain": gain,
        "metered_average": metered.average,
        "metered_gain": metered.gain,
        "highlights_held": metered.held,
        "sensor_px": sensor_px,
        "noise_sd": mosaic.grey_sd(spec),
        "clipped_fraction": planes.clipped(image) / image[..., 0].size,
        "warp": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    }
