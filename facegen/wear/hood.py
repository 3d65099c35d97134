"""The hood of a hoodie or coat, drawn up: two panels that stand off head and face, with a rim, a lining and a shadow within."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.wear import shapes
from facegen.wear.around import FaceAxis, toward
from facegen.wear.bust import measure
from facegen.wear.fitting import drape
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

_AROUND, _BACK, _LINING = 64, 34, 9
_THICK = 0.0035
"""Two layers of sweatshirt cloth and their hem, m."""
_LEAST = 0.0055


def hood_shapes(model: HeadModel, posed: PosedHead, seed: int) -> dict[str, Shape]:
    """Return hood and hood_neck (down to where it is sewn in beneath the neckline), head frame.

    How far it is drawn over the forehead, how wide it stands and how it is creased is expanded from the seed.
    """
    u = rng.expand(seed, "wear.hood.style").random(5)
    return {"hood": _hood(FaceAxis.of(model, posed), u, seed), "hood_neck": _neck(model, posed, u, seed)}


def _hood(head: FaceAxis, u: Grid, seed: int) -> Shape:
    """Rows go from deep within along the lining to the rim, round it, and back over the head; columns go round the face."""
    angle = np.arange(_AROUND) * 2 * np.pi / _AROUND
    up, side, down = np.clip(np.cos(angle), 0, 1), np.abs(np.sin(angle)), np.clip(-np.cos(angle), 0, 1)
    flat, z = _rim(angle, u)
    edge, reach = np.arctan2(flat, z - head.center[2]), np.hypot(flat, z - head.center[2])
    share = np.linspace(0, 1, _BACK)[:, None]
    polar = edge + (np.radians(172.0) - edge) * share**0.95
    floor = head.at(angle, polar) + _LEAST
    floor[-1] = floor[-1].mean()
    sheet = drape(floor, 2.5, 14, wrap=True)
    behind = (0.009 + 0.006 * u[3]) + 0.018 * u[3] * up**2 * np.exp(-(((polar - 2.1) / 0.5) ** 2)) + 0.012 * down * side
    stand = np.maximum(reach - sheet[0], 0.002) * (1 - share) ** 2.2 + behind * (1 - (1 - share) ** 2.2)
    wave = shapes.folds(seed, "wear.hood.folds", angle[None], 6 * share, 7, 4.0)
    ridge = (1 - np.abs(((2.6 * share + 0.30 * wave + 0.25 * side) % 1.0) * 2 - 1)) ** 1.4
    slack = np.clip(share * 6, 0, 1) * np.clip((1 - share) * 5, 0, 1) * (0.25 + 0.75 * side)
    center_seam = 0.0022 * np.exp(-((np.sin(angle) / 0.055) ** 2)) * (np.cos(angle) > 0)
    channel = 0.0014 * np.exp(-(((share - 0.14) / 0.02) ** 2))
    outer = sheet + stand + slack * (0.003 * wave + 0.007 * ridge) - center_seam - channel
    within = np.linspace(0.62, 0.0, _LINING)[:, None]  # radians behind the rim
    deep = edge + within
    lining = np.maximum(
        np.stack([np.interp(deep[:, k], polar[:, k], outer[:, k]) for k in range(_AROUND)], 1) - _THICK,
        head.at(angle, deep) + 0.002,
    )
    lip = edge - 0.014
    middle = 0.5 * (lining[-1] + outer[0])
    points = np.concatenate([
        head.center + lining[..., None] * toward(angle, deep),
        head.center + (middle[:, None] * toward(angle, lip))[None],
        head.center + outer[..., None] * toward(angle, polar),
    ])  # fmt: skip
    tone = 1 - 0.30 * slack * (1 - ridge) - 0.25 * np.exp(-(((share - 0.14) / 0.025) ** 2)) * np.ones(_AROUND)
    tone *= 1 - 0.4 * np.exp(-((np.sin(angle) / 0.05) ** 2)) * (np.cos(angle) > 0)
    dark = np.linspace(0.10, 0.62, _LINING)[:, None] ** 1.2 * np.ones(_AROUND)
    shade = np.concatenate([dark, np.full((1, _AROUND), 0.95), tone])
    return shapes.grid(points, wrap=True, shade=np.clip(shade, 0.05, 1))


def _rim(angle: Grid, u: Grid) -> tuple[Grid, Grid]:
    """Return the hood's rim before the face: distance (m) from the face's axis and depth z, an oval pointed at the throat."""
    wide, up, low = 0.090 + 0.008 * u[2], 0.100 + 0.010 * u[3], 0.158 + 0.012 * u[1]
    tall, power = np.where(np.cos(angle) > 0, up, low), np.where(np.cos(angle) > 0, 2.2, 1.75)
    flat = (np.abs(np.sin(angle) / wide) ** power + np.abs(np.cos(angle) / tall) ** power) ** (-1 / power)
    ahead, below = np.clip(np.cos(angle), 0, 1), np.clip(-np.cos(angle), 0, 1)
    return flat, -0.018 + (0.024 + 0.022 * u[0]) * ahead**1.5 - 0.010 * below


def _neck(model: HeadModel, posed: PosedHead, u: Grid, seed: int) -> Shape:
    """From within the hood's foot straight down into the garment, where its seam lies."""
    bust = measure(model, posed)
    azimuth = bust.azimuth
    points = np.asarray(posed.vertices, np.float64)
    chin = points[(model.topology.masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
    front, back = np.clip(np.cos(azimuth), 0, 1), np.clip(-np.cos(azimuth), 0, 1)
    high = chin[:, 1].min() - 0.022 + 0.056 * (1 - front) - bust.skin.center[1]
    low = -0.012 - 0.040 * front**2 + 0.008 * back
    throat = chin[:, 2].max() - bust.skin.center[2] - 0.034
    width = 0.084 + (throat - 0.084) * front**2 - 0.006 * back
    foot = np.clip(1.25 * bust.neck + 0.012, 0.075, 0.105)
    share = np.linspace(0, 1, 18)[:, None]
    wave = shapes.folds(seed, "wear.hood.neck", azimuth[None], 5 * share, 6, 4.0)
    ridge = (1 - np.abs(((1.6 * share + 0.35 * wave + 0.1 * np.sin(azimuth)) % 1.0) * 2 - 1)) ** 1.3
    rho = (
        width
        + (np.maximum(foot, 0.9 * width) - width) * share
        + 0.008 * np.sin(np.pi * share) * (0.3 + ridge) * (1 - 0.7 * front)
    )
    y = high + (low - high) * share
    grid = bust.skin.center + np.stack([rho * np.sin(azimuth), y + 0 * rho, rho * np.cos(azimuth)], -1)
    shade = 1 - 0.35 * (1 - ridge) * np.sin(np.pi * share)
    return shapes.thicken(shapes.grid(grid, wrap=True, shade=shade), 18, len(azimuth) + 1, 0.005)
