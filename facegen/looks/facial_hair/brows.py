"""Eyebrows: strokes laid out along a curve over the orbit of the reference head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry.normals import vertex_normals
from facegen.head.model import HeadModel
from facegen.looks.facial_hair.roots import FaceStrands, attach, reference_vertices
from facegen.looks.hair.flow import unit
from facegen.looks.hair.scalp import Array, Waves, scatter, smoothstep
from facegen.sample import Brows

INNER_X, TAIL_X = 0.0112, 0.0525
"""Where the reference brow begins and ends, metres from the midline (eye centres at 0.029): over the inner and beyond the outer
canthus, Gunter & Antrobus 1997."""
GAP_SPAN, HEIGHT_SPAN = 0.0070, 0.0060
"""Shift of the brow's head sideways and of the whole brow upwards from value 0 to 1, metres."""
PEAK = 0.66
"""The arch peaks at two thirds of the way to the tail (Gunter & Antrobus 1997)."""
HEAD_HEIGHT, PEAK_RISE, TAIL_DROP = 0.0152, 0.0044, 0.0036
"""Height of the brow's head over the eye centres, rise of an average peak, drop of the tail under the head's height; metres."""
STROKES = 1150
GREY_LAG, GREY_PACE = 0.4, 0.9
"""The head's share of white hair at which brows begin to grey, and how fast they follow; ours."""


@dataclass(frozen=True)
class Course:
    """The middle line of one brow: where it begins and how long it is (metres from the midline), height of its head, rise, where
    it peaks (share of its length), tail drop, and half its thickness."""

    inner: float
    reach: float
    head: float
    rise: float
    peak: float
    drop: float
    half: float

    @classmethod
    def of(cls, brows: Brows, side: int) -> Course:
        """Return the course of one brow; the two differ by as much as `unlike` says, in a way the seed decides."""
        shared = rng.expand(brows.seed, "brows.shape")
        wander = shared.normal(0.0, 1.0, 5)
        uneven = (1.0 if side else -1.0) * brows.unlike * wander[1:]
        return cls(
            inner=INNER_X + GAP_SPAN * (brows.gap - 0.5) + 0.0008 * uneven[0],
            reach=(TAIL_X - INNER_X) * (0.84 + 0.30 * brows.length),
            head=HEAD_HEIGHT + HEIGHT_SPAN * (brows.height - 0.5) + 0.0012 * uneven[1],
            rise=PEAK_RISE * (0.08 + 1.45 * brows.arch) + 0.0010 * uneven[2],
            peak=float(np.clip(PEAK + 0.07 * wander[0], 0.5, 0.8)),
            drop=TAIL_DROP * (0.25 + 1.5 * brows.tail),
            half=0.0037 * (0.45 + 1.2 * brows.thickness) * float(np.exp(0.10 * uneven[3])),
        )


def brow_strands(model: HeadModel, brows: Brows, side: int, detail: float) -> FaceStrands:
    """Return the strokes of one brow (`side` 0 right, 1 left), rooted on the reference head."""
    vertices = reference_vertices(model)
    triangles, normals, mask = _skin(model, side)
    random = rng.expand(brows.seed, f"brows.{side}")
    patchy = Waves.draw(random, 0.006)
    course = Course.of(brows, side)
    wanted = int(STROKES * (0.25 + 0.75 * brows.density) * (0.5 + 0.9 * brows.thickness) * np.clip(detail, 0.4, 2.0) ** 0.7)
    face, bary, points = scatter(vertices, triangles, mask, wanted * 14, random)
    along, across, half = _place(points, course)
    coverage = _coverage(along, across / half, brows) * (0.8 + 0.2 * patchy(points))
    keep = np.flatnonzero(random.random(len(points)) < coverage)[:wanted]
    corners = triangles[face[keep]].astype(np.int32)
    roots = points[keep]
    outward = unit(np.einsum("nk,nkd->nd", bary[keep], normals[corners]))
    strands = _strokes(roots, outward, along[keep], (across / half)[keep], brows, random)
    return attach(vertices, normals, corners, bary[keep], strands)


def lasting(age_years: float) -> float:
    """Return the share of the brow's hair that is there at `age_years`, 1 in the thirties: full in the young, sparse in the old,
    whose contrast with the skin falls by about as much (Porcheron, Mauger & Russell 2013); knots ours."""
    return float(np.interp(age_years, [22, 36, 60, 85], [1.08, 1.0, 0.82, 0.60]))


