"""How deep a head sticks out of something worn: measured along rays, independent of how the thing was fitted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegen.head.model import HeadModel, PosedHead
from facegen.scene import Surface

Points = NDArray[np.floating]


def skin_points(model: HeadModel, posed: PosedHead, centers: bool = False) -> tuple[Points, NDArray[np.bool_]]:
    """Return vertices (with face centres and edge middles) (N, 3) of the outer skin, and which belong to the ears."""
    part = model.topology.parts["skin"]
    faces = part.index[part.faces]
    masks = model.topology.masks
    faces = faces[masks["mouth_inside"][faces].max(1) < 0.3]
    points = np.unique(faces)
    ears = masks["ears"][points] > 0.1
    if not centers:
        return posed.vertices[points], ears
    corners, near_ear = posed.vertices[faces], masks["ears"][faces].max(1) > 0.1
    middles = 0.5 * (corners + np.roll(corners, 1, axis=1)).reshape(-1, 3)
    everywhere = np.concatenate([posed.vertices[points], corners.mean(1), middles])
    return everywhere, np.concatenate([ears, near_ear, np.repeat(near_ear, 3)])


def poke(sheet: Surface, head: Points, center: Points) -> tuple[float, int]:
    """Return how far (m) head points (N, 3) reach beyond the sheet, and how many of them it covers.

    Measured along rays from `center`, or from the nearest point of the sheet, whichever is less: where the sheet's side runs
    along a ray, the ray alone says nothing about depth.
    """
    depth = depths(sheet, head, center)
    return float(depth.max()), len(depth)


def depths(sheet: Surface, head: Points, center: Points) -> Points:
    """Return how far (m) each of the head points (N, 3) that the sheet covers reaches beyond it (see `poke`)."""
    faces = sheet.faces[(sheet.ao[sheet.faces] > 0.45).all(1)]  # hems, turned in under the edge, are the darkest
    corners = (sheet.positions[faces] - center).astype(np.float64)
    middle = corners.mean(1)
    tree = cKDTree(middle / np.linalg.norm(middle, axis=1, keepdims=True))
    offset = head - center
    radius = np.linalg.norm(offset, axis=1)
    ray = offset / radius[:, None]
    gap, near = tree.query(ray, k=10, distance_upper_bound=0.15)
    point, rank = np.nonzero(np.isfinite(gap))
    distance = _hits(ray[point], corners[near[point, rank]])
    reach = np.full(len(head), -np.inf)
    np.maximum.at(reach, point, distance)
    covered = np.isfinite(reach)
    along = radius[covered] - reach[covered]
    nearest = cKDTree(np.concatenate([sheet.positions[faces].mean(1), sheet.positions])).query(head[covered])[0]
    return np.minimum(along, nearest)


def _hits(ray: Points, corners: Points) -> Points:
    """Distance along unit rays (N, 3) from the origin to triangles (N, 3, 3), -inf where they miss (Moller and Trumbore 1997)."""
    a, u, v = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    p = np.cross(ray, v)
    det = np.einsum("ij,ij->i", u, p)
    safe = np.where(np.abs(det) > 1e-14, det, 1.0)
    s = np.einsum("ij,ij->i", -a, p) / safe
    q = np.cross(-a, u)
    t = np.einsum("ij,ij->i", ray, q) / safe
    inside = (np.abs(det) > 1e-14) & (s >= 0) & (t >= 0) & (s + t <= 1)
    return np.where(inside, np.einsum("ij,ij->i", v, q) / safe, -np.inf)


def behind(points: Points, surface: Points, axis: int, cell: float = 0.0015) -> Points:
    """Return per point (N, 3) how far (m) it lies inside: behind the outermost surface point of its cell along `axis`, or from
    the nearest surface point, whichever is less; 0 where it lies in front."""
    plane = [k for k in range(3) if k != axis]
    if len(points) == 0:
        return np.zeros(0)
    beside = _near(surface, points, plane, cell)  # a tree of the few points that can count is cheap
    gap, near = cKDTree(beside[:, plane]).query(points[:, plane], k=12, distance_upper_bound=cell)
    height = np.append(beside[:, axis], -np.inf)
    top = np.where(np.isfinite(gap), height[near], -np.inf).max(1)
    depth = np.maximum(top - points[:, axis], 0.0)
    deep = depth > 0
    if deep.any():
        reachable = _near(surface, points[deep], [0, 1, 2], float(depth.max()))
        depth[deep] = np.minimum(depth[deep], cKDTree(reachable).query(points[deep])[0])
    return depth


def _near(surface: Points, points: Points, axes: list[int], reach: float) -> Points:
    """The surface points (M, 3) within `reach` of the box around `points` along `axes`."""
    inside = np.ones(len(surface), dtype=bool)
    for k in axes:
        inside &= (surface[:, k] >= points[:, k].min() - 1.01 * reach) & (surface[:, k] <= points[:, k].max() + 1.01 * reach)
    return surface[inside]
