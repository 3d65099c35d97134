"""Closed-form surfaces and scenes for the renderer's tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from facegen.scene import Camera, Key, Material, Scene, Surface

Vec = tuple[float, float, float]
UNIFORM = np.zeros((16, 3), dtype=np.float32)
UNIFORM[0] = np.sqrt(4 * np.pi)  # radiance 1 from everywhere: Y00 = 1 / sqrt(4 pi)
DARK = np.zeros((16, 3), dtype=np.float32)


def sphere(radius: float, center: Vec, rings: int = 48, region: int = 1, shader: str = "cloth", **more: Any) -> Surface:
    """A latitude-longitude sphere; uv is x, y of the direction."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, rings + 1), np.linspace(0, 2 * np.pi, 2 * rings + 1), indexing="ij")
    d = np.stack([np.sin(polar) * np.cos(around), np.cos(polar), -np.sin(polar) * np.sin(around)], axis=-1).reshape(-1, 3)
    n = 2 * rings + 1
    i = (np.arange(rings)[:, None] * n + np.arange(n - 1)).ravel()
    faces = np.concatenate([np.stack([i, i + n, i + 1], axis=1), np.stack([i + 1, i + n, i + n + 1], axis=1)])
    return _surface(d * radius + center, d, d[:, :2], faces, region, shader, **more)


def quad(center: Vec, x: Vec, y: Vec, region: int = 1, shader: str = "cloth", **more: Any) -> Surface:
    """A parallelogram with half edges x, y (3,); its normal is x cross y."""
    cx, cy = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    corners = np.array([center - cx - cy, center + cx - cy, center + cx + cy, center - cx + cy])
    normal = np.cross(cx, cy)
    normals = np.tile(normal / np.linalg.norm(normal), (4, 1))
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return _surface(corners, normals, uv, np.array([[0, 1, 2], [0, 2, 3]]), region, shader, **more)


def camera(size: int = 64, focal: float = 1.0) -> Camera:
    """A pinhole whose focal length is `focal` picture heights."""
    k = np.array([[focal * size, 0, size / 2], [0, focal * size, size / 2], [0, 0, 1.0]])
    return Camera(K=k, size=size, near=0.05, far=10.0)


def key(
    direction: tuple[float, float, float], irradiance: float = np.pi, size_deg: float = 0.5, shadow: bool = True, **near
) -> Key:
    d = np.asarray(direction, dtype=np.float64)
    return Key((d / np.linalg.norm(d)).astype(np.float32), np.full(3, irradiance, dtype=np.float32), size_deg, shadow, **near)


def scene(*surfaces: Surface, sh: np.ndarray = UNIFORM, keys: tuple[Key, ...] = (), size: int = 64, focal: float = 1.0) -> Scene:
    return Scene(tuple(surfaces), sh, keys, camera(size, focal))


def _surface(positions, normals, uv, faces, region, shader, params=None, name="shape", **more) -> Surface:
    n = len(positions)
    return Surface(
        name=name, positions=positions.astype(np.float32), normals=normals.astype(np.float32), faces=faces.astype(np.int32),
        region=np.full(n, region, dtype=np.uint8), material=Material(shader, {} if params is None else params),
        uv=uv.astype(np.float32), **more,
    )  # fmt: skip