def brow_grey(head: float) -> float:
    """Return the share of white hairs in the brows where it is `head` on the scalp: they grey years later, and less."""
    return GREY_PACE * max(0.0, head - GREY_LAG)


def brow_width(brows: Brows, count: int, detail: float, random: np.random.Generator) -> Array:
    """Return stroke widths (count,) in metres: a hair or two at 256 px, wider for smaller pictures so that brows stay read."""
    return (0.00028 + 0.00013 * brows.density) * np.clip(detail, 0.3, 1.6) ** -0.75 * random.uniform(0.6, 1.3, count)


@lru_cache(maxsize=4)
def _skin(model: HeadModel, side: int) -> tuple[NDArray[np.int32], Array, Array]:
    """Return the triangles of the reference head on which one brow can grow, its normals and an even density."""
    vertices = reference_vertices(model)
    part = model.topology.parts["skin"]
    triangles = part.index[part.faces].astype(np.int32)
    x = vertices[:, 0] * (1.0 if side == 1 else -1.0)
    near = (x > -0.002) & (x < 0.062) & (vertices[:, 1] > 0.006) & (vertices[:, 1] < 0.040) & (vertices[:, 2] > -0.02)
    chosen = triangles[near[triangles].all(axis=1)]
    return chosen, vertex_normals(vertices, triangles).astype(np.float32), np.ones(len(vertices), np.float32)


def _place(points: Array, course: Course) -> tuple[Array, Array, Array]:
    """Return place along the brow (0 head to 1 tail), signed height over its middle line and half thickness, (N,) each."""
    along = (np.abs(points[:, 0]) - course.inner) / course.reach
    past = np.maximum(along - course.peak, 0.0) / (1.0 - course.peak)
    up = np.where(along < course.peak, smoothstep(0.0, course.peak, along), 1.0 - past**1.5)
    middle = course.head + course.rise * up - course.drop * past**1.5
    half = course.half * np.interp(along, [-0.4, 0.0, 0.15, 0.55, 0.85, 1.0], [0.7, 0.85, 1.0, 0.85, 0.5, 0.25])
    return along, points[:, 1] - middle, half


def _coverage(along: Array, across: Array, brows: Brows) -> Array:
    """Return the share of candidate follicles that grow: dense in the middle, falling softly to every edge, head and tail."""
    band = smoothstep(-1.5, -0.2, across) * smoothstep(1.7, 0.0, across)
    head = 0.75 * smoothstep(-0.08, 0.30, along) + 0.25 * smoothstep(0.0, 0.05, along)
    tail = smoothstep(1.08, 0.60, along)
    joined = (
        brows.joined
        * smoothstep(0.4, 0.9, np.float32(brows.joined))
        * 0.6
        * smoothstep(-0.5, -0.02, along)
        * smoothstep(0.2, 0.02, along)
    )
    return band * np.maximum(head * tail, joined)


def _strokes(roots: Array, outward: Array, along: Array, across: Array, brows: Brows, random: np.random.Generator) -> Array:
    """Return stroke points (N, 4, 3): upright at the head, swept to the temple further out, converging on the middle line."""
    count = len(roots)
    side = np.sign(roots[:, 0])
    lean = np.radians(np.interp(along, [-0.3, 0.0, 0.15, 0.4, 0.7, 1.0], [72, 66, 46, 22, 4, -18]))
    lean = lean - np.radians(30.0) * np.clip(across, -1.0, 1.3) * smoothstep(0.02, 0.3, along) + random.normal(0.0, 0.2, count)
    sweep = np.stack([side * np.cos(lean), np.sin(lean), np.zeros(count)], axis=1)
    flat = unit(sweep - np.sum(sweep * outward, axis=1, keepdims=True) * outward)
    length = 0.0056 * np.interp(along, [-0.3, 0.0, 0.3, 0.8, 1.0], [0.6, 0.7, 1.1, 1.0, 0.7]) * (0.7 + 0.5 * brows.thickness)
    length = length * np.exp(random.normal(0.0, 0.25, count))
    t = np.linspace(0.0, 1.0, 4)
    bend = np.cross(outward, flat) * (random.normal(0.0, 0.12, count) - 0.15 * side)[:, None]
    line = t[None, :, None] * flat[:, None] + (t**2)[None, :, None] * bend[:, None]
    height = 0.0003 + 0.0011 * np.sin(np.pi * (0.15 + 0.7 * t))[None] * random.uniform(0.5, 1.2, (count, 1))
    return (roots[:, None] + line * length[:, None, None] + outward[:, None] * height[..., None]).astype(np.float32)
