"""Region maps and the share of the face that worn things and hair hide."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.geometry.projection import pixel_index, project
from facegen.head.model import HeadModel
from facegen.head.topology import Topology
from facegen.scene import REGIONS, Camera, Frame

OCCLUDERS = ("hair", "clothing", "glasses", "headwear", "facewear", "hand", "object")
FACE_OCCLUDERS = tuple(REGIONS[name] for name in OCCLUDERS)
"""What hides a face from outside. A beard and brows belong to it; opaque lenses carry the id of glasses."""
SKIN_IDS = (REGIONS["skin"], REGIONS["nose"])
IN_FRONT_M = 0.0005
DECLARED = np.array(sorted(REGIONS.values()), np.uint8)


def region_mask(ids: NDArray[np.uint8], *names: str) -> NDArray[np.bool_]:
    """Return the (S, S) mask of the named regions."""
    return np.isin(ids, [REGIONS[name] for name in names])


def region_shares(ids: NDArray[np.uint8]) -> dict[str, float]:
    """Return the share of the picture that each region takes."""
    counts = np.bincount(ids.ravel(), minlength=256)
    return {name: float(counts[number]) / ids.size for name, number in REGIONS.items()}


@dataclass(frozen=True)
class Area:
    """A part of the head's surface: `vertices` (N,) mesh vertices it uses, `triangles` (F, 3) into these."""

    vertices: NDArray[np.intp]
    triangles: NDArray[np.intp]


def area(triangles: NDArray[np.integer]) -> Area:
    """Return the Area of mesh triangles (F, 3)."""
    used, local = np.unique(triangles, return_inverse=True)
    return Area(used, local.reshape(-1, 3))


class Occlusion(NamedTuple):
    """Of the face area turned to the camera: `fraction` hidden, the share `in_frame` and what each of OCCLUDERS hides of it."""

    fraction: float
    in_frame: float
    by: dict[str, float]


def face_occlusion(world: NDArray[np.floating], face: Area, camera: Camera, frame: Frame) -> Occlusion:
    """Return what hides the face area turned to the camera.

    world (V, 3) vertices in the world frame. Each triangle that faces the camera weighs its projected area; it is occluded when
    the pixel at its middle shows an occluder before it. What the head itself hides (the far cheek behind the nose) and what lies
    outside the picture does not enter `fraction`; `in_frame` is the share inside the picture. Amodal: the face area does not
    depend on what is worn. No face area gives zeros.
    """
    points = np.asarray(world[face.vertices], np.float64)
    local = face.triangles
    pixels = project(points, camera)
    a, b, c = (pixels[local[:, k]] for k in range(3))
    # v points down, so counter-clockwise triangles, seen from their front, have a negative area in pixels
    signed = -0.5 * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    front = signed > 0  # NaN, behind the camera, compares false
    a, b, c, weight = a[front], b[front], c[front], signed[front]
    distance = -points[:, 2][local[front]].mean(axis=1)
    row, column, inside = pixel_index((a + b + c) / 3, camera.size)
    ids, gap = frame.ids[row, column], distance - frame.depth[row, column]
    outer = np.isin(ids, FACE_OCCLUDERS)
    hidden = inside & outer & (gap > IN_FRONT_M)
    # Anything else much nearer than the triangle is the head itself; the triangle is not part of the visible outline's area.
    own = inside & ~hidden & ~(~outer & (ids != REGIONS["background"]) & (gap > 0.01))
    seen = float(weight[hidden | own].sum())
    total = float(weight.sum())
    if seen <= 0 or total <= 0:
        return Occlusion(0.0, 0.0, dict.fromkeys(OCCLUDERS, 0.0))
    by = np.bincount(ids[hidden], weight[hidden], 256) / seen
    shares = {name: float(by[REGIONS[name]]) for name in OCCLUDERS}
    return Occlusion(float(weight[hidden].sum()) / seen, float(weight[inside].sum()) / total, shares)


def polygon_occlusion(pixels: NDArray[np.floating], distance_m: float, frame: Frame) -> float:
    """Return the share of the convex hull of (N, 2) `pixels` that an occluder nearer than `distance_m` hides; 0 outside."""
    mask = np.zeros(frame.ids.shape, np.uint8)
    hull = cv2.convexHull(np.round((np.asarray(pixels) - 0.5) * 16).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, (1.0,), shift=4)
    ids, depth = frame.ids[mask > 0], frame.depth[mask > 0]
    return float((np.isin(ids, FACE_OCCLUDERS) & (depth < distance_m)).mean()) if ids.size else 0.0


@lru_cache(maxsize=2)
def face_area(model: HeadModel) -> Area:
    """Return the face mask's area: hairline to chin, ear to ear."""
    return area(model.topology.triangles[face_vertices(model.topology)[model.topology.triangles].all(axis=1)])


def face_vertices(topology: Topology) -> NDArray[np.bool_]:
    """Return which vertices (V,) belong to the face mask."""
    return topology.masks["face"] > 0.5
