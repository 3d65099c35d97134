"""The veil of a niqab: cloth tied round the head over nose and mouth, the eyes free, hanging to the chest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen import rng
from facegen.wear import shapes
from facegen.wear.around import Pillar
from facegen.wear.fitting import drape
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

_ROWS, _COLS = 46, 53
_REACH = np.radians(92.0)


def veil(model: HeadModel, posed: PosedHead, seed: int, under: NDArray[np.floating]) -> Shape:
    """Return the veil and its ties, head frame, over the points `under` (N, 3) of headscarf, garment and mask.

    How high on the nose it is tied, how far it hangs and its folds are expanded from the seed.
    """
    u = rng.expand(seed, "wear.niqab.veil").random(4)
    points = np.asarray(posed.vertices, np.float64)
    near = np.asarray(under, np.float64)
    head = Pillar.of(np.concatenate([points[model.topology.masks["garment"] < 0.05], near]))
    across = np.linspace(-1, 1, _COLS)
    azimuth = across * _REACH
    side = np.clip((np.abs(azimuth) - 0.62) / 0.9, 0, 1)
    eyes = float(np.asarray(posed.eye_centers)[:, 1].mean())
    nose = points[(model.topology.masks["nose"] > 0.3) & (np.abs(points[:, 0]) < 0.008)]
    tip = nose[np.argmax(nose[:, 2])]
    bridge = 0.55 + 0.25 * u[0]
    middle = eyes + (tip[1] - eyes) * (1 - bridge) * np.exp(-((azimuth / 0.22) ** 2))  # higher on the nose than on the cheeks
    high = middle - (0.017 + 0.004 * u[1]) * (1 - np.exp(-((azimuth / 0.22) ** 2))) + 0.022 * side
    low = eyes - (0.185 + 0.05 * u[2]) + 0.070 * np.abs(across) ** 2.0
    share = np.linspace(0, 1, _ROWS)[:, None]
    y = high + (low - high) * share**1.1
    azimuth = azimuth * (1 - 0.42 * np.clip(share * 1.4 - 0.25, 0, 1))  # a cloth as wide below as above
    floor = ndimage.maximum_filter(head.at(azimuth, y) + 0.0030, (1, 3))
    free = np.clip(share * 9, 0, 1)
    sheet = floor + (drape(floor, 2.0, 10) - floor) * free
    hung = ndimage.gaussian_filter1d(np.maximum.accumulate(sheet, axis=0), 1.5, axis=0, mode="nearest")
    hang = np.maximum(sheet, hung) - sheet
    wave = shapes.folds(seed, "wear.niqab.folds", np.pi * across[None], 2 * share, 6, 4.0)
    turn = 2.2 * across * (1 + 0.25 * share) + 0.5 * wave + 0.6 * u[3]
    ridge = (1 - np.abs((turn % 1.0) * 2 - 1)) ** 1.3  # folds that fall from the nose and widen downwards
    deep = (0.0006 + 0.010 * share**1.4) * free
    out = sheet + hang + deep * ridge + 0.0015 * free
    grid = head.center + np.stack([np.sin(azimuth) * out, y - head.center[1], np.cos(azimuth) * out], -1)
    shade = 1 - 0.35 * (1 - ridge) * np.clip(share * 2.5, 0, 1)
    cloth = shapes.thicken(shapes.grid(grid, shade=shade), _ROWS, _COLS, 0.003)
    return shapes.merge([cloth, _ties(head, grid)])


def _ties(head: Pillar, grid: Grid) -> Shape:
    """The band that goes from the veil's upper corners round the back of the head, over the scarf."""
    azimuth = np.linspace(_REACH * 0.94, 2 * np.pi - _REACH * 0.94, 31)[None]
    across = np.linspace(1, -1, 5)[:, None]
    left, right = grid[1, -2, 1], grid[1, 1, 1]
    middle = left + (right - left) * np.linspace(0, 1, 31) + 0.020 * np.sin(np.pi * np.linspace(0, 1, 31))
    y = middle - 0.010 + 0.011 * across + 0 * azimuth
    out = drape(head.at(np.broadcast_to(azimuth, y.shape), y) + 0.0035, 1.0, 2) - 0.003 * (np.abs(across) > 0.9)
    points = head.center + np.stack([np.sin(azimuth) * out, y - head.center[1], np.cos(azimuth) * out], -1)
    return shapes.grid(points, shade=np.array([0.6, 1, 1, 1, 0.6])[:, None] * np.ones(31))
