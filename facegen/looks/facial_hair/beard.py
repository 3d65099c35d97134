"""Beards: stubble, moustache, goatee and full beards grown on the reference head along the way facial hair lies."""

from __future__ import annotations

import numpy as np

from facegen import rng
from facegen.geometry.normals import vertex_normals
from facegen.head.model import HeadModel
from facegen.looks.facial_hair.beard_pattern import beard_weight
from facegen.looks.facial_hair.roots import FaceStrands, attach, reference_vertices
from facegen.looks.hair.flow import clump, curl, unit
from facegen.looks.hair.scalp import Array, Waves, scatter, smoothstep
from facegen.looks.hair.styles import CURL_MM
from facegen.sample import Beard, HairTraits

STRANDS = {"stubble": 4200, "moustache": 800, "goatee": 1400, "full": 2700}
SEGMENTS = {"stubble": 1, "moustache": 3, "goatee": 3, "full": 3}


def beard_strands(model: HeadModel, beard: Beard, traits: HairTraits, detail: float) -> FaceStrands | None:
    """Return the strands of a beard rooted on the reference head; None where the style grows nothing."""
    if beard.style not in STRANDS:
        return None
    vertices = reference_vertices(model)
    part = model.topology.parts["skin"]
    triangles = part.index[part.faces].astype(np.int32)
    normals = vertex_normals(vertices, triangles).astype(np.float32)
    random = rng.expand(beard.seed, "beard")
    weight = beard_weight(model, beard)
    count = int(STRANDS[beard.style] * (0.35 + 0.8 * beard.density) * np.clip(detail, 0.3, 2.0) ** 0.8)
    face, bary, points = scatter(vertices, triangles, weight, count, random)
    uneven = 0.5 + 0.5 * Waves.draw(random, 0.012)(points)
    keep = random.random(len(points)) < 1.0 - (1.0 - beard.density) * 0.5 * uneven
    corners, bary, points = triangles[face[keep]].astype(np.int32), bary[keep], points[keep]
    outward = unit(np.einsum("nk,nkd->nd", bary, normals[corners]))
    inside = np.einsum("nk,nk->n", bary, weight[corners])
    grown = _grow(points, outward, 0.3 + 0.7 * smoothstep(0.1, 0.9, inside), beard, traits, random)
    return attach(vertices, normals, corners, bary, grown)


def beard_width(beard: Beard, count: int, detail: float, random: np.random.Generator) -> Array:
    """Return strand widths (count,) in metres."""
    base = 0.00042 if beard.style == "stubble" else 0.0011
    return base * np.clip(detail, 0.3, 1.6) ** -0.75 * random.uniform(0.7, 1.3, count)


def _grow(roots: Array, outward: Array, full: Array, beard: Beard, traits: HairTraits, random: np.random.Generator) -> Array:
    count, segments = len(roots), SEGMENTS[beard.style]
    length, lift = _length_and_lift(roots, beard, random)
    length = length * full
    side = np.sign(roots[:, 0])
    lip = (
        smoothstep(-0.066, -0.058, roots[:, 1])
        * smoothstep(-0.01, 0.008, roots[:, 2])
        * smoothstep(0.04, 0.03, np.abs(roots[:, 0]))
    )
    away = np.stack([side * (0.35 + 12.0 * np.abs(roots[:, 0])), -0.9 + 0.0 * side, 0.0 * side], axis=1)
    down = np.stack([-0.25 * side, -np.ones(count), 0.30 * np.ones(count)], axis=1)
    comb = unit(away) * lip[:, None] + unit(down) * (1.0 - lip[:, None])
    comb = comb + random.normal(0.0, 0.33, (count, 3))
    comb = unit(comb - np.sum(comb * outward, axis=1, keepdims=True) * outward)
    heading = unit(comb + lift[:, None] * outward)
    points = np.empty((count, segments + 1, 3), np.float32)
    points[:, 0] = roots + 0.0002 * outward
    step = (length / segments)[:, None]
    for k in range(segments):
        points[:, k + 1] = points[:, k] + heading * step
        heading = unit(heading + 0.35 * comb + np.array([0.0, -0.14, 0.02]))
    if segments == 1:
        return points
    points, _ = clump(points, 0.35, 0.006, random)
    radius, pitch = (v * 1e-3 for v in CURL_MM[traits.curl])
    radius, pitch = min(0.5 * radius + 0.0006, 0.0024), max(0.55 * pitch, 0.008)
    return curl(points, np.repeat(outward[:, None], segments + 1, axis=1), np.full(count, radius),
                np.full(count, pitch), random.uniform(0, 6.3, count))  # fmt: skip


def _length_and_lift(roots: Array, beard: Beard, random: np.random.Generator) -> tuple[Array, Array]:
    count = len(roots)
    uneven = np.exp(random.normal(0.0, 0.18, count))
    if beard.style == "stubble":
        return (0.0012 + 0.0016 * beard.length) * uneven, random.uniform(0.3, 0.9, count)
    low = smoothstep(-0.045, -0.095, roots[:, 1])
    cheek = smoothstep(0.0, -0.05, roots[:, 1])
    if beard.style == "full":
        base = 0.005 + 0.003 * cheek + (0.003 + 0.034 * beard.length**1.7) * low
        lip = smoothstep(-0.070, -0.062, roots[:, 1]) * smoothstep(0.0, 0.01, roots[:, 2])
        base = base * (1.0 - lip) + (0.007 + 0.004 * beard.length) * lip
    else:
        base = 0.006 + 0.006 * beard.length + 0.008 * beard.length * low
    return base * uneven, random.uniform(0.25, 0.7, count)
