"""The ways hair is grown: free strands, a volume of coils, hair gathered to a tie, braided rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from facegen.looks.hair.flow import Growth, area_weights, clump, curl, cut, grow, keep_out, lengths_along, resample, unit
from facegen.looks.hair.growth import fringe_cut, growth_of, hem_of
from facegen.looks.hair.job import FINE_STRANDS, MM, Grown, Job, dress, miniature, roots_of, wander
from facegen.looks.hair.ropes import ropes
from facegen.looks.hair.scalp import Array, Roots, Waves, smoothstep
from facegen.looks.hair.tied import gathered, rows
from facegen.scene import Surface

GUIDE_SEGMENTS = 10
FILL_SHARE, FILL_WIDTH = 0.36, 2.6
"""Share of a curly head's triangles spent on the shaded mass under its curls, and how much broader those ribbons are."""
UNDER = 0.45
"""The under-layer of free strands lies at this share of the height at which they begin: they are straight between
their points, and the skull under them is round."""
COIL_CORE = (0.50, 0.68)
"""How far up a mass of coils its closed core reaches, short and tall (12 and 45 mm): a fuzz of about a centimetre is left."""
ACROSS_DEG, ACROSS_KEPT = 42.0, 0.12
"""Hair that crosses bare skin less than this far from the middle of the forehead lies across it; the share that may."""
FRINGE_TOGETHER, FRINGE_TURN = (0.55, 0.15), 0.35
"""How far the strands of a thin and of a full fringe draw together into locks, and how far its locks face to this side or that
(radians, sd)."""
FILL_DEPTH = 0.18
"""They lie this share of the way from the hair's outside to the scalp."""

PER_STRAND = ("length", "lift", "layer", "side", "reach", "rise", "fringe", "gravity")
"""Fields of Growth that hold a number a strand."""


def strands(job: Job) -> Grown:
    """Grow free strands: combed, falling, layered off the head, clumped and curled."""
    plan, random = job.recipe, job.random("strands")
    wound = job.identity.hair.curl != "straight" and plan.top > 2.5 * plan.curl_mm[1]
    roots = roots_of(job, int(job.ribbons * (1.0 - FILL_SHARE)) if wound else job.ribbons)
    growth = growth_of(job, roots, random, GUIDE_SEGMENTS if wound else plan.segments)
    twins = int(growth.fringe.sum())
    roots, growth = _thickened(roots, growth, job.random("fringe"))
    points, outward = grow(roots, growth, job.field, job.skull, wander(job))
    if plan.top > 60:
        kept = _off_forehead(job, points, growth, job.random("forehead"))
        points, outward = points[kept], outward[kept]
        roots, growth = _taken(roots, growth, kept)
    if plan.front > 35:
        points, outward = cut(points, outward, hem_of(job, roots, growth, random), growth.length)
    locks = np.interp(fringe_cut(job).full, (0.3, 0.9), FRINGE_TOGETHER)
    together = np.where(growth.fringe, locks, 0.15 + 0.85 * smoothstep(2.0, 16.0, roots.edge)) * plan.clump
    points, lock = clump(points, together, plan.clump_mm * MM, job.random("clump"), growth.side + 3.0 * growth.fringe)
    outward = _turned(outward, lock, growth.fringe, job.random("turned"))
    thin = (0.45 + 0.55 * smoothstep(-1.0, 8.0, roots.edge)) * np.where(growth.fringe, 1.5, 1.0) * miniature(job, roots)
    thin[len(thin) - twins :] *= 1.5
    if not wound:
        surface = dress(job, "strands", _curl(job, points, outward, lock, growth, random), outward, lock, thin,
                        blunt=np.where(growth.fringe, 1.7, 1.0 if plan.hem is None else 1.7))  # fmt: skip
        return Grown((surface,), lambda _, density: UNDER * plan.shell * MM * density)
    fill = _filler(job, points, outward, lock, roots, growth.fringe)
    points, outward, start = _pieces(job, points, outward, job.random("pieces"))
    points = _curl(job, points, outward, lock, growth, random, start)
    return Grown(
        (fill, dress(job, "strands", points, outward, lock, 0.25 + 0.5 * thin)),
        lambda _, density: UNDER * plan.shell * MM * density,
    )


def _thickened(roots: Roots, growth: Growth, random: np.random.Generator) -> tuple[Roots, Growth]:
    """Give every ribbon of the fringe a twin beside and under it: a fringe hangs free and has no scalp to close it."""
    again = np.flatnonzero(growth.fringe)
    rows = np.concatenate([np.arange(len(roots.points)), again])
    more, growth = _taken(roots, growth, rows)
    more.points[len(roots.points) :] += random.normal(0.0, 1.4 * MM, (len(again), 3)).astype(np.float32)
    growth.layer[len(roots.points) :] *= 0.55
    return more, growth


def _turned(outward: Array, lock: np.ndarray, fringe: np.ndarray, random: np.random.Generator) -> Array:
    """Turn each lock of a fringe a little to one side: locks that all faced one way would shine as one plate."""
    turn = random.normal(0.0, FRINGE_TURN, int(lock.max()) + 1)[lock] * fringe
    aside = np.cross(np.array([0.0, 1.0, 0.0], np.float32), outward)
    return unit(outward + turn[:, None, None] * aside).astype(np.float32)


