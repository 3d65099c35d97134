"""Real spherical harmonics of bands 0-3, the order in which LightSpec.sh and Scene.sh hold them.

Basis of Sloan, "Stupid Spherical Harmonics Tricks" (GDC 2008), without the Condon-Shortley phase:
1; y z x; xy yz 3z2-1 xz x2-y2; ...
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

COUNT = 16
COSINE_BANDS = np.array([np.pi, 2 * np.pi / 3, np.pi / 4, 0.0])
"""Convolution of each band with the clamped cosine (Ramamoorthi and Hanrahan 2001); band 3 carries no irradiance."""
BAND = np.array([0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3])


def basis(directions: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (N, 16) basis values at unit `directions` (N, 3)."""
    x, y, z = np.asarray(directions, dtype=np.float64).T
    one = np.ones_like(x)
    columns = [
        0.28209479177387814 * one,
        0.4886025119029199 * y, 0.4886025119029199 * z, 0.4886025119029199 * x,
        1.0925484305920792 * x * y, 1.0925484305920792 * y * z, 0.31539156525252005 * (3 * z * z - 1),
        1.0925484305920792 * x * z, 0.5462742152960396 * (x * x - y * y),
        0.5900435899266435 * y * (3 * x * x - y * y), 2.890611442640554 * x * y * z,
        0.4570457994644658 * y * (5 * z * z - 1), 0.3731763325901154 * z * (5 * z * z - 3),
        0.4570457994644658 * x * (5 * z * z - 1), 1.445305721320277 * z * (x * x - y * y),
        0.5900435899266435 * x * (x * x - 3 * y * y),
    ]  # fmt: skip
    return np.stack(columns, axis=1)


@cache
def sphere_grid(rows: int = 32) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return directions (N, 3) and solid angles (N,) of a Gauss-Legendre x uniform grid over the sphere (read-only)."""
    nodes, weights = np.polynomial.legendre.leggauss(rows)
    angle = (np.arange(2 * rows) + 0.5) * np.pi / rows
    y = np.repeat(nodes, 2 * rows)
    ring = np.sqrt(1 - y * y)
    azimuth = np.tile(angle, rows)
    directions = np.stack([ring * np.sin(azimuth), y, ring * np.cos(azimuth)], axis=1)
    solid = np.repeat(weights, 2 * rows) * np.pi / rows
    directions.flags.writeable = solid.flags.writeable = False
    return directions, solid


@cache
def _projector() -> NDArray[np.float64]:
    directions, solid = sphere_grid()
    return basis(directions).T * solid


def project(radiance: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return (16, 3) coefficients of `radiance`, a function of directions (N, 3) to values (N, 3)."""
    return _projector() @ radiance(sphere_grid()[0])


def radiance(coefficients: NDArray[np.floating], directions: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (N, 3) radiance at unit `directions`."""
    return basis(directions) @ np.asarray(coefficients, dtype=np.float64)


def irradiance(coefficients: NDArray[np.floating], normals: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (N, 3) irradiance on surfaces of unit `normals`: pi times the radiance where that is uniform."""
    return basis(normals) @ (COSINE_BANDS[BAND][:, None] * np.asarray(coefficients, dtype=np.float64))


def rotate(coefficients: NDArray[np.floating], rotation: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the coefficients of the light turned by `rotation` (3, 3): what came from d comes from rotation @ d."""
    inverse = np.asarray(rotation, dtype=np.float64).T
    return project(lambda d: radiance(coefficients, d @ inverse.T))
