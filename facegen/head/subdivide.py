"""One Catmull-Clark step of a quad mesh as a sparse matrix (Catmull & Clark, Computer-Aided Design 10(6), 1978)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True)
class Subdivision:
    """`matrix` (V', V): rows are the old vertices, then edge points, then face points. `quads` (4F, 4); child 4f + c of face f
    lies at its corner c and runs corner, next edge, face point, previous edge. `edges` (E, 2) old vertices of each edge point."""

    matrix: sp.csr_matrix
    quads: NDArray[np.int64]
    edges: NDArray[np.int64]


def catmull_clark(faces: NDArray[np.int64], count: int) -> Subdivision:
    """Subdivide quads `faces` (F, 4) over `count` vertices; open borders follow the cubic B-spline rule."""
    n_faces = len(faces)
    ends = np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2)
    edges, inverse = np.unique(np.sort(ends, axis=1), axis=0, return_inverse=True)
    edge_of = inverse.reshape(n_faces, 4)
    used = np.bincount(edge_of.ravel(), minlength=len(edges))
    face_rows = _matrix(np.repeat(np.arange(n_faces), 4), faces.ravel(), 0.25, (n_faces, count))
    middle = _matrix(np.repeat(np.arange(len(edges)), 2), edges.ravel(), 0.5, (len(edges), count))
    edge_face = _matrix(edge_of.ravel(), np.repeat(np.arange(n_faces), 4), 1.0, (len(edges), n_faces))
    inner = (used == 2).astype(np.float64)
    edge_rows = sp.diags(1 - 0.5 * inner) @ middle + sp.diags(0.25 * inner) @ (edge_face @ face_rows)
    vertex_rows = _vertex_rule(faces, edges, used == 1, face_rows, middle, count)
    quads = np.stack([faces, count + edge_of, np.repeat(count + len(edges) + np.arange(n_faces)[:, None], 4, 1),
                      count + np.roll(edge_of, 1, axis=1)], axis=2).reshape(-1, 4)  # fmt: skip
    return Subdivision(sp.vstack([vertex_rows, edge_rows, face_rows]).tocsr(), quads, edges)


def subdivide_uv(uv_faces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return corner values (4F, 4, C) of the children of faces with corner values (F, 4, C), linearly."""
    edge = 0.5 * (uv_faces + np.roll(uv_faces, -1, axis=1))
    middle = np.repeat(uv_faces.mean(axis=1, keepdims=True), 4, axis=1)
    children = np.stack([uv_faces, edge, middle, np.roll(edge, 1, axis=1)], axis=2)
    return children.reshape(-1, 4, uv_faces.shape[2])


def _vertex_rule(faces, edges, border, face_rows, middle, count):  # type: ignore[no-untyped-def]
    valence = np.maximum(np.bincount(edges.ravel(), minlength=count), 1)
    n_faces = np.maximum(np.bincount(faces.ravel(), minlength=count), 1)
    to_face = _matrix(faces.ravel(), np.repeat(np.arange(len(faces)), 4), 1.0, (count, len(faces)))
    to_edge = _matrix(edges.ravel(), np.repeat(np.arange(len(edges)), 2), 1.0, (count, len(edges)))
    smooth = (sp.diags(1.0 / (valence * n_faces)) @ to_face @ face_rows
              + sp.diags(2.0 / valence**2) @ to_edge @ middle + sp.diags((valence - 3.0) / valence))  # fmt: skip
    rim = edges[border]
    on_rim = np.bincount(rim.ravel(), minlength=count) > 0
    along = _matrix(rim.ravel(), rim[:, ::-1].ravel(), 0.125, (count, count)) + sp.diags(0.75 * on_rim)
    return (sp.diags((~on_rim).astype(np.float64)) @ smooth + along).tocsr()


def _matrix(rows, cols, value, shape) -> sp.csr_matrix:  # type: ignore[no-untyped-def]
    return sp.csr_matrix((np.full(len(rows), value), (rows, cols)), shape=shape)
