"""What the mean head hides of its surroundings, from depth buffers seen from many directions: how much, and on which side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.geometry.normals import vertex_normals

DIRECTIONS = 96
GRID = 220
BIAS_M = 0.004


def ambient_occlusion(
    vertices: NDArray[np.float64], triangles: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (V,) in 0..1, the cosine-weighted share of directions from which a vertex is seen past the mesh; and (V, 3), how
    the mean of these directions leans away from the vertex normal (Landis 2002, "bent normal" less normal; both of length 1).

    vertices (V, 3) m; triangles (F, 3). Depth buffers are splats of vertices, edge middles and face centres; directions are a
    Fibonacci sphere.
    """
    corner = vertices[triangles]
    splats = np.concatenate(
        [vertices[np.unique(triangles)], corner.mean(1), 0.5 * (corner + np.roll(corner, 1, 1)).reshape(-1, 3)]
    )
    normal = vertex_normals(vertices, triangles)
    turn = np.arange(DIRECTIONS)
    height = 1 - (2 * turn + 1) / DIRECTIONS
    angle = turn * np.pi * (3 - np.sqrt(5))
    ring = np.sqrt(1 - height**2)
    ways = np.stack([ring * np.cos(angle), height, ring * np.sin(angle)], 1)
    seen, total = np.zeros(len(vertices)), np.zeros(len(vertices))
    toward, every = np.zeros((len(vertices), 3)), np.zeros((len(vertices), 3))
    for way in ways:
        facing = np.maximum(normal @ way, 0.0)
        side = np.cross(way, [0.0, 0.0, 1.0] if abs(way[2]) < 0.9 else [1.0, 0.0, 0.0])
        side /= np.linalg.norm(side)
        frame = np.stack([side, np.cross(way, side), way])
        open_ = facing * _visible(splats @ frame.T, vertices @ frame.T)
        seen += open_
        total += facing
        toward += open_[:, None] * way
        every += facing[:, None] * way
    lean = _unit(toward) - _unit(every)  # the directions are few: their own mean stands for the normal
    lean[seen <= 0] = 0.0
    return np.clip(seen / np.maximum(total, 1e-9), 0.0, 1.0).astype(np.float32), lean.astype(np.float32)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _visible(splats: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    low = splats[:, :2].min(0)
    cell = (splats[:, :2].max(0) - low).max() / GRID
    depth = np.full((GRID + 1) ** 2, -np.inf)
    slot = ((splats[:, :2] - low) / cell).astype(int)
    np.maximum.at(depth, slot[:, 0] * (GRID + 1) + slot[:, 1], splats[:, 2])
    at = np.clip(((points[:, :2] - low) / cell).astype(int), 0, GRID)
    return (points[:, 2] >= depth[at[:, 0] * (GRID + 1) + at[:, 1]] - BIAS_M).astype(float)
