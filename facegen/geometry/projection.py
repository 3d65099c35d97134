"""Pinhole projection between the world frame (OpenGL camera frame, metres) and pixels.

Pixels have their origin at the outer corner of the top-left pixel, u to the right, v down; pixel centres lie at +0.5. `K` is
(3, 3) with OpenCV axes (X right, Y down, Z forwards).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

GL_TO_CV = np.diag([1.0, -1.0, -1.0])
"""World frame to OpenCV's camera frame and back (its own inverse)."""


def project(points: ArrayLike, K: ArrayLike) -> NDArray[np.float64]:
    """Return (N, 2) pixels of (N, 3) world `points`; points not in front of the camera give NaN."""
    p = np.asarray(points, np.float64)
    k = np.asarray(K, np.float64)
    depth = np.where(p[:, 2] < 0, -p[:, 2], np.nan)
    x, y = p[:, 0] / depth, -p[:, 1] / depth
    return np.stack([k[0, 0] * x + k[0, 1] * y + k[0, 2], k[1, 1] * y + k[1, 2]], axis=1)


def unproject(pixels: ArrayLike, depth: ArrayLike, K: ArrayLike) -> NDArray[np.float64]:
    """Return (N, 3) world points at (N, 2) `pixels` and (N,) `depth` (metres along -Z)."""
    uv = np.asarray(pixels, np.float64)
    k = np.asarray(K, np.float64)
    d = np.asarray(depth, np.float64)
    y = (uv[:, 1] - k[1, 2]) / k[1, 1]
    x = (uv[:, 0] - k[0, 2] - k[0, 1] * y) / k[0, 0]
    return np.stack([x * d, -y * d, -d], axis=1)


def pixel_index(pixels: ArrayLike, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return (row, column, inside) of the pixel that holds each of (N, 2) `pixels`; outside ones are clipped to the border."""
    uv = np.asarray(pixels, np.float64)
    inside = np.all((uv >= 0) & (uv < size), axis=1)  # NaN compares false
    column, row = np.clip(np.nan_to_num(np.floor(uv)), 0, size - 1).astype(np.intp).T
    return row, column, inside
