"""The lens, on linear light: point spread of defocus and motion, vignetting. Every kernel sums to 1."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

SUBSAMPLES = 8
"""Samples along each side of a pixel when a kernel's coverage is measured."""


@lru_cache(maxsize=64)
def disc_kernel(diameter_px: float) -> NDArray[np.float32]:
    """Return the odd-sized coverage of a disc of `diameter_px`: a point out of focus behind a round aperture."""
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


@lru_cache(maxsize=8)
def vignette(size: int, strength: float) -> NDArray[np.float32]:
    """Return the (S, S, 1) relative illumination: 1 in the middle, 1 - `strength` in the corners, cos^4 of the field angle."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    r2 = (axis[:, None] ** 2 + axis[None, :] ** 2) / 2
    tan2 = (max(1 - strength, 1e-3)) ** -0.5 - 1  # cos^4 = 1 - strength where r2 = 1
    return (1 / (1 + r2 * tan2) ** 2).astype(np.float32)[..., None]


def _bin(fine: NDArray[np.float32]) -> NDArray[np.float32]:
    n = fine.shape[0] // SUBSAMPLES
    return fine.reshape(n, SUBSAMPLES, n, SUBSAMPLES).mean((1, 3))


def _normalised(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    kernel = (kernel / kernel.sum(dtype=np.float64)).astype(np.float32)
    kernel.setflags(write=False)
    return kernel
