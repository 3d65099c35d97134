"""Where single marks sit on a face, and how they are drawn: soft discs, round in space, the same in charts of every size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.looks.skin.charts import Charts

Map = NDArray[np.float32]

SITE_GRID = 128


def sites(draw: np.random.Generator, density: Map, count: int) -> NDArray[np.float64]:
    """`count` chart positions (count, 2) = (u, v), drawn by `density` (SITE_GRID, SITE_GRID)."""
    coarse = density.ravel().astype(np.float64)
    cells = np.searchsorted(np.cumsum(coarse) / coarse.sum(), draw.random(count), side="right")
    inside = draw.random((count, 2))
    rows, columns = np.divmod(np.minimum(cells, SITE_GRID**2 - 1), SITE_GRID)
    return (np.stack([columns, rows], axis=1) + inside) / SITE_GRID


def splat(out: Map, charts: Charts, where: NDArray, radius: NDArray, power: NDArray, edge: float) -> None:
    """Add soft discs, round in space: value `power`, falling off over `edge` radii about the rim."""
    size = charts.size
    at = np.minimum((where * size).astype(int), size - 1)
    scale = np.minimum(charts.per_u, charts.per_v)[at[:, 1], at[:, 0]]
    reach = np.clip(np.ceil(radius * (1 + edge) / scale) + 1, 1, size // 10).astype(int)
    for half in np.unique(reach):
        some = reach == half
        span = np.arange(-half, half + 1)
        rows = np.clip(at[some, 1, None, None] + span[:, None], 0, size - 1)
        columns = np.clip(at[some, 0, None, None] + span[None, :], 0, size - 1)
        center = _exact(charts, where[some])[:, None, None]
        distance = np.linalg.norm(charts.position[rows, columns] - center, axis=-1)
        texel = scale[some, None, None]
        # a disc smaller than a texel keeps its ink: wider and paler
        r = radius[some, None, None]
        wide = np.maximum(r, 0.6 * texel)
        t = np.clip((distance / wide - (1 - edge / 2)) / max(edge, 1e-3), 0.0, 1.0)
        value = (power[some, None, None] * (r / wide) ** 2 * (1 - t * t * (3 - 2 * t))).astype(np.float32)
        np.maximum.at(out, (rows, columns), value)


def _exact(charts: Charts, where: NDArray) -> NDArray:
    """Position (N, 3) at chart coordinates, bilinear."""
    size = charts.size
    f = np.clip(where * size - 0.5, 0, size - 1.001)
    i = f.astype(int)
    t = (f - i)[:, :, None]
    p = charts.position
    top = p[i[:, 1], i[:, 0]] * (1 - t[:, 0]) + p[i[:, 1], i[:, 0] + 1] * t[:, 0]
    low = p[i[:, 1] + 1, i[:, 0]] * (1 - t[:, 0]) + p[i[:, 1] + 1, i[:, 0] + 1] * t[:, 0]
    return top * (1 - t[:, 1]) + low * t[:, 1]
