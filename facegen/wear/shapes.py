"""Geometry that everything worn is made of: grids, tubes, discs, normals, folds. Pure numpy, metres, head frame.

A `Shape` is what becomes one Surface: quads and tubes wound so that normals point outwards. Topology-only results (grid
faces) are cached by their sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.errors import SpecError, did_you_mean
from facegen.geometry.normals import vertex_normals
from facegen.resources import asset_json
from facegen.scene import REGIONS, Material, Surface

Array = NDArray[np.float32]

Params = dict[str, float | tuple[float, ...]]
"""Uniforms of a material."""

PATTERNS: dict[str, int] = {
    "plain": 0, "stripes": 1, "checks": 2, "dots": 3, "knit": 4, "pinstripes": 5, "plaid": 6, "floral": 7, "graphic": 8,
    "melange": 9,
}  # fmt: skip
"""Numbers the cloth shader knows patterns by."""


@dataclass(frozen=True)
class Shape:
    """positions (N, 3), uv (N, 2) in metres of cloth, faces (F, 3) int32, shade (N,) ambient occlusion in 0..1.

    weld (N,) int32: the vertex each one shares its normal with (itself, or its twin across a seam of uv).
    """

    positions: Array
    uv: Array
    faces: NDArray[np.int32]
    shade: Array
    weld: NDArray[np.int32]


def check_kind(group: str, kind: str) -> None:
    """Raise SpecError with the allowed names when `kind` is none of the asset list `group`."""
    allowed = kinds(group)
    if kind not in allowed:
        raise SpecError(f"{group} kind {did_you_mean(kind, allowed)}")


def kinds(group: str) -> tuple[str, ...]:
    """Return the allowed names of `group` (eyewear, mask, headwear, scarf, garment, pattern), sunglasses among eyewear."""
    table = asset_json("wear/kinds.json")
    names = dict.fromkeys(table[group])
    if group == "eyewear":
        names.update(dict.fromkeys(table["sunglasses"]))
    return tuple(names)


def surface(
    name: str, shape: Shape, material: Material, region: str, *, blend: bool = False, color: Array | None = None
) -> Surface:
    """Return `shape` as a Surface of one material and one region, with smooth outward normals."""
    return Surface(
        name=name,
        positions=shape.positions.astype(np.float32),
        normals=normals_of(shape),
        faces=shape.faces,
        region=np.full(len(shape.positions), REGIONS[region], np.uint8),
        material=material,
        uv=shape.uv.astype(np.float32),
        tangents=along_u(shape) if material.shader == "cloth" else None,
        ao=shape.shade.astype(np.float32),
        color=color,
        blend=blend,
        casts_shadow=not blend,
    )


def normals_of(shape: Shape) -> Array:
    """Return unit normals (N, 3) of a shape, smooth across its seams."""
    return vertex_normals(shape.positions, shape.weld[shape.faces])[shape.weld].astype(np.float32)


def along_u(shape: Shape) -> Array:
    """Return unit tangents (N, 3) along u: dP/du of the triangles about a vertex, weighted by their area in uv (Lengyel)."""
    faces = shape.faces
    a, b, c = (shape.positions[faces[:, k]] for k in range(3))
    (u1, v1), (u2, v2) = ((shape.uv[faces[:, k]] - shape.uv[faces[:, 0]]).T for k in (1, 2))
    along = ((b - a) * v2[:, None] - (c - a) * v1[:, None]) * np.sign(u1 * v2 - u2 * v1)[:, None]
    flat = faces.T.ravel()
    total = np.stack([np.bincount(flat, np.tile(along[:, k], 3), len(shape.positions)) for k in range(3)], 1)
    return unit(total).astype(np.float32)


def plain(points: NDArray[np.floating], faces: NDArray[np.int32], uv: NDArray[np.floating] | None = None) -> Shape:
    """Return a Shape of points (N, 3) and faces without seams or shade; uv zero when None."""
    count = len(points)
    flat = np.zeros((count, 2), np.float32) if uv is None else uv.astype(np.float32)
    return Shape(points.astype(np.float32), flat, faces, np.ones(count, np.float32), np.arange(count, dtype=np.int32))


def unit(vectors: NDArray[Any]) -> NDArray[Any]:
    """Return `vectors` (..., 3) at length one; zero stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 1e-12, length, 1.0)


