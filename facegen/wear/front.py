"""Everything held or hanging before the face in one shot, and the darkness where it comes close to the skin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegen.sample import Wear
from facegen.scene import REGIONS, Surface
from facegen.wear import objects
from facegen.wear.hands.contact import relief
from facegen.wear.hands.held import held
from facegen.wear.hands.skin import Flesh
from facegen.wear.veil import veil_surfaces

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Array = NDArray[np.float64]
REACH_M = 0.045
"""Farther apart than this, two surfaces hide no surroundings from each other."""
DARKEST, HALF_M = 0.72, 0.011
"""Share of the surroundings hidden at contact, and the distance (m) over which it falls by 1/e; our choice, by eye."""
WORN = tuple(REGIONS[name] for name in ("glasses", "headwear", "facewear"))


@dataclass(frozen=True)
class InFront:
    """`surfaces` in the head frame, in drawing order; `touching` (N, 3): points of hands and things near the face."""

    surfaces: tuple[Surface, ...]
    touching: Array


def front_surfaces(
    model: HeadModel, posed: PosedHead, wear: Wear, flesh: Flesh, worn: tuple[Surface, ...], hair: tuple[Surface, ...]
) -> InFront:
    """Return what `wear.front` declares, kept off the skin and off what is `worn`; a lock is cut from the person's `hair`."""
    if not wear.front:
        return InFront((), np.zeros((0, 3)))
    obstacles = _obstacles(model, posed, worn)
    made: list[Surface] = []
    touching = [np.zeros((0, 3))]
    for front in wear.front:
        if front.kind == "hair_veil":
            made += veil_surfaces(posed, front, hair, obstacles)
        elif front.kind == "paper":
            sheet = _paper(posed, front, obstacles)
            made += sheet
            touching += [s.positions.astype(np.float64) for s in sheet]
        else:
            one = held(model, posed, front, flesh, wear.garment, obstacles)
            made += one.surfaces
            touching.append(one.touching)
    return InFront(tuple(made), np.concatenate(touching))


def shaded(surface: Surface, near: Array) -> Surface:
    """Return `surface` (head frame) with less of its surroundings where points `near` (N, 3) come close to it."""
    if not len(near):
        return surface
    low, high = near.min(0) - REACH_M, near.max(0) + REACH_M
    p = surface.positions
    rows = np.flatnonzero(((p > low) & (p < high)).all(1))
    if not len(rows):
        return surface
    gap = cKDTree(near).query(p[rows], distance_upper_bound=REACH_M)[0]
    ao = np.ones(len(p), np.float32) if surface.ao is None else surface.ao.astype(np.float32).copy()
    ao[rows] *= (1 - DARKEST * np.exp(-gap / HALF_M)).astype(np.float32)
    return replace(surface, ao=ao)


def _obstacles(model: HeadModel, posed: PosedHead, worn: tuple[Surface, ...]) -> Array:
    """Points of skin, with the middles of its triangles, and of what is worn on the head."""
    part = model.topology.parts["skin"]
    skin = posed.vertices[part.index].astype(np.float64)
    middles = skin[part.faces].mean(1)
    every = [skin, middles, *(s.positions.astype(np.float64) for s in worn if s.region[0] in WORN)]
    points = np.concatenate(every)
    return points[points[:, 1] > -0.22]


def _paper(posed: PosedHead, front: objects.Front, obstacles: Array) -> list[Surface]:
    """A sheet whose upper edge stands at nose or mouth, clear of the face."""
    tip = posed.vertices[np.argmax(np.where(np.abs(posed.vertices[:, 0]) < 0.01, posed.vertices[:, 2], -1))].astype(np.float64)
    high = tip[1] + (front.seed % 1000) / 1000 * 0.045 - 0.020
    shift = ((front.seed // 1000) % 1000 / 1000 - 0.5) * 0.03
    sheet = objects.paper(front, np.array([shift, high, tip[2] + 0.02]), 0.21)
    face = relief(obstacles, np.array([0.0, 0.0, 1.0]))
    gap = min(float(face.above(s.positions.astype(np.float64)).min()) for s in sheet)
    move = np.array([0.0, 0.0, max(0.0, 0.012 - gap)], np.float32)
    return [replace(s, positions=s.positions + move, removable=True) for s in sheet]
