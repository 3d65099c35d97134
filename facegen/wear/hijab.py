"""The hijab: a hood stretched over skull, ears and jaw, open round the face, over a drape round neck and shoulders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen.geometry.angle import arctan2
from facegen.wear import shapes
from facegen.wear.bust import measure
from facegen.wear.fitting import RadialMap, drape, radial_map
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

_AROUND, _BACK = 60, 22
_CLOTH, EDGE = 0.0055, 0.0035


def hijab_shapes(model: HeadModel, posed: PosedHead, seed: int, under: NDArray[np.floating] | None = None) -> list[Shape]:
    """Return the hood and the drape, head frame; `under` (N, 3) are points of the garment beneath."""
    return [_hood(model, posed, seed), _drape(model, posed, seed, under)]


def _hood(model: HeadModel, posed: PosedHead, seed: int) -> Shape:
    """Rows go from the opening back over the head to its hindmost point; columns go round the face."""
    center, turned = _face_axis(model, posed)
    angle = np.arange(_AROUND) * 2 * np.pi / _AROUND
    opening = _opening(angle)
    share = np.linspace(0, 1, _BACK)[:, None]
    polar = opening + (np.radians(172.0) - opening) * share**0.9
    floor = (
        turned.at(np.broadcast_to(angle - np.pi, polar.shape), np.pi / 2 - polar)
        + EDGE
        + (_CLOTH - EDGE) * np.clip(share * 5, 0, 1)
    )
    floor[-1] = floor[-1].mean()
    sheet = floor + (drape(floor, 2.5, 14, wrap=True) - floor) * np.clip(share * 5, 0, 1)
    wave = shapes.folds(seed, "wear.hijab.hood", angle[None, :], 7 * share, 7, 4.0)
    sheet = sheet + 0.0045 * np.clip(share * 6, 0, 1) * np.clip((0.4 + wave), 0, 1.5)
    flat = np.sin(polar)
    unit = np.stack([-flat * np.sin(angle), flat * np.cos(angle), np.cos(polar)], -1)
    points = center + sheet[..., None] * unit
    return shapes.thicken(shapes.grid(points, wrap=True), _BACK, _AROUND + 1, 0.006)


def _face_axis(model: HeadModel, posed: PosedHead) -> tuple[NDArray[np.float64], RadialMap]:
    """Return the hood's centre and a radial map whose pole looks out of the face (azimuth counted from straight up, minus pi)."""
    points = np.asarray(posed.vertices, np.float64)
    masks = model.topology.masks
    chin = points[(masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
    low = chin[:, 1].min()
    head = points[(points[:, 1] > low - 0.035) & (masks["garment"] < 0.05)]
    top = head[:, 1].max()
    upper = head[head[:, 1] > 0.25 * top]
    center = np.array([0.0, (top + low) / 2, (upper[:, 2].min() + upper[:, 2].max()) / 2])
    offset = head - center
    # pole: +Z becomes the map's +Y; up becomes its -Z so that azimuth -pi is up
    swapped = np.stack([-offset[:, 0], offset[:, 2], -offset[:, 1]], -1)
    return center, radial_map(swapped, np.zeros(3), 60, 120)


def _opening(angle: Grid) -> Grid:
    """Polar angle of the opening from the face's axis: forehead, cheeks, under the chin (angle 0 is up)."""
    up, down = np.clip(np.cos(angle), 0, 1), np.clip(-np.cos(angle), 0, 1)
    return np.radians(44.0 - 2.0 * up**2 + 12.0 * down**3)


def _drape(model: HeadModel, posed: PosedHead, seed: int, under: NDArray[np.floating] | None) -> Shape:
    """Loose cloth from under the jaw round the neck and over the shoulders."""
    bust = measure(model, posed, under)
    skin, azimuth = bust.skin, bust.azimuth
    points = np.asarray(posed.vertices, np.float64)
    chin = points[(model.topology.masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
    front = np.clip(np.cos(azimuth), 0, 1)
    top_y = chin[:, 1].min() - 0.012 + 0.036 * (1 - front)
    rows = 18
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
    grid = skin.point(azimuth, elevation, sheet)
    return shapes.thicken(shapes.grid(grid, wrap=True), rows, len(azimuth) + 1, 0.006)
