"""What every way of growing hair shares: the job, strand lengths by place, and dressing centre lines as ribbons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from facegen import rng
from facegen.looks.hair.color import UNPIGMENTED, strand_rgb
from facegen.looks.hair.field import HeadField
from facegen.looks.hair.flow import area_weights, lengths_along
from facegen.looks.hair.ribbons import strips, taper
from facegen.looks.hair.scalp import Array, Follicles, Roots, Skull, Waves, grow_roots, smoothstep
from facegen.looks.hair.styles import Recipe
from facegen.sample import Identity, Sitting
from facegen.scene import Material, Surface

HAIR_REGION = 13
MM = 1e-3
FINE_STRANDS = 12.0
"""Strands the shader draws across one ribbon: about 0.3 mm each, three or four hairs that lie together."""
MASS_CELL = 0.007
"""Cells in which ribbons are counted (metres), averaged over 3 x 3 x 3 of them."""
MASS = (0.25, 1.1)
"""Ribbon pieces of a cell's length to a cell: at the first a ribbon is alone, at the second it lies in the mass."""
ROOTED = (0.004, 0.008, 0.035)
"""A ribbon that starts this near to the skin is hair from its root on, and can stray only this far along (from, to; metres)."""
LONE_FADE = 0.75
"""How far the strands of a ribbon that has left the mass are thinned, as at a tip (1: gone)."""
FINEST, THINNED = 0.3, (0.3, 0.95)
"""Width of the most miniature hairs beside full-grown ones; shares of lost follicles at which hairs are full and are so fine."""
GLOSS = {"straight": (0.40, 0.75), "wavy": (0.46, 0.6), "curly": (0.58, 0.3), "coily": (0.62, 0.34)}
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


def material(strand: float, lighter: float = 1.3, roughness: float = 0.4, gloss: float = 0.8, grey: float = 0.0) -> Material:
    """Return the hair shader's material: colour comes from the vertices, the tips `lighter` than the roots by weathering,
    a share `grey` of strands white.
    """
    root, tip = (0.85, 0.85, 0.85), (0.85 * lighter, 0.85 * lighter, 0.85 * lighter)
    return Material("hair", {"root_rgb": root, "tip_rgb": tip, "specular": gloss, "roughness": roughness, "strand": strand,
                             "white_rgb": tuple(float(v) for v in UNPIGMENTED), "grey": grey})  # fmt: skip


def roots_of(job: Job, count: int, name: str = "roots") -> Roots:
    """Return the roots of about `count` ribbons, fewer where the person's density is low."""
    wanted = int(count * (0.75 + 0.25 * job.identity.hair.density))
    head = job.head
    return grow_roots(head.vertices, head.normals, head.triangles, head.scalp, job.follicles, wanted, job.random(name))


def miniature(job: Job, roots: Roots) -> Array:
    """Return how thick (N,) hairs are beside full-grown ones: where hair thins, follicles shrink before they fall silent and bear
    finer, shorter hairs (Whiting, Possible mechanisms of miniaturization, J. Am. Acad. Dermatol. 45:S81, 2001; the curve is our
    choice)."""
    return 1.0 - (1.0 - FINEST) * smoothstep(*THINNED, job.follicles.loss(roots.points))


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
    return (base * uneven * baby * (0.5 + 0.5 * miniature(job, roots)) * MM).astype(np.float32)


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


def loneliness(points: Array, detail: float) -> Array:
    """Return 0..1 (N, R): how far ribbon points (N, R, 3) have left the mass of hair, from how many ribbons pass nearby.

    A ribbon stands for tens of hairs because more lie around it; where it strays alone it is the few hairs that do.
    """
    span = np.linalg.norm(np.diff(points, axis=1), axis=2).max()
    steps = int(np.clip(np.ceil(span / MASS_CELL), 1, 6))
    share = (np.arange(steps) + 0.5)[None, None, :, None] / steps
    between = points[:, :-1, None] + share * np.diff(points, axis=1)[:, :, None]
    low = points.reshape(-1, 3).min(axis=0) - MASS_CELL
    shape = ((points.reshape(-1, 3).max(axis=0) - low) / MASS_CELL).astype(int) + 2

    def cell(at: Array) -> NDArray[np.int64]:
        index = ((at.reshape(-1, 3) - low) / MASS_CELL).astype(np.int64)
        return (index[:, 0] * shape[1] + index[:, 1]) * shape[2] + index[:, 2]

    count = np.bincount(cell(between), minlength=int(np.prod(shape))).astype(np.float32).reshape(shape)
    mass = uniform_filter(count, 3, mode="constant").reshape(-1)[cell(points)].reshape(points.shape[:2])
    return smoothstep(MASS[1] * detail, MASS[0] * detail, mass).astype(np.float32)


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
    blunt: Array | float = 1.0,
    vary: float = 0.09,
) -> Surface:
    """Return the ribbons of centre lines (N, S + 1, 3): width, colour by lock and strand, root to tip, occlusion.

    `blunt` (N,): strands thin out along their length to this power, 1 for hair that ends as it likes, more where it is cut;
    `vary`: spread of their log colour.
    """
    random = job.random(f"{name}.dress")
    count, rows = points.shape[:2]
    width = job.recipe.width * MM * job.widen * random.uniform(0.7, 1.3, count)
    if thin is not None:
        width = width * thin
    locks = int(lock.max()) + 1 if count else 1
    color = strand_rgb(job.base, 0.0, count, random, vary) * np.exp(random.normal(0.0, 0.08, (locks, 1)))[lock]
    ao = depth_ao(points, job.skull, job.field)
    if shade is not None:
        ao = ao * shade
    widths = taper(width, rows, tip=tip)
    power = np.broadcast_to(np.asarray(blunt, np.float32), (count,))[:, None]
    fade = (np.linspace(0.0, 1.0, rows)[None] ** power).astype(np.float32)
    if fine > 0 and count:
        alone = loneliness(points, min(job.detail, 1.0))
        height, _ = job.field.sample(points[:, 0])
        alone *= np.where(height < ROOTED[0], 0.0, 1.0)[:, None] + (height < ROOTED[0])[:, None] * smoothstep(
            *ROOTED[1:], lengths_along(points)
        )
        widths, fade = widths * (1.0 - 0.6 * alone), np.maximum(fade, LONE_FADE * alone)
    return strips(
        f"hair.{name}", points, outward, widths, np.repeat(color[:, None], rows, axis=1), ao, HAIR_REGION,
        material(fine, 1.4 if job.recipe.top > 60 else 1.2, *GLOSS[job.identity.hair.curl], job.sitting.hair.grey),
        random.normal(0.0, twist_spread, count), fade.astype(np.float32),
    )  # fmt: skip


def wander(job: Job, wavelength: float = 0.5) -> tuple[Waves, Waves, Waves]:
    """Return three smooth noises that bend combing directions, in skull units."""
    random = job.random("wander")
    return Waves.draw(random, wavelength), Waves.draw(random, wavelength), Waves.draw(random, wavelength)
