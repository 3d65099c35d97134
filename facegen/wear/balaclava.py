"""The balaclava: a tight knit over head, face and neck, open at the eyes, at eyes and mouth, or round the whole face."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen import rng
from facegen.geometry.angle import arctan2
from facegen.wear import shapes
from facegen.wear.around import FaceAxis, toward
from facegen.wear.bust import measure
from facegen.wear.fitting import drape
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

_AROUND, _BACK, _CELLS = 64, 42, 90
_KNIT = 0.0026
"""The knit lies this far off the skin, m: hair pressed under it too."""
_HAIR = 0.0055
OPEN, MOUTH = 0.3, 0.4
"""So many are open round the whole face; of the others, so many have a hole for the mouth; our choice."""


def balaclava_shapes(model: HeadModel, posed: PosedHead, seed: int, mask: NDArray[np.floating] | None = None) -> dict[str, Shape]:
    """Return balaclava, balaclava_hems and balaclava_neck, head frame; `mask` (N, 3) are points worn beneath it."""
    u = rng.expand(seed, "wear.balaclava.style").random(5)
    head = FaceAxis.of(model, posed, _CELLS, mask)
    angle = np.arange(_AROUND) * 2 * np.pi / _AROUND
    edge = _opening(head, posed, angle, u)
    share = np.linspace(0, 1, _BACK)[:, None]
    polar = edge + (np.radians(172.0) - edge) * share**1.15
    behind = np.clip((polar - 1.0) / 0.5, 0, 1) * np.clip(0.4 + np.cos(angle), 0, 1)
    floor = head.at(angle, polar) + _KNIT + (_HAIR - _KNIT) * behind
    floor[-1] = floor[-1].mean()
    close, taut = drape(floor, 1.3, 5, wrap=True), drape(floor, 2.6, 6, wrap=True)
    ears = np.abs(np.sin(angle)) ** 8 * np.clip((polar - 0.9) / 0.4, 0, 1)
    sheet = close + (taut - close) * ears  # it spans the hollows about them
    points = head.center + sheet[..., None] * toward(angle, polar)
    knit = shapes.thicken(shapes.grid(points, wrap=True), _BACK, _AROUND + 1, 0.003)
    hems = [_hem(points[0])]
    if u[0] >= OPEN and u[1] < MOUTH:
        hole = _mouth(model, posed)
        knit = _holed(knit, hole)
        around = np.arange(36) * 2 * np.pi / 36
        ring = hole[0] + shapes.superellipse(around, *hole[1], 2.3)
        hems.append(_hem(head.ahead(ring[:, 0], ring[:, 1], _KNIT + 0.0005)))
    return {"balaclava": knit, "balaclava_hems": shapes.merge(hems), "balaclava_neck": _neck(model, posed, points.reshape(-1, 3))}


def _opening(head: FaceAxis, posed: PosedHead, angle: Grid, u: Grid) -> Grid:
    """Polar angle of the opening: a band about both eyes, or the face from the brows to the chin."""
    up, side = np.cos(angle), np.abs(np.sin(angle))
    if u[0] < OPEN:
        return np.radians(35.0 + 3.0 * u[1] - 5.0 * np.clip(up, 0, 1) ** 2 + 4.0 * u[2] * np.clip(-up, 0, 1) ** 3)
    eyes = float(np.asarray(posed.eye_centers)[:, 1].mean() - head.center[1]) / 0.098  # radians above the axis
    wide = np.radians(29.0 + 4.0 * u[2])
    tall = np.radians(10.0 + 3.0 * u[3]) + np.where(up > 0, eyes, -eyes) + np.where(up > 0, 0.03, 0.0)
    return np.asarray((np.abs(side / wide) ** 2.6 + np.abs(up / np.maximum(tall, 0.10)) ** 2.6) ** (-1 / 2.6))


def _hem(path: Grid) -> Shape:
    """A knitted edge along a closed path (N, 3)."""
    return shapes.tube(path, shapes.rounded(0.0050, 0.0036, 8, 2.4), np.array([0.0, 0.0, 1.0]), closed=True)


def _mouth(model: HeadModel, posed: PosedHead) -> tuple[Grid, tuple[float, float]]:
    """Return the middle (x, y) and half axes (m) of the hole for the mouth."""
    lips = np.asarray(posed.vertices, np.float64)[model.topology.masks["lips"] > 0.5]
    low, high = lips.min(0), lips.max(0)
    half = 0.5 * (high - low)[:2]
    return 0.5 * (low + high)[:2], (float(max(0.85 * half[0], 0.018)), float(half[1] + 0.004))


def _holed(shape: Shape, hole: tuple[Grid, tuple[float, float]]) -> Shape:
    """Leave out the faces within the hole; corners just inside are drawn out to its edge, beneath the hem."""
    middle, axes = hole
    flat = (shape.positions[:, :2] - middle) / axes
    reach = np.linalg.norm(flat, axis=1)
    ahead = shape.positions[:, 2] > 0
    inside = ahead & (reach < 1)
    kept = shape.faces[~inside[shape.faces].all(1)]
    border = np.intersect1d(np.flatnonzero(inside), kept)
    positions = shape.positions.copy()
    positions[border, :2] = middle + flat[border] / np.maximum(reach[border], 0.2)[:, None] * axes
    return replace(shape, positions=positions, faces=kept)


def _neck(model: HeadModel, posed: PosedHead, head: Grid) -> Shape:
    """From under the jaw of the knit `head` (N, 3) down the neck, tight, and in beneath the garment."""
    points = np.asarray(posed.vertices, np.float64)
    chin = points[(model.topology.masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
    low = chin[:, 1].min() + 0.006

    def top(azimuth: Grid) -> Grid:
        return np.asarray(low + 0.040 * (1 - np.clip(np.cos(azimuth), 0, 1)) + 0.030 * np.clip(-np.cos(azimuth), 0, 1))

    middle = measure(model, posed).skin.center
    round_ = arctan2(head[:, 0] - middle[0], head[:, 2] - middle[2])
    bust = measure(model, posed, head[head[:, 1] < top(round_) + 0.012])
    skin, azimuth = bust.skin, bust.azimuth
    front = np.clip(np.cos(azimuth), 0, 1)
    height = top(azimuth) - skin.center[1]
    rho = np.maximum(bust.neck, 0.05)
    share = np.linspace(0, 1, 22)[:, None]
    first = arctan2(height, rho)
    elevation = first + (0.10 - 0.34 * front - first) * share
    lift = np.clip(share * 21, 0, 1) * 0.0060 - 0.004 - 0.0010 * np.clip(share * 6 - 5, 0, 1)
    floor = skin.at(np.broadcast_to(azimuth, elevation.shape), elevation)
    sheet = ndimage.gaussian_filter1d(drape(floor, 1.2, 4, wrap=True), 1.2, axis=1, mode="wrap") + lift
    return shapes.grid(skin.point(azimuth, elevation, sheet), wrap=True)
