"""The ways hair is grown: free strands, a volume of coils, hair gathered to a tie, braided rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from facegen.looks.hair_flow import Growth, area_weights, clump, curl, cut, grow, keep_out, lengths_along, resample, unit
from facegen.looks.hair_job import MM, Grown, Job, dress, lengths, roots_of, wander
from facegen.looks.hair_scalp import Array, Roots, Waves, smoothstep
from facegen.looks.hair_styles import CURL_VOLUME
from facegen.looks.hair_tied import gathered, rows
from facegen.scene import Surface

GUIDE_SEGMENTS = 10
FILL_SHARE, FILL_WIDTH = 0.36, 2.6
"""Share of a curly head's triangles spent on the shaded mass under its curls, and how much broader those ribbons are."""
FRINGE_HEM = 0.024
"""A fringe ends this far above the eye centres (metres), on the mean head: just over the brows."""


def strands(job: Job) -> Grown:
    """Grow free strands: combed, falling, layered off the head, clumped and curled."""
    plan, random = job.recipe, job.random("strands")
    wound = job.identity.hair.curl != "straight" and plan.top > 2.5 * plan.curl_mm[1]
    roots = roots_of(job, int(job.ribbons * (1.0 - FILL_SHARE)) if wound else job.ribbons)
    growth = _growth(job, roots, random, GUIDE_SEGMENTS if wound else plan.segments)
    points, outward = grow(roots, growth, job.field, job.skull, wander(job))
    if plan.hem is not None or growth.fringe.any():
        points, outward = cut(points, outward, _hem(job, growth, random))
    together = np.where(growth.fringe, 0.35, 0.15 + 0.85 * smoothstep(2.0, 16.0, roots.edge)) * plan.clump
    points, lock = clump(points, together, plan.clump_mm * MM, job.random("clump"), growth.side)
    thin = (0.45 + 0.55 * smoothstep(-1.0, 8.0, roots.edge)) * np.where(growth.fringe, 1.35, 1.0)
    if not wound:
        surface = dress(job, "strands", _curl(job, points, outward, lock, growth, random), outward, lock, thin)
        return Grown((surface,), lambda _, density: plan.shell * MM * density)
    fill = _filler(job, points, outward, lock, roots)
    points, outward, start = _pieces(job, points, outward, job.random("pieces"))
    points = _curl(job, points, outward, lock, growth, random, start)
    return Grown(
        (fill, dress(job, "strands", points, outward, lock, 0.25 + 0.5 * thin)), lambda _, density: plan.shell * MM * density
    )


def _filler(job: Job, points: Array, outward: Array, lock: np.ndarray, roots: Roots) -> Surface:
    """Return the mass under curls: every other guide as a broad shaded ribbon that waves gently."""
    random = job.random("filler")
    deep = np.flatnonzero(roots.edge > 1.5)[::2]
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
        waved.reshape(-1, 3) + (np.maximum(0.0008 - distance, 0.0) - 0.30 * np.maximum(distance, 0.0))[:, None] * normal
    ).reshape(waved.shape)
    return dress(job, "fill", waved.astype(np.float32), outward[deep], lock[deep], np.full(count, FILL_WIDTH), tip=0.7,
                 shade=np.full((count, 1), 0.7, np.float32))  # fmt: skip


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


