"""Parts of hats: a cap's peak and badge, a beanie's turn-up and bobble, brims, a hat band, the folds of a turban."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.wear import shapes
from facegen.wear.shapes import Shape

Grid = NDArray[np.float64]


def ring(cols: int) -> Grid:
    """Return the azimuths (cols,) of a hat's columns."""
    return np.asarray(-np.pi + np.arange(cols) * 2 * np.pi / cols)


def peak(shell: Grid, length: float, bend: float) -> Shape:
    """A stiff peak over the brow: both faces and a rounded edge; `bend` how far its sides droop (m)."""
    azimuth = np.linspace(-1.02, 1.02, 25)
    edge = np.stack([np.interp(azimuth, ring(shell.shape[1]), shell[-1][:, k]) for k in range(3)], -1)
    share = np.linspace(0, 1, 8)[:, None]
    across = azimuth / 1.02
    reach = length * np.clip(1 - np.abs(across) ** 2.6, 0, 1) ** 0.75 + 0.002
    ahead = shapes.unit(np.stack([0.30 * np.sin(azimuth), np.zeros_like(azimuth), np.ones_like(azimuth)], -1))
    top = edge[None] + ahead[None] * (share * reach)[..., None] + [0, 0.002, 0]
    top[..., 1] += -(0.26 * share + 0.10 * share**2) * reach - bend * share * np.abs(across) ** 2 * (1 - across**8)
    under = top[::-1] - np.array([0, 0.0028, 0])
    shade = np.concatenate([[0.7, 1, 1, 0.86, 1, 1, 1, 1], np.full(8, 0.8)])[:, None] * np.ones(25)
    return shapes.grid(np.concatenate([top, under]), shade=shade)


def badge(shell: Grid, width: float, height: float, power: float) -> Shape:
    """A sewn patch on the front of a crown: a rounded box of `width` x `height` (m), 2 an ellipse, more boxier."""
    rows, cols = shell.shape[:2]
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    rim = shapes.superellipse(angle, width / 2, height / 2, power)
    column = shell[:, cols // 2]
    down = np.cumsum(np.linalg.norm(np.diff(column, axis=0), axis=1)[::-1])[::-1]
    middle = int(np.argmin(np.abs(down - 0.030)))
    center, up = column[middle], shapes.unit(column[middle - 1] - column[middle + 1])
    out = shapes.unit(np.cross(np.array([1.0, 0.0, 0.0]), up))
    bow = 0.5 * rim[:, :1] ** 2 / 0.085 + 0.5 * rim[:, 1:] ** 2 / 0.085
    points = center + rim[:, :1] * np.array([1.0, 0, 0]) + rim[:, 1:] * up + (0.0022 - bow) * out
    filled, faces = shapes.disc(points, center + 0.0028 * out, 3)
    return shapes.plain(filled, faces, np.tile(rim, (3, 1)))


def turn_up(shell: Grid, height: float, thickness: float) -> Shape:
    """The doubled band of a beanie."""
    down = np.cumsum(np.linalg.norm(np.diff(shell, axis=0), axis=-1).mean(1)[::-1])
    first = len(shell) - 2 - int(np.searchsorted(down, height))
    band = shell[max(first, 0) :]
    out = shapes.unit(band - band.mean((0, 1)) * [0, 1, 1])
    swell = np.sin(np.linspace(0.25, np.pi - 0.25, len(band)))[:, None, None]
    outer = band + out * (thickness * (0.75 + 0.35 * swell))
    return shapes.thicken(shapes.grid(outer, wrap=True), len(outer), shell.shape[1] + 1, thickness)


def bobble(shell: Grid, radius: float, seed: int) -> Shape:
    """A woollen ball on top."""
    rows, cols = 12, 18
    theta, phi = np.linspace(0, np.pi, rows)[:, None], np.arange(cols)[None] * 2 * np.pi / cols
    wave = shapes.folds(seed, "wear.headwear.bobble", phi, 3 * theta, 8, 7.0)
    reach = radius * (1 + 0.09 * wave)
    parts = np.broadcast_arrays(np.sin(theta) * np.sin(phi), np.cos(theta) + 0 * phi, np.sin(theta) * np.cos(phi))
    return shapes.grid(shell[0].mean(0) + [0, 0.5 * radius, 0] + np.stack(parts, -1) * reach[..., None], wrap=True)


def brim(rim: Grid, center: Grid, length: float, fall: float, curl: float, seed: int) -> Shape:
    """A brim all round, `length` wide (m), falling by `fall` (share of the length), its sides curled up by `curl` (m)."""
    cols = len(rim)
    azimuth = ring(cols)
    out = shapes.unit((rim - center) * [1, 0, 1])
    share = np.linspace(0, 1, 8)[:, None]
    wave = shapes.folds(seed, "wear.headwear.brim", azimuth, np.zeros_like(azimuth), 4, 3.0)
    top = rim[None] + out[None] * (share * length * (1 - 0.35 * fall))[..., None]
    top[..., 1] -= share * length * (fall + 0.06 * wave) - curl * share**2 * np.sin(azimuth) ** 2
    under = top[::-1] - np.array([0, 0.0022, 0])
    rows = np.concatenate([[0.6, 1, 0.88, 1, 0.88, 1, 0.88, 1], np.full(8, 0.8)])
    return shapes.grid(np.concatenate([top, under]), wrap=True, shade=rows[:, None] * np.ones(cols))


def band(shell: Grid, height: float) -> Shape:
    """A ribbon round the foot of the crown."""
    down = np.cumsum(np.linalg.norm(np.diff(shell, axis=0), axis=-1).mean(1)[::-1])
    first = len(shell) - 2 - int(np.searchsorted(down, height))
    rows = shell[max(first, 0) :]
    out = shapes.unit((rows - rows.mean((0, 1))) * [1, 0, 1])
    return shapes.thicken(shapes.grid(rows + 0.0016 * out, wrap=True), len(rows), shell.shape[1] + 1, 0.0016)


def wrapped(azimuth: Grid, share: Grid, seed: int, count: float) -> tuple[Grid, Grid]:
    """Return thickness 0..1 and shade (rows, cols) of cloth wound round a crown in `count` layers that cross over the brow."""
    slant = 0.16 * np.abs(np.sin(azimuth / 2)) * (1 + 0.3 * np.sin(azimuth + seed % 7))
    layer = (share + slant) * count
    step = layer - np.floor(layer)
    thick = np.clip(np.sin(np.pi * np.clip(share, 0, 1)) ** 0.6, 0, 1) * (0.55 + 0.45 * np.sqrt(np.clip(1 - step, 0, 1)))
    return thick, np.asarray(np.where(step < 0.16, 0.55, 1.0) + 0 * thick)
