"""Things that nobody sees and whose shadows fall on the face: blinds, leaves, a brim, a hand, a pole.

Each is flat and stands square to the strongest light. How soft its shadow's edge is follows from the light's own size and the
distance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.sample import CastShadow
from facegen.scene import Material, Surface
from facegen.wear import shapes
from facegen.wear.hands import rig as rigs
from facegen.wear.hands.pose import HandPose, body, moved
from facegen.wear.shapes import Shape, unit

Array = NDArray[np.float64]
CELL = 0.0005
FACE = np.array([0.0, -0.030, 0.055])
"""The point (head frame, m) whose light they stand in."""


def caster_surfaces(shadow: CastShadow, direction: Array) -> tuple[Surface, ...]:
    """Return the unseen caster of `shadow`, head frame; `direction` (3,): from the face towards the light, head frame."""
    z = unit(np.asarray(direction, np.float64))
    up = np.array([0.0, 1.0, 0.0]) if abs(z[1]) < 0.9 else np.array([0.0, 0.0, 1.0])
    x = unit(np.cross(up, z))
    axes = np.stack([x, np.cross(z, x), z])
    angle = np.radians(shadow.turn_deg)
    c, s = np.cos(angle), np.sin(angle)
    flat = SHAPES[shadow.kind](rng.expand(shadow.seed, f"shadow.{shadow.kind}"))
    points = flat.positions @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]).astype(np.float32)
    points = FACE + shadow.distance_m * z + points @ axes
    placed = replace(flat, positions=points.astype(np.float32))
    return (replace(shapes.surface("caster", placed, Material("solid", {}), "object"), visible=False),)


def shaded_share(shadow: CastShadow, direction: Array, points: Array) -> float:
    """Return the share of points (N, 3), head frame, that the caster takes the light from `direction` from: its triangles are
    drawn into a picture square to the light, half a millimetre a cell."""
    if not len(points):
        return 0.0
    z = unit(np.asarray(direction, np.float64))
    side = unit(np.cross([0.0, 1.0, 0.0] if abs(z[1]) < 0.9 else [1.0, 0.0, 0.0], z))
    plane = np.stack([side, np.cross(z, side)], 1)
    caster = caster_surfaces(shadow, direction)[0]
    at = points @ plane / CELL
    low = at.min(0) - 1
    size = np.ceil(at.max(0) - low).astype(int) + 2
    mask = np.zeros((size[1], size[0]), np.uint8)
    corners = (caster.positions.astype(np.float64) @ plane / CELL - low)[caster.faces]
    for triangle in np.round(corners * 16).astype(np.int32):
        cv2.fillConvexPoly(mask, triangle, (1.0,), shift=4)
    cell = np.round(at - low).astype(int)
    return float(mask[cell[:, 1], cell[:, 0]].mean())


def _quad(x0: float, x1: float, y0: float, y1: float) -> Shape:
    points = np.array([[x0, y1, 0], [x1, y1, 0], [x0, y0, 0], [x1, y0, 0]], np.float64)
    return shapes.plain(points, shapes.grid_faces(2, 2))


def _blinds(random: np.random.Generator) -> Shape:
    pitch = random.uniform(0.032, 0.055)
    slat = pitch * random.uniform(0.40, 0.62)
    start = random.uniform(0, pitch)
    rows = np.arange(-0.30, 0.24, pitch) + start
    cords = [_quad(x - 0.002, x + 0.002, -0.30, 0.30) for x in (-0.12 + random.uniform(-0.02, 0.02), 0.13)]
    return shapes.merge([*(_quad(-0.30, 0.30, y, y + slat) for y in rows), *cords])


def _leaves(random: np.random.Generator) -> Shape:
    parts: list[Shape] = []
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    for _ in range(int(random.integers(3, 6))):
        a, heading = random.uniform(-0.24, 0.24, 2), random.uniform(0, 2 * np.pi)
        way = np.array([np.cos(heading), np.sin(heading)])
        branch = np.append(a - 0.02 * way, 0) + np.linspace(0, 0.26, 6)[:, None] * np.append(way, 0)
        parts.append(shapes.tube(branch, shapes.rounded(0.005, 0.005, 6, 2.0), np.array([0.0, 0.0, 1.0])))
        for k in range(int(random.integers(5, 9))):
            at = a + way * 0.24 * k / 8
            own = heading + random.choice([-1, 1]) * random.uniform(0.5, 1.1)
            long, wide = random.uniform(0.026, 0.050), random.uniform(0.010, 0.020)
            rim = np.stack([long * (0.5 + 0.5 * np.cos(turn)), 0.5 * wide * np.sin(turn) * (1.2 - 0.5 * np.cos(turn))], -1)
            c, s = np.cos(own), np.sin(own)
            rim = rim @ np.array([[c, s], [-s, c]]) + at
            points, faces = shapes.disc(np.append(rim, np.zeros((12, 1)), 1), np.append(rim.mean(0), 0.0), 2)
            parts.append(shapes.plain(points, faces))
    return shapes.merge(parts)


def _brim(random: np.random.Generator) -> Shape:
    low, bow = random.uniform(-0.01, 0.05), random.uniform(0.02, 0.05)
    x = np.linspace(-0.16, 0.16, 24)
    edge = low - bow * (1 - (x / 0.16) ** 2) + bow
    rows = np.stack([np.stack([x, np.full_like(x, 0.26), 0 * x], -1), np.stack([x, edge, 0 * x], -1)])
    return shapes.grid(rows)


def _hand(random: np.random.Generator) -> Shape:
    rig = rigs.load()
    hand = body(rig.key, 0.5, 1.0)
    flex = np.full((5, 3), -12.0) + random.normal(0, 5, (5, 3))
    points = moved(hand, HandPose(flex, np.array([9.0, 0.0, 7.0, 14.0]), -14.0, -6.0))
    side = np.array([random.choice([-1.0, 1.0]), 1.0, 1.0])
    points = (points - [0, 0.10, 0]) * side + [random.uniform(-0.03, 0.03), random.uniform(-0.04, 0.04), 0]
    return shapes.plain(points, rig.faces)


def _pole(random: np.random.Generator) -> Shape:
    wide, at = random.uniform(0.018, 0.05), random.uniform(-0.05, 0.05)
    return _quad(at - wide / 2, at + wide / 2, -0.4, 0.4)


SHAPES: dict[str, Callable[[np.random.Generator], Shape]] = {
    "blinds": _blinds, "leaves": _leaves, "brim": _brim, "hand": _hand, "pole": _pole,
}  # fmt: skip