@cache
def grid_faces(rows: int, cols: int, wrap: bool = False) -> NDArray[np.int32]:
    """Return triangles (F, 3) of a row-major rows x cols vertex grid; `wrap` joins the last column to the first.

    Rows going down and columns going right as seen from outside give outward normals.
    """
    span = cols if wrap else cols - 1
    row, col = np.meshgrid(np.arange(rows - 1), np.arange(span), indexing="ij")
    right = (col + 1) % cols
    a, b, c, d = row * cols + col, row * cols + right, (row + 1) * cols + col, (row + 1) * cols + right
    faces = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]).astype(np.int32)
    faces.setflags(write=False)
    return faces


def grid(points: NDArray[np.floating], *, wrap: bool = False, shade: NDArray[np.floating] | None = None) -> Shape:
    """Return a Shape from points (rows, cols, 3); uv are arc lengths along columns and rows in metres.

    A wrapped grid repeats its first column at the end, so that uv does not run back over the cloth.
    """
    rows, cols = points.shape[:2]
    weld = np.arange(rows * (cols + wrap), dtype=np.int32).reshape(rows, cols + wrap)
    if wrap:
        points = np.concatenate([points, points[:, :1]], 1)
        shade = None if shade is None else np.concatenate([shade, shade[:, :1]], 1)
        weld[:, -1] = weld[:, 0]
    rows, cols = points.shape[:2]
    across = np.linalg.norm(np.diff(points, axis=1), axis=-1)
    down = np.linalg.norm(np.diff(points, axis=0), axis=-1)
    u = np.pad(np.cumsum(across.mean(0)), (1, 0))
    v = -np.pad(np.cumsum(down.mean(1)), (1, 0))
    uv = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), -1).reshape(-1, 2).astype(np.float32)
    dark = np.ones(rows * cols) if shade is None else shade.reshape(-1)
    return Shape(points.reshape(-1, 3).astype(np.float32), uv, grid_faces(rows, cols), dark.astype(np.float32), weld.reshape(-1))


def thicken(shape: Shape, rows: int, cols: int, thickness: float) -> Shape:
    """Return the grid `shape` with a turned-in hem: one more row behind its first and last rows, `thickness` inwards."""
    points = shape.positions.reshape(rows, cols, 3)
    normals = normals_of(shape).reshape(rows, cols, 3)
    first, last = points[:1] - thickness * normals[:1], points[-1:] - thickness * normals[-1:]
    shade = np.pad(shape.shade.reshape(rows, cols), ((1, 1), (0, 0)), mode="edge")
    shade[[0, -1]] *= 0.4
    uv = np.pad(shape.uv.reshape(rows, cols, 2), ((1, 1), (0, 0), (0, 0)), mode="edge")
    weld = shape.weld.reshape(rows, cols)
    weld = np.concatenate([weld[:1] % cols, weld + cols, weld[-1:] % cols + (rows + 1) * cols]).astype(np.int32).reshape(-1)
    every = np.concatenate([first, points, last]).reshape(-1, 3)
    return Shape(every, uv.reshape(-1, 2), grid_faces(rows + 2, cols), shade.reshape(-1), weld)


def tube(path: NDArray[np.floating], profile: NDArray[np.floating], up: NDArray[np.floating], *, closed: bool = False) -> Shape:
    """Return `profile` (M, 2) or (N, M, 2) swept along path (N, 3).

    The profile's first axis lies along path x up, its second along `up` (3,) or (N, 3) made square to the path; counter-clockwise
    profiles give outward normals. Open ends are capped.
    """
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    forward = unit(ahead)
    lift = np.broadcast_to(up, path.shape)
    lift = unit(lift - np.sum(lift * forward, 1, keepdims=True) * forward)
    side = np.cross(forward, lift)
    outline = np.broadcast_to(profile, (len(path), *profile.shape[-2:]))
    rings = path[:, None] + outline[..., :1] * side[:, None] + outline[..., 1:] * lift[:, None]
    if not closed:
        sides = rings.shape[1]
        rings = np.concatenate([np.repeat(path[:1, None], sides, 1), rings, np.repeat(path[-1:, None], sides, 1)])
    return grid(rings, wrap=True) if not closed else _ringed(grid(np.concatenate([rings, rings[:1]]), wrap=True), len(path))


