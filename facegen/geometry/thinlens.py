"""Depth of field of a thin lens, in shares of the picture's height, so that a change of size keeps the look.

A point at depth d in front of a lens of focal length f and aperture f/N focused at s makes a disc of the diameter
c = f^2 / N * |d - s| / (d (s - f)) on the sensor (Potmesil and Chakravarty, "A lens and aperture camera model for synthetic image
generation", SIGGRAPH 1981). `focal_mm` of a CameraSpec is that of a 24 mm high frame: the lens itself is `crop` times shorter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.geometry.framing import FRAME_MM
from facegen.sample import CameraSpec

EYE_M = 0.012
"""The corneas lie this far in front of the middle of the eyeballs: what an autofocus is set to."""
NEAREST = 1.05
"""A lens is focused no nearer than this many of its focal lengths."""


def focal_m(spec: CameraSpec) -> float:
    """Return the focal length of the lens itself, in metres."""
    return spec.focal_mm / spec.crop * 1e-3


def strength(spec: CameraSpec) -> float:
    """Return the disc's diameter of a point at depth d for focus at infinity, times d: aperture over picture height (m)."""
    return spec.focal_mm / FRAME_MM * focal_m(spec) / spec.f_number if spec.f_number > 0 else 0.0


def focus_m(spec: CameraSpec, eyes_m: float | None = None) -> float:
    """Return the distance (m along the axis) that the lens is focused at; `eyes_m`: depth of the eyes, else of the face."""
    wanted = (spec.distance_m if eyes_m is None else eyes_m) + spec.focus_offset_m
    return max(wanted, NEAREST * focal_m(spec))


def circle(spec: CameraSpec, depth_m: ArrayLike, focus: float) -> NDArray[np.float64]:
    """Return the signed diameter of the blur disc, as a share of the picture's height, of points at `depth_m`: > 0 behind the
    plane in focus at `focus` (m). An f_number of 0 is a pinhole."""
    d = np.asarray(depth_m, np.float64)
    return strength(spec) * (d - focus) / (d * (focus - focal_m(spec)))


def focus_for(spec: CameraSpec, depth_m: float, diameter: float, behind: bool) -> float:
    """Return the focus (m) that blurs a point at `depth_m` to `diameter` (a share of the height), focused behind it or before.

    Behind it even infinity may not be enough: then the focus lies before it instead.
    """
    if strength(spec) <= 0 or diameter <= 0:
        return depth_m
    part = diameter * depth_m / strength(spec)
    if behind and part < 0.95:
        return (depth_m - part * focal_m(spec)) / (1 - part)
    return max((depth_m + part * focal_m(spec)) / (1 + part), NEAREST * focal_m(spec))
