"""Hair that is tied or braided: gathered to a bun or ponytail, cornrows along the scalp."""

from __future__ import annotations

import numpy as np

from facegen.looks.hair.flow import clump, curl, unit
from facegen.looks.hair.job import FINE_STRANDS, MM, Grown, Job, dress, roots_of
from facegen.looks.hair.scalp import Array, Roots, Waves, smoothstep
from facegen.scene import Surface

ROWS = (14, 19)
"""Least and most cornrows on a head (our choice): 10 to 14 mm from row to row, as braided by hand. Ribbons turn down at a row's
edges, which leaves a part of skin."""
FAN_DEG = 74.0
"""The outermost rows are tilted this far from the middle of the head."""
RIBBONS = 6
"""Ribbons that weave one row."""


def gathered(job: Job) -> Grown:
    """Comb all hair over the skull to one tie; beyond it a tail falls or a bun is wound."""
    plan, random = job.recipe, job.random("gathered")
    tail_share = 0.28
    roots = roots_of(job, int(job.ribbons * (1 - tail_share)))
    points, outward = _to_tie(job, roots, random)
    points, lock = clump(points, 0.35, 9 * MM, job.random("clump"))
    thin = 0.45 + 0.85 * smoothstep(0.0, 10.0, roots.edge)
    surfaces = [dress(job, "gathered", points, outward, lock, thin, twist_spread=0.2, tip=0.8, fine=FINE_STRANDS)]
    count = int(job.ribbons * tail_share)
    surfaces.append(_tail(job, count, random) if plan.tail > 0 else _bun(job, count, random))

    def under(points: Array, density: Array) -> Array:
        inside = smoothstep(14.0, 70.0, job.follicles.edge(points))
        return ((plan.shell + 0.45 * plan.layer * job.sitting.hair.volume * inside) * MM * density).astype(np.float32)

    return Grown(tuple(surfaces), under)


def _risen(job: Job, points: Array) -> Array:
    """Return the share (N,) of its full height that gathered hair has at points (N, 3)."""
    return smoothstep(-6.0, 36.0, job.follicles.edge(points))


def _tie(job: Job) -> tuple[Array, Array]:
    """Return the tie's point just off the scalp and its outward direction."""
    direction = unit(np.array(job.recipe.tie, np.float32))
    point = job.skull.centre + direction * job.skull.radii * 1.02
    distance, normal = job.field.sample(point[None].astype(np.float32))
    return (point + normal[0] * (6 * MM - distance[0])).astype(np.float32), normal[0]


def _to_tie(job: Job, roots: Roots, random: np.random.Generator) -> tuple[Array, Array]:
    plan = job.recipe
    count, rows = len(roots.points), plan.segments + 1
    tie, _ = _tie(job)
    start = unit(job.skull.unit(roots.points))
    end = unit(job.skull.unit(tie[None] + random.normal(0.0, 5 * MM, (count, 3)).astype(np.float32)))
    angle = np.arccos(np.clip(np.sum(start * end, axis=1), -0.999, 0.999))[:, None]
    t = np.linspace(0.0, 1.0, rows)[None]
    way = (np.sin((1 - t) * angle)[..., None] * start[:, None] + np.sin(t * angle)[..., None] * end[:, None]) / np.sin(angle)[
        ..., None
    ]
    sag = 0.10 * np.sin(np.pi * t) * angle * random.normal(0.6, 0.3, (count, 1))
    way[..., 1] -= sag * 0.5
    points = job.skull.centre + unit(way) * job.skull.radii
    loose = random.random(count) < plan.stray
    smooth = 1.0 + 0.12 * Waves.draw(job.random("gathered.outline"), 0.6)(job.skull.unit(roots.points))
    layer = plan.layer * MM * job.sitting.hair.volume * smooth * random.uniform(0.8, 1.0, count) + np.where(loose, 3 * MM, 0.0)
    # Height by place, not by strand: hair combed to a tie is one smooth surface that rises from the hairline.
    flat = points.reshape(-1, 3).astype(np.float32)
    height = layer[:, None] * _risen(job, flat).reshape(count, rows) * (0.3 + 0.7 * smoothstep(0.0, 0.12, t)) + 0.5 * MM
    for _ in range(2):
        distance, normal = job.field.sample(flat)
        flat = flat + (height.reshape(-1) - distance)[:, None].astype(np.float32) * normal
    points, outward = flat.reshape(count, rows, 3), normal.reshape(count, rows, 3)
    points[:, 0] = roots.points
    radius, pitch = (value * MM for value in plan.curl_mm)
    wave = curl(
        points,
        outward,
        np.full(count, min(radius, 1.6 * MM) * 0.5),
        np.full(count, max(pitch, 14 * MM)),
        random.uniform(0, 6.3, count),
    )
    return np.where(loose[:, None, None], points, wave).astype(np.float32), outward.astype(np.float32)


