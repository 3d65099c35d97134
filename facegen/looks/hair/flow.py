"""Growing strands: direction fields on the skull, gravity, layering off the head, curl and clumps; all strands at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegen.looks.hair.field import HeadField
from facegen.looks.hair.scalp import Array, Roots, Skull, Waves, smoothstep

FACE_CENTRE = np.array([0.0, -0.030, 0.035], np.float32)
FACE_RADII = np.array([0.070, 0.110, 0.075], np.float32)
"""Ellipsoid that hair hanging beside the face stays out of (metres, head frame; scaled with the skull's width)."""
FACE_TOP, FACE_TOP_LONG = 0.0, 0.072
"""Above this height hair of the front hairline may lie on the forehead, short and long; below it only a fringe does."""
SHORT, SHORT_HEM = 0.10, 0.028
"""Hair shorter than this does not reach round the face and is cut over the brows, where it falls forward (metres)."""
MEAN_HALF_WIDTH = 0.075
CLEAR = 0.0012
"""No strand comes closer to the skin than this (metres)."""
GARMENT, GARMENT_TOP = 0.014, -0.125
"""Below this height (metres, head frame) hair lies on a garment about a centimetre thick."""
SHOULDER_Z, SHOULDER_X = -0.085, 0.125
"""Hair before the plane z falls onto the chest, behind it onto the back; beyond |x| it would lie along the shoulder."""
WHORL = np.array([0.12, 0.80, -0.62], np.float32)


def unit(v: Array) -> Array:
    """Return v (..., 3) at length 1."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


@dataclass(frozen=True)
class Growth:
    """Per-strand instructions of one style; lengths in metres.

    flows: field name -> (N,) weight; length, lift, layer (N,): contour length, steepness at the root, distance off the head the
    strand settles at; side (N,) -1 or 1: the side of the parting; rise (N,): the root's height over the skin, on the
    under-layer; fringe (N,) bool; stiff, gravity: numbers per step.
    """

    flows: dict[str, Array]
    length: Array
    lift: Array
    layer: Array
    side: Array
    reach: Array
    rise: Array
    fringe: NDArray[np.bool_]
    stiff: float
    gravity: Array
    segments: int


def directions(growth: Growth, points: Array, normal: Array, skull: Skull, wander: tuple[Waves, Waves, Waves]) -> Array:
    """Return the combing direction (N, 3) at strand points: a weighted sum of fields made tangent to the head."""
    q = skull.unit(points)
    total = np.zeros_like(points)
    for name, weight in growth.flows.items():
        if name == "out":
            continue
        total += weight[:, None] * _field(name, q, growth.side, wander)
    tangent = total - np.sum(total * normal, axis=1, keepdims=True) * normal
    out = growth.flows.get("out")
    return tangent if out is None else tangent + out[:, None] * normal


def _field(name: str, q: Array, side: Array, wander: tuple[Waves, Waves, Waves]) -> Array:
    """Return one field at points in skull units; a field that has carried hair over its edge hands over to the way down."""
    if name == "whorl":
        return unit(q - WHORL)
    if name == "noise":
        return np.stack([w(q) for w in wander], axis=1)
    if name == "down":
        return np.broadcast_to(np.array((0.0, -1.0, 0.0), np.float32), q.shape)
    if name == "part":
        vector = np.stack([side, np.zeros_like(side), -0.15 - 0.9 * smoothstep(0.35, 0.75, q[:, 2])], axis=1)
        hold = smoothstep(1.02, 0.55, np.abs(q[:, 0])) * smoothstep(-0.1, 0.5, q[:, 1])
    elif name == "back":
        vector, hold = np.array((0.0, 0.1, -1.0), np.float32), smoothstep(-1.0, -0.6, q[:, 2])
    else:
        vector, hold = np.array((0.0, 0.0, 1.0), np.float32), smoothstep(1.05, 0.7, q[:, 2])
    return vector * hold[:, None] + np.array((0.0, -1.0, 0.0), np.float32) * (1.0 - hold[:, None])


def grow(roots: Roots, growth: Growth, field: HeadField, skull: Skull, wander: tuple[Waves, Waves, Waves]) -> tuple[Array, Array]:
    """Integrate strands from their roots: returns points (N, S + 1, 3) and outward head directions (N, S + 1, 3)."""
    count, segments = len(roots.points), growth.segments
    points = np.empty((count, segments + 1, 3), np.float32)
    outward = np.empty_like(points)
    points[:, 0] = roots.points + growth.rise[:, None] * roots.normals
    outward[:, 0] = roots.normals
    down = np.array([0.0, -1.0, 0.0], np.float32)
    flow = unit(directions(growth, points[:, 0], roots.normals, skull, wander) + 1e-6 * roots.normals)
    heading = unit(flow + growth.lift[:, None] * roots.normals)
    step = (growth.length / segments)[:, None]
    pace = np.linspace(0.55, 1.45, segments)
    for k in range(segments):
        p, normal = points[:, k], outward[:, k]
        wish = directions(growth, p, normal, skull, wander) + growth.gravity[:, None] * (0.4 + (k + 1) / segments) * down
        heading = unit(growth.stiff * heading + (1.0 - growth.stiff) * wish)
        moved = p + heading * step * pace[k]
        height = growth.layer * min(1.0, 1.6 * (k + 1) / segments)
        moved, normal = keep_out(moved, height, field, skull, growth, 0.5 * step[:, 0])
        moved = _settle(moved, normal, height, growth, field)
        points[:, k + 1], outward[:, k + 1] = moved, normal
        heading = unit(0.5 * heading + 0.5 * unit(moved - p))
    return points, outward


def _settle(points: Array, normal: Array, height: Array, growth: Growth, field: HeadField) -> Array:
    """Draw long hair that flies off the upper head back towards its own height: its weight holds it there."""
    distance, _ = field.sample(points)
    heavy = smoothstep(0.08, 0.16, growth.length) * smoothstep(-0.01, 0.03, points[:, 1])
    excess = np.maximum(distance - 1.2 * height - 0.003, 0.0)
    return points - (0.7 * heavy * excess)[:, None] * normal


def keep_out(
    points: Array, height: Array, field: HeadField, skull: Skull, growth: Growth, pace: Array | None = None
) -> tuple[Array, Array]:
    """Push points outside the head, towards `height` metres off it by at most `pace`, and beside the face unless a fringe."""
    distance, normal = field.sample(points)
    normal = _off_shoulder(points, normal)
    clear = CLEAR + GARMENT * smoothstep(GARMENT_TOP, GARMENT_TOP - 0.02, points[:, 1])
    push = np.maximum(np.maximum(height, clear) - distance, 0.0)
    if pace is not None:
        push = np.maximum(np.minimum(push, pace), np.maximum(clear - distance, 0.0))
    points = points + push[:, None] * normal
    scale = skull.radii[0] / MEAN_HALF_WIDTH
    q = (points - FACE_CENTRE * scale) / (FACE_RADII * scale)
    rest = 1.0 - q[:, 1] ** 2 - q[:, 2] ** 2
    wall = np.sqrt(np.maximum(rest, 0.0)) * FACE_RADII[0] * scale
    inside = (
        (rest > 0)
        & (points[:, 1] < np.where(growth.length > SHORT, FACE_TOP_LONG, FACE_TOP) * scale)
        & (np.abs(points[:, 0]) < wall)
        & ~growth.fringe
    )
    aside = np.where(growth.reach == 0, np.sign(points[:, 0]), growth.reach) * (wall + 0.3 * height)
    step = 1.0 if pace is None else 2.0 * pace
    points[:, 0] = np.where(inside, points[:, 0] + np.clip(aside - points[:, 0], -step, step), points[:, 0])
    return points, normal


def _off_shoulder(points: Array, normal: Array) -> Array:
    """Turn the way out of the shoulders: hair slides off their ridge to the chest or the back instead of lying along it."""
    low = smoothstep(-0.09, -0.13, points[:, 1]) * smoothstep(0.2, 0.6, normal[:, 1])
    ahead = np.where(points[:, 2] > SHOULDER_Z, 1.0, -1.0)
    slide = np.stack([0.1 * normal[:, 0], 0.5 * normal[:, 1], normal[:, 2] + 0.9 * ahead], axis=1)
    return unit(normal + low[:, None] * (slide - normal)).astype(np.float32)


def cut(points: Array, outward: Array, hem: Array, length: Array) -> tuple[Array, Array]:
    """Shorten strands to where they last stay above height `hem` (N,) (head y, metres), keeping the segment count.

    Hair that has run out over the shoulder is cut as well, and hair of short contour length (N,) that hangs before the eyes.
    """
    below = points[:, :, 1] < hem[:, None]
    astray = (np.abs(points[:, :, 0]) > SHOULDER_X) & (points[:, :, 1] < -0.09)
    forward = (np.abs(points[:, :, 0]) < 0.05) & (points[:, :, 2] > 0.0) & (points[:, :, 1] < SHORT_HEM)
    over = below | astray | (forward & (length < SHORT)[:, None])
    first = np.where(over.any(axis=1), over.argmax(axis=1), points.shape[1] - 1)
    rows = np.arange(len(points))
    before = np.maximum(first - 1, 0)
    y0, y1 = points[rows, before, 1], points[rows, first, 1]
    share = np.where(below[rows, first], (y0 - hem) / np.maximum(y0 - y1, 1e-6), 1.0)
    end = np.maximum(before + np.clip(share, 0.0, 1.0), 0.6)
    return resample(points, end), resample(outward, end)


def resample(values: Array, end: Array, start: Array | float = 0.0, rows: int | None = None) -> Array:
    """Return values (N, S + 1, C) read again over parameter `start`..`end` (N,) in `rows` (default S + 1) even steps."""
    last = values.shape[1] - 1
    steps = np.linspace(0.0, 1.0, values.shape[1] if rows is None else rows)[None]
    first = np.broadcast_to(np.asarray(start, np.float32), end.shape)[:, None]
    where = first + steps * (end[:, None] - first)
    low = np.clip(where.astype(np.int32), 0, last - 1)
    part = (where - low)[..., None]
    number = np.arange(len(values))[:, None]
    return (values[number, low] * (1.0 - part) + values[number, low + 1] * part).astype(np.float32)


def lengths_along(points: Array) -> Array:
    """Return arc length (N, S + 1) from the root, metres."""
    step = np.linalg.norm(np.diff(points, axis=1), axis=2)
    return np.concatenate([np.zeros((len(points), 1)), np.cumsum(step, axis=1)], axis=1)


def clump(
    points: Array, strength: float | Array, size: float, random: np.random.Generator, side: Array | float = 0.0
) -> tuple[Array, NDArray[np.int32]]:
    """Draw strands together towards their tips into locks about `size` metres wide, never across the parting (`side` -1, 1).

    Returns points and each strand's lock.
    """
    count = len(points)
    area = 0.05
    locks = int(np.clip(area / size**2, 8, max(8, count // 3)))
    centres = random.permutation(count)[:locks]
    sides = np.broadcast_to(np.asarray(side, np.float32), (count,))
    where = np.concatenate([points[:, 0], 0.1 * sides[:, None], 0.5 * points[:, -1, :1]], axis=1)
    _, lock = cKDTree(where[centres]).query(where)
    t = np.linspace(0.0, 1.0, points.shape[1])[None, :, None]
    own = (np.broadcast_to(strength, (count,)) * random.uniform(0.5, 1.1, count))[:, None, None]
    pull = own * smoothstep(0.0, 1.0, t)
    target = points[centres[lock]]
    return (points + pull * (target - points)).astype(np.float32), lock.astype(np.int32)


def curl(points: Array, outward: Array, radius: Array, pitch: Array, phase: Array, start: Array | float = 0.0) -> Array:
    """Wind strands (N, S + 1, 3) around their own line: helix of `radius` and `pitch` (N,) metres, `phase` (N,) radians.

    `start` (N,): arc length from the scalp where the line begins.
    """
    along = lengths_along(points) + np.broadcast_to(np.asarray(start, np.float32), (len(points),))[:, None]
    tangent = unit(np.gradient(points, axis=1))
    side = unit(np.cross(tangent, outward))
    up = np.cross(side, tangent)
    angle = phase[:, None] + 2.0 * np.pi * along / pitch[:, None]
    grown = radius[:, None] * smoothstep(0.0, 1.0, along / (1.6 * pitch[:, None]))
    swing = grown[..., None] * (np.cos(angle)[..., None] * side + np.sin(angle)[..., None] * 0.8 * up)
    return (points + swing).astype(np.float32)


def area_weights(skull: Skull, points: Array) -> tuple[Array, Array, Array]:
    """Return soft membership (N,) of the top, the front of the top, and the back of the head."""
    azimuth, elevation = skull.angles(points)
    top = smoothstep(14.0, 44.0, elevation)
    front = smoothstep(75.0, 35.0, np.abs(azimuth)) * smoothstep(62.0, 42.0, elevation)
    back = smoothstep(85.0, 140.0, np.abs(azimuth))
    return top, front, back
