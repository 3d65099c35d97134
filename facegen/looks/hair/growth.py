"""From a style and a person to per-strand instructions: combing, length, height off the head, hem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegen.looks.hair.flow import Growth, area_weights
from facegen.looks.hair.job import MM, Job, lengths
from facegen.looks.hair.scalp import Array, Roots, smoothstep
from facegen.looks.hair.styles import CURL_VOLUME

FRINGE_HEM = 0.024
"""A fringe ends this far above the eye centres (metres), on the mean head: just over the brows."""
FRINGE_SIDES = 0.030
"""Towards the temples it ends this much lower, where it runs into the hair of the sides."""
FRINGE_LOWEST = -0.012
"""No lock of it is cut lower than this, single hairs up to 8 mm more: nobody leaves hair in their eyes (metres from the mean)."""
FRINGE_LOCK_DEG = 5.5
"""Locks of a fringe are about this wide; each is cut, or has grown out, at a height of its own."""


def growth_of(job: Job, roots: Roots, random: np.random.Generator, segments: int) -> Growth:
    """Return the instructions of this style for strands at `roots`: combing, length, height off the head, fringe, front lift."""
    plan, style = job.recipe, job.sitting.hair
    count = len(roots.points)
    top, front, _ = area_weights(job.skull, roots.points)
    names = sorted({*plan.flow_top, *plan.flow_side})
    flows = {n: (plan.flow_side.get(n, 0.0) * (1 - top) + plan.flow_top.get(n, 0.0) * top).astype(np.float32) for n in names}
    q = job.skull.unit(roots.points)
    parting = parting_line(job, q)
    side = np.where(q[:, 0] + random.normal(0.0, 0.015, count) > parting, 1.0, -1.0).astype(np.float32)
    reach = np.where(np.abs(q[:, 0]) > 0.45, np.sign(q[:, 0]), side).astype(np.float32)
    azimuth, _ = job.skull.angles(roots.points)
    fringe = np.zeros(count, bool)
    hang = fringe_cut(job)
    much = hang.full
    if plan.fringe and much > 0.3:
        reach_deg = 50.0 + 20.0 * much
        # It begins further back the nearer to the middle, and its border is ragged: hair beside it falls in with the sides.
        side_share = np.abs(azimuth) / reach_deg + random.normal(0.0, 0.09, count)
        fringe = (side_share < 1.0) & (roots.edge > -2.0) & (roots.edge < (18.0 + 18.0 * much) * (1.15 - 0.5 * side_share))
        _comb_fringe(flows, fringe, np.abs(azimuth), hang.swept)
        side = np.where(fringe, np.sign(hang.swept), side).astype(np.float32)
    # Straight hair lies on hair: most of it near the outside. Curls fill the depth.
    rank = random.random(count) ** (0.35 if job.identity.hair.curl in ("straight", "wavy") else 0.7)
    volume = style.volume * CURL_VOLUME[job.identity.hair.curl] ** 0.35
    layer = (
        plan.layer
        * MM
        * volume
        * (0.15 + 0.85 * rank)
        * (0.60 + (0.75 if job.identity.hair.curl == "straight" else 0.5) * np.maximum(top, 0.3))
        * smoothstep(-4.0, 10.0, roots.edge)
    )
    lift = plan.lift * volume**0.5 * random.uniform(0.6, 1.3, count) * (0.45 + 0.55 * smoothstep(0.0, 12.0, roots.edge))
    stray = random.random(count) < plan.stray * (1.0 if job.identity.hair.curl == "straight" else 0.4)
    layer = np.where(stray, layer * 1.2 + 1.5 * MM, layer)
    lift = np.where(stray, lift * 1.3 + 0.1, lift)
    # Hair of the front rises and goes back before it falls: pulled down at once it would lie across the forehead.
    ahead = smoothstep(18.0, 6.0, roots.edge) * smoothstep(70.0, 50.0, np.abs(azimuth)) * ~fringe
    short = min(1.0, 90.0 / plan.top)
    gravity = plan.gravity * (1.0 - 0.7 * ahead * short)
    if plan.flow_top.get("part", 0.0) > 0.5:
        flows["back"] = (flows.get("back", 0.0) + (0.7 + 0.9 * smoothstep(9.0, 1.0, roots.edge)) * ahead).astype(np.float32)
    lift = lift + 0.35 * ahead * (plan.top > 60) * short
    rise = (0.4 * MM + plan.shell * MM * roots.density * smoothstep(1.0, 8.0, roots.edge)).astype(np.float32)
    return Growth(flows, lengths(job, roots, random), lift.astype(np.float32), layer.astype(np.float32), side, reach, rise,
                  fringe, plan.stiff, gravity.astype(np.float32), segments)  # fmt: skip


def parting_line(job: Job, q: Array) -> Array:
    """Return x (N,) of the parting abreast of points `q` (N, 3), all in skull units."""
    return 0.42 * job.sitting.hair.parting + 0.02 * np.sin(9.0 * q[:, 2])


@dataclass(frozen=True)
class FringeCut:
    """How one fringe was cut and is combed.

    full: 0..1, how much hair; swept: -1..1, to the side; high: over where fringes end on average, ragged: spread from lock to
    lock, slope: on its left and right (metres); locks (64,): standard normal.
    """

    full: float
    swept: float
    high: float
    ragged: float
    slope: float
    locks: Array

    def hem(self, azimuth: Array, random: np.random.Generator) -> Array:
        """Return how far above or below its mean height the fringe ends (N,), metres: by lock, aslant, uneven by strand."""
        lock = np.floor(azimuth / FRINGE_LOCK_DEG + random.normal(0.0, 0.18, len(azimuth))).astype(int) % len(self.locks)
        aslant = self.slope * np.clip(azimuth / 45.0, -1.0, 1.0)
        uneven = np.clip(random.normal(0.0, 0.004, len(azimuth)), -0.008, None)
        return np.maximum(self.high + self.ragged * self.locks[lock] + aslant, FRINGE_LOWEST) + uneven


def fringe_cut(job: Job) -> FringeCut:
    """Return the cut of this sitting's fringe: most are nearly straight down, some swept well aside, few cut with a ruler."""
    random = job.random("fringe.cut")
    swept = float(np.clip(random.normal(0.0, 0.45), -1.0, 1.0))
    ragged = float(random.uniform(0.0015, 0.0085))
    high = float(np.clip(random.normal(0.004, 0.006), -0.008, 0.018))
    full = max(job.sitting.hair.fringe, job.recipe.fringe_least)
    return FringeCut(full, swept, high, ragged, 0.012 * swept, random.normal(0.0, 1.0, 64).astype(np.float32))


