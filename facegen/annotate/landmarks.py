"""Landmarks as the camera sees them: pixels, camera-frame points, and which of them are visible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.geometry.projection import pixel_index, project
from facegen.geometry.rotations import transform_points
from facegen.scene import REGIONS, Camera, Frame

PERSON_IDS = (*range(REGIONS["skin"], REGIONS["neck"] + 1), REGIONS["beard"])
"""Regions that are the face itself. A beard counts: it follows the face, and annotators mark points on it."""
EYE_POINTS_68 = np.arange(36, 48)
SURFACE_SLACK_M = 0.003
LASH_SLACK_M = 0.012
"""Lashes stand this far before the lid margins, and an eye centre lies this far behind its cornea."""
BEARD_SLACK_M, BROW_SLACK_M = 0.03, 0.008
"""Hair of the face's own stands this far before its skin; brows lie close, and are seen along their lie on a turned head."""
BROW_IDS = (REGIONS["right_brow"], REGIONS["left_brow"])
_OWN = np.zeros(256, np.bool_)
_OWN[list(PERSON_IDS)] = True
_HAIR_M = np.zeros(256)
_HAIR_M[REGIONS["beard"]] = BEARD_SLACK_M
_HAIR_M[list(BROW_IDS)] = BROW_SLACK_M
STEEPEST = 6.0
"""Largest slope (tangent) that the depth test allows for within a pixel."""


@dataclass(frozen=True)
class Points:
    """Landmarks of one picture: head (N, 3) head frame (m), camera (N, 3) world frame (m), pixels (N, 2) with the origin at the
    outer corner of the top-left pixel, visible (N,) bool."""

    head: NDArray[np.float64]
    camera: NDArray[np.float64]
    pixels: NDArray[np.float64]
    visible: NDArray[np.bool_]


def see(
    head: ArrayLike, transform: ArrayLike, camera: Camera, frame: Frame, slack_m: ArrayLike = 0.0, thin: ArrayLike = False
) -> Points:
    """Return head-frame points (N, 3) as `camera` sees them; `slack_m`, `thin` (N,) or scalar: see `visible_points`."""
    points = np.asarray(head, np.float64)
    world = transform_points(transform, points)
    pixels = project(world, camera)
    return Points(points, world, pixels, visible_points(world, pixels, camera, frame, slack_m, thin))


def eye_slack(count: int, eyes: ArrayLike) -> NDArray[np.float64]:
    """Return (count,) slack: `LASH_SLACK_M` at the point numbers `eyes`, else 0."""
    slack = np.zeros(count)
    slack[np.asarray(eyes)] = LASH_SLACK_M
    return slack


def visible_points(
    world: NDArray[np.float64],
    pixels: NDArray[np.float64],
    camera: Camera,
    frame: Frame,
    slack_m: ArrayLike = 0.0,
    thin: ArrayLike = False,
) -> NDArray[np.bool_]:
    """Return which points (N, 3) are seen: inside the picture, and no worn thing, hair or nearer part of the head before them.

    The pixel at the point decides by its region and by its depth, which may be nearer than the point by `SURFACE_SLACK_M`, the
    slope of the surface across the pixel and `slack_m`. Where that pixel lies behind the point (a silhouette that rounds past the
    pixel's centre), a neighbour that holds the point's surface will do; `thin` points belong to what the labels do not draw
    (lashes), and need none.
    """
    row, column, inside = pixel_index(pixels, camera.size)
    distance = -world[:, 2]
    footprint = distance / camera.K[0, 0]
    free = SURFACE_SLACK_M + np.broadcast_to(np.asarray(slack_m, np.float64), distance.shape)
    here, behind = _holds(frame, row, column, distance, free, footprint)
    near = np.zeros_like(here)
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            r, c = np.clip(row + dr, 0, camera.size - 1), np.clip(column + dc, 0, camera.size - 1)
            near |= _holds(frame, r, c, distance, free, footprint)[0]
    return inside & (here | (behind & (near | np.asarray(thin))))


def _holds(
    frame: Frame,
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    distance: NDArray[np.float64],
    free: NDArray[np.float64],
    footprint: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (the pixel shows the point's own surface, the pixel shows something behind the point)."""
    ids, depth = frame.ids[row, column], frame.depth[row, column].astype(np.float64)
    facing = np.clip(np.abs(frame.normals[row, column, 2].astype(np.float64)), 1e-3, 1)
    slope = np.minimum(np.sqrt(1 - facing**2) / facing, STEEPEST)
    reach = free + footprint * slope + _HAIR_M[ids]
    empty = (ids == REGIONS["background"]) | (depth <= 0)
    own = ~empty & _OWN[ids] & (np.abs(depth - distance) <= reach)
    behind = empty | (depth > distance + reach)
    return own, behind
