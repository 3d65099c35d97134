"""What goes round the head: a map about the axis that looks out of the face, and cloth that hangs from under the jaw.

Polar frame: `angle` round the face's axis (0 up, growing to the person's right), `polar` from that axis (0 ahead, pi behind).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen.geometry.angle import arctan2
from facegen.wear import shapes
from facegen.wear.bust import measure
from facegen.wear.fitting import HeightMap, RadialMap, drape, height_map, radial_map
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

_METRES = 0.09
"""Of arc a radian: the cells of a pillar's map are about square on a head."""


def toward(angle: Grid, polar: Grid) -> Grid:
    """Return unit vectors (..., 3)."""
    flat = np.sin(polar)
    return np.stack([-flat * np.sin(angle), flat * np.cos(angle), np.cos(polar)], -1)


@dataclass(frozen=True)
class FaceAxis:
    """`center` (3,) in the middle of the head; `skin`: its outermost skin, ears too, mapped from a pole before the face."""

    center: Grid
    skin: RadialMap

    @classmethod
    def of(cls, model: HeadModel, posed: PosedHead, rows: int = 60, more: NDArray[np.floating] | None = None) -> FaceAxis:
        """Measure `posed`; `rows` cells from pole to pole; `more` (N, 3) are points worn that count as its surface."""
        points = np.asarray(posed.vertices, np.float64)
        masks = model.topology.masks
        chin = points[(masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
        low = chin[:, 1].min()
        head = points[(points[:, 1] > low - 0.035) & (masks["garment"] < 0.05)]
        top = head[:, 1].max()
        upper = head[head[:, 1] > 0.25 * top]
        center = np.array([0.0, (top + low) / 2, (upper[:, 2].min() + upper[:, 2].max()) / 2])
        offset = (head if more is None else np.concatenate([head, more])) - center
        # pole: +Z becomes the map's +Y; up becomes its -Z so that azimuth -pi is up
        swapped = np.stack([-offset[:, 0], offset[:, 2], -offset[:, 1]], -1)
        return cls(center, radial_map(swapped, np.zeros(3), rows, 2 * rows))

    def at(self, angle: Grid, polar: Grid) -> Grid:
        """Return the radius (...) of the skin, m."""
        return self.skin.at(np.broadcast_to(angle, np.shape(polar)) - np.pi, np.pi / 2 - np.asarray(polar))

    def toward_points(self, way: Grid) -> Grid:
        """Return the radius (...) of the skin in the directions of `way` (..., 3), unit."""
        polar, angle = np.arccos(np.clip(way[..., 2], -1, 1)), np.arctan2(-way[..., 0], way[..., 1])
        return self.skin.at(angle - np.pi, np.pi / 2 - polar)

    def level(self, azimuth: Grid, y: Grid, lift: float) -> Grid:
        """Return the horizontal radius (...) round the vertical through the centre of the skin plus `lift` (m), at heights y."""
        high = y - self.center[1]
        way = np.stack([np.sin(azimuth) * 0.09, high, np.cos(azimuth) * 0.09], -1)
        for _ in range(5):  # the point at this height in this direction round the head
            radius = self.toward_points(way / np.linalg.norm(way, axis=-1, keepdims=True)) + lift
            flat = np.sqrt(np.maximum(radius**2 - high**2, 0.05**2))
            way = np.stack([np.sin(azimuth) * flat, high, np.cos(azimuth) * flat], -1)
        return np.asarray(np.linalg.norm(way[..., [0, 2]], axis=-1))

    def ahead(self, x: Grid, y: Grid, lift: float) -> Grid:
        """Return points (..., 3) before the face at x, y (head frame), `lift` (m) off the skin."""
        flat = np.stack([x, y - self.center[1]], -1)
        z = np.full(np.shape(x), 0.09)
        for _ in range(6):
            way = np.concatenate([flat, z[..., None]], -1)
            radius = self.toward_points(way / np.linalg.norm(way, axis=-1, keepdims=True)) + lift
            z = 0.5 * (z + np.sqrt(np.maximum(radius**2 - np.sum(flat**2, -1), 0.02**2)))
        return self.center + np.concatenate([flat, z[..., None]], -1)


@dataclass(frozen=True)
class Pillar:
    """Outermost horizontal distance from the vertical through `center` (3,), by azimuth and height: what hangs straight down."""

    center: Grid
    skin: HeightMap

    @classmethod
    def of(cls, points: NDArray[np.floating]) -> Pillar:
        """Measure points (N, 3) of head and things worn."""
        center = np.array([0.0, 0.0, -0.075])
        offset = np.asarray(points, np.float64) - center
        azimuth = arctan2(offset[:, 0], offset[:, 2])
        flat = np.stack([azimuth * _METRES, offset[:, 1], np.hypot(offset[:, 0], offset[:, 2])], -1)
        twice = np.concatenate([flat, flat - [2 * np.pi * _METRES, 0, 0], flat + [2 * np.pi * _METRES, 0, 0]])
        return cls(center, height_map(twice, (-0.42, -0.32), (0.42, 0.06), 0.005, (0, 1, 2)))

    def at(self, azimuth: Grid, y: Grid) -> Grid:
        """Return the radius (...), m."""
        turned = (np.asarray(azimuth) + np.pi) % (2 * np.pi) - np.pi
        return self.skin.at(turned * _METRES, np.asarray(y) - self.center[1])


def hanging(
    model: HeadModel, posed: PosedHead, seed: int, under: NDArray[np.floating] | None, folds: float, side: float
) -> Shape:
    """Loose cloth from under the jaw round the neck and over the shoulders, in folds (m) laid towards one side (-1, 1)."""
    bust = measure(model, posed, under)
    skin, azimuth = bust.skin, bust.azimuth
    points = np.asarray(posed.vertices, np.float64)
    chin = points[(model.topology.masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
    front = np.clip(np.cos(azimuth), 0, 1)
    top_y = chin[:, 1].min() - 0.012 + 0.036 * (1 - front)
    rows = 30
    share = np.linspace(0, 1, rows)[:, None]
    height = top_y - skin.center[1]
    throat = chin[:, 2].max() - skin.center[2] - 0.026
    rho = 0.066 + (throat - 0.066) * front**2
    first = arctan2(height, rho)
    end = -0.22 - 0.62 * front**2 - 0.3 * np.clip(-np.cos(azimuth), 0, 1)
    elevation = first + (end - first) * share**0.8
    floor = skin.at(np.broadcast_to(azimuth, elevation.shape), elevation) + (0.014 if under is None else 0.005) * np.clip(
        share * 6, 0.3, 1
    )
    floor[0] = np.maximum(np.hypot(height, rho), floor[0])
    sheet = drape(floor, 2.2, 14, wrap=True)
    wave = shapes.folds(seed, "wear.hijab.drape", azimuth[None, :], 9 * share, 8, 4.0)
    sheet = floor + (sheet - floor) * np.clip(share * 8, 0, 1) + 0.007 * np.clip(share * 4, 0, 1) * (0.5 + wave).clip(0)
    turn = 2.6 * share + 0.55 * side * azimuth / np.pi * np.cos(azimuth / 2) + 0.25 * wave  # laid towards one shoulder
    ridge = (1 - np.abs((turn % 1.0) * 2 - 1)) ** 1.5 * np.clip(share * 5, 0, 1)
    deep = 0.5 * folds + 0.004
    grid = skin.point(azimuth, elevation, sheet + deep * ridge)
    shade = 1 - 0.35 * (1 - ridge) * np.clip(share * 5, 0, 1)
    return shapes.thicken(shapes.grid(grid, wrap=True, shade=shade), rows, len(azimuth) + 1, 0.006)
