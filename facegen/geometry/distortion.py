"""Lens distortion after Brown and Conrady, in OpenCV's convention and order (k1, k2, p1, p2, k3).

Brown, "Decentering distortion of lenses", Photogrammetric Engineering 32(3), 1966. Coordinates are normalised: x = X / Z to the
right, y = Y / Z down, 1 at 45 degrees. The same function runs in the vertex shader (render/shaders/warp.glsl).

A polynomial folds back far from the axis, and a shoulder out of sight would come back into the picture: beyond `reach` (the
farthest field that the picture shows, and a margin) the factor of magnification stays what it is there.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.errors import SpecError

NONE = (0.0, 0.0, 0.0, 0.0, 0.0)
MARGIN = 1.1
"""How far the polynomial is followed beyond the farthest corner, as a factor of the radius."""
_WIDEST = 4.0
_STEPS = 8
Coefficients = tuple[float, ...]


def distort(xy: ArrayLike, coefficients: Coefficients, reach: float = np.inf) -> NDArray[np.float64]:
    """Return (N, 2) distorted coordinates of (N, 2) normalised ones."""
    p = np.asarray(xy, np.float64)
    k1, k2, p1, p2, k3 = coefficients
    radius = np.hypot(p[:, 0], p[:, 1])
    scale = np.minimum(1.0, reach / np.maximum(radius, 1e-12))
    x, y = p[:, 0] * scale, p[:, 1] * scale
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    dx = 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
    dy = p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
    return np.stack([p[:, 0] * radial + dx, p[:, 1] * radial + dy], axis=1)


def undistort(xy: ArrayLike, coefficients: Coefficients, reach: float = np.inf) -> NDArray[np.float64]:
    """Return the (N, 2) normalised coordinates that `distort` takes to (N, 2) `xy`: Newton's method, from `xy` itself."""
    wanted = np.asarray(xy, np.float64)
    if not any(coefficients):
        return wanted.copy()
    p = wanted.copy()
    for _ in range(_STEPS):
        off = distort(p, coefficients, reach) - wanted
        a, b, c, d = _jacobian(p, coefficients, reach)
        det = a * d - b * c
        p = p - np.stack([(d * off[:, 0] - b * off[:, 1]) / det, (a * off[:, 1] - c * off[:, 0]) / det], axis=1)
    return p


def _jacobian(p: NDArray[np.float64], coefficients: Coefficients, reach: float) -> tuple[NDArray[np.float64], ...]:
    """d(xd, yd) / d(x, y) as (xx, xy, yx, yy), exact inside `reach`; outside, the rim's factor, steep enough to converge."""
    k1, k2, p1, p2, k3 = coefficients
    scale = np.minimum(1.0, reach / np.maximum(np.hypot(p[:, 0], p[:, 1]), 1e-12))
    x, y = p[:, 0] * scale, p[:, 1] * scale
    inside = scale >= 1.0
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    slope = np.where(inside, 2 * (k1 + r2 * (2 * k2 + r2 * 3 * k3)), 0.0)  # d radial / d r2, twice
    side = inside.astype(np.float64)
    cross = slope * x * y + side * (2 * p1 * x + 2 * p2 * y)
    return (
        radial + slope * x * x + side * (2 * p1 * y + 6 * p2 * x), cross,
        cross, radial + slope * y * y + side * (6 * p1 * y + 2 * p2 * x),
    )  # fmt: skip


@lru_cache(maxsize=64)
def reach_of(coefficients: Coefficients, corner: float) -> float:
    """Return the undistorted radius up to which the polynomial is followed, for a picture whose farthest corner lies at the
    distorted radius `corner`.

    Raises SpecError where the polynomial folds back before it gets there: no lens shows a point twice.
    """
    if not any(coefficients):
        return np.inf
    k1, k2, p1, p2, k3 = coefficients
    r = np.linspace(0, _WIDEST, 4001) * max(corner, 1e-3)
    bent = r * (1 + r**2 * (k1 + r**2 * (k2 + r**2 * k3)))
    # decentring moves a point by at most 3 |p| r^2: the corner may lie that much farther out
    target = corner + 3 * np.hypot(p1, p2) * corner**2
    beyond = np.flatnonzero(bent >= target)
    last = MARGIN * float(r[beyond[0]]) if len(beyond) else np.inf
    rising = np.diff(bent[r <= last]) > 0
    if not len(beyond) or not rising.all():
        text = ", ".join(f"{c:g}" for c in coefficients)
        raise SpecError(f"distortion ({text}) folds back within the picture (corner at {corner:.2f} focal lengths); weaken it")
    return last