def _comb_fringe(flows: dict[str, Array], fringe: np.ndarray, aside: Array, swept: float) -> None:
    """Comb the fringe forward over the forehead and to the side it is `swept` to (-1..1).

    The further `aside` (degrees), the more it goes straight down over the temple.
    """
    temple = smoothstep(28.0, 62.0, aside)
    for name in flows:
        flows[name] = np.where(fringe, flows[name] * 0.25, flows[name])
    own = {"forward": 1.0 - 0.85 * temple, "down": 0.35 + 0.8 * temple, "part": 0.9 * abs(swept) * (1.0 - temple)}
    for name, weight in own.items():
        flows[name] = np.where(fringe, weight, flows.get(name, np.zeros(len(aside), np.float32))).astype(np.float32)


def hem_of(job: Job, roots: Roots, growth: Growth, random: np.random.Generator) -> Array:
    """Return the height (N,) (head y, metres) at which each strand is cut; -1 for hair that is not."""
    plan = job.recipe
    count = len(growth.length)
    scale = job.skull.radii[1] / 0.086
    hem = np.full(count, -1.0)
    if plan.hem is not None:
        drop = plan.hem * MM * (0.55 + 0.45 * job.sitting.hair.length)
        hem = drop + np.abs(random.normal(0.0, 0.010 + 0.04 * abs(drop), count)) * 1.0
    azimuth, _ = job.skull.angles(roots.points)
    fringe = FRINGE_HEM - FRINGE_SIDES * smoothstep(30.0, 68.0, np.abs(azimuth))
    fringe = fringe * scale + fringe_cut(job).hem(azimuth, random)
    return np.where(growth.fringe, fringe, hem).astype(np.float32)
