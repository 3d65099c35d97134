"""Anatomical points, iBUG-68, five points and MediaPipe's 478 on the mesh, from tables in assets/landmarks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from facegen.errors import MachineError
from facegen.head import basis
from facegen.head.topology import Topology
from facegen.resources import asset_json

if TYPE_CHECKING:
    from facegen.head.model import PosedHead

F32 = NDArray[np.float32]
RIGHT_EYE, LEFT_EYE = 0, 1


class Landmarks:
    """Point tables bound to one topology; every method maps vertices (V, 3) in any frame to points in the same frame."""

    def __init__(self, topology: Topology) -> None:
        table = asset_json("landmarks/points.json")
        row = {int(base): k for k, base in enumerate(topology.base_ids) if base >= 0}
        self.names: tuple[str, ...] = tuple(table["points"])
        self._points = _averages([[row[i] for i in ids] for ids in table["points"].values()], len(topology.ao))
        self._ibug = _averages([[row[i] for i in ids] for ids in table["ibug68"]], len(topology.ao))
        fitted = asset_json("landmarks/mediapipe478.json")
        if fitted["vertices"] != len(topology.ao):
            raise MachineError("assets/landmarks/mediapipe478.json was fitted on another mesh; run pipelines/fit_landmarks.py")
        self._mesh = _table(np.array(fitted["triangles"]), np.array(fitted["weights"]), len(topology.ao))
        eyes = np.array(fitted["eyes"], dtype=np.float32)
        self._eyes = eyes / np.linalg.norm(eyes, axis=1, keepdims=True)
        join = asset_json("landmarks/ibug_from_mediapipe.json")
        self._ibug = self._ibug.tolil()
        for k in join["fitted"]:
            self._ibug[k] = self._mesh[join["index"][k]]
        self._ibug = self._ibug.tocsr()

    @property
    def ibug_rows(self) -> sp.csr_matrix:
        """(68, V) averages of vertices that `ibug68` is."""
        return self._ibug

    def points(self, vertices: F32) -> dict[str, F32]:
        """Return {name: (3,)} of the anatomical points."""
        return dict(zip(self.names, np.asarray(self._points @ vertices, dtype=np.float32), strict=True))

    def ibug68(self, vertices: F32) -> F32:
        """Return (68, 3) in iBUG order; 0-16 are a fixed line on the jaw."""
        return np.asarray(self._ibug @ vertices, dtype=np.float32)

    def mediapipe478(self, vertices: F32, posed: PosedHead) -> F32:
        """Return (478, 3) MediaPipe face-mesh points in the head frame; the last ten are the irises, right first."""
        rim = [
            posed.eye_centers[k] + posed.eye_radius[k] * self._eyes[5 * k : 5 * k + 5] @ posed.eye_rotation[k].T for k in (0, 1)
        ]
        return np.concatenate([self._mesh @ vertices, *rim]).astype(np.float32)

    def five(self, vertices: F32, pupils: F32) -> F32:
        """Return (5, 3): right eye, left eye, nose tip, right and left mouth corner; `pupils` (2, 3) in the vertices' frame."""
        at = self.points(vertices)
        return np.stack([pupils[RIGHT_EYE], pupils[LEFT_EYE], at["nose_tip"], at["mouth_corner_right"], at["mouth_corner_left"]])


@cache
def table() -> Landmarks:
    """Return the tables bound to the compiled head of this machine (cached)."""
    return Landmarks(basis.load().topology)


def points(vertices: F32) -> dict[str, F32]:
    """Return {name: (3,)} of the anatomical points on `vertices` (V, 3)."""
    return table().points(vertices)


def ibug68(vertices: F32) -> F32:
    """Return (68, 3) in iBUG order on `vertices` (V, 3)."""
    return table().ibug68(vertices)


def five(vertices: F32, eyes: F32) -> F32:
    """Return (5, 3): right eye, left eye, nose tip, mouth corners. `eyes` (2, 3): pupils (see `pupils`) or eyeball centres."""
    return table().five(vertices, eyes)


def mediapipe478(vertices: F32, posed: PosedHead) -> F32:
    """Return (478, 3) MediaPipe face-mesh points in the head frame on `vertices` (V, 3) of `posed`."""
    return table().mediapipe478(vertices, posed)


def pupils(eye_centers: F32, eye_radius: F32, eye_rotation: F32) -> F32:
    """Return (2, 3), where the optical axes leave the eyeballs."""
    return np.asarray(eye_centers + eye_radius[:, None] * eye_rotation[:, :, 2], dtype=np.float32)


def arcface_points(posed: PosedHead) -> F32:
    """Return (5, 3) head-frame points that an ArcFace crop is aligned with.

    Detectors do not mean the anatomical points: these lie at fixed offsets from them (assets/landmarks/arcface.json, fitted so
    that MediaPipe's points fall in our crops where they fall in pictures aligned by the usual detectors).
    """
    return arcface_from(arcface_anchors(posed), posed.eye_centers)


def arcface_from(anchors: F32, eye_centers: F32) -> F32:
    """Return the points of `arcface_points` from their `anchors` (5, 3) and the eyeballs' centres (2, 3), head frame."""
    apart = np.linalg.norm(eye_centers[1] - eye_centers[0])
    offset = np.asarray(asset_json("landmarks/arcface.json")["offsets"], dtype=np.float32)
    return np.asarray(anchors + apart * offset, dtype=np.float32)


def arcface_anchors_68(points: F32) -> F32:
    """Return the anchors (5, 3) of `arcface_anchors` out of the 68 points (68, 3): iBUG marks the same vertices."""
    eyes = [0.5 * (points[inner] + points[outer]) for inner, outer in ((39, 36), (42, 45))]
    return np.stack([*eyes, points[30], points[48], points[54]])


def arcface_anchors(posed: PosedHead) -> F32:
    """Return (5, 3) the anatomical points that the crop's points are offset from: eye-corner middles, tip, mouth corners."""
    at = table().points(posed.vertices)
    eyes = [0.5 * (at[f"eye_inner_{side}"] + at[f"eye_outer_{side}"]) for side in ("right", "left")]
    return np.stack([*eyes, at["nose_tip"], at["mouth_corner_right"], at["mouth_corner_left"]])


def _table(triangles: NDArray[np.int64], weights: NDArray[np.float64], count: int) -> sp.csr_matrix:
    rows = np.repeat(np.arange(len(triangles)), 3)
    unit = weights / weights.sum(axis=1, keepdims=True)
    return sp.csr_matrix((unit.ravel().astype(np.float32), (rows, triangles.ravel())), shape=(len(triangles), count))


def _averages(groups: list[list[int]], count: int) -> sp.csr_matrix:
    rows = np.concatenate([[k] * len(ids) for k, ids in enumerate(groups)])
    weight = np.concatenate([[1.0 / len(ids)] * len(ids) for ids in groups]).astype(np.float32)
    return sp.csr_matrix((weight, (rows, np.concatenate(groups))), shape=(len(groups), count))
