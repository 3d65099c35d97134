"""The fixed side of the head: parts, triangles, masks. Arrays are read-only and shared by every identity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Part:
    """A drawable part of the head mesh.

    index (R,) int32: render vertex -> mesh vertex (split at chart seams and region borders); uv (R, 2) float32 in [0, 1], v up;
    faces (F, 3) int32 into R; region (R,) uint8 of scene.REGIONS, equal over a face's corners.
    """

    name: str
    index: NDArray[np.int32]
    uv: NDArray[np.float32]
    faces: NDArray[np.int32]
    region: NDArray[np.uint8]

    @cached_property
    def coarse(self) -> NDArray[np.int32]:
        """(F / 4, 3) int32 into R: the faces before the last subdivision, whose corners lie on the same surface.

        The four children of a quad follow each other, each from its own corner on (subdivide.py).
        """
        first = self.faces[: len(self.faces) // 2, 0].reshape(-1, 4)
        return np.stack([first[:, [0, 1, 2]], first[:, [0, 2, 3]]], axis=1).reshape(-1, 3)


@dataclass(frozen=True)
class Topology:
    """triangles (F, 3) int32: all parts welded; masks: soft (V,) float32 in 0..1; ao (V,) float32 ambient occlusion of the mean
    head, lean (V, 3) float32 how far its open directions lean off the normal, head frame;
    symmetric (V,) int32 mirror vertex or -1; base_ids: mesh vertex -> vertex of the basis' base.obj where it is one."""

    parts: dict[str, Part]
    triangles: NDArray[np.int32]
    masks: dict[str, NDArray[np.float32]]
    ao: NDArray[np.float32]
    lean: NDArray[np.float32]
    symmetric: NDArray[np.int32]
    base_ids: NDArray[np.int32]


def make_part(name: str, quads: NDArray[np.int64], uv: NDArray[np.float64], region: NDArray[np.uint8]) -> Part:
    """Build a part from quads (Q, 4) of mesh vertices, their corner uv (Q, 4, 2) and the region of each quad (Q,)."""
    corner_region = np.repeat(region[:, None], 4, axis=1)
    rows = np.stack([quads, np.round(uv[..., 0] * 2**20), np.round(uv[..., 1] * 2**20), corner_region], axis=-1)
    _, first, inverse = np.unique(rows.reshape(-1, 4).astype(np.int64), axis=0, return_index=True, return_inverse=True)
    corners = inverse.reshape(-1, 4)
    faces = np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]]).astype(np.int32)
    return Part(name, quads.reshape(-1)[first].astype(np.int32), uv.reshape(-1, 2)[first].astype(np.float32), faces,
                corner_region.reshape(-1)[first].astype(np.uint8))  # fmt: skip
