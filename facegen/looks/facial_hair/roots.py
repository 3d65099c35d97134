"""Follicles of the face: chosen once on the reference head, so that they keep their skin in every identity and expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.head.model import HeadModel, PosedHead
from facegen.looks.hair.flow import unit
from facegen.looks.hair.scalp import Array
from facegen.sample import Identity, Sitting

_reference: dict[str, Array] = {}


def reference_vertices(model: HeadModel) -> Array:
    """Return the vertices (V, 3) of the plain head on which face hair is laid out: no local shapes, age 30, mean of the sexes."""
    if model.key not in _reference:
        identity = Identity.model_construct(identity_id="reference", index=0, sex="female", sex_value=0.5, ancestry="european",
                                            shape={}, asymmetry={}, ancestry_weights={"european": 1.0})  # fmt: skip
        sitting = Sitting.model_construct(sitting_id="reference", index=0, age_years=30.0, age_band="", body_fat=0.5, tan=0.0)
        _reference.clear()
        _reference[model.key] = model.shape(identity, sitting).vertices
    return _reference[model.key]


@dataclass(frozen=True)
class FaceStrands:
    """Strands rooted on mesh triangles: `corners` (N, 3) vertex rows, `bary` (N, 3), `local` (N, S + 1, 3) offsets from the root
    in the triangle's frame (first edge, across, outward), metres."""

    corners: NDArray[np.int32]
    bary: Array
    local: Array

    def place(self, posed: PosedHead) -> tuple[Array, Array]:
        """Return strand points (N, S + 1, 3) on a posed head and the skin's outward direction (N, S + 1, 3), head frame."""
        roots, frame = frames(posed.vertices, posed.normals, self.corners, self.bary)
        points = roots[:, None] + np.einsum("nsk,nkd->nsd", self.local, frame)
        outward = np.repeat(frame[:, 2][:, None], self.local.shape[1], axis=1)
        return points.astype(np.float32), outward


def frames(vertices: Array, normals: Array, corners: NDArray[np.int32], bary: Array) -> tuple[Array, Array]:
    """Return root points (N, 3) and orthonormal frames (N, 3, 3), rows edge, across, outward."""
    roots = np.einsum("nk,nkd->nd", bary, vertices[corners])
    outward = unit(np.einsum("nk,nkd->nd", bary, normals[corners]))
    edge = vertices[corners[:, 1]] - vertices[corners[:, 0]]
    edge = unit(edge - np.sum(edge * outward, axis=1, keepdims=True) * outward)
    return roots, np.stack([edge, np.cross(outward, edge), outward], axis=1)


def attach(vertices: Array, normals: Array, corners: NDArray[np.int32], bary: Array, points: Array) -> FaceStrands:
    """Return strands whose `points` (N, S + 1, 3) were grown on these vertices, stored in their triangles' frames."""
    roots, frame = frames(vertices, normals, corners, bary)
    local = np.einsum("nsd,nkd->nsk", points - roots[:, None], frame)
    return FaceStrands(corners, bary, local.astype(np.float32))
