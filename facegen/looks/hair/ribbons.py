"""Strand centre lines to triangles: flat strips that the hair shader divides into fine strands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.looks.hair.flow import unit
from facegen.looks.hair.scalp import Array
from facegen.scene import Material, Surface

BEND, OWN = 0.16, 0.18
"""How far normals turn to a strip's borders, and how much of them is the strip's own: little, or each shades as a cord."""


def strips(
    name: str,
    points: Array,
    outward: Array,
    width: Array,
    color: Array,
    ao: Array,
    region: int | NDArray[np.uint8],
    material: Material,
    twist: Array,
    fade: Array | None = None,
    key: str | None = None,
) -> Surface:
    """Return the surface of N strips of S segments.

    points, outward (N, S + 1, 3): centre lines in metres and the direction away from the head; width (N, S + 1) metres; color
    (N, S + 1, 3) linear; ao (N, S + 1); region: one id or (N,); twist (N,) radians turns a strip about its line. uv: u is the
    strip's number + 0 or 1 across; v is 0 at the root to 1 at the tip, or `fade` (N, S + 1): how far strands have thinned out.
    """
    count, rows = points.shape[:2]
    tangent = unit(np.gradient(points, axis=1))
    side = unit(np.cross(tangent, outward))
    flat = np.cross(side, tangent)
    cos, sin = np.cos(twist)[:, None, None], np.sin(twist)[:, None, None]
    across = cos * side + sin * flat
    face_normal = np.cross(across, tangent)
    positions = points[:, :, None] + across[:, :, None] * (width[:, :, None, None] * np.array([-0.5, 0.5])[None, None, :, None])
    bend = across[:, :, None] * np.array([-BEND, BEND])[None, None, :, None]
    normals = unit((1.0 - OWN) * outward[:, :, None] + OWN * face_normal[:, :, None] + bend)
    uv = _chart(np.broadcast_to(np.linspace(0.0, 1.0, rows), (count, rows)) if fade is None else fade)
    regions = np.broadcast_to(np.asarray(region, np.uint8).reshape(-1, 1, 1), (count, rows, 2))
    return Surface(
        name=name,
        positions=_flat(positions, 3),
        normals=_flat(normals, 3),
        faces=strip_faces(count, rows),
        region=np.ascontiguousarray(regions).reshape(-1),
        material=material,
        uv=_flat(uv, 2),
        tangents=_flat(np.repeat(tangent[:, :, None], 2, axis=2), 3),
        color=_flat(np.repeat(color[:, :, None], 2, axis=2), 3),
        ao=_flat(np.repeat(ao[:, :, None], 2, axis=2), 1).reshape(-1),
        key=key,
        shadow_faces=_every_other(count, rows),
    )


def _chart(fade: Array) -> Array:
    u = np.arange(len(fade))[:, None, None] + np.array([0.0, 1.0])[None, None, :]
    v = fade[:, :, None]
    return np.stack(np.broadcast_arrays(u, v), axis=-1)


def _flat(values: NDArray, channels: int) -> Array:
    return np.ascontiguousarray(values, dtype=np.float32).reshape(-1, channels)


def _every_other(count: int, rows: int) -> NDArray[np.int32]:
    """Return the triangles of strips that keep every other row, and the last: what casts their shadow."""
    kept = np.unique([*range(0, rows, 2), rows - 1])
    return _over(count, rows, kept)


def strip_faces(count: int, rows: int) -> NDArray[np.int32]:
    """Return triangles (count * (rows - 1) * 2, 3) of strips stored as (strip, row, side)."""
    return _over(count, rows, np.arange(rows))


def _over(count: int, rows: int, kept: NDArray[np.integer]) -> NDArray[np.int32]:
    k, after = 2 * kept[:-1], 2 * kept[1:]
    one = np.concatenate([np.stack([k, k + 1, after], 1), np.stack([k + 1, after + 1, after], 1)])
    return (one[None] + (np.arange(count) * rows * 2)[:, None, None]).reshape(-1, 3).astype(np.int32)


def taper(width: Array, rows: int, root: float = 0.75, tip: float = 0.3) -> Array:
    """Return (N, rows) widths: `root` share at the scalp, full near a third, `tip` share at the end."""
    t = np.linspace(0.0, 1.0, rows)
    profile = np.interp(t, [0.0, 0.25, 0.6, 1.0], [root, 1.0, 0.9, tip])
    return width[:, None] * profile[None]
