"""Mottling of skin: seamless noise over the head, band by band.

Bands of 4 mm and more are value noise on a lattice in space, read at the mean head's surface, so chart seams do not show.
Finer grain is filtered white noise in the chart itself (its grain is near one texel, where a seam cannot be seen).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from facegen import rng

Map = NDArray[np.float32]

BAND_SIZE = 256
"""Side of the chart on which space bands are evaluated; the finest is 4 mm, several texels wide."""
GRAIN_SIZE = 512
PERIOD = 32
BANDS_M = {"huge": 0.060, "broad": 0.028, "patch": 0.013, "spot": 0.0065, "mottle": 0.004}
"""Lattice spacing of each band in metres; noise features are about twice as wide."""
_TURN = np.linalg.qr(np.array([[0.61, 0.32, 0.73], [-0.55, 0.83, 0.11], [0.24, 0.47, -0.85]]))[0]
"""Turns the lattice away from the head's axes, so that its planes never line up with the face."""


@dataclass(frozen=True)
class NoiseBasis:
    """What noise needs of a topology: one sparse interpolator (texels, PERIOD**3) a band, on covered texels of a chart of
    side BAND_SIZE."""

    covered: NDArray[np.bool_]
    operators: dict[str, sparse.csr_matrix]

    def bands(self, seed: int, name: str, counts: dict[str, int], size: int) -> dict[str, list[Map]]:
        """Unit-variance maps (size, size): `counts[band]` independent ones for each band, from stream `name` of `seed`."""
        made = {}
        for band, count in counts.items():
            lattice = rng.expand(seed, f"{name}.{band}").standard_normal((PERIOD**3, count), dtype=np.float32)
            values = self.operators[band] @ lattice
            maps = np.zeros((BAND_SIZE, BAND_SIZE, count), dtype=np.float32)
            maps[self.covered] = values
            maps = _resize(maps, size).reshape(size, size, count)
            made[band] = [np.ascontiguousarray(maps[..., k]) for k in range(count)]
        return made


def build(position: Map, covered: NDArray[np.bool_]) -> NoiseBasis:
    """Interpolators for the chart `position` (BAND_SIZE, BAND_SIZE, 3) in metres where `covered`.

    A band fades out where texels are too coarse to carry it (the chart squeezes the sides of the head).
    """
    steps = [np.linalg.norm(np.gradient(position, axis=k), axis=-1) for k in (0, 1)]
    texel = cv2.GaussianBlur(np.maximum(*steps).astype(np.float32), (0, 0), 2.0)[covered]
    points = position[covered].astype(np.float64) @ _TURN.T
    return NoiseBasis(
        covered,
        {name: _operator(points / spacing, np.clip(1.6 - 2.2 * texel / spacing, 0, 1)) for name, spacing in BANDS_M.items()},
    )


def _operator(points: NDArray[np.float64], strength: NDArray) -> sparse.csr_matrix:
    cell = np.floor(points).astype(np.int64)
    t = points - cell
    t = t * t * t * (t * (t * 6 - 15) + 10)
    columns, weights = [], []
    for corner in np.ndindex(2, 2, 2):
        c = np.asarray(corner)
        node = (cell + c) % PERIOD
        columns.append((node[:, 0] * PERIOD + node[:, 1]) * PERIOD + node[:, 2])
        weights.append(np.prod(np.where(c == 1, t, 1 - t), axis=1))
    weight = np.stack(weights, axis=1)
    # unit variance at every point: interpolation alone would be calmer between lattice nodes than at them
    weight *= (strength / np.sqrt((weight**2).sum(axis=1)))[:, None]
    rows = np.repeat(np.arange(len(points)), 8)
    data = (weight.ravel().astype(np.float32), (rows, np.stack(columns, axis=1).ravel()))
    return sparse.csr_matrix(data, shape=(len(points), PERIOD**3))


def grain(seed: int, name: str, sigma_texels: float, size: int) -> Map:
    """Unit-variance fine noise (size, size): white noise blurred by `sigma_texels` of a GRAIN_SIZE chart."""
    white = rng.expand(seed, name).standard_normal((GRAIN_SIZE, GRAIN_SIZE), dtype=np.float32)
    if sigma_texels > 0:
        white = np.asarray(cv2.GaussianBlur(white, (0, 0), sigma_texels, borderType=cv2.BORDER_REFLECT), dtype=np.float32)
        white /= white.std()
    return _resize(white, size)


def _resize(maps: Map, size: int) -> Map:
    if maps.shape[0] == size:
        return maps
    how = cv2.INTER_AREA if size < maps.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(maps, (size, size), interpolation=how), dtype=np.float32)
