"""The uniform block `Frame` (light.glsl): light, camera and shadow transforms of one scene, packed as std140."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyrender import IntrinsicsCamera

from facegen.scene import Camera, Key, Scene, Surface

_COSINE = np.repeat(np.array([1.0, 2 / 3, 1 / 4]), (1, 3, 5))[:, None]
"""Clamped-cosine convolution of bands 0-2 over pi (Ramamoorthi and Hanrahan 2001)."""
_MARGIN = 0.02


@dataclass(frozen=True)
class ShadowView:
    """One key's map: `clip` (4, 4) world -> clip space, `extent` (3,) metres covered in width, height and depth."""

    clip: NDArray[np.float64]
    extent: NDArray[np.float64]


def projection(camera: Camera) -> NDArray[np.float64]:
    """Return the (4, 4) OpenGL projection of the camera, by pyrender's pinhole."""
    k = camera.K
    pinhole = IntrinsicsCamera(fx=k[0, 0], fy=k[1, 1], cx=k[0, 2], cy=k[1, 2], znear=camera.near, zfar=camera.far)
    return pinhole.get_projection_matrix(camera.size, camera.size)


def shadow_view(key: Key, casters: Iterable[Surface]) -> ShadowView:
    """Return the orthographic view along `key` that just holds every caster."""
    z = np.asarray(key.direction, dtype=np.float64)
    side = np.array([1.0, 0.0, 0.0]) if abs(z[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    x = np.cross(side, z)
    x /= np.linalg.norm(x)
    axes = np.stack([x, np.cross(z, x), z])
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    narrow = axes.astype(np.float32).T
    for surface in casters:
        least, most = _bounds(surface.positions @ narrow)
        low, high = np.minimum(low, least), np.maximum(high, most)
    low, high = low - _MARGIN, high + _MARGIN
    extent = high - low
    clip = np.eye(4)
    clip[:3, :3] = axes * (2 / extent)[:, None]
    clip[:3, 3] = -(high + low) / extent
    clip[2] = -clip[2]
    clip[3] = (0, 0, 0, 1)
    return ShadowView(clip, extent)


def _bounds(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the least and the greatest coordinates (3,) of points (N, 3); by columns, since numpy is slow over axis 0."""
    columns = points.T
    return np.array([c.min() for c in columns]), np.array([c.max() for c in columns])


def covered(positions: NDArray[np.float32], clip: NDArray[np.float64], size: int) -> tuple[int, int, int, int]:
    """Return x, y, width, height of the samples that points (N, 3) seen through `clip` can cover, on a picture of `size` samples.

    The corners of their box stand for the points; where one of them lies behind the viewer it is the whole picture.
    """
    low, high = _bounds(positions)
    corners = np.array([(x, y, z, 1.0) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]) @ clip.T
    if corners[:, 3].min() <= 1e-6:
        return 0, 0, size, size
    at = (corners[:, :2] / corners[:, 3:] * 0.5 + 0.5) * size
    x0, y0 = (int(v) for v in np.clip(np.floor(at.min(axis=0)) - 1, 0, size))
    x1, y1 = (int(v) for v in np.clip(np.ceil(at.max(axis=0)) + 1, 0, size))
    return x0, y0, x1 - x0, y1 - y0


def pack(scene: Scene, views: list[ShadowView | None], size: int) -> NDArray[np.float32]:
    """Return the block's floats. `views` holds None where a key casts no shadow; `size` is the internal picture size."""
    n = len(scene.keys)
    radiance, irradiance = np.zeros((16, 4)), np.zeros((9, 4))
    radiance[:, :3] = scene.sh
    irradiance[:, :3] = scene.sh[:9] * _COSINE
    direction, rgb, extent = np.zeros((4, 4)), np.zeros((4, 4)), np.ones((4, 4))
    source, edge = np.zeros((4, 4)), np.zeros((4, 4))
    matrix = np.zeros((4, 4, 4))
    to_unit = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1]])
    for i, key in enumerate(scene.keys):
        radius = np.radians(key.size_deg / 2)
        direction[i] = (*key.direction, np.sin(radius))
        rgb[i] = (*key.rgb, 0.0)
        source[i] = 0 if key.source is None else key.source
        edge[i] = 0 if key.edge is None else key.edge
        view = views[i]
        if view is not None:
            rgb[i, 3] = 1.0
            matrix[i] = to_unit @ view.clip
            extent[i] = (*view.extent, np.tan(radius))
    camera, shadows = projection(scene.camera).T, matrix.transpose(0, 2, 1)
    parts = (
        camera,
        radiance,
        irradiance,
        direction,
        rgb,
        shadows,
        extent,
        source,
        edge,
        (n, size, size / scene.camera.size, scene.caster_m),
    )
    return np.concatenate([np.ravel(p) for p in parts]).astype(np.float32)
