"""The under-layer: the scalp itself lifted a little and coloured as hair, so that no skin shines through dense hair."""

from __future__ import annotations

import numpy as np

from facegen.looks.hair.color import UNPIGMENTED
from facegen.looks.hair.flow import unit
from facegen.looks.hair.growth import parting_line
from facegen.looks.hair.job import HAIR_REGION, Grown, Job, material
from facegen.looks.hair.scalp import Array, smoothstep
from facegen.scene import Material, Surface

DENSE, SOFT = 0.58, 0.24
"""Follicle density from which the scalp is closed by the hair above it, and how softly it opens to skin below."""
RIM = 8.0
"""Degrees inside the hairline up to which the under-layer parts into separate strands, so that it has no edge."""
TURN_DEG, STRANDS = 24.0, 240.0
"""Its chart goes to and fro in the middle of u, once in twice this azimuth, so that no border of a ribbon is drawn;
strands to u."""
OPEN = 0.14
"""Hair lies over the layer but for this far (skull units) from the parting and as far as its roots at the
hairline: it is lit there."""
COIL_BUMPS = 0.0013
"""Spread of its height (metres) where hair is a mass of coils: hollows are darker, knots lighter."""
SET_BACK = 2.0
"""Degrees by which the under-layer stays inside the hairline, so that fine hair alone draws the line."""


def shell(job: Job, grown: Grown) -> tuple[Surface, ...]:
    """Return the under-layer of `grown` hair: none where the scalp shows (thin, receded, rows)."""
    head = job.head
    used = np.unique(head.triangles[(head.scalp[head.triangles] > 0.3).all(axis=1)])
    if len(used) == 0:
        return ()
    points = head.vertices[used]
    density = job.follicles.density(points).astype(np.float32) * smoothstep(0.2, 0.7, head.scalp[used])
    edge = job.follicles.edge(points)
    height = grown.under(points, density) * smoothstep(0.5 * SET_BACK, 4.0 * SET_BACK, edge)
    dense = (density > DENSE - SOFT) & (edge > SET_BACK) & (height > 0)
    number = np.full(len(head.vertices), -1, np.int32)
    number[used[dense]] = np.arange(int(dense.sum()))
    faces = number[head.triangles]
    faces = faces[(faces >= 0).all(axis=1)]
    if len(faces) == 0:
        return ()
    closed = smoothstep(DENSE - SOFT, DENSE + SOFT, density[dense])
    return (_surface(job, points[dense], head.normals[used[dense]], height[dense], closed, edge[dense], faces),)


def _surface(job: Job, points: Array, normals: Array, height: Array, closed: Array, edge: Array, faces: np.ndarray) -> Surface:
    """Colour and shade the layer as hair, whole where the scalp is `closed` (N,) 0..1 and in strands where it shows through."""
    random = job.random("shell")
    coils = job.recipe.kind == "coils"
    uneven = random.normal(size=(len(points), 1))
    bumps = np.where(coils & (height[:, None] > 2.0 * COIL_BUMPS), COIL_BUMPS * np.clip(uneven, -1.5, 1.5), 0.0)
    lifted = (points + normals * (height[:, None] + bumps)).astype(np.float32)
    q = job.skull.unit(points)
    down = unit(np.stack([-0.1 * q[:, 0], -np.ones(len(q)), 0.0 * q[:, 2]], axis=1))
    tangent = unit(down - np.sum(down * normals, axis=1, keepdims=True) * normals + 1e-4 * random.normal(size=points.shape))
    grey = job.sitting.hair.grey
    tone = (0.7 if coils else 1.0) * (job.base * (1.0 - grey) + UNPIGMENTED * 0.85 * grey)
    color = tone[None] * np.exp((0.34 if coils else 0.22) * uneven)
    covered = np.clip(0.9 - 0.03 * job.recipe.layer, 0.58, 0.8)
    shade = covered + (0.95 - covered) * np.maximum(_in_sight(job, q, edge), 1.0 - closed)
    azimuth, _ = job.skull.angles(points)
    # Towards the hairline, and where hair is thin, the layer parts into strands as at a tip and lets the scalp be seen.
    bare = np.maximum(1.0 - smoothstep(SET_BACK, RIM, edge), 1.0 - closed)
    plain = material(0.0, 1.0, 0.7).params
    return Surface(
        name="hair.under",
        positions=lifted,
        normals=normals.astype(np.float32),
        faces=faces.astype(np.int32),
        region=np.full(len(points), HAIR_REGION, np.uint8),
        material=Material("hair", {**plain, "specular": 0.08 if coils else 0.4, "strand": STRANDS}),
        uv=np.stack([0.35 + 0.3 * np.abs((azimuth / TURN_DEG) % 2.0 - 1.0), 0.1 + 0.88 * bare], axis=1).astype(np.float32),
        tangents=tangent.astype(np.float32),
        color=color.astype(np.float32),
        ao=shade.astype(np.float32),
        casts_shadow=True,
    )


def _in_sight(job: Job, q: Array, edge: Array) -> Array:
    """Return the share (N,) of the layer that no hair lies over at points `q` (skull units): at the parting and the hairline."""
    if job.recipe.kind != "strands":
        return np.zeros(len(q), np.float32)
    parted = job.recipe.flow_top.get("part", 0.0) > 0.5
    line = smoothstep(OPEN, 0.3 * OPEN, np.abs(q[:, 0] - parting_line(job, q))) * smoothstep(0.3, 0.6, q[:, 1]) * parted
    return np.maximum(line, smoothstep(16.0, 5.0, edge))
