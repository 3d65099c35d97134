"""What a camera sees: between the world frame (OpenGL camera frame, metres) and pixels, through lens and shutter.

Pixels have their origin at the outer corner of the top-left pixel, u to the right, v down; pixel centres lie at +0.5. `K` is
(3, 3) with OpenCV axes (X right, Y down, Z forwards). `project` is the one projection of the house: the vertex shader
(render/shaders/warp.glsl) does the same, so that pictures, masks, depth and landmarks are warped alike.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.geometry import distortion
from facegen.scene import Camera

GL_TO_CV = np.diag([1.0, -1.0, -1.0])
"""World frame to OpenCV's camera frame and back (its own inverse)."""
ROW_STEPS = 3
"""Rounds that find the row, and so the time, at which a rolling shutter meets a moving point; each gains two digits or more."""
ROWS_BEYOND = 1.0
"""Picture heights beyond the frame up to which rows are counted."""
GRID = 33


def project(points: ArrayLike, camera: Camera) -> NDArray[np.float64]:
    """Return (N, 2) pixels of (N, 3) world `points` of the head at mid-exposure; points not in front of the camera give NaN."""
    p = np.asarray(points, np.float64)
    return project_still(met(p, camera), camera)


def met(points: ArrayLike, camera: Camera) -> NDArray[np.float64]:
    """Return (N, 3) where points of the moving head are when the shutter passes their row."""
    p = np.asarray(points, np.float64)
    if camera.readout_s == 0 or not camera.drift.any():
        return p
    speed = p @ camera.drift[:, :3].T + camera.drift[:, 3]
    moved = p
    for _ in range(ROW_STEPS):
        row = project_still(moved, camera)[:, 1] / camera.size
        moved = p + _row_time(row, camera)[:, None] * speed
    return moved


def _row_time(row: NDArray[np.float64], camera: Camera) -> NDArray[np.float64]:
    """Seconds from mid-exposure at which a row (0 top .. 1 bottom) is exposed."""
    inside = np.clip(np.nan_to_num(row, nan=0.5), -ROWS_BEYOND, 1 + ROWS_BEYOND)
    return camera.readout_s * (inside - 0.5)


def project_still(points: ArrayLike, camera: Camera) -> NDArray[np.float64]:
    """Return (N, 2) pixels of (N, 3) world points that do not move."""
    p = np.asarray(points, np.float64)
    depth = np.where(p[:, 2] < 0, -p[:, 2], np.nan)
    xy = np.stack([p[:, 0] / depth, -p[:, 1] / depth], axis=1)
    if any(camera.distortion):
        xy = distortion.distort(xy, camera.distortion, reach(camera))
    k = camera.K
    return np.stack([k[0, 0] * xy[:, 0] + k[0, 1] * xy[:, 1] + k[0, 2], k[1, 1] * xy[:, 1] + k[1, 2]], axis=1)


def unproject(pixels: ArrayLike, depth: ArrayLike, camera: Camera) -> NDArray[np.float64]:
    """Return (N, 3) world points at (N, 2) `pixels` and (N,) `depth` (metres along -Z), as they were when their row was met."""
    d = np.asarray(depth, np.float64)
    xy = sight(pixels, camera)
    return np.stack([xy[:, 0] * d, -xy[:, 1] * d, -d], axis=1)


def sight(pixels: ArrayLike, camera: Camera) -> NDArray[np.float64]:
    """Return (N, 2) undistorted x = X / Z, y = Y / Z (OpenCV axes) of the lines of sight through (N, 2) `pixels`."""
    uv = np.asarray(pixels, np.float64)
    k = camera.K
    y = (uv[:, 1] - k[1, 2]) / k[1, 1]
    x = (uv[:, 0] - k[0, 2] - k[0, 1] * y) / k[0, 0]
    return distortion.undistort(np.stack([x, y], axis=1), camera.distortion, reach(camera))


def reach(camera: Camera) -> float:
    """Return how far from the axis the camera's distortion is followed (see distortion.py)."""
    if not any(camera.distortion):
        return float(np.inf)
    k, s = camera.K, camera.size
    x, y = (max(abs(k[i, 2]), abs(s - k[i, 2])) / k[i, i] for i in (0, 1))
    return distortion.reach_of(tuple(camera.distortion), round(float(np.hypot(x, y)), 6))


def lines_of_sight(camera: Camera) -> NDArray[np.float32]:
    """Return (S, S, 2): x = X / Z, y = Y / Z (OpenCV axes) that each pixel's centre looks along at mid-exposure.

    This is the inverse map a painter of the background follows: distortion undone, and where a rolling shutter met a turning
    camera, its turn undone as well. Exact on a grid of 33 x 33 points, linear between them: within 0.01 px of a phone's lens.
    """
    at = np.linspace(0, camera.size, GRID)
    u, v = np.meshgrid(at, at)
    grid = sight(np.stack([u.ravel(), v.ravel()], axis=1), camera)
    if camera.readout_s > 0 and camera.drift_far.any():
        away = np.column_stack([grid[:, 0], -grid[:, 1], -np.ones(len(grid))])
        away = away - _row_time(v.ravel() / camera.size, camera)[:, None] * (away @ camera.drift_far.T)
        grid = np.column_stack([-away[:, 0] / away[:, 2], away[:, 1] / away[:, 2]])
    hat = _hat(camera.size)
    out = np.empty((camera.size, camera.size, 2), np.float32)
    for i in (0, 1):
        out[..., i] = hat @ grid[:, i].reshape(GRID, GRID) @ hat.T
    return out


@lru_cache(maxsize=8)
def _hat(size: int) -> NDArray[np.float64]:
    """Return (size, GRID): weights of linear interpolation at the pixels' centres."""
    place = (np.arange(size) + 0.5) / size * (GRID - 1)
    return np.maximum(0.0, 1 - np.abs(place[:, None] - np.arange(GRID)))


def streaks(points: ArrayLike, drift: NDArray[np.float64], seconds: float, camera: Camera) -> NDArray[np.float64]:
    """Return (N, 2) pixels from where (N, 3) points appear half of `seconds` before to half of it after; `drift` (3, 4) or (3, 3)
    gives their velocity (m/s)."""
    p = np.asarray(points, np.float64)
    speed = p @ drift[:, :3].T + (drift[:, 3] if drift.shape[1] == 4 else 0.0)
    half = 0.5 * seconds * speed
    ends = project_still(np.concatenate([p + half, p - half]), camera)
    return ends[: len(p)] - ends[len(p) :]


def pixel_index(pixels: ArrayLike, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return (row, column, inside) of the pixel that holds each of (N, 2) `pixels`; outside ones are clipped to the border."""
    uv = np.asarray(pixels, np.float64)
    inside = np.all((uv >= 0) & (uv < size), axis=1)  # NaN compares false
    column, row = np.clip(np.nan_to_num(np.floor(uv)), 0, size - 1).astype(np.intp).T
    return row, column, inside
