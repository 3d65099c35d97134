"""Motion blur: light gathered along the way that each point takes across the picture while the shutter is open."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.geometry.projection import lines_of_sight, sight, streaks
from facegen.scene import Camera
from facegen.sensor import optics
from facegen.sensor.focus import MIN_BLUR_PX

GRID = 64
"""Ways are found on a grid of this side and interpolated: they change slowly, with depth and place."""
EVEN_PX = 0.35
"""Ways that differ by less are taken as one."""
MOST_TAPS = 48
INTERPOLATED = 1 / 6

Image = NDArray[np.float32]
Ways = NDArray[np.float64]


def of_person(camera: Camera, depth: Image, seconds: float) -> Ways:
    """Return (G, G, 2) pixels, from start to end of the exposure, of the head's points; depth (S, S) m, 0 where there is none."""
    typical = float(np.median(depth[depth > 0])) if (depth > 0).any() else 1.0
    rough = streaks(_lines(camera, 5) * typical, camera.drift, seconds, camera)
    if float(np.abs(rough).max()) < 0.5 * MIN_BLUR_PX:
        return rough.reshape(5, 5, 2)
    side = min(GRID, camera.size)
    weight = cv2.resize((depth > 0).astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    mean = cv2.resize(depth, (side, side), interpolation=cv2.INTER_AREA) / np.maximum(weight, 1e-6)
    d = np.where(weight > 1e-3, mean, typical).ravel().astype(np.float64)
    xy = cv2.resize(lines_of_sight(camera), (side, side), interpolation=cv2.INTER_AREA).reshape(-1, 2)
    points = np.column_stack([xy[:, 0] * d, -xy[:, 1] * d, -d])
    return streaks(points, camera.drift, seconds, camera).reshape(side, side, 2)


def of_background(camera: Camera, seconds: float) -> Ways:
    """Return (9, 9, 2) pixels that what is far away moves by: as the camera turns."""
    return streaks(_lines(camera, 9), camera.drift_far, seconds, camera).reshape(9, 9, 2)


def _lines(camera: Camera, side: int) -> Ways:
    """World points (side * side, 3) at depth 1 on the lines of sight of a grid over the picture."""
    at = (np.arange(side) + 0.5) / side * camera.size
    u, v = np.meshgrid(at, at)
    xy = sight(np.stack([u.ravel(), v.ravel()], axis=1), camera)
    return np.column_stack([xy[:, 0], -xy[:, 1], -np.ones(len(xy))])


def drag(image: Image, ways: Ways) -> Image:
    """Return (S, S, C) linear light smeared along `ways` (G, G, 2): uniform speed, the middle of the way where the point was."""
    length = float(np.hypot(ways[..., 0], ways[..., 1]).max())
    if length < MIN_BLUR_PX:
        return image
    way, share = _narrowed(ways, length)
    moved = _gather(image, way) - image
    moved *= share
    moved += image
    return moved


def _narrowed(ways: Ways, length: float) -> tuple[Ways, np.float32]:
    """Return ways, and the share of light to smear, so that the smear has a segment's variance, L^2 / 12: taps between pixels
    are interpolated, which adds 1 / 6 (px squared) on average."""
    if length >= 2:
        return ways * (np.sqrt(length**2 - 12 * INTERPOLATED) / length), np.float32(1)
    return ways, np.float32(length**2 / (length**2 + 12 * INTERPOLATED))


def _gather(image: Image, ways: Ways) -> Image:
    if float(np.ptp(ways.reshape(-1, 2), axis=0).max()) < EVEN_PX:
        dx, dy = ways.reshape(-1, 2).mean(axis=0)
        angle = np.degrees(np.arctan2(-dy, dx)) % 180
        return optics.blur(image, optics.line_kernel(round(float(np.hypot(dx, dy)), 3), round(float(angle), 3)))
    size = image.shape[0]
    way = cv2.resize(ways.astype(np.float32), (size, size), interpolation=cv2.INTER_LINEAR)
    x, y = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    taps = int(min(np.ceil(np.hypot(ways[..., 0], ways[..., 1]).max()) + 1, MOST_TAPS))
    out = np.zeros_like(image)
    for t in (np.arange(taps) + 0.5) / taps - 0.5:
        step = np.float32(t)
        out += cv2.remap(image, x + step * way[..., 0], y + step * way[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return out / np.float32(taps)
