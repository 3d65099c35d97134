"""What the lens and the shutter make of linear light before it falls on the sensor.

Distortion and rolling shutter are in the render already (render/shaders/warp.glsl): nothing here moves what a label points at.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.geometry import planes, thinlens
from facegen.geometry.projection import lines_of_sight
from facegen.sample import CameraSpec
from facegen.scene import Camera, Frame, Key
from facegen.sensor import focus, glare, optics, smear

_STILL_PX = 0.25
"""A background that distortion moves by less is left as painted."""

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Lens:
    """A lens in use: `camera` the one the frame was rendered with, `eyes_m` the depth of the eyes that it is focused on (and
    spec.focus_offset_m beyond), `exposure_s` the shutter, `keys` the lamps around."""

    spec: CameraSpec
    camera: Camera
    eyes_m: float
    exposure_s: float = 0.01
    keys: tuple[Key, ...] = ()


def through(lens: Lens, frame: Frame, background: Image) -> Image:
    """Return (S, S, 3) linear light as it falls on the sensor: the person before `background` (S, S, 3), out of focus, moved,
    with coloured edges, stray light and dark corners. The background is painted out of focus already."""
    spec, camera = lens.spec, lens.camera
    person = planes.layered(frame.rgb, frame.coverage)
    depth = focus.filled(frame.depth, frame.coverage)
    if thinlens.strength(spec) > 0:
        on = depth > 0
        circles = thinlens.circle(spec, np.where(on, depth, lens.eyes_m), thinlens.focus_m(spec, lens.eyes_m)) * camera.size
        person = focus.defocus(person, circles.astype(np.float32), on)
    if camera.drift.any():
        person = smear.drag(person, smear.of_person(camera, depth, lens.exposure_s))
    if camera.drift_far.any():
        background = smear.drag(background, smear.of_background(camera, lens.exposure_s))
    light = planes.over(cv2.cvtColor(person, cv2.COLOR_BGRA2BGR), cv2.extractChannel(person, 3), background)
    light = optics.fringed(light, camera, spec)
    light = glare.flared(light, spec.flare, camera, lens.keys, frame.coverage)
    light = glare.veiled(light, spec.veil)
    if spec.vignette > 0:
        light *= planes.thrice(optics.vignette(camera.size, spec.vignette, spec.principal_x, spec.principal_y))
    return light


def behind(background: Image, camera: Camera) -> Image:
    """Return a background (S, S, 3) that was painted as a pinhole sees it, as this camera sees it: distorted, and skewed where a
    rolling shutter met a turning camera."""
    k, size = camera.K, camera.size
    if not any(camera.distortion) and not (camera.readout_s > 0 and camera.drift_far.any()):
        return background
    x, y = cv2.split(lines_of_sight(camera))
    for plane, axis in ((x, 0), (y, 1)):
        plane *= np.float32(k[axis, axis])
        plane += np.float32(k[axis, 2] - 0.5)
    at = np.arange(size, dtype=np.float32)
    if max(float(np.abs(x - at[None, :]).max()), float(np.abs(y - at[:, None]).max())) < _STILL_PX:
        return background
    return np.asarray(cv2.remap(background, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)
