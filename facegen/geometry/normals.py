"""Normals of triangle meshes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def vertex_normals(vertices: NDArray[np.floating], triangles: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return area-weighted unit normals (V, 3) of vertices (V, 3) under triangles (F, 3); of a vertex in no triangle, zeros."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    flat = triangles.ravel()
    total = np.stack([np.bincount(flat, np.repeat(across[:, k], 3), len(vertices)) for k in range(3)], axis=1)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
