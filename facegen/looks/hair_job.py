"""What every way of growing hair shares: the job, strand lengths by place, and dressing centre lines as ribbons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.looks.hair_color import strand_rgb
from facegen.looks.hair_field import HeadField
from facegen.looks.hair_flow import area_weights
from facegen.looks.hair_scalp import Array, Follicles, Roots, Skull, Waves, grow_roots, smoothstep
from facegen.looks.hair_styles import Recipe
from facegen.looks.ribbons import strips, taper
from facegen.sample import Identity, Sitting
from facegen.scene import Material, Surface

HAIR_REGION = 13
MM = 1e-3
FINE_STRANDS = 4.0
"""Strands the shader draws across one ribbon."""
GLOSS = {"straight": (0.40, 0.75), "wavy": (0.46, 0.6), "curly": (0.58, 0.3), "coily": (0.66, 0.22)}
"""(roughness, specular) by curl: bends of the strand scatter the highlight."""


@dataclass(frozen=True)
class Head:
    """What grooming reads of a head: vertices, normals (V, 3), triangles (F, 3), soft mask (V,) of skin that may bear hair."""

    vertices: Array
    normals: Array
    triangles: NDArray[np.int32]
    scalp: Array


@dataclass(frozen=True)
class Job:
    """One head of hair to grow."""

    head: Head
    skull: Skull
    field: HeadField
    follicles: Follicles
    recipe: Recipe
    identity: Identity
    sitting: Sitting
    detail: float
    base: Array

    def random(self, name: str) -> np.random.Generator:
        """Return the generator of one named detail of this sitting's hair."""
        return rng.expand(self.sitting.hair.seed, f"hair.{name}")

    @property
    def ribbons(self) -> int:
        """How many ribbons the triangle budget holds."""
        return max(int(self.recipe.budget * self.detail / (2 * self.recipe.segments)), 40)

    @property
    def widen(self) -> float:
        """Ribbons grow wider as they get fewer, so that the scalp stays covered."""
        return float(min(max(self.detail, 0.2) ** -0.6, 2.2))


@dataclass(frozen=True)
class Grown:
    """Ribbon surfaces, and the height (metres) of the under-layer over scalp points (N, 3) with follicle density (N,)."""

    surfaces: tuple[Surface, ...]
    under: Callable[[Array, Array], Array]


def material(strand: float, lighter: float = 1.3, roughness: float = 0.4, gloss: float = 0.8) -> Material:
    """Return the hair shader's material: colour comes from the vertices, the tips `lighter` than the roots by weathering.

    The colour of a ribbon is constant along it, because the shader seeds its strands with it.
    """
    root, tip = (0.85, 0.85, 0.85), (0.85 * lighter, 0.85 * lighter, 0.85 * lighter)
    return Material("hair", {"root_rgb": root, "tip_rgb": tip, "specular": gloss, "roughness": roughness, "strand": strand})


def roots_of(job: Job, count: int, name: str = "roots") -> Roots:
    """Return the roots of about `count` ribbons, fewer where the person's density is low."""
    wanted = int(count * (0.75 + 0.25 * job.identity.hair.density))
    head = job.head
    return grow_roots(head.vertices, head.normals, head.triangles, head.scalp, job.follicles, wanted, job.random(name))


def lengths(job: Job, roots: Roots, random: np.random.Generator) -> Array:
    """Return strand lengths (N,) in metres: by place, faded to the lower hairline, uneven, shorter right at the hairline."""
    plan = job.recipe
    top, front, back = area_weights(job.skull, roots.points)
    sides = plan.side + (plan.back - plan.side) * back
    low = smoothstep(2.0, 24.0, roots.edge)
    sides = sides * (plan.fade + (1.0 - plan.fade) * low)
    crown = plan.top + (plan.front - plan.top) * front
    base = (sides + (crown - sides) * top) * job.sitting.hair.length
    uneven = np.exp(random.normal(0.0, 0.13, len(base)))
    baby = 0.45 + 0.55 * smoothstep(0.0, 6.0, roots.edge)
    return (base * uneven * baby * MM).astype(np.float32)


def depth_ao(points: Array, skull: Skull, field: HeadField, darkest: float = 0.30) -> Array:
    """Return ambient occlusion (N, R) of ribbon points (N, R, 3): dark near the scalp where much hair lies above."""
    flat = points.reshape(-1, 3)
    distance, _ = field.sample(flat)
    azimuth, elevation = skull.angles(flat)
    cell = ((azimuth + 180.0) / 15.0).astype(int) * 16 + np.clip((elevation + 90.0) / 12.0, 0, 15).astype(int)
    count = np.bincount(cell, minlength=25 * 16)
    mean = np.bincount(cell, distance, minlength=25 * 16) / np.maximum(count, 1)
    square = np.bincount(cell, distance**2, minlength=25 * 16) / np.maximum(count, 1)
    outer = mean + 0.9 * np.sqrt(np.maximum(square - mean**2, 0.0))
    depth = (outer[cell] - distance) / np.maximum(outer[cell], 2.5 * MM)
    return (1.0 - (1.0 - darkest) * smoothstep(-0.1, 0.95, depth)).reshape(points.shape[:2]).astype(np.float32)


def dress(
    job: Job,
    name: str,
    points: Array,
    outward: Array,
    lock: NDArray[np.int32],
    thin: Array | None = None,
    twist_spread: float = 0.75,
    tip: float = 0.55,
    shade: Array | None = None,
    fine: float = FINE_STRANDS,
) -> Surface:
    """Return the ribbons of centre lines (N, S + 1, 3): width, colour by lock and strand, root to tip, occlusion."""
    random = job.random(f"{name}.dress")
    count, rows = points.shape[:2]
    width = job.recipe.width * MM * job.widen * random.uniform(0.7, 1.3, count)
    if thin is not None:
        width = width * thin
    grey = job.sitting.hair.grey
    locks = int(lock.max()) + 1 if count else 1
    color = strand_rgb(job.base, grey, count, random, 0.09) * np.exp(random.normal(0.0, 0.08, (locks, 1)))[lock]
    ao = depth_ao(points, job.skull, job.field)
    if shade is not None:
        ao = ao * shade
    return strips(
        f"hair.{name}", points, outward, taper(width, rows, tip=tip), np.repeat(color[:, None], rows, axis=1), ao, HAIR_REGION,
        material(fine, 1.4 if job.recipe.top > 60 else 1.2, *GLOSS[job.identity.hair.curl]),
        random.normal(0.0, twist_spread, count),
    )  # fmt: skip


def wander(job: Job, wavelength: float = 0.5) -> tuple[Waves, Waves, Waves]:
    """Return three smooth noises that bend combing directions, in skull units."""
    random = job.random("wander")
    return Waves.draw(random, wavelength), Waves.draw(random, wavelength), Waves.draw(random, wavelength)
