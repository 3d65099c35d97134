"""Hair in ropes: locs and free braids, each a bundle of ribbons wound around one line that falls like a heavy strand."""

from __future__ import annotations

import numpy as np

from facegen.looks.hair.flow import cut, grow, lengths_along, unit
from facegen.looks.hair.growth import growth_of, hem_of
from facegen.looks.hair.job import MM, Grown, Job, dress, roots_of, wander
from facegen.looks.hair.scalp import Array, smoothstep

STRANDS, FEWER = 6, 4
"""Ribbons around one rope, and in small pictures."""


def ropes(job: Job) -> Grown:
    """Grow `Recipe.ropes` ropes over the scalp; `braided` ones weave, others are round and a little uneven (locs)."""
    plan, random = job.recipe, job.random("ropes")
    roots = roots_of(job, plan.ropes)
    growth = growth_of(job, roots, random, plan.segments)
    line, outward = grow(roots, growth, job.field, job.skull, wander(job))
    if plan.hem is not None:
        line, outward = cut(line, outward, hem_of(job, roots, growth, random), growth.length)
    strands = STRANDS if job.detail > 0.6 else FEWER
    points, out = _wound(job, line, outward, strands, random)
    lock = np.repeat(np.arange(len(line)), strands).astype(np.int32)
    width = 2.0 * np.pi * plan.rope_mm / strands * 0.75 / (plan.width * job.widen)
    thin = np.repeat(0.55 + 0.45 * smoothstep(0.0, 8.0, roots.edge), strands) * width
    surface = dress(job, "ropes", points, out, lock, thin, twist_spread=0.1, tip=0.8, fine=0.0)
    return Grown((surface,), lambda _, density: plan.shell * MM * density)


def _wound(job: Job, line: Array, outward: Array, strands: int, random: np.random.Generator) -> tuple[Array, Array]:
    """Return ribbon lines (N * strands, S + 1, 3) around rope lines (N, S + 1, 3), and their outward directions."""
    plan = job.recipe
    count, rows = line.shape[:2]
    tangent = unit(np.gradient(line, axis=1))
    side = unit(np.cross(tangent, outward))
    up = np.cross(side, tangent)
    along = lengths_along(line)
    share = np.linspace(0.0, 1.0, rows)[None]
    size = plan.rope_mm * MM * np.exp(random.normal(0.0, 0.12, (count, 1))) * (1.0 - 0.45 * share**3)
    bumps = 1.0 if plan.braided else 1.0 + 0.14 * random.normal(size=(count, rows))
    turn = random.uniform(0.0, 6.28, (count, 1)) + along * (2.0 * np.pi / (plan.rope_pitch_mm * MM))
    pieces, outs = [], []
    for k in range(strands):
        phase = turn + 2.0 * np.pi * k / strands
        across, high = np.cos(phase), (0.5 * np.sin(2.0 * phase) if plan.braided else np.sin(phase))
        away = (size * bumps * across)[..., None] * side + (size * bumps * high)[..., None] * up
        pieces.append(line + away + size[..., None] * 0.5 * outward)
        outs.append(unit(away / size[..., None] + 0.5 * outward))
    points = np.stack(pieces, axis=1).reshape(count * strands, rows, 3)
    distance, normal = job.field.sample(points.reshape(-1, 3).astype(np.float32))
    points = points + (np.maximum(0.5 * MM - distance, 0.0)[:, None] * normal).reshape(points.shape)
    return points.astype(np.float32), np.stack(outs, axis=1).reshape(count * strands, rows, 3).astype(np.float32)
