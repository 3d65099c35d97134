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
    return np.stack(_Bent(p[:, 0], p[:, 1], coefficients, reach).place(), axis=1)


def undistort(xy: ArrayLike, coefficients: Coefficients, reach: float = np.inf) -> NDArray[np.float64]:
    """Return the (N, 2) normalised coordinates that `distort` takes to (N, 2) `xy`: Newton's method, from `xy` itself."""
    wanted = np.asarray(xy, np.float64)
    if not any(coefficients):
        return wanted.copy()
    u, v = np.ascontiguousarray(wanted.T)
    x, y = u, v
    before: tuple[NDArray[np.float64], ...] | None = None
    for step in range(_STEPS):
        bent = _Bent(x, y, coefficients, reach)
        off_x, off_y = bent.place()
        off_x, off_y = off_x - u, off_y - v
        a, b, d = bent.jacobian()
        det = a * d - b * b
        last = x, y
        x, y = x - (d * off_x - b * off_y) / det, y - (a * off_y - b * off_x) / det
        if before is not None and np.array_equal(x, before[0]) and np.array_equal(y, before[1]):
            # every point stays where it is, or goes to and fro between two numbers: so it would until the end
            x, y = last if (_STEPS - 1 - step) % 2 else (x, y)
            break
        before = last
    return np.stack([x, y], axis=1)


class _Bent:
    """Points (N,), (N,) and what their distortion and its derivatives have in common."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float64], coefficients: Coefficients, reach: float) -> None:
        k1, k2, self.p1, self.p2, k3 = coefficients
        self.from_x, self.from_y = x, y
        radius = np.hypot(x, y)
        self.inside: NDArray[np.bool_] | None = None
        if (radius > reach).any():
            scale = np.minimum(1.0, reach / np.maximum(radius, 1e-12))
            x, y, self.inside = x * scale, y * scale, scale >= 1.0
        self.x, self.y, self.r2 = x, y, x * x + y * y
        self.k1, self.k2, self.k3 = k1, k2, k3
        self.radial = 1 + self.r2 * (k1 + self.r2 * (k2 + self.r2 * k3))

    def place(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where they are seen."""
        x, y, r2, p1, p2 = self.x, self.y, self.r2, self.p1, self.p2
        dx = 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
        dy = p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
        return self.from_x * self.radial + dx, self.from_y * self.radial + dy

    def jacobian(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """d(xd, yd) / d(x, y) as (xx, xy = yx, yy), exact inside `reach`; outside, the rim's factor, steep enough to converge."""
        x, y, r2, p1, p2 = self.x, self.y, self.r2, self.p1, self.p2
        slope = 2 * (self.k1 + r2 * (2 * self.k2 + r2 * 3 * self.k3))  # d radial / d r2, twice
        cross, xx, yy = 2 * p1 * x + 2 * p2 * y, 2 * p1 * y + 6 * p2 * x, 6 * p1 * y + 2 * p2 * x
        if self.inside is not None:
            slope, side = np.where(self.inside, slope, 0.0), self.inside.astype(np.float64)
            cross, xx, yy = side * cross, side * xx, side * yy
        along = slope * x
        return self.radial + along * x + xx, along * y + cross, self.radial + slope * y * y + yy


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
