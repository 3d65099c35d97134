"""A lock of the person's own hair that falls over the forehead and across one eye."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.looks.hair.ribbons import strips, taper
from facegen.sample import Front, SampleSpec
from facegen.scene import REGIONS, Surface
from facegen.wear.hands.contact import relief

if TYPE_CHECKING:
    from facegen.head.model import PosedHead

Array = NDArray[np.float64]
SHORT = ("bald", "horseshoe", "buzz", "cornrows", "crew", "taper_fade", "afro_short", "locs_short", "bun", "low_bun", "ponytail")
"""Hair too short, or put up, to fall across an eye."""
RIBBONS, ROWS = 70, 16


def can_veil(sample: SampleSpec) -> bool:
    """Return whether the person has hair that may fall across an eye, and no headwear that holds it."""
    return sample.sitting.hair.style not in SHORT and sample.shot.wear.headwear is None


def veil_surfaces(posed: PosedHead, front: Front, hair: tuple[Surface, ...], obstacles: Array) -> tuple[Surface, ...]:
    """Return the lock before skin and worn things `obstacles` (N, 3), coloured as the person's `hair`; nothing for the bald."""
    own = next((s for s in hair if s.material.params.get("strand", 0.0) and s.color is not None), None)
    if own is None or own.color is None:
        return ()
    random = rng.expand(front.seed, "front.veil")
    side = 1.0 if front.side == "left" else -1.0
    eye = posed.eye_centers[1 if side > 0 else 0].astype(np.float64)
    top = float(np.max(posed.vertices[:, 1]))
    part, end = side * random.uniform(-0.012, 0.020), random.uniform(-0.095, -0.035)
    across = random.uniform(-1, 1, RIBBONS) * 0.62 + random.normal(0, 0.25, RIBBONS)
    t = np.linspace(0, 1, ROWS)
    start_x = part + 0.026 * across + random.normal(0, 0.004, RIBBONS)
    end_x = eye[0] + side * random.uniform(0.0, 0.018) + 0.010 * across + random.normal(0, 0.006, RIBBONS)
    start_y = 0.985 * top - 0.006 * np.abs(across) + 0.003 * random.normal(size=RIBBONS)  # inside the hair
    end_y = end + 0.024 * random.normal(size=RIBBONS) - 0.010 * across * side
    y = start_y[:, None] + (end_y - start_y)[:, None] * t
    sweep = side * random.uniform(0.006, 0.018)
    x = (
        start_x[:, None]
        + (end_x - start_x)[:, None] * t**1.4
        + sweep * np.sin(np.pi * t) * (0.7 + 0.5 * random.random((RIBBONS, 1)))
    )
    x = x + 0.002 * np.sin(9 * t[None] + random.uniform(0, 6.28, RIBBONS)[:, None])
    face = relief(obstacles, np.array([0.0, 0.0, 1.0]))
    flat = np.stack([x, y, 0 * x], -1).reshape(-1, 3)
    floor = (-face.above(flat)).reshape(x.shape)
    lift = (
        0.004
        + 0.006 * random.random(RIBBONS)[:, None]
        + 0.010 * np.sin(np.pi * t) * (0.6 + 0.4 * random.random(RIBBONS)[:, None])
    )
    z = np.maximum.accumulate(np.where(floor < -0.5, 0.0, floor)[:, ::-1], axis=1)[
        :, ::-1
    ]  # falls straight from what stands out most
    z = np.minimum(np.where(floor < -0.5, 0.0, floor) + 0.016, z) + lift
    z[:, 1:-1] = (z[:, :-2] + 2 * z[:, 1:-1] + z[:, 2:]) / 4
    points = np.stack([x, y, z], -1).astype(np.float32)
    outward = np.broadcast_to(np.array([0.0, 0.15, 1.0], np.float32), points.shape)
    width = taper(np.full(RIBBONS, 0.0028) * (0.6 + 0.8 * random.random(RIBBONS)), ROWS, tip=0.12).astype(np.float32)
    tone = own.color[random.integers(0, len(own.color), RIBBONS)].astype(np.float32)
    color = np.repeat(tone[:, None], ROWS, 1)
    ao = np.broadcast_to((0.75 + 0.25 * t).astype(np.float32), (RIBBONS, ROWS))
    twist = random.normal(0, 0.25, RIBBONS).astype(np.float32)
    made = strips("hair_veil", points, outward, width, color, ao, REGIONS["hair"], own.material, twist)
    return (replace(made, removable=True),)
