"""What a hand's skin maps are painted from: where on the hand each texel lies, baked once when the hand is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.wear.shapes import unit

HEIGHT, WIDTH = 512, 256
FIELDS = ("inside", "palm", "nail", "knuckle", "crease", "tip", "x", "y", "z")
"""Channels of `Rig.fields`, row 0 at v = 0. inside: 1 on the chart; palm: -1 back .. 1 palm of the hand; nail: 0..1; knuckle:
0..1 round the joints of the fingers' backs; crease: phase of their wrinkles (rad); tip: 0..1 towards the finger ends; x, y, z:
place at rest, hand frame, m."""


def bake(
    uv: NDArray[Any], faces: NDArray[Any], weld: NDArray[Any], vertices: NDArray[Any], heads: NDArray[Any],
    tails: NDArray[Any], finger: NDArray[Any], first: int,
) -> NDArray[np.float32]:  # fmt: skip
    """Return FIELDS (HEIGHT, WIDTH, K): per-vertex coordinates drawn over uv, then made into masks texel by texel."""
    normals = _normals(vertices, weld[faces])
    carried = np.concatenate([vertices, normals, *(_along(vertices, normals, heads, tails, k, first) for k in range(5))], 1)
    owner = np.concatenate([(finger == k)[:, None] for k in range(5)], 1).astype(float)
    drawn = _raster(uv, faces, np.concatenate([carried, owner], 1))
    inside = drawn[..., -1]
    x = drawn[..., :3]
    out = np.zeros((HEIGHT, WIDTH, len(FIELDS)), np.float32)
    out[..., 0], out[..., 6:9] = inside, x
    out[..., 1] = unit(drawn[..., 3:6])[..., 2]
    for k in range(5):
        mine = np.clip(drawn[..., 6 + 20 + k], 0, 1)
        along, side, back, pip = (drawn[..., 6 + 4 * k + j] for j in range(4))
        dorsal = np.clip(back * 2.2, 0, 1)
        nail = np.abs((along - 0.72) / 0.30) ** 3 + np.abs(side / 0.72) ** 3
        out[..., 2] = np.maximum(out[..., 2], mine * dorsal * np.clip(2.5 * (1.15 - nail), 0, 1) * (back > 0.25))
        # The joint between the last two bones lies at along 0, the one before at pip 0.
        at = np.exp(-((along / 0.22) ** 2)) * 0.7 + np.exp(-((pip / 0.22) ** 2))
        out[..., 3] = np.maximum(out[..., 3], mine * dorsal * np.clip(at, 0, 1))
        out[..., 4] += mine * 30.0 * np.where(np.abs(along) < np.abs(pip), along, pip)
        out[..., 5] = np.maximum(out[..., 5], mine * np.clip(along, 0, 1))
    return _padded(out)


def _along(
    vertices: NDArray[Any], normals: NDArray[Any], heads: NDArray[Any], tails: NDArray[Any], k: int, first: int
) -> NDArray[Any]:
    """Return (N, 4): along the last bone (0 its joint, 1 its end), across it over the finger's half width, how far the normal
    points to its back, along the middle bone from the joint before."""
    last, middle = first + 3 * k + 2, first + 3 * k + 1
    d = tails[last] - heads[last]
    length = np.linalg.norm(d)
    d = d / length
    bend = np.cross(heads[last] - heads[middle], d)
    palm = np.array([0.0, 0.0, 1.0]) if k else unit(np.cross(unit(bend), d))
    palm = unit(palm - d * (palm @ d))
    side = np.cross(d, palm)
    off = vertices - heads[last]
    m = unit(tails[middle] - heads[middle])
    pip = (vertices - heads[middle]) @ m / length
    return np.stack([off @ d / length, off @ side / 0.0085, -(normals @ palm), pip], 1)


def _normals(vertices: NDArray[Any], faces: NDArray[Any]) -> NDArray[Any]:
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    out = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(out, faces[:, k], np.cross(b - a, c - a))
    used = np.linalg.norm(out, axis=1) > 0
    from scipy.spatial import cKDTree

    return np.asarray(unit(out[used][cKDTree(vertices[used]).query(vertices)[1]]))


def _raster(uv: NDArray[Any], faces: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """Draw per-vertex values (N, C) over uv; the last channel added says which texels were drawn."""
    out = np.zeros((HEIGHT, WIDTH, values.shape[1] + 1))
    at = uv * [WIDTH, HEIGHT] - 0.5
    for face in faces:
        p = at[face]
        (x0, y0), (x1, y1) = np.floor(p.min(0)).astype(int), np.ceil(p.max(0)).astype(int) + 1
        gx, gy = np.meshgrid(np.arange(max(x0, 0), min(x1, WIDTH)), np.arange(max(y0, 0), min(y1, HEIGHT)))
        u, v = p[1] - p[0], p[2] - p[0]
        det = u[0] * v[1] - u[1] * v[0]
        if abs(det) < 1e-12:
            continue
        dx, dy = gx - p[0, 0], gy - p[0, 1]
        s, t = (dx * v[1] - dy * v[0]) / det, (dy * u[0] - dx * u[1]) / det
        hit = (s >= -0.02) & (t >= -0.02) & (s + t <= 1.02)
        w = np.stack([1 - s - t, s, t], -1)[hit]
        out[gy[hit], gx[hit], :-1] = w @ values[face]
        out[gy[hit], gx[hit], -1] = 1
    return out


def _padded(fields: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill what lies off the chart from its nearest texel, so that filtering takes in nothing foreign."""
    from scipy.ndimage import distance_transform_edt

    near = distance_transform_edt(fields[..., 0] < 0.5, return_distances=False, return_indices=True)
    out = fields[near[0], near[1]]
    out[..., 0] = fields[..., 0]
    return np.asarray(out, np.float32)
