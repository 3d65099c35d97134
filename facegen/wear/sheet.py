"""A garment's body as a surface to lay things on: collars, plackets, lapels, ties, drapes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.wear import shapes
from facegen.wear.bust import Bust
from facegen.wear.cuts import Cut

Grid = NDArray[np.float64]
STEP = 0.004
REACH = 0.44
"""The sheet is known this far (m) below its neckline."""
HALF = 0.20
"""The chest is known this far (m) to either side."""


@dataclass(frozen=True)
class Sheet:
    """The outer side of a cloth. grid (rows, cols, 3), rows going down from the neckline, columns evenly round the body from
    -pi; points, normals (K, cols, 3) the same every STEP metres below the neckline."""

    grid: Grid
    points: Grid
    normals: Grid

    @classmethod
    def of(cls, grid: Grid) -> Sheet:
        """Resample `grid` (rows, cols, 3)."""
        down = np.pad(np.cumsum(np.linalg.norm(np.diff(grid, axis=0), axis=-1), 0), ((1, 0), (0, 0)))
        made = _resampled(down, np.arange(0.0, REACH, STEP), grid)
        across = np.roll(made, -1, 1) - np.roll(made, 1, 1)
        return cls(grid, made, shapes.unit(np.cross(np.gradient(made, axis=0), across)))

    @cached_property
    def _chest(self) -> tuple[float, Grid]:
        """Height (m) of the first row, and z, dz/dx, dz/dy (3, rows, columns) every STEP metres down from it and to the left from
        -HALF."""
        cols = self.grid.shape[1]
        front = self.grid[::-1, cols // 5 : -cols // 5]
        high = float(self.grid[0, cols // 4 : -cols // 4, 1].max())
        rising = np.maximum.accumulate(front[..., 1], axis=0)
        level = _resampled(rising, high - np.arange(0.0, REACH, STEP)[::-1], front)[::-1]
        x = np.arange(-HALF, HALF + STEP / 2, STEP)
        depth = _resampled(np.maximum.accumulate(level[..., 0], axis=1).T, x, level[..., 2:].transpose(1, 0, 2))[..., 0].T
        depth = ndimage.gaussian_filter(depth, 0.8)
        slope_y, slope_x = np.gradient(depth, STEP)
        return high, np.stack([depth, slope_x, -slope_y])

    def at(self, azimuth: NDArray[np.floating], length: NDArray[np.floating], lift: float | NDArray[np.floating] = 0.0) -> Grid:
        """Return points (..., 3) at `azimuth` (rad), `length` (m) below the neckline, `lift` (m) off the cloth."""
        azimuth, length, lift = np.broadcast_arrays(azimuth, length, lift)
        rows, cols = self.points.shape[:2]
        row = np.clip(length / STEP, 0, rows - 1.001)
        col = np.mod((azimuth / (2 * np.pi) + 0.5) * cols - 0.5, cols)
        i, j = row.astype(int), col.astype(int) % cols
        u, v = (row - i)[..., None], (col - np.floor(col))[..., None]
        right = (j + 1) % cols
        point, normal = (
            (1 - u) * ((1 - v) * m[i, j] + v * m[i, right]) + u * ((1 - v) * m[i + 1, j] + v * m[i + 1, right])
            for m in (self.points, self.normals)
        )
        return np.asarray(point + lift[..., None] * shapes.unit(normal))

    def front(self, x: NDArray[np.floating], y: NDArray[np.floating], lift: float | NDArray[np.floating] = 0.0) -> Grid:
        """Return points (..., 3) of the chest over x, y (m, head frame), `lift` (m) off the cloth."""
        x, y, lift = np.broadcast_arrays(x, y, lift)
        high, chest = self._chest
        where = [(high - y) / STEP, (x + HALF) / STEP]
        z, dx, dy = (ndimage.map_coordinates(m, where, order=1, mode="nearest") for m in chest)
        out = shapes.unit(np.stack([-dx, -dy, np.ones_like(z)], -1))
        return np.asarray(np.stack([x, y, z], -1) + lift[..., None] * out)

    def throat(self) -> Grid:
        """Return the lowest point (3,) of the neckline in front."""
        cols = self.points.shape[1]
        return np.asarray(self.points[0, cols // 2 - 1 : cols // 2 + 1].mean(0))


def _resampled(x: Grid, want: Grid, values: Grid) -> Grid:
    """Interpolate values (rows, cols, C), given at x (rows, cols) that never fall along a column, at `want` (K,): (K, cols, C).

    One search for all columns: each is moved onto a stretch of its own.
    """
    rows, cols = x.shape
    far = 2.0 * (max(float(x.max()), float(want[-1])) - min(float(x.min()), float(want[0])) + 1.0)
    start = far * np.arange(cols)
    inside = np.clip(want[:, None], x[0], x[-1])
    found = np.searchsorted((x + start).T.ravel(), (inside + start).ravel()).reshape(inside.shape)
    upper = np.clip(found - rows * np.arange(cols), 1, rows - 1)
    below, above = (np.take_along_axis(x, k, 0) for k in (upper - 1, upper))
    share = np.clip((inside - below) / np.maximum(above - below, 1e-9), 0, 1)[..., None]
    first, second = (np.take_along_axis(values, k[..., None], 0) for k in (upper - 1, upper))
    return np.asarray(first + share * (second - first))


@dataclass(frozen=True)
class Body:
    """A garment's body, ready for what is sewn to it. `grid` (rows, COLS, 3) uncut; `sheet` its outer side."""

    bust: Bust
    cut: Cut
    grid: Grid
    sheet: Sheet