def _ringed(shape: Shape, rows: int) -> Shape:
    """Let the last row of a wrapped grid share its normals with the first."""
    cols = len(shape.weld) // (rows + 1)
    return replace(shape, weld=np.concatenate([shape.weld[:-cols], shape.weld[:cols]]))


def rounded(width: float, height: float, sides: int = 8, power: float = 3.0) -> NDArray[np.float64]:
    """Return a rounded box outline (sides, 2), counter-clockwise: a superellipse of the given full width and height."""
    angle = (np.arange(sides) + 0.5) * 2 * np.pi / sides
    return superellipse(angle, width / 2, height / 2, power)


def superellipse(angle: NDArray[np.floating], a: float, b: float, power: float) -> NDArray[np.float64]:
    """Return points (N, 2) of |x/a|^p + |y/b|^p = 1 in the directions `angle`: 2 is an ellipse, more is boxier."""
    c, s = np.cos(angle), np.sin(angle)
    radius = (np.abs(c) ** power + np.abs(s) ** power) ** (-1.0 / power)
    return np.stack([a * c * radius, b * s * radius], -1)


def disc(
    rim: NDArray[np.floating], center: NDArray[np.floating], rings: int = 4
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return points (rings * N, 3) and faces that fill the outline rim (N, 3), counter-clockwise, around `center`."""
    share = np.linspace(0.0, 1.0, rings)[:, None, None]
    points = center + share * (rim - center)
    return points.reshape(-1, 3), grid_faces(rings, len(rim), True)


def ellipsoid(center: NDArray[np.floating], radii: Sequence[float], rows: int = 6, cols: int = 10) -> Shape:
    """Return an axis-aligned ellipsoid."""
    theta = np.linspace(0, np.pi, rows)[:, None]
    phi = np.arange(cols) * 2 * np.pi / cols
    points = np.stack(np.broadcast_arrays(np.sin(theta) * np.sin(phi), np.cos(theta), np.sin(theta) * np.cos(phi)), -1)
    return grid(center + points * np.asarray(radii), wrap=True)


def merge(shapes: Sequence[Shape]) -> Shape:
    """Return several shapes as one."""
    starts = np.cumsum([0, *(len(s.positions) for s in shapes[:-1])])
    return Shape(
        np.concatenate([s.positions for s in shapes]),
        np.concatenate([s.uv for s in shapes]),
        np.concatenate([s.faces + np.int32(start) for s, start in zip(shapes, starts, strict=True)]).astype(np.int32),
        np.concatenate([s.shade for s in shapes]),
        np.concatenate([s.weld + np.int32(start) for s, start in zip(shapes, starts, strict=True)]).astype(np.int32),
    )


def mirrored(shape: Shape) -> Shape:
    """Return `shape` reflected to the other side of the head (x -> -x), wound outwards again."""
    return replace(shape, positions=shape.positions * np.array([-1, 1, 1], np.float32), faces=shape.faces[:, ::-1].copy())


def folds(
    seed: int, name: str, u: NDArray[np.floating], v: NDArray[np.floating], waves: int = 6, frequency: float = 3.0
) -> NDArray[np.float64]:
    """Return smooth noise in about -1..1 over cloth coordinates: a few seeded waves, 2 pi periodic in `u`."""
    draw = rng.expand(seed, name)
    turns = draw.integers(1, max(2, int(frequency)) + 1, waves) * draw.choice([-1, 1], waves)
    along = draw.normal(0, frequency, waves)
    phase = draw.uniform(0, 2 * np.pi, waves)
    weight = draw.uniform(0.4, 1.0, waves)
    total = sum(w * np.sin(t * u + a * v + p) for w, t, a, p in zip(weight, turns, along, phase, strict=True))
    return np.asarray(total) / np.sqrt(np.sum(weight**2) / 2) / 2
