"""The jaw as it is seen: iBUG's points 0-16 slide over the cheek to where its outline is, as hand-marked sets have them.

Landmark marching after Zhu, Lei, Yan, Yi & Li, "High-Fidelity Pose and Expression Normalization for Face Recognition in the
Wild" (CVPR 2015): a point of the jaw that the head itself turns away walks along its parallel, a level cut through the face, to
the border of what faces the camera. Parallels run along the jaw below the mouth and would never leave it there; so our cuts
turn about the lower lip from there on (through each point, along the head's Z), and the chin walks up when a face looks down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from facegen.head.landmarks import Landmarks
from facegen.head.model import HeadModel
from facegen.head.topology import Topology

JAW = 17
LOWER_LIP = 57
CLOSED = ("mouth_inside", "nostril_openings")
"""Masks that no slide crosses."""
ENDS = ("nose", "lips")
"""Masks in which slides end: the outline of nose and lips is not that of the cheek."""
FRONT = 0.3
"""How much the face's own front counts as outward for a point that is turned away: in profile all of it does."""
STAY_M = 0.0005
"""A point that faces the camera stays unless an outline before it lies this much farther out."""


@dataclass(frozen=True)
class Slides:
    """Seventeen curves on the mesh, each from its jaw point inwards: `table` (17 * K, V) averages vertices into samples, row by
    row; `used` (17, K) marks those that exist (a curve is shorter than the longest); `outward` (17, 3) unit, head frame."""

    table: sp.csr_matrix
    used: NDArray[np.bool_]
    outward: NDArray[np.float64]

    def walk(
        self, vertices: NDArray[np.floating], normals: NDArray[np.floating], transform: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return (17, 3) points of the outline in the frame of `vertices` (V, 3), the head's, and which (17,) of them lie on
        it: where nose, lips or brow stand before all of a curve, its outermost sample is the point, and none that shows.

        `transform` (4, 4) takes the frame to the camera's, which looks from the origin along -Z.
        """
        shape = (*self.used.shape, 3)
        head = np.asarray(self.table @ vertices, np.float64).reshape(shape)
        normal = np.asarray(self.table @ normals, np.float64).reshape(shape) @ transform[:3, :3].T
        seen = head @ transform[:3, :3].T + transform[:3, 3]
        facing = np.where(self.used, -(normal * seen).sum(axis=2), -np.inf)
        picture = seen[:, :, :2] / -seen[:, :, 2:]
        depth = -seen[:, 0, 2]
        found = [self._one(k, head[k], facing[k], picture[k], STAY_M / float(depth[k]), transform) for k in range(JAW)]
        return np.stack([point for point, _ in found]), np.array([met for _, met in found])

    def _one(
        self,
        k: int,
        head: NDArray[np.float64],
        facing: NDArray[np.float64],
        picture: NDArray[np.float64],
        slack: float,
        transform: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], bool]:
        """Of the jaw point, where it faces the camera, and the places where the curve turns to it: the outermost."""
        stays = bool(facing[0] >= 0)
        way = self.outward[k] + (0.0 if stays else FRONT) * np.array([0.0, 0.0, 1.0])
        out = picture @ (transform[:3, :3] @ way)[:2]
        turns = np.flatnonzero((facing[:-1] < 0) & (facing[1:] >= 0) & self.used[k, 1:])
        share = facing[turns] / (facing[turns] - facing[turns + 1])
        places = out[turns] + share * (out[turns + 1] - out[turns])
        best = int(np.argmax(places)) if len(turns) else -1
        if stays and (best < 0 or places[best] < out[0] + slack):
            return head[0], True
        if best < 0:
            return head[int(np.argmax(np.where(self.used[k], out, -np.inf)))], False
        n, t = turns[best], share[best]
        return (1 - t) * head[n] + t * head[n + 1], True


def slides(model: HeadModel, points: Landmarks) -> Slides:
    """Return the slides of `model`, cut on its base mesh."""
    base = model.base_vertices().astype(np.float64)
    cut = _Cutter(model.topology, base)
    jaw = points.ibug68(base.astype(np.float32)).astype(np.float64)
    first = sp.csr_matrix(points.ibug_rows[:JAW])
    parts, outward = [], []
    for k in range(JAW):
        middle = np.array([0.0, max(jaw[k, 1], jaw[LOWER_LIP, 1])])
        radial = jaw[k, :2] - middle
        way = np.append(radial / np.linalg.norm(radial), 0.0)
        outward.append(way)
        parts.append(sp.vstack([first[k], cut.curve(np.append(middle, 0.0), way, jaw[k])]).tocsr())
    longest = max(part.shape[0] for part in parts)
    used = np.array([np.arange(longest) < part.shape[0] for part in parts])
    padded = [sp.vstack([part, sp.csr_matrix((longest - part.shape[0], part.shape[1]))]) for part in parts]
    return Slides(sp.vstack(padded).tocsr().astype(np.float32), used, np.array(outward))


class _Cutter:
    """Cuts planes through the outer skin of a mesh."""

    def __init__(self, topology: Topology, base: NDArray[np.float64]) -> None:
        skin = topology.parts["skin"]
        closed = np.max([topology.masks[name] for name in CLOSED], axis=0) > 0.5
        triangles = skin.index[skin.faces]
        self._triangles = triangles[~closed[triangles].any(axis=1)].astype(np.int64)
        self._end = np.max([topology.masks[name] for name in ENDS], axis=0) > 0.5
        self._base = base

    def curve(self, middle: NDArray[np.float64], way: NDArray[np.float64], start: NDArray[np.float64]) -> sp.csr_matrix:
        """Return (K, V) rows of the curve that the plane through `middle`, along `way` and Z, cuts, from near `start` inwards."""
        base = self._base
        side = (base - middle) @ np.cross(way, [0.0, 0.0, 1.0])
        above = side > 0
        edges = self._triangles[:, [[0, 1], [1, 2], [2, 0]]]  # (F, 3, 2)
        crossed = above[edges[..., 0]] != above[edges[..., 1]]
        cut = crossed.sum(axis=1) == 2
        pairs = np.sort(edges[cut][crossed[cut]], axis=1)  # two edges of each cut triangle, one after the other
        ends, node = np.unique(pairs, axis=0, return_inverse=True)
        link = node.reshape(-1, 2)
        share = side[ends[:, 0]] / (side[ends[:, 0]] - side[ends[:, 1]])
        at = base[ends[:, 0]] + share[:, None] * (base[ends[:, 1]] - base[ends[:, 0]])
        link = link[((at[link] - middle) @ way).min(axis=1) > -0.001]  # its own half of the face
        length = np.linalg.norm(at[link[:, 0]] - at[link[:, 1]], axis=1) + 1e-9
        graph = sp.csr_matrix((length, (link[:, 0], link[:, 1])), shape=(len(at), len(at)))
        begin = int(np.argmin(np.linalg.norm(at - start, axis=1)))
        far, before = dijkstra(graph, directed=False, indices=begin, return_predecessors=True)
        path = [int(np.argmax(np.where(np.isfinite(far), at[:, 2], -np.inf)))]
        while path[-1] != begin:
            path.append(int(before[path[-1]]))
        path = path[::-1]
        stop = self._end[ends[path]].any(axis=1)
        path = path[: int(np.argmax(stop))] if stop.any() else path
        rows = np.repeat(np.arange(len(path)), 2)
        weights = np.column_stack([1 - share[path], share[path]]).ravel()
        return sp.csr_matrix((weights, (rows, ends[path].ravel())), shape=(len(path), len(base)))