def _bun(job: Job, count: int, random: np.random.Generator) -> Surface:
    """Wind ribbons around a flattened ball at the tie."""
    tie, out = _tie(job)
    plan = job.recipe
    size = 0.030 * job.sitting.hair.length**0.25 * job.sitting.hair.volume**0.2
    centre = tie + out * size * 0.72
    pole = unit(out[None] + random.normal(0.0, 0.5, (count, 3)))
    side = unit(np.cross(pole, random.normal(0.0, 1.0, (count, 3))))
    up = np.cross(pole, side)
    t = np.linspace(0.0, 1.0, plan.segments + 1)[None]
    angle = random.uniform(0, 2 * np.pi, (count, 1)) + 2.6 * t
    lean = random.uniform(-0.8, 0.8, (count, 1)) + 0.5 * (t - 0.5)
    ring = np.cos(lean)[..., None] * (np.cos(angle)[..., None] * side[:, None] + np.sin(angle)[..., None] * up[:, None])
    ball = ring + np.sin(lean)[..., None] * pole[:, None]
    rough = 0.06 if job.identity.hair.curl in ("straight", "wavy") else 0.14
    bump = Waves.draw(random, 0.9)
    shell = size * (
        0.97 + rough * bump(ball.reshape(-1, 3)).reshape(count, -1, 1) * 0.5 + random.uniform(-rough, 0.04, (count, 1, 1))
    )
    squash = ball - 0.22 * np.sum(ball * out, axis=2, keepdims=True) * out
    points = (centre + squash * shell).astype(np.float32)
    lock = random.integers(0, max(count // 10, 1), count).astype(np.int32)
    return dress(job, "bun", points, ball.astype(np.float32), lock, np.full(count, 1.3), twist_spread=0.25, tip=0.7)


def _tail(job: Job, count: int, random: np.random.Generator) -> Surface:
    """Let a tail spring from the tie and fall behind the neck."""
    tie, out = _tie(job)
    plan = job.recipe
    rows = plan.segments + 1
    disc = random.normal(0.0, 1.0, (count, 3)) * 0.16
    heading = unit(out + np.array([0.0, 0.10, 0.0]) + disc)
    points = np.empty((count, rows, 3), np.float32)
    points[:, 0] = tie + random.normal(0.0, 5 * MM, (count, 3))
    coily = {"straight": 1.0, "wavy": 0.9, "curly": 0.7, "coily": 0.45}[job.identity.hair.curl]
    step = plan.tail * MM * job.sitting.hair.length * coily * random.uniform(0.75, 1.1, (count, 1)) / plan.segments
    outward = np.empty_like(points)
    outward[:, 0] = out
    for k in range(plan.segments):
        heading = unit(0.52 * heading + 0.48 * np.array([0.0, -1.0, 0.0]))
        moved = (points[:, k] + heading * step).astype(np.float32)
        gathered_in = 0.12 if k < 3 else 0.04
        moved[:, 0] -= gathered_in * (moved[:, 0] - moved[:, 0].mean())
        distance, normal = job.field.sample(moved)
        moved = moved + np.maximum(4 * MM - distance, 0.0)[:, None] * normal
        points[:, k + 1] = moved
        axis = points[:, k + 1].mean(axis=0)
        outward[:, k + 1] = unit(moved - axis + 0.01 * out)
    points, lock = clump(points, 0.5, 26 * MM, random)
    radius, pitch = (value * MM for value in plan.curl_mm)
    points = curl(
        points, outward, np.full(count, radius), np.full(count, max(pitch, 22 * MM)), random.uniform(0, 6.3, count) * 0.3
    )
    distance, normal = job.field.sample(points.reshape(-1, 3))
    points = points + (np.maximum(1.0 * MM - distance, 0.0)[:, None] * normal).reshape(points.shape).astype(np.float32)
    return dress(job, "tail", points, outward, lock, np.full(count, 1.25))


def rows(job: Job) -> Grown:
    """Braid the scalp in rows from the front hairline to the nape, a part of skin between two of them."""
    random = job.random("rows")
    count = int(random.integers(ROWS[0], ROWS[1] + 1))
    apart = 2 * np.radians(FAN_DEG) / (count - 1) * float(np.mean(job.skull.radii))
    strands: list[Array] = []
    outs: list[Array] = []
    for offset in np.linspace(-1.0, 1.0, count):
        line = _row_line(job, offset)
        if line is None:
            continue
        points, outward = line
        strands_, outs_ = _braid(job, points, outward, apart, random)
        strands += strands_
        outs += outs_
    if not strands:
        return Grown((), lambda points, _: np.full(len(points), -1.0, np.float32))
    points, outward = np.stack(strands), np.stack(outs)
    lock = (np.arange(len(points)) // (RIBBONS // 2)).astype(np.int32)
    surface = dress(job, "rows", points, outward, lock, np.full(len(points), 1.0 / job.widen), twist_spread=0.1, tip=0.8)
    return Grown((surface,), lambda points, _: np.full(len(points), -1.0, np.float32))


def _row_line(job: Job, offset: float) -> tuple[Array, Array] | None:
    """Return the centre line (S + 1, 3) of the row at lateral place `offset` (-1..1) where hair grows, and outward normals."""
    t = np.linspace(-0.15, 1.0, 160)
    elevation = np.radians(8.0 + 170.0 * t)
    tilt = np.radians(FAN_DEG) * offset
    ring = np.stack([np.sin(tilt) * np.ones_like(t), np.cos(tilt) * np.sin(elevation), np.cos(tilt) * np.cos(elevation)], axis=1)
    ring[:, 0] *= 1.0 - 0.55 * smoothstep(0.55, 1.0, t)
    low = smoothstep(0.72, 1.0, t)
    ring[:, 1] -= 0.75 * low
    points = (job.skull.centre + unit(ring) * job.skull.radii).astype(np.float32)
    for _ in range(2):
        distance, normal = job.field.sample(points)
        points = points - distance[:, None] * normal
    inside = job.follicles.edge(points) > 0.0
    density = job.follicles.density(points)
    keep = inside & (density > 0.2)
    if keep.sum() < 24:
        return None
    first, last = int(np.argmax(keep)), len(keep) - int(np.argmax(keep[::-1]))
    where = np.linspace(first, last - 1, job.recipe.segments + 1)
    low_i = np.floor(where).astype(int)
    part = (where - low_i)[:, None]
    high_i = np.minimum(low_i + 1, len(points) - 1)
    return points[low_i] * (1 - part) + points[high_i] * part, unit(normal[low_i] * (1 - part) + normal[high_i] * part)


def _braid(job: Job, line: Array, outward: Array, width: float, random: np.random.Generator) -> tuple[list[Array], list[Array]]:
    """Return the ribbons' centre lines of one row along `line` (S + 1, 3), `width` (m) across, and their outward directions."""
    tangent = unit(np.gradient(line, axis=0))
    side = unit(np.cross(tangent, outward))
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    phase0 = random.uniform(0, 2 * np.pi)
    strands, outs = [], []
    half = (width - job.recipe.width * MM) / 2
    size = half * (0.6 + 0.4 * smoothstep(0.0, 0.008, along))[:, None]
    for k in range(RIBBONS):
        phase = phase0 + 2 * np.pi * along / (15 * MM) + 2 * np.pi * k / RIBBONS
        lateral, high = np.sin(phase)[:, None], np.cos(2 * phase)[:, None]
        strands.append((line + side * size * lateral + outward * (1.6 * MM + size * (0.35 + 0.3 * high))).astype(np.float32))
        outs.append(unit(outward + 0.7 * side * lateral).astype(np.float32))
    return strands, outs