def _taken(roots: Roots, growth: Growth, rows: np.ndarray) -> tuple[Roots, Growth]:
    flows = {name: weight[rows] for name, weight in growth.flows.items()}
    return roots.take(rows), replace(growth, flows=flows, **{name: getattr(growth, name)[rows] for name in PER_STRAND})


def _off_forehead(job: Job, points: Array, growth: Growth, random: np.random.Generator) -> np.ndarray:
    """Return the rows to keep: of strands that are no fringe but lie across the forehead few do, as few stray in life."""
    early = points[:, 1 : 2 + points.shape[1] // 2]
    azimuth, _ = job.skull.angles(early.reshape(-1, 3))
    ahead = np.flatnonzero((np.abs(azimuth.reshape(early.shape[:2])) < ACROSS_DEG).any(axis=1) & ~growth.fringe)
    at = early[ahead].reshape(-1, 3)
    azimuth, _ = job.skull.angles(at)
    bare = (job.follicles.edge(at) < -1.5) & (np.abs(azimuth) < ACROSS_DEG)
    across = np.zeros(len(points), bool)
    across[ahead] = bare.reshape(len(ahead), early.shape[1]).any(axis=1)
    return np.flatnonzero(~across | (random.random(len(points)) < ACROSS_KEPT))


def _filler(job: Job, points: Array, outward: Array, lock: np.ndarray, roots: Roots, fringe: np.ndarray) -> Surface:
    """Return the mass under curls: every other guide as a broad shaded ribbon that waves gently."""
    random = job.random("filler")
    deep = np.flatnonzero((roots.edge > 5.0) | fringe)[::2]
    if len(deep) == 0:
        deep = np.arange(min(len(points), 8))
    count = len(deep)
    radius, pitch = (value * MM for value in job.recipe.curl_mm)
    waved = curl(
        points[deep],
        outward[deep],
        np.full(count, 0.45 * radius),
        np.full(count, max(1.4 * pitch, 0.04)),
        random.uniform(0, 6.3, count),
    )
    distance, normal = job.field.sample(waved.reshape(-1, 3))
    waved = (
        waved.reshape(-1, 3) + (np.maximum(0.0008 - distance, 0.0) - FILL_DEPTH * np.maximum(distance, 0.0))[:, None] * normal
    ).reshape(waved.shape)
    return dress(job, "fill", waved.astype(np.float32), outward[deep], lock[deep], np.full(count, FILL_WIDTH), tip=0.7,
                 shade=np.full((count, 1), 0.7, np.float32), fine=FINE_STRANDS * FILL_WIDTH)  # fmt: skip


def _pieces(job: Job, points: Array, outward: Array, random: np.random.Generator) -> tuple[Array, Array, Array]:
    """Take from every guide one piece of a few turns, so that tight curls keep enough segments; returns also arc starts."""
    plan = job.recipe
    rows = plan.segments + 1
    along = lengths_along(points)
    total = along[:, -1]
    span = np.minimum(plan.curl_mm[1] * MM * plan.segments / 6.0, total)
    count = len(points)
    begin = (total - span) * random.permutation((np.arange(count) + 0.5) / count) ** 1.5
    first, last = (_parameter(along, at) for at in (begin, begin + span))
    return resample(points, last, first, rows), resample(outward, last, first, rows), begin.astype(np.float32)


def _parameter(along: Array, at: Array) -> Array:
    """Return the fractional row of each strand where its arc length (N, S + 1) reaches `at` (N,)."""
    row = np.clip((along <= at[:, None]).sum(axis=1) - 1, 0, along.shape[1] - 2)
    number = np.arange(len(along))
    low, high = along[number, row], along[number, row + 1]
    return (row + np.clip((at - low) / np.maximum(high - low, 1e-6), 0.0, 1.0)).astype(np.float32)


def _curl(
    job: Job,
    points: Array,
    outward: Array,
    lock: np.ndarray,
    growth: Growth,
    random: np.random.Generator,
    start: Array | float = 0.0,
) -> Array:
    radius, pitch = (value * MM for value in job.recipe.curl_mm)
    count = len(points)
    short = np.clip(growth.length / (1.5 * pitch), 0.15, 1.0)
    own = 0.75 if job.identity.hair.curl in ("straight", "wavy") else 0.45
    phases = random.uniform(0, 2 * np.pi, int(lock.max()) + 1)[lock] + random.normal(0.0, own, count)
    pitches = pitch * np.exp(random.normal(0.0, 0.18, int(lock.max()) + 1))[lock] * np.exp(random.normal(0.0, 0.06, count))
    wound = curl(points, outward, radius * short * np.exp(random.normal(0.0, 0.25, count)), pitches, phases, start)
    flat, _ = keep_out(
        wound[:, 1:].reshape(-1, 3),
        np.full(count * (wound.shape[1] - 1), 0.0007, np.float32),
        job.field,
        job.skull,
        _repeat(growth, wound),
    )
    wound[:, 1:] = flat.reshape(count, -1, 3)
    return wound


def _repeat(growth: Growth, points: Array) -> Growth:
    times = points.shape[1] - 1
    return replace(growth, flows={}, length=np.repeat(growth.length, times), side=np.repeat(growth.side, times),
                   reach=np.repeat(np.sign(points[:, :, 0].mean(axis=1)), times),
                   fringe=np.repeat(growth.fringe, times))  # fmt: skip


def coils(job: Job) -> Grown:
    """Fill a volume around the head with coil tufts: tight hair that stands off the scalp and keeps its own outline."""
    random = job.random("coils")
    outline = (Waves.draw(job.random("outline"), 0.9), Waves.draw(job.random("outline.fine"), 0.22))
    roots = roots_of(job, job.ribbons)
    height = _standing(job, roots, outline)
    surface = _tufts(job, roots, height, random)

    def under(points: Array, density: Array) -> Array:
        edge = job.follicles.edge(points).astype(np.float32)
        bare = Roots(np.zeros(len(points), np.int32), np.zeros((len(points), 3), np.float32), points, points, density, edge)
        height = _standing(job, bare, outline)
        core = COIL_CORE[0] + (COIL_CORE[1] - COIL_CORE[0]) * smoothstep(0.012, 0.045, height)
        return (height * core * smoothstep(0.2, 0.9, density)).astype(np.float32)

    return Grown((surface,), under)


def _standing(job: Job, roots: Roots, outline: tuple[Waves, Waves]) -> Array:
    """Return how far hair stands off the scalp at roots, metres: length after shrinkage, rounded towards the hairline."""
    plan = job.recipe
    top, front, back = area_weights(job.skull, roots.points)
    sides = plan.side + (plan.back - plan.side) * back
    sides = sides * (plan.fade + (1.0 - plan.fade) * smoothstep(2.0, 30.0, roots.edge))
    length = (sides + (plan.top + (plan.front - plan.top) * front - sides) * top) * job.sitting.hair.length * MM
    stand = length * 0.72 * job.sitting.hair.volume**0.5
    q = job.skull.unit(roots.points)
    bumpy = 1.0 + 0.07 * outline[0](q) + 0.05 * outline[1](q)
    return (stand * bumpy * (0.30 + 0.70 * smoothstep(-1.0, 7.0 + 250.0 * float(plan.top * MM), roots.edge))).astype(np.float32)


def _tufts(job: Job, roots: Roots, height: Array, random: np.random.Generator) -> Surface:
    plan = job.recipe
    radius, pitch = (value * MM for value in plan.curl_mm)
    count = len(roots.points)
    t = np.linspace(0.0, 1.0, plan.segments + 1)
    turns = np.minimum(plan.segments / 5.5, np.maximum(height / pitch, 0.8))
    span = np.minimum(height * 0.9, turns * pitch)
    outer = height * np.where(
        random.random(count) < plan.stray, random.uniform(1.0, 1.10, count), random.uniform(0.74, 1.03, count)
    )
    start = np.maximum(outer - span, 0.0)
    axis = unit(roots.normals + random.normal(0.0, 0.42, (count, 3)) + np.array([0.0, -0.15, 0.0]))
    base = roots.points + roots.normals * start[:, None]
    line = base[:, None] + axis[:, None] * (t[None, :, None] * (outer - start)[:, None, None])
    side = unit(np.cross(axis, random.normal(0.0, 1.0, (count, 3))))
    up = np.cross(axis, side)
    angle = random.uniform(0, 2 * np.pi, count)[:, None] + 2 * np.pi * turns[:, None] * t[None]
    wide = np.minimum(radius, 0.45 * np.maximum(height, 1.5 * MM)) * np.exp(random.normal(0.0, 0.22, count))
    ring = wide[:, None] * (0.6 + 0.4 * np.sin(np.pi * t))[None]
    swing = np.cos(angle)[..., None] * side[:, None] + np.sin(angle)[..., None] * up[:, None]
    points = (line + ring[..., None] * swing).astype(np.float32)
    distance, normal = job.field.sample(points.reshape(-1, 3))
    points = (
        (points.reshape(-1, 3) + np.maximum(0.6 * MM - distance, 0.0)[:, None] * normal).reshape(points.shape).astype(np.float32)
    )
    outward = unit(0.7 * roots.normals[:, None] + 0.5 * swing).astype(np.float32)
    thin = 0.6 + 0.4 * smoothstep(0.0, 8.0, roots.edge)
    lock = random.integers(0, max(count // 6, 1), count).astype(np.int32)
    shade = (0.72 + 0.28 * (0.5 + 0.5 * np.sum(swing * roots.normals[:, None], axis=2))).astype(np.float32)
    return dress(job, "coils", points, outward, lock, thin, twist_spread=0.6, tip=0.5, shade=shade, vary=0.18)


GROWERS: dict[str, Callable[[Job], Grown]] = {
    "strands": strands, "coils": coils, "gathered": gathered, "rows": rows, "ropes": ropes,
}  # fmt: skip
"""Recipe.kind -> grower."""