def _growth(job: Job, roots: Roots, random: np.random.Generator, segments: int) -> Growth:
    plan, style = job.recipe, job.sitting.hair
    count = len(roots.points)
    top, front, _ = area_weights(job.skull, roots.points)
    names = sorted({*plan.flow_top, *plan.flow_side})
    flows = {n: (plan.flow_side.get(n, 0.0) * (1 - top) + plan.flow_top.get(n, 0.0) * top).astype(np.float32) for n in names}
    q = job.skull.unit(roots.points)
    parting = 0.42 * style.parting + 0.02 * np.sin(9.0 * q[:, 2])
    side = np.where(q[:, 0] + random.normal(0.0, 0.015, count) > parting, 1.0, -1.0).astype(np.float32)
    reach = np.where(np.abs(q[:, 0]) > 0.45, np.sign(q[:, 0]), side).astype(np.float32)
    azimuth, _ = job.skull.angles(roots.points)
    fringe = np.zeros(count, bool)
    if plan.fringe and style.fringe > 0.3:
        reach_deg = 34.0 + 34.0 * style.fringe
        fringe = (np.abs(azimuth) < reach_deg) & (roots.edge > -2.0) & (roots.edge < 16.0 + 16.0 * style.fringe)
        _comb_fringe(flows, fringe, q, count)
    rank = random.random(count) ** 0.7
    volume = style.volume * CURL_VOLUME[job.identity.hair.curl] ** 0.35
    layer = (
        plan.layer
        * MM
        * volume
        * (0.15 + 0.85 * rank)
        * (0.60 + (0.75 if job.identity.hair.curl in ("straight", "wavy") else 0.5) * np.maximum(top, 0.3))
        * smoothstep(-4.0, 10.0, roots.edge)
    )
    lift = plan.lift * volume**0.5 * random.uniform(0.6, 1.3, count) * (0.45 + 0.55 * smoothstep(0.0, 12.0, roots.edge))
    stray = random.random(count) < plan.stray
    layer = np.where(stray, layer * 1.2 + 1.5 * MM, layer)
    lift = np.where(stray, lift * 1.3 + 0.1, lift)
    # Hair of the front rises and goes back before it falls: pulled down at once it would lie across the forehead.
    ahead = smoothstep(18.0, 6.0, roots.edge) * smoothstep(70.0, 50.0, np.abs(azimuth)) * ~fringe
    gravity = plan.gravity * (1.0 - 0.7 * ahead)
    if plan.flow_top.get("part", 0.0) > 0.5:
        flows["back"] = (flows.get("back", 0.0) + 0.7 * ahead).astype(np.float32)
    lift = lift + 0.35 * ahead * (plan.top > 60) * min(1.0, 90.0 / plan.top)
    return Growth(flows, lengths(job, roots, random), lift.astype(np.float32), layer.astype(np.float32), side, reach, fringe,
                  plan.stiff, gravity.astype(np.float32), segments)  # fmt: skip


def _comb_fringe(flows: dict[str, Array], fringe: np.ndarray, q: Array, count: int) -> None:
    for name in flows:
        flows[name] = np.where(fringe, flows[name] * (0.04 if name == "part" else 0.25), flows[name])
    for name, weight in (("forward", 1.0), ("down", 0.35)):
        flows[name] = np.where(fringe, weight, flows.get(name, np.zeros(count, np.float32))).astype(np.float32)


def _hem(job: Job, growth: Growth, random: np.random.Generator) -> Array:
    plan = job.recipe
    count = len(growth.length)
    scale = job.skull.radii[1] / 0.086
    hem = np.full(count, -1.0)
    if plan.hem is not None:
        drop = plan.hem * MM * (0.55 + 0.45 * job.sitting.hair.length)
        hem = drop + np.abs(random.normal(0.0, 0.010 + 0.04 * abs(drop), count)) * 1.0
    return np.where(growth.fringe, FRINGE_HEM * scale + random.normal(0.002, 0.005, count), hem).astype(np.float32)


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
    return replace(growth, flows={}, side=np.repeat(growth.side, times), reach=np.zeros(len(growth.side) * times, np.float32),
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
        return (_standing(job, bare, outline) * 0.62 * smoothstep(0.2, 0.9, density)).astype(np.float32)

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
    return dress(job, "coils", points, outward, lock, thin, twist_spread=0.6, tip=0.5, shade=shade)


GROWERS: dict[str, Callable[[Job], Grown]] = {"strands": strands, "coils": coils, "gathered": gathered, "rows": rows}
"""Recipe.kind -> grower."""
