"""Neck, shoulders and chest as garments see them: the outermost skin by direction from the root of the neck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.geometry.angle import arctan2
from facegen.wear.fitting import RadialMap, radial_map

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

COLS = 72
"""Columns of a garment round the body."""


@dataclass(frozen=True)
class Bust:
    """`skin`: radial map of neck and shoulders from the root of the neck; `lowest` (cols,): elevation where the bust ends;
    neck (cols,): horizontal radius of the neck where it is narrowest; both by azimuth."""

    skin: RadialMap
    azimuth: Grid
    lowest: Grid
    neck: Grid


def measure(model: HeadModel, posed: PosedHead, under: NDArray[np.floating] | None = None) -> Bust:
    """Measure the bust of `posed`; `under` (N, 3) are points of something worn that counts as its surface."""
    points = np.asarray(posed.vertices, np.float64)
    garment, neck = model.topology.masks["garment"], model.topology.masks["neck"]
    ring = points[(garment > 0.25) & (garment < 0.75) & (np.abs(points[:, 0]) < 0.075)]
    root = np.array([0.0, np.median(ring[:, 1]) - 0.004, (ring[:, 2].min() + ring[:, 2].max()) / 2])
    taken = points[((garment > 0.02) | (neck > 0.5)) & (points[:, 1] < root[1] + 0.085)]
    outer = taken if under is None else np.concatenate([taken, under[under[:, 1] > root[1] - 0.35]])
    skin = radial_map(outer, root, 48, 72)
    azimuth = -np.pi + (np.arange(COLS) + 0.5) * 2 * np.pi / COLS
    offset = taken - root
    col = ((arctan2(offset[:, 0], offset[:, 2]) / (2 * np.pi) + 0.5) * 36).astype(int) % 36
    low = np.full(36, np.pi / 2)
    np.minimum.at(low, col, arctan2(offset[:, 1], np.hypot(offset[:, 0], offset[:, 2])))
    low = np.clip(np.maximum.reduce([np.roll(low, k) for k in (-1, 0, 1)]), -1.2, -0.05)
    centers = -np.pi + (np.arange(36) + 0.5) * 2 * np.pi / 36
    lowest = np.interp(azimuth, centers, low, period=2 * np.pi) + 0.10
    scan = np.linspace(0.35, 0.95, 13)[:, None]
    level = skin.at(np.broadcast_to(azimuth, (len(scan), COLS)), np.broadcast_to(scan, (len(scan), COLS))) * np.cos(scan)
    narrow = level.min(0)
    narrow = np.minimum(narrow, 1.12 * np.median(narrow[np.abs(azimuth) > 1.0]))  # in front the jaw may overhang all of it
    return Bust(skin, azimuth, lowest, ndimage.gaussian_filter1d(narrow, 2.0, mode="wrap"))


def outside(bust: Bust, points: Grid, gap: float) -> Grid:
    """Move points (N, 3) radially out of the bust where they are nearer than `gap`."""
    offset = points - bust.skin.center
    radius = np.linalg.norm(offset, axis=-1)
    azimuth = arctan2(offset[..., 0], offset[..., 2])
    elevation = np.arcsin(np.clip(offset[..., 1] / np.maximum(radius, 1e-9), -1, 1))
    least = bust.skin.at(azimuth, elevation) + gap
    return bust.skin.center + offset * (np.maximum(radius, least) / np.maximum(radius, 1e-9))[..., None]
