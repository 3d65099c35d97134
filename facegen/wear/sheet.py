"""A garment's body as a surface to lay things on: collars, plackets, lapels, ties, drapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.wear import shapes

Grid = NDArray[np.float64]
STEP = 0.004
REACH = 0.44
"""The sheet is known this far (m) below its neckline."""
HALF = 0.20
"""The chest is known this far (m) to either side."""


@dataclass(frozen=True)
class Sheet:
    """The outer side of a cloth. points, normals (K, cols, 3): every STEP metres below the neckline, by azimuth from -pi;
    depth (rows, columns): z of the chest every STEP metres down from `high` and to the left from -HALF."""

    points: Grid
    normals: Grid
    depth: Grid
    high: float

    @classmethod
    def of(cls, grid: Grid) -> Sheet:
        """Resample `grid` (rows, cols, 3), rows going down from the neckline, columns evenly round the body from -pi."""
        cols = grid.shape[1]
        down = np.pad(np.cumsum(np.linalg.norm(np.diff(grid, axis=0), axis=-1), 0), ((1, 0), (0, 0)))
        want = np.arange(0.0, REACH, STEP)
        made = np.empty((len(want), cols, 3))
        front = range(cols // 5, cols - cols // 5)
        high = float(grid[0, cols // 4 : -cols // 4, 1].max())
        level = high - want
        chest = np.empty((len(want), len(front), 2))
        for col in range(cols):
            for axis in range(3):
                made[:, col, axis] = np.interp(want, down[:, col], grid[:, col, axis])
        for k, col in enumerate(front):
            fall = -np.maximum.accumulate(-grid[:, col, 1])[::-1]
            for j, axis in enumerate((0, 2)):
                chest[:, k, j] = np.interp(level, fall, grid[::-1, col, axis])
        x = np.arange(-HALF, HALF + STEP / 2, STEP)
        depth = np.stack([np.interp(x, np.maximum.accumulate(row[:, 0]), row[:, 1]) for row in chest])
        across = np.roll(made, -1, 1) - np.roll(made, 1, 1)
        return cls(made, shapes.unit(np.cross(np.gradient(made, axis=0), across)), ndimage.gaussian_filter(depth, 0.8), high)

    def at(self, azimuth: NDArray[np.floating], length: NDArray[np.floating], lift: float | NDArray[np.floating] = 0.0) -> Grid:
        """Return points (..., 3) at `azimuth` (rad), `length` (m) below the neckline, `lift` (m) off the cloth."""
        azimuth, length, lift = np.broadcast_arrays(azimuth, length, lift)
        cols = self.points.shape[1]
        where = [np.clip(length / STEP, 0, len(self.points) - 1), np.mod((azimuth / (2 * np.pi) + 0.5) * cols - 0.5, cols) + 1]
        both = np.concatenate([self.points, self.normals], -1)
        both = np.concatenate([both[:, -1:], both, both[:, :1]], 1)
        found = np.stack([ndimage.map_coordinates(both[..., k], where, order=1, mode="nearest") for k in range(6)], -1)
        return np.asarray(found[..., :3] + lift[..., None] * shapes.unit(found[..., 3:]))

    def front(self, x: NDArray[np.floating], y: NDArray[np.floating], lift: float | NDArray[np.floating] = 0.0) -> Grid:
        """Return points (..., 3) of the chest over x, y (m, head frame), `lift` (m) off the cloth."""
        x, y, lift = np.broadcast_arrays(x, y, lift)
        where = [(self.high - y) / STEP, (x + HALF) / STEP]
        slope_y, slope_x = np.gradient(self.depth, STEP)
        z, dy, dx = (ndimage.map_coordinates(m, where, order=1, mode="nearest") for m in (self.depth, -slope_y, slope_x))
        out = shapes.unit(np.stack([-dx, -dy, np.ones_like(z)], -1))
        return np.asarray(np.stack([x, y, z], -1) + lift[..., None] * out)

    def throat(self) -> Grid:
        """Return the lowest point (3,) of the neckline in front."""
        cols = self.points.shape[1]
        return np.asarray(self.points[0, cols // 2 - 1 : cols // 2 + 1].mean(0))
