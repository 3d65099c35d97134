"""The lens, on linear light: point spread of defocus and motion, coloured edges, vignetting. Every kernel sums to 1."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.sample import CameraSpec
from facegen.scene import Camera

SUBSAMPLES = 8
"""Samples along each side of a pixel when a kernel's coverage is measured."""
LEAST_SHIFT_PX = 0.02
LEAST_VARIANCE = 0.003
"""Coloured edges narrower than this (px, px squared) are left out."""


@lru_cache(maxsize=64)
def disc_kernel(diameter_px: float) -> NDArray[np.float32]:
    """Return the odd-sized coverage of a disc of `diameter_px`: a point out of focus behind a round aperture."""
    if diameter_px < 2 / SUBSAMPLES:
        return _normalised(np.ones((1, 1), np.float32))
    half = int(np.ceil(max(diameter_px / 2 - 0.5, 0)))
    steps = (np.arange((2 * half + 1) * SUBSAMPLES) + 0.5) / SUBSAMPLES - half - 0.5
    inside = (steps[:, None] ** 2 + steps[None, :] ** 2 <= (diameter_px / 2) ** 2).astype(np.float32)
    return _normalised(_bin(inside))


@lru_cache(maxsize=64)
def line_kernel(length_px: float, angle_deg: float) -> NDArray[np.float32]:
    """Return the odd-sized coverage of a segment: uniform motion while the shutter is open.

    `angle_deg` is counter-clockwise in the picture from its right.
    """
    half = int(np.ceil(length_px / 2))
    t = (np.arange(max(int(length_px * SUBSAMPLES), 1) * 4) + 0.5) / (max(int(length_px * SUBSAMPLES), 1) * 4) - 0.5
    x = half + t * length_px * np.cos(np.radians(angle_deg))
    y = half - t * length_px * np.sin(np.radians(angle_deg))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
    for dy in (0, 1):  # bilinear splat, so that the line moves smoothly with its angle
        for dx in (0, 1):
            weight = np.abs(1 - dx - (x - x0)) * np.abs(1 - dy - (y - y0))
            np.add.at(kernel, (np.minimum(y0 + dy, 2 * half), np.minimum(x0 + dx, 2 * half)), weight)
    return _normalised(kernel)


def blur(image: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the (S, S, C) linear picture convolved with `kernel`, mirrored at the border so that no light is lost."""
    if kernel.shape == (1, 1):
        return image
    flipped = np.ascontiguousarray(kernel[::-1, ::-1])  # filter2D correlates
    return np.asarray(cv2.filter2D(image, cv2.CV_32F, flipped, borderType=cv2.BORDER_REFLECT), np.float32)


def fringed(light: NDArray[np.float32], camera: Camera, spec: CameraSpec) -> NDArray[np.float32]:
    """Return (S, S, 3) light with the chromatic aberration of `spec`: red and blue magnified about the lens's axis (lateral) and
    a little out of focus (axial). Green stays where labels point."""
    corner = float(np.hypot(*np.maximum(camera.K[:2, 2], camera.size - camera.K[:2, 2])))
    out = light
    for channel, more in ((0, spec.ca_red), (2, spec.ca_blue)):
        plane = light[..., channel]
        if abs(more) * corner >= LEAST_SHIFT_PX:
            middle = camera.K[:2, 2] - 0.5
            back = np.column_stack([np.eye(2) / (1 + more), middle * (1 - 1 / (1 + more))])
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            plane = cv2.warpAffine(plane, back, (camera.size, camera.size), flags=flags, borderMode=cv2.BORDER_REFLECT)
        variance = (spec.ca_axial * camera.size) ** 2 / 16  # of a disc, along an axis
        if variance >= LEAST_VARIANCE:
            plane = cv2.GaussianBlur(plane, (0, 0), float(np.sqrt(variance)), borderType=cv2.BORDER_REFLECT)
        if plane is not light[..., channel]:
            out = light.copy() if out is light else out
            out[..., channel] = np.maximum(plane, 0)
    return out


def vignette(size: int, strength: float, off_x: float = 0.0, off_y: float = 0.0) -> NDArray[np.float32]:
    """Return the (S, S) relative illumination: 1 on the lens's axis, `off_x, off_y` (shares of the frame) from the middle;
    1 - `strength` at half the picture's diagonal from it, as cos^4 of the field angle."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    r2 = ((axis[:, None] - 2 * off_y) ** 2 + (axis[None, :] - 2 * off_x) ** 2) / 2
    tan2 = (max(1 - strength, 1e-3)) ** -0.5 - 1  # cos^4 = 1 - strength where r2 = 1
    return (1 / (1 + r2 * tan2) ** 2).astype(np.float32)


def _bin(fine: NDArray[np.float32]) -> NDArray[np.float32]:
    n = fine.shape[0] // SUBSAMPLES
    return fine.reshape(n, SUBSAMPLES, n, SUBSAMPLES).mean((1, 3))


def _normalised(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    kernel = (kernel / kernel.sum(dtype=np.float64)).astype(np.float32)
    kernel.setflags(write=False)
    return kernel
