"""Tangents along u as a linear map of positions: built once for a mesh, one sparse product a frame.

Lengyel, "Computing Tangent Space Basis Vectors for an Arbitrary Mesh": for a triangle, dP/du = (e1 dv2 - e2 dv1) / det,
linear in the corners; here summed over a vertex's triangles weighted by |det| (their area in uv).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True)
class TangentMap:
    """`matrix` (N, N) maps positions to (unnormalised) dP/du; `handed` +1 where v runs to the left of u seen from outside."""

    matrix: sp.csr_matrix
    handed: float

    def __call__(self, positions: NDArray[np.float32]) -> NDArray[np.float32]:
        out = self.matrix @ positions
        length = np.sqrt(np.einsum("ij,ij->i", out, out))[:, None]
        return (out / np.maximum(length, 1e-12)).astype(np.float32)


def axes_map(uv: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (2, N) weights that fit positions = c + x X + y Y over uv = (x, y): the axes X, Y of an eyeball, unscaled."""
    design = np.column_stack([np.ones(len(uv)), uv.astype(np.float64)])
    return np.linalg.pinv(design)[1:].astype(np.float32)


def build(uv: NDArray[np.float32], faces: NDArray[np.int32]) -> TangentMap:
    """Return the map of a mesh with uv (N, 2) and faces (F, 3); vertices without area in uv get zero."""
    a, b, c = (uv[faces[:, i]].astype(np.float64) for i in range(3))
    (u1, v1), (u2, v2) = (b - a).T, (c - a).T
    det = u1 * v2 - u2 * v1
    sign = np.sign(det)
    # |det| dP/du = sign ((b - a) v2 - (c - a) v1): weights of the three corners.
    weights = sign[:, None] * np.stack([v1 - v2, v2, -v1], axis=1)
    rows = np.repeat(faces, 3, axis=1).ravel()
    columns = np.tile(faces, (1, 3)).ravel()
    values = np.tile(weights, (1, 3)).ravel()
    matrix = sp.csr_matrix((values.astype(np.float32), (rows, columns)), shape=(len(uv), len(uv)))
    return TangentMap(matrix, 1.0 if det.sum() >= 0 else -1.0)
